// Package inquiry owns the search for the cause of an incident and for what helps:
// it keeps hypotheses, decisions, workstreams, solutions, findings and technical
// updates, shows what was changed and measured around the time, and measures the way
// to targets that the catalogue allows. Everything is an entry on the record. It must
// not change the incident itself: command hears of moments and findings and does.
package inquiry

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
	"allclear/internal/domain/event"
	vault "allclear/internal/domain/evidence"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/domain/status"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/evidence"
	"allclear/internal/store/incidents"
	"allclear/internal/store/inquiries"
	"allclear/internal/store/procedures"
)

// Options are what the flow stands on.
type Options struct {
	Shelf   *procedures.Shelf
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Try makes one step of a measurement; nil: none are made here.
	Try func(ctx context.Context, c check.Check, now time.Time) check.Result
	// Tell keeps a change that was made to a service.
	Tell func(ctx context.Context, service string, c alert.Change, now time.Time) error
	// Page is the status page as the public sees it.
	Page func(ctx context.Context, now time.Time) (*status.Snapshot, error)
	// Keep keeps bytes as evidence of an incident.
	Keep func(tx *store.Tx, inc *incident.Incident, f vault.File, data []byte) error
}

// Inquiry is safe for concurrent use. Make it with New.
type Inquiry struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
	due chan struct{} // hints that something is to be worked on
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Inquiry {
	return &Inquiry{db: db, bus: bus, o: o, due: make(chan struct{}, 1)}
}

// Wire has the flow hear of declarations.
func (f *Inquiry) Wire() { f.bus.On(event.Declared, f.declared) }

// maxEntries bounds what one incident can gather.
const maxEntries = 2000

// scene is an incident with who acts on it and when.
type scene struct {
	f     *Inquiry
	tx    *store.Tx
	inc   *incident.Incident
	cat   *catalog.Catalog
	actor authz.Actor
	now   time.Time
}

// may refuses an actor who lacks the verb, or for whom the incident does not exist.
func may(a authz.Actor, v authz.Verb, inc *incident.Incident) error {
	if !inc.VisibleTo(a.ID) && a.Role != authz.System {
		return fault.New(fault.NotFound, "there is no such incident")
	}
	return authz.Can(a, v, authz.Resource{Kind: "incident", ID: inc.Ref()})
}

// see reads about one incident.
func (f *Inquiry) see(ctx context.Context, a authz.Actor, number int64, now time.Time, do func(*scene) error) error {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "incident"}); err != nil {
		return err
	}
	return f.db.View(ctx, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		if err := may(a, authz.Read, inc); err != nil {
			return err
		}
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		return do(&scene{f: f, tx: tx, inc: inc, cat: cat, actor: a, now: now})
	})
}

// on changes something about one incident, in one transaction.
func (f *Inquiry) on(ctx context.Context, a authz.Actor, v authz.Verb, number int64, now time.Time, do func(*scene) error) error {
	if err := authz.Can(a, v, authz.Resource{Kind: "incident"}); err != nil {
		return err
	}
	return f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, number)
		if err != nil {
			return err
		}
		s, err := f.scene(tx, inc.ID, a, v, now)
		if err != nil {
			return err
		}
		return do(s)
	})
}

// scene locks the incident and sees that it still takes entries.
func (f *Inquiry) scene(tx *store.Tx, id ident.ID, a authz.Actor, v authz.Verb, now time.Time) (*scene, error) {
	inc, err := incidents.Get(tx, id)
	if err != nil {
		return nil, err
	}
	if err := may(a, v, inc); err != nil {
		return nil, err
	}
	if inc.Status == incident.Closed || inc.MergedInto != 0 {
		return nil, fault.New(fault.Conflict, "%s is closed: its record stays as it is", inc.Ref())
	}
	cat, err := f.o.Catalog(tx)
	if err != nil {
		return nil, err
	}
	return &scene{f: f, tx: tx, inc: inc, cat: cat, actor: a, now: now}, nil
}

// entry is a pointer to what is kept.
type entry[T any] interface {
	*T
	Head() *inquiry.Stamp
}

// read makes an entry of its row.
func read[T any, P entry[T]](r *inquiries.Row) (P, error) {
	v := P(new(T))
	if err := json.Unmarshal(r.Doc, v); err != nil {
		return nil, fmt.Errorf("read %s %s: %w", r.Kind, r.ID, err)
	}
	h := v.Head()
	h.ID, h.IncidentID = r.ID, r.IncidentID
	return v, nil
}

// add keeps a new entry; due says when it is to be worked on, if it is.
func add[T any, P entry[T]](s *scene, kind inquiry.Kind, v P, due time.Time) error {
	n, err := inquiries.Count(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	if n >= maxEntries {
		return fault.New(fault.TooLarge, "%s has %d entries already", s.inc.Ref(), n)
	}
	h := v.Head()
	h.ID, h.IncidentID, h.By, h.At = s.tx.NewID(s.now), s.inc.ID, s.actor.ID, s.now
	doc, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return inquiries.Add(s.tx, &inquiries.Row{ID: h.ID, IncidentID: h.IncidentID, Kind: kind, DueAt: due, Doc: doc})
}

// change changes an entry of an incident, in one transaction.
func change[T any, P entry[T]](ctx context.Context, f *Inquiry, a authz.Actor, v authz.Verb, kind inquiry.Kind, id ident.ID, now time.Time, do func(*scene, P) error) (out P, err error) {
	if err := authz.Can(a, v, authz.Resource{Kind: "incident"}); err != nil {
		return nil, err
	}
	missing := fault.New(fault.NotFound, "there is no such %s", kind)
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		r, err := inquiries.Get(tx, id, kind)
		if err != nil {
			return err
		}
		if r == nil {
			return missing
		}
		s, err := f.scene(tx, r.IncidentID, a, v, now)
		if fault.Is(err, fault.NotFound) {
			return missing
		}
		if err != nil {
			return err
		}
		if r, err = inquiries.Lock(tx, id, kind); err != nil {
			return err
		}
		if out, err = read[T, P](r); err != nil {
			return err
		}
		if err := do(s, out); err != nil {
			return err
		}
		return s.save(r, out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (s *scene) save(r *inquiries.Row, v any) (err error) {
	if r.Doc, err = json.Marshal(v); err != nil {
		return err
	}
	return inquiries.Save(s.tx, r)
}

// all reads the entries of a kind.
func all[T any, P entry[T]](rows []inquiries.Row, kind inquiry.Kind) (out []P, err error) {
	for i := range rows {
		if rows[i].Kind != kind {
			continue
		}
		v, err := read[T, P](&rows[i])
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// emit puts an entry on the record.
func (s *scene) emit(k event.Kind, d event.Data) error {
	d.Severity, d.Number = s.inc.Severity.String(), s.inc.Number
	return s.f.bus.Emit(s.tx, s.now, event.Event{
		IncidentID: s.inc.ID, Kind: k, Actor: s.actor.ID, Source: s.actor.Via, Restricted: s.inc.Restricted, Data: d,
	})
}

// reach tells command of a moment of the procedure, once.
func (s *scene) reach(moment, text string, ref ident.ID) error {
	inc, err := incidents.Get(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	if _, done := inc.Reached[moment]; done {
		return nil
	}
	return s.emit(event.Moment, event.Data{Reaches: moment, Text: text, Ref: ref.String()})
}

// owns reports whether work can be given to somebody: a person who may know of the
// incident, or a team.
func (s *scene) owns(owner string) bool {
	form, id, _ := strings.Cut(owner, ":")
	switch form {
	case "person":
		_, ok := s.cat.People[id]
		return ok && s.inc.VisibleTo(id)
	case "team":
		_, ok := s.cat.Teams[id]
		return ok
	}
	return false
}

// files sees that every file that is referred to is of this incident.
func (s *scene) files(where string, ids []ident.ID) error {
	for i, id := range ids {
		f, err := evidence.Get(s.tx, id)
		if err != nil {
			return err
		}
		if f == nil || f.IncidentID != s.inc.ID {
			return fault.New(fault.Invalid, "something is missing or wrong").With(fmt.Sprintf("%s[%d]", where, i), "is no evidence of this incident")
		}
	}
	return nil
}

// leads refuses whoever is neither technical lead nor commander.
func (s *scene) leads(what string) error {
	if lead := s.inc.Roles[incident.TechLead]; s.actor.ID != "" && slices.Contains([]string{lead, s.inc.Commander()}, s.actor.ID) {
		return nil
	}
	return fault.New(fault.Refused, "%s: only the technical lead or the incident commander of %s", what, s.inc.Ref())
}

// name is what somebody is called.
func (s *scene) name(person string) string {
	if p, ok := s.cat.People[person]; ok {
		return p.Name
	}
	return person
}
