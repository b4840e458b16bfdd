package review

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/invitation"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/review"
	"allclear/internal/store"
	"allclear/internal/store/actionitems"
	"allclear/internal/store/deadlines"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
	"allclear/internal/store/pages"
	"allclear/internal/store/reviews"
	"allclear/internal/store/rooms"
	"allclear/internal/store/tasks"
)

// Whole is a review with everything it shows of its incident.
type Whole struct {
	Review       *review.Review
	Incident     *incident.Incident
	Service      string
	State        review.State
	Missing      []review.Lack
	Duty         string
	Window       review.Window
	Agenda       []procedure.AgendaItem
	Participants []Participant
	Vendors      []VendorHint
	Entries      int // on the timeline
	Gaps         []review.Gap
	Decisions    []review.Decision
	Notes        rooms.Notes // of the war room, as they stand (WAR-SCR-NOTES)
	Impact       Impact
	Clocks       []*deadline.Deadline
	Team         []review.Effort
	Tasks        []*checklist.Task
	Actions      []*action.Item
	Catalog      *catalog.Catalog
	ClockName    func(clock string) string
}

// Impact is what the incident meant. Accounts and revenue are for those who may read
// customers.
type Impact struct {
	Stretches []incident.Span
	Customers bool // the reader may see them
	Accounts  []review.Account
	Factor    float64
	Finances  review.Finances
	Technical []review.Degradation
	Spans     review.Spans
	Mood      review.Moods
}

// VendorHint is a vendor that the touched services stand on: somebody there may be
// asked to the review (PIR-P-EXT).
type VendorHint struct {
	ID, Name, Support string
	Involved          bool // it was in trouble during the incident
	Invited           bool // a guest is of it
}

// Of shows the review of an incident. Errors: fault.NotFound, also for no review.
func (r *Reviews) Of(ctx context.Context, a authz.Actor, number int64, now time.Time) (w Whole, err error) {
	err = r.view(ctx, a, number, now, func(s *scene) error {
		w, err = s.whole(a)
		return err
	})
	return w, err
}

// view reads in one transaction what an actor may see.
func (r *Reviews) view(ctx context.Context, a authz.Actor, number int64, now time.Time, read func(*scene) error) error {
	return r.db.View(ctx, func(tx *store.Tx) error {
		found, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := visible(a, authz.Read, found); err != nil {
			return err
		}
		s, err := r.scene(tx, found.ID, false, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		if s.rev == nil {
			return noReview(s.inc)
		}
		return read(s)
	})
}

func (s *scene) whole(a authz.Actor) (w Whole, err error) {
	w = Whole{Review: s.rev, Incident: s.inc, Service: s.service(), Duty: review.Duty(s.proc, s.inc.Highest), Catalog: s.cat, ClockName: s.clockName}
	if s.proc.Review != nil {
		w.Agenda, w.Participants, w.Vendors = s.proc.Review.Agenda, s.participants(), nil
		if !s.inc.ResolvedAt.IsZero() {
			w.Window = s.window()
		}
	}
	entries, gaps, err := s.timeline()
	if err != nil {
		return w, err
	}
	w.Entries, w.Gaps = len(entries), gaps
	around, err := s.around()
	if err != nil {
		return w, err
	}
	w.Decisions, w.Missing = around.Decisions, s.rev.Missing(s.proc.Review, around)
	w.State = s.rev.State(w.Missing)
	if w.State == review.Signed {
		w.Missing = nil
	}
	if w.Notes, err = rooms.Latest(s.tx, s.inc.ID); err != nil {
		return w, err
	}
	if w.Clocks, err = deadlines.Of(s.tx, s.inc.ID); err != nil {
		return w, err
	}
	paged, err := pages.Of(s.tx, s.inc.ID)
	if err != nil {
		return w, err
	}
	w.Team = review.Efforts(s.inc, paged, s.now)
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return w, err
	}
	w.Tasks = slices.DeleteFunc(all, func(t *checklist.Task) bool { return t.Phase != phase })
	if w.Actions, err = actionitems.Of(s.tx, s.inc.ID); err != nil {
		return w, err
	}
	if w.Vendors, err = s.vendors(); err != nil {
		return w, err
	}
	w.Impact, err = s.impact(a)
	return w, err
}

// impact gathers what the incident meant.
func (s *scene) impact(a authz.Actor) (m Impact, err error) {
	m.Stretches = s.inc.Hurt(s.now)
	if s.proc.Review != nil {
		m.Factor = s.proc.Review.LossFactor
	}
	m.Customers = authz.Can(a, authz.ReadCustomers, authz.Resource{}) == nil
	if m.Customers {
		m.Accounts = review.Accounts(message.Affected(s.cat, s.inc), m.Stretches, m.Factor)
		var costs []review.Cost
		if s.r.o.Costs != nil {
			if costs, err = s.r.o.Costs(s.tx, s.inc.ID); err != nil {
				return m, err
			}
		}
		m.Finances = review.FinancesOf(m.Accounts, costs)
	}
	m.Spans = review.SpansOf(m.Stretches, s.now)
	if m.Technical, err = s.technical(m.Spans); err != nil {
		return m, err
	}
	m.Mood, err = s.mood(m.Spans.During)
	return m, err
}

// vendors lists those that the touched services stand on.
func (s *scene) vendors() ([]VendorHint, error) {
	stretches := s.inc.Hurt(s.now)
	from, until := stretches[0].From, stretches[len(stretches)-1].Until
	said, err := events.List(s.tx, events.Filter{Kind: string(event.VendorState), From: from.Add(-time.Hour), Until: until.Add(time.Minute), Limit: 500})
	if err != nil {
		return nil, err
	}
	red := map[string]bool{}
	for _, e := range said {
		if e.Data.Outcome == "degraded" || e.Data.Outcome == "outage" {
			red[e.Data.Subject] = true
		}
	}
	var out []VendorHint
	for id, v := range s.cat.Vendors {
		touched := slices.ContainsFunc(s.inc.Services(), func(svc string) bool { return s.standsOn(svc, v.Services) })
		if !touched {
			continue
		}
		out = append(out, VendorHint{
			ID: id, Name: v.Name, Support: v.Support, Involved: red[id],
			Invited: slices.ContainsFunc(s.rev.Guests, func(g review.Guest) bool { return g.Of == id || g.Of == v.Name }),
		})
	}
	slices.SortFunc(out, func(a, b VendorHint) int {
		if a.Involved != b.Involved {
			if a.Involved {
				return -1
			}
			return 1
		}
		return compare(a.ID, b.ID)
	})
	return out, nil
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// standsOn reports whether a service is one of those, or depends on one.
func (s *scene) standsOn(service string, those []string) bool {
	return slices.ContainsFunc(append([]string{service}, s.cat.Upstream(service)...), func(id string) bool { return slices.Contains(those, id) })
}

// Timeline is the record of the incident in the order in which things happened.
func (r *Reviews) Timeline(ctx context.Context, a authz.Actor, number int64, now time.Time) (all []event.Event, gaps []review.Gap, cat *catalog.Catalog, err error) {
	err = r.view(ctx, a, number, now, func(s *scene) error {
		cat = s.cat
		all, gaps, err = s.timeline()
		return err
	})
	return all, gaps, cat, err
}

// clockName is what the procedure calls a clock.
func (s *scene) clockName(id string) string {
	if c, ok := s.proc.Clock(id); ok && c.Name != "" {
		return c.Name
	}
	return id
}

// Calendar is what a calendar program reads of the review: its meeting, and the one
// after it.
func (r *Reviews) Calendar(ctx context.Context, a authz.Actor, number int64, now time.Time) (name string, all []invitation.Meeting, err error) {
	err = r.view(ctx, a, number, now, func(s *scene) error {
		name = s.called()
		if s.proc.Review != nil && !s.rev.Meeting.Start.IsZero() {
			all = append(all, s.meeting())
		}
		if !s.rev.FollowUp.At.IsZero() {
			all = append(all, s.followUp())
		}
		return nil
	})
	return name, all, err
}

// Item is a review in a list.
type Item struct {
	Review   *review.Review
	Incident *incident.Incident
	State    review.State
	Missing  int
	Actions  int
}

// List lists reviews, the newest first; open ones only when asked. next is where to
// go on, zero at the end.
func (r *Reviews) List(ctx context.Context, a authz.Actor, open bool, before ident.ID, limit int, now time.Time) (out []Item, cat *catalog.Catalog, next ident.ID, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return nil, nil, 0, err
	}
	err = r.db.View(ctx, func(tx *store.Tx) error {
		if cat, err = r.o.Catalog(tx); err != nil {
			return err
		}
		for len(out) < limit {
			all, err := reviews.List(tx, before, open, limit)
			if err != nil {
				return err
			}
			for _, v := range all {
				before = v.ID
				item, err := r.item(tx, a, v, now)
				if err != nil {
					return err
				}
				if item == nil {
					continue
				}
				if out = append(out, *item); len(out) == limit {
					next = v.ID
					return nil
				}
			}
			if len(all) < limit {
				return nil
			}
		}
		return nil
	})
	return out, cat, next, err
}

// item is a review as a list shows it; nil for an actor who may not know of it.
func (r *Reviews) item(tx *store.Tx, a authz.Actor, v *review.Review, now time.Time) (*Item, error) {
	s, err := r.scene(tx, v.IncidentID, false, now, a.ID, a.Via)
	if err != nil {
		return nil, err
	}
	if !sees(a, s.inc) {
		return nil, nil
	}
	around, err := s.around()
	if err != nil {
		return nil, err
	}
	missing := s.rev.Missing(s.proc.Review, around)
	state := s.rev.State(missing)
	if state == review.Signed {
		missing = nil
	}
	return &Item{Review: s.rev, Incident: s.inc, State: state, Missing: len(missing), Actions: around.Actions}, nil
}

// ActionFilter narrows a list of action items.
type ActionFilter struct {
	actionitems.Filter
	Incident int64 // number; 0: all
	Overdue  bool
}

// Acted is an action item with what it belongs to.
type Acted struct {
	*action.Item
	Incident *incident.Incident
}

// Actions lists action items, the newest first.
func (r *Reviews) Actions(ctx context.Context, a authz.Actor, f ActionFilter, now time.Time) (out []Acted, cat *catalog.Catalog, next ident.ID, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return nil, nil, 0, err
	}
	if f.Overdue {
		f.Standing, f.DueBy = true, now
	}
	limit := f.Limit
	err = r.db.View(ctx, func(tx *store.Tx) error {
		if cat, err = r.o.Catalog(tx); err != nil {
			return err
		}
		known := map[ident.ID]*incident.Incident{}
		for {
			all, err := actionitems.List(tx, f.Filter)
			if err != nil {
				return err
			}
			for _, i := range all {
				f.Before = i.ID
				inc := known[i.IncidentID]
				if inc == nil {
					if inc, err = incidents.Peek(tx, i.IncidentID); err != nil {
						return err
					}
					known[i.IncidentID] = inc
				}
				if !sees(a, inc) || f.Incident != 0 && inc.Number != f.Incident || f.Overdue && !i.Overdue(now) {
					continue
				}
				if out = append(out, Acted{i, inc}); len(out) == limit {
					next = i.ID
					return nil
				}
			}
			if len(all) < f.Limit {
				return nil
			}
		}
	})
	return out, cat, next, err
}

// Action shows one action item.
func (r *Reviews) Action(ctx context.Context, a authz.Actor, id ident.ID) (out Acted, cat *catalog.Catalog, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		i, err := actionitems.Get(tx, id)
		if err != nil {
			return err
		}
		inc, err := incidents.Peek(tx, i.IncidentID)
		if err != nil {
			return err
		}
		if err := visible(a, authz.Read, inc); err != nil {
			if fault.Is(err, fault.NotFound) {
				return noAction()
			}
			return err
		}
		out = Acted{i, inc}
		cat, err = r.o.Catalog(tx)
		return err
	})
	return out, cat, err
}
