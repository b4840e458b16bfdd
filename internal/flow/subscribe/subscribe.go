// Package subscribe owns telling those who subscribed to the status page
// (PLT-SP-SUBS): it lets an address be entered and confirmed, keeps how often that
// may be tried, makes one delivery for each subscriber and published update, and
// forgets whoever asks for it. It must not write a word of its own about an
// incident, nor say to anybody whether an address is known.
package subscribe

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/subscription"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/messages"
	"allclear/internal/store/subscribers"
	"allclear/internal/store/timers"
)

// Options are what the flow stands on.
type Options struct {
	Key  []byte // signs links and codes; without it nobody can subscribe
	Name string // of the status page
	URL  string // its public address, without a trailing slash
	// Offered lists the components of the page.
	Offered func(tx *store.Tx) ([]message.Component, error)
	// Told is what a published message said on its page; ok is false for none.
	Told func(tx *store.Tx, id ident.ID) (n subscription.Notice, ok bool, err error)
	// ToldWork is the same of announced work, by its public id.
	ToldWork func(tx *store.Tx, id string) (n subscription.Notice, ok bool, err error)
	// Tenant is whose private page has the token in its address.
	Tenant func(tx *store.Tx, token string) (customer string, ok bool, err error)
	Usable func(channel string) bool
	// SMSPerDay is how many text messages with codes may go out in a day; 0: 200.
	// Updates to confirmed numbers are not among them.
	SMSPerDay int
}

// Subscribe is safe for concurrent use. Make it with New.
type Subscribe struct {
	db   *store.DB
	bus  *jobs.Bus
	o    Options
	sign subscription.Signer
	hint chan struct{}
}

// timerExpires forgets a subscription that nobody has confirmed.
const timerExpires = "subscription.expires"

// New returns the flow; Wire connects it to the others.
func New(db *store.DB, bus *jobs.Bus, o Options) *Subscribe {
	if o.SMSPerDay == 0 {
		o.SMSPerDay = 200
	}
	return &Subscribe{db: db, bus: bus, o: o, sign: subscription.Signer{Key: o.Key}, hint: make(chan struct{}, 1)}
}

// Wire makes the flow hear of what is published, and of private pages that end.
func (s *Subscribe) Wire(t *jobs.Timers) {
	s.bus.On(event.MessagePublished, s.onPublished)
	s.bus.On(event.MaintenanceTold, s.onMaintenance)
	s.bus.On(event.TenantPageSet, s.onTenantPage)
	t.Handle(timerExpires, s.expires)
}

// wire is the name under which a channel is served to subscribers. Posts to their
// endpoints are signed with a key of each, so they are no matter of the
// installation's own webhook.
func wire(c subscription.Channel) string {
	switch c {
	case subscription.Webhook:
		return "status_webhook"
	case subscription.SMS:
		return message.SMS
	case subscription.Email:
	}
	return message.Email
}

// Open lists the ways on which somebody can be told.
func (s *Subscribe) Open() (out []subscription.Channel) {
	if len(s.o.Key) == 0 {
		return nil
	}
	for _, c := range subscription.Channels {
		if s.o.Usable(wire(c)) {
			out = append(out, c)
		}
	}
	return out
}

func (s *Subscribe) expires(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	sub, err := subscribers.Get(tx, id)
	if err != nil || sub == nil || sub.State != subscription.Pending {
		return err
	}
	if sub.ExpiresAt.After(now) {
		return s.await(tx, sub, now)
	}
	_, err = subscribers.Delete(tx, id)
	return err
}

func (s *Subscribe) await(tx *store.Tx, sub *subscription.Subscriber, now time.Time) error {
	at := sub.ExpiresAt
	if at.IsZero() {
		at = now
	}
	return timers.Set(tx, timers.Timer{Kind: timerExpires, Ref: sub.ID.String(), DueAt: at}, now)
}

// onTenantPage ends the subscriptions of a private page with its address: whoever
// was told the old one is not told of the new one.
func (s *Subscribe) onTenantPage(tx *store.Tx, e *event.Event) error {
	_, err := subscribers.DeleteOf(tx, e.Data.Subject)
	return err
}

// page is the status page as letters name it.
func (s *Subscribe) page(tx *store.Tx) (subscription.Page, error) {
	born, _, err := messages.PageBirth(tx)
	return subscription.Page{ID: born.PageID, Name: s.o.Name, URL: s.o.URL}, err
}

func (s *Subscribe) links(sub *subscription.Subscriber) subscription.Links {
	at := func(p subscription.Purpose) string {
		return s.o.URL + "/subscriptions/" + string(p) + "/" + s.sign.Token(p, sub.ID).Reveal()
	}
	return subscription.Links{
		Confirm: at(subscription.ToConfirm), Manage: at(subscription.ToManage), End: at(subscription.ToEnd), Code: s.sign.Code(sub.ID, sub.Asks),
	}
}

// emit puts on the record what became of a subscription, without its address.
func (s *Subscribe) emit(tx *store.Tx, a authz.Actor, sub *subscription.Subscriber, outcome string, now time.Time) error {
	return s.bus.Emit(tx, now, event.Event{Kind: event.SubscriberSet, Actor: a.ID, Source: a.Via, Data: event.Data{
		Ref: sub.ID.String(), Channel: string(sub.Channel), Subject: sub.Page, Outcome: outcome, Text: "a subscription by " + string(sub.Channel) + " was " + outcome,
	}})
}

func (s *Subscribe) offeredIDs(tx *store.Tx) ([]string, error) {
	all, err := s.o.Offered(tx)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(all))
	for i, c := range all {
		ids[i] = c.ID
	}
	return ids, nil
}

// Offer is what a form of the page shows.
type Offer struct {
	Channels   []subscription.Channel
	Components []message.Component
}

// Offered is what can be subscribed to, and how.
func (s *Subscribe) Offered(ctx context.Context) (o Offer, err error) {
	o.Channels = s.Open()
	err = s.db.View(ctx, func(tx *store.Tx) error {
		o.Components, err = s.o.Offered(tx)
		return err
	})
	return o, err
}

// usable refuses a way that nobody serves.
func (s *Subscribe) usable(c subscription.Channel) error {
	open := s.Open()
	if slices.Contains(open, c) {
		return nil
	}
	names := make([]string, len(open))
	for i, o := range open {
		names[i] = string(o)
	}
	if len(names) == 0 {
		return fault.New(fault.Unavailable, "subscribe: nobody can subscribe here; follow a feed instead")
	}
	return fault.New(fault.Invalid, "subscribe: there is no such way").With("channel", "use "+strings.Join(names, ", "))
}
