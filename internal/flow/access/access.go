// Package access owns who may ask: accounts and their passwords, sessions, API
// tokens and integration keys, and the answers kept for repeated requests. It
// says who a caller is; what that caller may do is said by domain/authz. It
// must not speak HTTP, and it never limits paging.
package access

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
)

// Options tune an Access; the zero value is the product's.
type Options struct {
	// Box seals the signature secrets of integration keys. Without one a key
	// with a secret is refused.
	Box *secret.Box
	// CheckService says why integration keys cannot belong to a service, such as
	// one that does not exist. Nil takes every name.
	CheckService func(tx *store.Tx, service string) error
	// Mapper reads the payloads of hooks by a mapping. Without one, mappings are
	// kept unread.
	Mapper plug.Mapper
	// Idle and Lifetime end a session: so long without a use, and so long after
	// signing in. Zero is 12 hours and 7 days: a shift and a rotation.
	Idle, Lifetime time.Duration
	// Cost of a password hash. Zero is the product's; tests take less.
	Cost Cost
}

// Access is safe for concurrent use. Make it with New.
type Access struct {
	db     *store.DB
	bus    *jobs.Bus
	opt    Options
	hasher *hasher
	tries  *throttle
	uses   *uses
	ring   *keyring
}

// New returns an Access.
func New(db *store.DB, bus *jobs.Bus, o Options) *Access {
	if o.Idle <= 0 {
		o.Idle = 12 * time.Hour
	}
	if o.Lifetime <= 0 {
		o.Lifetime = 7 * 24 * time.Hour
	}
	a := &Access{db: db, bus: bus, opt: o, hasher: newHasher(o.Cost), tries: newThrottle(), uses: newUses()}
	a.ring = newKeyring(a.loadKeys, a.keysVersion)
	return a
}

// Identity is who is behind a request.
type Identity struct {
	Actor   authz.Actor
	Account ident.ID // zero for a machine's token
	Token   ident.ID // zero for a session
	Session string   // hash of the session; empty for a token
	Email   string
	Person  string     // of the account; empty for somebody without duties
	Role    authz.Role // of the account; a token's own, in Actor, may be narrower
	Expires time.Time  // of the session or token; zero: never
}

// present reports whether the identity is a person at a browser, as opposed to a
// token, which could be in other hands.
func (i Identity) present() bool { return i.Session != "" }

// record writes an entry about access in the transaction of the change
// (INV-R3).
func (a *Access) record(tx *store.Tx, now time.Time, by authz.Actor, kind event.Kind, d event.Data) error {
	return a.bus.Emit(tx, now, event.Event{Kind: kind, Actor: by.ID, Source: by.Via, Data: d})
}

func (a *Access) view(ctx context.Context, fn func(*store.Tx) error) error {
	return a.db.View(ctx, fn)
}

func (a *Access) update(ctx context.Context, fn func(*store.Tx) error) error {
	return a.db.Update(ctx, store.PriorityRest, fn)
}

// Tick writes down what was used since the last call, and forgets sessions and
// kept answers that are over. Call it about once a minute.
func (a *Access) Tick(ctx context.Context, now time.Time) error {
	return fault.Wrap(fault.Internal, a.tick(ctx, now), "tidy access")
}
