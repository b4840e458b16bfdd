package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/store/tasks"
	"allclear/internal/store/timers"
)

// The cards of the board: tasks that people add, take and hand on, beside those
// of the procedure (WAR-PHY-BOARD).

// Card is a task that a person adds.
type Card struct {
	Title string
	Owner string        // target or person; empty: whoever takes it
	Due   time.Duration // from now; zero: no time box
}

const (
	maxCards   = 1000
	maxCardDue = 90 * 24 * time.Hour
	cardPhase  = "BOARD"
)

// AddTask adds a card to the incident's board.
func (c *Command) AddTask(ctx context.Context, a authz.Actor, number int64, card Card, now time.Time) (t *checklist.Task, err error) {
	_, err = c.by(ctx, a, authz.Respond, number, now, func(s *scene) error {
		bad := fault.New(fault.Invalid, "add a task: something is no use")
		card.Title, card.Owner = strings.TrimSpace(card.Title), strings.TrimSpace(card.Owner)
		if card.Title == "" || len(card.Title) > maxTitle {
			bad = bad.With("title", fmt.Sprintf("say in 1 to %d characters what is to be done", maxTitle))
		}
		if card.Due < 0 || card.Due > maxCardDue {
			bad = bad.With("due_in", "give up to 90 days from now")
		}
		if card.Owner, err = s.owner(card.Owner); err != nil {
			bad = bad.With("owner", err.Error())
		}
		all, err := tasks.Of(s.tx, s.inc.ID)
		switch {
		case err != nil:
			return err
		case len(bad.Details) > 0:
			return bad
		case s.inc.Status == incident.Closed:
			return fault.New(fault.Conflict, "%s is closed, its board stays", s.inc.Ref())
		case len(all) >= maxCards:
			return fault.New(fault.Conflict, "the board of %s is full: %d tasks", s.inc.Ref(), len(all))
		}
		t = &checklist.Task{IncidentID: s.inc.ID, Title: card.Title, Owner: card.Owner, State: checklist.Open, OpenedAt: now, Phase: cardPhase, Clauses: []string{"WAR-PHY-BOARD"}}
		if card.Due > 0 {
			t.DueAt = now.Add(card.Due)
		}
		if err := tasks.Insert(s.tx, t); err != nil {
			return err
		}
		if !t.DueAt.IsZero() {
			if err := timers.Set(s.tx, timers.Timer{Kind: TimerTask, Ref: t.ID.String(), IncidentID: s.inc.ID, DueAt: t.DueAt}, now); err != nil {
				return err
			}
		}
		d := event.Data{Text: t.Title, Owner: t.Owner, Ref: t.ID.String(), Phase: t.Phase, Clauses: t.Clauses}
		if !t.DueAt.IsZero() {
			d.Due = t.DueAt.UnixMicro()
		}
		return s.emit(event.TaskOpened, d)
	})
	return t, err
}

// owner checks a target or makes one of a person's id.
func (s *scene) owner(target string) (string, error) {
	if target == "" {
		return "", nil
	}
	if s.person(target) {
		target = "person:" + target
	}
	if who, err := s.cat.Resolve(target, s.targets()); err != nil || len(who) == 0 {
		return "", fmt.Errorf("%q names nobody: give a person, or a target such as schedule:primary", target)
	}
	return target, nil
}

// TaskTake says that the actor is at a task.
func (c *Command) TaskTake(ctx context.Context, a authz.Actor, id ident.ID, _ string, now time.Time) (*checklist.Task, error) {
	return c.task(ctx, a, id, now, event.TaskTaken, func(t *checklist.Task) error { return t.Take(a.ID, now) })
}

// TaskHand gives a task to another owner.
func (c *Command) TaskHand(ctx context.Context, a authz.Actor, id ident.ID, owner string, now time.Time) (*checklist.Task, error) {
	return c.taskIn(ctx, a, id, now, event.TaskHanded, func(s *scene, t *checklist.Task) error {
		owner, err := s.owner(strings.TrimSpace(owner))
		if err != nil {
			return fault.New(fault.Invalid, "hand the task on").With("owner", err.Error())
		}
		return t.Hand(owner)
	})
}
