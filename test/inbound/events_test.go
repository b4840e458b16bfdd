package inbound

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/flow/intake"
	"allclear/internal/store"
)

const enqueue = "/v2/enqueue"

func event(action, dedup, severity string) string {
	return fmt.Sprintf(`{"routing_key":%q,"event_action":%q,"dedup_key":%q,"payload":{"summary":"login fails","source":"web-3","severity":%q}}`, routingKey, action, dedup, severity)
}

// INV-I1, INV-I2, INV-I3: the life of an alert, by its key.
func TestEventLife(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a := w.must(202, http.MethodPost, enqueue, event("trigger", "login", "critical"))
		if want := `{"status":"success","message":"Event processed","dedup_key":"login"}`; a.body != want {
			t.Errorf("got %s, want %s", a.body, want)
		}
		al := w.alert("login")
		if al.Status != alert.Triggered || al.Severity.String() != "P1" || al.ServiceID != "auth" || al.Summary != "login fails" || al.Count != 1 {
			t.Errorf("got %+v", al)
		}
		if got := w.raws(); len(got) != 1 || got[0].body != event("trigger", "login", "critical") || got[0].problem != "" || got[0].source != "events" {
			t.Errorf("raw payloads: %+v", got)
		}
		w.must(202, http.MethodPost, enqueue, event("trigger", "login", "critical"))
		w.must(202, http.MethodPost, enqueue, event("acknowledge", "login", ""))
		if al = w.alert("login"); al.Status != alert.Acknowledged || al.Count != 2 {
			t.Errorf("after a repeat and an acknowledge: %+v", al)
		}
		w.must(202, http.MethodPost, enqueue, event("resolve", "login", ""))
		w.must(202, http.MethodPost, enqueue, event("resolve", "login", ""))
		if al = w.alert("login"); al.Status != alert.Resolved || al.Run != 1 {
			t.Errorf("after a resolve, twice: %+v", al)
		}
		w.must(202, http.MethodPost, enqueue, event("trigger", "login", "critical"))
		if al = w.alert("login"); al.Status != alert.Triggered || al.Run != 2 || al.Count != 3 {
			t.Errorf("triggered again: %+v", al)
		}
		if n := len(w.incidents()); n != 1 {
			t.Errorf("%d incidents, want the one that is open", n)
		}
	})
}

// A resolve or acknowledge that overtakes its trigger, or has none, is taken
// and changes nothing (Events API v2, "Alert De-Duplication").
func TestResolveBeforeItsTrigger(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.must(202, http.MethodPost, enqueue, event("resolve", "early", ""))
		w.must(202, http.MethodPost, enqueue, event("acknowledge", "early", ""))
		if n := len(w.alerts()); n != 0 {
			t.Fatalf("%d alerts from a resolve", n)
		}
		w.must(202, http.MethodPost, enqueue, event("trigger", "early", "warning"))
		if al := w.alert("early"); al.Status != alert.Triggered || al.Severity.String() != "P3" {
			t.Errorf("got %+v", al)
		}
		if n := len(w.raws()); n != 3 {
			t.Errorf("%d raw payloads, want all 3", n)
		}
	})
}

// INV-I1, INV-I3. A storm on one key is one alert with the exact
// count and one incident; B25, B26.
func TestStormOnOneKey(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const senders, times = 16, 25
		var wg sync.WaitGroup
		bad := make(chan answer, senders*times)
		for range senders {
			wg.Go(func() {
				for range times {
					if a := w.post(enqueue, event("trigger", "storm", "error")); a.status != 202 {
						bad <- a
					}
				}
			})
		}
		wg.Wait()
		close(bad)
		for a := range bad {
			t.Fatalf("got %d %s", a.status, a.body)
		}
		if al := w.alert("storm"); al.Count != senders*times || al.Run != 1 {
			t.Errorf("count %d in run %d, want %d in 1", al.Count, al.Run, senders*times)
		}
		in := w.incidents()
		if len(in) != 1 || in[0].OpenAlerts != 1 || in[0].AlertCount != 1 || in[0].Severity.String() != "P2" {
			t.Errorf("incidents: %+v", in)
		}
	})
}

func TestEventWithoutKeyIsAnAlertOfItsOwn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		one := strings.Replace(event("trigger", "x", "info"), `"dedup_key":"x",`, "", 1)
		for range 2 {
			var got struct {
				Key string `json:"dedup_key"`
			}
			w.must(202, http.MethodPost, enqueue, one).into(t, &got)
			if al := w.alert(got.Key); al.Count != 1 || al.Severity.String() != "P4" {
				t.Errorf("got %+v", al)
			}
		}
		if n := len(w.alerts()); n != 2 {
			t.Errorf("%d alerts, want 2", n)
		}
	})
}

func TestChangeEvent(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		body := `{"routing_key":"` + routingKey + `","payload":{"summary":"deployed 4.2","source":"ci","timestamp":"2026-03-02T02:59:00.5+0000","custom_details":{"build":"42"}},"links":[{"href":"https://ci.example.net/42","text":"Build"}]}`
		if a := w.must(202, http.MethodPost, "/v2/change/enqueue", body); a.body != `{"status":"success","message":"Change event processed"}` {
			t.Errorf("got %s", a.body)
		}
		var summary, service string
		var at int64
		err := w.db.View(t.Context(), func(tx *store.Tx) error {
			return tx.QueryRow("select summary, service_id, at from changes").Scan(&summary, &service, &at)
		})
		if err != nil || summary != "deployed 4.2" || service != "auth" || store.Time(at).Nanosecond() != 5e8 {
			t.Errorf("got %q on %q at %d: %v", summary, service, at, err)
		}
		if n := len(w.raws()); n != 1 {
			t.Errorf("%d raw payloads, want 1", n)
		}
		if n := len(w.alerts()) + len(w.incidents()); n != 0 {
			t.Errorf("a change made %d alerts and incidents", n)
		}
	})
}

// INV-I2, INV-I6. A payload nothing can be made of is answered with
// the reason and kept with it, when its key is good.
func TestRefusedEventIsKeptAsEvidence(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		bad := `{"routing_key":"` + routingKey + `","event_action":"trigger","payload":{"summary":"x","source":"y","severity":"loud"}}`
		a := w.must(400, http.MethodPost, enqueue, bad)
		var got struct {
			Status, Message string
			Errors          []string
		}
		a.into(t, &got)
		want := []string{"'payload.severity' is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')"}
		if got.Status != "invalid event" || got.Message != "Event object is invalid" || !slices.Equal(got.Errors, want) {
			t.Errorf("got %+v", got)
		}
		raws := w.raws()
		if len(raws) != 1 || raws[0].body != bad || !strings.Contains(raws[0].problem, "payload.severity") || raws[0].service != "auth" {
			t.Errorf("kept: %+v", raws)
		}
		a = w.must(400, http.MethodPost, enqueue, strings.Replace(event("trigger", "x", "info"), routingKey, "nobody", 1))
		a.into(t, &got)
		if !slices.Equal(got.Errors, []string{"Invalid routing key"}) {
			t.Errorf("unknown key: got %+v", got)
		}
		w.must(400, http.MethodPost, enqueue, `not json`)
		if n := len(w.raws()); n != 1 {
			t.Errorf("%d raw payloads kept, want none for nobody's key", n)
		}
	})
}

func TestEventsOfTheWrongSizeOrMethod(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		fill := func(size int) string {
			head, tail := strings.TrimSuffix(event("trigger", "big", "info"), "}}")+`,"custom_details":"`, `"}}`
			return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
		}
		w.must(202, http.MethodPost, enqueue, fill(512<<10))
		w.must(413, http.MethodPost, enqueue, fill(512<<10+1))
		for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodOptions} {
			if a := w.must(405, method, enqueue, ""); a.header.Get("Allow") != "POST" {
				t.Errorf("%s: Allow is %q", method, a.header.Get("Allow"))
			}
		}
		var small, large bytes.Buffer
		for text, into := range map[string]*bytes.Buffer{event("trigger", "z", "info"): &small, fill(512<<10 + 1): &large} {
			z := gzip.NewWriter(into)
			_, _ = z.Write([]byte(text))
			_ = z.Close()
		}
		for name, c := range map[string]struct {
			body, kind string
			want       int
		}{
			"compressed": {small.String(), "gzip", 202}, "compressed and too large": {large.String(), "gzip", 413}, "cut off": {small.String()[:40], "gzip", 400},
			"not compressed": {event("trigger", "z", "info"), "gzip", 400}, "another way": {small.String(), "br", 400},
		} {
			if a := w.post(enqueue, c.body, "Content-Encoding", c.kind); a.status != c.want {
				t.Errorf("%s: got %d, want %d", name, a.status, c.want)
			}
		}
	})
}

// 429 comes only from a full backlog, with Retry-After; a store that fails is a
// 5xx, so that the sender sends again.
func TestEventsThatCannotBeStored(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for kind, want := range map[fault.Kind]int{fault.Busy: 429, fault.Unavailable: 503, fault.Conflict: 503, fault.Internal: 500} {
			w.accept = func(context.Context, intake.Arrival) error { return fault.New(kind, "secret reason") }
			a := w.post(enqueue, event("trigger", "z", "info"))
			if a.status != want || strings.Contains(a.body, "secret reason") {
				t.Errorf("%s: got %d %s, want %d", kind, a.status, a.body, want)
			}
			if (a.header.Get("Retry-After") != "") != (want == 429) {
				t.Errorf("%s: Retry-After is %q", kind, a.header.Get("Retry-After"))
			}
		}
	})
}
