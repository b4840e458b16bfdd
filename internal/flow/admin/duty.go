package admin

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
)

// MaxRange is the longest stretch of a schedule that is laid out at once.
const MaxRange = 370 * 24 * time.Hour

// Duty is who is on call by one schedule at an instant.
type Duty struct {
	Schedule string
	// OnCall is who would be paged: whoever the schedule names, or the deputy
	// of somebody absent. Empty: nobody.
	OnCall []string
	// Named is who the schedule names.
	Named []string
	Until time.Time // when the schedule names somebody else; zero: not in sight
	Next  []string  // who is named then
}

// OnCall tells who is on call at an instant, by schedule id.
func (a *Admin) OnCall(ctx context.Context, actor authz.Actor, at time.Time) ([]Duty, error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: string(catalog.KindSchedule)}); err != nil {
		return nil, err
	}
	s, err := a.committed(ctx)
	if err != nil {
		return nil, err
	}
	out := []Duty{}
	for _, e := range s.of(catalog.KindSchedule) {
		d, err := s.duty(e.Key(), at)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	return out, nil
}

// Duty is OnCall for one schedule.
func (a *Admin) Duty(ctx context.Context, actor authz.Actor, id string, at time.Time) (Duty, error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: string(catalog.KindSchedule), ID: id}); err != nil {
		return Duty{}, err
	}
	s, err := a.committed(ctx)
	if err != nil {
		return Duty{}, err
	}
	return s.duty(id, at)
}

func (s *snapshot) duty(id string, at time.Time) (Duty, error) {
	doc, ok := s.cat.Schedules[id]
	if !ok {
		return Duty{}, authz.NotFound(string(catalog.KindSchedule), id)
	}
	who, err := s.cat.Resolve("schedule:"+id, catalog.TargetContext{At: at})
	if err != nil {
		return Duty{}, err
	}
	d := Duty{Schedule: id, OnCall: who, Named: doc.At(at), Next: []string{}}
	if until, ok := doc.NextChange(at); ok {
		d.Until, d.Next = until, doc.At(until)
	}
	return d, nil
}

// Rota is a schedule laid out over a stretch of time.
type Rota struct {
	Item   Item
	Shifts []oncall.Shift
	Gaps   []oncall.Shift
}

// Rota lays a schedule out over [from, until), at most MaxRange.
func (a *Admin) Rota(ctx context.Context, actor authz.Actor, id string, from, until time.Time) (Rota, error) {
	item, err := a.Get(ctx, actor, catalog.KindSchedule, id)
	if err != nil {
		return Rota{}, err
	}
	return layOut(item, from, until)
}

// Draft lays out a schedule that is not saved, as Rota does one that is, after
// the checks that saving it would make. It changes nothing.
func (a *Admin) Draft(ctx context.Context, actor authz.Actor, e catalog.Schedule, from, until time.Time) (Rota, error) {
	if err := authz.Can(actor, authz.ManageCatalog, authz.Resource{Kind: string(catalog.KindSchedule), ID: e.ID}); err != nil {
		return Rota{}, err
	}
	s, err := a.committed(ctx)
	if err != nil {
		return Rota{}, err
	}
	if err := catalog.Check(e, s.cat); err != nil {
		return Rota{}, err
	}
	return layOut(Item{Entity: e}, from, until)
}

func layOut(item Item, from, until time.Time) (Rota, error) {
	if !from.Before(until) || until.Sub(from) > MaxRange {
		return Rota{}, fault.New(fault.Invalid, "lay out schedule %s: until must be after from, by at most %d days", item.Entity.Key(), MaxRange/(24*time.Hour))
	}
	doc := item.Entity.(catalog.Schedule).Document
	return Rota{Item: item, Shifts: doc.Shifts(from, until), Gaps: doc.Gaps(from, until)}, nil
}

// Cover puts a person on call by an override, which wins over those already
// there. It must not be over yet.
func (a *Admin) Cover(ctx context.Context, actor authz.Actor, id string, o oncall.Override, now time.Time) (Item, error) {
	if err := authz.Can(actor, authz.Cover, authz.Resource{Kind: string(catalog.KindSchedule), ID: id}); err != nil {
		return Item{}, err
	}
	if !o.Until.After(now) {
		return Item{}, fault.New(fault.Invalid, "cover %s: the override would be over already", id).With("/until", "must be after now")
	}
	o.From, o.Until = o.From.UTC(), o.Until.UTC()
	return a.override(ctx, actor, id, now, func(doc *oncall.Schedule) (*oncall.Schedule, error) {
		kept := *doc
		if len(doc.Overrides) >= oncall.MaxOverrides {
			kept.Overrides = slices.DeleteFunc(slices.Clone(doc.Overrides), func(o oncall.Override) bool { return !o.Until.After(now) })
		}
		return kept.WithOverride(o)
	})
}

// Uncover removes an override, the one that is equal to o.
func (a *Admin) Uncover(ctx context.Context, actor authz.Actor, id string, o oncall.Override, now time.Time) (Item, error) {
	if err := authz.Can(actor, authz.Cover, authz.Resource{Kind: string(catalog.KindSchedule), ID: id}); err != nil {
		return Item{}, err
	}
	return a.override(ctx, actor, id, now, func(doc *oncall.Schedule) (*oncall.Schedule, error) {
		i := slices.IndexFunc(doc.Overrides, func(have oncall.Override) bool {
			return have.Person == o.Person && have.From.Equal(o.From) && have.Until.Equal(o.Until)
		})
		if i < 0 {
			return nil, authz.NotFound("override", o.Person)
		}
		next := &oncall.Schedule{TimeZone: doc.TimeZone, Layers: doc.Layers, Overrides: slices.Delete(slices.Clone(doc.Overrides), i, i+1)}
		return next, next.Prepare()
	})
}

func (a *Admin) override(ctx context.Context, actor authz.Actor, id string, now time.Time, change func(*oncall.Schedule) (*oncall.Schedule, error)) (item Item, err error) {
	err = a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		item, err = a.overrideIn(tx, actor, id, now, change)
		return err
	})
	return item, err
}

// CoverIn adds overrides inside a transaction of somebody who has authorised
// it, and returns the version the schedule has then. Hold LockIn from before
// the schedule was judged.
func (a *Admin) CoverIn(tx *store.Tx, actor authz.Actor, id string, os []oncall.Override, now time.Time) (version int64, err error) {
	item, err := a.overrideIn(tx, actor, id, now, func(doc *oncall.Schedule) (*oncall.Schedule, error) {
		next := &oncall.Schedule{TimeZone: doc.TimeZone, Layers: doc.Layers, Overrides: slices.Clone(doc.Overrides)}
		if len(next.Overrides)+len(os) > oncall.MaxOverrides {
			next.Overrides = slices.DeleteFunc(next.Overrides, func(o oncall.Override) bool { return !o.Until.After(now) })
		}
		next.Overrides = append(next.Overrides, os...)
		return next, next.Prepare()
	})
	return item.Version, err
}

// LockIn keeps the catalogue from changing until the transaction ends, and
// returns it as it stands.
func (a *Admin) LockIn(tx *store.Tx) (*catalog.Catalog, error) {
	s, err := a.locked(tx)
	if err != nil {
		return nil, err
	}
	return s.cat, nil
}

func (a *Admin) overrideIn(tx *store.Tx, actor authz.Actor, id string, now time.Time, change func(*oncall.Schedule) (*oncall.Schedule, error)) (Item, error) {
	s, err := a.locked(tx)
	if err != nil {
		return Item{}, err
	}
	doc, ok := s.cat.Schedules[id]
	if !ok {
		return Item{}, authz.NotFound(string(catalog.KindSchedule), id)
	}
	next, err := change(doc)
	if err != nil {
		return Item{}, err
	}
	e := catalog.Schedule{ID: id, Document: next}
	version, err := a.write(tx, actor, s, set{put: []catalog.Entity{e}, fields: []string{"overrides"}}, now)
	return Item{Entity: e, Version: version, UpdatedAt: now}, err
}
