// Package addresses holds the SQL of what is known of addresses outside: who wants
// no more messages, and whose messages come back. It must not know an address: it
// holds hashes.
package addresses

import (
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
)

const fields = "channel, hash, opted_out_at, opted_out_by, bounced_at, bounce"

// Get reads what is known of an address; the zero standing with its names when
// nothing is. In a change it locks the row.
func Get(tx *store.Tx, channel, hash string) (s message.Standing, err error) {
	query := "select " + fields + " from addresses where channel = $1 and hash = $2"
	if !tx.ReadOnly() {
		query += tx.ForUpdate()
	}
	var out, bounced int64
	err = tx.QueryRow(query, channel, hash).Scan(&s.Channel, &s.Hash, &out, &s.OptedOutBy, &bounced, &s.Bounce)
	if store.NotFound(err) {
		return message.Standing{Channel: channel, Hash: hash}, nil
	}
	s.OptedOutAt, s.BouncedAt = store.Time(out), store.Time(bounced)
	return s, err
}

// Save writes what is known of an address.
func Save(tx *store.Tx, s message.Standing, now time.Time) error {
	_, err := tx.Exec("insert into addresses(channel, hash, opted_out_at, opted_out_by, bounced_at, bounce, updated_at) values($1, $2, $3, $4, $5, $6, $7) on conflict(channel, hash) do update set opted_out_at = excluded.opted_out_at, opted_out_by = excluded.opted_out_by, bounced_at = excluded.bounced_at, bounce = excluded.bounce, updated_at = excluded.updated_at",
		s.Channel, s.Hash, store.Micros(s.OptedOutAt), s.OptedOutBy, store.Micros(s.BouncedAt), s.Bounce, store.Micros(now))
	return err
}

// OptedOut lists the hashes of addresses on a channel that want no more messages.
func OptedOut(tx *store.Tx, channel string) (map[string]bool, error) {
	rows, err := tx.Query("select hash from addresses where channel = $1 and opted_out_at > 0", channel)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]bool{}
	for rows.Next() {
		var hash string
		if err := rows.Scan(&hash); err != nil {
			return nil, err
		}
		out[hash] = true
	}
	return out, rows.Err()
}
