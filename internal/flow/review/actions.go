package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/actionitems"
	"allclear/internal/store/incidents"
	"allclear/internal/store/timers"
)

// NewAction is what follows from an incident.
type NewAction struct {
	Incident              int64
	Title, Text, Category string
	Owner                 string
	DueAt                 time.Time
	Idea                  ident.ID // the recommendation it comes from; 0: none
	Milestones            []action.Milestone
}

// Act makes an action item (PIR-A-5, ACT-OWN-ASSIGN). Errors: fault.Invalid with the
// fields, also for an owner who is not one person.
func (r *Reviews) Act(ctx context.Context, a authz.Actor, n NewAction, now time.Time) (out *action.Item, err error) {
	err = r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		found, err := incidents.ByNumber(tx, n.Incident)
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
		i := &action.Item{ID: tx.NewID(now), IncidentID: found.ID, Owner: strings.TrimPrefix(n.Owner, "person:"), Category: n.Category, DueAt: n.DueAt, Record: action.Record{Title: strings.TrimSpace(n.Title), Text: n.Text, Idea: n.Idea}}
		if n.Owner != "" {
			if err := s.person("owner", n.Owner); err != nil {
				return err
			}
		}
		if err := i.Check(now); err != nil {
			return err
		}
		i.Begin(a.ID, now)
		if len(n.Milestones) > 0 {
			for k := range n.Milestones {
				n.Milestones[k].ID = tx.NewID(now)
			}
			if err := i.SetMilestones(n.Milestones, a.ID, now); err != nil {
				return err
			}
		}
		if err := actionitems.Insert(tx, i); err != nil {
			return err
		}
		if err := s.became(i); err != nil {
			return err
		}
		out = i
		if err := s.told(i, "created", i.Title, "PIR-A-5", "ACT-OWN-ASSIGN"); err != nil {
			return err
		}
		return s.arm(i)
	})
	return out, err
}

// became ties an item to the recommendation it comes from, and tells of the moment
// that the review has come to.
func (s *scene) became(i *action.Item) error {
	if s.rev == nil {
		if i.Idea != 0 {
			return noReview(s.inc)
		}
		return nil
	}
	if i.Idea != 0 {
		if err := s.rev.Became(i.Idea, i.ID); err != nil {
			return err
		}
	}
	return s.save()
}

// told puts what became of an item on the incident's record.
func (s *scene) told(i *action.Item, what, words string, clauses ...string) error {
	return s.emit(event.ActionItem, event.Data{Ref: i.ID.String(), Outcome: what, Status: string(i.State), Text: words, Owner: i.Owner, Due: store.Micros(i.DueAt), Subject: i.Title, Clauses: clauses})
}

// arm sets when the item is looked at next.
func (s *scene) arm(i *action.Item) error {
	at, ok := i.Next(s.proc.Actions, s.now)
	if !ok {
		return timers.Cancel(s.tx, TimerAction, i.ID.String())
	}
	return timers.Set(s.tx, timers.Timer{Kind: TimerAction, Ref: i.ID.String(), IncidentID: i.IncidentID, DueAt: at}, s.now)
}

// act runs one change of an action item; what it returns is told.
func (r *Reviews) act(ctx context.Context, a authz.Actor, id ident.ID, now time.Time, do func(*scene, *action.Item) (what, words string, err error), clauses ...string) (out *action.Item, err error) {
	err = r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		i, err := actionitems.Get(tx, id)
		if err != nil {
			return err
		}
		s, err := r.scene(tx, i.IncidentID, true, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		if err := visible(a, authz.Review, s.inc); err != nil {
			if fault.Is(err, fault.NotFound) {
				return noAction()
			}
			return err
		}
		if i, err = actionitems.Lock(tx, id); err != nil {
			return err
		}
		what, words, err := do(s, i)
		if err != nil {
			return err
		}
		if err := s.told(i, what, words, clauses...); err != nil {
			return err
		}
		if err := s.look(i); err != nil { // blocked is told at once
			return err
		}
		if s.rev != nil {
			if err := s.reach(); err != nil {
				return err
			}
		}
		out = i
		return nil
	})
	return out, err
}

func noAction() error { return fault.New(fault.NotFound, "there is no such action item") }

// MoveAction takes an item to another state; blocked and cancelled need a reason.
func (r *Reviews) MoveAction(ctx context.Context, a authz.Actor, id ident.ID, to action.State, reason string, now time.Time) (*action.Item, error) {
	return r.act(ctx, a, id, now, func(_ *scene, i *action.Item) (string, string, error) {
		return "state", strings.TrimSpace(string(to) + " " + reason), i.Move(to, reason, a.ID, now)
	})
}

// ChangeAction edits an item.
func (r *Reviews) ChangeAction(ctx context.Context, a authz.Actor, id ident.ID, e action.Edit, now time.Time) (*action.Item, error) {
	return r.act(ctx, a, id, now, func(s *scene, i *action.Item) (string, string, error) {
		if e.Owner != "" {
			if err := s.person("owner", e.Owner); err != nil {
				return "", "", err
			}
			e.Owner = strings.TrimPrefix(e.Owner, "person:")
		}
		return "changed", i.Title, i.Change(e, a.ID, now)
	})
}

// Verify says that somebody other than the owner has seen that it is done.
func (r *Reviews) Verify(ctx context.Context, a authz.Actor, id ident.ID, note string, now time.Time) (*action.Item, error) {
	return r.act(ctx, a, id, now, func(_ *scene, i *action.Item) (string, string, error) {
		return "verified", note, i.Verify(note, a.ID, now)
	}, "ACT-OWN-CHECK")
}

// CheckIn says how an item stands.
func (r *Reviews) CheckIn(ctx context.Context, a authz.Actor, id ident.ID, note string, now time.Time) (*action.Item, error) {
	return r.act(ctx, a, id, now, func(_ *scene, i *action.Item) (string, string, error) {
		return "check_in", note, i.CheckIn(note, a.ID, now)
	}, "ACT-OWN-CHECK")
}

// SetMilestones replaces the milestones of an item.
func (r *Reviews) SetMilestones(ctx context.Context, a authz.Actor, id ident.ID, all []action.Milestone, now time.Time) (*action.Item, error) {
	return r.act(ctx, a, id, now, func(s *scene, i *action.Item) (string, string, error) {
		for k := range all {
			known := slices.ContainsFunc(i.Milestones, func(m action.Milestone) bool { return m.ID == all[k].ID })
			if all[k].ID != 0 && !known {
				return "", "", bad("milestones", "there is no milestone "+all[k].ID.String())
			}
			if all[k].ID == 0 {
				all[k].ID = s.tx.NewID(now)
			}
		}
		return "milestone", "milestones", i.SetMilestones(all, a.ID, now)
	}, "ACT-OWN-DUE")
}

// Reach says that a milestone is there.
func (r *Reviews) Reach(ctx context.Context, a authz.Actor, id, milestone ident.ID, now time.Time) (*action.Item, error) {
	return r.act(ctx, a, id, now, func(_ *scene, i *action.Item) (string, string, error) {
		return "milestone", "a milestone is there", i.Reach(milestone, a.ID, now)
	}, "ACT-OWN-DUE")
}
