// Package firings holds the SQL of passed limits: which stand, and which have
// stood. It must not decide what passes one.
package firings

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Firing is a limit that is passed, or was.
type Firing struct {
	ID       ident.ID
	Rule     string
	Service  string
	Labels   string // canonical
	DedupKey string // of its alert
	Value    float64
	Since    time.Time
	SeenAt   time.Time // when its value was last known
	EndedAt  time.Time // zero while it stands
	Incident ident.ID  // that its alert belongs to; zero for none
}

const columns = "id, rule, service_id, labels, dedup_key, value, since, seen_at, ended_at, incident_id"

// Standing lists and locks what stands.
func Standing(tx *store.Tx) ([]Firing, error) {
	return list(tx, "select "+columns+" from firings where ended_at = 0 order by id"+tx.ForUpdate())
}

// Of lists the firings of rules since an instant, newest first; of all rules for
// the empty one.
func Of(tx *store.Tx, rule string, since time.Time, limit int) ([]Firing, error) {
	if rule == "" {
		return list(tx, "select "+columns+" from firings where since >= $1 order by id desc limit $2", store.Micros(since), limit)
	}
	return list(tx, "select "+columns+" from firings where rule = $1 and since >= $2 order by id desc limit $3", rule, store.Micros(since), limit)
}

func list(tx *store.Tx, query string, args ...any) ([]Firing, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Firing
	for rows.Next() {
		var f Firing
		var id, since, seen, ended, inc int64
		if err := rows.Scan(&id, &f.Rule, &f.Service, &f.Labels, &f.DedupKey, &f.Value, &since, &seen, &ended, &inc); err != nil {
			return nil, err
		}
		f.ID, f.Incident = ident.ID(id), ident.ID(inc)
		f.Since, f.SeenAt = store.Time(since), store.Time(seen)
		if ended != 0 {
			f.EndedAt = store.Time(ended)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// Begin writes that a limit is passed; ok is false when another node was faster.
func Begin(tx *store.Tx, f *Firing, now time.Time) (ok bool, err error) {
	f.ID = tx.NewID(now)
	n, err := tx.Exec("insert into firings("+columns+") values($1,$2,$3,$4,$5,$6,$7,$7,0,$8) on conflict(rule, service_id, labels) where ended_at = 0 do nothing",
		int64(f.ID), f.Rule, f.Service, f.Labels, f.DedupKey, f.Value, store.Micros(now), int64(f.Incident))
	return n == 1, err
}

// Saw keeps the newest value of what stands, and the incident of its alert.
func Saw(tx *store.Tx, f *Firing, now time.Time) error {
	_, err := tx.Exec("update firings set value = $2, seen_at = $3, incident_id = $4 where id = $1", int64(f.ID), f.Value, store.Micros(now), int64(f.Incident))
	return err
}

// End writes that the limit is kept again.
func End(tx *store.Tx, id ident.ID, now time.Time) error {
	_, err := tx.Exec("update firings set ended_at = $2 where id = $1 and ended_at = 0", int64(id), store.Micros(now))
	return err
}

// Any reports whether anything stands.
func Any(tx *store.Tx) (some bool, err error) {
	err = tx.QueryRow("select exists(select 1 from firings where ended_at = 0)").Scan(&some)
	return some, err
}
