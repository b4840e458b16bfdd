package story

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	domain "allclear/internal/domain/outreach"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/consent"
	"allclear/internal/flow/outreach"
	"allclear/internal/flow/told"
)

// What the desk of messages does, and what people do by hand.

// CopiedTo names a channel that keeps a copy of the status page.
func CopiedTo(channel string) Setup {
	return func(p *plan) { p.copies = append(p.copies, channel) }
}

// ByHand names channels to the public that no integration serves.
func ByHand(channels ...string) Setup {
	return func(p *plan) { p.byHand = append(p.byHand, channels...) }
}

// MessagesOf are the incident's messages, oldest first, that a rule asked for or that
// have the words in them.
func (w *World) MessagesOf(rule string) (out []*comms.View) {
	w.Helper()
	all, err := w.e.Comms.List(w.Context(), as("ana"), w.number())
	if err != nil {
		w.Fatal(err)
	}
	for _, m := range all {
		if rule == "" || m.Purpose == rule {
			out = append(out, m)
		}
	}
	return out
}

// Waits is the one message of a rule that waits for approval.
func (w *World) Waits(rule string) *comms.View {
	w.Helper()
	all := slices.DeleteFunc(w.MessagesOf(rule), func(m *comms.View) bool { return !m.Waiting() })
	if len(all) != 1 {
		w.Fatalf("at %s %d messages of %s wait for approval", w.Since(), len(all), rule)
	}
	return all[0]
}

// Compose has somebody write a draft.
func (w *World) Compose(by string, c message.Content) (*comms.View, error) {
	w.Helper()
	v, err := w.e.Comms.Draft(w.Context(), as(by), w.number(), c, w.now)
	w.tick()
	return v, err
}

// Rewrite has somebody change a draft.
func (w *World) Rewrite(by string, m *comms.View, text string) *comms.View {
	w.Helper()
	v, err := w.e.Comms.Edit(w.Context(), as(by), m.ID, message.Content{Text: text}, w.now)
	w.must(err)
	return v
}

// ApproveText has somebody approve what was read.
func (w *World) ApproveText(by string, m *comms.View) error {
	w.Helper()
	_, err := w.e.Comms.Approve(w.Context(), as(by), m.ID, m.Hash, w.now)
	return err
}

// Send has somebody approve and publish what was read.
func (w *World) Send(by string, m *comms.View) error {
	w.Helper()
	if err := w.ApproveText(by, m); err != nil {
		return err
	}
	_, err := w.e.Comms.Publish(w.Context(), as(by), m.ID, w.now)
	w.tick()
	return err
}

// Schedule has a message go out at an offset from the start.
func (w *World) Schedule(by string, m *comms.View, at time.Duration) error {
	w.Helper()
	_, err := w.e.Comms.Schedule(w.Context(), as(by), m.ID, w.start.Add(at), w.now)
	return err
}

// Proof is what a text would become.
func (w *World) Proof(by string, c message.Content) (*comms.Proof, error) {
	w.Helper()
	return w.e.Comms.Proof(w.Context(), as(by), w.number(), c, w.now)
}

// Contacts is whom people tell by hand.
func (w *World) Contacts() outreach.Board {
	w.Helper()
	b, err := w.e.Outreach.Of(w.Context(), as("ana"), w.number(), w.now)
	if err != nil {
		w.Fatal(err)
	}
	return b
}

// ContactsOf are those of a rule or kind.
func (w *World) ContactsOf(list string) (out []*domain.Contact) {
	w.Helper()
	for _, c := range w.Contacts().Contacts {
		if c.List == list || string(c.Kind) == list {
			out = append(out, c)
		}
	}
	return out
}

// Called writes down what came of a try.
func (w *World) Called(by string, c *domain.Contact, outcome, note, url string) error {
	w.Helper()
	_, err := w.e.Outreach.Record(w.Context(), as(by), c.ID, domain.Try{Outcome: outcome, Note: note, URL: url}, w.now)
	w.tick()
	return err
}

// HeardFrom writes down somebody of the press or an analyst.
func (w *World) HeardFrom(by string, c domain.Contact) (*domain.Contact, error) {
	w.Helper()
	out, err := w.e.Outreach.Add(w.Context(), as(by), w.number(), c, w.now)
	return out, err
}

// InTime is who was told in time.
func (w *World) InTime() *told.Report {
	w.Helper()
	r, err := w.e.Told.Of(w.Context(), as("ana"), w.number(), w.now)
	if err != nil {
		w.Fatal(err)
	}
	return r
}

// InTimeThisMonth is the same for the month of the story.
func (w *World) InTimeThisMonth() *told.Month {
	w.Helper()
	m, err := w.e.Told.Month(w.Context(), as("ana"), w.now, w.now)
	if err != nil {
		w.Fatal(err)
	}
	return m
}

// Customers are those of the demonstration that a story has.
func Customers() (out []catalog.Customer) {
	for _, e := range company(customers) {
		if k, ok := e.(catalog.Customer); ok {
			out = append(out, k)
		}
	}
	return out
}

// Serve is an outside system on loopback until the story ends.
func Serve(w *World, h http.Handler) string {
	srv := httptest.NewServer(h)
	w.Cleanup(srv.Close)
	return srv.URL
}

// With are those with the words, oldest first.
func (b Box) With(words string) (out []Sent) {
	for _, s := range b.list {
		if strings.Contains(s.Text, words) {
			out = append(out, s)
		}
	}
	return out
}

// Consent is who keeps what customers say of being told.
func (w *World) Consent() *consent.Consent { return w.e.Consent }
