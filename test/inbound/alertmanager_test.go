package inbound

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/alert"
)

const (
	amAlerts   = "/alertmanager/" + hookKey + "/api/v2/alerts"
	amSilences = "/alertmanager/" + hookKey + "/api/v2/silences"
	amSilence  = "/alertmanager/" + hookKey + "/api/v2/silence/"
)

// posted is one alert as Prometheus posts it.
func posted(name, severity string, starts, ends time.Time) string {
	return fmt.Sprintf(`[{"annotations":{"summary":"%s is bad"},"startsAt":%q,"endsAt":%q,"generatorURL":"http://prom.example.net/graph?g0.expr=up","labels":{"alertname":%q,"severity":%q}}]`,
		name, starts.Format(time.RFC3339Nano), ends.Format(time.RFC3339Nano), name, severity)
}

type gettable struct {
	Fingerprint, GeneratorURL string
	Labels, Annotations       map[string]string
	StartsAt, EndsAt          time.Time
	Receivers                 []struct{ Name string }
	Status                    struct {
		State                            string
		SilencedBy, InhibitedBy, MutedBy []string
	}
}

func (w *world) get(path string) []gettable {
	w.t.Helper()
	var out []gettable
	w.must(200, http.MethodGet, path, "").into(w.t, &out)
	return out
}

// Prometheus repeats a firing alert with an end in the future and says that it
// is over by an end that has passed.
func TestPrometheusLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		start := w.now
		a := w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", start, w.now.Add(4*time.Minute)))
		if a.body != "" {
			t.Errorf("the answer has a body: %q", a.body)
		}
		got := w.get(amAlerts)
		if len(got) != 1 {
			t.Fatalf("got %+v", got)
		}
		g := got[0]
		if g.Status.State != "active" || g.Labels["alertname"] != "Down" || g.Annotations["summary"] != "Down is bad" || g.Receivers[0].Name != "api" ||
			!g.StartsAt.Equal(start) || !g.EndsAt.Equal(start.Add(4*time.Minute)) || g.GeneratorURL == "" || g.Status.SilencedBy == nil || g.Status.MutedBy == nil {
			t.Errorf("got %+v", g)
		}
		al := w.alert(g.Fingerprint)
		if al.Severity.String() != "P2" || al.Summary != "Down is bad" || al.ServiceID != "api" {
			t.Errorf("got %+v", al)
		}
		w.after(time.Minute)
		w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", start, w.now.Add(4*time.Minute)))
		w.after(3 * time.Minute)
		if al = w.alert(g.Fingerprint); al.Status != alert.Triggered || al.Count != 2 {
			t.Errorf("after the first end, refreshed: %+v", al)
		}
		w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", start, w.now))
		if al = w.alert(g.Fingerprint); al.Status != alert.Resolved {
			t.Errorf("after its end: %+v", al)
		}
		if n := len(w.get(amAlerts)); n != 0 {
			t.Errorf("%d alerts listed, want none", n)
		}
		w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", start, start.Add(4*time.Minute)))
		if al = w.alert(g.Fingerprint); al.Status != alert.Resolved || al.Run != 1 {
			t.Errorf("a late copy of an old post: %+v", al)
		}
		w.after(time.Minute)
		w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", w.now, w.now.Add(4*time.Minute)))
		if al = w.alert(g.Fingerprint); al.Status != alert.Triggered || al.Run != 2 {
			t.Errorf("fires again: %+v", al)
		}
	})
}

// An alert posted without an end times out after 5 minutes, Alertmanager's
// resolve_timeout; one told by a webhook stands until it is resolved.
func TestAlertWithoutEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(200, http.MethodPost, amAlerts, `[{"labels":{"alertname":"NoEnd"}}]`)
		w.must(202, http.MethodPost, "/hooks/alertmanager/"+hookKey, `{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"Told"},"startsAt":"2026-03-02T02:59:00Z","endsAt":"0001-01-01T00:00:00Z"}]}`)
		w.after(5*time.Minute - time.Second)
		if n := len(w.get(amAlerts)); n != 2 {
			t.Fatalf("%d alerts stand, want 2", n)
		}
		w.after(time.Second)
		got := w.get(amAlerts)
		if len(got) != 1 || got[0].Labels["alertname"] != "Told" {
			t.Errorf("after 5 minutes: %+v", got)
		}
		if in := w.incidents(); len(in) != 1 || in[0].OpenAlerts != 1 {
			t.Errorf("incidents: %+v", in)
		}
		// The same alert by the other way in: what had an end has none now.
		w.must(200, http.MethodPost, amAlerts, `[{"labels":{"alertname":"Told"}}]`)
		w.must(202, http.MethodPost, "/hooks/alertmanager/"+hookKey, `{"alerts":[{"status":"firing","labels":{"alertname":"Told"},"startsAt":"2026-03-02T02:59:00Z"}]}`)
		w.after(time.Hour)
		if n := len(w.get(amAlerts)); n != 1 {
			t.Errorf("%d alerts stand, want the one that the webhook told last", n)
		}
	})
}

// Alertmanager takes the valid alerts of a post and answers 400 for the rest
// (INV-I5).
func TestOneBadAlertAmongGood(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.must(400, http.MethodPost, amAlerts, `[{"labels":{"alertname":"Good"}},{"labels":{}},{"labels":{"alertname":"Twisted"},"startsAt":"2026-03-02T04:00:00Z","endsAt":"2026-03-02T03:30:00Z"}]`)
		var text string
		a.into(t, &text)
		if text != "/1 at least one label pair required; /2 start time must be before end time" {
			t.Errorf("got %q", text)
		}
		if got := w.get(amAlerts); len(got) != 1 || got[0].Labels["alertname"] != "Good" {
			t.Errorf("got %+v", got)
		}
		w.must(400, http.MethodPost, "/hooks/alertmanager/"+hookKey, `{"alerts":[{"status":"firing","labels":{"alertname":"Fine"}},{"status":"burning","labels":{"alertname":"Odd"}}]}`)
		if n := len(w.get(amAlerts)); n != 2 {
			t.Errorf("%d alerts, want Good and Fine", n)
		}
	})
}

// A post of thousands of alerts is taken in parts, and its payload is kept once.
func TestManyAlertsInOnePost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const n = 1000
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `,{"labels":{"alertname":"Many","instance":"host-%d"},"annotations":{"description":"%s"}}`, i, strings.Repeat("long ", 120))
		}
		body := "[" + b.String()[1:] + "]"
		if len(body) < 512<<10 {
			t.Fatalf("the body has only %d bytes", len(body))
		}
		w.must(200, http.MethodPost, amAlerts, body)
		if got := len(w.get(amAlerts)); got != n {
			t.Errorf("%d alerts, want %d", got, n)
		}
		if raws := w.raws(); len(raws) != 1 || raws[0].body != body {
			t.Errorf("%d raw payloads, want 1", len(raws))
		}
		if in := w.incidents(); len(in) != 1 || in[0].OpenAlerts != n {
			t.Errorf("incidents: %d", len(in))
		}
	})
}

func TestListsAndFilters(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(200, http.MethodPost, amAlerts, `[{"labels":{"alertname":"A","team":"red"}},{"labels":{"alertname":"B","team":"blue"}},{"labels":{"alertname":"B","team":"red"}}]`)
		w.must(200, http.MethodPost, "/alertmanager/"+otherKey+"/api/v2/alerts", `[{"labels":{"alertname":"A"}}]`)
		for query, want := range map[string]int{
			"": 3, "?filter=alertname%3DB": 2, `?filter=alertname%3D"B"&filter=team!%3Dred`: 1, "?filter=team%3D~r.d": 2, "?filter=team%3D~r": 0, "?filter=%7Bteam!~%22re.%22%7D": 1,
			"?active=false": 0, "?silenced=false&inhibited=false&unprocessed=false": 3, "?receiver=api": 3, "?receiver=other.*": 0, "?filter=nolabel%3D": 3, `?filter="alertname"%3D"A"`: 1,
		} {
			if got := w.get(amAlerts + query); len(got) != want {
				t.Errorf("%q: %d alerts, want %d", query, len(got), want)
			}
		}
		for _, query := range []string{"?filter=nonsense", "?filter=a%3D~%28", "?active=perhaps", "?receiver=%28", "?filter=a%3D%22x", "?filter="} {
			var text string
			if w.must(400, http.MethodGet, amAlerts+query, "").into(t, &text); text == "" {
				t.Errorf("%q: no reason", query)
			}
		}
		var groups []struct {
			Labels   map[string]string
			Receiver struct{ Name string }
			Alerts   []gettable
		}
		w.must(200, http.MethodGet, amAlerts+"/groups", "").into(t, &groups)
		if len(groups) != 2 || groups[1].Labels["alertname"] != "B" || len(groups[1].Alerts) != 2 || groups[0].Receiver.Name != "api" {
			t.Errorf("groups: %+v", groups)
		}
		var receivers []struct{ Name string }
		w.must(200, http.MethodGet, "/alertmanager/"+hookKey+"/api/v2/receivers", "").into(t, &receivers)
		if len(receivers) != 1 || receivers[0].Name != "api" {
			t.Errorf("receivers: %+v", receivers)
		}
		var status struct {
			Cluster     struct{ Status string }
			VersionInfo struct{ Version, Revision, GoVersion string }
			Config      struct{ Original string }
			Uptime      time.Time
		}
		w.must(200, http.MethodGet, "/alertmanager/"+hookKey+"/api/v2/status", "").into(t, &status)
		if status.Cluster.Status != "disabled" || status.VersionInfo.Version == "" || !strings.Contains(status.Config.Original, "receiver: \"api\"") || status.Uptime.IsZero() {
			t.Errorf("status: %+v", status)
		}
	})
}

func (w *world) silence(matchers string, starts, ends time.Time, id string) answer {
	w.t.Helper()
	return w.post(amSilences, fmt.Sprintf(`{"id":%q,"matchers":%s,"startsAt":%q,"endsAt":%q,"createdBy":"ana","comment":"maintenance"}`, id, matchers, starts.Format(time.RFC3339), ends.Format(time.RFC3339)))
}

const onlyDown = `[{"name":"alertname","value":"Down","isRegex":false,"isEqual":true}]`

func silenceID(t *testing.T, a answer) string {
	t.Helper()
	if a.status != 200 {
		t.Fatalf("got %d %s", a.status, a.body)
	}
	var got struct{ SilenceID string }
	a.into(t, &got)
	if len(got.SilenceID) != 36 {
		t.Fatalf("id %q is no UUID", got.SilenceID)
	}
	return got.SilenceID
}

// A silenced alert is kept, counted and opens nothing; when the silence ends
// and it still stands, it comes up by itself (B22, INV-P1).
func TestSilence(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := silenceID(t, w.silence(onlyDown, w.now, w.now.Add(time.Hour), ""))
		long := w.now.Add(24 * time.Hour)
		for range 3 {
			w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", w.now, long))
		}
		w.must(200, http.MethodPost, amAlerts, posted("Other", "critical", w.now, long))
		got := w.get(amAlerts + "?active=false")
		if len(got) != 1 || got[0].Status.State != "suppressed" || got[0].Status.SilencedBy[0] != id {
			t.Fatalf("got %+v", got)
		}
		if n := len(w.get(amAlerts + "?silenced=false")); n != 1 {
			t.Errorf("%d alerts that are not silenced, want 1", n)
		}
		al := w.alert(got[0].Fingerprint)
		if al.Status != alert.Suppressed || al.Count != 3 || al.IncidentID != 0 || al.Run != 0 {
			t.Errorf("got %+v", al)
		}
		if in := w.incidents(); len(in) != 1 || in[0].AlertCount != 1 {
			t.Errorf("incidents: %+v", in)
		}
		w.after(time.Hour)
		al = w.alert(got[0].Fingerprint)
		if al.Status != alert.Triggered || al.Count != 3 || al.Run != 1 || al.IncidentID == 0 {
			t.Errorf("after the silence: %+v", al)
		}
		if in := w.incidents(); len(in) != 1 || in[0].AlertCount != 2 || in[0].OpenAlerts != 2 {
			t.Errorf("incidents: %+v", in)
		}
		w.after(5*24*time.Hour + time.Second)
		w.must(404, http.MethodGet, amSilence+id, "")
	})
}

func TestSilencedAlertThatEndsInSilence(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		silenceID(t, w.silence(onlyDown, w.now, w.now.Add(time.Hour), ""))
		w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", w.now, w.now.Add(4*time.Minute)))
		w.after(4 * time.Minute)
		if n := len(w.get(amAlerts)); n != 0 {
			t.Errorf("%d alerts stand, want none", n)
		}
		w.after(2 * time.Hour)
		if n := len(w.incidents()); n != 0 {
			t.Errorf("%d incidents, want none", n)
		}
	})
}

// A silence does not take an incident out of people's hands, does not reach
// another service, and does not cover what has other labels.
func TestWhatASilenceLeavesAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		end := w.now.Add(2 * time.Hour)
		w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", w.now, end))
		silenceID(t, w.silence(onlyDown, w.now, w.now.Add(time.Hour), ""))
		w.must(200, http.MethodPost, amAlerts, posted("Down", "critical", w.now, end))
		al := w.alerts()[0]
		if al.Status != alert.Triggered || al.Count != 2 || al.IncidentID == 0 {
			t.Errorf("the alert that stood: %+v", al)
		}
		w.must(200, http.MethodPost, "/alertmanager/"+otherKey+"/api/v2/alerts", posted("Down", "critical", w.now, end))
		if n := len(w.incidents()); n != 2 {
			t.Errorf("%d incidents, want one of each service", n)
		}
		var list []struct{ ID string }
		w.must(200, http.MethodGet, "/alertmanager/"+otherKey+"/api/v2/silences", "").into(t, &list)
		if len(list) != 0 {
			t.Errorf("another service sees %+v", list)
		}
	})
}

// INV-A3. The life of a silence as amtool drives it.
func TestSilenceLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		pending := silenceID(t, w.silence(onlyDown, w.now.Add(time.Hour), w.now.Add(2*time.Hour), ""))
		active := silenceID(t, w.silence(`[{"name":"alertname","value":"Ot.*","isRegex":true},{"name":"x","value":"","isRegex":false,"isEqual":false}]`, w.now.Add(-time.Minute), w.now.Add(time.Hour), ""))
		var list []struct {
			ID, CreatedBy, Comment string
			Status                 struct{ State string }
			StartsAt, EndsAt       time.Time
			Matchers               []struct {
				Name, Value      string
				IsRegex, IsEqual bool
			}
		}
		w.must(200, http.MethodGet, amSilences, "").into(t, &list)
		if len(list) != 2 || list[0].ID != active || list[0].Status.State != "active" || list[1].Status.State != "pending" || !list[0].StartsAt.Equal(w.now) ||
			list[0].Matchers[0].IsEqual != true || list[0].Matchers[1].IsEqual || list[0].CreatedBy != "ana" {
			t.Errorf("got %+v", list)
		}
		w.must(200, http.MethodGet, amSilences+"?filter=alertname%3DDown", "").into(t, &list)
		if len(list) != 1 || list[0].ID != pending {
			t.Errorf("filtered: %+v", list)
		}
		// Prolonging keeps the id, silencing something else does not.
		if id := silenceID(t, w.silence(onlyDown, w.now.Add(time.Hour), w.now.Add(3*time.Hour), pending)); id != pending {
			t.Errorf("prolonged: id %s", id)
		}
		other := silenceID(t, w.silence(`[{"name":"alertname","value":"Else","isRegex":false}]`, w.now, w.now.Add(time.Hour), pending))
		if other == pending {
			t.Error("another silence has the same id")
		}
		if a := w.must(200, http.MethodGet, amSilence+pending, ""); !strings.Contains(a.body, `"expired"`) {
			t.Errorf("the one replaced: %s", a.body)
		}
		w.must(200, http.MethodDelete, amSilence+active, "")
		w.must(200, http.MethodDelete, amSilence+active, "")
		w.must(404, http.MethodDelete, amSilence+"00000000-0000-4000-8000-000000000000", "")
		w.must(404, http.MethodDelete, "/alertmanager/"+otherKey+"/api/v2/silence/"+other, "")
		w.must(404, http.MethodGet, "/alertmanager/"+otherKey+"/api/v2/silence/"+other, "")
		if a := w.silence(onlyDown, w.now, w.now.Add(time.Hour), "nobody"); a.status != 404 {
			t.Errorf("a change of nothing: %d %s", a.status, a.body)
		}
		w.must(405, http.MethodPut, amSilence+active, "")
	})
}

func TestBadSilences(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for name, a := range map[string]answer{
			"no matcher":       w.silence(`[]`, w.now, w.now.Add(time.Hour), ""),
			"matches all":      w.silence(`[{"name":"x","value":".*","isRegex":true}]`, w.now, w.now.Add(time.Hour), ""),
			"matches absent":   w.silence(`[{"name":"x","value":"y","isRegex":false,"isEqual":false}]`, w.now, w.now.Add(time.Hour), ""),
			"bad pattern":      w.silence(`[{"name":"x","value":"(","isRegex":true}]`, w.now, w.now.Add(time.Hour), ""),
			"no name":          w.silence(`[{"name":"","value":"y","isRegex":false}]`, w.now, w.now.Add(time.Hour), ""),
			"ends first":       w.silence(onlyDown, w.now.Add(time.Hour), w.now, ""),
			"over already":     w.silence(onlyDown, w.now.Add(-2*time.Hour), w.now.Add(-time.Hour), ""),
			"matchers no list": w.silence(`{}`, w.now, w.now.Add(time.Hour), ""),
			"wrong type":       w.silence(`[{"name":1,"value":"y","isRegex":false}]`, w.now, w.now.Add(time.Hour), ""),
			"no times":         w.post(amSilences, `{"matchers":`+onlyDown+`,"createdBy":"ana","comment":"x"}`),
			"not JSON":         w.post(amSilences, `{`),
			"a list":           w.post(amSilences, `[]`),
		} {
			var text string
			if a.status != 400 {
				t.Errorf("%s: got %d %s", name, a.status, a.body)
				continue
			}
			if a.into(t, &text); text == "" {
				t.Errorf("%s: no reason", name)
			}
		}
	})
}
