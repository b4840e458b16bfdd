package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/actionitems"
	"allclear/internal/store/timers"
)

// actionDue looks at an action item of which something may be due: a sign of life, a
// milestone, or that it is late (ACT-OWN-CHECK, ACT-OWN-DUE, ACT-OWN-ESC).
func (r *Reviews) actionDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	i, err := actionitems.Get(tx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := r.scene(tx, i.IncidentID, true, now, event.System, "review")
	if err != nil {
		return err
	}
	if i, err = actionitems.Lock(tx, id); err != nil {
		return err
	}
	return s.look(i)
}

// look tells what has come due of an item, and keeps it.
func (s *scene) look(i *action.Item) error {
	p := s.proc.Actions
	due := i.Take(p, s.now)
	for _, step := range due.Steps {
		if err := s.late(i, step); err != nil {
			return err
		}
	}
	for _, k := range due.Milestones {
		m := i.Milestones[k]
		if err := s.tell(i, "milestone", p.LateText, []string{"person:" + i.Owner}, []string{"ACT-OWN-DUE"}, map[string]string{"name": m.Title + " (" + i.Title + ")", "due": day(m.DueAt), "reason": "a milestone is missed"}); err != nil {
			return err
		}
	}
	if due.CheckIn {
		if err := s.tell(i, "check-in", p.Text, []string{"person:" + i.Owner}, p.CheckFor, map[string]string{"name": i.Title, "due": day(i.DueAt)}); err != nil {
			return err
		}
	}
	if err := actionitems.Update(s.tx, i); err != nil {
		return err
	}
	return s.arm(i)
}

// late tells a step of those who hear that an item is overdue or blocked.
func (s *scene) late(i *action.Item, step procedure.ActionStep) error {
	var to []string
	for _, t := range step.To {
		if t != procedure.OwnersManager {
			to = append(to, t)
			continue
		}
		for _, id := range s.managers(i.Owner) {
			to = append(to, "person:"+id)
		}
	}
	why := i.Why(s.now)
	if err := s.told(i, "late", why, step.Clauses...); err != nil {
		return err
	}
	return s.tell(i, "late", s.proc.Actions.LateText, to, step.Clauses, map[string]string{"name": i.Title, "due": day(i.DueAt), "reason": s.name(i.Owner) + ": " + why})
}

// managers are who the owner reports to: the manager the catalogue names, else those
// of the owner's area.
func (s *scene) managers(owner string) []string {
	p := s.cat.People[owner]
	if m, ok := s.cat.People[p.Manager]; ok {
		if m.AbsentAt(s.now) {
			if d, ok := s.cat.Deputy(m.ID, s.now); ok {
				return []string{d}
			}
		}
		return []string{m.ID}
	}
	target := "manager:" + p.Area
	if p.Area == "" {
		target = "manager:area"
	}
	ids, err := s.cat.Resolve(target, catalog.TargetContext{At: s.now, ServiceID: s.inc.ServiceID})
	if err != nil {
		return nil // the notice says that nobody is behind it
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == owner })
}

// tell asks for a notice about an item; each firing has a key of its own.
func (s *scene) tell(i *action.Item, what, text string, to, clauses []string, words map[string]string) error {
	words["plain"] = "an action item"
	subject, body, err := s.text(text, words)
	if err != nil {
		return err
	}
	return s.emit(event.NoticeWanted, event.Data{
		Rule: "action-" + what, Ref: fmt.Sprintf("%s/%s/%d", i.ID, strings.Join(to, "+"), s.now.Unix()), Targets: to, Subject: subject, Text: body, Clauses: clauses,
	})
}

func day(t time.Time) string { return t.UTC().Format("Mon 2 Jan 2006") }
