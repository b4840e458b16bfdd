package portable

import (
	"archive/tar"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"time"

	"allclear/internal/store"
)

// partSize is about how many bytes of rows one entry has: what reading and
// writing keep in memory.
const partSize = 1 << 20

// About is what a copy says of its origin, and the files that go with it.
type About struct {
	Program string
	Now     time.Time
	Files   map[string][]byte
}

// Write copies everything that the transaction sees. A View is one instant, so
// that the copy is one too, whatever is written meanwhile.
func Write(tx *store.Tx, w io.Writer, about About) (*Manifest, error) {
	version, err := store.SchemaVersion(tx)
	if err != nil {
		return nil, fmt.Errorf("read schema version: %w", err)
	}
	all, err := tables(tx)
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	c := &copier{tar: tar.NewWriter(w), now: about.Now, m: &Manifest{Format: Format, Program: about.Program, CreatedAt: about.Now, Engine: tx.Engine(), Schema: version}}
	for _, name := range slices.Sorted(maps.Keys(about.Files)) {
		if err := c.put(Part{Name: "files/" + name}, about.Files[name]); err != nil {
			return nil, err
		}
	}
	for _, t := range all {
		if err := c.table(tx, t); err != nil {
			return nil, fmt.Errorf("copy table %s: %w", t.name, err)
		}
	}
	body, err := json.MarshalIndent(c.m, "", " ")
	if err != nil {
		return nil, err
	}
	if err := c.entry(manifestName, body); err != nil {
		return nil, err
	}
	return c.m, c.tar.Close()
}

type copier struct {
	tar *tar.Writer
	now time.Time
	m   *Manifest
}

func (c *copier) entry(name string, body []byte) error {
	h := &tar.Header{Name: name, Mode: 0o600, Size: int64(len(body)), ModTime: c.now}
	if err := c.tar.WriteHeader(h); err != nil {
		return err
	}
	_, err := c.tar.Write(body)
	return err
}

func (c *copier) put(p Part, body []byte) error {
	c.m.add(p, body)
	return c.entry(p.Name, body)
}

// header is the first line of a part with rows.
type header struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

func (c *copier) table(tx *store.Tx, t table) error {
	rows, err := tx.Query(t.query())
	if err != nil {
		return err
	}
	defer rows.Close()
	head, err := json.Marshal(header{Table: t.name, Columns: t.columns})
	if err != nil {
		return err
	}
	head = append(head, '\n')
	values, into := make([]any, len(t.columns)), make([]any, len(t.columns))
	for i := range values {
		into[i] = &values[i]
	}
	buf, n, total, parts := append([]byte(nil), head...), int64(0), int64(0), 0
	flush := func() error {
		parts++
		p := Part{Name: fmt.Sprintf("rows/%s/%06d.jsonl", t.name, parts), Table: t.name, Rows: n}
		total += n
		err := c.put(p, buf)
		buf, n = append(buf[:0], head...), 0
		return err
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		for i, flag := range t.flags {
			if n, ok := values[i].(int64); ok && flag {
				values[i] = n != 0
			}
		}
		if buf, err = encode(buf, values); err != nil {
			return err
		}
		if n++; len(buf) >= partSize {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if n > 0 {
		if err := flush(); err != nil {
			return err
		}
	}
	c.m.Tables = append(c.m.Tables, Table{Name: t.name, Rows: total})
	return nil
}
