package portable

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/store"
)

// maxPart bounds an entry; a row is at most a few megabytes.
const maxPart = 256 << 20

// each reads the entries in order, without the manifest, which it returns.
func each(r io.Reader, do func(name string, body []byte) error) ([]byte, error) {
	t := tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil, damaged("it has no manifest: it was cut off")
		}
		if err != nil {
			return nil, damaged("%v", err)
		}
		if h.Size > maxPart {
			return nil, damaged("the entry %q has %d bytes", h.Name, h.Size)
		}
		body, err := io.ReadAll(t)
		if err != nil {
			return nil, damaged("%v", err)
		}
		if h.Name == manifestName {
			if _, err := t.Next(); !errors.Is(err, io.EOF) {
				return nil, damaged("there is something after the manifest")
			}
			// What carries the file may have a check of its own at its end.
			if _, err := io.Copy(io.Discard, r); err != nil {
				return nil, damaged("%v", err)
			}
			return body, nil
		}
		if err := do(h.Name, body); err != nil {
			return nil, err
		}
	}
}

// Verify reads a copy to its end and compares it with its manifest. It returns
// the files that go with the database.
func Verify(r io.Reader) (*Manifest, map[string][]byte, error) {
	files := map[string][]byte{}
	type found struct{ name, sum string }
	var have []found
	body, err := each(r, func(name string, body []byte) error {
		have = append(have, found{name, sum(body)})
		if file, ok := strings.CutPrefix(name, "files/"); ok {
			files[file] = body
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	m, err := check(body)
	if err != nil {
		return nil, nil, err
	}
	if len(have) != len(m.Parts) {
		return nil, nil, damaged("it has %d parts, its manifest names %d", len(have), len(m.Parts))
	}
	for i, p := range m.Parts {
		if have[i].name != p.Name || have[i].sum != p.SHA256 {
			return nil, nil, damaged("%s is not what was written", p.Name)
		}
	}
	return m, files, nil
}

// Load writes the rows of a copy that was verified into an empty database of
// the same schema, in the caller's transaction, and counts them.
func Load(tx *store.Tx, r io.Reader, m *Manifest) error {
	if err := Empty(tx); err != nil {
		return err
	}
	l, err := loader(tx, m)
	if err != nil {
		return err
	}
	next := 0
	if _, err := each(r, func(name string, body []byte) error {
		if next == len(m.Parts) || m.Parts[next].Name != name || m.Parts[next].SHA256 != sum(body) {
			return damaged("%s is not what was verified", name)
		}
		p := m.Parts[next]
		next++
		if p.Table == "" {
			return nil
		}
		if err := l.part(p, body); err != nil {
			return fmt.Errorf("load %s: %w", name, err)
		}
		return nil
	}); err != nil {
		return err
	}
	return l.compare()
}

type load struct {
	tx   *store.Tx
	m    *Manifest
	here map[string]table
}

func loader(tx *store.Tx, m *Manifest) (*load, error) {
	version, err := store.SchemaVersion(tx)
	if err != nil {
		return nil, err
	}
	if version != m.Schema {
		return nil, fault.New(fault.Conflict, "the database has schema %d, the backup %d", version, m.Schema)
	}
	all, err := tables(tx)
	if err != nil {
		return nil, err
	}
	l := &load{tx: tx, m: m, here: map[string]table{}}
	for _, t := range all {
		l.here[t.name] = t
	}
	for _, t := range m.Tables {
		if _, ok := l.here[t.Name]; !ok {
			return nil, fault.New(fault.Conflict, "the backup has a table %q, which this database does not have", t.Name)
		}
	}
	if tx.Engine() == "sqlite" {
		_, err = tx.Exec("pragma defer_foreign_keys = 1") // tables come in the order of their names
	}
	return l, err
}

func (l *load) part(p Part, body []byte) error {
	first, rest, _ := bytes.Cut(body, []byte{'\n'})
	var h header
	if err := json.Unmarshal(first, &h); err != nil || h.Table != p.Table {
		return damaged("it does not say which table it is of")
	}
	t := l.here[h.Table]
	if !sameNames(t.columns, h.Columns) {
		return fault.New(fault.Conflict, "table %s has other columns than in the backup", h.Table)
	}
	var rows [][]any
	for len(rest) > 0 {
		var line []byte
		line, rest, _ = bytes.Cut(rest, []byte{'\n'})
		row, err := decode(line, len(h.Columns))
		if err != nil {
			return damaged("%v", err)
		}
		rows = append(rows, row)
	}
	if int64(len(rows)) != p.Rows {
		return damaged("%d rows, want %d", len(rows), p.Rows)
	}
	names := make([]string, len(h.Columns))
	for i, c := range h.Columns {
		names[i] = quoted([]string{c})
	}
	return l.tx.InsertMany(quoted([]string{h.Table}), names, rows, "")
}

// compare counts what is there now.
func (l *load) compare() error {
	for _, t := range l.m.Tables {
		n, err := l.here[t.Name].count(l.tx)
		if err != nil {
			return err
		}
		if n != t.Rows {
			return fault.New(fault.Internal, "table %s has %d rows, the backup %d", t.Name, n, t.Rows)
		}
	}
	return nil
}

func sameNames(a, b []string) bool {
	a, b = slices.Clone(a), slices.Clone(b)
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}
