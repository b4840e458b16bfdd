package alerts

import (
	"fmt"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/store"
)

// Told is a change with the service it was made to.
type Told struct {
	alert.Change
	Service string
}

// Changes lists what was told of services in [from, until], the newest first.
func Changes(tx *store.Tx, services []string, from, until time.Time, limit int) (out []Told, err error) {
	args := []any{store.Micros(from), store.Micros(until), limit}
	for _, s := range services {
		args = append(args, s)
	}
	rows, err := tx.Query("select service_id, at, details from changes where service_id in ("+store.In(len(services), 4)+") and at >= $1 and at <= $2 order by at desc, id desc limit $3", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t Told
		var at int64
		var doc store.JSON[alert.Change]
		if err := rows.Scan(&t.Service, &at, &doc); err != nil {
			return nil, fmt.Errorf("read changes: %w", err)
		}
		t.Change = doc.V
		t.At = store.Time(at)
		out = append(out, t)
	}
	return out, rows.Err()
}
