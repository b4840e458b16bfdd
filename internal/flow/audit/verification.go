package audit

import (
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"allclear/internal/base/fault"
	"allclear/internal/domain/audit"
	"allclear/internal/store"
	rows "allclear/internal/store/audit"
)

// verification is one walk over everything there is.
type verification struct {
	by     note.Verifier
	kept   *audit.Checkpoint
	tree   *audit.Tree
	signed []root // what was signed, the newest first
	newest int64  // size of the newest checkpoint; 0 when there is none
	report *Report
	hashed []byte // of one entry after another
}

// root is what a checkpoint says of the entries before it.
type root struct {
	size int64
	hash tlog.Hash
}

// open reads a signed checkpoint.
func (v *verification) open(text []byte) (audit.Checkpoint, error) {
	n, err := note.Open(text, note.VerifierList(v.by))
	if err != nil {
		return audit.Checkpoint{}, err
	}
	return audit.ParseCheckpoint(n.Text)
}

func (v *verification) keep(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	c, err := v.open(text)
	if err != nil {
		return fault.New(fault.Invalid, "the checkpoint that was kept elsewhere is not signed by this installation's key: %s", err)
	}
	v.kept = &c
	return nil
}

func (v *verification) run(tx *store.Tx) error {
	if err := v.checkpoints(tx); err != nil {
		return err
	}
	if err := v.entries(tx); err != nil {
		return err
	}
	switch v.report.Sealed = v.tree.Size(); {
	case v.newest == v.report.Sealed:
	case v.report.Sealed == 0:
		return wrong(0, 0, "there are checkpoints over a log that is empty: the seals were removed")
	default:
		return wrong(v.report.Sealed, 0, "the log has %d sealed entries, and the newest checkpoint is over another number: seals were removed or put in", v.report.Sealed)
	}
	if v.kept != nil {
		if v.kept.Size > v.report.Sealed {
			return wrong(v.report.Sealed, 0, "the end was cut off: the checkpoint that was kept elsewhere is over %d entries, %d are left", v.kept.Size, v.report.Sealed)
		}
		v.report.Anchored = true
	}
	return v.unsealed(tx)
}

// checkpoints reads them, the newest first: one is believed for its signature,
// or because one that is believed names it. So the usual record needs the slow
// arithmetic of a signature once, and not once for every minute of its life.
// What is told is the oldest that is wrong.
func (v *verification) checkpoints(tx *store.Tx) error {
	var bad error
	var size int64
	var named tlog.Hash // by the checkpoint after; zero: that names none, or is not believed
	err := rows.Checkpoints(tx, func(c *rows.Checkpoint) error {
		if v.newest == 0 {
			v.newest, v.report.SealedAt = c.Size, c.SealedAt
		}
		var got audit.Checkpoint
		var err error
		if named == audit.NoteHash(c.Note) {
			got, err = audit.ParseCheckpoint(c.Note)
		} else if got, err = v.open([]byte(c.Note)); err == nil && named != (tlog.Hash{}) {
			bad = wrong(c.Size, 0, "the checkpoint after the one over %d entries names another: one between them was removed, or this one put in", c.Size)
		}
		if err != nil || got.Size != c.Size {
			got, bad = audit.Checkpoint{}, wrong(c.Size-1, 0, "the checkpoint over %d entries is not signed by this installation's key", c.Size)
		}
		v.signed = append(v.signed, root{got.Size, got.Root})
		named, size = got.Before, c.Size
		return nil
	})
	if err == nil && named != (tlog.Hash{}) {
		bad = wrong(0, 0, "a checkpoint before the one over %d entries was removed", size)
	}
	if err != nil {
		return err
	}
	return bad
}

// entries checks everything that is sealed. While one batch is hashed, the next
// is read.
func (v *verification) entries(tx *store.Tx) error {
	batch, other := make([]rows.Sealed, 0, atOnce), make([]rows.Sealed, 0, atOnce)
	checked := make(chan error, 1) // the batch before
	checked <- nil
	turn := func() error {
		if err := <-checked; err != nil {
			checked <- err
			return err
		}
		full := batch
		batch, other = other[:0], full
		go func() { checked <- v.check(full) }()
		return nil
	}
	err := rows.Walk(tx, func(s *rows.Sealed) error {
		if batch = append(batch, *s); len(batch) < atOnce {
			return nil
		}
		return turn()
	})
	if err == nil {
		err = turn()
	}
	if bad := <-checked; bad != nil {
		return bad
	}
	return err
}

func (v *verification) check(batch []rows.Sealed) error {
	for i := range batch {
		if err := v.leaf(&batch[i]); err != nil {
			return err
		}
	}
	return nil
}

func (v *verification) leaf(s *rows.Sealed) error {
	at := v.tree.Size()
	switch {
	case s.N != at:
		return wrong(at, 0, "the seal at position %d is missing", at)
	case s.Row.ID == 0:
		return wrong(at, s.EventID, "an entry was deleted")
	}
	v.hashed = s.Row.Append(v.hashed[:0])
	h := tlog.RecordHash(v.hashed)
	if h.String() != s.Hash {
		return wrong(at, s.EventID, "an entry was changed")
	}
	v.tree.Add(h)
	if n := len(v.signed); n > 0 && v.signed[n-1].size == at+1 {
		if v.signed[n-1].hash != v.tree.Root() {
			return wrong(at, s.EventID, "entries up to here are not what was signed: an entry and its seal were changed, or their order")
		}
		v.signed = v.signed[:n-1]
	}
	if v.kept != nil && v.kept.Size == at+1 && v.kept.Root != v.tree.Root() {
		return wrong(at, s.EventID, "this is another history than the checkpoint that was kept elsewhere: the log was written anew")
	}
	return nil
}

// unsealed finds entries that are too old never to have been sealed. Every leaf
// has its entry by now, so that counting tells how many have none, and whose they
// are is looked for among the newest alone, while that is all of them.
func (v *verification) unsealed(tx *store.Tx) error {
	all, err := rows.Count(tx)
	if err != nil {
		return err
	}
	if v.report.Unsealed = all - v.report.Sealed; v.report.Unsealed == 0 {
		return nil
	}
	oldest, err := horizon(tx)
	if err != nil {
		return err
	}
	_, fresh, err := rows.Open(tx, oldest)
	if err != nil || fresh == v.report.Unsealed {
		return err
	}
	first, _, err := rows.Open(tx, 0)
	if err != nil {
		return err
	}
	return wrong(-1, int64(first), "an entry was put in among sealed ones")
}
