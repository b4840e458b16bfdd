// Package incidents holds the SQL of incidents. The incident's own fields are
// one JSON document; what is searched or counted is a column beside it.
// It must not decide a change of state.
package incidents

import (
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/incident"
	"allclear/internal/store"
)

const sel = "select id, open_alerts, alert_count, doc from incidents "

type scanner interface{ Scan(dest ...any) error }

func scan(row scanner) (*incident.Incident, error) {
	var id, open, count int64
	var doc store.JSON[incident.Incident]
	if err := row.Scan(&id, &open, &count, &doc); err != nil {
		return nil, err
	}
	i := doc.V
	i.ID, i.OpenAlerts, i.AlertCount = ident.ID(id), open, count
	return &i, nil
}

// Insert writes a new incident; its number is taken from the counter in the
// same transaction, so numbers have no gaps and never repeat.
func Insert(tx *store.Tx, i *incident.Incident, now time.Time) error {
	err := tx.QueryRow("insert into counters(name, value) values('incident', 1) on conflict(name) do update set value = counters.value + 1 returning value").Scan(&i.Number)
	if err != nil {
		return err
	}
	i.ID = tx.NewID(now)
	_, err = tx.Exec("insert into incidents(id, number, service_id, group_key, status, severity, opened_at, updated_at, restricted, open_alerts, alert_count, doc) values($1,$2,$3,$4,$5,$6,$7,$7,$8,$9,$10,$11)",
		int64(i.ID), i.Number, i.ServiceID, i.GroupKey, string(i.Status), i.Severity.String(), store.Micros(now), i.Restricted, i.OpenAlerts, i.AlertCount, store.J(i))
	return err
}

// Update writes the document and its columns; the alert counts are kept by
// Count alone.
func Update(tx *store.Tx, i *incident.Incident, now time.Time) error {
	delete(tx.Memo(), peeked{i.ID})
	n, err := tx.Exec("update incidents set status = $2, severity = $3, updated_at = $4, restricted = $5, group_key = $6, doc = $7 where id = $1",
		int64(i.ID), string(i.Status), i.Severity.String(), store.Micros(now), i.Restricted, i.GroupKey, store.J(i))
	if err == nil && n == 0 {
		return fault.New(fault.NotFound, "incident %d does not exist", i.Number)
	}
	return err
}

// Count adds to the numbers of alerts.
func Count(tx *store.Tx, id ident.ID, open, all int64) error {
	delete(tx.Memo(), peeked{id})
	_, err := tx.Exec("update incidents set open_alerts = open_alerts + $2, alert_count = alert_count + $3 where id = $1", int64(id), open, all)
	return err
}

// Get reads and locks the incident.
func Get(tx *store.Tx, id ident.ID) (*incident.Incident, error) {
	i, err := scan(tx.QueryRow(sel+"where id = $1"+tx.ForUpdate(), int64(id)))
	return i, missing(err)
}

type peeked struct{ id ident.ID }

// Peek reads the incident without locking it; a transaction that looks again
// without having written it is not sent to the database. The caller must not
// change what it gets.
func Peek(tx *store.Tx, id ident.ID) (*incident.Incident, error) {
	if i, ok := tx.Memo()[peeked{id}].(*incident.Incident); ok {
		return i, nil
	}
	i, err := scan(tx.QueryRow(sel+"where id = $1", int64(id)))
	if err != nil {
		return nil, missing(err)
	}
	tx.Memo()[peeked{id}] = i
	return i, nil
}

// ByNumber reads the incident people call INC-number.
func ByNumber(tx *store.Tx, number int64) (*incident.Incident, error) {
	i, err := scan(tx.QueryRow(sel+"where number = $1", number))
	return i, missing(err)
}

// OpenOn finds and locks the incident that alerts of the service join; nil
// when none is open.
func OpenOn(tx *store.Tx, service, group string) (*incident.Incident, error) {
	i, err := scan(tx.QueryRow(sel+"where service_id = $1 and group_key = $2 and status in ('triage','investigating','mitigated','monitoring')"+tx.ForUpdate(), service, group))
	if store.NotFound(err) {
		return nil, nil
	}
	return i, err
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Statuses   []string
	Severities []string
	Service    string
	Except     []ident.ID // left out
	Before     int64      // incident numbers below this one; 0 for the newest
	Limit      int
}

// List returns incidents, newest first.
func List(tx *store.Tx, f Filter) ([]*incident.Incident, error) {
	query, args := sel+"where number < $1", []any{f.Before}
	if f.Before == 0 {
		args[0] = int64(1) << 60
	}
	add := func(column string, values []string) {
		if len(values) == 0 {
			return
		}
		query += " and " + column + " in (" + store.In(len(values), len(args)+1) + ")"
		for _, v := range values {
			args = append(args, v)
		}
	}
	add("status", f.Statuses)
	add("severity", f.Severities)
	if f.Service != "" {
		add("service_id", []string{f.Service})
	}
	if n := len(f.Except); n > 0 {
		query += " and id not in (" + store.In(n, len(args)+1) + ")"
		for _, id := range f.Except {
			args = append(args, int64(id))
		}
	}
	query += " order by number desc limit " + store.In(1, len(args)+1)
	return list(tx, query, append(args, f.Limit)...)
}

// Restricted lists the restricted incidents, which only their circles may know
// of (reading 18).
func Restricted(tx *store.Tx) ([]*incident.Incident, error) {
	return list(tx, sel+"where restricted order by id")
}

// lead is how long an incident may be open before it is declared and still be found
// by DeclaredIn.
const lead = 31 * 24 * time.Hour

// DeclaredIn lists the incidents declared from an instant until before another, in
// the order they opened.
func DeclaredIn(tx *store.Tx, from, until time.Time, limit int) ([]*incident.Incident, error) {
	all, err := list(tx, sel+"where opened_at >= $1 and opened_at < $2 order by number limit $3", store.Micros(from.Add(-lead)), store.Micros(until), limit)
	return slices.DeleteFunc(all, func(i *incident.Incident) bool {
		return !i.Declared || i.DeclaredAt.Before(from) || !i.DeclaredAt.Before(until)
	}), err
}

// Numbers returns the numbers of incidents by their ids; ids that are nobody's
// are left out.
func Numbers(tx *store.Tx, ids []ident.ID) (map[ident.ID]int64, error) {
	return store.ByID(tx, "select id, number from incidents where id", ids)
}

func list(tx *store.Tx, query string, args ...any) ([]*incident.Incident, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*incident.Incident
	for rows.Next() {
		i, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

func missing(err error) error {
	if store.NotFound(err) {
		return fault.New(fault.NotFound, "there is no such incident")
	}
	return err
}
