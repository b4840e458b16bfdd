// Package procedures holds the SQL of procedure versions. A version is never
// changed; incidents refer to it by the hash of its text.
package procedures

import (
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
)

// Shelf reads procedures and keeps the parsed ones; versions never change, so
// what it keeps stays true. Safe for concurrent use.
type Shelf struct{ parsed sync.Map }

// Put stores a version and returns its hash.
func (s *Shelf) Put(tx *store.Tx, body []byte, now time.Time) (string, error) {
	if p, ok := s.parsed.Load(procedure.Hash(body)); ok {
		return s.PutParsed(tx, p.(*procedure.Procedure), body, now)
	}
	p, err := procedure.Parse(body)
	if err != nil {
		return "", err
	}
	return s.PutParsed(tx, p, body, now)
}

// PutParsed is Put for a caller that has read body already.
func (s *Shelf) PutParsed(tx *store.Tx, p *procedure.Procedure, body []byte, now time.Time) (string, error) {
	hash := procedure.Hash(body)
	_, err := tx.Exec("insert into procedures(hash, name, version, body, created_at) values($1,$2,$3,$4,$5) on conflict(hash) do nothing",
		hash, p.Name, p.Document.Version, string(body), store.Micros(now))
	if err != nil {
		return "", err
	}
	tx.AfterCommit(func() { s.parsed.Store(hash, p) })
	return hash, nil
}

// Activate makes a stored version the one new incidents follow.
func (s *Shelf) Activate(tx *store.Tx, hash string, now time.Time) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('setting', 'procedure', $1, 1, $2) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at", store.J(hash), store.Micros(now))
	return err
}

// Active returns the hash of the version in force.
func (s *Shelf) Active(tx *store.Tx) (string, error) {
	var hash store.JSON[string]
	err := tx.QueryRow("select doc from documents where kind = 'setting' and id = 'procedure'").Scan(&hash)
	if store.NotFound(err) {
		return "", fault.New(fault.Conflict, "no procedure is active yet")
	}
	return hash.V, err
}

// Get returns a stored version, parsed.
func (s *Shelf) Get(tx *store.Tx, hash string) (*procedure.Procedure, error) {
	if p, ok := s.parsed.Load(hash); ok {
		return p.(*procedure.Procedure), nil
	}
	body, err := s.Body(tx, hash)
	if err != nil {
		return nil, err
	}
	p, err := procedure.Parse([]byte(body))
	if err != nil {
		return nil, err
	}
	s.parsed.Store(hash, p)
	return p, nil
}

// Body returns a stored version as it was written.
func (s *Shelf) Body(tx *store.Tx, hash string) (body string, err error) {
	err = tx.QueryRow("select body from procedures where hash = $1", hash).Scan(&body)
	if store.NotFound(err) {
		return "", fault.New(fault.NotFound, "there is no procedure version %s", hash)
	}
	return body, err
}

// Version is a stored version without its text.
type Version struct {
	Hash, Name, Version string
	CreatedAt           time.Time
}

const (
	qVersions = "select hash, name, version, created_at from procedures where created_at < $1 or created_at = $1 and hash < $2 order by created_at desc, hash desc limit $3"
	qVersion  = "select hash, name, version, created_at from procedures where hash = $1"
)

// Versions lists stored versions, newest first, after the one given; a zero
// Version is before all.
func (s *Shelf) Versions(tx *store.Tx, after Version, limit int) ([]Version, error) {
	at := store.Micros(after.CreatedAt)
	if after.Hash == "" {
		at = 1 << 62
	}
	rows, err := tx.Query(qVersions, at, after.Hash, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Version
	for rows.Next() {
		v, err := scanVersion(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Version returns a stored version without its text.
func (s *Shelf) Version(tx *store.Tx, hash string) (Version, error) {
	v, err := scanVersion(tx.QueryRow(qVersion, hash))
	if store.NotFound(err) {
		return v, fault.New(fault.NotFound, "there is no procedure version %s", hash)
	}
	return v, err
}

func scanVersion(row interface{ Scan(dest ...any) error }) (v Version, err error) {
	var at int64
	err = row.Scan(&v.Hash, &v.Name, &v.Version, &at)
	v.CreatedAt = store.Time(at)
	return v, err
}
