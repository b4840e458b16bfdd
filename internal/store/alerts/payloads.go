package alerts

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Stored is a raw payload with its id.
type Stored struct {
	ID ident.ID
	Raw
}

// PayloadFilter narrows a list of payloads; empty fields do not.
type PayloadFilter struct {
	Source  string
	Service string
	Refused bool
	Hidden  map[string]time.Time // services whose payloads since then are left out
	Before  ident.ID             // ids below this one; 0 for the newest
	Limit   int
}

const (
	// payloadWindow is how many rows one list looks at: the table has no index
	// but its ids, because every index would cost each event something.
	payloadWindow = 20_000
	payloadBytes  = 4 << 20 // of bodies in one list
)

// Payloads lists raw payloads, newest first. next is where the list goes on,
// zero at the end.
func Payloads(tx *store.Tx, f PayloadFilter) (out []Stored, next ident.ID, err error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	var oldest, seen int64
	err = tx.QueryRow("select coalesce(min(id), 0), count(*) from (select id from signals where id < $1 order by id desc limit $2) as w", int64(f.Before), payloadWindow).Scan(&oldest, &seen)
	if err != nil {
		return nil, 0, err
	}
	if seen == payloadWindow {
		next = ident.ID(oldest)
	}
	query, args := payloadQuery(f, oldest)
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	size := 0
	for rows.Next() {
		if len(out) == f.Limit || size > payloadBytes {
			return out, out[len(out)-1].ID, nil
		}
		var s Stored
		var id, at int64
		if err := rows.Scan(&id, &s.Source, &s.ServiceID, &at, &s.DedupKey, &s.Body, &s.Problem); err != nil {
			return nil, 0, err
		}
		s.ID, s.ReceivedAt = ident.ID(id), store.Time(at)
		size += len(s.Body)
		out = append(out, s)
	}
	return out, next, rows.Err()
}

func payloadQuery(f PayloadFilter, oldest int64) (query string, args []any) {
	var b strings.Builder
	b.WriteString("select id, source, service_id, received_at, dedup_key, body, problem from signals where id < $1 and id >= $2")
	args = []any{int64(f.Before), oldest}
	bind := func(v any) string {
		args = append(args, v)
		return "$" + strconv.Itoa(len(args))
	}
	if f.Source != "" {
		b.WriteString(" and source = " + bind(f.Source))
	}
	if f.Service != "" {
		b.WriteString(" and service_id = " + bind(f.Service))
	}
	if f.Refused {
		b.WriteString(" and problem <> ''")
	}
	for _, service := range slices.Sorted(maps.Keys(f.Hidden)) {
		b.WriteString(" and not (service_id = " + bind(service) + " and received_at >= " + bind(store.Micros(f.Hidden[service])) + ")")
	}
	b.WriteString(" order by id desc limit " + bind(f.Limit+1))
	return b.String(), args
}

// FirstOf says, by service, when the earliest standing run of the incidents'
// alerts began.
func FirstOf(tx *store.Tx, incidents []ident.ID) (map[string]time.Time, error) {
	args := make([]any, len(incidents))
	for i, id := range incidents {
		args[i] = int64(id)
	}
	rows, err := tx.Query("select service_id, min(first_at) from alerts where incident_id in ("+store.In(len(args), 1)+") group by service_id", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]time.Time{}
	for rows.Next() {
		var service string
		var at int64
		if err := rows.Scan(&service, &at); err != nil {
			return nil, err
		}
		out[service] = store.Time(at)
	}
	return out, rows.Err()
}
