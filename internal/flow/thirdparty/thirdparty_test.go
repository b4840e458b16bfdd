package thirdparty_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/vendor"
)

// A component goes out: incidents on what depends on it, however far above, are
// told once, whether they were open before or open later; nothing is paged and no
// incident opens by itself. It ends: they are told that too.
//
// Clauses: INV-TRI-3P, INT-CHANGE-STATUS.
func TestIncidentsAreToldOfARedDependency(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page.says(http.StatusOK, state("operational"))
		w.tick(t0)
		if s := w.status(); s.State != vendor.OK || w.changes() != "" {
			t.Errorf("%+v, told %q", s, w.changes())
		}
		before := w.open("checkout", t0, nil)
		below := w.open("auth", t0, nil) // stands under api: it does not depend on it
		merged := w.open("api", t0, func(i *incident.Incident) { i.MergedInto = before })
		w.page.says(http.StatusOK, state("degraded_performance"))
		w.tick(t0.Add(30 * time.Second))
		if len(w.notes(before)) != 0 {
			t.Error("read twice within a minute")
		}
		w.tick(t0.Add(time.Minute))
		w.page.says(http.StatusOK, state("major_outage"))
		w.tick(t0.Add(2 * time.Minute)) // worse, and still the same trouble
		w.tick(t0.Add(3 * time.Minute))
		later := w.open("api", t0.Add(4*time.Minute), func(i *incident.Incident) { i.GroupKey = "other" })
		w.tick(t0.Add(4 * time.Minute))
		for name, got := range map[string][]string{"before": w.notes(before), "later": w.notes(later)} {
			if len(got) != 1 || !strings.Contains(got[0], "Dependency red since 10:01 UTC: Example CDN") || !strings.Contains(got[0], "https://support.example.net") || !strings.Contains(got[0], "The second CDN.") {
				t.Errorf("%s: told %q", name, got)
			}
		}
		if got := append(w.notes(below), w.notes(merged)...); len(got) != 0 {
			t.Errorf("told those who do not depend on it: %q", got)
		}
		w.page.says(http.StatusOK, state("operational"))
		w.tick(t0.Add(5 * time.Minute))
		if got := w.notes(before); len(got) != 2 || got[1] != "Dependency no longer red: Example CDN: all is well" {
			t.Errorf("told %q", got)
		}
		if got := w.changes(); got != "ok>degraded degraded>outage outage>ok" {
			t.Errorf("changes %q", got)
		}
		for _, e := range w.seen {
			if e.Kind == event.PageWanted || e.Kind == event.NoticeWanted {
				t.Errorf("it asked for somebody: %+v", e)
			}
		}
	})
}

// The document is asked for only when it is new. One that cannot be read leaves
// the last state for ten minutes, and then none.
func TestPageThatCannotBeRead(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page.says(http.StatusOK, state("major_outage"))
		w.page.etag = `"1"`
		w.tick(t0)
		w.tick(t0.Add(time.Minute))
		if w.page.same != 1 || w.status().State != vendor.Outage || !w.status().SucceededAt.Equal(t0.Add(time.Minute)) {
			t.Errorf("304 was answered %d times, %+v", w.page.same, w.status())
		}
		w.page.says(http.StatusOK, "<html>Sorry</html>")
		w.tick(t0.Add(2 * time.Minute))
		if s := w.status(); s.State != vendor.Outage || s.Error == "" {
			t.Errorf("%+v", s)
		}
		w.page.says(http.StatusServiceUnavailable, "")
		w.page.wait = "300"
		w.tick(t0.Add(3 * time.Minute))
		w.tick(t0.Add(7 * time.Minute))
		if w.page.asked != 1 {
			t.Errorf("asked %d times although told to wait", w.page.asked)
		}
		w.page.says(http.StatusInternalServerError, "")
		w.tick(t0.Add(12 * time.Minute))
		if s := w.status(); s.State != vendor.Unknown || !strings.Contains(s.Error, "500") {
			t.Errorf("%+v", s)
		}
		w.page.says(http.StatusOK, state("operational"))
		w.tick(t0.Add(13 * time.Minute))
		if got := w.changes(); got != "unknown>outage outage>unknown unknown>ok" {
			t.Errorf("changes %q", got)
		}
	})
}

// Another address or other components are read whole, whatever the server said of
// the old ones; a vendor that is gone is forgotten.
func TestVendorIsChangedAndRemoved(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page.says(http.StatusOK, state("major_outage"))
		w.page.etag = `"1"`
		w.tick(t0)
		v := w.cat.Vendors["cdn"]
		v.Components = []string{"DNS", "Mail"}
		w.cat = w.cat.With(v)
		w.tick(t0.Add(time.Minute))
		if s := w.status(); s.State != vendor.OK || len(s.Missing) != 1 {
			t.Errorf("%+v", s)
		}
		w.cat = w.cat.Without(catalog.KindVendor, "cdn")
		w.tick(t0.Add(2 * time.Minute))
		if s := w.status(); s.State != "" {
			t.Errorf("still there: %+v", s)
		}
	})
}

// The map shows services by their incidents and vendors by what they say, and who
// is affected; nobody learns of a restricted incident from it.
//
// Clauses: PLT-CFG-DEPS.
func TestMap(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.page.says(http.StatusOK, state("partial_outage"))
		w.tick(t0)
		w.open("auth", t0, func(i *incident.Incident) {
			i.Severity = procedure.P1
			i.Restricted = true
			i.Circle = []string{"legal"}
		})
		w.open("checkout", t0, nil)
		nodes, err := w.p.Map(t.Context(), ana)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, n := range nodes {
			var on []string
			for _, e := range n.On {
				on = append(on, string(e.Kind)+"/"+e.ID)
			}
			got[n.ID] = string(n.Health) + " on " + strings.Join(on, ",") + " affects " + strings.Join(n.Affects, ",") + " red " + strings.Join(n.Reds, ",")
			if n.Customers != 1 {
				t.Errorf("%s: %d customers", n.ID, n.Customers)
			}
		}
		for id, want := range map[string]string{
			"cdn":      "degraded on  affects api,checkout red ",
			"auth":     "ok on  affects api,checkout red ",
			"api":      "ok on service/auth,vendor/cdn affects checkout red cdn",
			"checkout": "degraded on service/api affects  red cdn",
		} {
			if got[id] != want {
				t.Errorf("%s: %q, want %q", id, got[id], want)
			}
		}
		for _, a := range []authz.Actor{{}} {
			if _, err := w.p.Map(t.Context(), a); !fault.Is(err, fault.Refused) {
				t.Errorf("%q sees the map: %v", a.ID, err)
			}
		}
	})
}
