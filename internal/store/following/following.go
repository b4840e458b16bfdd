// Package following holds the SQL of how components follow alerts: the rules, and where
// each service's component stands. It must not decide what is shown.
package following

import (
	"time"

	"allclear/internal/domain/following"
	"allclear/internal/store"
)

const (
	qRules = "select doc from documents where kind = 'setting' and id = 'component_following'"
	qState = "select doc from documents where kind = 'component_state' and id = $1"
	qAll   = "select id, doc from documents where kind = 'component_state' order by id"
	qSave  = "insert into documents(kind, id, doc, version, updated_at) values($1,$2,$3,1,$4) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string { return []string{qRules, qState, qAll, qSave} }

// Rules reads the rules; the default where none were set.
func Rules(tx *store.Tx) (following.Rules, error) {
	var doc store.JSON[following.Rules]
	err := tx.QueryRow(qRules).Scan(&doc)
	if store.NotFound(err) {
		return following.Default(), nil
	}
	return doc.V, err
}

// SaveRules writes the rules.
func SaveRules(tx *store.Tx, r following.Rules, now time.Time) error {
	_, err := tx.Exec(qSave, "setting", "component_following", store.J(r), store.Micros(now))
	return err
}

// State reads where a service's component stands, locked for a change; the zero value
// before anything was seen.
func State(tx *store.Tx, service string) (following.State, error) {
	query := qState
	if !tx.ReadOnly() {
		query += tx.ForUpdate()
	}
	var doc store.JSON[following.State]
	err := tx.QueryRow(query, service).Scan(&doc)
	if store.NotFound(err) {
		err = nil
	}
	return doc.V, err
}

// SaveState writes where a service's component stands.
func SaveState(tx *store.Tx, service string, s following.State, now time.Time) error {
	_, err := tx.Exec(qSave, "component_state", service, store.J(s), store.Micros(now))
	return err
}

// States reads all of them by service.
func States(tx *store.Tx) (map[string]following.State, error) {
	rows, err := tx.Query(qAll)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]following.State{}
	for rows.Next() {
		var id string
		var doc store.JSON[following.State]
		if err := rows.Scan(&id, &doc); err != nil {
			return nil, err
		}
		out[id] = doc.V
	}
	return out, rows.Err()
}
