// Package review owns how incidents are looked back on: the review that opens when
// one is resolved, its meeting and who is asked to it, what is found, the sign-off
// that closing waits for, and the action items that follow (PIR-*, ACT-*). What a
// review shows of an incident is gathered when it is read, so that it says what the
// record says. This package must not change an incident: it tells of moments.
package review

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/review"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
	"allclear/internal/store/reviews"
)

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Decisions reads the decisions of an incident; nil: none are kept here.
	Decisions func(tx *store.Tx, incident ident.ID) ([]review.Decision, error)
	// Costs reads what an incident costs beside revenue; nil: nothing is kept here.
	Costs func(tx *store.Tx, incident ident.ID) ([]review.Cost, error)
	// From is the address invitations come from; empty: unknown.
	From string
}

// Reviews looks back. Make it with New and wire it before use.
type Reviews struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Reviews { return &Reviews{db: db, bus: bus, o: o} }

// Kinds of timer that the flow handles.
const (
	TimerInvite = "review.invite" // ref: id of the incident
	TimerAction = "action.due"    // ref: id of the action item
	timerTask   = "task"          // ref: id of the task; flow/command handles it
)

// Wire hangs the flow on the bus and the timers. Wire it before command, whose rules
// on a resolution look at what a review has reached already.
func (r *Reviews) Wire(timers *jobs.Timers) {
	r.bus.On(event.ResolvedKind, r.onResolved)
	r.bus.On(event.Reopened, r.onReopened)
	r.bus.On(event.RoleTaken, r.onRole)
	r.bus.On(event.Restricted, r.onRestricted)
	r.bus.On(event.TaskOpened, r.onTask)
	timers.Handle(TimerInvite, r.inviteDue)
	timers.Handle(TimerAction, r.actionDue)
}

// scene is an incident that is looked back on, in one transaction.
type scene struct {
	r      *Reviews
	tx     *store.Tx
	now    time.Time
	actor  string
	source string
	inc    *incident.Incident
	proc   *procedure.Procedure
	cat    *catalog.Catalog
	rev    *review.Review // nil: there is none
}

// scene reads the incident and its review; locked when they may change.
func (r *Reviews) scene(tx *store.Tx, id ident.ID, lock bool, now time.Time, actor, source string) (s *scene, err error) {
	s = &scene{r: r, tx: tx, now: now, actor: actor, source: source}
	get, of := incidents.Peek, reviews.Of
	if lock { // the incident first, as everywhere
		get, of = incidents.Get, reviews.Lock
	}
	if s.inc, err = get(tx, id); err != nil {
		return nil, err
	}
	if s.proc, err = r.o.Shelf.Get(tx, s.inc.Procedure); err != nil {
		return nil, err
	}
	if s.cat, err = r.o.Catalog(tx); err != nil {
		return nil, err
	}
	s.rev, err = of(tx, id)
	return s, err
}

// visible refuses an actor for whom the incident does not exist.
func visible(a authz.Actor, v authz.Verb, i *incident.Incident) error {
	if !sees(a, i) {
		return noIncident()
	}
	return authz.Can(a, v, authz.Resource{Kind: "incident", ID: i.Ref()})
}

// sees reports whether the incident exists for the actor.
func sees(a authz.Actor, i *incident.Incident) bool {
	return a.Role == authz.System || i.VisibleTo(a.ID)
}

func noIncident() error { return fault.New(fault.NotFound, "there is no such incident") }

// noReview is the answer where there is none.
func noReview(i *incident.Incident) error {
	return fault.New(fault.NotFound, "there is no review of %s", i.Ref())
}

// by runs one change of the review of an incident.
func (r *Reviews) by(ctx context.Context, a authz.Actor, v authz.Verb, number int64, now time.Time, do func(*scene) error) error {
	return r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		found, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := visible(a, v, found); err != nil {
			return err
		}
		s, err := r.scene(tx, found.ID, true, now, a.ID, a.Via)
		if err != nil {
			return err
		}
		if s.rev == nil {
			return noReview(s.inc)
		}
		if err := do(s); err != nil {
			return err
		}
		return s.save()
	})
}

// save writes the review and tells of what it has reached by now.
func (s *scene) save() error {
	if err := reviews.Update(s.tx, s.rev); err != nil {
		return err
	}
	return s.reach()
}

// emit puts an entry on the incident's record.
func (s *scene) emit(k event.Kind, d event.Data) error {
	d.Number, d.Severity = s.inc.Number, s.inc.Severity.String()
	return s.r.bus.Emit(s.tx, s.now, event.Event{IncidentID: s.inc.ID, Kind: k, Actor: s.actor, Source: s.source, Restricted: s.inc.Restricted, Data: d})
}

// note tells what somebody did to the review.
func (s *scene) note(what, words string, clauses ...string) error {
	return s.emit(event.ReviewChanged, event.Data{Ref: s.rev.ID.String(), Outcome: what, Text: words, Owner: s.actor, Clauses: clauses})
}

// reach tells of the moments that the review has come to: tasks that wait for them
// end. Each is told once until the incident comes back.
func (s *scene) reach() error {
	for _, m := range []struct {
		moment, text string
		is           bool
	}{
		{"timeline_complete", "the timeline was checked", !s.rev.Timeline.At.IsZero()},
		{"cause_validated", "root cause: " + s.rev.Cause.Text, s.rev.Cause.Valid()},
		{"factors_named", fmt.Sprintf("%d contributing factors", len(s.rev.Factors)), s.rev.HasFactors()},
		{"impact_assessed", "every part of the impact was assessed", s.rev.Assessed()},
		{"communication_rated", fmt.Sprintf("communication: %d of 5", s.rev.Rating.Stars), s.rev.Rating.Stars > 0},
		{"review_invited", fmt.Sprintf("%d people and %d guests are invited", len(s.rev.Meeting.Invited), len(s.rev.Meeting.Mailed)), !s.rev.Meeting.InvitedAt.IsZero()},
		{"review_held", "the formal review was held, and its agenda worked through", s.rev.Meeting.Held()},
	} {
		if err := s.moment(m.moment, m.text, m.is); err != nil {
			return err
		}
	}
	n, err := s.standing()
	if err != nil {
		return err
	}
	done := s.rev.Meeting.Held() && (n > 0 || s.rev.NoActions != "")
	if err := s.moment("actions_assigned", fmt.Sprintf("%d action items, each with one owner and a date", n), done); err != nil {
		return err
	}
	return s.moment("review_signed", "signed off by "+s.name(s.rev.Signed), !s.rev.SignedAt.IsZero())
}

func (s *scene) moment(name, text string, is bool) error {
	if _, told := s.inc.Reached[name]; !is || told {
		return nil
	}
	s.inc.Reach(name, s.now) // this copy is read only; it keeps from telling twice
	return s.emit(event.Moment, event.Data{Reaches: name, Text: text, Ref: s.rev.ID.String()})
}

func (s *scene) name(person string) string {
	if p, ok := s.cat.People[person]; ok {
		return p.Name
	}
	return person
}

// service is what the incident's service is called.
func (s *scene) service() string {
	if v, ok := s.cat.Services[s.inc.ServiceID]; ok {
		return v.Name
	}
	return s.inc.ServiceID
}

// targets is the situation in which targets are resolved.
func (s *scene) targets(at time.Time) catalog.TargetContext {
	t := catalog.TargetContext{
		ServiceID: s.inc.ServiceID, At: at, OutOfHours: !s.proc.Calendar().Open(at), Commander: s.inc.Commander(),
		TechLead: s.inc.Roles[incident.TechLead], Scribe: s.inc.Roles[incident.Scribe], Standby: s.proc.Standby(s.inc.Restricted),
	}
	for _, r := range s.inc.Responders {
		if r.State == "joined" {
			t.Responders = append(t.Responders, r.Person)
		}
	}
	return t
}

// text fills a text of the procedure for a notice. What leaves the house about a
// restricted incident says nothing of it.
func (s *scene) text(name string, more map[string]string) (subject, body string, err error) {
	t, ok := s.proc.Texts[name]
	if !ok {
		return "", "", fmt.Errorf("text %q is not in the procedure", name)
	}
	w := map[string]string{
		"title": s.inc.Title, "service": s.service(), "severity": s.inc.Highest.String(), "number": s.inc.Ref(), "status": string(s.inc.Status),
		"commander": s.name(s.inc.Commander()),
	}
	for k, v := range more {
		w[k] = v
	}
	if s.inc.Restricted {
		w["title"], w["service"] = message.RestrictedTitle, message.RestrictedService
		w["reason"] = ""
		if _, named := more["name"]; named {
			w["name"] = more["plain"]
		}
	}
	subject, body = t.Fill(w)
	return subject, body, nil
}
