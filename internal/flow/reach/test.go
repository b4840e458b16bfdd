package reach

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/contacts"
	"allclear/internal/store/deliveries"
)

// Answer is what a provider said to a code or a test page.
type Answer struct {
	Accepted bool
	Kept     bool   // it stayed in the outbox: nothing left the installation
	Text     string // the provider's words, without secrets
	Again    bool   // it may work later
	Gone     bool   // the device is no more, and is forgotten
}

// Test sends a page that asks for nothing to one of the person's contacts, over
// the same way as a real one, and returns what the provider said.
func (r *Reach) Test(ctx context.Context, me Me, channel, address string, now time.Time) (Answer, error) {
	if err := me.may(); err != nil {
		return Answer{}, err
	}
	if err := r.count(me.Person, now); err != nil {
		return Answer{}, err
	}
	var name string
	err := r.view(ctx, func(tx *store.Tx) error {
		p, err := r.person(tx, me.Person)
		if err != nil {
			return err
		}
		name = p.Name
		if !slices.ContainsFunc(catalog.ContactsFor(p, []string{channel}), func(c catalog.Contact) bool { return c.Address == address }) {
			return authz.NotFound("contact", address)
		}
		return nil
	})
	if err != nil {
		return Answer{}, err
	}
	text := "This is how a page reaches you here. Nothing is wrong and nothing has to be answered."
	return r.send(ctx, me.Person, channel, address, plug.Message{
		Kind: plug.Page, Name: name, Subject: "Test page for " + name, Text: text,
	}, text, now)
}

// sendTimeout is shorter than the time a request has.
const sendTimeout = 20 * time.Second

// send carries one message outside the chain, at once and once: whoever asked
// for it waits for the answer. shown is the text that is kept where the message
// has left the installation.
func (r *Reach) send(ctx context.Context, person, channel, address string, m plug.Message, shown string, now time.Time) (Answer, error) {
	ch, ok := r.o.Channels(channel)
	if !ok {
		return Answer{Text: "this installation has no provider for " + channel}, nil
	}
	a := Answer{Kept: r.o.Kept(channel)}
	m.Channel, m.To, m.At = channel, address, now
	m.Key = fmt.Sprintf("test/%s/%s/%d", person, channel, now.UnixMicro())
	m.Data = map[string]any{"key": m.Key, "kind": m.Kind, "recipient": person, "subject": m.Subject, "text": m.Text, "test": true}
	if channel == Push {
		var target string
		err := r.view(ctx, func(tx *store.Tx) error {
			t, err := r.target(tx, address)
			target = t.Reveal()
			return err
		})
		if err != nil {
			return a, err
		}
		if target != "" {
			m.To = target
		}
	}
	out, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	receipt, err := ch.Send(out, m)
	if err != nil {
		f := plug.FailureOf(err)
		a.Text, a.Again, a.Gone = f.Error(), f.Kind != plug.Permanent, f.Gone
	} else {
		a.Accepted, a.Text = true, receipt.Detail
	}
	if a.Kept {
		shown = m.Text
	}
	return a, r.note(ctx, person, address, m, shown, a, now)
}

// note puts what was accepted into the outbox and draws what follows for a
// device.
func (r *Reach) note(ctx context.Context, person, address string, m plug.Message, shown string, a Answer, now time.Time) error {
	return r.update(ctx, func(tx *store.Tx) error {
		id, err := ident.Parse(address)
		device := m.Channel == Push && err == nil
		if device && a.Gone {
			_, _, err := r.forget(tx, id, now)
			return err
		}
		if !a.Accepted {
			return nil
		}
		if device {
			if err := contacts.Succeeded(tx, id, now); err != nil {
				return err
			}
		}
		return deliveries.Record(tx, &message.Delivery{
			Key: m.Key, Kind: message.KindNotice, Recipient: person, Channel: m.Channel, Address: address, Subject: m.Subject, Body: shown,
			Priority: 1, Attempts: 1, DueAt: now, CreatedAt: now, Receipt: a.Text, Headers: message.Headers{Rule: "test", Name: m.Name},
		})
	})
}
