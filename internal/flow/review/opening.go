package review

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/review"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/reviews"
	"allclear/internal/store/tasks"
	"allclear/internal/store/timers"
)

// onResolved opens the review of a declared incident whose severity asks for one, by
// the highest it held (reading 9), or goes on with the one that a reopening made void.
func (r *Reviews) onResolved(tx *store.Tx, e *event.Event) error {
	s, err := r.scene(tx, e.IncidentID, true, e.RecordedAt, event.System, "review")
	if err != nil || !s.inc.Declared {
		return err
	}
	if s.rev != nil {
		if err := s.plan(); err != nil {
			return err
		}
		return s.save()
	}
	if review.Duty(s.proc, s.inc.Highest) != review.Required {
		return nil
	}
	return s.open()
}

// open begins the review with its meeting in the window.
func (s *scene) open() error {
	s.rev = &review.Review{IncidentID: s.inc.ID, OpenedAt: s.now, Record: review.Record{Owner: s.owner(), OpenedBy: s.actor}}
	ok, err := reviews.Insert(s.tx, s.rev)
	if err != nil || !ok {
		return err
	}
	if err := s.plan(); err != nil {
		return err
	}
	d := event.Data{
		Ref: s.rev.ID.String(), Owner: s.rev.Owner, To: s.rev.Owner, Due: store.Micros(s.rev.Meeting.Start), Clauses: []string{"WAR-IC-PIR", "PIR-MTG"},
		Text: fmt.Sprintf("owned by %s; the formal review is on %s", s.name(s.rev.Owner), long(s.rev.Meeting.Start)),
	}
	if s.rev.Meeting.Exception != "" {
		d.Text += " (" + s.rev.Meeting.Exception + ")"
	}
	if err := s.emit(event.ReviewOpened, d); err != nil {
		return err
	}
	return s.save()
}

// owner is the commander, or whoever stands in.
func (s *scene) owner() string {
	who, err := s.cat.Resolve("commander", s.targets(s.now))
	if err != nil || len(who) == 0 {
		return s.inc.Commander()
	}
	return who[0]
}

// plan proposes the meeting and arms its invitations.
func (s *scene) plan() error {
	p := s.proc.Review
	if p == nil || !s.rev.SignedAt.IsZero() || s.rev.Meeting.Held() {
		return nil
	}
	w := review.Place(p, s.inc.ResolvedAt, s.now, s.proc.Calendar())
	s.rev.Meeting.Start, s.rev.Meeting.End = w.Slot, w.Slot.Add(p.Length.Elapsed())
	s.rev.Meeting.By, s.rev.Meeting.Exception, s.rev.Meeting.Reason = event.System, w.Exception, ""
	at := s.inc.ResolvedAt.Add(p.Invite.Elapsed())
	if at.Before(s.now) {
		at = s.now
	}
	return timers.Set(s.tx, timers.Timer{Kind: TimerInvite, Ref: s.inc.ID.String(), IncidentID: s.inc.ID, DueAt: at}, s.now)
}

// window is when the formal review of the incident is to be held. A slot that was
// proposed outside it stands.
func (s *scene) window() review.Window {
	w := review.Place(s.proc.Review, s.inc.ResolvedAt, s.inc.ResolvedAt, s.proc.Calendar())
	if m := s.rev.Meeting; m.Exception != "" {
		w.Slot, w.Exception = m.Start, m.Exception
	}
	return w
}

// onTask gives a task that the meeting ends until the end of a meeting that could not
// be placed in its window: nobody is late who waits for it (reading 23).
func (r *Reviews) onTask(tx *store.Tx, e *event.Event) error {
	rev, err := reviews.Of(tx, e.IncidentID)
	if err != nil || rev == nil || rev.Meeting.Exception == "" || rev.Meeting.Held() {
		return err
	}
	s, err := r.scene(tx, e.IncidentID, false, e.RecordedAt, event.System, "review")
	if err != nil {
		return err
	}
	rule, ok := s.rule(e.Data.Rule)
	if !ok || rule.Task == nil || rule.Task.Until != "review_held" && rule.Task.Until != "actions_assigned" {
		return nil
	}
	id, err := ident.Parse(e.Data.Ref)
	if err != nil {
		return err
	}
	t, err := tasks.Get(tx, id)
	if err != nil || t.DueAt.IsZero() || !t.DueAt.Before(rev.Meeting.End) {
		return err
	}
	t.DueAt = rev.Meeting.End
	if err := tasks.Update(tx, t); err != nil {
		return err
	}
	if len(rule.Task.Overdue) > 0 && len(rule.Task.WarnAt) == 0 {
		if err := timers.Set(tx, timers.Timer{Kind: timerTask, Ref: e.Data.Ref, IncidentID: s.inc.ID, DueAt: t.DueAt}, s.now); err != nil {
			return err
		}
	}
	return s.note("meeting", t.Title+": due when the meeting ends, "+long(t.DueAt), "PIR-MTG")
}

// onRestricted takes the meeting back from those who may not know of it any more.
func (r *Reviews) onRestricted(tx *store.Tx, e *event.Event) error {
	s, err := r.scene(tx, e.IncidentID, true, e.RecordedAt, event.System, "review")
	if err != nil || s.rev == nil {
		return err
	}
	if err := s.withdraw(); err != nil {
		return err
	}
	return reviews.Update(tx, s.rev)
}

// onReopened makes void what was said of an end that was none.
func (r *Reviews) onReopened(tx *store.Tx, e *event.Event) error {
	s, err := r.scene(tx, e.IncidentID, true, e.RecordedAt, event.System, "review")
	if err != nil || s.rev == nil {
		return err
	}
	if err := timers.Cancel(tx, TimerInvite, s.inc.ID.String()); err != nil {
		return err
	}
	if err := s.uninvite(); err != nil {
		return err
	}
	s.rev.Reopen(store.Time(e.Data.Due), s.now)
	if err := s.note("reopened", "the incident came back: the review counts anew from its next resolution"); err != nil {
		return err
	}
	return reviews.Update(tx, s.rev)
}

// onRole lets the review go on with whoever commands (WAR-IC-PIR).
func (r *Reviews) onRole(tx *store.Tx, e *event.Event) error {
	if e.Data.Subject != incident.Commander || e.Data.From == "" {
		return nil
	}
	s, err := r.scene(tx, e.IncidentID, true, e.RecordedAt, event.System, "review")
	if err != nil || s.rev == nil || s.rev.Owner != e.Data.From || !s.rev.SignedAt.IsZero() {
		return err
	}
	s.rev.Owner = e.Data.Owner
	return reviews.Update(tx, s.rev)
}

// Open begins the review of a resolved incident for which the procedure only offers
// one.
func (r *Reviews) Open(ctx context.Context, a authz.Actor, number int64, now time.Time) error {
	return r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		found, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := visible(a, authz.Review, found); err != nil {
			return err
		}
		s, err := r.scene(tx, found.ID, true, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		switch {
		case s.rev != nil:
			return nil
		case s.inc.Status != incident.Resolved && s.inc.Status != incident.Closed || s.inc.FalsePositive || s.inc.MergedInto != 0:
			return fault.New(fault.Conflict, "%s is looked back on once it is resolved", s.inc.Ref())
		case review.Duty(s.proc, s.inc.Highest) == review.NotNeeded:
			return fault.New(fault.Conflict, "the procedure asks for no review of a %s", s.inc.Highest)
		}
		return s.open()
	})
}

// inviteDue sends the invitations of a meeting that nobody has set otherwise.
func (r *Reviews) inviteDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	s, err := r.scene(tx, id, true, now, event.System, "review")
	if err != nil || s.rev == nil || !s.rev.SignedAt.IsZero() || s.rev.Meeting.Held() || s.inc.ResolvedAt.IsZero() {
		return err
	}
	if err := s.invite(); err != nil {
		return err
	}
	return s.save()
}

func long(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006 15:04 UTC") }

var _ jobs.TimerHandler = (*Reviews)(nil).inviteDue
