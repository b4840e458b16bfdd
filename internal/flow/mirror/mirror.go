// Package mirror owns the copies of our incidents in an outside incident
// manager that works beside us (INT-PAGERDUTY): it asks for a copy to be brought
// to the present state, and puts on the record what people did to it there. It
// must not page, and what it carries decides nothing here but an
// acknowledgement.
package mirror

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
)

// Options say where copies are kept.
type Options struct {
	Channels []string // of the plug-ins that keep copies; none: the flow does nothing
	URL      string   // of an incident in the console, before its number; may be empty
}

// Mirror keeps copies. Make it with New and wire it before use.
type Mirror struct {
	db      *store.DB
	bus     *jobs.Bus
	catalog func(*store.Tx) (*catalog.Catalog, error)
	o       Options
}

// New returns a mirror.
func New(db *store.DB, bus *jobs.Bus, cat func(*store.Tx) (*catalog.Catalog, error), o Options) *Mirror {
	return &Mirror{db: db, bus: bus, catalog: cat, o: o}
}

// Wire hangs the flow on the bus.
func (m *Mirror) Wire() {
	if len(m.o.Channels) == 0 {
		return
	}
	for _, k := range []event.Kind{
		event.Opened, event.Acknowledged, event.Engaged, event.SeverityChanged, event.Relapsed,
		event.ResolvedKind, event.Dismissed, event.Merged, event.Restricted,
	} {
		m.bus.On(k, m.onChange)
	}
}

// onChange asks for each copy to be brought up to date. What it is brought to is
// read when it is sent, so that retries and overtaking end in the right state.
func (m *Mirror) onChange(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	sent, err := deliveries.Of(tx, message.KindMirror, inc.ID)
	if err != nil {
		return err
	}
	if len(sent) == 0 && !copied(inc) {
		return nil
	}
	if err := deliveries.CancelOf(tx, message.KindMirror, inc.ID, e.RecordedAt, "a later state goes out instead"); err != nil {
		return err
	}
	ds := make([]*message.Delivery, len(m.o.Channels))
	for i, ch := range m.o.Channels {
		ds[i] = &message.Delivery{
			Key:  fmt.Sprintf("%s/mirror/%s/%s", inc.Ref(), ch, e.ID),
			Kind: message.KindMirror, RefID: inc.ID, IncidentID: inc.ID, Recipient: ch, Channel: ch, Address: inc.ServiceID,
			Subject: inc.Ref() + " in " + ch, Body: "copy of the incident's state", Priority: 1, DueAt: e.RecordedAt, CreatedAt: e.RecordedAt,
			Clauses: []string{"PLT-PD-ROUTE"},
		}
	}
	return deliveries.Queue(tx, ds...)
}

// copied reports whether the incident belongs in an outside pager: what pages
// here, and nothing that is restricted (reading 18).
func copied(inc *incident.Incident) bool {
	return inc.Severity.Pages() && !inc.Restricted && inc.Holds(procedure.Unresolved)
}

// Wanted says what a copy is brought to. The sender asks inside the transaction
// that claims it.
func (m *Mirror) Wanted(tx *store.Tx, d *message.Delivery, _ time.Time) (ok bool, why string, err error) {
	inc, err := incidents.Peek(tx, d.IncidentID)
	if err != nil {
		return false, "", err
	}
	c := message.Copy{Incident: inc.Ref(), State: "triggered", Severity: inc.Severity.String(), Service: inc.ServiceID, Title: inc.Title}
	if m.o.URL != "" {
		c.URL = m.o.URL + inc.Ref()
	}
	switch {
	case !copied(inc):
		there, err := m.there(tx, d)
		if err != nil || !there {
			return false, "there is no copy to end", err
		}
		c.State, c.Title = "resolved", message.RestrictedTitle
	case inc.Acked():
		c.State = "acknowledged"
	}
	d.Headers.Copy = c
	return true, "", nil
}

// there reports whether a copy may stand: something was sent before.
func (m *Mirror) there(tx *store.Tx, d *message.Delivery) (bool, error) {
	all, err := deliveries.Of(tx, message.KindMirror, d.RefID)
	if err != nil {
		return false, err
	}
	for _, o := range all {
		if o.ID != d.ID && o.Channel == d.Channel && o.Attempts > 0 {
			return true, nil
		}
	}
	return d.Attempts > 1, nil
}

// Outcome puts an attempt on the record.
func (m *Mirror) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	inc, err := incidents.Peek(tx, d.IncidentID)
	if err != nil {
		return err
	}
	k, outcome, text := event.Delivered, "sent", d.Receipt
	switch d.State {
	case message.Failed:
		k, outcome, text = event.Undelivered, "failed", d.LastError
	case message.Queued:
		k, outcome, text = event.Undelivered, "retry", d.LastError
	case message.Accepted, message.Attempting, message.Cancelled:
	}
	return m.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: k, Source: "mirror", Restricted: inc.Restricted,
		Data: event.Data{To: d.Recipient, Channel: d.Channel, Outcome: outcome, Text: text, Clauses: d.Clauses, Ref: d.ID.String(), Phase: d.Kind, Number: inc.Number},
	})
}

// Word is what somebody did to a copy, as its keeper told.
type Word struct {
	Incident int64  // number
	Acked    bool   // acknowledged there
	By       string // name or mail address there; empty: unknown
	Text     string
}

// Tell puts a word on the timeline; an acknowledgement there counts like one
// here (reading 13). Words about incidents that have no copy on the channel are
// fault.NotFound: their number was guessed.
func (m *Mirror) Tell(ctx context.Context, channel string, w Word, now time.Time) error {
	return m.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, w.Incident)
		if err != nil {
			return err
		}
		if ok, err := m.kept(tx, inc, channel); err != nil || !ok {
			return notKept(err)
		}
		who, err := m.who(tx, channel, w.By)
		if err != nil {
			return err
		}
		note := event.Event{IncidentID: inc.ID, Kind: event.Noted, Actor: who, Source: channel, Data: event.Data{Text: w.Text, Owner: who, Clauses: []string{"PLT-PD-ROUTE"}, Number: inc.Number}}
		if err := m.bus.Emit(tx, now, note); err != nil {
			return err
		}
		if !w.Acked || inc.Acked() || !inc.Holds(procedure.Unresolved) {
			return nil
		}
		return m.bus.Emit(tx, now, event.Event{IncidentID: inc.ID, Kind: event.AlertAcked, Actor: who, Source: channel, Data: event.Data{Owner: who, Number: inc.Number}})
	})
}

func notKept(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.NotFound, "there is no such copy")
}

func (m *Mirror) kept(tx *store.Tx, inc *incident.Incident, channel string) (bool, error) {
	if inc.Restricted {
		return false, nil
	}
	all, err := deliveries.Of(tx, message.KindMirror, inc.ID)
	if err != nil {
		return false, err
	}
	for _, d := range all {
		if d.Channel == channel && d.Attempts > 0 {
			return true, nil
		}
	}
	return false, nil
}

// who is the one person of that name or mail address, else the channel itself:
// nobody is given a command over a likeness of names.
func (m *Mirror) who(tx *store.Tx, channel, by string) (string, error) {
	cat, err := m.catalog(tx)
	if err != nil {
		return "", err
	}
	if id, ok := cat.Named(by); ok {
		return id, nil
	}
	return "source:" + channel, nil
}
