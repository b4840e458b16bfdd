// Package credits holds the SQL of credit memos, of the ledger of incidents, and of
// what people say about downtime and schedules. It must not compute an amount.
package credits

import (
	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/credit"
	"allclear/internal/store"
)

const (
	sel       = "select id, slot, customer, month, sort, state, cents, currency, incident_id, doc from credit_memos "
	qGet      = sel + "where id = $1"
	qCustomer = sel + "where customer = $1 and month = $2 order by id"
	qMonth    = sel + "where month = $1 order by id desc"
	qOf       = sel + "where id in (select memo_id from credit_parts where incident_id = $1) order by id"
	qStanding = sel + "where state in ('calculated','pending') order by id"
	qList     = sel + "where (id < $1 or $1 = 0) and (month = $2 or $2 = '') and (state = $3 or $3 = '') and (customer = $4 or $4 = '') and (id in (select memo_id from credit_parts where incident_id = $5) or $5 = 0) order by id desc limit $6"
	qInsert   = "insert into credit_memos(id, slot, customer, month, sort, state, cents, currency, incident_id, doc) values($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)"
	qSave     = "update credit_memos set state = $2, cents = $3, currency = $4, incident_id = $5, doc = $6 where id = $1"
	qUnpart   = "delete from credit_parts where memo_id = $1"
	qPart     = "insert into credit_parts(incident_id, memo_id) values($1,$2)"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qGet, qCustomer, qMonth, qOf, qStanding, qList, qInsert, qSave, qUnpart, qPart, qEntries, qEntry, qAddEntry, qSetEntry, qVerdicts, qSetVerdict, qConfirmed, qConfirm, qUnconfirm}
}

// Insert writes a new memo under its id. Another memo of the same slot is an error.
func Insert(tx *store.Tx, m *credit.Memo) error {
	_, err := tx.Exec(qInsert, int64(m.ID), m.Slot, m.Customer, string(m.Month), string(m.Sort), string(m.State), m.Cents, m.Currency, int64(m.Incident), store.J(&m.Record))
	if err != nil {
		return err
	}
	return parts(tx, m)
}

// Save writes what became of a memo.
func Save(tx *store.Tx, m *credit.Memo) error {
	if _, err := tx.Exec(qSave, int64(m.ID), string(m.State), m.Cents, m.Currency, int64(m.Incident), store.J(&m.Record)); err != nil {
		return err
	}
	if _, err := tx.Exec(qUnpart, int64(m.ID)); err != nil {
		return err
	}
	return parts(tx, m)
}

func parts(tx *store.Tx, m *credit.Memo) error {
	for _, id := range m.Incidents() {
		if _, err := tx.Exec(qPart, int64(id), int64(m.ID)); err != nil {
			return err
		}
	}
	return nil
}

// Take reads and locks a memo. Error: fault.NotFound.
func Take(tx *store.Tx, id ident.ID) (*credit.Memo, error) {
	return one(tx, qGet+tx.ForUpdate(), int64(id))
}

// Get reads a memo. Error: fault.NotFound.
func Get(tx *store.Tx, id ident.ID) (*credit.Memo, error) { return one(tx, qGet, int64(id)) }

// OfCustomer lists and locks the memos of a customer's month, the oldest first.
func OfCustomer(tx *store.Tx, customer string, m credit.Month) ([]*credit.Memo, error) {
	return list(tx, qCustomer+tx.ForUpdate(), customer, string(m))
}

// OfMonth lists the memos of a month, the newest first.
func OfMonth(tx *store.Tx, m credit.Month) ([]*credit.Memo, error) {
	return list(tx, qMonth, string(m))
}

// Of lists the memos that an incident has a part in, the oldest first.
func Of(tx *store.Tx, incident ident.ID) ([]*credit.Memo, error) {
	return list(tx, qOf, int64(incident))
}

// Standing lists the memos that are not settled, the oldest first.
func Standing(tx *store.Tx) ([]*credit.Memo, error) { return list(tx, qStanding) }

// Filter narrows a list; empty fields do not.
type Filter struct {
	Month    credit.Month
	State    credit.State
	Customer string
	Incident ident.ID
	Before   ident.ID // ids below this one
	Limit    int
}

// List lists memos, the newest first.
func List(tx *store.Tx, f Filter) ([]*credit.Memo, error) {
	return list(tx, qList, int64(f.Before), string(f.Month), string(f.State), f.Customer, int64(f.Incident), f.Limit)
}

func one(tx *store.Tx, query string, args ...any) (*credit.Memo, error) {
	all, err := list(tx, query, args...)
	if err != nil {
		return nil, err
	}
	if len(all) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such credit memo")
	}
	return all[0], nil
}

func list(tx *store.Tx, query string, args ...any) (out []*credit.Memo, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, incident int64
		var month, sort, state string
		var doc store.JSON[credit.Record]
		m := new(credit.Memo)
		if err := rows.Scan(&id, &m.Slot, &m.Customer, &month, &sort, &state, &m.Cents, &m.Currency, &incident, &doc); err != nil {
			return nil, err
		}
		m.ID, m.Month, m.Sort, m.State, m.Incident, m.Record = ident.ID(id), credit.Month(month), credit.Sort(sort), credit.State(state), ident.ID(incident), doc.V
		out = append(out, m)
	}
	return out, rows.Err()
}
