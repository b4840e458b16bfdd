package board

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/events"
	"allclear/internal/store/findings"
	"allclear/internal/store/tasks"
)

// Now is what somebody wants to see first.
type Now struct {
	Incidents       []Item // open, the most severe and oldest first
	Due             []TaskItem
	Failed, Waiting int64              // deliveries: given up in the last day, and not out yet
	Findings        []findings.Finding // what is wrong with the product itself
	Names           Names
	Numbers         Numbers
}

// What Now shows at most: incidents, and tasks that are late or due soon.
const (
	nowIncidents = 200
	nowDue       = 100
	nowAhead     = 7 * 24 * time.Hour
	nowFailed    = 24 * time.Hour
)

// Now shows what is open and what is due.
func (b *Board) Now(ctx context.Context, a authz.Actor, now time.Time) (n Now, err error) {
	err = b.look(ctx, a, func(s *sight) error {
		n.Names = s.names()
		if n.Incidents, err = s.items(Filter{Statuses: []string{"open"}, Limit: nowIncidents}); err != nil {
			return err
		}
		slices.SortStableFunc(n.Incidents, func(x, y Item) int {
			if x.Severity != y.Severity {
				return int(x.Severity) - int(y.Severity)
			}
			return int(x.Number - y.Number)
		})
		ts, err := tasks.Due(s.tx, now.Add(nowAhead), s.hidden, nowDue)
		if err != nil {
			return err
		}
		if n.Due, err = s.dueItems(ts, n.Incidents, now); err != nil {
			return err
		}
		if n.Numbers, err = numbersOf(s, n.Due, func(t TaskItem) ident.ID { return t.IncidentID }); err != nil {
			return err
		}
		if n.Findings, err = findings.Standing(s.tx); err != nil {
			return err
		}
		n.Waiting, n.Failed, err = deliveries.Standing(s.tx, now.Add(-nowFailed), s.hidden)
		return err
	})
	return n, err
}

// dueItems names the owners of tasks of the listed incidents.
func (s *sight) dueItems(ts []*checklist.Task, listed []Item, now time.Time) ([]TaskItem, error) {
	byID := map[ident.ID]*incident.Incident{}
	for _, i := range listed {
		byID[i.ID] = i.Incident
	}
	out := make([]TaskItem, len(ts))
	for k, t := range ts {
		out[k] = TaskItem{Task: t, Whom: s.whom(t)}
		i := byID[t.IncidentID]
		if i == nil {
			continue // of an incident that is over
		}
		p, err := s.procedure(i)
		if err != nil {
			return nil, err
		}
		out[k].Gate, out[k].People = gate(p, t.Rule), s.owners(i, p, t.Owner, now)
	}
	return out, nil
}

// Change says that something happened, and to which incident.
type Change struct {
	ID       ident.ID
	Kind     event.Kind
	Incident ident.ID
}

// Since lists what happened after an entry, oldest first, and the entry up to
// which it has read; more says that there was no room for all. Who signs in is
// nobody's business here.
func (b *Board) Since(ctx context.Context, a authz.Actor, after ident.ID, limit int) (p Page[Change], last ident.ID, more bool, err error) {
	last = after
	err = b.look(ctx, a, func(s *sight) error {
		es, err := events.After(s.tx, after, limit, s.hidden...)
		if err != nil {
			return err
		}
		more = len(es) == limit
		var found []Change
		for _, e := range es {
			last = e.ID
			if !strings.HasPrefix(string(e.Kind), "access.") {
				found = append(found, Change{ID: e.ID, Kind: e.Kind, Incident: e.IncidentID})
			}
		}
		p, err = page(s, found, func(c Change) ident.ID { return c.Incident })
		return err
	})
	return p, last, more, err
}

// OutOfOrder reports whether an entry can be committed after others with higher
// ids: with several writers, who takes an id first may commit last.
func (b *Board) OutOfOrder() bool { return b.db.Engine() == "postgres" }

// Last is the newest entry there is.
func (b *Board) Last(ctx context.Context, a authz.Actor) (id ident.ID, err error) {
	err = b.look(ctx, a, func(s *sight) error {
		id, err = events.Last(s.tx)
		return err
	})
	return id, err
}
