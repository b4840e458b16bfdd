// Package thirdparty owns what is known of the vendors our services stand on: it
// reads what they publish every minute, keeps their state, and tells incidents on
// what depends on a vendor in trouble (INV-TRI-3P). It must not page, open an
// incident or change a severity: a vendor's word is a hint for whoever looks.
package thirdparty

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/vendor"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/vendors"
)

const (
	every = time.Minute
	// patience is how long a state still counts that nobody could read again.
	patience = 10 * time.Minute
	batch    = 8   // read at once
	most     = 500 // open incidents that are looked at
)

// Options are what the flow stands on.
type Options struct {
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Fetch reads an address by the guarded way out; without it none is read.
	Fetch func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error)
}

// ThirdParty is safe for concurrent use. Make it with New.
type ThirdParty struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *ThirdParty {
	return &ThirdParty{db: db, bus: bus, o: o}
}

// Wire has the flow hear of new incidents.
func (p *ThirdParty) Wire() { p.bus.On(event.Opened, p.opened) }

// Tick reads every vendor that is due at now and returns how many.
func (p *ThirdParty) Tick(ctx context.Context, now time.Time) (n int, err error) {
	if p.o.Fetch == nil {
		return 0, nil
	}
	for {
		due, err := p.claim(ctx, now)
		if err != nil || len(due) == 0 {
			return n, err
		}
		errs := make([]error, len(due))
		var wg sync.WaitGroup
		for i, d := range due {
			wg.Go(func() { errs[i] = p.read(ctx, d, now) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return n, err
		}
		n += len(due)
	}
}

// pause is how late a reading may be.
const pause = 10 * time.Second

// Run reads until ctx ends.
func (p *ThirdParty) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		if _, err := p.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		}
	}
}

// claimed is a vendor to be read, and what was known of it.
type claimed struct {
	catalog.Vendor
	was *vendors.Status
}

// claim makes the rows say what the catalogue says, and takes those that are due.
func (p *ThirdParty) claim(ctx context.Context, now time.Time) (out []claimed, err error) {
	idle := false
	err = p.db.View(ctx, func(tx *store.Tx) error {
		cat, err := p.o.Catalog(tx)
		if err != nil {
			return err
		}
		all, err := vendors.All(tx)
		idle = len(all) == len(cat.Vendors) && !slices.ContainsFunc(all, func(s *vendors.Status) bool {
			_, known := cat.Vendors[s.ID]
			return !known || !s.DueAt.After(now)
		})
		return err
	})
	if err != nil || idle { // most of the time: the writer is left alone
		return nil, err
	}
	err = p.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		out = out[:0]
		cat, err := p.o.Catalog(tx)
		if err != nil {
			return err
		}
		for id := range cat.Vendors {
			if err := vendors.Add(tx, id, now); err != nil {
				return err
			}
		}
		due, err := vendors.Claim(tx, now, now.Add(every), batch)
		if err != nil {
			return err
		}
		for _, s := range due {
			v, ok := cat.Vendors[s.ID]
			if !ok {
				if err := vendors.Drop(tx, s.ID); err != nil {
					return err
				}
				continue
			}
			out = append(out, claimed{v, s})
		}
		return nil
	})
	return out, err
}

// config is what a document is read for; when it changes, the last answer counts
// no more.
func config(v *catalog.Vendor) string {
	return strings.Join(append([]string{v.Feed, v.URL}, v.Components...), "\n")
}

// read looks at a vendor outside of any transaction, and keeps what came of it in
// one.
func (p *ThirdParty) read(ctx context.Context, d claimed, now time.Time) error {
	seen := plug.Seen{ETag: d.was.ETag, Modified: d.was.Modified}
	if d.was.Config != config(&d.Vendor) || d.Feed == "rss" || d.Feed == "aws" { // news grow old without changing
		seen = plug.Seen{}
	}
	var found vendor.Report
	page, failed := p.o.Fetch(ctx, secret.String(d.URL), seen)
	if failed == nil && !page.Unchanged {
		found, failed = vendor.Read(d.Feed, page.Body, d.URL, d.Components, now)
	}
	if failed != nil && ctx.Err() != nil {
		return ctx.Err() // we are stopping: that says nothing about the vendor
	}
	return p.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		s, err := vendors.Lock(tx, d.ID)
		if err != nil || s == nil { // removed meanwhile
			return err
		}
		first := s.SucceededAt.IsZero()
		s.ReadAt = now
		to := s.State
		switch {
		case failed != nil:
			to, err = p.failed(tx, s, failed, now)
			if err != nil {
				return err
			}
		case page.Unchanged:
			s.SucceededAt, s.FailingSince, s.Error = now, time.Time{}, ""
			to = cmp.Or(s.Read, to)
		default:
			s.SucceededAt, s.FailingSince, s.Error = now, time.Time{}, ""
			s.Config, s.ETag, s.Modified = config(&d.Vendor), page.Seen.ETag, page.Seen.Modified
			s.What, s.Troubles, s.Missing, s.Read = found.What, found.Troubles, found.Missing, found.State
			to = found.State
		}
		return p.keep(tx, &d.Vendor, s, to, first, now)
	})
}

// failed keeps the last state for a while, since a page that cannot be read says
// nothing about the vendor's services.
func (p *ThirdParty) failed(tx *store.Tx, s *vendors.Status, why error, now time.Time) (vendor.State, error) {
	s.Error = why.Error()
	if s.FailingSince.IsZero() {
		s.FailingSince = now
	}
	if f := plug.FailureOf(why); f.RetryAfter > every {
		if err := vendors.Due(tx, s.ID, now.Add(f.RetryAfter)); err != nil {
			return s.State, err
		}
	}
	if now.Sub(s.SucceededAt) < patience {
		return s.State, nil
	}
	return vendor.Unknown, nil
}

// keep writes a state, and tells of a change.
func (p *ThirdParty) keep(tx *store.Tx, v *catalog.Vendor, s *vendors.Status, to vendor.State, first bool, now time.Time) error {
	from, redSince := s.State, s.RedSince
	if to != from {
		s.State, s.Since = to, now
	}
	switch {
	case to.Red() && s.RedSince.IsZero():
		s.RedSince = now
	case !to.Red():
		s.RedSince = time.Time{}
	}
	if err := vendors.Save(tx, s); err != nil {
		return err
	}
	if to != from && !(first && to == vendor.OK) {
		d := event.Data{Subject: v.ID, From: string(from), Outcome: string(to), Text: sentence(v, s), Clauses: []string{"INV-TRI-3P"}}
		if err := p.bus.Emit(tx, now, event.Event{Kind: event.VendorState, Source: "vendor", Data: d}); err != nil {
			return err
		}
	}
	if to.Red() {
		return p.warn(tx, v, s, now)
	}
	if redSince.IsZero() {
		return nil
	}
	return p.over(tx, v, s, redSince, now)
}

// sentence is a vendor's state in words.
func sentence(v *catalog.Vendor, s *vendors.Status) string {
	text := v.Name + ": " + words[s.State]
	switch {
	case s.State == vendor.Unknown:
		if s.Error != "" {
			text += " (" + s.Error + ")"
		}
	case s.What != "" && s.State != vendor.OK:
		text += ". They say: " + s.What
	}
	return text
}

var words = map[vendor.State]string{
	vendor.Unknown: "its state cannot be read", vendor.OK: "all is well", vendor.Maintenance: "under maintenance", vendor.Degraded: "degraded", vendor.Outage: "outage",
}

// warn tells every open incident on what depends on the vendor, once for each
// trouble.
func (p *ThirdParty) warn(tx *store.Tx, v *catalog.Vendor, s *vendors.Status, now time.Time) error {
	cat, err := p.o.Catalog(tx)
	if err != nil || len(v.Services) == 0 {
		return err
	}
	open, err := incidents.List(tx, incidents.Filter{Statuses: incident.OpenStatuses(), Limit: most})
	if err != nil {
		return err
	}
	touched := cat.Dependents(v.Services)
	for _, inc := range open {
		if inc.MergedInto != 0 || !slices.Contains(touched, inc.ServiceID) {
			continue
		}
		if err := p.note(tx, v, s, inc, now); err != nil {
			return err
		}
	}
	return nil
}

// note writes on an incident's timeline that something it stands on is in trouble.
func (p *ThirdParty) note(tx *store.Tx, v *catalog.Vendor, s *vendors.Status, inc *incident.Incident, now time.Time) error {
	fresh, err := vendors.Note(tx, v.ID, inc.ID, s.RedSince)
	if err != nil || !fresh {
		return err
	}
	text := fmt.Sprintf("Dependency red since %s: %s", s.RedSince.UTC().Format("15:04 UTC"), sentence(v, s))
	for _, more := range []struct{ word, text string }{{"Their page", v.Homepage}, {"Open a case", v.Support}, {"Instead", v.Failover}} {
		if more.text != "" {
			text += ". " + more.word + ": " + more.text
		}
	}
	return p.tell(tx, v, inc, text, now)
}

func (p *ThirdParty) tell(tx *store.Tx, v *catalog.Vendor, inc *incident.Incident, text string, now time.Time) error {
	return p.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: event.Noted, Source: "vendor", Restricted: inc.Restricted,
		Data: event.Data{Text: text, Ref: v.ID, Severity: inc.Severity.String(), Number: inc.Number, Clauses: []string{"INV-TRI-3P"}},
	})
}

// over tells the incidents that were told of a trouble how it is now.
func (p *ThirdParty) over(tx *store.Tx, v *catalog.Vendor, s *vendors.Status, since, now time.Time) error {
	told, err := vendors.Noted(tx, v.ID, since)
	if err != nil {
		return err
	}
	for _, id := range told {
		inc, err := incidents.Peek(tx, id)
		if err != nil {
			return err
		}
		if !inc.Status.Open() || inc.MergedInto != 0 {
			continue
		}
		if err := p.tell(tx, v, inc, "Dependency no longer red: "+sentence(v, s), now); err != nil {
			return err
		}
	}
	return nil
}

// opened tells a new incident of what it stands on and is in trouble already.
func (p *ThirdParty) opened(tx *store.Tx, e *event.Event) error {
	red, err := vendors.Red(tx)
	if err != nil || len(red) == 0 {
		return err
	}
	cat, err := p.o.Catalog(tx)
	if err != nil {
		return err
	}
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	for _, s := range red {
		v, ok := cat.Vendors[s.ID]
		if !ok || !slices.Contains(cat.Dependents(v.Services), inc.ServiceID) {
			continue
		}
		if err := p.note(tx, &v, s, inc, e.RecordedAt); err != nil {
			return err
		}
	}
	return nil
}
