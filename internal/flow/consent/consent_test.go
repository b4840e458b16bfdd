package consent_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/flow/consent"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	t0     = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	office = authz.Actor{ID: "adm", Role: authz.Admin, Via: "session"}
	sam    = authz.Actor{ID: "sam", Role: authz.Stakeholder, Via: "session"}
)

type world struct {
	t    *testing.T
	db   *store.DB
	c    *consent.Consent
	seen []event.Event
}

func each(t *testing.T, run func(w *world)) {
	t.Helper()
	cat := &catalog.Catalog{Customers: map[string]catalog.Customer{"acme": {ID: "acme", Name: "Acme", Contacts: []catalog.CustomerContact{
		{Name: "Ida", Email: "ida@acme.example", Phone: "+15550100001", Channels: []string{"email", "sms"}}, {Name: "Jo", Email: "jo@acme.example"},
	}}}}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := &world{t: t, db: db}
		bus := jobs.NewBus()
		bus.Watch(func(e event.Event) { w.seen = append(w.seen, e) })
		w.c = consent.New(db, bus, consent.Options{Key: []byte("a key for tests"), URL: "https://status.example", Domain: "in.example", Catalog: func(*store.Tx) (*catalog.Catalog, error) { return cat, nil }})
		run(w)
	})
}

func (w *world) token(channel, address string) string {
	link := w.c.Link(channel, address)
	token, ok := strings.CutPrefix(link, "https://status.example/u/")
	if !ok {
		w.t.Fatalf("link %q", link)
	}
	return token
}

// A link says one thing of one address. Used twice it changes nothing more, and one
// that was not signed here is refused, whatever of it was changed.
//
// Clauses: INT-EMAIL-MASS
func TestALinkIsUsedTwiceOrForged(t *testing.T) {
	each(t, func(w *world) {
		token := w.token(message.Email, "Ida@Acme.example")
		for range 2 {
			c, err := w.c.Choose(w.t.Context(), token, true, t0)
			if err != nil || !c.OptedOut || c.Channel != message.Email {
				w.t.Fatalf("%+v %v", c, err)
			}
		}
		if len(w.seen) != 1 || w.seen[0].Data.Outcome != "opted_out" || w.seen[0].Data.Targets[0] != "acme" || strings.Contains(w.seen[0].Data.Text, "ida@") {
			w.t.Errorf("on the record: %+v", w.seen)
		}
		for i := range token {
			forged := []byte(token)
			if forged[i] = 'A'; token[i] == 'A' {
				forged[i] = 'B'
			}
			if _, err := w.c.Choose(w.t.Context(), string(forged), false, t0); !fault.Is(err, fault.NotFound) {
				w.t.Errorf("letter %d changed: %v", i, err)
			}
		}
		for _, bad := range []string{"", "x", token[1:], token + "A", token + "\n", "../" + token, strings.Repeat("A", 44), strings.Repeat("A", 100_000)} {
			if _, err := w.c.Look(w.t.Context(), bad); !fault.Is(err, fault.NotFound) {
				w.t.Errorf("%.60q: %v", bad, err)
			}
		}
		if c, err := w.c.Look(w.t.Context(), token); err != nil || !c.OptedOut {
			w.t.Errorf("after the forgeries: %+v %v", c, err)
		}
		if c, err := w.c.Look(w.t.Context(), w.token(message.Email, "jo@acme.example")); err != nil || c.OptedOut {
			w.t.Errorf("somebody else: %+v %v", c, err)
		}
		if c, err := w.c.Choose(w.t.Context(), token, false, t0); err != nil || c.OptedOut || len(w.seen) != 2 {
			w.t.Errorf("taken back: %+v %v", c, err)
		}
	})
}

// What a contact said is on the customer, and can be taken back there, by those who
// may.
func TestTheDeskSeesAndTakesBack(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		if err := w.c.Heard(ctx, message.SMS, "+1 555 010 0001", "twilio", true, t0); err != nil {
			w.t.Fatal(err)
		}
		all, err := w.c.Of(ctx, office, "acme")
		if err != nil || len(all) != 3 {
			w.t.Fatalf("%+v %v", all, err)
		}
		for _, a := range all {
			if a.OptedOut() != (a.Channel == message.SMS) || a.Channel == message.SMS && (a.OptedOutBy != message.ByProvider || !a.Wanted) {
				w.t.Errorf("%+v", a)
			}
		}
		no := false
		if _, err := w.c.Change(ctx, sam, "acme", message.SMS, "+15550100001", consent.Change{OptedOut: &no}, t0); !fault.Is(err, fault.Refused) && !fault.Is(err, fault.NotFound) {
			w.t.Errorf("a stakeholder: %v", err)
		}
		if _, err := w.c.Change(ctx, office, "acme", message.SMS, "+15550109999", consent.Change{OptedOut: &no}, t0); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("a number of nobody: %v", err)
		}
		all, err = w.c.Change(ctx, office, "acme", message.SMS, "+15550100001", consent.Change{OptedOut: &no}, t0)
		if err != nil || all[1].OptedOut() || w.seen[len(w.seen)-1].Actor != "adm" {
			w.t.Errorf("taken back: %+v %v", all, err)
		}
		if _, err := w.c.Of(ctx, office, "nobody"); !fault.Is(err, fault.NotFound) {
			w.t.Errorf("an unknown customer: %v", err)
		}
	})
}

// A report that a mail came back counts only at the address made for that mail.
func TestReportsThatMailCameBack(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.t.Context()
		d := &message.Delivery{Key: "INC-1/m1/email/acme/0", Kind: message.KindMessage, Recipient: "acme", Channel: message.Email, Address: "ida@acme.example", Priority: 2, DueAt: t0, CreatedAt: t0}
		err := w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
			if err := deliveries.Queue(tx, d); err != nil {
				return err
			}
			_, err := deliveries.Claim(tx, deliveries.Lane{From: 0, To: 9}, t0, deliveries.Term{Lease: time.Minute, Shared: t0}, 1)
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		local, domain, _ := strings.Cut(w.c.Bounce(d.ID), "@")
		if domain != "in.example" || len(local) > 64 || !w.c.Known(strings.ToUpper(local)) {
			w.t.Fatalf("address %s@%s", local, domain)
		}
		for _, forged := range []string{"bounce+1-aaaa", local + "a", strings.Replace(local, "bounce+", "bounce+9", 1), "bounce+", "", "bounce+" + d.ID.String()} {
			if err := w.c.Returned(ctx, forged, consent.Report{Failed: true}, t0); !fault.Is(err, fault.NotFound) {
				w.t.Errorf("%q: %v", forged, err)
			}
		}
		for _, r := range []consent.Report{{Detail: "delayed"}, {Failed: true, Detail: "550 5.1.1 no such user"}, {Failed: true, Detail: "again"}} {
			if err := w.c.Returned(ctx, local, r, t0); err != nil {
				w.t.Fatal(err)
			}
		}
		all, err := w.c.Of(ctx, office, "acme")
		if err != nil || !all[0].Bounces() || all[0].Bounce != "550 5.1.1 no such user" || len(w.seen) != 1 || w.seen[0].Data.Outcome != "bounces" {
			w.t.Fatalf("%+v %v, told %+v", all, err, w.seen)
		}
		err = w.db.View(ctx, func(tx *store.Tx) error {
			got, err := deliveries.Get(tx, d.ID)
			if err == nil && got.Confirmation != message.ConfirmedFailed {
				w.t.Errorf("the delivery says %q", got.Confirmation)
			}
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		if err := w.c.Arrived(ctx, d.ID, t0); err != nil {
			w.t.Fatal(err)
		}
		_ = w.db.View(ctx, func(tx *store.Tx) error {
			if s, _ := addresses.Get(tx, message.Email, message.AddressHash(message.Email, "ida@acme.example")); s.Bounces() {
				w.t.Error("it still bounces although a mail has arrived")
			}
			return nil
		})
	})
}
