package paging

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/pages"
	"allclear/internal/store/timers"
)

// reasonChain marks the pages of the chain.
const reasonChain = "chain"

// onOpened starts the chain of a suspected P1 or P2 (ESC-CHAIN-1, reading 2).
func (p *Paging) onOpened(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil || !s.inc.Holds(procedure.Unresolved) {
		return err
	}
	return s.start()
}

// onSeverity lets the chain go on under the new severity, or starts it.
func (p *Paging) onSeverity(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	run, ok, err := pages.Chain(tx, s.inc.ID)
	if err != nil {
		return err
	}
	if !ok {
		return s.start()
	}
	run.ChangeSeverity(s.proc, s.inc.Severity, s.now)
	void := func(page *message.Page) bool { return !s.inc.Severity.Pages() || !s.stands(run, page) }
	if err := s.release("the incident is a "+s.inc.Severity.String()+" now", void); err != nil {
		return err
	}
	return s.climb(run)
}

func (p *Paging) chainDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	s, err := p.scene(tx, id, now)
	if err != nil || !s.inc.Holds(procedure.Unresolved) {
		return err
	}
	run, ok, err := pages.Chain(tx, id)
	if err != nil || !ok {
		return err
	}
	return s.climb(run)
}

// climb moves the chain to now, carries out what is due and looks again when
// the next step is.
func (s *scene) climb(run escalation.Run) error {
	effects := run.Next(s.proc, s.inc, s.now)
	if err := pages.SaveChain(s.tx, s.inc.ID, run); err != nil {
		return err
	}
	due, ok := run.DueAt(s.proc, s.now)
	if ok {
		err := timers.Set(s.tx, timers.Timer{Kind: TimerChain, Ref: s.inc.ID.String(), IncidentID: s.inc.ID, DueAt: due}, s.now)
		if err != nil {
			return err
		}
	} else if err := timers.Cancel(s.tx, TimerChain, s.inc.ID.String()); err != nil {
		return err
	}
	hurry := false
	for _, f := range effects {
		somebody, err := s.step(run, f)
		if err != nil {
			return err
		}
		if !somebody && f.Round == run.Pass {
			hurry = run.Hurry(s.proc, f.Step, s.now) || hurry
		}
	}
	if !hurry {
		return nil
	}
	return s.climb(run) // as often as there are steps without anybody
}

// step carries out what is due; it reports whether it asked for anybody.
func (s *scene) step(run escalation.Run, f escalation.Effect) (somebody bool, err error) {
	if f.Exhausted {
		return true, s.exhausted(run, f)
	}
	chain, targets := run.Chain(s.proc), run.Targets(s.proc, f.Step)
	step := chain.Steps[f.Step-1]
	if !f.Page {
		subject, body := s.text(chain.NoticeText, nil)
		return true, s.notify(event.Data{Rule: "chain", Step: f.Step, Targets: targets, Subject: subject, Text: body, Clauses: []string{step.Clause}, Ref: s.tx.NewID(s.now).String()})
	}
	ids, _, missing := s.people(targets)
	subject, body := s.text(chain.Text, nil)
	d := event.Data{Rule: reasonChain, Step: f.Step, Round: f.Round, Subject: subject, Text: body, Clauses: stepClauses(step, s.inc.Severity, f)}
	for _, id := range ids {
		if err := s.open(id, d); err != nil {
			return false, err
		}
	}
	return len(ids) > 0, s.nobody(missing, d)
}

// stepClauses are the step's own clause and, for the first, the severity's
// demand that somebody is called at once.
func stepClauses(step procedure.Step, sev procedure.Severity, f escalation.Effect) []string {
	if f.Step == 1 && f.Round == 0 && sev == procedure.P1 {
		return []string{step.Clause, "SEV-P1-ESC"}
	}
	return []string{step.Clause}
}

// onAcknowledged ends what waited for somebody to have it: all pages but those
// of steps that ask while the incident is unresolved, and those that ask who
// joins.
func (p *Paging) onAcknowledged(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	who := e.Data.Owner
	all, err := pages.Of(tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, page := range all {
		if page.Waiting() && page.To == who {
			if err := s.settle(page, message.PageAcknowledged, s.name(who)+" answered"); err != nil {
				return err
			}
		}
	}
	run, _, err := pages.Chain(tx, s.inc.ID)
	if err != nil {
		return err
	}
	err = s.release(s.name(who)+" has it", func(page *message.Page) bool {
		return !s.standsUntilResolved(run, page) && !s.asksToJoin(page)
	})
	if err != nil {
		return err
	}
	return s.letExpire(run)
}

// stands reports whether the chain still asks for the page under the present
// severity.
func (s *scene) stands(run escalation.Run, page *message.Page) bool {
	steps := run.Chain(s.proc).Steps
	if page.Reason != reasonChain || page.Step < 1 || page.Step > len(steps) {
		return true
	}
	rule, ok := steps[page.Step-1].By[s.inc.Severity.String()]
	return ok && (s.inc.Holds(rule.While) || s.inc.Holds(procedure.Unacknowledged))
}

// onJoined ends the pages that asked a person to join, however the answer came.
func (p *Paging) onJoined(tx *store.Tx, e *event.Event) error {
	if e.Data.Outcome == "asked" {
		return nil // called in, and no answer yet
	}
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	all, err := pages.Of(tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, page := range all {
		if page.Waiting() && page.To == e.Data.Owner && s.asksToJoin(page) {
			if err := s.settle(page, message.PageAcknowledged, s.name(page.To)+" is "+e.Data.Outcome); err != nil {
				return err
			}
		}
	}
	return nil
}

// standsUntilResolved reports whether the page's step pages even after an
// acknowledgement (ESC-CHAIN-4 and -5 of a P1).
func (s *scene) standsUntilResolved(run escalation.Run, page *message.Page) bool {
	steps := run.Chain(s.proc).Steps
	if page.Reason != reasonChain || page.Step < 1 || page.Step > len(steps) {
		return page.Reason != reasonChain
	}
	return steps[page.Step-1].By[s.inc.Severity.String()].While == procedure.Unresolved
}

// onEnded ends every page of an incident that is over.
func (p *Paging) onEnded(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	run, ok, err := pages.Chain(tx, s.inc.ID)
	if err != nil {
		return err
	}
	if ok {
		run.Stopped = true
		if err := pages.SaveChain(tx, s.inc.ID, run); err != nil {
			return err
		}
	}
	for _, kind := range []string{TimerChain, TimerAckExpires} {
		if err := timers.Cancel(tx, kind, s.inc.ID.String()); err != nil {
			return err
		}
	}
	return s.release("the incident is "+string(s.inc.Status), func(*message.Page) bool { return true })
}

// release ends waiting pages that are no longer needed.
func (s *scene) release(why string, which func(*message.Page) bool) error {
	all, err := pages.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, page := range all {
		if !page.Waiting() || !which(page) {
			continue
		}
		if err := s.settle(page, message.PageCancelled, why); err != nil {
			return err
		}
	}
	return nil
}
