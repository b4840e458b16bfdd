package command

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/base/recur"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/tasks"
	"allclear/internal/store/timers"
)

// trigger is what a rule hangs on, see procedure.Triggers.
type trigger string

const (
	opened       trigger = "opened"
	declared     trigger = "declared"
	acknowledged trigger = "acknowledged"
	engaged      trigger = "engaged"
	mitigated    trigger = "mitigated"
	monitoring   trigger = "monitoring"
	resolved     trigger = "resolved"
	closed       trigger = "closed"
	dismissed    trigger = "dismissed"
	restricted   trigger = "restricted"
	escalated    trigger = "escalated"
	called       trigger = "called"
	mentioned    trigger = "mentioned" // many complain in public at once
	updated      trigger = "updated"
	reclassified trigger = "severity" // another severity than before
	handed       trigger = "role"     // a person gave a role to somebody
	reopened     trigger = "reopened" // what was resolved has come back
	warned       trigger = "warned"
	breached     trigger = "breached"
)

// follow runs the procedure's rules on what happened; of is the deadline that
// warned or was breached.
func (s *scene) follow(t trigger, of ...*deadline.Deadline) error {
	if err := s.save(); err != nil {
		return err
	}
	facts := s.facts()
	if len(of) > 0 {
		defer func(was *deadline.Deadline) { s.of = was }(s.of)
		s.of = of[0]
	}
	for _, r := range s.proc.Rules {
		if r.On != string(t) || r.Clock != "" && (len(of) == 0 || of[0].Clock != r.Clock) {
			continue
		}
		if !r.Applies(s.judged(r), facts) {
			continue
		}
		if !procedure.Repeatable(r.On) && !s.inc.Fire(r.ID) {
			continue
		}
		if err := s.schedule(r, s.since(t, r)); err != nil {
			return fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	return s.save()
}

// again looks once more at the rules of what has happened, after severity or
// facts changed.
func (s *scene) again() error {
	if err := s.follow(opened); err != nil || !s.inc.Declared {
		return err
	}
	return s.follow(declared)
}

func (s *scene) judged(r procedure.Rule) procedure.Severity {
	if r.Highest {
		return s.inc.Highest
	}
	return s.inc.Severity
}

// since is when the rule's After began: a rule for some severities counts from
// the change that made it apply (reading 9).
func (s *scene) since(t trigger, r procedure.Rule) time.Time {
	all := len(r.Severities) == 0
	switch t {
	case opened:
		if all {
			return s.inc.DetectedAt
		}
		return s.inc.ChainAnchor()
	case declared:
		if all {
			return s.inc.DeclaredAt
		}
		return s.inc.DeclaredAnchor()
	case resolved:
		return s.inc.ResolvedAt
	default: // the others happen now
	}
	return s.now
}

func (s *scene) schedule(r procedure.Rule, since time.Time) error {
	due := r.After.From(since, s.proc.Calendar())
	if due.After(s.now) {
		return s.later(r, due)
	}
	return s.runAndRepeat(r, s.now)
}

func (s *scene) later(r procedure.Rule, due time.Time) error {
	return timers.Set(s.tx, timers.Timer{Kind: TimerRule, Ref: s.inc.ID.String() + "/" + r.ID, IncidentID: s.inc.ID, DueAt: due}, s.now)
}

func (s *scene) runAndRepeat(r procedure.Rule, due time.Time) error {
	if !s.inc.Holds(r.While) {
		return nil
	}
	// What a rule does, the software does, whoever set it off: a person has
	// neither written nor approved its texts.
	by := *s
	by.actor, by.source = event.System, "procedure"
	if err := by.run(r, due); err != nil {
		return err
	}
	if r.Sets != "" && !s.inc.Fact(r.Sets) {
		s.flag([]string{r.Sets})
		if err := by.again(); err != nil {
			return err
		}
	}
	if r.Every.IsZero() || !s.inc.Holds(r.While) {
		return nil
	}
	next := r.Every.From(due, s.proc.Calendar())
	if !next.After(s.now) {
		next = r.Every.From(s.now, s.proc.Calendar())
	}
	return s.later(r, next)
}

func (c *Command) ruleDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, name, _ := strings.Cut(t.Ref, "/")
	inc, err := ident.Parse(id)
	if err != nil {
		return err
	}
	s, err := c.scene(tx, inc, now, event.System, "procedure")
	if err != nil {
		return err
	}
	if s.gone() {
		return nil
	}
	for _, r := range s.proc.Rules {
		if r.ID != name {
			continue
		}
		if !r.Applies(s.judged(r), s.facts()) {
			delete(s.inc.Fired, r.ID) // it may apply again later
			return s.save()
		}
		return s.runAndRepeat(r, t.DueAt)
	}
	return nil
}

// gone reports whether nothing is asked about the incident any more: it is closed
// for good, or part of another.
func (s *scene) gone() bool { return s.inc.Status == incident.Closed || s.inc.MergedInto != 0 }

// run does what the rule says, by asking those who do it; due names the firing
// of a rule that runs more than once.
func (s *scene) run(r procedure.Rule, due time.Time) error {
	d := event.Data{Rule: r.ID, Clauses: r.Clauses, Phase: r.Phase}
	if procedure.Repeatable(r.On) || !r.Every.IsZero() {
		d.Ref = strconv.FormatInt(due.UnixMicro(), 36) // this time's firing
	} else if n := len(s.inc.Regressions); n > 0 {
		d.Ref = "r" + strconv.Itoa(n) // once for each time it came back
	}
	if s.credit != nil {
		d.Ref = s.credit.Ref // once for each memo
	}
	switch {
	case r.Notice != nil:
		return s.ask(event.NoticeWanted, d, r.Notice)
	case r.Page != nil:
		return s.ask(event.PageWanted, d, r.Page)
	case r.Message != nil:
		return s.askMessage(d, r.Message)
	case r.Task != nil:
		return s.assign(r)
	case r.Note != "":
		d.Text = r.Note
		return s.emit(event.Automatic, d)
	}
	return nil
}

func (s *scene) ask(k event.Kind, d event.Data, t *procedure.Tell) (err error) {
	if d.Subject, d.Text, err = s.text(t.Text, nil); err != nil {
		return err
	}
	d.Targets, d.Channels, d.Answer, d.Reaches = s.managed(t.To), t.Channels, t.Answer, t.Reaches
	return s.emit(k, d)
}

func (s *scene) askMessage(d event.Data, m *procedure.Send) (err error) {
	if _, done := s.inc.Reached[m.Unless]; m.Unless != "" && done {
		return nil
	}
	outward := map[string]string{"service": message.ComponentName(s.cat, s.inc.ServiceID)}
	for _, w := range message.Known {
		if _, ok := outward[w]; !ok {
			outward[w] = "{{" + w + "}}" // whoever writes the message knows what was told
		}
	}
	if d.Subject, d.Text, err = s.text(m.Text, outward); err != nil {
		return err
	}
	facts := s.facts()
	for _, p := range m.Private {
		d.Private = d.Private || facts[p]
	}
	d.Audience, d.Channels, d.Status, d.Draft, d.Unless, d.Reaches = m.Audience, m.Channels, m.Status, m.Draft, m.Unless, m.Reaches
	d.Contractual, d.Document = m.Contractual, m.Document
	return s.emit(event.MessageWanted, d)
}

// assign opens a task. A duty per account is one task with their number.
func (s *scene) assign(r procedure.Rule) error {
	a := r.Task
	if a.Per == procedure.PerStakeholder {
		return s.perStakeholder(r, s.titled(r, 0))
	}
	if a.Per == "" {
		return s.open(r, s.titled(r, 0), a.Owner, a.Due)
	}
	all := s.accounts(a.Per)
	if len(all) == 0 {
		return nil
	}
	return s.openFor(r, all, s.begins(r))
}

// titled is what a task of the rule is called, with the number of accounts that it is
// about where it is about some.
func (s *scene) titled(r procedure.Rule, accounts int) string {
	title := strings.ReplaceAll(r.Task.Title, "{{service}}", s.words()["service"])
	if s.credit != nil {
		title = strings.ReplaceAll(title, "{{customer}}", s.credit.Subject)
	}
	if accounts > 0 {
		title += " (" + strconv.Itoa(accounts) + " accounts)"
	}
	return title
}

// begins is from when on the time of the rule's task counts.
func (s *scene) begins(r procedure.Rule) time.Time {
	if !r.Every.IsZero() {
		return s.now // what comes up again is due so long after it came up
	}
	return s.since(trigger(r.On), r)
}

// open opens a task of the rule; without a due time it has no time box.
func (s *scene) open(r procedure.Rule, title, owner string, due recur.Span) error {
	return s.put(r, &checklist.Task{Title: title, Owner: owner}, due, s.begins(r))
}

// openFor opens a task of the rule about accounts, whose time counts from an instant.
func (s *scene) openFor(r procedure.Rule, accounts []string, since time.Time) error {
	return s.put(r, &checklist.Task{Title: s.titled(r, len(accounts)), Owner: r.Task.Owner, Accounts: accounts}, r.Task.Due, since)
}

func (s *scene) put(r procedure.Rule, t *checklist.Task, due recur.Span, since time.Time) error {
	a := r.Task
	t.Owner = s.insider(s.managed([]string{t.Owner})[0])
	t.IncidentID, t.Rule, t.State, t.OpenedAt, t.Clauses, t.Phase = s.inc.ID, r.ID, checklist.Open, s.now, r.Clauses, r.Phase
	if !due.IsZero() {
		if t.DueAt = due.From(since, s.proc.Calendar()); !t.DueAt.After(s.now) {
			since = s.now // it begins to apply late, by a fact that was not known: nobody is late with it yet
			t.DueAt = due.From(since, s.proc.Calendar())
		}
	}
	if err := tasks.Insert(s.tx, t); err != nil {
		return err
	}
	at, over := s.inc.Reached[a.Until]
	over = over && a.Until != ""
	if !over {
		if err := s.remind(t, a, since); err != nil {
			return err
		}
	}
	d := event.Data{Rule: r.ID, Clauses: r.Clauses, Phase: r.Phase, Text: t.Title, Owner: t.Owner, Ref: t.ID.String()}
	if who, err := s.cat.Resolve(t.Owner, s.targets()); err == nil && len(who) == 1 {
		d.To = who[0]
	}
	if !t.DueAt.IsZero() {
		d.Due = t.DueAt.UnixMicro()
	}
	if err := s.emit(event.TaskOpened, d); err != nil || !over {
		return err
	}
	return s.done(t, a.Until, at)
}

// done ends a task whose moment has come; what was seen is the evidence.
func (s *scene) done(t *checklist.Task, what string, at time.Time) error {
	evidence := strings.ReplaceAll(what, "_", " ") + " at " + at.UTC().Format(time.RFC3339)
	if err := t.Complete(s.actor, evidence, s.now); err != nil {
		return err
	}
	return s.finishTask(t, event.TaskDone)
}

// doneBy ends the open tasks that waited for a moment.
func (s *scene) doneBy(moment, text string, at time.Time) error {
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, t := range all {
		r, ok := s.rule(t.Rule)
		if !ok || r.Task == nil || r.Task.Until != moment || t.State != checklist.Open {
			continue
		}
		if err := s.done(t, cmp.Or(text, moment), at); err != nil {
			return err
		}
	}
	return nil
}

// insider is the target, or whoever stands in where none of its people may know
// of a restricted incident (reading 18).
func (s *scene) insider(target string) string {
	if !s.inc.Restricted {
		return target
	}
	who, err := s.cat.Resolve(target, s.targets())
	if err == nil && slices.ContainsFunc(who, s.inc.VisibleTo) {
		return target
	}
	return s.proc.Standby(true)
}

// remind arms the task's next warning or its time box.
func (s *scene) remind(t *checklist.Task, a *procedure.Assign, since time.Time) error {
	if t.DueAt.IsZero() || len(a.Overdue) == 0 && len(a.WarnAt) == 0 {
		return nil
	}
	next := t.DueAt
	for _, w := range a.WarnAt {
		if at := w.From(since, s.proc.Calendar()); at.After(s.now) && at.Before(next) {
			next = at
		}
	}
	if !next.After(s.now) {
		return nil
	}
	return timers.Set(s.tx, timers.Timer{Kind: TimerTask, Ref: t.ID.String(), IncidentID: s.inc.ID, DueAt: next}, s.now)
}

// taskDue reminds of a task that is nearly or quite late.
func (c *Command) taskDue(tx *store.Tx, tm timers.Timer, now time.Time) error {
	id, err := ident.Parse(tm.Ref)
	if err != nil {
		return err
	}
	t, err := tasks.Get(tx, id)
	if err != nil || t.State != checklist.Open {
		return err
	}
	s, err := c.scene(tx, t.IncidentID, now, event.System, "procedure")
	if err != nil {
		return err
	}
	if s.gone() {
		return nil
	}
	r, ok := s.rule(t.Rule)
	switch {
	case t.Rule == "":
		r = procedure.Rule{Task: &procedure.Assign{}} // a card that a person added
	case !ok || r.Task == nil:
		return nil
	}
	to := []string{cmp.Or(t.Owner, "commander")}
	if t.TakenBy != "" {
		to[0] = "person:" + t.TakenBy
	}
	if !now.Before(t.DueAt) {
		to = append(to, r.Task.Overdue...)
	}
	subject, body, err := s.text(s.proc.Paging.OverdueText, map[string]string{"name": t.Title, "due": instant(t.DueAt)})
	if err != nil {
		return err
	}
	err = s.emit(event.NoticeWanted, event.Data{Rule: "overdue:" + t.ID.String() + ":" + strconv.FormatInt(tm.DueAt.Unix(), 10), Targets: to, Subject: subject, Text: body, Clauses: t.Clauses})
	if err != nil {
		return err
	}
	return s.remind(t, r.Task, s.since(trigger(r.On), r))
}

func (s *scene) rule(id string) (procedure.Rule, bool) {
	for _, r := range s.proc.Rules {
		if r.ID == id {
			return r, true
		}
	}
	return procedure.Rule{}, false
}
