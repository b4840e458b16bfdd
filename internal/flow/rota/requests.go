package rota

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/rotas"
)

// MaxTurn is the longest stretch one request is about.
const MaxTurn = 92 * 24 * time.Hour

// Ask is what somebody asks for. Empty people are filled in: the actor on the
// side that asks, whoever is on call on the other side of an offer.
type Ask struct {
	Kind     oncall.RequestKind
	Schedule string
	Span     oncall.Stretch
	Back     oncall.Stretch
	Holder   string
	Taker    string
	Note     string
}

// Ask puts a request to somebody or, when nobody is named, to everybody who
// takes turns in the schedule. Taking over now is done at once. Errors:
// fault.Refused for somebody who may not speak for the person,
// fault.Conflict with the reason why the change cannot be.
func (r *Rota) Ask(ctx context.Context, actor authz.Actor, a Ask, now time.Time) (out *oncall.Request, err error) {
	if err := authz.Can(actor, authz.Cover, onSchedule(a.Schedule)); err != nil {
		return nil, err
	}
	err = r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		v, err := r.look(tx, r.desk.Lock, now)
		if err != nil {
			return err
		}
		if out, err = v.draft(actor, a); err != nil {
			return err
		}
		if err := v.fits(out); err != nil {
			return err
		}
		if a.Kind == oncall.TakeNow {
			return v.takeOver(actor, out)
		}
		if err := v.alone(out); err != nil {
			return err
		}
		if err := rotas.Insert(tx, out); err != nil {
			return err
		}
		if err := v.record(actor, out); err != nil {
			return err
		}
		return v.tellAsked(out)
	})
	return out, err
}

// draft fills in who is meant and checks that the actor may speak for them.
func (v *view) draft(actor authz.Actor, a Ask) (*oncall.Request, error) {
	doc, err := v.schedule(a.Schedule)
	if err != nil {
		return nil, err
	}
	q := &oncall.Request{
		Kind: a.Kind, Schedule: a.Schedule, Span: utc(a.Span), Back: utc(a.Back), Holder: a.Holder, Taker: a.Taker,
		State: oncall.RequestOpen, Note: a.Note, AskedBy: actor.ID, AskedAt: v.now,
	}
	if a.Kind == oncall.TakeNow {
		q.Span.From = v.now
	} else {
		q.Span = q.Span.After(v.now)
	}
	asks := &q.Holder
	if a.Kind == oncall.OfferCover || a.Kind == oncall.TakeNow {
		asks = &q.Taker
		if q.Holder == "" && q.Kind == oncall.OfferCover && !q.Span.Empty() {
			q.Holder, _ = doc.Holder(q.Span)
		}
	}
	if *asks == "" {
		*asks = actor.ID
	}
	if err := q.Check(v.now); err != nil {
		return nil, err
	}
	if q.Span.Until.Sub(q.Span.From) > MaxTurn || q.Back.Until.Sub(q.Back.From) > MaxTurn {
		return nil, fault.New(fault.Invalid, "ask for a change of schedule %s: at most %d days at once", a.Schedule, MaxTurn/(24*time.Hour))
	}
	return q, v.mayActFor(actor, *asks)
}

func utc(s oncall.Stretch) oncall.Stretch {
	if s.From.IsZero() && s.Until.IsZero() {
		return oncall.Stretch{}
	}
	return oncall.Stretch{From: s.From.UTC(), Until: s.Until.UTC()}
}

// mayActFor allows the person, the manager, the lead of a team, and whoever
// runs the catalogue.
func (v *view) mayActFor(actor authz.Actor, person string) error {
	if v.cat.ActsFor(actor.ID, person) || authz.Can(actor, authz.ManageCatalog, authz.Resource{Kind: string(catalog.KindPerson), ID: person}) == nil {
		return nil
	}
	return fault.New(fault.Refused, "answer for %s: only the person, their manager or team lead, or an administrator can", v.name(person))
}

// fits refuses what cannot be carried out as people and schedules stand: the
// holder must hold the whole stretch, and who takes it must be able to.
func (v *view) fits(q *oncall.Request) error {
	doc, err := v.schedule(q.Schedule)
	if err != nil {
		return err
	}
	span := q.Span.After(v.now)
	if q.Kind != oncall.TakeNow {
		if q.Holder == "" {
			return fault.New(fault.Conflict, "nobody is on call by %s for the whole of that time: name a shorter one", q.Schedule)
		}
		if err := doc.Holds(q.Holder, span); err != nil {
			return err
		}
	} else if doc.Holds(q.Taker, span) == nil {
		return fault.New(fault.Conflict, "%s is on call then already", v.name(q.Taker))
	}
	o := v.outlook(span.From, span.Until)
	if q.Taker != "" {
		if err := v.cat.MayTake(q.Schedule, q.Taker, span, o); err != nil {
			return err
		}
	}
	if q.Kind != oncall.SwapTurns {
		return nil
	}
	back := q.Back.After(v.now)
	if err := doc.Holds(q.Taker, back); err != nil {
		return err
	}
	return v.cat.MayTake(q.Schedule, q.Holder, back, o)
}

// alone refuses a second open request about the same turn.
func (v *view) alone(q *oncall.Request) error {
	open, err := rotas.Open(v.tx, q.Schedule, v.now)
	if err != nil {
		return err
	}
	for _, o := range open {
		for _, a := range []oncall.Stretch{o.Span, o.Back} {
			for _, b := range []oncall.Stretch{q.Span, q.Back} {
				// Several people may offer to take the same turn; one turn is not given away twice.
				offers := o.Kind == oncall.OfferCover && q.Kind == oncall.OfferCover && o.Taker != q.Taker
				if o.At(v.now) == oncall.RequestOpen && a.Overlaps(b) && !offers {
					return fault.New(fault.Conflict, "request %s is about that time already: answer or withdraw it first", o.ID)
				}
			}
		}
	}
	return nil
}

// takeOver carries out a take-over and keeps it as a request that was accepted.
func (v *view) takeOver(actor authz.Actor, q *oncall.Request) error {
	q.State, q.AnsweredBy, q.AnsweredAt = oncall.RequestAccepted, actor.ID, v.now
	relieved := q.Holder
	if relieved == "" {
		if doc, err := v.schedule(q.Schedule); err == nil {
			relieved = first(doc.At(v.now))
		}
		q.Holder = relieved
	}
	if err := rotas.Insert(v.tx, q); err != nil {
		return err
	}
	return v.carryOut(actor, q)
}

func first(ids []string) string {
	if len(ids) == 0 {
		return ""
	}
	return ids[0]
}

// carryOut writes the overrides, records the change and tells both people.
func (v *view) carryOut(actor authz.Actor, q *oncall.Request) error {
	if _, err := v.r.desk.Cover(v.tx, actor, q.Schedule, q.Overrides(v.now), v.now); err != nil {
		return err
	}
	if err := v.record(actor, q); err != nil {
		return err
	}
	return v.tellDone(q)
}

// Answer says what becomes of a request.
type Answer struct {
	To     oncall.RequestState // accepted, declined or withdrawn
	Person string              // who takes it, where it was put to everybody; empty: the actor
	Reason string
}

// Answer accepts, declines or withdraws a request. Accepting changes the
// schedule in the same transaction; what was possible when it was asked is
// judged again. Errors: fault.Refused, fault.Conflict with the reason.
func (r *Rota) Answer(ctx context.Context, actor authz.Actor, id ident.ID, a Answer, now time.Time) (out *oncall.Request, err error) {
	if err := authz.Can(actor, authz.Cover, onSchedule("")); err != nil {
		return nil, err
	}
	err = r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		v, err := r.look(tx, r.desk.Lock, now)
		if err != nil {
			return err
		}
		q, err := rotas.Get(tx, id)
		if err != nil {
			return err
		}
		out = q
		side := q.Asker()
		if a.To != oncall.RequestWithdrawn {
			side = q.Answerer()
		}
		if side == "" && a.To == oncall.RequestAccepted {
			if side = a.Person; side == "" {
				side = actor.ID
			}
			q.Taker = side
		}
		if side != "" {
			if err := v.mayActFor(actor, side); err != nil {
				return err
			}
		}
		if err := q.Answer(a.To, actor.ID, a.Reason, now); err != nil {
			return err
		}
		return v.answered(actor, q)
	})
	return out, err
}

func (v *view) answered(actor authz.Actor, q *oncall.Request) error {
	if q.State == oncall.RequestAccepted {
		if err := v.fits(q); err != nil {
			return err
		}
	}
	if err := rotas.Update(v.tx, q); err != nil {
		return err
	}
	if q.State == oncall.RequestAccepted {
		return v.carryOut(actor, q)
	}
	if err := v.record(actor, q); err != nil {
		return err
	}
	return v.tellRefused(q)
}

// record writes the entry about a request into the audit record.
func (v *view) record(actor authz.Actor, q *oncall.Request) error {
	return v.r.bus.Emit(v.tx, v.now, event.Event{Kind: event.CoverChanged, Actor: actor.ID, Source: actor.Via, Data: event.Data{
		Subject: q.Schedule, Rule: string(q.Kind), Outcome: string(q.State), From: q.Holder, To: q.Taker, Text: v.sentence(q), Ref: q.ID.String(),
	}})
}

// Filter narrows a list of requests; empty fields do not.
type Filter struct {
	Schedule string
	Open     bool
	Person   string // who asks, or whose answer it waits for
	Before   ident.ID
	Limit    int
}

// Requests lists requests, newest first.
func (r *Rota) Requests(ctx context.Context, actor authz.Actor, f Filter, now time.Time) (out []*oncall.Request, err error) {
	if err := authz.Can(actor, authz.Read, onSchedule(f.Schedule)); err != nil {
		return nil, err
	}
	err = r.db.View(ctx, func(tx *store.Tx) error {
		out, err = rotas.List(tx, rotas.Filter{Schedule: f.Schedule, Open: f.Open, Before: f.Before, Limit: f.Limit}, now)
		return err
	})
	if f.Person != "" {
		out = slices.DeleteFunc(out, func(q *oncall.Request) bool {
			return q.Holder != f.Person && q.Taker != f.Person && q.Answerer() != ""
		})
	}
	return out, err
}
