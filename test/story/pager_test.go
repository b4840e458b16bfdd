package story

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/flow/paging"
	"allclear/internal/plug"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/plugtest"
)

const pagerKey = "00112233445566778899aabbccddeeff"

// keepsTheApp is a company whose people are paged through PagerDuty.
type keepsTheApp struct {
	*World
	account *account
	plugin  *pagerduty.PagerDuty
}

// throughPagerDuty tells a story with a real plug-in as the pager of ana and bo.
func throughPagerDuty(t *testing.T, tell func(w keepsTheApp), setup ...Setup) {
	t.Helper()
	contact := func(p *catalog.Person) {
		p.Email = p.ID + "@example.com"
		p.Contacts = append(p.Contacts, catalog.Contact{Channel: "pagerduty", Address: p.ID})
	}
	Tell(t, func(w *World) {
		pd := &account{state: map[string]string{}}
		srv := httptest.NewServer(pd)
		w.Cleanup(srv.Close)
		plugin, ok := plugtest.Open(w, pagerduty.Plugin(), plugtest.Config(map[string]string{
			"pager_keys": "ana=" + pagerKey + " bo=" + pagerKey, "events_url": srv.URL, "signing_secret": "story", "users": "PBO=bo@example.com",
		})).(*pagerduty.PagerDuty)
		if !ok {
			w.Fatal("the plug-in is of another type")
		}
		w.Through("pagerduty", plugin)
		tell(keepsTheApp{w, pd, plugin})
	}, append([]Setup{Standing("pagerduty"), Person("ana", contact), Person("bo", contact)}, setup...)...)
}

// open lists the incidents there that somebody is paged for.
func (w keepsTheApp) open() (keys []string) {
	w.account.mu.Lock()
	defer w.account.mu.Unlock()
	for k, state := range w.account.state {
		if state != "resolved" {
			keys = append(keys, k)
		}
	}
	return keys
}

// does is a user doing something to the incident there, as the webhook tells it.
func (w keepsTheApp) does(kind, key, user, name string) {
	w.Helper()
	body, err := json.Marshal(map[string]any{"event": map[string]any{
		"id": "01E", "event_type": kind, "resource_type": "incident", "occurred_at": w.now,
		"agent": map[string]any{"id": user, "summary": name, "type": "user_reference"},
		"data":  map[string]any{"id": "PINC", "type": "incident", "incident_key": key, "title": "page", "urgency": "high"},
	}})
	if err != nil {
		w.Fatal(err)
	}
	mac := hmac.New(sha256.New, []byte("story"))
	mac.Write(body)
	heard, err := w.plugin.Hear(plug.Inbound{Header: http.Header{"X-Pagerduty-Signature": {"v1=" + hex.EncodeToString(mac.Sum(nil))}}, Body: body})
	if err != nil || len(heard.Signals) > 0 {
		w.Fatalf("%+v, %v", heard, err)
	}
	for _, a := range heard.Answers {
		if _, err := w.TryAnswer(paging.Answer{Channel: a.Channel, From: a.From, Token: a.Token, By: a.By}); err != nil {
			w.Fatal(err)
		}
	}
}

// The page to the person on call is an incident in PagerDuty; acknowledged
// there, it is acknowledged here, by the person with the user's mail address, the
// chain stops, and the incident there ends.
//
// Clauses: INT-PAGERDUTY, PLT-PD-ROUTE, RSP-S1-ACK, ESC-CHAIN-1
func TestPagedThroughPagerDuty(t *testing.T) {
	throughPagerDuty(t, func(w keepsTheApp) {
		w.Alert("auth", "critical", "Sign-in fails for all users")
		w.Pages("primary").At(0)
		there := w.open()
		if len(there) != 1 || !strings.HasPrefix(there[0], "allclear/allclear.test/page/") {
			w.Fatalf("open there: %v", there)
		}
		w.After(3 * time.Minute)
		w.does("incident.acknowledged", there[0], "PBO", "Robert")
		if inc := w.Incident(); inc.AcknowledgedBy != "bo" {
			w.Errorf("acknowledged by %q", inc.AcknowledgedBy)
		}
		w.After(time.Second)
		if left := w.open(); len(left) != 0 {
			w.Errorf("still open there: %v", left)
		}
		w.does("incident.resolved", there[0], "PBO", "Robert") // the webhook about our own resolve
		w.At(29 * time.Minute)
		w.Pages("secondary").None()
		w.Entries(event.Undelivered).To("ana").None()
	})
}

// Whoever answers elsewhere ends the incident there too, and resolving it there
// answers nothing.
//
// Clauses: INT-PAGERDUTY
func TestAnsweredElsewhereEndsInPagerDuty(t *testing.T) {
	throughPagerDuty(t, func(w keepsTheApp) {
		w.Alert("auth", "critical", "Sign-in fails for all users")
		there := w.open()
		w.After(time.Minute)
		w.does("incident.resolved", there[0], "PANA", "Ana")
		if inc := w.Incident(); inc.Acked() {
			w.Errorf("a resolve there acknowledged: %q", inc.AcknowledgedBy)
		}
		w.Ack("ana")
		w.After(time.Second)
		if left := w.open(); len(left) != 0 {
			w.Errorf("still open there: %v", left)
		}
	})
}

// Somebody whom we do not know stops the chain and has no command here.
func TestAStrangerAcknowledgesThePage(t *testing.T) {
	throughPagerDuty(t, func(w keepsTheApp) {
		w.Alert("auth", "critical", "Sign-in fails for all users")
		w.does("incident.acknowledged", w.open()[0], "PNEW", "Somebody Else")
		if inc := w.Incident(); inc.AcknowledgedBy != "source:pagerduty" || inc.Commander() != "" {
			w.Errorf("acknowledged by %q, commanded by %q", inc.AcknowledgedBy, inc.Commander())
		}
	})
}

// PagerDuty being down costs nobody the page: the next contact is tried, and what
// PagerDuty may have taken is taken back once it answers again (INV-P8).
//
// Clauses: INT-PAGERDUTY
func TestThePagerIsDown(t *testing.T) {
	throughPagerDuty(t, func(w keepsTheApp) {
		w.account.down = true
		w.Alert("auth", "critical", "Sign-in fails for all users")
		w.After(time.Minute)
		if !slices.ContainsFunc(w.sent, func(s Sent) bool { return s.Person() == "ana" && s.Channel != "pagerduty" }) {
			w.Error("nothing but PagerDuty was tried")
		}
		w.Ack("ana")
		w.account.mu.Lock()
		w.account.down = false
		w.account.mu.Unlock()
		w.After(10 * time.Minute)
		if left := w.open(); len(left) != 0 {
			w.Errorf("open there: %v", left)
		}
	})
}
