package deliveries

import (
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
)

// Backlog is what one lane has in one state.
type Backlog struct {
	State     message.DeliveryState
	N         int64     // in the state
	Late      int64     // of them due before the instant
	OldestDue time.Time // of all
}

// BacklogOf counts what a lane has not finished: queued, and under way with the
// end of the lease as due time.
func BacklogOf(tx *store.Tx, l Lane, before time.Time) ([]Backlog, error) {
	rows, err := tx.Query("select state, count(*), sum(case when due_at < $1 then 1 else 0 end), min(due_at) from deliveries where state in ('queued','attempting') and priority >= $2 and priority <= $3 group by state order by state", store.Micros(before), l.From, l.To)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Backlog
	for rows.Next() {
		var b Backlog
		var state string
		var due int64
		if err := rows.Scan(&state, &b.N, &b.Late, &due); err != nil {
			return nil, err
		}
		b.State, b.OldestDue = message.DeliveryState(state), store.Time(due)
		out = append(out, b)
	}
	return out, rows.Err()
}

// FailedPages counts pages' sends that were given up since the instant.
func FailedPages(tx *store.Tx, since time.Time) (n int64, err error) {
	err = tx.QueryRow("select count(*) from deliveries where state = 'failed' and kind = 'page' and done_at >= $1", store.Micros(since)).Scan(&n)
	return n, err
}

// Probes lists the test pages that are kept, oldest first.
func Probes(tx *store.Tx) ([]*message.Delivery, error) {
	return list(tx, "select "+fields+" from deliveries where kind = 'probe' and ref_id = 0 order by id")
}

// ForgetProbes removes the test pages that were made before an instant.
func ForgetProbes(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("delete from deliveries where kind = 'probe' and ref_id = 0 and created_at < $1", store.Micros(before))
	return err
}
