package paging

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/pages"
	"allclear/internal/store/timers"
)

// TimerRung brings the next rung of a page; its ref is the page's id.
const TimerRung = "rung"

// plan fixes how the page climbs to the person. Quiet hours hold a page of low
// urgency back as a whole, but never word of what could not be delivered.
func (s *scene) plan(page *message.Page) {
	p, urgency := s.cat.People[page.To], page.Urgency()
	if strings.HasPrefix(page.Reason, fallbackReason) {
		urgency = catalog.High
	}
	page.Ladder = catalog.Ladder(p, urgency, s.proc.Paging.Channels)
	if len(page.Ladder) == 0 {
		return
	}
	page.Channel = page.Ladder[0].Channel
	until, quiet := p.QuietUntil(s.now)
	if !quiet || urgency == catalog.High {
		return
	}
	for i := range page.Ladder {
		page.Ladder[i].After += until.Sub(s.now)
	}
}

// send queues the page on its present rung, once (INV-P1).
func (s *scene) send(page *message.Page, due time.Time) error {
	r := page.Ladder[page.Rung]
	return deliveries.Queue(s.tx, &message.Delivery{
		Key:  fmt.Sprintf("%s/%s/step%d/round%d/%s/%s/%d", s.inc.Ref(), page.Reason, page.Step, page.Round, page.To, r.Channel, page.Rung+1),
		Kind: message.KindPage, RefID: page.ID, IncidentID: s.inc.ID, Recipient: page.To, Channel: r.Channel, Address: r.Address,
		Subject: page.Subject, Body: page.Body, Priority: 0, DueAt: due, CreatedAt: s.now, Clauses: page.Clauses,
		Headers: message.Headers{Rule: page.Reason, Name: s.name(page.To), Rung: page.Rung},
	})
}

// climbRung goes to the person's next rung; ok is false when none is left.
func (s *scene) climbRung(page *message.Page) (ok bool, err error) {
	p, order := s.cat.People[page.To], s.proc.Paging.Channels
	if len(page.Ladder) == 0 { // opened by an earlier version
		page.Ladder = catalog.Ladder(p, page.Urgency(), order)
	}
	ladder, ok := catalog.Mend(page.Ladder, page.Rung+1, p, order)
	if !ok || page.Rung+1 >= len(ladder) {
		return false, nil
	}
	page.Ladder = ladder
	page.Rung++
	page.Channel = ladder[page.Rung].Channel
	if err := pages.Update(s.tx, page); err != nil {
		return false, err
	}
	if err := s.send(page, s.now); err != nil {
		return false, err
	}
	if page.Rung+1 < len(ladder) && ladder[page.Rung].Beside(ladder[page.Rung+1]) {
		_, err = s.climbRung(page)
	}
	return true, err
}

// rise sends the rungs whose time has come and waits for the next. A rung that
// was brought forward is behind the page already, so none is sent twice.
func (s *scene) rise(page *message.Page) error {
	for page.Rung+1 < len(page.Ladder) {
		next := page.Ladder[page.Rung+1]
		if next.Spare {
			return nil
		}
		if due := page.At.Add(next.After); due.After(s.now) {
			return timers.Set(s.tx, timers.Timer{Kind: TimerRung, Ref: page.ID.String(), IncidentID: s.inc.ID, DueAt: due}, s.now)
		}
		if ok, err := s.climbRung(page); err != nil || !ok {
			return err
		}
	}
	return nil
}

func (p *Paging) rungDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	page, err := p.page(tx, id)
	if err != nil || !page.Waiting() {
		return err
	}
	s, err := p.scene(tx, page.IncidentID, now)
	if err != nil || !s.inc.Holds(procedure.Unresolved) {
		return err
	}
	return s.rise(page)
}

// rungFailed brings the next rung forward at once. The page is given up when
// none is left and no other has its first tries before it.
func (s *scene) rungFailed(page *message.Page, d *message.Delivery) error {
	all, err := deliveries.Of(s.tx, message.KindPage, page.ID)
	if err != nil || s.carriedBy(all, d) {
		return err
	}
	if d.Headers.Rung == page.Rung || !s.timed(page) {
		climbed, err := s.climbRung(page)
		if err != nil || climbed || page.State == message.PageSent {
			return err // where a provider has it, another's refusal ends nothing
		}
	}
	if page.State == message.PageSent || slices.ContainsFunc(all, func(o *message.Delivery) bool {
		return (o.State == message.Queued || o.State == message.Attempting) && o.Attempts < triesPerChannel
	}) {
		return nil
	}
	return s.undeliverable(page, "no channel to "+s.name(page.To)+" is left: "+d.LastError)
}

// timed reports whether the page has rungs with a time of their own: then one
// that fails after a later one has begun brings nothing forward.
func (s *scene) timed(page *message.Page) bool {
	return slices.ContainsFunc(page.Ladder, func(r catalog.Rung) bool { return !r.Spare && r.After > page.Ladder[0].After })
}
