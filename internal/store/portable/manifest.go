// Package portable owns the copy of a whole database in a form that both
// engines read: a tar file of rows as JSON lines, and a manifest of what must be
// in it. It must not know what the rows mean.
package portable

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"allclear/internal/base/fault"
)

// Format is the version of the form; a reader refuses others.
const Format = 1

// manifestName is the last entry: a file that was cut off has none.
const manifestName = "manifest.json"

// Manifest says what a copy holds. It is written last and checked first.
type Manifest struct {
	Format    int       `json:"format"`
	Program   string    `json:"program"` // version that wrote it
	CreatedAt time.Time `json:"created_at"`
	Engine    string    `json:"engine"` // it was read from
	Schema    int64     `json:"schema"` // newest migration
	Tables    []Table   `json:"tables"`
	Parts     []Part    `json:"parts"`
}

// Table is a table of the copy.
type Table struct {
	Name string `json:"name"`
	Rows int64  `json:"rows"`
}

// Part is an entry of the file: some rows of a table, or a file that goes with
// the database.
type Part struct {
	Name   string `json:"name"`
	Table  string `json:"table,omitempty"`
	Rows   int64  `json:"rows,omitempty"`
	SHA256 string `json:"sha256"`
}

// Rows counts the rows of all tables.
func (m *Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

func (m *Manifest) add(p Part, body []byte) {
	p.SHA256 = sum(body)
	m.Parts = append(m.Parts, p)
}

func sum(b []byte) string {
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:])
}

// check reads a manifest and sees that it agrees with itself.
func check(body []byte) (*Manifest, error) {
	m := &Manifest{}
	if err := json.Unmarshal(body, m); err != nil {
		return nil, damaged("the manifest cannot be read: %v", err)
	}
	if m.Format != Format {
		return nil, fault.New(fault.Invalid, "the backup has format %d, this program reads %d", m.Format, Format)
	}
	rows := map[string]int64{}
	for _, p := range m.Parts {
		rows[p.Table] += p.Rows
	}
	for _, t := range m.Tables {
		if rows[t.Name] != t.Rows {
			return nil, damaged("the manifest counts %d rows of %s and %d in its parts", t.Rows, t.Name, rows[t.Name])
		}
		delete(rows, t.Name)
	}
	delete(rows, "")
	if len(rows) > 0 {
		return nil, damaged("the manifest has parts of tables it does not name")
	}
	return m, nil
}

func damaged(format string, args ...any) error {
	return fault.New(fault.Invalid, "the backup is damaged: %s", fmt.Sprintf(format, args...))
}
