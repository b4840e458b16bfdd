package partners

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/partner"
	"allclear/internal/store"
	"allclear/internal/store/cases"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
	"allclear/internal/store/timers"
)

// onRestricted engages the partners that are to be when an incident becomes restricted
// (ESC-EXT-LEGAL): a record with a time by which they are engaged, and a mail that says
// no more than that they are needed.
func (p *Partners) onRestricted(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	s, err := p.scene(tx, software(), authz.Respond, inc, e.RecordedAt)
	if err != nil {
		return err
	}
	all, err := cases.Of(tx, inc.ID)
	if err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(s.cat.Partners)) {
		of := s.cat.Partners[id]
		engaged := slices.ContainsFunc(all, func(c *partner.Case) bool { return c.Partner == id && c.Kind == partner.Engagement })
		if of.Engage != catalog.EngageRestricted || engaged {
			continue
		}
		if err := s.engage(&of); err != nil {
			return err
		}
	}
	return nil
}

func (s *scene) engage(of *catalog.Partner) error {
	c := &partner.Case{
		Incident: s.inc.ID, Partner: of.ID, Kind: partner.Engagement, State: partner.ToOpen,
		Record: partner.Record{Subject: "Engage " + of.Name, Urgency: s.inc.Severity.String(), By: s.a.ID, At: s.now, DueAt: s.now.Add(of.EngageWithin())},
	}
	if err := s.begin(c, &Ask{}); err != nil || of.Email == "" {
		return err
	}
	return deliveries.Queue(s.tx, &message.Delivery{
		Key: fmt.Sprintf("%s/engage/%s", s.inc.Ref(), c.ID), Kind: message.KindEngage, RefID: c.ID, IncidentID: s.inc.ID, Recipient: of.ID, Channel: "email", Address: of.Email,
		Subject: s.inc.Ref() + ": please call", Priority: 1, DueAt: s.now, CreatedAt: s.now, Clauses: []string{"ESC-EXT-LEGAL"}, Headers: message.Headers{Name: of.Name},
		Body: "We ask for your support in the matter " + s.inc.Ref() + ". Please call our security team on duty; this mail says nothing about it on purpose.",
	})
}

// mailed puts what became of the mail on the record.
func (s *scene) mailed(c *partner.Case, d *message.Delivery) error {
	switch d.State {
	case message.Accepted:
		return s.tell(event.CaseTold, c, "a mail asks for a call")
	case message.Failed:
		return s.tell(event.CaseFailed, c, "no mail could be sent: "+d.LastError+". "+s.byHand(c))
	case message.Queued, message.Attempting, message.Cancelled:
	}
	return nil
}

// watch has a case that must be open by a time looked at then.
func (s *scene) watch(c *partner.Case) error {
	if c.DueAt.IsZero() || !c.LateAt.IsZero() {
		return nil
	}
	return timers.Set(s.tx, timers.Timer{Kind: TimerLate, Ref: c.ID.String(), IncidentID: s.inc.ID, DueAt: c.DueAt}, s.now)
}

// late tells that nobody has engaged a partner in time: on the timeline, and to
// whoever commands and those that the partner names.
func (p *Partners) late(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	c, err := cases.Take(tx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || c.State != partner.Asked && c.State != partner.ToOpen {
		return err
	}
	inc, err := incidents.Peek(tx, c.Incident)
	if err != nil || !inc.Status.Open() {
		return err
	}
	s, err := p.scene(tx, software(), authz.Respond, inc, now)
	if err != nil {
		return err
	}
	c.LateAt = now
	if err := cases.Save(tx, c); err != nil {
		return err
	}
	text := fmt.Sprintf("not engaged by %s. %s", c.DueAt.UTC().Format("15:04 MST"), s.byHand(c))
	if err := s.tell(event.CaseLate, c, text); err != nil {
		return err
	}
	of := s.cat.Partners[c.Partner]
	return p.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: event.NoticeWanted, Actor: s.a.ID, Source: s.a.Via, Restricted: inc.Restricted,
		Data: event.Data{
			Rule: "case_late:" + c.ID.String(), Targets: append([]string{"commander"}, of.Privy...), Subject: inc.Ref() + ": " + s.name(c) + " is not engaged",
			Text: s.name(c) + " should have been engaged by now. " + s.byHand(c) + ", and write the number down.", Clauses: []string{"ESC-EXT-LEGAL"}, Number: inc.Number,
		},
	})
}
