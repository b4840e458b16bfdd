package story

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/mirror"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/plugtest"
)

// account is a PagerDuty account as the Events API v2 shows it: one alert for
// each deduplication key, which an acknowledgement finds only while it stands.
type account struct {
	mu    sync.Mutex
	state map[string]string
	calls []string
	down  bool
}

func (a *account) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	var e struct {
		RoutingKey string `json:"routing_key"`
		Action     string `json:"event_action"`
		DedupKey   string `json:"dedup_key"`
	}
	if err := json.NewDecoder(r.Body).Decode(&e); err != nil || len(e.RoutingKey) != 32 || e.DedupKey == "" {
		http.Error(w, `{"status":"invalid event"}`, http.StatusBadRequest)
		return
	}
	if a.down {
		http.Error(w, `{"status":"error"}`, http.StatusInternalServerError)
		return
	}
	a.calls = append(a.calls, e.Action+" "+e.DedupKey)
	switch now := a.state[e.DedupKey]; {
	case e.Action == "trigger" && (now == "" || now == "resolved"):
		a.state[e.DedupKey] = "triggered"
	case e.Action == "acknowledge" && now == "triggered":
		a.state[e.DedupKey] = "acknowledged"
	case e.Action == "resolve" && now != "":
		a.state[e.DedupKey] = "resolved"
	}
	w.WriteHeader(http.StatusAccepted)
	_, _ = w.Write([]byte(`{"status":"success","message":"Event processed","dedup_key":"` + e.DedupKey + `"}`))
}

func (a *account) is(w *World, want string) {
	w.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if got := a.state["allclear/allclear.test/INC-1"]; got != want {
		w.Errorf("at %s the copy in PagerDuty is %q, want %q (%v)", w.Since(), got, want, a.calls)
	}
}

// besidePagerDuty tells a story with a real plug-in and a faithful account.
func besidePagerDuty(t *testing.T, tell func(w *World, pd *account), setup ...Setup) {
	t.Helper()
	Tell(t, func(w *World) {
		pd := &account{state: map[string]string{}}
		srv := httptest.NewServer(pd)
		w.Cleanup(srv.Close)
		w.Through("pagerduty", plugtest.Open(w, pagerduty.Plugin(), plugtest.Config(map[string]string{"routing_key": "0123456789abcdef0123456789abcdef", "events_url": srv.URL})))
		tell(w, pd)
	}, append([]Setup{Beside("pagerduty")}, setup...)...)
}

// Clauses: DET-STACK-PAGERDUTY, INT-PAGERDUTY, PLT-PD-ROUTE, PLT-PD-INTEG, ESC-CHAIN-1, RSP-S1-ACK
func TestPagerDutyKeepsACopyOfTheIncident(t *testing.T) {
	besidePagerDuty(t, func(w *World, pd *account) {
		w.Alert("auth", "critical", "Sign-in fails for all users")
		pd.is(w, "triggered")
		w.After(4 * time.Minute)
		w.Ack("ana")
		w.After(time.Second)
		pd.is(w, "acknowledged")
		w.After(20 * time.Minute)
		w.Engage("ana")
		w.Resolve("fixed")
		w.After(time.Second)
		pd.is(w, "resolved")
		w.Entries(event.Undelivered).To("pagerduty").None()
	})
}

// An acknowledgement in PagerDuty stops our chain: the steps that wait for one
// do not page (reading 13).
//
// Clauses: DET-STACK-PAGERDUTY, INT-PAGERDUTY, RSP-S1-ACK, ESC-CHAIN-2
func TestAnAcknowledgementInPagerDutyStopsOurChain(t *testing.T) {
	besidePagerDuty(t, func(w *World, _ *account) {
		w.Alert("auth", "critical", "Sign-in fails for all users")
		w.After(5 * time.Minute)
		if err := w.SaidAbroad("pagerduty", mirror.Word{Acked: true, By: "Ana", Text: "acknowledged in PagerDuty by Ana"}); err != nil {
			w.Fatal(err)
		}
		w.Is(procedure.P1, incident.Triage)
		if inc := w.Incident(); inc.AcknowledgedBy != "ana" {
			w.Errorf("acknowledged by %q", inc.AcknowledgedBy)
		}
		w.At(29 * time.Minute)
		w.Pages("secondary").None()
		w.At(30 * time.Minute)
		w.Pages("david.kim").At(30 * time.Minute)
	})
}

// Somebody whom we do not know by that one name has no command here; a resolve
// there is told and resolves nothing.
func TestWhatIsDoneInPagerDutyByStrangersIsTold(t *testing.T) {
	twin := catalog.Person{ID: "ana-two", Name: "Ana"}
	besidePagerDuty(t, func(w *World, _ *account) {
		w.Alert("auth", "critical", "Sign-in fails for all users")
		w.After(time.Minute)
		for _, word := range []mirror.Word{{Acked: true, By: "Ana", Text: "acknowledged in PagerDuty by Ana"}, {By: "Ana", Text: "resolved in PagerDuty by Ana"}} {
			if err := w.SaidAbroad("pagerduty", word); err != nil {
				w.Fatal(err)
			}
		}
		inc := w.Incident()
		if inc.AcknowledgedBy != "source:pagerduty" || inc.Commander() != "" || inc.Status != incident.Triage {
			w.Errorf("acknowledged by %q, commanded by %q, %s", inc.AcknowledgedBy, inc.Commander(), inc.Status)
		}
		w.Entries(event.Noted).At(time.Minute, time.Minute)
		if err := w.SaidAbroad("another", mirror.Word{Acked: true}); !fault.Is(err, fault.NotFound) {
			w.Errorf("a channel that keeps no copy: %v", err)
		}
	}, With(twin))
}

// PagerDuty being down keeps nobody from being paged here, and the copy ends in
// the present state once it is back (INV-P8).
//
// Clauses: INT-PAGERDUTY
func TestPagerDutyIsDown(t *testing.T) {
	besidePagerDuty(t, func(w *World, pd *account) {
		pd.mu.Lock()
		pd.down = true
		pd.mu.Unlock()
		w.Alert("auth", "critical", "Sign-in fails for all users")
		w.After(time.Second)
		w.Pages("primary").At(0)
		w.After(2 * time.Minute)
		w.Ack("ana")
		w.After(time.Minute)
		pd.mu.Lock()
		pd.down = false
		pd.mu.Unlock()
		w.After(10 * time.Minute)
		pd.is(w, "acknowledged")
	})
}

// What is restricted leaves no trace there: it has no copy, and one that was
// made before ends without a word (reading 18).
func TestARestrictedIncidentHasNoCopy(t *testing.T) {
	besidePagerDuty(t, func(w *World, pd *account) {
		w.Alert("auth", "critical", "Sign-in fails for all users")
		pd.is(w, "triggered")
		w.After(time.Minute)
		w.Restrict()
		w.After(time.Second)
		pd.is(w, "resolved")
		w.After(20 * time.Minute)
		pd.mu.Lock()
		defer pd.mu.Unlock()
		if last := slices.Index(pd.calls, "resolve allclear/allclear.test/INC-1"); last != len(pd.calls)-1 {
			w.Errorf("something followed the end of the copy: %v", pd.calls)
		}
	})
}
