package paging

import (
	"slices"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deadlines"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/pages"
	"allclear/internal/store/timers"
)

// levelResponse is the clock of a person who was paged (reading 12).
const levelResponse = "level_response"

// onPageWanted pages the people a rule or a person names.
func (p *Paging) onPageWanted(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	d := e.Data
	if d.Ref != "" {
		d.Rule += ":" + d.Ref // this time's firing, so that the next one pages again
	}
	ids, _, missing := s.people(d.Targets)
	for _, id := range ids {
		if err := s.open(id, d); err != nil {
			return err
		}
	}
	return s.nobody(missing, d)
}

// open pages one person: the row, the first channel, the level's clock and the
// entry on the record.
func (s *scene) open(person string, d event.Data) error {
	page := &message.Page{
		IncidentID: s.inc.ID, To: person, Reason: d.Rule, Step: d.Step, Round: d.Round, Severity: s.inc.Severity,
		State: message.PageQueued, At: s.now, Subject: d.Subject, Body: s.address(d.Text, person), Clauses: d.Clauses,
	}
	s.plan(page)
	fresh, err := pages.Insert(s.tx, page)
	if err != nil || !fresh {
		return err
	}
	err = s.emit(event.Paged, event.Data{To: person, Channel: page.Channel, Step: d.Step, Round: d.Round, Rule: d.Rule, Clauses: d.Clauses, Subject: d.Subject, Text: d.Text, Ref: page.ID.String(), Answer: d.Answer})
	if err != nil {
		return err
	}
	if len(page.Ladder) == 0 {
		return s.undeliverable(page, s.name(person)+" has no contact that a page can reach")
	}
	if err := s.timeLevel(page); err != nil {
		return err
	}
	if err := s.send(page, page.At.Add(page.Ladder[0].After)); err != nil {
		return err
	}
	return s.rise(page)
}

func (s *scene) address(body, person string) string {
	return strings.ReplaceAll(body, placeName, s.name(person))
}

// timeLevel starts the clock of the person's level, which runs from the page.
func (s *scene) timeLevel(page *message.Page) error {
	level, ok := s.proc.LevelOf(s.cat.People[page.To].Level)
	if !ok || page.Round > 0 {
		return nil
	}
	within, ok := level.Response[s.inc.Severity.String()]
	if !ok {
		return nil
	}
	due := within.From(s.now, s.proc.Calendar())
	d := &deadline.Deadline{
		IncidentID: s.inc.ID, Clock: levelResponse, Subject: page.To, Severity: s.inc.Severity, State: deadline.Pending,
		StartedAt: s.now, WarnAt: s.now.Add(due.Sub(s.now) * 8 / 10), DueAt: due, Clauses: []string{level.Clause},
		Evidence: deadline.Evidence{Ref: page.ID.String()},
	}
	return jobs.Arm(s.tx, d, s.now)
}

// onBreached follows a level that did not answer: the same page on the same
// person's next channel, and a notice to the next step (reading 12).
func (p *Paging) onBreached(tx *store.Tx, e *event.Event) error {
	if e.Data.Clock != levelResponse || e.Data.Outcome != string(deadline.Breached) {
		return nil
	}
	id, err := ident.Parse(e.Data.Ref)
	if err != nil {
		return err
	}
	d, err := deadlines.Get(tx, id)
	if err != nil {
		return err
	}
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil || !s.inc.Holds(procedure.Unresolved) {
		return err
	}
	pageID, err := ident.Parse(d.Evidence.Ref)
	if err != nil {
		return err
	}
	page, err := p.page(tx, pageID)
	if err != nil || !page.Waiting() {
		return err
	}
	if _, err := s.climbRung(page); err != nil {
		return err
	}
	return s.tellNext(page, e.Data.Clauses)
}

func (s *scene) tellNext(page *message.Page, clauses []string) error {
	run, _, err := pages.Chain(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	steps := run.Chain(s.proc).Steps
	if page.Reason != reasonChain || page.Step >= len(steps) {
		return nil
	}
	if _, ok := steps[page.Step].By[s.inc.Severity.String()]; !ok {
		return nil
	}
	subject, body := s.text(s.proc.Paging.LevelText, map[string]string{"name": s.name(page.To)})
	return s.notify(event.Data{Rule: "level", Targets: run.Targets(s.proc, page.Step+1), Subject: subject, Text: body, Clauses: clauses, Ref: page.ID.String(), Step: page.Step + 1})
}

// settle ends a page: what is queued is cancelled, its clock met or waived.
func (s *scene) settle(page *message.Page, state message.PageState, why string) error {
	page.State, page.EndedAt = state, s.now
	if err := pages.Update(s.tx, page); err != nil {
		return err
	}
	if err := timers.Cancel(s.tx, TimerRung, page.ID.String()); err != nil {
		return err
	}
	if err := s.takeBack(page); err != nil {
		return err
	}
	if err := deliveries.CancelOf(s.tx, message.KindPage, page.ID, s.now, why); err != nil {
		return err
	}
	all, err := deadlines.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, d := range all {
		if d.Clock != levelResponse || d.Evidence.Ref != page.ID.String() || !d.Running() {
			continue
		}
		kind := event.DeadlineWaived
		if state == message.PageAcknowledged {
			kind = event.DeadlineMet
			if !d.Meet(s.now, deadline.Evidence{Text: why, Actor: page.To, Ref: page.ID.String()}) {
				kind = event.DeadlineBreached
			}
		} else {
			d.Waive(s.now, why, event.System)
		}
		if err := jobs.Keep(s.tx, d, s.now); err != nil {
			return err
		}
		err := s.emit(kind, event.Data{Clock: d.Clock, Subject: d.Subject, Clauses: d.Clauses, Due: d.DueAt.UnixMicro(), Text: why, Ref: d.ID.String(), Severity: d.Severity.String(), Outcome: string(d.State)})
		if err != nil {
			return err
		}
	}
	return nil
}

// answered records a person's answer; command draws the consequences.
func (s *scene) answered(page *message.Page, by, outcome, via string) error {
	if err := s.settle(page, message.PageAcknowledged, s.name(by)+" answered"); err != nil {
		return err
	}
	return s.p.bus.Emit(s.tx, s.now, event.Event{
		IncidentID: s.inc.ID, Kind: event.PageAnswered, Actor: by, Source: via, Restricted: s.inc.Restricted,
		Data: event.Data{Owner: by, Outcome: outcome, Ref: page.ID.String(), Rule: page.Reason, Step: page.Step, Channel: page.Channel, Clauses: page.Clauses, Number: s.inc.Number},
	})
}

// asksToJoin reports whether the page came from a rule that asks who joins.
func (s *scene) asksToJoin(page *message.Page) bool {
	name, _, _ := strings.Cut(page.Reason, ":")
	i := slices.IndexFunc(s.proc.Rules, func(r procedure.Rule) bool { return r.ID == name })
	return i >= 0 && s.proc.Rules[i].Page != nil && s.proc.Rules[i].Page.Answer == "join"
}

// nobody makes loud that a target names nobody, and pages the fallback.
func (s *scene) nobody(targets []string, d event.Data) error {
	for _, t := range targets {
		err := s.emit(event.PageFailed, event.Data{To: t, Step: d.Step, Round: d.Round, Rule: d.Rule, Clauses: d.Clauses, Text: "nobody is behind " + t})
		if err != nil {
			return err
		}
		if err := s.fallback(t, d); err != nil {
			return err
		}
	}
	return nil
}

// undeliverable ends a page that no channel carries, loudly.
func (s *scene) undeliverable(page *message.Page, why string) error {
	page.State, page.EndedAt = message.PageFailed, s.now
	if err := pages.Update(s.tx, page); err != nil {
		return err
	}
	err := s.emit(event.PageFailed, event.Data{To: page.To, Channel: page.Channel, Step: page.Step, Round: page.Round, Rule: page.Reason, Clauses: page.Clauses, Text: why, Ref: page.ID.String()})
	if err != nil {
		return err
	}
	if err := s.deputise(page); err != nil {
		return err
	}
	return s.fallback(page.To, event.Data{Rule: page.Reason, Step: page.Step, Round: page.Round, Clauses: page.Clauses})
}

// deputise pages the deputy of somebody the chain could not reach (reading 13).
func (s *scene) deputise(page *message.Page) error {
	deputy, ok := s.cat.Deputy(page.To, s.now)
	if page.Reason != reasonChain || !ok || !s.inc.VisibleTo(deputy) {
		return nil
	}
	return s.open(deputy, event.Data{Rule: page.Reason, Step: page.Step, Round: page.Round, Subject: page.Subject, Text: page.Body, Clauses: page.Clauses})
}

const fallbackReason = "fallback"

// fallback pages the contact of last resort about what could not be delivered
// (reading 12). The fallback has no fallback: the banner and the record stay.
func (s *scene) fallback(about string, d event.Data) error {
	if strings.HasPrefix(d.Rule, fallbackReason) {
		return nil
	}
	ids, _, _ := s.people([]string{s.proc.Paging.Fallback})
	if len(ids) == 0 && s.inc.Restricted {
		ids = s.inc.Circle // nobody else may know of it
	}
	subject, body := s.text(s.proc.Paging.FallbackText, map[string]string{"name": s.name(about)})
	for _, id := range ids {
		if id == about {
			continue
		}
		if err := s.open(id, event.Data{Rule: fallbackReason + ":" + about, Step: d.Step, Round: d.Round, Subject: subject, Text: body, Clauses: d.Clauses}); err != nil {
			return err
		}
	}
	return nil
}

// Outcome follows one attempt of a page or notice. The sender calls it inside
// the transaction that commits the attempt's result.
func (p *Paging) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	s, err := p.scene(tx, d.IncidentID, now)
	if err != nil {
		return err
	}
	if err := s.trail(d); err != nil {
		return err
	}
	switch d.Kind {
	case message.KindNotice:
		return s.noticeOutcome(d)
	case message.KindEnd:
		return nil
	}
	page, err := p.page(tx, d.RefID)
	if err != nil {
		return err
	}
	if !page.Waiting() {
		return s.arrivedLate(page, d)
	}
	switch d.State {
	case message.Accepted:
		if page.State == message.PageQueued {
			page.State = message.PageSent
			if err := pages.Update(tx, page); err != nil {
				return err
			}
		}
		return s.await(page, d)
	case message.Failed:
		return s.rungFailed(page, d)
	case message.Queued:
		if d.Attempts < triesPerChannel {
			return nil
		}
		return s.giveWay(page, d)
	case message.Attempting, message.Cancelled:
	}
	return nil
}

// triesPerChannel is after how many failures another channel is tried too.
const triesPerChannel = 2

// giveWay opens the next channel beside one that keeps failing. The failing one
// goes on only when it is the last.
func (s *scene) giveWay(page *message.Page, d *message.Delivery) error {
	if d.Headers.Rung != page.Rung {
		return nil
	}
	_, err := s.climbRung(page)
	return err
}

// trail puts an attempt on the record.
func (s *scene) trail(d *message.Delivery) error {
	k, outcome, text := event.Delivered, "sent", d.Receipt
	switch d.State {
	case message.Failed:
		k, outcome, text = event.Undelivered, "failed", d.LastError
	case message.Queued:
		k, outcome, text = event.Undelivered, "retry", d.LastError
	case message.Accepted, message.Attempting, message.Cancelled:
	}
	return s.emit(k, event.Data{To: d.Recipient, Channel: d.Channel, Outcome: outcome, Text: text, Rule: d.Headers.Rule, Clauses: d.Clauses, Ref: d.ID.String(), Phase: d.Kind})
}
