// Package audit owns the seals over the record: what was written is sealed off
// the hot path into a Merkle tree with signed checkpoints, and verified from
// the rows. It must not change an entry, nor hold up whoever writes one.
package audit

import (
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/audit"
	"allclear/internal/store"
	rows "allclear/internal/store/audit"
)

const (
	// atOnce bounds how long one seal keeps the writer.
	atOnce = 1000
	// lookBack is how far behind the newest sealed entry another may still be: on
	// PostgreSQL a transaction with a smaller id can commit later. What is older
	// and has no seal was not written by this program.
	lookBack = time.Hour
)

// Audit seals and verifies. Make it with New; it is safe for concurrent use.
type Audit struct {
	db        *store.DB
	signer    note.Signer
	verifying sync.Mutex // one at a time: it reads everything there is
}

// New returns an Audit. Without a signer it can only verify.
func New(db *store.DB, signer note.Signer) *Audit { return &Audit{db: db, signer: signer} }

// Tick seals what was written since the last seal. Call it at least once a
// minute.
func (a *Audit) Tick(ctx context.Context, now time.Time) error {
	for {
		n, err := a.seal(ctx, now)
		if err != nil {
			return fault.Wrap(fault.Internal, err, "seal the record")
		}
		if n < atOnce {
			return nil
		}
	}
}

func (a *Audit) seal(ctx context.Context, now time.Time) (n int, err error) {
	if a.signer == nil {
		return 0, fault.New(fault.Unavailable, "there is no key to sign with")
	}
	idle := false
	err = a.db.View(ctx, func(tx *store.Tx) error { // most of the time there is nothing: do not take the writer for it
		_, found, err := a.next(tx, 1)
		idle = len(found) == 0
		return err
	})
	if err != nil || idle {
		return 0, err
	}
	err = a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if err := rows.Lock(tx); err != nil {
			return err
		}
		last, found, err := a.next(tx, atOnce)
		if n = len(found); err != nil || n == 0 {
			return err
		}
		tree := last.tree
		leaves := make([]rows.Leaf, len(found))
		for i, r := range found {
			h := r.Leaf()
			leaves[i] = rows.Leaf{N: tree.Size(), EventID: r.ID, Hash: h.String()}
			tree.Add(h)
		}
		c := audit.Checkpoint{Size: tree.Size(), Root: tree.Root(), Before: last.note}
		signed, err := note.Sign(&note.Note{Text: c.Text()}, a.signer)
		if err != nil {
			return fmt.Errorf("sign checkpoint: %w", err)
		}
		return rows.Seal(tx, leaves, rows.Checkpoint{Size: tree.Size(), Edge: tree.Edge(), Note: string(signed), SealedAt: now})
	})
	return n, err
}

// state is how the log stands.
type state struct {
	tree *audit.Tree
	note tlog.Hash // names the newest checkpoint; zero when there is none
}

// next reads how the log stands and what comes into it next.
func (a *Audit) next(tx *store.Tx, limit int) (state, []*audit.Row, error) {
	now := state{tree: &audit.Tree{}}
	last, err := rows.Last(tx)
	if err != nil {
		return now, nil, err
	}
	if last != nil {
		now.note = audit.NoteHash(last.Note)
		if now.tree, err = audit.Restore(last.Size, last.Edge); err != nil {
			return now, nil, err
		}
	}
	from, err := horizon(tx)
	if err != nil {
		return now, nil, err
	}
	found, err := rows.Unsealed(tx, from, limit)
	return now, found, err
}

// horizon is the smallest id that may still be sealed.
func horizon(tx *store.Tx) (ident.ID, error) {
	newest, err := rows.Newest(tx)
	if err != nil || newest == 0 {
		return 0, err
	}
	return ident.At(newest.Time().Add(-lookBack)), nil
}
