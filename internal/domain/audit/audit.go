// Package audit owns the arithmetic of the tamper-evident record: the bytes an
// entry is sealed by, the Merkle tree over all entries (RFC 6962), and the
// checkpoint that names its size and root. It must not read anything stored,
// hold a key or know the time.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"allclear/internal/base/fault"
)

// Row is an entry as it is stored, column by column.
type Row struct {
	ID, IncidentID int64
	Kind, Actor    string
	Source         string
	At, RecordedAt int64
	Restricted     bool
	Data           string
}

// Leaf is the hash of the entry.
func (r *Row) Leaf() tlog.Hash { return tlog.RecordHash(r.Append(nil)) }

// Append appends what is hashed: every column as it is stored, each with its
// length, so that nothing can move from one into the next.
func (r *Row) Append(b []byte) []byte {
	b = append(b, "allclear entry 1\n"...)
	for _, v := range [...]int64{r.ID, r.IncidentID, r.At, r.RecordedAt} {
		b = binary.BigEndian.AppendUint64(b, uint64(v))
	}
	restricted := byte(0)
	if r.Restricted {
		restricted = 1
	}
	b = append(b, restricted)
	for _, s := range [...]string{r.Kind, r.Actor, r.Source, r.Data} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	return b
}

// Tree is the right edge of a Merkle tree: what is needed to add a leaf and to
// tell the root, and no more. The zero value is the empty tree.
type Tree struct {
	size int64
	edge []tlog.Hash // of the full subtrees, largest first
}

// Size is how many leaves it has.
func (t *Tree) Size() int64 { return t.size }

// Add adds a leaf.
func (t *Tree) Add(h tlog.Hash) {
	for n := t.size; n&1 == 1; n >>= 1 {
		last := len(t.edge) - 1
		h, t.edge = tlog.NodeHash(t.edge[last], h), t.edge[:last]
	}
	t.edge = append(t.edge, h)
	t.size++
}

// Root is the hash of the whole tree, which has at least one leaf.
func (t *Tree) Root() tlog.Hash {
	if t.size == 0 {
		return tlog.Hash{}
	}
	h := t.edge[len(t.edge)-1]
	for i := len(t.edge) - 2; i >= 0; i-- {
		h = tlog.NodeHash(t.edge[i], h)
	}
	return h
}

// Edge writes the tree so that Restore reads it.
func (t *Tree) Edge() string {
	out := make([]string, len(t.edge))
	for i, h := range t.edge {
		out[i] = h.String()
	}
	return strings.Join(out, " ")
}

// Restore reads what Edge wrote of a tree of the size.
func Restore(size int64, edge string) (*Tree, error) {
	t := &Tree{size: size}
	for _, word := range strings.Fields(edge) {
		h, err := tlog.ParseHash(word)
		if err != nil {
			return nil, fmt.Errorf("read the edge of the audit tree: %w", err)
		}
		t.edge = append(t.edge, h)
	}
	full := 0
	for n := size; n > 0; n &= n - 1 {
		full++
	}
	if len(t.edge) != full {
		return nil, fault.New(fault.Internal, "the edge of the audit tree has %d hashes, a tree of %d leaves %d", len(t.edge), size, full)
	}
	return t, nil
}

// Origin names the log in a checkpoint.
const Origin = "allclear/audit"

// Checkpoint is a size and a root, in the form that witnesses of transparency
// logs sign (https://c2sp.org/tlog-checkpoint).
type Checkpoint struct {
	Size int64
	Root tlog.Hash
	// Before is the NoteHash of the checkpoint before; zero for the first.
	// Whose signature holds vouches with it for all that came before.
	Before tlog.Hash
}

// NoteHash is the name of a signed checkpoint: SHA-256 of its text, signature
// and all.
func NoteHash(note string) tlog.Hash { return sha256.Sum256([]byte(note)) }

// before begins the line that names the checkpoint before.
const before = "before "

// Text is what is signed.
func (c Checkpoint) Text() string {
	text := Origin + "\n" + strconv.FormatInt(c.Size, 10) + "\n" + c.Root.String() + "\n"
	if c.Before != (tlog.Hash{}) {
		text += before + c.Before.String() + "\n"
	}
	return text
}

// ParseCheckpoint reads what Text wrote, with or without a signature below it.
// Anything else is fault.Invalid.
func ParseCheckpoint(text string) (c Checkpoint, err error) {
	lines := strings.Split(text, "\n")
	const want = 4 // with the empty one at the end
	if len(lines) < want || lines[0] != Origin {
		return c, fault.New(fault.Invalid, "this is no checkpoint of the audit log")
	}
	c.Size, err = strconv.ParseInt(lines[1], 10, 64)
	if err == nil && c.Size > 0 {
		c.Root, err = tlog.ParseHash(lines[2])
	}
	if name, ok := strings.CutPrefix(lines[3], before); ok && err == nil {
		c.Before, err = tlog.ParseHash(name)
	}
	if err != nil || c.Size <= 0 {
		return c, fault.New(fault.Invalid, "the checkpoint of the audit log cannot be read")
	}
	return c, nil
}
