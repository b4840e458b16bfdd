package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/audit"
	"allclear/internal/domain/authz"
	"allclear/internal/store"
	rows "allclear/internal/store/audit"
)

// Report is what verifying found. Problem is empty when everything is as it was
// sealed; then nothing was edited, deleted, put in or moved, but only a
// checkpoint that was kept elsewhere shows that the end was not cut off.
type Report struct {
	Sealed   int64     `json:"sealed"`   // entries that were verified, up to the first that is wrong
	Unsealed int64     `json:"unsealed"` // entries too new to be sealed yet
	SealedAt time.Time `json:"sealed_at,omitzero"`
	Anchored bool      `json:"anchored"` // a checkpoint from elsewhere agrees
	Problem  string    `json:"problem,omitempty"`
	Entry    string    `json:"entry,omitempty"` // the first entry that is wrong
	Position int64     `json:"position"`        // its place in the log, or -1
}

// found stops a walk at the first thing that is wrong.
type found struct {
	what     string
	entry    int64
	position int64
}

func (f *found) Error() string { return f.what }

func wrong(position, entry int64, format string, args ...any) error {
	return &found{what: fmt.Sprintf(format, args...), entry: entry, position: position}
}

// Checkpoint is a signed state of the record.
type Checkpoint struct {
	Size     int64     // entries
	Root     string    // of the Merkle tree over them, in base64
	Note     string    // size, root and signature as one text, which Verify takes
	SealedAt time.Time // UTC
}

// Last is the newest checkpoint, for keeping elsewhere. Without one it is
// fault.NotFound, and fault.Unavailable when somebody has changed it.
func (a *Audit) Last(ctx context.Context, actor authz.Actor) (out Checkpoint, err error) {
	if err := authz.Can(actor, authz.ReadAudit, authz.Resource{}); err != nil {
		return out, err
	}
	err = a.db.View(ctx, func(tx *store.Tx) error {
		c, err := rows.Last(tx)
		if err != nil {
			return err
		}
		if c == nil {
			return fault.New(fault.NotFound, "nothing was sealed yet")
		}
		signed, err := audit.ParseCheckpoint(c.Note)
		if err != nil {
			return fault.New(fault.Unavailable, "the newest checkpoint is not as it was signed: verify the record")
		}
		out = Checkpoint{Size: signed.Size, Root: signed.Root.String(), Note: c.Note, SealedAt: c.SealedAt}
		return nil
	})
	return out, err
}

// Verify computes every hash again from the rows and compares it with what was
// sealed and signed. kept is a checkpoint from elsewhere, or empty; one that is
// not signed by this installation is fault.Invalid. While another verifies, it
// is fault.Busy, and fault.Unavailable when the deadline of ctx passes.
func (a *Audit) Verify(ctx context.Context, actor authz.Actor, by note.Verifier, kept []byte) (Report, error) {
	if err := authz.Can(actor, authz.ReadAudit, authz.Resource{}); err != nil {
		return Report{}, err
	}
	if !a.verifying.TryLock() {
		return Report{}, fault.New(fault.Busy, "the record is being verified: ask again when that has ended")
	}
	defer a.verifying.Unlock()
	r := Report{Position: -1}
	v := &verification{by: by, tree: &audit.Tree{}, report: &r}
	err := v.keep(kept)
	if err == nil {
		err = a.db.View(ctx, v.run)
	}
	var f *found
	switch {
	case errors.As(err, &f):
		r.Problem, r.Position, r.Sealed = f.what, f.position, v.tree.Size()
		if f.entry != 0 {
			r.Entry = ident.ID(f.entry).String()
		}
		return r, nil
	case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return Report{}, fault.New(fault.Unavailable, "the record is too long to be verified within one request: the command `allclear audit verify` takes its time")
	}
	return r, err
}
