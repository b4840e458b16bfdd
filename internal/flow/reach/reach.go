// Package reach owns how a person can be reached, as that person arranges it:
// the browsers that take pushes, the contacts and the codes that prove them,
// and test pages. It must not decide who is paged, nor over which contact.
package reach

import (
	"context"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
)

// Options are what reaching stands on.
type Options struct {
	Box      *secret.Box // seals subscriptions; without one none is taken
	Key      []byte      // hashes codes, so that the database alone does not give them away
	Channels func(name string) (plug.Channel, bool)
	// Kept reports that what goes out on the channel stays in the outbox, where
	// its text is shown whole. Nil: nothing does.
	Kept    func(channel string) bool
	Catalog func(tx *store.Tx) (*catalog.Catalog, error)
	Edit    func(tx *store.Tx, actor authz.Actor, person string, now time.Time, change func(*catalog.Person) error) error
}

// Reach is safe for concurrent use. Make it with New.
type Reach struct {
	db  *store.DB
	bus *jobs.Bus
	o   Options

	mu   sync.Mutex
	sent map[string][]time.Time // by person, of the last window
}

// New returns a Reach.
func New(db *store.DB, bus *jobs.Bus, o Options) *Reach {
	if o.Kept == nil {
		o.Kept = func(string) bool { return false }
	}
	if o.Channels == nil {
		o.Channels = func(string) (plug.Channel, bool) { return nil, false }
	}
	return &Reach{db: db, bus: bus, o: o, sent: map[string][]time.Time{}}
}

// Me is who arranges it.
type Me struct {
	Actor  authz.Actor
	Person string // in the catalogue; empty for an account without duties
}

// may authorises: everybody arranges how they themselves are reached, and
// nobody else.
func (m Me) may() error {
	if m.Person == "" {
		return fault.New(fault.Refused, "this account belongs to nobody in the catalogue: ask an administrator to link it to a person")
	}
	return authz.Can(m.Actor, authz.EditContacts, authz.Resource{Kind: string(catalog.KindPerson), ID: m.Person})
}

const (
	// maxSends within sendWindow are codes and test pages of one person, because
	// each may cost money or wake a stranger whose number was mistyped.
	maxSends   = 10
	sendWindow = 10 * time.Minute
)

// count takes one send from what the person may still cause. It is kept in
// memory: a restart forgets it.
func (r *Reach) count(person string, now time.Time) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	for who, at := range r.sent {
		for len(at) > 0 && now.Sub(at[0]) >= sendWindow {
			at = at[1:]
		}
		if r.sent[who] = at; len(at) == 0 {
			delete(r.sent, who)
		}
	}
	if len(r.sent[person]) >= maxSends {
		return fault.New(fault.Busy, "%d codes and test pages in %d minutes are enough: wait a little", maxSends, sendWindow/time.Minute)
	}
	r.sent[person] = append(r.sent[person], now)
	return nil
}

func (r *Reach) view(ctx context.Context, fn func(*store.Tx) error) error { return r.db.View(ctx, fn) }

func (r *Reach) update(ctx context.Context, fn func(*store.Tx) error) error {
	return r.db.Update(ctx, store.PriorityRest, fn)
}

// person reads the person from the catalogue.
func (r *Reach) person(tx *store.Tx, id string) (catalog.Person, error) {
	cat, err := r.o.Catalog(tx)
	if err != nil {
		return catalog.Person{}, err
	}
	p, ok := cat.People[id]
	if !ok {
		return catalog.Person{}, authz.NotFound(string(catalog.KindPerson), id)
	}
	return p, nil
}
