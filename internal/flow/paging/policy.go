package paging

import (
	"fmt"
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

// TimerAckExpires ends an acknowledgement; its ref is the incident's id.
const TimerAckExpires = "ack_expires"

// start begins the chain: by the service's policy as it stands now, else by the
// procedure's.
func (s *scene) start() error {
	run, ok := escalation.Start(s.proc, s.policy(), s.inc.Severity, s.inc.ChainAnchor())
	if !ok {
		return nil
	}
	if run.Policy != nil {
		err := s.emit(event.PolicyTaken, event.Data{
			Ref: run.Policy.ID, Clauses: []string{escalation.Clause},
			Text: fmt.Sprintf("escalates by policy %s (%s), version %d", run.Policy.ID, run.Policy.Name, run.Policy.Version),
		})
		if err != nil {
			return err
		}
	}
	return s.climb(run)
}

func (s *scene) policy() *escalation.Frozen {
	p, ok := s.cat.Policies[s.cat.Services[s.inc.ServiceID].EscalationPolicy]
	if !ok {
		return nil
	}
	return escalation.Freeze(escalation.Policy(p))
}

// exhausted makes loud that a policy is at its end, and pages the fallback.
func (s *scene) exhausted(run escalation.Run, f escalation.Effect) error {
	about := "policy:" + run.Policy.ID
	d := event.Data{Rule: reasonChain, Round: f.Round, Clauses: []string{escalation.Clause}}
	err := s.emit(event.PageFailed, event.Data{To: about, Rule: d.Rule, Round: d.Round, Clauses: d.Clauses, Text: "policy " + run.Policy.ID + " is at its end and nobody has acknowledged"})
	if err != nil {
		return err
	}
	return s.fallback(about, d)
}

// letExpire arms the end of the acknowledgement, where it has one. Somebody at
// work has the incident for good.
func (s *scene) letExpire(run escalation.Run) error {
	within := run.Chain(s.proc).AckExpires
	ref := s.inc.ID.String()
	if within.IsZero() || !s.inc.EngagedAt.IsZero() {
		return timers.Cancel(s.tx, TimerAckExpires, ref)
	}
	return timers.Set(s.tx, timers.Timer{Kind: TimerAckExpires, Ref: ref, IncidentID: s.inc.ID, DueAt: within.From(s.now, nil)}, s.now)
}

func (p *Paging) ackExpires(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	s, err := p.scene(tx, id, now)
	if err != nil || !s.inc.Holds(procedure.Unresolved) || !s.inc.Acked() || !s.inc.EngagedAt.IsZero() {
		return err
	}
	return s.emit(event.AckExpired, event.Data{Owner: s.inc.AcknowledgedBy, Clauses: []string{escalation.Clause}, Text: "nobody has engaged since the acknowledgement"})
}

// onSnoozed ends the pages that wait for an acknowledgement until then.
func (p *Paging) onSnoozed(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	run, ok, err := pages.Chain(tx, s.inc.ID)
	if err != nil || !ok {
		return err
	}
	run.Hold(s.inc.SnoozedUntil)
	if err := timers.Cancel(tx, TimerAckExpires, s.inc.ID.String()); err != nil {
		return err
	}
	err = s.release("snoozed by "+s.name(e.Data.Owner), func(page *message.Page) bool {
		return page.Reason == reasonChain && !s.standsUntilResolved(run, page)
	})
	if err != nil {
		return err
	}
	return s.climb(run)
}

// onRetriggered pages anew, since nobody has the incident any more.
func (p *Paging) onRetriggered(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	run, ok, err := pages.Chain(tx, s.inc.ID)
	if err != nil || !ok || run.Stopped {
		return err
	}
	run.Retrigger(s.proc, s.now)
	return s.climb(run)
}

// onReopened begins a new run of the chain: the impact is there again, and who was
// on call then may not be now.
func (p *Paging) onReopened(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil || !s.inc.Holds(procedure.Unresolved) {
		return err
	}
	run, ok, err := pages.Chain(tx, s.inc.ID)
	if err != nil {
		return err
	}
	if !ok {
		return s.start()
	}
	anew, ok := run.Anew(s.proc, s.inc.Severity, s.now)
	if !ok {
		return nil
	}
	return s.climb(anew)
}

// onUnsnoozed lets the chain go on by its own times.
func (p *Paging) onUnsnoozed(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	run, ok, err := pages.Chain(tx, s.inc.ID)
	if err != nil || !ok {
		return err
	}
	run.Hold(time.Time{})
	return pages.SaveChain(tx, s.inc.ID, run)
}
