// Package traces holds the SQL of spans, and of the slowest queries of a
// database. It must not judge them.
package traces

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/metric"
	"allclear/internal/store"
)

// Put keeps spans.
func Put(tx *store.Tx, all []metric.Span, now time.Time) error {
	rows := make([][]any, len(all))
	for i := range all {
		rows[i] = []any{int64(tx.NewID(now)), all[i].Trace, all[i].Service, store.Micros(all[i].Start), store.J(all[i])}
	}
	return tx.InsertMany("spans", []string{"id", "trace_id", "service_id", "started_at", "doc"}, rows, "")
}

// Of lists the spans of a trace in the order they began.
func Of(tx *store.Tx, trace string, limit int) ([]metric.Span, error) {
	return list(tx, "select doc from spans where trace_id = $1 order by started_at, id limit $2", trace, limit)
}

// Recent lists spans of a service, newest first.
func Recent(tx *store.Tx, service string, limit int) ([]metric.Span, error) {
	return list(tx, "select doc from spans where service_id = $1 order by id desc limit $2", service, limit)
}

func list(tx *store.Tx, query string, args ...any) ([]metric.Span, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []metric.Span
	for rows.Next() {
		var doc store.JSON[metric.Span]
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		out = append(out, doc.V)
	}
	return out, rows.Err()
}

// Forget removes spans that were kept before an instant, at most limit at once.
func Forget(tx *store.Tx, before ident.ID, limit int) error {
	_, err := tx.Exec("delete from spans where id in (select id from spans where id < $1 order by id limit $2)", int64(before), limit)
	return err
}

// PutQueries keeps the slowest queries of a service in the place of those before.
func PutQueries(tx *store.Tx, service string, all []metric.SlowQuery, now time.Time) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('slow_queries', $1, $2, 1, $3) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at",
		service, store.J(all), store.Micros(now))
	return err
}

// Queries lists the slowest queries of a service, and when they were told.
func Queries(tx *store.Tx, service string) (all []metric.SlowQuery, at time.Time, err error) {
	var doc store.JSON[[]metric.SlowQuery]
	var us int64
	err = tx.QueryRow("select doc, updated_at from documents where kind = 'slow_queries' and id = $1", service).Scan(&doc, &us)
	if store.NotFound(err) {
		return nil, at, nil
	}
	return doc.V, store.Time(us), err
}
