package inbound

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/metric"
	"allclear/internal/edge/telemetry"
	"allclear/internal/flow/detect"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/sources"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
)

// fare is how a source fares by a key, as an administrator sees it.
func (w *world) fare(key ident.ID, source string) sources.Health {
	w.t.Helper()
	all, err := w.fares.Health(w.t.Context(), authz.Actor{ID: "root", Role: authz.Admin}, w.now)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, h := range all[key] {
		if h.Source == source {
			return h
		}
	}
	return sources.Health{}
}

// Whoever set a source up sees when something last came, and why what came was
// refused, whatever was wrong with it.
func TestEachSourceShowsHowItFares(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const up, signed = ident.ID(2), ident.ID(3)
		taken := func(key ident.ID, source string, calls int64) {
			t.Helper()
			if h := w.fare(key, source); !h.AcceptedAt.Equal(w.now) || h.Accepted != calls {
				t.Errorf("%s: %+v", source, h)
			}
		}
		refused := func(key ident.ID, source, why string) {
			t.Helper()
			if h := w.fare(key, source); !h.RefusedAt.Equal(w.now) || !strings.Contains(h.Reason, why) || h.Refused == 0 {
				t.Errorf("%s, want %q: %+v", source, why, h)
			}
		}
		next := func() { w.now = w.now.Add(time.Second) }
		w.post("/hooks/generic/"+hookKey, `{"summary":"Disk is full","id":"d1"}`)
		taken(up, "generic", 1)
		next()
		w.post("/hooks/generic/"+hookKey, `{"summary":`)
		refused(up, "generic", "the document ends")
		next()
		w.post("/hooks/datadog/"+hookKey, strings.Repeat(" ", 50<<20))
		refused(up, "datadog", "the body has more than 524288 bytes")
		next()
		w.post("/hooks/datadog/"+hookKey, "\x1f\x8b", "Content-Encoding", "br")
		refused(up, "datadog", "the body is compressed")
		next()
		w.post("/hooks/generic/"+signedKey, `{"summary":"Disk is full"}`)
		refused(signed, "generic", "missing or wrong")
		w.post("/hooks/generic/"+signedKey, `{"summary":"Disk is full"}`, "Authorization", "Bearer "+theSecret)
		taken(signed, "generic", 1)
		next()
		w.post("/alertmanager/"+hookKey+"/api/v2/alerts", `[{"labels":{"alertname":"a"}},{"labels":{}}]`)
		taken(up, "alertmanager", 1)
		refused(up, "alertmanager", "/1")
		next()
		w.post(enqueue, event("trigger", "k", "critical"))
		taken(1, "events", 1)
		next()
		w.post(enqueue, event("bang", "k", "critical"))
		refused(1, "events", "event_action")
		if w.fare(5, "generic") != (sources.Health{}) || w.fare(up, "events") != (sources.Health{}) {
			t.Error("something is counted where nothing came")
		}
		// What we could not keep is no refusal: the sender comes again.
		before := w.fare(up, "generic")
		w.accept = func(context.Context, intake.Arrival) error { return fault.New(fault.Unavailable, "the disk is full") }
		if a := w.post("/hooks/generic/"+hookKey, `{"summary":"Disk is full","id":"d2"}`); a.status != http.StatusServiceUnavailable {
			t.Errorf("got %d", a.status)
		}
		if got := w.fare(up, "generic"); got != before {
			t.Errorf("our failure counts: %+v", got)
		}
	})
}

// A notification that another signed, or that comes from elsewhere, is seen as such.
// Clauses: INT-CLOUDWATCH
func TestForgedNotificationsAreSeen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		s := newSNS(t, w)
		at := time.Now().UTC().Format("2006-01-02T15:04:05.000-0700")
		s.alarm(w, "m1", "ALARM", at)
		if h := w.fare(2, "cloudwatch"); h.Accepted != 1 {
			t.Errorf("signed by Amazon: %+v", h)
		}
		forged := alarmMessage("m2", "ALARM", at)
		forged["SignatureVersion"], forged["SigningCertURL"], forged["Signature"] = "2", "https://sns.evil.example/SimpleNotificationService-0123456789abcdef.pem", "AAAA"
		if a := s.send(w, forged); a.status/100 != 4 {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		if h := w.fare(2, "cloudwatch"); h.Accepted != 1 || h.Refused != 1 || h.Reason == "" {
			t.Errorf("from elsewhere: %+v", h)
		}
	})
}

// Metrics are pushed by the same keys, and what is wrong with them is seen too.
func TestPushesShowHowTheyFare(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		cat := catalog.New(1, catalog.Service{ID: "api", Name: "API"})
		measured := detect.New(w.db, detect.Options{Shelf: &procedures.Shelf{}, Catalog: func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }, Raise: w.in.Raise})
		telemetry.New(telemetry.Options{Metrics: measured, Keys: keys{}, Health: w.fares, Now: func() time.Time { return w.now }, Log: slog.New(slog.DiscardHandler)}).Register(w.mux)
		many := func(n int) string {
			all := make([]string, n)
			for i := range all {
				all[i] = fmt.Sprintf(`{"metric":"m","value":1,"labels":{"user":"%d"}}`, i)
			}
			return "[" + strings.Join(all, ",") + "]"
		}
		if a := w.post("/metrics/"+hookKey+"/json", many(2)); a.status != http.StatusNoContent {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		for _, c := range []struct{ key, body, why string }{
			{hookKey, many(metric.MaxSeries + 1), "one series more than the 2000"},
			{hookKey, "{", "the document ends"},
			{hookKey, strings.Repeat(" ", 50<<20), "the body has more than"},
		} {
			w.now = w.now.Add(time.Second)
			w.post("/metrics/"+c.key+"/json", c.body)
			if h := w.fare(2, "metrics"); h.Accepted != 1 || !h.RefusedAt.Equal(w.now) || !strings.Contains(h.Reason, c.why) {
				t.Errorf("want %q: %+v", c.why, h)
			}
		}
		w.post("/metrics/"+signedKey+"/json", many(1))
		if h := w.fare(3, "metrics"); h.Refused != 1 || !strings.Contains(h.Reason, "X-Allclear-Token") {
			t.Errorf("without the secret: %+v", h)
		}
	})
}
