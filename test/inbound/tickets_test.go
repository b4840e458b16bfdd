package inbound

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/ticket"
	"allclear/internal/flow/tickets"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/storetest"
)

func (w *world) tickets() []*ticket.Ticket {
	w.t.Helper()
	found, err := w.desk.List(w.t.Context(), authz.Actor{ID: "ana", Role: authz.Responder}, tickets.Filter{Limit: 100})
	if err != nil {
		w.t.Fatal(err)
	}
	return found.Items
}

// proof are the headers with which Zendesk signs a body at a time.
func proof(body string, at time.Time) []string {
	stamp := at.Format(time.RFC3339)
	mac := hmac.New(sha256.New, []byte(theSecret))
	mac.Write([]byte(stamp + body))
	return []string{"X-Zendesk-Webhook-Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)), "X-Zendesk-Webhook-Signature-Timestamp", stamp}
}

// A signed ticket is taken once; without proof, with that of another body and with
// that of yesterday nothing is. A hook without a secret asks for none.
//
// Clauses: INT-ZENDESK, CRI-ZD-CLASS
func TestTicketsOfZendesk(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		const path = "/hooks/zendesk/" + signedKey
		body := `{"id":"e-1","type":"zen:event-type:ticket.created","ticket":{"id":501,"subject":"Site is down for everyone","status":"new","requester":{"email":"jane@example.net"}},"timestamp":"2026-03-02T03:00:00Z"}`
		for name, header := range map[string][]string{"no proof": nil, "of another body": proof(body+" ", w.now), "of yesterday": proof(body, w.now.AddDate(0, 0, -1)), "of tomorrow": proof(body, w.now.AddDate(0, 0, 1))} {
			if a := w.post(path, body, header...); a.status != http.StatusUnauthorized {
				t.Errorf("%s: %d %s", name, a.status, a.body)
			}
		}
		if n := len(w.tickets()); n != 0 {
			t.Fatalf("%d tickets without proof", n)
		}
		for range 2 {
			a := w.post(path, body, proof(body, w.now)...)
			var got struct {
				Status string   `json:"status"`
				Events int      `json:"events"`
				Keys   []string `json:"dedup_keys"`
			}
			a.into(t, &got)
			if a.status != http.StatusAccepted || got.Events != 1 || got.Keys[0] != "zendesk/501" {
				t.Errorf("%d %s", a.status, a.body)
			}
		}
		all := w.tickets()
		if len(all) != 1 || all[0].State != ticket.Raised || all[0].Version != 1 {
			t.Errorf("%+v", all)
		}
		if al := w.alerts(); len(al) != 1 || al[0].Source != "zendesk" || al[0].Count != 1 || al[0].IncidentID == 0 {
			t.Errorf("%+v", al)
		}
		w.must(http.StatusAccepted, http.MethodPost, "/hooks/zendesk/"+hookKey, `{"ticket":{"id":"502","subject":"Download of an invoice"}}`)
		w.must(http.StatusAccepted, http.MethodPost, "/hooks/zendesk/"+hookKey, `{"type":"zen:event-type:user.created","detail":{"id":"1"}}`)
		if a := w.post("/hooks/zendesk/"+hookKey, `{"ticket":{"subject":"x"}}`); a.status != http.StatusBadRequest || !strings.Contains(a.body, "/ticket/id") {
			t.Errorf("%d %s", a.status, a.body)
		}
		if all := w.tickets(); len(all) != 2 || all[0].Queue != ticket.Normal || len(w.alerts()) != 1 {
			t.Errorf("%+v", all)
		}
		err := db.View(t.Context(), func(tx *store.Tx) error {
			kept, _, err := alerts.Payloads(tx, alerts.PayloadFilter{Limit: 100})
			if len(kept) != 5 { // both of the same, two more, and the one that is none
				t.Errorf("%d payloads are kept", len(kept))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A storm of tickets over many calls at once is one incident, and none is lost or
// doubled, also where each event comes twice.
//
// Clauses: CRI-ZD-CLASS
// B26
func TestAStormOfTickets(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		var wg sync.WaitGroup
		const many = 40
		wrong := make(chan string, 2*many)
		for n := range 2 * many {
			subject := "It is down"
			if n%2 == 0 {
				subject += " for everyone"
			}
			body := fmt.Sprintf(`{"id":"e-%d","type":"zen:event-type:ticket.created","ticket":{"id":%d,"subject":%q}}`, n%many, n%many+1, subject)
			wg.Go(func() {
				if a := w.post("/hooks/zendesk/"+hookKey, body); a.status != http.StatusAccepted {
					wrong <- fmt.Sprint(a.status, a.body)
				}
			})
		}
		wg.Wait()
		close(wrong)
		for e := range wrong {
			t.Error(e)
		}
		all, al := w.tickets(), w.alerts()
		if len(all) != many || len(al) != many/2 {
			t.Errorf("%d tickets and %d alerts", len(all), len(al))
		}
		for _, a := range al {
			if a.Count != 1 || a.IncidentID != al[0].IncidentID {
				t.Errorf("%+v", a)
			}
		}
	})
}

// People who escalate at the same instant, on a service without an incident, share
// one.
//
// Clauses: CRI-CS-VIP
func TestEscalationsAtOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ana := authz.Actor{ID: "ana", Role: authz.Responder}
		var wg sync.WaitGroup
		for n := range 6 {
			wg.Go(func() {
				if _, err := w.desk.EscalateCustomer(t.Context(), ana, tickets.Escalation{Customer: "acme", Service: "api", Text: fmt.Sprint("trouble ", n)}, w.now); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		al := w.alerts()
		if len(al) != 6 || slices.ContainsFunc(al, func(a *alert.Alert) bool { return a.IncidentID != al[0].IncidentID || a.IncidentID == 0 }) {
			t.Errorf("%+v", al)
		}
	})
}
