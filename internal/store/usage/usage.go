// Package usage holds the SQL of how much customers use the product, by hour, and
// of the early warnings about it. It must not judge a value.
package usage

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Hour is a value of one hour.
type Hour struct {
	Metric string
	At     time.Time
	Value  float64
}

// Warning says that a customer uses the product unlike before.
type Warning struct {
	ID       ident.ID  `json:"-"`
	Customer string    `json:"-"`
	Metric   string    `json:"-"`
	Kind     string    `json:"-"`
	Since    time.Time `json:"-"` // the first hour of it
	EndedAt  time.Time `json:"-"` // zero: it stands

	Value  float64  `json:"value"` // of the last hour of it
	Usual  float64  `json:"usual"`
	Change float64  `json:"change"`
	Score  float64  `json:"score"`
	Text   string   `json:"text"`
	Told   []string `json:"told,omitempty"`
}

const (
	qHours   = "select metric, hour, value from usage_hours where customer_id = $1 and hour >= $2 and hour < $3 order by metric, hour limit 50000"
	qSame    = "select value from usage_hours where customer_id = $1 and metric = $2 and hour in ($3,$4,$5,$6,$7,$8,$9,$10) order by hour"
	qForget  = "delete from usage_hours where (customer_id, metric, hour) in (select customer_id, metric, hour from usage_hours where hour < $1 limit 2000)"
	sel      = "select id, customer_id, metric, kind, since, ended_at, doc from usage_warnings "
	qStands  = sel + "where customer_id = $1 and metric = $2 and ended_at = 0"
	qOf      = sel + "where customer_id = $1 order by id desc limit 200"
	qAll     = sel + "where ended_at = 0 order by id desc limit 500"
	qWarn    = "insert into usage_warnings(id, customer_id, metric, kind, since, ended_at, doc) values($1,$2,$3,$4,$5,0,$6)"
	qSave    = "update usage_warnings set ended_at = $2, doc = $3 where id = $1"
	qMetrics = "select count(distinct metric) from usage_hours where customer_id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qHours, qSame, qForget, qStands, qOf, qAll, qWarn, qSave, qMetrics}
}

// Put writes hours; a second value of the same hour takes the place of the first. No
// metric and hour may come twice in one call.
func Put(tx *store.Tx, customer string, all []Hour) error {
	rows := make([][]any, len(all))
	for i, h := range all {
		rows[i] = []any{customer, h.Metric, store.Micros(h.At), h.Value}
	}
	return tx.InsertMany("usage_hours", []string{"customer_id", "metric", "hour", "value"}, rows, "on conflict(customer_id, metric, hour) do update set value = excluded.value")
}

// Hours lists a customer's values of [from, until), by metric and hour.
func Hours(tx *store.Tx, customer string, from, until time.Time) (out []Hour, err error) {
	rows, err := tx.Query(qHours, customer, store.Micros(from), store.Micros(until))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h Hour
		var at int64
		if err := rows.Scan(&h.Metric, &at, &h.Value); err != nil {
			return nil, err
		}
		h.At = store.Time(at)
		out = append(out, h)
	}
	return out, rows.Err()
}

// Same lists the values of the given eight hours, of those that have one.
func Same(tx *store.Tx, customer, metric string, hours []time.Time) (out []float64, err error) {
	args := []any{customer, metric}
	for _, h := range hours {
		args = append(args, store.Micros(h))
	}
	rows, err := tx.Query(qSame, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var v float64
		if err := rows.Scan(&v); err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, rows.Err()
}

// Metrics counts a customer's metrics.
func Metrics(tx *store.Tx, customer string) (n int, err error) {
	err = tx.QueryRow(qMetrics, customer).Scan(&n)
	return n, err
}

// Forget removes hours before an instant, a bounded part at a time.
func Forget(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(qForget, store.Micros(before))
	return err
}

// Standing reads and locks the warning that stands; nil without one.
func Standing(tx *store.Tx, customer, metric string) (*Warning, error) {
	all, err := list(tx, qStands+tx.ForUpdate(), customer, metric)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Warn writes a new warning.
func Warn(tx *store.Tx, w *Warning, now time.Time) error {
	w.ID = tx.NewID(now)
	_, err := tx.Exec(qWarn, int64(w.ID), w.Customer, w.Metric, w.Kind, store.Micros(w.Since), store.J(w))
	return err
}

// Save writes what became of a warning.
func Save(tx *store.Tx, w *Warning) error {
	_, err := tx.Exec(qSave, int64(w.ID), store.Micros(w.EndedAt), store.J(w))
	return err
}

// Warnings lists a customer's, the newest first; of nobody: all that stand.
func Warnings(tx *store.Tx, customer string) ([]*Warning, error) {
	if customer == "" {
		return list(tx, qAll)
	}
	return list(tx, qOf, customer)
}

func list(tx *store.Tx, query string, args ...any) (out []*Warning, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, since, ended int64
		var customer, metric, kind string
		var doc store.JSON[Warning]
		if err := rows.Scan(&id, &customer, &metric, &kind, &since, &ended, &doc); err != nil {
			return nil, err
		}
		w := doc.V
		w.ID, w.Customer, w.Metric, w.Kind, w.Since, w.EndedAt = ident.ID(id), customer, metric, kind, store.Time(since), store.Time(ended)
		out = append(out, &w)
	}
	return out, rows.Err()
}
