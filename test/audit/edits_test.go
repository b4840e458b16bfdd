package audit_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	domain "allclear/internal/domain/audit"
	"allclear/internal/store"
	rows "allclear/internal/store/audit"
	"allclear/internal/store/storetest"
)

// Whatever column of whatever entry is edited: it is found, at its place. Each
// edit is taken back before the next.
// Clauses: AUD-TIMELINE
func TestEveryEditIsFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		ids := w.write(700)
		w.seal()
		ids = append(ids, w.write(1600)...) // batches end within and between seals
		w.seal()
		good := w.verify("")
		draw := rand.New(rand.NewPCG(1, 2))
		for _, column := range []string{"incident_id", "kind", "actor", "source", "at", "recorded_at", "restricted", "data"} {
			edit, back := column+" = "+column+" + 1", column+" = "+column+" - 1"
			switch column {
			case "kind", "actor", "source", "data":
				edit, back = column+" = "+column+" || ' '", column+" = substr("+column+", 1, length("+column+") - 1)"
			case "restricted":
				edit, back = "restricted = not restricted", "restricted = not restricted"
			}
			for _, n := range []int{0, 699, 700, 999, 1000, 2299, draw.IntN(len(ids))} {
				w.sql("update events set "+edit+" where id = $1", int64(ids[n]))
				if r := w.verify(""); !strings.Contains(r.Problem, "was changed") || r.Entry != ids[n].String() || r.Position != int64(n) || r.Sealed != int64(n) {
					t.Errorf("%s of %d: %+v", column, n, r)
				}
				w.sql("update events set "+back+" where id = $1", int64(ids[n]))
			}
		}
		for _, n := range []int{0, 1000, 2299} {
			w.sql("update audit_leaves set hash = substr(hash, 2) || substr(hash, 1, 1) where n = $1", n)
			if r := w.verify(""); !strings.Contains(r.Problem, "was changed") || r.Position != int64(n) {
				t.Errorf("seal %d: %+v", n, r)
			}
			w.sql("update audit_leaves set hash = substr(hash, 44) || substr(hash, 1, 43) where n = $1", n)
		}
		if r := w.verify(""); r != good || r.Sealed != int64(len(ids)) {
			t.Errorf("as it was: %+v, %+v", r, good)
		}
	})
}

// minutes seals two entries a minute.
func (w *world) minutes(n int) {
	w.t.Helper()
	for range n {
		w.write(2)
		w.seal()
	}
}

// A checkpoint is as good as its signature, or as the one that names it.
// Clauses: AUD-TIMELINE
func TestCheckpointsVouchForThoseBefore(t *testing.T) {
	const spoil = "update audit_checkpoints set note = substr(note, 1, length(note) - 12) || 'AAAAAAAA' || substr(note, length(note) - 3) where size = "
	for name, tt := range map[string]struct {
		do   func(w *world)
		want string
		at   int64
	}{
		"one between is removed":    {func(w *world) { w.sql("delete from audit_checkpoints where size = 6") }, "one between them was removed", 4},
		"two between are removed":   {func(w *world) { w.sql("delete from audit_checkpoints where size in (4, 6)") }, "one between them was removed", 2},
		"the first is removed":      {func(w *world) { w.sql("delete from audit_checkpoints where size = 2") }, "before the one over 4 entries was removed", 0},
		"the newest is removed":     {func(w *world) { w.sql("delete from audit_checkpoints where size = 10") }, "over another number", 10},
		"a signature is changed":    {func(w *world) { w.sql(spoil + "6") }, "over 6 entries is not signed", 5},
		"the newest one is changed": {func(w *world) { w.sql(spoil + "10") }, "over 10 entries is not signed", 9},
		"more than one is changed":  {func(w *world) { w.sql(spoil + "8"); w.sql(spoil + "4") }, "over 4 entries is not signed", 3},
		"it is put elsewhere":       {func(w *world) { w.sql("update audit_checkpoints set size = 7 where size = 6") }, "over 7 entries is not signed", 6},
		"it is signed anew": {func(w *world) {
			w.resign(func(c *domain.Checkpoint) bool { c.Root[0]++; return c.Size == 6 })
		}, "names another", 6},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, storetest.SQLite(t))
			w.minutes(5)
			if r := w.verify(""); r.Problem != "" || r.Sealed != 10 {
				t.Fatalf("%+v", r)
			}
			tt.do(w)
			if r := w.verify(""); !strings.Contains(r.Problem, tt.want) || r.Position != tt.at {
				t.Errorf("%+v", r)
			}
		})
	}
}

// Checkpoints that name none before them are each believed for their signature.
func TestCheckpointsThatNameNone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.minutes(3)
		w.resign(func(c *domain.Checkpoint) bool { c.Before = tlog.Hash{}; return true })
		w.minutes(3)
		if r := w.verify(""); r.Problem != "" || r.Sealed != 12 {
			t.Fatalf("%+v", r)
		}
		w.sql("update audit_checkpoints set note = replace(note, 'test', 'text') where size = 2")
		if r := w.verify(""); !strings.Contains(r.Problem, "over 2 entries is not signed") {
			t.Errorf("%+v", r)
		}
	})
}

// resign signs checkpoints once more, with what change makes of them, where it
// says so.
func (w *world) resign(change func(*domain.Checkpoint) bool) {
	w.t.Helper()
	err := w.db.Update(w.t.Context(), store.PriorityRest, func(tx *store.Tx) error {
		fresh := map[int64]string{}
		err := rows.Checkpoints(tx, func(c *rows.Checkpoint) error {
			got, err := domain.ParseCheckpoint(c.Note)
			if err != nil || !change(&got) {
				return err
			}
			signed, err := note.Sign(&note.Note{Text: got.Text()}, w.s)
			fresh[c.Size] = string(signed)
			return err
		})
		for size, text := range fresh {
			if _, err := tx.Exec("update audit_checkpoints set note = $2 where size = $1", size, text); err != nil {
				return err
			}
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}
