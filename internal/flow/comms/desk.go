package comms

import (
	"cmp"
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/messages"
	"allclear/internal/store/notices"
)

// View is a message as people read it.
type View struct {
	message.Message
	Incident   int64                         `json:"incident"` // number
	Hash       string                        `json:"hash"`     // what an approval is bound to
	Warnings   []string                      `json:"warnings,omitempty"`
	UsersTold  int                           `json:"users_told"` // in the product
	Words      string                        `json:"words"`      // as readers get them, but for their names
	Deliveries map[message.DeliveryState]int `json:"deliveries,omitempty"`
}

// Draft writes a message that waits for approval. Empty parts of the content
// are filled in: the audience customers, its usual channels, the page's word
// for where the incident is.
func (c *Comms) Draft(ctx context.Context, a authz.Actor, number int64, content message.Content, now time.Time) (*View, error) {
	return c.onIncident(ctx, a, authz.Draft, number, func(tx *store.Tx, inc *incident.Incident, _ *catalog.Catalog) (*message.Message, error) {
		return c.write(tx, inc, a, content, now)
	})
}

// Update writes a message and, with publish set, approves and publishes it in
// the same transaction.
func (c *Comms) Update(ctx context.Context, a authz.Actor, number int64, content message.Content, publish bool, now time.Time) (*View, error) {
	verb := authz.Draft
	if publish {
		verb = authz.Communicate
	}
	return c.onIncident(ctx, a, verb, number, func(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog) (*message.Message, error) {
		m, err := c.write(tx, inc, a, content, now)
		if err != nil || !publish {
			return m, err
		}
		if err := c.approve(tx, inc, cat, m, a, m.Hash(), now); err != nil {
			return nil, err
		}
		return m, c.release(tx, inc, cat, m, a, now)
	})
}

// Edit changes a message that waits and voids its approval; empty parts of the
// content keep what they were.
func (c *Comms) Edit(ctx context.Context, a authz.Actor, id ident.ID, content message.Content, now time.Time) (*View, error) {
	return c.onMessage(ctx, a, authz.Draft, id, func(tx *store.Tx, inc *incident.Incident, _ *catalog.Catalog, m *message.Message) error {
		if m.State == message.Approved && authz.Can(a, authz.Communicate, authz.Resource{}) != nil {
			return fault.New(fault.Conflict, "the message is approved: who approves messages changes it now")
		}
		content := message.Content{
			Audience: cmp.Or(content.Audience, m.Audience), Status: cmp.Or(content.Status, m.Status),
			Subject: cmp.Or(content.Subject, m.Subject), Text: cmp.Or(content.Text, m.Text), Channels: content.Channels,
			Corrects: m.Corrects, Retracts: m.Retracts,
		}
		if len(content.Channels) == 0 {
			content.Channels = m.Channels
		}
		if err := c.fill(tx, inc, &content, now); err != nil {
			return err
		}
		if err := m.Edit(content); err != nil {
			return err
		}
		if err := messages.Update(tx, m); err != nil {
			return err
		}
		return c.emit(tx, now, event.MessageDrafted, inc, m, a.ID, a.Via, func(d *event.Data) { d.Outcome = "edited" })
	})
}

// Approve releases the text whose hash the approver read; an empty hash means
// the present text. It sends nothing.
func (c *Comms) Approve(ctx context.Context, a authz.Actor, id ident.ID, hash string, now time.Time) (*View, error) {
	return c.onMessage(ctx, a, authz.Communicate, id, func(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message) error {
		return c.approve(tx, inc, cat, m, a, hash, now)
	})
}

// Publish lets an approved message out.
func (c *Comms) Publish(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (*View, error) {
	return c.onMessage(ctx, a, authz.Communicate, id, func(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message) error {
		return c.release(tx, inc, cat, m, a, now)
	})
}

// Cancel takes a message back that has not gone out.
func (c *Comms) Cancel(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time) (*View, error) {
	return c.onMessage(ctx, a, authz.Communicate, id, func(tx *store.Tx, inc *incident.Incident, _ *catalog.Catalog, m *message.Message) error {
		return c.discard(tx, inc, m, a.ID, a.Via, reason, now)
	})
}

// List returns an incident's messages, oldest first.
func (c *Comms) List(ctx context.Context, a authz.Actor, number int64) (out []*View, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		inc, err := c.open(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		ms, err := messages.Of(tx, inc.ID)
		if err != nil {
			return err
		}
		out = make([]*View, 0, len(ms))
		for _, m := range ms {
			v, err := view(tx, inc, cat, m)
			if err != nil {
				return err
			}
			out = append(out, v)
		}
		return nil
	})
	return out, err
}

// Get returns one message.
func (c *Comms) Get(ctx context.Context, a authz.Actor, id ident.ID) (v *View, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		m, inc, err := c.find(tx, a, authz.Read, id)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		v, err = view(tx, inc, cat, m)
		return err
	})
	return v, err
}

// write files a person's draft.
func (c *Comms) write(tx *store.Tx, inc *incident.Incident, a authz.Actor, content message.Content, now time.Time) (*message.Message, error) {
	m, err := c.compose(tx, inc, a, content, now)
	if err != nil {
		return nil, err
	}
	if err := messages.Insert(tx, m); err != nil {
		return nil, err
	}
	return m, c.emit(tx, now, event.MessageDrafted, inc, m, a.ID, a.Via, func(d *event.Data) {
		if m.Corrects != "" {
			d.Outcome = "corrects " + m.Corrects
		}
	})
}

// compose makes a person's draft without filing it.
func (c *Comms) compose(tx *store.Tx, inc *incident.Incident, a authz.Actor, content message.Content, now time.Time) (*message.Message, error) {
	p, err := messages.PostOf(tx, inc.ID)
	if err != nil {
		return nil, err
	}
	at, err := c.correct(tx, inc, &content)
	if err != nil {
		return nil, err
	}
	content.Audience = cmp.Or(content.Audience, message.Customers)
	if len(content.Channels) == 0 {
		content.Channels = usualChannels(content.Audience)
	}
	if content.Status == "" {
		word := wordFor(inc)
		if p != nil && p.Open() && inc.Status == incident.Investigating {
			word = p.Status() // "identified" is not taken back by an update
		}
		content.Status = string(word)
	}
	if err := c.fill(tx, inc, &content, now); err != nil {
		return nil, err
	}
	if err := content.Validate(); err != nil {
		return nil, err
	}
	return &message.Message{
		IncidentID: inc.ID, Content: content, CorrectsAt: at, Purpose: message.PurposeUpdate, State: message.Draft, Private: inc.Tenant != "",
		Author: a.ID, CreatedAt: now,
	}, nil
}

// usualChannels is where an audience looks.
func usualChannels(audience string) []string {
	switch audience {
	case message.Public:
		return []string{message.StatusPage}
	case message.Customers, message.All:
		return []string{message.StatusPage, message.Email, message.InApp}
	}
	return []string{message.Email}
}

func (c *Comms) approve(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, a authz.Actor, hash string, now time.Time) error {
	legal := speaksForLegal(cat, a.ID)
	if inc.Restricted && !legal {
		return onlyLegal()
	}
	if err := m.Validate(); err != nil {
		return err
	}
	if err := c.ripe(inc, cat, m); err != nil {
		return err
	}
	if err := m.Approve(a.ID, hash); err != nil {
		return err
	}
	m.Legal = legal
	if err := messages.Update(tx, m); err != nil {
		return err
	}
	return c.emit(tx, now, event.MessageApproved, inc, m, a.ID, a.Via, nil)
}

// release publishes for a person. Of a restricted incident only Legal lets
// anything out, and only what Legal approved (reading 18).
func (c *Comms) release(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, a authz.Actor, now time.Time) error {
	if inc.Restricted && !(m.Legal && speaksForLegal(cat, a.ID)) {
		return onlyLegal()
	}
	return c.publish(tx, inc, cat, m, a.ID, a.Via, now)
}

func onlyLegal() error {
	return fault.New(fault.Refused, "the incident is restricted: only Legal (role %s) approves and publishes what leaves it", roleLegal)
}

// onIncident runs a change that writes a new message.
func (c *Comms) onIncident(ctx context.Context, a authz.Actor, verb authz.Verb, number int64, do func(*store.Tx, *incident.Incident, *catalog.Catalog) (*message.Message, error)) (v *View, err error) {
	if err := authz.Can(a, verb, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := c.open(tx, a, verb, number)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		if err := c.mayDraft(tx, inc, cat, a); err != nil {
			return err
		}
		m, err := do(tx, inc, cat)
		if err != nil {
			return err
		}
		v, err = view(tx, inc, cat, m)
		return err
	})
	return v, err
}

// mayDraft lets those write who approve messages, and those in a role that the
// procedure lets draft, such as the content team (ESC-XF-CONTENT).
func (c *Comms) mayDraft(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, a authz.Actor) error {
	err := authz.Can(a, authz.Communicate, authz.Resource{})
	if err == nil {
		return nil
	}
	proc, unread := c.shelf.Get(tx, inc.Procedure)
	if unread != nil {
		return unread
	}
	for _, r := range proc.Roles {
		if r.Drafts && slices.Contains(cat.People[a.ID].Roles, r.ID) {
			return nil
		}
	}
	return err
}

// onMessage runs a change of one message.
func (c *Comms) onMessage(ctx context.Context, a authz.Actor, verb authz.Verb, id ident.ID, do func(*store.Tx, *incident.Incident, *catalog.Catalog, *message.Message) error) (v *View, err error) {
	if err := authz.Can(a, verb, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, m, err := c.take(tx, a, verb, id)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		if err := c.mayDraft(tx, inc, cat, a); err != nil {
			return err
		}
		if err := do(tx, inc, cat, m); err != nil {
			return err
		}
		v, err = view(tx, inc, cat, m)
		return err
	})
	return v, err
}

// view adds what a reader needs to judge a message.
func view(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message) (*View, error) {
	v := &View{Message: *m, Incident: inc.Number, Hash: m.Hash(), Words: m.Words("")}
	if m.Waiting() {
		for _, w := range message.InternalOf(inc, cat).Leaks(m.Subject + "\n" + m.Text) {
			v.Warnings = append(v.Warnings, "names something internal: "+w)
		}
		return v, nil
	}
	counts, err := deliveries.Tally(tx, message.KindMessage, m.ID)
	if v.Deliveries = counts; err != nil || !m.Has(message.InApp) {
		return v, err
	}
	v.UsersTold, err = notices.CountTold(tx, m.ID)
	return v, err
}
