package access

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"allclear/internal/base/fault"
)

const (
	// ringFresh is how long the keyring is believed without looking whether
	// another node changed it.
	ringFresh = time.Second
	// ringStale is how long it is believed while the database does not answer:
	// a hiccup of reading must not turn events away.
	ringStale = 30 * time.Second
)

// keyring holds all integration keys in memory by hash, for intake. Readers
// take no lock. It is a copy; the rows are the truth.
type keyring struct {
	load    func(ctx context.Context) (map[string]*Key, int64, error)
	version func(ctx context.Context) (int64, error)

	now     atomic.Pointer[ring]
	changes atomic.Int64 // of this process, so that a slow load cannot bring back the past
	mu      sync.Mutex   // held by the one that looks
}

type ring struct {
	keys    map[string]*Key
	version int64
	checked time.Time
	changes int64
}

func newKeyring(load func(context.Context) (map[string]*Key, int64, error), version func(context.Context) (int64, error)) *keyring {
	return &keyring{load: load, version: version}
}

// forget makes the next reader look at the database, before it returns.
func (k *keyring) forget() { k.changes.Add(1) }

func (k *keyring) current(r *ring) bool { return r != nil && r.changes == k.changes.Load() }

func (r *ring) age(now time.Time) time.Duration { return now.Sub(r.checked).Abs() }

// at returns the keys as they were at most a second ago. While one caller
// looks, others go on with what is there, unless a change of this process has
// made it wrong.
func (k *keyring) at(ctx context.Context, now time.Time) (map[string]*Key, error) {
	r := k.now.Load()
	if k.current(r) {
		if r.age(now) < ringFresh || !k.mu.TryLock() {
			return r.keys, nil
		}
	} else {
		k.mu.Lock()
	}
	defer k.mu.Unlock()
	if r = k.now.Load(); k.current(r) && r.age(now) < ringFresh {
		return r.keys, nil
	}
	next, err := k.look(ctx, now, r)
	if err == nil {
		k.now.Store(next)
		return next.keys, nil
	}
	if k.current(r) && r.age(now) < ringStale {
		return r.keys, nil
	}
	return nil, fault.Wrap(fault.Unavailable, err, "integration keys cannot be read")
}

func (k *keyring) look(ctx context.Context, now time.Time, have *ring) (*ring, error) {
	changes := k.changes.Load()
	if k.current(have) {
		version, err := k.version(ctx)
		if err != nil {
			return nil, err
		}
		if version == have.version {
			return &ring{keys: have.keys, version: version, checked: now, changes: changes}, nil
		}
	}
	keys, version, err := k.load(ctx)
	if err != nil {
		return nil, err
	}
	return &ring{keys: keys, version: version, checked: now, changes: changes}, nil
}
