// Package inapp owns what the users of affected customers are shown in the product
// itself: which notices stand for whom, who was shown them, and the keys with which
// the product says who its users are. It must not decide what is told, and it shows
// nobody what another customer's users are told.
package inapp

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/inapp"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
	"allclear/internal/store/notices"
)

// Options of New.
type Options struct {
	Box     *secret.Box // seals keys; without it there are none
	Lasting time.Duration
	Page    string   // address of the listener that serves them, without a trailing slash
	Origins []string // of the product's pages that may read
	Catalog func(*store.Tx) (*catalog.Catalog, error)
}

// InApp shows notices. Make it with New, and let Refresh run.
type InApp struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options

	shown atomic.Pointer[shown]
	poke  chan struct{}

	mu   sync.Mutex
	wait map[chan struct{}]bool      // streams that want to know of a change
	told map[notices.Told]bool       // not yet in the database
	seen map[string]map[string]int64 // tenant -> reader -> last asked, UTC seconds
}

// shown is what is known without the database, at one instant.
type shown struct {
	notices []*inapp.Kept
	keys    map[string][]byte
	mark    string // changes when anything of it does
}

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *InApp {
	if o.Lasting == 0 {
		o.Lasting = inapp.DefaultLasting
	}
	f := &InApp{db: db, bus: bus, o: o, poke: make(chan struct{}, 1), wait: map[chan struct{}]bool{}, told: map[notices.Told]bool{}, seen: map[string]map[string]int64{}}
	f.shown.Store(&shown{keys: map[string][]byte{}})
	return f
}

// Wire makes the flow hear what the others record.
func (f *InApp) Wire() {
	f.bus.On(event.MessagePublished, f.onPublished)
	for _, k := range []event.Kind{event.ResolvedKind, event.Dismissed} {
		f.bus.On(k, func(tx *store.Tx, e *event.Event) error { return notices.End(tx, e.IncidentID, e.RecordedAt) })
	}
	f.bus.On(event.Reopened, func(tx *store.Tx, e *event.Event) error { return notices.End(tx, e.IncidentID, time.Time{}) })
	f.bus.On(event.Merged, f.onMerged)
	f.bus.Watch(func(e event.Event) {
		switch e.Kind {
		case event.MessagePublished, event.ResolvedKind, event.Dismissed, event.Reopened, event.Merged, event.Restricted, event.KeyChanged:
			select {
			case f.poke <- struct{}{}:
			default:
			}
		default:
		}
	})
}

// onPublished keeps a message that goes to users, with the customers it is for.
func (f *InApp) onPublished(tx *store.Tx, e *event.Event) error {
	if !slices.Contains(e.Data.Channels, message.InApp) {
		return nil
	}
	id, err := ident.Parse(e.Data.Ref)
	if err != nil {
		return err
	}
	m, err := messages.Peek(tx, id)
	if err != nil {
		return err
	}
	inc, err := incidents.Peek(tx, m.IncidentID)
	if err != nil || m.Private && inc.Tenant == "" {
		return err // for one tenant, and nobody has said which
	}
	cat, err := f.o.Catalog(tx)
	if err != nil {
		return err
	}
	k := &inapp.Kept{Message: m.ID, Incident: inc.ID, PublishedAt: e.RecordedAt, Status: m.Status, Title: m.Subject, Text: message.Named(m.Text, ""), Legal: m.Legal}
	for _, c := range message.Affected(cat, inc) {
		if message.Includes(m.Audience, &c) {
			k.Customers = append(k.Customers, c.ID)
		}
	}
	slices.Sort(k.Customers)
	earlier, err := notices.Of(tx, inc.ID)
	if err != nil {
		return err
	}
	if inc.InApp != nil && (m.Status == string(status.Resolved) || m.Status == string(status.Postmortem)) {
		// Notices were skipped for a while: who was shown none of the problem is not
		// shown the end of it either.
		k.Customers = slices.DeleteFunc(k.Customers, func(id string) bool {
			return !slices.ContainsFunc(earlier, func(o *inapp.Kept) bool { return o.For(id) })
		})
		if len(k.Customers) == 0 {
			return nil
		}
	}
	if len(earlier) > 0 {
		k.Public, k.StartedAt = earlier[0].Public, earlier[0].StartedAt
	} else {
		k.Public, k.StartedAt = strings.ToLower(rand.Text()[:12]), e.RecordedAt
	}
	if inc.Status == incident.Resolved || inc.Status == incident.Closed {
		k.EndedAt = e.RecordedAt
	}
	return notices.Insert(tx, k)
}

// onMerged has the incident that goes on take the notices over, so that who was told
// hears of the end.
func (f *InApp) onMerged(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil || inc.MergedInto == 0 {
		return err
	}
	return notices.Hand(tx, inc.ID, inc.MergedInto)
}

// Tick reads what stands, and writes down who was shown what. While the database is
// away, what was known last is shown on.
func (f *InApp) Tick(ctx context.Context, now time.Time) error {
	if err := f.flush(ctx, now); err != nil {
		return err
	}
	next := &shown{keys: map[string][]byte{}}
	err := f.db.View(ctx, func(tx *store.Tx) error {
		all, err := notices.Standing(tx, now.Add(-f.o.Lasting))
		if err != nil {
			return err
		}
		for _, k := range all {
			inc, err := incidents.Peek(tx, k.Incident)
			if err != nil {
				return err
			}
			if !inc.Restricted || k.Legal {
				next.notices = append(next.notices, k)
			}
		}
		return f.readKeys(tx, next.keys)
	})
	if err != nil {
		return err
	}
	if next.mark, err = markOf(next); err != nil {
		return err
	}
	changed := f.shown.Load().mark != next.mark
	f.shown.Store(next)
	if changed {
		f.wake()
	}
	f.forget(now)
	return nil
}

func markOf(s *shown) (string, error) {
	type row struct {
		*inapp.Kept
		Message ident.ID
		Ended   time.Time
	}
	rows := make([]row, len(s.notices))
	for i, k := range s.notices {
		rows[i] = row{k, k.Message, k.EndedAt}
	}
	b, err := json.Marshal([]any{rows, s.keys})
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), err
}

// poll finds what another node published.
const poll = time.Second

// Run keeps the notices up to date until ctx ends.
func (f *InApp) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(poll)
	defer t.Stop()
	for ctx.Err() == nil {
		if err := f.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-t.C:
		case <-f.poke:
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

// Reader says who a token speaks for; fault.Unauthenticated for one that is not
// valid.
func (f *InApp) Reader(token string, now time.Time) (inapp.Reader, error) {
	keys := f.shown.Load().keys
	r, err := inapp.Read(token, func(id string) []byte { return keys[id] }, now)
	if err != nil {
		return r, fault.New(fault.Unauthenticated, "%s", err)
	}
	return r, nil
}

// For lists what the reader is shown now, and notes that they were. The token is the
// right to: what is for other customers is not among it.
func (f *InApp) For(r inapp.Reader, now time.Time) []inapp.Notice {
	out := inapp.Notices(f.shown.Load().notices, r.Tenant, f.o.Lasting, now)
	f.note(r, out, now)
	return out
}

// Changed returns a channel that is closed at the next change, and how to let go of
// it.
func (f *InApp) Changed() (changed <-chan struct{}, stop func()) {
	c := make(chan struct{})
	f.mu.Lock()
	defer f.mu.Unlock()
	f.wait[c] = true
	return c, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.wait, c)
	}
}

func (f *InApp) wake() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for c := range f.wait {
		close(c)
	}
	clear(f.wait)
}

const (
	active   = 5 * time.Minute // a session that has not asked for so long is over
	mostSeen = 200_000         // sessions that are counted
	mostTold = 200_000         // that wait for the database
)

// readerOf names a user without keeping who it is.
func readerOf(r inapp.Reader) string {
	sum := sha256.Sum256([]byte(r.Tenant + "\x00" + r.User))
	return hex.EncodeToString(sum[:16])
}

func (f *InApp) note(r inapp.Reader, shown []inapp.Notice, now time.Time) {
	reader := readerOf(r)
	f.mu.Lock()
	defer f.mu.Unlock()
	users := f.seen[r.Tenant]
	if users == nil {
		users = map[string]int64{}
		f.seen[r.Tenant] = users
	}
	if len(users) < mostSeen {
		users[reader] = now.Unix()
	}
	for _, n := range shown {
		if len(f.told) < mostTold {
			f.told[notices.Told{Message: n.Message, Reader: reader}] = true
		}
	}
}

// flush writes down who was shown what.
func (f *InApp) flush(ctx context.Context, now time.Time) error {
	f.mu.Lock()
	all := make([]notices.Told, 0, len(f.told))
	for t := range f.told {
		all = append(all, t)
	}
	f.mu.Unlock()
	const batch = 500
	for part := range slices.Chunk(all, batch) {
		if err := f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return notices.Tell(tx, part, now) }); err != nil {
			return err
		}
		f.mu.Lock()
		for _, t := range part {
			delete(f.told, t)
		}
		f.mu.Unlock()
	}
	return nil
}

// forget lets go of sessions that are over.
func (f *InApp) forget(now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for tenant, users := range f.seen {
		for reader, at := range users {
			if now.Sub(time.Unix(at, 0)) > active {
				delete(users, reader)
			}
		}
		if len(users) == 0 {
			delete(f.seen, tenant)
		}
	}
}

// Sessions counts the users of each customer who have the product open now, as this
// node sees them.
func (f *InApp) Sessions(a authz.Actor) (map[string]int, error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{Kind: string(catalog.KindCustomer)}); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	out := map[string]int{}
	for tenant, users := range f.seen {
		out[tenant] = len(users)
	}
	return out, nil
}
