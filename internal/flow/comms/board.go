package comms

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

// Board keeps the present snapshots of the public page and of tenants' pages
// for whoever shows them. A published update is on them within a second, on
// every node, and an address that was ended answers no longer. Set the fields
// before use; it is then safe for concurrent use.
type Board struct {
	Comms *Comms
	Log   *slog.Logger
	// Load reads the snapshot kept outside the database, for updates that were
	// posted by hand while the application was away; fault.NotFound when there
	// is none. May be nil.
	Load func() (*status.Snapshot, error)
	// Save keeps the snapshot outside the database. May be nil.
	Save func(*status.Snapshot) error
	// SaveTenants keeps the private pages likewise, and forgets those that are
	// not among them. May be nil.
	SaveTenants func(map[string]*status.Snapshot) error
	Beat        func(now time.Time) // called on each pass of Run; may be nil

	current atomic.Pointer[Pages]
	once    sync.Once
	hint    chan struct{}

	mu      sync.Mutex
	version int64
	stale   atomic.Bool // the hint said that something changed
}

const (
	boardPoll = time.Second // finds what another node published
	heartbeat = 15 * time.Second
)

// Source returns the snapshot in force, the same pointer until it changes; nil
// before the first Tick.
func (b *Board) Source() *status.Snapshot {
	if p := b.current.Load(); p != nil {
		return p.Public
	}
	return nil
}

// Tenant returns the private page whose address has a token of this hash, and
// whether there is one; nil stands for the public page. Looking up the hash
// says nothing about the token by the time it takes.
func (b *Board) Tenant(hash string) (*status.Snapshot, bool) {
	p := b.current.Load()
	if p == nil {
		return nil, false
	}
	s, ok := p.Tenants[hash]
	return s, ok
}

// Poke hints that the page may have changed.
func (b *Board) Poke() {
	b.stale.Store(true)
	select {
	case b.wake() <- struct{}{}:
	default:
	}
}

func (b *Board) wake() chan struct{} {
	b.once.Do(func() { b.hint = make(chan struct{}, 1) })
	return b.hint
}

// Listen is for Bus.Watch: it pokes the board when an entry changes the page.
func (b *Board) Listen(e event.Event) {
	switch e.Kind {
	case event.MessagePublished, event.SeverityChanged, event.Merged, event.Dismissed, event.CatalogChanged, event.TenantPageSet, event.MaintenanceTold, event.PageChanged, event.FollowingSet:
		b.Poke()
	default:
	}
}

// Tick brings the snapshot up to date when something changed or the heartbeat
// is due. What cannot be saved is still shown.
func (b *Board) Tick(ctx context.Context, now time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	var version int64
	err := b.Comms.db.View(ctx, func(tx *store.Tx) (err error) {
		version, err = messages.PagesVersion(tx)
		return err
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "look at the status page")
	}
	old := b.Source()
	hinted := b.stale.Swap(false)
	if old != nil && !hinted && version == b.version && now.Sub(old.GeneratedAt) < heartbeat {
		return nil
	}
	fresh, err := b.Comms.Pages(ctx, now)
	if err != nil {
		b.stale.Store(hinted)
		return fault.Wrap(fault.Unavailable, err, "draw the status page")
	}
	if b.Load != nil {
		kept, err := b.Load()
		if err != nil && !fault.Is(err, fault.NotFound) {
			b.Log.Error("read kept status page", "error", err)
		}
		if err == nil {
			fresh.carry(kept)
		}
	}
	b.version = version
	b.current.Store(&fresh)
	return b.keep(fresh)
}

// carry takes over what was posted by hand, each page only what it may show.
func (p *Pages) carry(kept *status.Snapshot) {
	p.Public = status.Carry(p.Public, status.Handmade(kept, p.Public))
	for hash, own := range p.Tenants {
		if own != nil {
			p.Tenants[hash] = status.Carry(own, status.Handmade(kept, own))
		}
	}
}

// keep saves the pages outside the database. The private ones go first: one
// that was ended is forgotten even where the rest cannot be written.
func (b *Board) keep(p Pages) error {
	var errs []error
	if b.SaveTenants != nil {
		errs = append(errs, b.SaveTenants(p.Tenants))
	}
	if b.Save != nil {
		errs = append(errs, b.Save(p.Public))
	}
	return fault.Wrap(fault.Unavailable, errors.Join(errs...), "keep the status page")
}

// Run keeps the board up to date until ctx ends.
func (b *Board) Run(ctx context.Context, now func() time.Time) error {
	for ctx.Err() == nil {
		if b.Beat != nil {
			b.Beat(now())
		}
		if err := b.Tick(ctx, now()); err != nil && ctx.Err() == nil {
			b.Log.Error("refresh status page", "error", err)
		}
		timer := time.NewTimer(boardPoll)
		select {
		case <-timer.C:
		case <-b.wake():
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return fmt.Errorf("status page: %w", ctx.Err())
}
