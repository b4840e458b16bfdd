package command

import (
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/deadlines"
	"allclear/internal/store/timers"
)

const fromUpdate = "update"

// anchor is when clocks of a start began for the present severity; ok is false
// while that has not happened (readings 7 and 9).
func (s *scene) anchor(from string) (at time.Time, ok bool) {
	switch from {
	case "began":
		return s.inc.ChainAnchor(), true
	case "detected":
		return s.inc.DetectedAt, true
	case "declared":
		return s.inc.DeclaredAnchor(), s.inc.Declared
	case fromUpdate:
		if !s.inc.Severity.Pages() {
			return s.inc.ChainAnchor(), true
		}
		return s.inc.DeclaredAnchor(), s.inc.Declared
	}
	return at, false
}

// startClocks starts every clock of the severity whose time has come and that
// does not run yet. What has been reached already is shown as kept.
func (s *scene) startClocks() error {
	have, err := deadlines.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, c := range s.proc.Clocks {
		at, ok := s.anchor(c.From)
		if !ok {
			continue
		}
		runs := slices.ContainsFunc(have, func(d *deadline.Deadline) bool {
			if d.Clock != c.ID || d.Severity != s.inc.Severity || d.State == deadline.Waived {
				return false
			}
			return c.From != fromUpdate || d.Running()
		})
		if runs {
			continue
		}
		reached, done := s.inc.Reached[c.Until]
		if done && c.From != fromUpdate {
			if err := s.startMet(c, at, reached); err != nil {
				return err
			}
			continue
		}
		if err := s.start(c, at); err != nil {
			return err
		}
	}
	return nil
}

// startMet shows a promise that was kept before its clock began.
func (s *scene) startMet(c procedure.Clock, at, reached time.Time) error {
	due, _, clauses, ok := c.Due(s.inc.Severity, at, s.proc.Calendar())
	if !ok {
		return nil
	}
	d := &deadline.Deadline{
		IncidentID: s.inc.ID, Clock: c.ID, Severity: s.inc.Severity, State: deadline.Met,
		StartedAt: at, DueAt: due, EndedAt: at, Clauses: clauses,
		Evidence: deadline.Evidence{Text: "kept already at " + reached.UTC().Format(time.RFC3339), Actor: s.actor},
	}
	if err := deadlines.Insert(s.tx, d); err != nil {
		return err
	}
	return s.tell(event.DeadlineMet, d)
}

func (s *scene) start(c procedure.Clock, at time.Time) error {
	due, warns, clauses, ok := c.Due(s.inc.Severity, at, s.proc.Calendar())
	if !ok {
		return nil
	}
	d := &deadline.Deadline{
		IncidentID: s.inc.ID, Clock: c.ID, Severity: s.inc.Severity, State: deadline.Pending,
		StartedAt: at, WarnAt: warns[0], DueAt: due, Clauses: clauses,
	}
	for _, w := range warns[1:] {
		d.Evidence.Left = append(d.Evidence.Left, w.UnixMicro())
	}
	return jobs.Arm(s.tx, d, s.now)
}

// deadlineDue warns of a clock or records its breach.
func (c *Command) deadlineDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	d, err := deadlines.Get(tx, id)
	if err != nil || d.Generation != t.Generation {
		return err
	}
	s, err := c.scene(tx, d.IncidentID, now, event.System, "procedure")
	if err != nil {
		return err
	}
	passed := d.Tick(now)
	if err := jobs.Keep(tx, d, now); err != nil {
		return err
	}
	switch passed {
	case deadline.Warning:
		if err := s.tell(event.DeadlineWarned, d); err != nil {
			return err
		}
		return s.follow(warned, d)
	case deadline.Breach:
		if err := s.breached(d); err != nil {
			return err
		}
		return s.follow(breached, d)
	case deadline.Nothing:
	}
	return nil
}

// breached records the breach; a missed update leaves the next one due.
func (s *scene) breached(d *deadline.Deadline) error {
	s.at = d.DueAt
	defer func() { s.at = s.now }()
	if err := s.tell(event.DeadlineBreached, d); err != nil {
		return err
	}
	if c, ok := s.proc.Clock(d.Clock); ok && c.From == fromUpdate && s.inc.Holds(procedure.Unresolved) {
		return s.start(c, d.DueAt)
	}
	return nil
}

func (s *scene) tell(k event.Kind, d *deadline.Deadline) error {
	return s.emit(k, event.Data{Clock: d.Clock, Subject: d.Subject, Clauses: d.Clauses, Due: d.DueAt.UnixMicro(), Text: d.Evidence.Text, Ref: d.ID.String(), Severity: d.Severity.String(), Outcome: string(d.State)})
}

// reach notes a moment, which ends every clock that waited for it. at may lie
// before now.
func (s *scene) reach(moment string, at time.Time, text, ref string) error {
	if moment == "" {
		return nil
	}
	fresh := s.inc.Reach(moment, at)
	if !fresh && moment != "updated" {
		return nil
	}
	if fresh {
		if err := s.save(); err != nil { // rules ask later whether it was reached
			return err
		}
		if err := s.doneBy(moment, text, at); err != nil {
			return err
		}
	}
	all, err := deadlines.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, d := range all {
		c, ok := s.proc.Clock(d.Clock)
		if !ok || c.Until != moment || d.Subject != "" {
			continue
		}
		if err := s.meet(d, at, deadline.Evidence{Text: text, Actor: s.actor, Ref: ref}); err != nil {
			return err
		}
	}
	return s.restart(moment, at)
}

// restart begins the cadence anew after an update.
func (s *scene) restart(moment string, at time.Time) error {
	if !s.inc.Holds(procedure.Unresolved) {
		return nil
	}
	for _, c := range s.proc.Clocks {
		if c.From != fromUpdate || c.Until != moment {
			continue
		}
		if _, ok := s.anchor(fromUpdate); !ok {
			continue
		}
		if err := s.start(c, at); err != nil {
			return err
		}
	}
	return nil
}

// meet ends one deadline; late evidence is added to a breach.
func (s *scene) meet(d *deadline.Deadline, at time.Time, e deadline.Evidence) error {
	ran, ended := d.Running(), d.EndedAt
	met := d.Meet(at, e)
	if !ran && d.EndedAt.Equal(ended) {
		return nil
	}
	if err := jobs.Keep(s.tx, d, s.now); err != nil {
		return err
	}
	switch {
	case met:
		// It was met when it happened, which may be told later (reading 11).
		was := s.at
		s.at = at
		defer func() { s.at = was }()
		return s.tell(event.DeadlineMet, d)
	case ran: // it was over already when this was told
		if err := s.tell(event.DeadlineBreached, d); err != nil {
			return err
		}
		return s.follow(breached, d)
	}
	return nil
}

// waive ends running clocks that no longer apply; only says which.
func (s *scene) waive(reason string, only func(*deadline.Deadline) bool) error {
	all, err := deadlines.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, d := range all {
		if !d.Running() || only != nil && !only(d) || !d.Waive(s.now, reason, s.actor) {
			continue
		}
		if err := jobs.Keep(s.tx, d, s.now); err != nil {
			return err
		}
		if err := s.tell(event.DeadlineWaived, d); err != nil {
			return err
		}
	}
	return nil
}
