package comms

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
)

// outside makes links that a test can read, and keeps who was refused.
type outside struct{ refused []string }

func (o *outside) Link(channel, address string) string {
	return "https://status.example/u/" + channel + "-" + address
}
func (o *outside) Bounce(d ident.ID) string { return "bounce+" + d.String() + "@in.example" }
func (o *outside) Refused(_ *store.Tx, d *message.Delivery, _ time.Time) error {
	o.refused = append(o.refused, d.Address)
	return nil
}

func (w *world) declines(channel, address string, at time.Time) {
	w.update(func(tx *store.Tx) error {
		return addresses.Save(tx, message.Standing{Channel: channel, Hash: message.AddressHash(channel, address), OptedOutAt: at, OptedOutBy: message.ByReader}, t0)
	})
}

func (w *world) addressed(m *message.Message) (out []string) {
	for _, d := range w.outbox(m) {
		if message.Personal(d.Channel) {
			out = append(out, d.Channel+" "+d.Address)
		}
	}
	slices.Sort(out)
	return out
}

// Who wants no messages gets none, on that channel alone; what Legal has let out and
// what is contractual goes to them all the same.
//
// Clauses: INT-EMAIL-MASS, PLT-CN-SMS
func TestWhoDeclinedGetsWhatIsBindingAlone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.declines(message.Email, "A2@C.example", t0)
		inc := w.incident(nil)
		w.want(inc, t0, mailed)
		m := w.of(inc)[0]
		if got := w.addressed(m); !slices.Equal(got, []string{"email a1@c.example", "email b1@c.example", "email c1@c.example", "sms +15550100"}) || m.OptedOut != 1 || m.Recipients != 4 {
			t.Errorf("%q, %d opted out", got, m.OptedOut)
		}
		w.want(inc, t0, func(d *event.Data) { mailed(d); d.Rule, d.Contractual = "breach", true })
		if m := w.of(inc)[1]; len(w.addressed(m)) != 5 || m.OptedOut != 0 || !m.Binding() {
			t.Errorf("a contractual notice: %q", w.addressed(m))
		}
		secret := w.incident(func(i *incident.Incident) { i.Restricted, i.GroupKey, i.Circle = true, "secret", []string{"lea.law"} })
		w.want(secret, t0, mailed)
		draft := w.of(secret)[0]
		lea := lea
		lea.Role = office.Role
		if _, err := w.c.Approve(t.Context(), lea, draft.ID, draft.Hash(), t0); err != nil {
			t.Fatal(err)
		}
		if _, err := w.c.Publish(t.Context(), lea, draft.ID, t0); err != nil {
			t.Fatal(err)
		}
		if m := w.of(secret)[0]; len(w.addressed(m)) != 5 || !m.Legal {
			t.Errorf("what Legal let out: %q", w.addressed(m))
		}
	})
}

// Who declines after a message was published and before it is sent gets it no more;
// each mail says how to end them, with a link for its reader alone that the outbox
// does not keep.
//
// Clauses: INT-EMAIL-MASS
func TestMailSaysHowToEndIt(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		out := &outside{}
		w.c.Outside = out
		inc := w.incident(nil)
		w.want(inc, t0, mailed)
		w.declines(message.Email, "c1@c.example", t0)
		w.send(t0)
		var mails int
		for _, d := range w.sent {
			if d.Channel != message.Email {
				if len(d.Headers.Headers) != 0 || strings.Contains(d.Body, "/u/") {
					t.Errorf("%s has a link: %s", d.Channel, text(d))
				}
				continue
			}
			mails++
			link := "https://status.example/u/email-" + d.Address
			if d.Headers.Headers["List-Unsubscribe"] != "<"+link+">" || d.Headers.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || strings.Count(d.Body, link) != 1 || d.Headers.Bounce != "bounce+"+d.ID.String()+"@in.example" {
				t.Errorf("to %s: %s", d.Address, text(d))
			}
		}
		if mails != 3 {
			t.Errorf("%d mails", mails)
		}
		for _, d := range w.outbox(w.of(inc)[0]) {
			if strings.Contains(text(d), "/u/") {
				t.Errorf("the outbox keeps a link: %s", text(d))
			}
			if d.Address == "c1@c.example" && (d.State != message.Cancelled || !strings.Contains(d.LastError, "no more")) {
				t.Errorf("who declined meanwhile: %s", text(d))
			}
		}
	})
}

// Text messages go out for a P1 alone, to contacts that name the channel, and no more
// of them than an incident may send.
//
// Clauses: PLT-CN-SMS
func TestTextMessagesAreForP1AndBounded(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		sms := func(d *event.Data) { mailed(d); d.Channels = []string{message.SMS} }
		low := w.incident(func(i *incident.Incident) { i.Severity, i.Highest, i.GroupKey = procedure.P2, procedure.P2, "low" })
		w.want(low, t0, sms) // nobody would get it: there is nothing to keep
		w.want(low, t0, func(d *event.Data) { mailed(d); d.Rule = "beside mail" })
		if all := w.of(low); len(all) != 1 || slices.ContainsFunc(w.addressed(all[0]), func(to string) bool { return strings.HasPrefix(to, "sms ") }) {
			t.Errorf("a P2 texts: %s", text(all))
		}
		many := catalog.Customer{ID: "dune", Name: "Dune", Tier: catalog.Standard, Region: "eu", Products: []string{"svc1"}}
		for range 5 {
			many.Contacts = append(many.Contacts, catalog.CustomerContact{Name: "D", Phone: "+15550199", Channels: []string{"sms"}}, catalog.CustomerContact{Name: "E", Phone: "+15550198", Channels: []string{"email"}})
		}
		w.cat = people(many)
		w.c.MostSMS = 8
		inc := w.incident(nil)
		for i, want := range []struct{ sent, beyond int }{{6, 0}, {2, 4}, {0, 6}} {
			w.want(inc, t0, func(d *event.Data) { sms(d); d.Round = i })
			if m := w.of(inc)[i]; len(w.addressed(m)) != want.sent || m.Beyond != want.beyond {
				t.Errorf("message %d: %d texts, %d left out", i, len(w.addressed(m)), m.Beyond)
			}
		}
	})
}

// An address that takes no mail is told once, as such.
func TestARefusedAddressIsTold(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		out := &outside{}
		w.c.Outside = out
		inc := w.incident(nil)
		w.want(inc, t0, mailed)
		for _, d := range w.outbox(w.of(inc)[0]) {
			d.State, d.Gone = message.Failed, d.Address == "b1@c.example"
			w.update(func(tx *store.Tx) error { return w.c.Outcome(tx, d, t0) })
		}
		if !slices.Equal(out.refused, []string{"b1@c.example"}) {
			t.Errorf("told %q", out.refused)
		}
	})
}
