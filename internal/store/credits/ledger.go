package credits

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/credit"
	"allclear/internal/store"
)

const (
	qEntries    = "select id, incident_id, doc from credit_entries where incident_id = $1 order by id"
	qEntry      = "select id, incident_id, doc from credit_entries where id = $1"
	qAddEntry   = "insert into credit_entries(id, incident_id, doc) values($1,$2,$3)"
	qSetEntry   = "update credit_entries set doc = $2 where id = $1"
	qVerdicts   = "select incident_id, doc from credit_verdicts"
	qSetVerdict = "insert into credit_verdicts(incident_id, doc) values($1,$2) on conflict(incident_id) do update set doc = excluded.doc"
	qConfirmed  = "select hash, doc from credit_confirmations order by hash"
	qConfirm    = "insert into credit_confirmations(hash, doc) values($1,$2) on conflict(hash) do nothing"
	qUnconfirm  = "delete from credit_confirmations where hash = $1"
)

// Entries lists the rows of an incident's ledger, the oldest first.
func Entries(tx *store.Tx, incident ident.ID) ([]*credit.Entry, error) {
	return entries(tx, qEntries, int64(incident))
}

// TakeEntry reads and locks a row. Error: fault.NotFound.
func TakeEntry(tx *store.Tx, id ident.ID) (*credit.Entry, error) {
	all, err := entries(tx, qEntry+tx.ForUpdate(), int64(id))
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "there is no such entry")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// AddEntry writes a new row under its id.
func AddEntry(tx *store.Tx, e *credit.Entry) error {
	_, err := tx.Exec(qAddEntry, int64(e.ID), int64(e.Incident), store.J(&e.EntryRecord))
	return err
}

// SaveEntry writes what became of a row.
func SaveEntry(tx *store.Tx, e *credit.Entry) error {
	_, err := tx.Exec(qSetEntry, int64(e.ID), store.J(&e.EntryRecord))
	return err
}

func entries(tx *store.Tx, query string, args ...any) (out []*credit.Entry, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, incident int64
		var doc store.JSON[credit.EntryRecord]
		if err := rows.Scan(&id, &incident, &doc); err != nil {
			return nil, err
		}
		out = append(out, &credit.Entry{ID: ident.ID(id), Incident: ident.ID(incident), EntryRecord: doc.V})
	}
	return out, rows.Err()
}

// Verdicts are what people said of incidents, by incident.
func Verdicts(tx *store.Tx) (map[ident.ID]credit.Verdict, error) {
	rows, err := tx.Query(qVerdicts)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[ident.ID]credit.Verdict{}
	for rows.Next() {
		var id int64
		var doc store.JSON[credit.Verdict]
		if err := rows.Scan(&id, &doc); err != nil {
			return nil, err
		}
		out[ident.ID(id)] = doc.V
	}
	return out, rows.Err()
}

// SetVerdict writes what somebody says of an incident.
func SetVerdict(tx *store.Tx, incident ident.ID, v credit.Verdict) error {
	_, err := tx.Exec(qSetVerdict, int64(incident), store.J(&v))
	return err
}

// Confirmation is who confirmed what a schedule says.
type Confirmation struct {
	By string    `json:"by"`
	At time.Time `json:"at"`
}

// Confirmations are those in force, by the hash of the schedule.
func Confirmations(tx *store.Tx) (map[string]Confirmation, error) {
	rows, err := tx.Query(qConfirmed)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]Confirmation{}
	for rows.Next() {
		var hash string
		var doc store.JSON[Confirmation]
		if err := rows.Scan(&hash, &doc); err != nil {
			return nil, err
		}
		out[hash] = doc.V
	}
	return out, rows.Err()
}

// Confirm keeps who confirmed a schedule; the first word stays.
func Confirm(tx *store.Tx, hash string, c Confirmation) error {
	_, err := tx.Exec(qConfirm, hash, store.J(&c))
	return err
}

// Withdraw ends a confirmation.
func Withdraw(tx *store.Tx, hash string) error {
	_, err := tx.Exec(qUnconfirm, hash)
	return err
}
