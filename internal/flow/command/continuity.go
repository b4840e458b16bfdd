package command

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
)

// SetFact says of an incident what rules otherwise find out by themselves, such as
// that it is an extended outage or a matter for regulators, with a reason
// (DRB-BK-EXTCOMM, DRB-BCP-REG). The rules that hang on it begin.
func (c *Command) SetFact(ctx context.Context, a authz.Actor, number int64, fact, reason string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		reason = strings.TrimSpace(reason)
		switch {
		case !slices.Contains(procedure.Settable, fact):
			return fault.New(fault.Invalid, "set a fact: it is not known").With("fact", "want one of "+strings.Join(procedure.Settable, ", "))
		case reason == "" || len(reason) > maxNote:
			return fault.New(fault.Invalid, "set a fact: say why").With("reason", "is missing or too long")
		case !s.inc.Status.Open():
			return fault.New(fault.Conflict, "%s is %s: nothing begins any more", s.inc.Ref(), s.inc.Status)
		case s.inc.Fact(fact):
			return nil
		}
		s.flag([]string{fact})
		if err := s.emit(event.Automatic, event.Data{Text: "It is " + fact + ", " + s.name(a.ID) + " says: " + reason, Owner: a.ID, Clauses: []string{"DRB-BK-EXTCOMM", "DRB-BCP-REG"}}); err != nil {
			return err
		}
		return s.again()
	})
}

// perStakeholder opens a task for each stakeholder whose plan names the class, by id.
// A key account is told where it is affected (DRB-BCP-STAKE).
func (s *scene) perStakeholder(r procedure.Rule, title string) error {
	affected := map[string]bool{}
	for _, k := range message.Affected(s.cat, s.inc) {
		affected[k.ID] = true
	}
	for _, id := range slices.Sorted(maps.Keys(s.cat.Stakeholders)) {
		who := s.cat.Stakeholders[id]
		plan, ok := who.Plan(r.Task.Class)
		if !ok || who.Customer != "" && !affected[who.Customer] {
			continue
		}
		due := plan.Within
		if due.IsZero() {
			due = r.Task.Due
		}
		if err := s.open(r, title+": "+whom(&who, plan), cmp.Or(who.Owner, r.Task.Owner), due); err != nil {
			return err
		}
	}
	return nil
}

func whom(who *catalog.Stakeholder, plan catalog.StakeholderPlan) string {
	text := who.Name + " (" + strings.ReplaceAll(who.Group, "_", " ") + ")"
	if plan.How != "" {
		text += ", " + plan.How
	}
	return text
}
