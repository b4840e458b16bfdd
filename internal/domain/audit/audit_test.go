package audit

import (
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"

	"allclear/internal/base/fault"
)

// The edge tells the same root as the library's tree, at every size.
func TestTreeIsTheLibrarys(t *testing.T) {
	var all []tlog.Hash
	read := tlog.HashReaderFunc(func(at []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(at))
		for i, n := range at {
			out[i] = all[n]
		}
		return out, nil
	})
	tree := &Tree{}
	var last tlog.Hash // of the checkpoint before
	for n := range int64(200) {
		leaf := tlog.RecordHash([]byte{byte(n)})
		more, err := tlog.StoredHashesForRecordHash(n, leaf, read)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, more...)
		tree.Add(leaf)
		want, err := tlog.TreeHash(n+1, read)
		if err != nil || tree.Root() != want || tree.Size() != n+1 {
			t.Fatalf("size %d: %v, want %v, %v", n+1, tree.Root(), want, err)
		}
		again, err := Restore(tree.Size(), tree.Edge())
		if err != nil || again.Root() != want {
			t.Fatalf("size %d, restored: %v", n+1, err)
		}
		tree = again
		c := Checkpoint{Size: n + 1, Root: want, Before: last}
		last = NoteHash(c.Text())
		for _, text := range []string{c.Text(), c.Text() + "\n— allclear c2lnbmF0dXJl\n"} {
			if got, err := ParseCheckpoint(text); err != nil || got != c {
				t.Fatalf("%+v of %q, %v", got, text, err)
			}
		}
	}
	for _, text := range []string{"", "\n1\n", Origin + "\n0\n" + last.String() + "\n", Origin + "\n1\nx\n", Origin + "\n1\n" + last.String(), Origin + "\n1\n" + last.String() + "\nbefore x\n"} {
		if c, err := ParseCheckpoint(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %+v, %v", text, c, err)
		}
	}
	if _, err := Restore(3, tree.Edge()); err == nil {
		t.Error("an edge of another size was taken")
	}
}

// Two entries that differ in anything have different leaves, also when text
// moves from one column into the next.
func TestLeafIsTheWholeEntry(t *testing.T) {
	row := rapid.Custom(func(t *rapid.T) Row {
		text := rapid.StringMatching(`[ab]{0,2}`)
		n := rapid.Int64Range(0, 1)
		return Row{
			ID: n.Draw(t, "id"), IncidentID: n.Draw(t, "incident"), Kind: text.Draw(t, "kind"), Actor: text.Draw(t, "actor"), Source: text.Draw(t, "source"),
			At: n.Draw(t, "at"), RecordedAt: n.Draw(t, "recorded"), Restricted: rapid.Bool().Draw(t, "restricted"), Data: text.Draw(t, "data"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := row.Draw(t, "a"), row.Draw(t, "b")
		same := a.ID == b.ID && a.IncidentID == b.IncidentID && a.Kind == b.Kind && a.Actor == b.Actor && a.Source == b.Source &&
			a.At == b.At && a.RecordedAt == b.RecordedAt && a.Restricted == b.Restricted && a.Data == b.Data
		if (a.Leaf() == b.Leaf()) != same {
			t.Fatalf("%+v and %+v", a, b)
		}
	})
}
