package comms

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

// Board keeps the present snapshot of the public page for whoever shows it. A
// published update is on it within a second, on every node. Set the fields
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
	Beat func(now time.Time) // called on each pass of Run; may be nil

	current atomic.Pointer[status.Snapshot]
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
func (b *Board) Source() *status.Snapshot { return b.current.Load() }

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
	case event.MessagePublished, event.SeverityChanged, event.Merged, event.Dismissed, event.CatalogChanged:
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
		version, err = messages.PostsVersion(tx)
		return err
	})
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "look at the status page")
	}
	old := b.current.Load()
	hinted := b.stale.Swap(false)
	if old != nil && !hinted && version == b.version && now.Sub(old.GeneratedAt) < heartbeat {
		return nil
	}
	fresh, err := b.Comms.Snapshot(ctx, now)
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
			fresh = status.Carry(fresh, handmade(kept, fresh))
		}
	}
	b.version = version
	b.current.Store(fresh)
	if b.Save == nil {
		return nil
	}
	return fault.Wrap(fault.Unavailable, b.Save(fresh), "keep the status page")
}

// handmade leaves of the kept snapshot what may be carried over: incidents of
// the fresh one, and recent ones that people posted by hand from first to last.
// An incident of ours that is no longer in the fresh snapshot has gone to a
// tenant's page or has grown old, and must not come back.
func handmade(kept, fresh *status.Snapshot) *status.Snapshot {
	c := *kept
	c.Incidents = nil
	for _, i := range kept.Incidents {
		known := slices.ContainsFunc(fresh.Incidents, func(f status.Incident) bool { return f.ID == i.ID })
		foreign := !slices.ContainsFunc(i.Updates, func(u status.Update) bool { return !u.ByHand })
		recent := i.Active() || fresh.GeneratedAt.Sub(i.UpdatedAt) < status.HistoryDays*24*time.Hour
		if known || foreign && recent {
			c.Incidents = append(c.Incidents, i)
		}
	}
	return &c
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
