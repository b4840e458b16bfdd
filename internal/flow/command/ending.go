package command

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/review"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/tasks"
	"allclear/internal/store/timers"
)

// Resolution ends the impact. At may be set back to its proven end; zero is
// now. A reason waives gates that are still open (contract).
type Resolution struct {
	Reason string
	At     time.Time
}

// Resolve ends the impact (reading 11). Without a reason, open gates are
// fault.Conflict with their list.
func (c *Command) Resolve(ctx context.Context, a authz.Actor, number int64, r Resolution, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		if r.At.IsZero() {
			r.At = now
		}
		if r.At.After(now) {
			return fault.New(fault.Invalid, "resolved_at lies in the future").With("resolved_at", "give when the impact ended")
		}
		if !s.inc.Status.Open() {
			return fault.New(fault.Conflict, "%s is %s already", s.inc.Ref(), s.inc.Status)
		}
		gates, err := s.openGates("resolve")
		if err != nil {
			return err
		}
		red, err := s.red()
		if err != nil {
			return err
		}
		if r.Reason == "" && (len(gates) > 0 || len(red) > 0 || s.inc.OpenAlerts > 0) {
			return s.gated(gates, red)
		}
		if err := s.waiveGates(gates, r.Reason); err != nil {
			return err
		}
		if _, err := s.inc.Resolve(a.ID, r.Reason, r.At); err != nil {
			return err
		}
		if err := s.clearAlerts(); err != nil {
			return err
		}
		return s.ended(event.ResolvedKind, r.Reason, resolved)
	})
}

// Close ends the incident for good, once its close gates are done.
func (c *Command) Close(ctx context.Context, a authz.Actor, number int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		gates, err := s.openGates("close")
		if err != nil {
			return err
		}
		if err := s.comingGates(); err != nil {
			return err
		}
		changed, err := s.inc.Close(len(gates) == 0, now)
		if err != nil || !changed {
			return err
		}
		if err := s.emit(event.Closed, event.Data{Owner: a.ID}); err != nil {
			return err
		}
		return s.follow(closed)
	})
}

// red names the proofs that failed when they were made last, whoever ticked what.
func (s *scene) red() ([]string, error) {
	if s.c.Red == nil {
		return nil, nil
	}
	return s.c.Red(s.tx, s.inc)
}

// comingGates refuses to close while the procedure has yet to ask for something that
// closing waits for, such as the report that is asked for after the review.
func (s *scene) comingGates() error {
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, r := range s.proc.Rules {
		if r.Task == nil || r.Task.Gate != "close" || trigger(r.On) != resolved || r.After.IsZero() || !s.inc.Fired[r.ID] {
			continue
		}
		at := r.After.From(s.inc.ResolvedAt, s.proc.Calendar())
		asked := slices.ContainsFunc(all, func(t *checklist.Task) bool { return t.Rule == r.ID && !t.OpenedAt.Before(s.inc.ResolvedAt) })
		if !asked && at.After(s.now) {
			return fault.New(fault.Conflict, "%s cannot be closed yet: from %s it is asked to do this: %s", s.inc.Ref(), instant(at), r.Task.Title)
		}
	}
	return nil
}

func (s *scene) gated(gates []*checklist.Task, red []string) error {
	err := fault.New(fault.Conflict, "%s has gates open: finish them, or resolve with a reason that waives them", s.inc.Ref())
	if n := s.inc.OpenAlerts; n > 0 {
		err = err.With("alerts", fmt.Sprintf("%d alerts have not recovered", n))
	}
	for _, what := range red {
		err = err.With("proof", what)
	}
	for _, g := range gates {
		err = err.With("task:"+g.ID.String(), g.Title)
	}
	return err
}

// openGates lists the open tasks that the named end waits for.
func (s *scene) openGates(end string) ([]*checklist.Task, error) {
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return nil, err
	}
	var out []*checklist.Task
	for _, t := range all {
		r, ok := s.rule(t.Rule)
		if ok && r.Task != nil && r.Task.Gate == end && t.State == checklist.Open {
			out = append(out, t)
		}
	}
	return out, nil
}

func (s *scene) waiveGates(gates []*checklist.Task, reason string) error {
	for _, g := range gates {
		if err := g.Skip(s.actor, "waived on resolution: "+reason, s.now); err != nil {
			return err
		}
		if err := s.finishTask(g, event.TaskSkipped); err != nil {
			return err
		}
	}
	return nil
}

func (s *scene) finishTask(t *checklist.Task, k event.Kind) error {
	if err := tasks.Update(s.tx, t); err != nil {
		return err
	}
	if err := timers.Cancel(s.tx, TimerTask, t.ID.String()); err != nil {
		return err
	}
	return s.emit(k, event.Data{Ref: t.ID.String(), Rule: t.Rule, Text: t.Title, Subject: t.Evidence, Clauses: t.Clauses, Phase: t.Phase})
}

// clearAlerts ends what still stands, so that the next trigger of its key is a
// new run that opens an incident instead of being counted on a finished one.
func (s *scene) clearAlerts() error {
	list, err := alerts.Of(s.tx, s.inc.ID, maxAlerts)
	if err != nil {
		return err
	}
	var keys []alerts.Key
	for _, a := range list {
		if a.Open() {
			keys = append(keys, alerts.Key{ServiceID: a.ServiceID, DedupKey: a.DedupKey})
		}
	}
	slices.SortFunc(keys, alerts.Key.Compare)
	latest, err := alerts.Find(s.tx, keys) // locked: a signal may just be counted on them
	if err != nil {
		return err
	}
	var open []*alert.Alert
	for _, k := range keys {
		if a := latest[k]; a != nil && a.Open() && a.IncidentID == s.inc.ID {
			a.Status, a.ResolvedAt = alert.Resolved, s.now
			a.Noise.Settle() // what a person ends is over at once
			open = append(open, a)
		}
	}
	if len(open) == 0 {
		return nil
	}
	if err := alerts.Save(s.tx, open); err != nil {
		return err
	}
	return incidents.Count(s.tx, s.inc.ID, -int64(len(open)), 0)
}

const maxAlerts = 100_000

// TaskDone ends a task with its evidence.
func (c *Command) TaskDone(ctx context.Context, a authz.Actor, id ident.ID, evidence string, now time.Time) (*checklist.Task, error) {
	return c.task(ctx, a, id, now, event.TaskDone, func(t *checklist.Task) error { return t.Complete(a.ID, evidence, now) })
}

// TaskSkip ends a task as not applicable, with the reason.
func (c *Command) TaskSkip(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time) (*checklist.Task, error) {
	return c.task(ctx, a, id, now, event.TaskSkipped, func(t *checklist.Task) error { return t.Skip(a.ID, reason, now) })
}

func (c *Command) task(ctx context.Context, a authz.Actor, id ident.ID, now time.Time, k event.Kind, change func(*checklist.Task) error) (*checklist.Task, error) {
	return c.taskIn(ctx, a, id, now, k, func(_ *scene, t *checklist.Task) error { return change(t) })
}

// taskIn changes a task of an incident that the actor may know of.
func (c *Command) taskIn(ctx context.Context, a authz.Actor, id ident.ID, now time.Time, k event.Kind, change func(*scene, *checklist.Task) error) (t *checklist.Task, err error) {
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if t, err = tasks.Get(tx, id); err != nil {
			return err
		}
		s, err := c.scene(tx, t.IncidentID, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		if err := may(a, authz.Respond, s.inc); err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return fault.New(fault.NotFound, "there is no such task")
			}
			return err
		}
		if err := change(s, t); err != nil {
			return err
		}
		if r, ok := s.rule(t.Rule); ok && r.Task != nil && r.Task.Until == signed && t.State != checklist.Open && review.Duty(s.proc, s.inc.Highest) == review.Required {
			return fault.New(fault.Conflict, "the sign-off of the review ends this; nobody can skip it")
		}
		if t.State != checklist.Open {
			return s.finishTask(t, k)
		}
		if err := tasks.Update(tx, t); err != nil {
			return err
		}
		return s.emit(k, event.Data{Ref: t.ID.String(), Rule: t.Rule, Text: t.Title, Owner: t.Owner, Clauses: t.Clauses, Phase: t.Phase})
	})
	return t, err
}

// signed is the moment without which a P1 or P2 is not closed (OBJ-PIR-ALL).
const signed = "review_signed"

// Preview is what a change of severity would mean (reading 9).
type Preview struct {
	Duration      time.Duration // since detection
	DowntimeMonth time.Duration // of the service's incidents this calendar month, UTC
	Clocks        []PreviewClock
}

// PreviewClock is one clock that would start.
type PreviewClock struct {
	Clock string
	DueAt time.Time
}

// Preview tells what a change of severity would mean, without changing
// anything.
func (c *Command) Preview(ctx context.Context, a authz.Actor, number int64, to procedure.Severity, now time.Time) (p Preview, err error) {
	err = c.view(ctx, a, number, now, func(s *scene) (err error) {
		p.Duration = s.downtime()
		if p.DowntimeMonth, err = s.monthsDowntime(); err != nil {
			return err
		}
		s.inc.Severity, s.inc.SeverityAt = to, now
		for _, clock := range s.proc.Clocks {
			at, ok := s.anchor(clock.From)
			if _, done := s.inc.Reached[clock.Until]; !ok || done && clock.From != fromUpdate {
				continue
			}
			if due, _, _, ok := clock.Due(to, at, s.proc.Calendar()); ok {
				p.Clocks = append(p.Clocks, PreviewClock{Clock: clock.ID, DueAt: due})
			}
		}
		return nil
	})
	return p, err
}

// monthsDowntime sums the service's P1 time in the present month, UTC.
func (s *scene) monthsDowntime() (sum time.Duration, err error) {
	list, err := incidents.List(s.tx, incidents.Filter{Service: s.inc.ServiceID, Limit: 500})
	if err != nil {
		return 0, err
	}
	for _, i := range list {
		if i.Declared && !i.FalsePositive && i.Highest == procedure.P1 {
			sum += i.Downtime(incident.Month(s.now), s.now)
		}
	}
	return sum, nil
}

// Merge makes the incident part of another; its alerts move there and what it
// had coming ends.
func (c *Command) Merge(ctx context.Context, a authz.Actor, from, into int64, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, from, now, func(s *scene) error {
		target, err := incidents.ByNumber(s.tx, into)
		if err != nil {
			return err
		}
		if err := may(a, authz.Command, target); err != nil {
			return err
		}
		t, err := c.scene(s.tx, target.ID, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		if s.inc.ID == t.inc.ID || !s.inc.Status.Open() || !t.inc.Status.Open() || s.inc.Restricted != t.inc.Restricted {
			return fault.New(fault.Conflict, "%s cannot become part of %s: both must be open, different, and equally restricted", s.inc.Ref(), t.inc.Ref())
		}
		open, all, err := alerts.Move(s.tx, s.inc.ID, t.inc.ID, nil)
		if err != nil {
			return err
		}
		if err := incidents.Count(s.tx, s.inc.ID, -open, -all); err != nil {
			return err
		}
		if err := incidents.Count(s.tx, t.inc.ID, open, all); err != nil {
			return err
		}
		s.inc.Status, s.inc.MergedInto = incident.Closed, t.inc.ID
		s.inc.ResolvedAt, s.inc.ResolvedBy, s.inc.ClosedAt = now, a.ID, now
		s.inc.Reason = "part of " + t.inc.Ref()
		if err := s.ended(event.Merged, s.inc.Reason, dismissed); err != nil {
			return err
		}
		return t.emit(event.Noted, event.Data{Text: s.inc.Ref() + " was merged into this incident", Ref: s.inc.ID.String()})
	})
}

// Split takes alerts out of the incident into one of their own.
func (c *Command) Split(ctx context.Context, a authz.Actor, number int64, ids []ident.ID, title string, now time.Time) (*incident.Incident, error) {
	var out *incident.Incident
	_, err := c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		if len(ids) == 0 {
			return fault.New(fault.Invalid, "name the alerts to split off").With("alerts", "ids of alerts of this incident")
		}
		n := &incident.Incident{
			ServiceID: s.inc.ServiceID, GroupKey: "split-" + s.tx.NewID(now).String(), Title: title, Status: incident.Triage,
			Severity: s.inc.Severity, Highest: s.inc.Severity, Procedure: s.inc.Procedure, DetectedAt: now, Regions: s.inc.Regions,
			Why: []string{"split from " + s.inc.Ref()}, Restricted: s.inc.Restricted, Circle: s.inc.Circle,
		}
		if title == "" {
			n.Title = s.inc.Title
		}
		if err := incidents.Insert(s.tx, n, now); err != nil {
			return err
		}
		open, all, err := alerts.Move(s.tx, s.inc.ID, n.ID, ids)
		if err != nil {
			return err
		}
		if all != int64(len(ids)) {
			return fault.New(fault.Invalid, "%d of the %d alerts are of %s", all, len(ids), s.inc.Ref()).With("alerts", "ids of alerts of this incident")
		}
		if err := incidents.Count(s.tx, s.inc.ID, -open, -all); err != nil {
			return err
		}
		if err := incidents.Count(s.tx, n.ID, open, all); err != nil {
			return err
		}
		if err := s.emit(event.Split, event.Data{Text: "alerts went to " + n.Ref(), Ref: n.ID.String()}); err != nil {
			return err
		}
		t, err := c.hold(s.tx, n, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		out = n
		return t.emit(event.Opened, event.Data{Text: n.Title, Subject: n.ServiceID, Clauses: []string{"RSP-S1-RECV"}})
	})
	return out, err
}
