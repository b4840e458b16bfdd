// Package silences holds the SQL of silences: few documents, read whole. It
// must not judge what a silence covers.
package silences

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/store"
)

// Versioned is a silence with the number of its last change.
type Versioned struct {
	alert.Silence
	Version int64
}

// Put writes a silence, new or changed.
func Put(tx *store.Tx, s *alert.Silence, now time.Time) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('silence', $1, $2, 1, $3) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at",
		s.ID, store.J(s), store.Micros(now))
	return err
}

// Get reads and locks a silence. One of another service is as good as none
// (INV-A3); the empty service stands for any.
func Get(tx *store.Tx, service, id string) (*alert.Silence, error) {
	return get(tx, service, id, tx.ForUpdate())
}

// Peek is Get without the lock.
func Peek(tx *store.Tx, service, id string) (*alert.Silence, error) {
	return get(tx, service, id, "")
}

func get(tx *store.Tx, service, id, lock string) (*alert.Silence, error) {
	var doc store.JSON[alert.Silence]
	err := tx.QueryRow("select doc from documents where kind = 'silence' and id = $1"+lock, id).Scan(&doc)
	if err != nil && !store.NotFound(err) {
		return nil, err
	}
	if err != nil || (service != "" && doc.V.ServiceID != service) {
		return nil, fault.New(fault.NotFound, "silence not found")
	}
	return &doc.V, nil
}

// All lists every silence, oldest first. What it returns is not compiled.
func All(tx *store.Tx) ([]Versioned, error) {
	rows, err := tx.Query("select doc, version from documents where kind = 'silence' order by id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Versioned
	for rows.Next() {
		var doc store.JSON[alert.Silence]
		var v int64
		if err := rows.Scan(&doc, &v); err != nil {
			return nil, err
		}
		out = append(out, Versioned{Silence: doc.V, Version: v})
	}
	return out, rows.Err()
}

// Delete forgets a silence.
func Delete(tx *store.Tx, id string) error {
	_, err := tx.Exec("delete from documents where kind = 'silence' and id = $1", id)
	return err
}

// Maintenances lists every maintenance, oldest first. What it returns is not
// compiled.
func Maintenances(tx *store.Tx) ([]*alert.Maintenance, error) {
	rows, err := tx.Query("select doc from documents where kind = 'maintenance' order by id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*alert.Maintenance
	for rows.Next() {
		var doc store.JSON[alert.Maintenance]
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		out = append(out, &doc.V)
	}
	return out, rows.Err()
}

// Maintenance reads and locks a maintenance.
func Maintenance(tx *store.Tx, id string) (*alert.Maintenance, error) {
	var doc store.JSON[alert.Maintenance]
	err := tx.QueryRow("select doc from documents where kind = 'maintenance' and id = $1"+tx.ForUpdate(), id).Scan(&doc)
	if store.NotFound(err) {
		return nil, fault.New(fault.NotFound, "there is no such maintenance")
	}
	return &doc.V, err
}

// PutMaintenance writes a maintenance, new or changed.
func PutMaintenance(tx *store.Tx, m *alert.Maintenance, now time.Time) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('maintenance', $1, $2, 1, $3) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at",
		m.ID, store.J(m), store.Micros(now))
	return err
}

// DeleteMaintenance forgets a maintenance.
func DeleteMaintenance(tx *store.Tx, id string) error {
	_, err := tx.Exec("delete from documents where kind = 'maintenance' and id = $1", id)
	return err
}
