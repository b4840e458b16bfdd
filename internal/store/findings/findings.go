// Package findings holds the SQL of what the product finds wrong with itself:
// what stands, since when, and when somebody was last told of it. It must not
// judge anything.
package findings

import (
	"time"

	"allclear/internal/store"
)

// Finding is one thing that is wrong with the product itself.
type Finding struct {
	Key      string // names the thing; the same on every look
	Text     string // one sentence
	Critical bool   // pages may be late or lost
	FirstAt  time.Time
	LastAt   time.Time
	ToldAt   time.Time
}

// Saw writes that the finding stands; one that had ended begins anew, but keeps
// when it was told last, so that one that comes and goes is not told each time.
func Saw(tx *store.Tx, f Finding, now time.Time) error {
	_, err := tx.Exec("insert into findings(key, text, critical, first_at, last_at, told_at, ended_at) values($1,$2,$3,$4,$4,0,0) on conflict(key) do update set text = excluded.text, critical = excluded.critical, last_at = excluded.last_at, first_at = case when findings.ended_at = 0 then findings.first_at else excluded.first_at end, ended_at = 0",
		f.Key, f.Text, f.Critical, store.Micros(now))
	return err
}

// End writes that the finding is over.
func End(tx *store.Tx, key string, now time.Time) error {
	_, err := tx.Exec("update findings set ended_at = $2 where key = $1 and ended_at = 0", key, store.Micros(now))
	return err
}

// Expire ends what nobody has confirmed since an instant: its node has gone.
func Expire(tx *store.Tx, since, now time.Time) error {
	_, err := tx.Exec("update findings set ended_at = $2 where ended_at = 0 and last_at < $1", store.Micros(since), store.Micros(now))
	return err
}

// Forget removes what ended before an instant.
func Forget(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec("delete from findings where ended_at > 0 and ended_at < $1", store.Micros(before))
	return err
}

// Claim takes the telling of a finding for one node: ok is false when somebody
// was told after the instant.
func Claim(tx *store.Tx, key string, after, now time.Time) (ok bool, err error) {
	n, err := tx.Exec("update findings set told_at = $3 where key = $1 and told_at <= $2", key, store.Micros(after), store.Micros(now))
	return n == 1, err
}

// Told sets when somebody was told.
func Told(tx *store.Tx, key string, at time.Time) error {
	_, err := tx.Exec("update findings set told_at = $2 where key = $1", key, store.Micros(at))
	return err
}

// Standing lists what is wrong, the critical first, then the oldest.
func Standing(tx *store.Tx) ([]Finding, error) {
	rows, err := tx.Query("select key, text, critical, first_at, last_at, told_at from findings where ended_at = 0 order by critical desc, first_at, key")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Finding
	for rows.Next() {
		var f Finding
		var first, last, told int64
		if err := rows.Scan(&f.Key, &f.Text, &f.Critical, &first, &last, &told); err != nil {
			return nil, err
		}
		f.FirstAt, f.LastAt, f.ToldAt = store.Time(first), store.Time(last), store.Time(told)
		out = append(out, f)
	}
	return out, rows.Err()
}
