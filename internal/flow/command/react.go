package command

import (
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/tasks"
	"allclear/internal/store/timers"
)

// onOpened starts what begins with detection: the alert-side clocks, the wait
// for a confirmation, and the rules (readings 2, 4 and 7).
func (c *Command) onOpened(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return err
	}
	return c.onSuspected(tx, e)
}

func (s *scene) begin() error {
	if err := s.startClocks(); err != nil {
		return err
	}
	if err := s.awaitDeclaration(); err != nil {
		return err
	}
	if err := s.follow(opened); err != nil {
		return err
	}
	return s.reach("received", s.inc.DetectedAt, s.receipt(), "")
}

// receipt says where the first news of it came from (RSP-S1-RECV).
func (s *scene) receipt() string {
	if s.inc.DeclaredHere {
		return "declared by " + s.name(s.inc.DeclaredBy)
	}
	if len(s.inc.Why) > 0 {
		return "received: " + s.inc.Why[0]
	}
	return "an alert was received"
}

// awaitDeclaration arms the declaration by silence: a suspected P1 or P2 that
// nobody confirmed or dismissed declares itself (reading 2).
func (s *scene) awaitDeclaration() error {
	ref := s.inc.ID.String()
	if s.inc.Declared || !s.inc.Severity.Pages() {
		return timers.Cancel(s.tx, TimerDeclare, ref)
	}
	due := s.proc.DeclareAfter(s.inc.ChainAnchor())
	return timers.Set(s.tx, timers.Timer{Kind: TimerDeclare, Ref: ref, IncidentID: s.inc.ID, DueAt: due}, s.now)
}

func (c *Command) declareDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	s, err := c.scene(tx, id, now, event.System, "procedure")
	if err != nil {
		return err
	}
	if !s.inc.Holds(procedure.Undeclared) || !s.inc.Severity.Pages() {
		return nil
	}
	return s.declare(fmt.Sprintf("nobody confirmed or dismissed it within %s", s.proc.Suspicion.DeclareAfter), []string{"RSP-S2-SEV"})
}

// onSuggested raises a suspicion to what an alert suggests. What people have
// declared stays theirs, except that a P3 or P4 that looks like a P1 or P2
// must wake somebody (readings 5 and 6).
func (c *Command) onSuggested(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil {
		return err
	}
	to, err := procedure.ParseSeverity(e.Data.Severity)
	if err != nil || !to.Above(s.inc.Severity) {
		return err
	}
	if s.inc.Declared && (s.inc.Severity.Pages() || !to.Pages()) {
		return nil
	}
	s.inc.Why = append(s.inc.Why, e.Data.Text)
	return s.changeSeverity(to, e.Data.Text)
}

// onAlertAcked takes a source's acknowledgement for the incident's (reading 13).
func (c *Command) onAlertAcked(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Data.Owner, "hook")
	if err != nil || !s.inc.Status.Open() || s.inc.Acked() {
		return err
	}
	return s.acknowledge(e.Data.Owner, "")
}

func (c *Command) onRecovered(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil {
		return err
	}
	if !s.inc.Recover(s.now) {
		return nil
	}
	if s.inc.Status == incident.Resolved {
		return s.ended(event.ResolvedKind, s.inc.Reason, resolved)
	}
	if err := s.emit(event.Monitoring, event.Data{Text: "all alerts recovered"}); err != nil {
		return err
	}
	return s.follow(monitoring)
}

func (c *Command) onRelapsed(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil || !s.inc.Relapse() {
		return err
	}
	return s.save()
}

// onCalled follows a call to an emergency line, or a mail to an emergency
// address: the rules say who is paged beside the chain, each time somebody asks.
func (c *Command) onCalled(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil || !s.inc.Status.Open() {
		return err
	}
	s.call, s.news, s.more = e.Data.Subject, e.Data.Text, e.Data.Status == event.Reply
	if e.Kind == event.Escalated {
		return s.follow(escalated)
	}
	return s.follow(called)
}

// onMentioned follows complaints in public: the rules say who hears of them.
func (c *Command) onMentioned(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil || !s.inc.Status.Open() {
		return err
	}
	s.news = e.Data.Text
	return s.follow(mentioned)
}

// onPaged adds those a page asks to join to the responders (SEV-P2-EM,
// reading 15).
func (c *Command) onPaged(tx *store.Tx, e *event.Event) error {
	if e.Data.Answer != "join" {
		return nil
	}
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, event.System, "procedure")
	if err != nil || !s.inc.Join(e.Data.To, "asked", s.now) {
		return err
	}
	return s.save()
}

// onPageAnswered takes a person's answer to a page: an acknowledgement of the
// incident, or who joins an all-hands (reading 15).
func (c *Command) onPageAnswered(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Data.Owner, e.Source)
	if err != nil || !s.inc.Status.Open() {
		return err
	}
	switch e.Data.Outcome {
	case "acknowledged":
		if err := s.acknowledge(e.Data.Owner, e.Source); err != nil || !strings.HasPrefix(e.Data.Rule, byHand) || strings.HasPrefix(e.Data.Owner, "source:") {
			return err
		}
		return s.join(e.Data.Owner, "joined") // who was called in and answers is with them (TEAM-SME)
	case "joined", "unavailable":
		return s.join(e.Data.Owner, e.Data.Outcome)
	}
	return nil
}

// onTold notes the moment that another flow saw: everybody a notice was for has
// been told, a channel is open, a cause is validated.
func (c *Command) onTold(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Actor, e.Source)
	if err != nil {
		return err
	}
	return s.reach(e.Data.Reaches, e.At, e.Data.Text, e.Data.Ref)
}

// onOutreachDone ends the duty whose list is worked off (COM-CUST-VIP, FUP-FU-CS).
func (c *Command) onOutreachDone(tx *store.Tx, e *event.Event) error {
	id, err := ident.Parse(e.Data.Ref)
	if err != nil {
		return err
	}
	t, err := tasks.Get(tx, id)
	if err != nil || t.State != checklist.Open {
		return err
	}
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Actor, e.Source)
	if err != nil {
		return err
	}
	if err := t.Complete(e.Actor, e.Data.Text, s.now); err != nil {
		return err
	}
	return s.finishTask(t, event.TaskDone)
}

// onTechnicalUpdate puts off what reminds of it (WAR-TL-INFORM).
func (c *Command) onTechnicalUpdate(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Actor, e.Source)
	if err != nil {
		return err
	}
	for _, r := range s.proc.Rules {
		if r.Anew != "technical_update" || !s.inc.Fired[r.ID] || !s.inc.Holds(r.While) || !r.Applies(s.judged(r), s.facts()) {
			continue
		}
		if err := s.later(r, r.Every.From(s.now, s.proc.Calendar())); err != nil {
			return err
		}
	}
	return nil
}

// onFinding makes an incident in which a threat was found one of security; the rules
// on that say who is told (INV-RCA-SEC).
func (c *Command) onFinding(tx *store.Tx, e *event.Event) error {
	if e.Data.Subject != inquiry.Security || e.Data.Outcome != inquiry.Threat {
		return nil
	}
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Actor, e.Source)
	if err != nil || s.inc.Fact("security") {
		return err
	}
	s.flag([]string{"security"})
	return s.again()
}

// onPublished ends the clocks of what customers and the public were promised.
func (c *Command) onPublished(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Actor, e.Source)
	if err != nil {
		return err
	}
	onPage := false
	for _, ch := range e.Data.Channels {
		onPage = onPage || ch == "status_page"
	}
	if onPage {
		if err := s.reach("status_posted", e.At, "published on the status page", e.Data.Ref); err != nil {
			return err
		}
	}
	if s.inc.LastUpdateAt.Equal(e.At) {
		return nil // one update, over several messages
	}
	if s.inc.Declared || !s.inc.Severity.Pages() {
		s.inc.LastUpdateAt = e.At
		if err := s.reach("updated", e.At, "an update went out", e.Data.Ref); err != nil {
			return err
		}
	}
	if onPage {
		s.news = e.Data.Text
	}
	return s.follow(updated)
}

func (c *Command) onMailed(tx *store.Tx, e *event.Event) error {
	s, err := c.scene(tx, e.IncidentID, e.RecordedAt, e.Actor, e.Source)
	if err != nil {
		return err
	}
	return s.reach("customers_mailed", e.At, fmt.Sprintf("e-mail to %d contacts accepted", e.Data.Number), e.Data.Ref)
}
