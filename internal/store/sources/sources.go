// Package sources holds the SQL of how the ways in fare: when each source was last
// taken and refused by each integration key, and how often by the hour. It must not
// judge a call.
package sources

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Tally is what came by one key from one source: since the last one, as Add takes
// it, or in all.
type Tally struct {
	Key        ident.ID
	Source     string
	AcceptedAt time.Time // of the last call that was taken; zero: none
	RefusedAt  time.Time // of the last one that was not
	Reason     string    // why
	Accepted   int64     // calls
	Refused    int64
}

const (
	addHealth = "insert into source_health(key_id, source, accepted_at, refused_at, reason) values($1,$2,$3,$4,$5) on conflict(key_id, source) do update set " +
		"accepted_at = case when excluded.accepted_at > source_health.accepted_at then excluded.accepted_at else source_health.accepted_at end, " +
		"reason = case when excluded.refused_at > source_health.refused_at then excluded.reason else source_health.reason end, " +
		"refused_at = case when excluded.refused_at > source_health.refused_at then excluded.refused_at else source_health.refused_at end"
	addCounts = "insert into source_counts(key_id, source, hour, accepted, refused) values($1,$2,$3,$4,$5) on conflict(key_id, source, hour) do update set " +
		"accepted = source_counts.accepted + excluded.accepted, refused = source_counts.refused + excluded.refused"
	selTallies = "select h.key_id, h.source, h.accepted_at, h.refused_at, h.reason, cast(coalesce(sum(c.accepted), 0) as bigint), cast(coalesce(sum(c.refused), 0) as bigint) " +
		"from source_health h left join source_counts c on c.key_id = h.key_id and c.source = h.source and c.hour > $1 " +
		"group by h.key_id, h.source, h.accepted_at, h.refused_at, h.reason order by h.key_id, h.source"
	oldCounts   = "delete from source_counts where hour <= $1"
	lostHealth  = "delete from source_health where key_id not in (select id from integration_keys)"
	lostCounted = "delete from source_counts where key_id not in (select id from integration_keys)"
)

// Add counts a tally in the hour of now.
func Add(tx *store.Tx, t *Tally, now time.Time) error {
	if _, err := tx.Exec(addHealth, int64(t.Key), t.Source, store.Micros(t.AcceptedAt), store.Micros(t.RefusedAt), t.Reason); err != nil {
		return err
	}
	_, err := tx.Exec(addCounts, int64(t.Key), t.Source, store.Micros(now.Truncate(time.Hour)), t.Accepted, t.Refused)
	return err
}

// All reads what came by every key; the counts are of the hours that ended after
// since.
func All(tx *store.Tx, since time.Time) (out []Tally, err error) {
	rows, err := tx.Query(selTallies, store.Micros(since.Add(-time.Hour)))
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var t Tally
		var key, accepted, refused int64
		if err := rows.Scan(&key, &t.Source, &accepted, &refused, &t.Reason, &t.Accepted, &t.Refused); err != nil {
			return nil, err
		}
		t.Key, t.AcceptedAt, t.RefusedAt = ident.ID(key), store.Time(accepted), store.Time(refused)
		out = append(out, t)
	}
	return out, rows.Err()
}

// Prune forgets the hours that ended before an instant, and what came by keys that
// are gone.
func Prune(tx *store.Tx, before time.Time) error {
	if _, err := tx.Exec(oldCounts, store.Micros(before.Add(-time.Hour))); err != nil {
		return err
	}
	for _, q := range [...]string{lostHealth, lostCounted} {
		if _, err := tx.Exec(q); err != nil {
			return err
		}
	}
	return nil
}
