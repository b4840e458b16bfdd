package comms

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

func mailed(d *event.Data) {
	d.Audience, d.Channels, d.Clauses = message.Customers, []string{message.Email, message.SMS, message.InApp}, []string{"COM-CUST-EMAIL"}
}

// Clauses: COM-CUST-EMAIL, AUD-COMMS
func TestEveryAffectedContactIsMailed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		w.want(inc, t0, mailed)
		m := w.of(inc)[0]
		box := map[string]*message.Delivery{}
		for _, d := range w.outbox(m) {
			box[d.Key] = d
		}
		prefix := fmt.Sprintf("INC-%d/m%s/", inc.Number, m.ID)
		for key, to := range map[string]string{
			"email/acme/0": "a1@c.example", "email/acme/1": "a2@c.example", "email/bolt/0": "b1@c.example", "email/coop/0": "c1@c.example",
			"sms/acme/1": "+15550100", "in_app": message.Customers,
		} {
			d, words := box[prefix+key], m.Text
			if strings.HasPrefix(key, "sms/") {
				words += "\nhttps://status.example" // a text message is short, and says where more is
			}
			if d == nil || d.Address != to || d.Kind != message.KindMessage || d.Priority != 2 || d.State != message.Queued || d.Body != words {
				t.Errorf("%s: %s", key, text(d))
			}
		}
		if len(box) != 6 || m.Recipients != 5 {
			t.Errorf("%d deliveries, %d recipients: %s", len(box), m.Recipients, text(box))
		}
		if d := box[prefix+"email/acme/1"]; d.Recipient != "acme" || d.Headers.Name != "A2" || d.Subject != "Problems with signing in" || d.Clauses[0] != "COM-CUST-EMAIL" {
			t.Errorf("mail: %s", text(d))
		}
		if told := w.kinds(event.MessagePublished); len(told) != 1 || told[0].Data.Number != 5 || told[0].Data.Ref != m.ID.String() {
			t.Errorf("recorded: %s", text(told))
		}
		w.fail["b1@c.example"] = true
		w.send(t0.Add(time.Minute))
		done := w.kinds(event.CustomersMailed)
		if len(done) != 1 || done[0].Data.Ref != m.ID.String() || done[0].Data.Number != 3 || done[0].Data.Outcome != "1 failed" || done[0].Data.Audience != message.Customers {
			t.Errorf("customers mailed: %s", text(done))
		}
		loud := w.kinds(event.Undelivered)
		if len(loud) != 1 || loud[0].Data.To != "bolt" || loud[0].Data.Channel != message.Email || !strings.Contains(loud[0].Data.Text, "550") {
			t.Errorf("a failed address: %s", text(loud))
		}
		if told := w.kinds(event.Delivered); len(told) != 1 || told[0].Data.Channel != message.InApp {
			t.Errorf("delivered: %s", text(told))
		}
		if v, err := w.c.Get(t.Context(), reader, m.ID); err != nil || v.Deliveries[message.Failed] != 1 || v.Deliveries[message.Accepted] != 5 || v.MailedAt.IsZero() {
			t.Errorf("view: %s, %v", text(v), err)
		}
	})
}

// Two senders that finish the last two mails at the same time still tell it
// once.
func TestCustomersMailedOnceAmongSenders(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(nil)
		w.want(inc, t0, func(d *event.Data) { mailed(d); d.Channels = []string{message.Email} })
		var mine []*message.Delivery
		w.update(func(tx *store.Tx) (err error) {
			mine, err = deliveries.Claim(tx, deliveries.Lane{From: 2, To: 2}, t0, deliveries.Term{Lease: time.Minute, Shared: t0}, 10)
			return err
		})
		errs := make(chan error, len(mine))
		for _, d := range mine {
			go func() {
				errs <- w.db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
					d.State, d.DoneAt = message.Accepted, t0
					if _, err := deliveries.Finish(tx, d); err != nil {
						return err
					}
					return w.c.Outcome(tx, d, t0)
				})
			}()
		}
		for range mine {
			if err := <-errs; err != nil {
				t.Fatal(err)
			}
		}
		if done := w.kinds(event.CustomersMailed); len(mine) != 4 || len(done) != 1 || done[0].Data.Number != 4 {
			t.Errorf("%d mails, told %s", len(mine), text(done))
		}
	})
}

func TestNobodyToMailIsToldAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		inc := w.incident(func(i *incident.Incident) { i.ServiceID = "svc6" })
		w.want(inc, t0, func(d *event.Data) { mailed(d); d.Channels = []string{message.Email} })
		if done := w.kinds(event.CustomersMailed); len(done) != 1 || done[0].Data.Number != 0 {
			t.Errorf("told: %s", text(done))
		}
		w.want(inc, t0, func(d *event.Data) { d.Rule, d.Audience, d.Channels = "vip", message.VIP, []string{message.Email} })
		if done := w.kinds(event.CustomersMailed); len(done) != 1 {
			t.Error("a mail to some is told as one to all")
		}
	})
}

func TestAudienceRegionAndTenantFilterMails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		to := func(inc *incident.Incident, rule, audience string) string {
			w.want(inc, t0, func(d *event.Data) {
				d.Rule, d.Audience, d.Channels = rule, audience, []string{message.Email, "social", message.InApp}
			})
			ms := w.of(inc)
			var out []string
			for _, d := range w.outbox(ms[len(ms)-1]) {
				out = append(out, d.Channel+":"+d.Recipient)
			}
			return strings.Join(out, " ")
		}
		wide := w.incident(nil)
		eu := w.incident(func(i *incident.Incident) { i.ServiceID, i.Regions = "svc2", []string{"eu"} })
		one := w.incident(func(i *incident.Incident) { i.ServiceID, i.Tenant = "svc3", "bolt" })
		for _, tc := range []struct{ got, want string }{
			{to(wide, "a", message.Enterprise), "email:acme email:acme email:coop social:enterprise in_app:enterprise"},
			{to(wide, "b", message.VIP), "email:acme email:acme social:vip in_app:vip"},
			{to(eu, "c", message.Customers), "email:coop social:customers in_app:customers"},
			{to(one, "d", message.Customers), "email:bolt in_app:bolt"},
		} {
			if tc.got != tc.want {
				t.Errorf("sent to %s, want %s", tc.got, tc.want)
			}
		}
		r, err := w.c.PreviewAffected(t.Context(), reader, wide.Number)
		if err != nil || r.Customers != 3 || r.VIP != 1 || r.MajorAccounts != 1 || r.Contacts != 4 || r.ByTier[catalog.Enterprise] != 2 || r.ByRegion["eu"] != 2 {
			t.Errorf("preview: %s, %v", text(r), err)
		}
		if all, err := w.c.AffectedCustomers(t.Context(), ana, eu.Number); err != nil || len(all) != 1 || all[0].ID != "coop" {
			t.Errorf("customers: %s, %v", text(all), err)
		}
	})
}

// bare is how long n deliveries take that are written one statement each; none
// of them stays.
func (w *world) bare(n int, text string) time.Duration {
	w.t.Helper()
	start, undo := time.Now(), errors.New("undo")
	err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		for i := range n {
			d := message.Delivery{Key: fmt.Sprint("bare/", i), Kind: message.KindNotice, Channel: message.Email, Body: text, CreatedAt: t0, DueAt: t0}
			if err := deliveries.Record(tx, &d); err != nil {
				return err
			}
		}
		return undo
	})
	if !errors.Is(err, undo) {
		w.t.Fatal(err)
	}
	return time.Since(start)
}

// The customer base the procedure speaks of, three contacts each, in one short
// transaction.
//
// Clauses: OBJ-CTX-CUST
func TestTwelveHundredCustomersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		var base []catalog.Entity
		firms := 1200
		if storetest.Racing {
			firms = 120 // the test is about speed; it runs without the race detector too
		}
		mails := 3 * firms
		for n := range firms {
			k := catalog.Customer{ID: fmt.Sprintf("k%04d", n), Name: fmt.Sprintf("K %d", n), Tier: catalog.Enterprise, Region: "ap", Products: []string{"svc1"}}
			for i := range 3 {
				k.Contacts = append(k.Contacts, catalog.CustomerContact{Name: "Ops", Email: fmt.Sprintf("p%d@k%04d.example", i, n)})
			}
			base = append(base, k)
		}
		w.cat = w.cat.With(base...)
		inc := w.incident(func(i *incident.Incident) { i.Regions = []string{"ap"} })
		long := strings.Repeat("We are looking into problems with signing in. ", 20)
		start := time.Now()
		w.want(inc, t0, func(d *event.Data) { mailed(d); d.Channels, d.Text = []string{message.Email}, long })
		took := time.Since(start)
		t.Logf("%d deliveries in %s", mails, took)
		// Half a second on a quiet machine; on any, no more than rows cost that are
		// written one by one.
		if bare := w.bare(mails, long); took > 2*bare+time.Second {
			t.Errorf("%d deliveries took %s, as many bare rows %s; the writer is held from pages all that time", mails, took, bare)
		}
		m := w.of(inc)[0]
		if m.Recipients != mails {
			t.Fatalf("%d recipients, want %d", m.Recipients, mails)
		}
		w.want(inc, t0, func(d *event.Data) { mailed(d); d.Channels, d.Text = []string{message.Email}, long })
		w.fail["p1@k0060.example"] = true
		w.send(t0.Add(time.Minute))
		addresses := map[string]bool{}
		for _, s := range w.sent {
			addresses[s.Address] = true
		}
		if len(w.sent) != mails-1 || len(addresses) != mails-1 {
			t.Errorf("%d mails to %d addresses, want %d", len(w.sent), len(addresses), mails-1)
		}
		if done := w.kinds(event.CustomersMailed); len(done) != 1 || done[0].Data.Number != int64(mails-1) || done[0].Data.Outcome != "1 failed" {
			t.Errorf("told: %s", text(done))
		}
	})
}

// A relay that refuses everybody is told once at the end, not thousands of
// times.
func TestManyFailuresDoNotFloodTheRecord(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := catalog.Customer{ID: "big", Name: "Big", Tier: catalog.Standard, Region: "ap", Products: []string{"svc1"}}
		for n := range 60 {
			to := fmt.Sprintf("p%d@big.example", n)
			k.Contacts = append(k.Contacts, catalog.CustomerContact{Name: "Ops", Email: to})
			w.fail[to] = true
		}
		w.cat = w.cat.With(k)
		inc := w.incident(func(i *incident.Incident) { i.Regions = []string{"ap"} })
		w.want(inc, t0, func(d *event.Data) { mailed(d); d.Channels = []string{message.Email} })
		w.send(t0)
		if n := len(w.kinds(event.Undelivered)); n == 0 || n > loudFailures {
			t.Errorf("%d loud failures", n)
		}
		if done := w.kinds(event.CustomersMailed); len(done) != 1 || done[0].Data.Number != 0 || done[0].Data.Outcome != "60 failed" {
			t.Errorf("told: %s", text(done))
		}
	})
}
