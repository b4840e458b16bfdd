// Package samples holds the SQL of metrics: series and their values. It must not
// judge a value.
package samples

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/metric"
	"allclear/internal/store"
)

// Known is a series that there is.
type Known struct {
	ID   ident.ID
	Kind metric.Kind
}

// Ids finds the series of the keys among those that are known.
func Ids(tx *store.Tx, keys []string) (map[string]Known, error) {
	out := make(map[string]Known, len(keys))
	for part := range slices.Chunk(keys, 500) {
		args := make([]any, len(part))
		for i, k := range part {
			args[i] = k
		}
		rows, err := tx.Query("select key, id, kind from series where key in ("+store.In(len(part), 1)+")", args...)
		if err != nil {
			return nil, err
		}
		for rows.Next() {
			var key string
			var id, kind int64
			if err := rows.Scan(&key, &id, &kind); err != nil {
				return nil, fmt.Errorf("read series: %w", err)
			}
			out[key] = Known{ident.ID(id), metric.Kind(kind)}
		}
		if err := rows.Close(); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Add makes the series of a sample, whose key Ids does not know; one that
// another node has just made stays as it is.
func Add(tx *store.Tx, all []*metric.Sample, now time.Time) error {
	rows := make([][]any, len(all))
	for i, s := range all {
		rows[i] = []any{int64(tx.NewID(now)), s.Key(), s.Service, s.Name, metric.Canonical(s.Labels), int64(s.Kind), store.Micros(s.At)}
	}
	return tx.InsertMany("series", []string{"id", "key", "service_id", "name", "labels", "kind", "last_at"}, rows, "on conflict(key) do nothing")
}

// SetKind says anew how a series is to be read: its sender has changed its mind.
func SetKind(tx *store.Tx, id ident.ID, kind metric.Kind) error {
	_, err := tx.Exec("update series set kind = $2 where id = $1", int64(id), int64(kind))
	return err
}

// OnlyNewest removes what came before the newest value of a series.
func OnlyNewest(tx *store.Tx, id ident.ID) error {
	_, err := tx.Exec("delete from samples where series_id = $1 and at < (select max(at) from samples where series_id = $1)", int64(id))
	return err
}

// Number counts the series of a service.
func Number(tx *store.Tx, service string) (n int, err error) {
	err = tx.QueryRow("select count(*) from series where service_id = $1", service).Scan(&n)
	return n, err
}

// Value is a value of a series.
type Value struct {
	Series ident.ID
	metric.Point
}

// Put writes values; a second value of the same instant takes the place of the
// first. No series and instant may come twice in one call.
func Put(tx *store.Tx, values []Value) error {
	rows := make([][]any, len(values))
	last := map[ident.ID]time.Time{}
	for i, v := range values {
		rows[i] = []any{int64(v.Series), store.Micros(v.At), v.Value}
		if v.At.After(last[v.Series]) {
			last[v.Series] = v.At
		}
	}
	if err := tx.InsertMany("samples", []string{"series_id", "at", "value"}, rows, "on conflict(series_id, at) do update set value = excluded.value"); err != nil {
		return err
	}
	const mark = time.Hour // a series is forgotten after weeks: the hour is enough
	for id, at := range last {
		if _, err := tx.Exec("update series set last_at = $2 where id = $1 and last_at < $3", int64(id), store.Micros(at), store.Micros(at.Add(-mark))); err != nil {
			return err
		}
	}
	return nil
}

// Filter narrows series; empty fields do not.
type Filter struct {
	Names   []string
	Service string
	Most    int // values of one reading; 0: maxPoints
}

const maxPoints = 2_000_000 // of one reading

// Read lists the values of series in [from, to], oldest first; a series without
// any is left out.
func Read(tx *store.Tx, f Filter, from, to time.Time) ([]metric.Series, error) {
	var b strings.Builder
	args := []any{store.Micros(from), store.Micros(to)}
	b.WriteString("select s.id, s.service_id, s.name, s.labels, s.kind, p.at, p.value from series s join samples p on p.series_id = s.id where p.at >= $1 and p.at <= $2 and s.last_at >= $1 - 3600000000")
	if len(f.Names) > 0 {
		b.WriteString(" and s.name in (" + store.In(len(f.Names), 3) + ")")
		for _, n := range f.Names {
			args = append(args, n)
		}
	}
	if f.Service != "" {
		args = append(args, f.Service)
		fmt.Fprintf(&b, " and s.service_id = $%d", len(args))
	}
	b.WriteString(" order by s.id, p.at")
	rows, err := tx.Query(b.String(), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []metric.Series
	last := ident.ID(0)
	most := cmp.Or(f.Most, maxPoints)
	for n := 0; rows.Next(); n++ {
		if n == most {
			return nil, fault.New(fault.Refused, "the query reads more than %d values: narrow it", most)
		}
		var id, kind, at int64
		var s metric.Series
		var labels string
		var v float64
		if err := rows.Scan(&id, &s.Service, &s.Name, &labels, &kind, &at, &v); err != nil {
			return nil, err
		}
		if ident.ID(id) != last {
			last, s.Kind = ident.ID(id), metric.Kind(kind)
			if err := json.Unmarshal([]byte(labels), &s.Labels); err != nil {
				return nil, fmt.Errorf("read series %d: %w", id, err)
			}
			out = append(out, s)
		}
		k := &out[len(out)-1]
		k.Points = append(k.Points, metric.Point{At: store.Time(at), Value: v})
	}
	return out, rows.Err()
}

// Series lists what series there are, without values: of one name, of a service, or
// all.
func Series(tx *store.Tx, f Filter, limit int) ([]metric.Series, error) {
	query, args := "select service_id, name, labels, kind from series", []any{}
	switch {
	case len(f.Names) == 1:
		args = append(args, f.Names[0])
		query += " where name = $1"
	case f.Service != "":
		args = append(args, f.Service)
		query += " where service_id = $1"
	}
	args = append(args, limit)
	rows, err := tx.Query(query+fmt.Sprintf(" order by name, service_id, labels limit $%d", len(args)), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []metric.Series
	for rows.Next() {
		var s metric.Series
		var labels string
		var kind int64
		if err := rows.Scan(&s.Service, &s.Name, &labels, &kind); err != nil {
			return nil, err
		}
		s.Kind = metric.Kind(kind)
		if err := json.Unmarshal([]byte(labels), &s.Labels); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Services lists the services that have series of the names, or any series where
// there are no names.
func Services(tx *store.Tx, names []string) ([]string, error) {
	query, args := "select distinct service_id from series", []any{}
	if len(names) > 0 {
		query += " where name in (" + store.In(len(names), 1) + ")"
		for _, n := range names {
			args = append(args, n)
		}
	}
	rows, err := tx.Query(query+" order by service_id", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Forget removes values before an instant of the n series that follow one, and the
// series that have had none for longer. last is where to go on, zero at the end. It
// goes by series, whose old values lie together, and looks through no table.
func Forget(tx *store.Tx, before time.Time, after ident.ID, n int) (last ident.ID, err error) {
	rows, err := tx.Query("select id from series where id > $1 order by id limit $2", int64(after), n)
	if err != nil {
		return 0, err
	}
	var ids []int64
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return 0, err
		}
		ids = append(ids, id)
	}
	if err := rows.Close(); err != nil {
		return 0, err
	}
	for _, id := range ids {
		if _, err := tx.Exec("delete from samples where series_id = $1 and at < $2", id, store.Micros(before)); err != nil {
			return 0, err
		}
	}
	if len(ids) == n {
		return ident.ID(ids[n-1]), nil
	}
	_, err = tx.Exec("delete from series where last_at < $1 - 7200000000 and not exists (select 1 from samples where samples.series_id = series.id)", store.Micros(before))
	return 0, err
}

// Watch keeps a service's metrics under sharper limits until an instant.
func Watch(tx *store.Tx, service string, until, now time.Time) error {
	_, err := tx.Exec("insert into documents(kind, id, doc, version, updated_at) values('sensitivity', $1, $2, 1, $3) on conflict(kind, id) do update set doc = excluded.doc, version = documents.version + 1, updated_at = excluded.updated_at",
		service, store.J(until), store.Micros(now))
	return err
}

// Watched lists the services whose metrics are under sharper limits at now, and
// until when.
func Watched(tx *store.Tx, now time.Time) (map[string]time.Time, error) {
	rows, err := tx.Query("select id, doc from documents where kind = 'sensitivity'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]time.Time{}
	for rows.Next() {
		var service string
		var until store.JSON[time.Time]
		if err := rows.Scan(&service, &until); err != nil {
			return nil, err
		}
		if until.V.After(now) {
			out[service] = until.V
		}
	}
	return out, rows.Err()
}
