package command

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store/tasks"
)

// accounts are the affected customers that a duty counts, by id, in order.
func (s *scene) accounts(per string) (out []string) {
	for _, k := range message.Affected(s.cat, s.inc) {
		if counts(per, &k) {
			out = append(out, k.ID)
		}
	}
	slices.Sort(out)
	return out
}

func counts(per string, k *catalog.Customer) bool {
	switch per {
	case "enterprise_account":
		return k.Tier == catalog.Enterprise
	case "vip_account":
		return k.VIP
	case "major_account":
		return k.MajorAccount
	}
	return true
}

// spread has the duties per account follow a change of what the incident touches:
// accounts that are new to it get a task of their own, and those that are not affected
// any more are taken out of what is open, with the reason. What was done stays done.
func (s *scene) spread() error {
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, r := range s.proc.Rules {
		if r.Task == nil || r.Task.Per == "" || r.Task.Per == procedure.PerStakeholder || !s.inc.Fired[r.ID] {
			continue
		}
		mine := slices.DeleteFunc(slices.Clone(all), func(t *checklist.Task) bool { return t.Rule != r.ID || t.OpenedAt.Before(s.counted(r)) })
		if err := s.follows(r, mine); err != nil {
			return fmt.Errorf("rule %s: %w", r.ID, err)
		}
	}
	return nil
}

// counted is from when on tasks of the rule count: what hung on a resolution that did
// not hold is over.
func (s *scene) counted(r procedure.Rule) time.Time {
	if n := len(s.inc.Regressions); n > 0 && trigger(r.On) == resolved {
		return s.inc.Regressions[n-1].ReopenedAt
	}
	return time.Time{}
}

// follows has the tasks of one rule follow; mine are those that there are.
func (s *scene) follows(r procedure.Rule, mine []*checklist.Task) error {
	now := s.accounts(r.Task.Per)
	have := map[string]bool{}
	for _, t := range mine {
		if len(t.Accounts) == 0 && t.State != checklist.Skipped {
			return nil // a version before opened it: nobody knows about whom it is
		}
		if err := s.take(r, t, now); err != nil {
			return err
		}
		for _, id := range t.Accounts {
			have[id] = have[id] || t.State != checklist.Skipped
		}
	}
	fresh := slices.DeleteFunc(now, func(id string) bool { return have[id] })
	waits := len(mine) == 0 && !r.After.IsZero() // it opens with all of them when its time comes
	if len(fresh) == 0 || waits || !r.Applies(s.judged(r), s.facts()) || !s.inc.Holds(r.While) {
		return nil
	}
	by := *s
	by.actor, by.source = event.System, "procedure"
	return by.openFor(r, fresh, s.now)
}

// take takes accounts out of an open task that are not affected any more.
func (s *scene) take(r procedure.Rule, t *checklist.Task, affected []string) error {
	left := slices.DeleteFunc(slices.Clone(t.Accounts), func(id string) bool { return !slices.Contains(affected, id) })
	gone := len(t.Accounts) - len(left)
	if t.State != checklist.Open || gone == 0 {
		return nil
	}
	why := "not affected any more"
	if s.inc.Scope.Reason != "" {
		why += ": " + s.inc.Scope.Reason
	}
	if len(left) == 0 {
		if err := t.Skip(event.System, why, s.now); err != nil {
			return err
		}
		return s.finishTask(t, event.TaskSkipped)
	}
	was := t.Title
	t.Accounts, t.Title = left, s.titled(r, len(left))
	if err := tasks.Update(s.tx, t); err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %d of them %s, %d are left", strings.TrimSpace(was), gone, why, len(left))
	return s.emit(event.Automatic, event.Data{Rule: r.ID, Ref: t.ID.String(), Clauses: t.Clauses, Phase: t.Phase, Text: text})
}
