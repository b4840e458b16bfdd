// Package notices holds the SQL of in-app notices: what users are shown, who was
// shown it, and the keys of the product that signs who they are. It must not decide
// who is shown what, or open a key.
package notices

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/inapp"
	"allclear/internal/store"
)

// Insert keeps a message for users; one that is kept already is left.
func Insert(tx *store.Tx, k *inapp.Kept) error {
	_, err := tx.Exec("insert into in_app_notices(message_id, incident_id, doc, published_at, ended_at) values($1, $2, $3, $4, $5) on conflict(message_id) do nothing",
		int64(k.Message), int64(k.Incident), store.J(k), store.Micros(k.PublishedAt), store.Micros(k.EndedAt))
	return err
}

// Standing lists, in the order of publication, what is not over, or was not at the
// instant.
func Standing(tx *store.Tx, since time.Time) ([]*inapp.Kept, error) {
	return list(tx, "select message_id, incident_id, doc, published_at, ended_at from in_app_notices where ended_at = 0 or ended_at > $1 order by published_at, message_id", store.Micros(since))
}

// Of lists an incident's notices in the order of publication.
func Of(tx *store.Tx, incident ident.ID) ([]*inapp.Kept, error) {
	return list(tx, "select message_id, incident_id, doc, published_at, ended_at from in_app_notices where incident_id = $1 order by published_at, message_id", int64(incident))
}

// End says when an incident's notices were over; the zero time: they are not.
func End(tx *store.Tx, incident ident.ID, at time.Time) error {
	_, err := tx.Exec("update in_app_notices set ended_at = $2 where incident_id = $1", int64(incident), store.Micros(at))
	return err
}

// Hand gives an incident's notices to another.
func Hand(tx *store.Tx, from, to ident.ID) error {
	_, err := tx.Exec("update in_app_notices set incident_id = $2 where incident_id = $1", int64(from), int64(to))
	return err
}

func list(tx *store.Tx, query string, args ...any) ([]*inapp.Kept, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*inapp.Kept
	for rows.Next() {
		var id, incident, published, ended int64
		var doc store.JSON[inapp.Kept]
		if err := rows.Scan(&id, &incident, &doc, &published, &ended); err != nil {
			return nil, err
		}
		k := doc.V
		k.Message, k.Incident, k.PublishedAt, k.EndedAt = ident.ID(id), ident.ID(incident), store.Time(published), store.Time(ended)
		out = append(out, &k)
	}
	return out, rows.Err()
}

// Told is one user who was shown a message.
type Told struct {
	Message ident.ID
	Reader  string // hash of tenant and user
}

// Tell keeps who was shown what; the same again changes nothing.
func Tell(tx *store.Tx, all []Told, now time.Time) error {
	rows := make([][]any, len(all))
	for i, t := range all {
		rows[i] = []any{int64(t.Message), t.Reader, store.Micros(now)}
	}
	return tx.InsertMany("in_app_told", []string{"message_id", "reader", "told_at"}, rows, "on conflict(message_id, reader) do nothing")
}

// CountTold counts the users who were shown a message.
func CountTold(tx *store.Tx, message ident.ID) (n int, err error) {
	err = tx.QueryRow("select count(*) from in_app_told where message_id = $1", int64(message)).Scan(&n)
	return n, err
}

// Key is a key with which the product signs.
type Key struct {
	ID        string
	Sealed    string
	CreatedAt time.Time
	CreatedBy string
	EndedAt   time.Time // zero: it counts
}

// InsertKey keeps a key.
func InsertKey(tx *store.Tx, k Key) error {
	_, err := tx.Exec("insert into in_app_keys(id, sealed, created_at, created_by, ended_at) values($1, $2, $3, $4, 0)", k.ID, k.Sealed, store.Micros(k.CreatedAt), k.CreatedBy)
	return err
}

// Keys lists the keys that count, oldest first.
func Keys(tx *store.Tx) ([]Key, error) {
	rows, err := tx.Query("select id, sealed, created_at, created_by, ended_at from in_app_keys where ended_at = 0 order by created_at, id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Key
	for rows.Next() {
		var k Key
		var created, ended int64
		if err := rows.Scan(&k.ID, &k.Sealed, &created, &k.CreatedBy, &ended); err != nil {
			return nil, err
		}
		k.CreatedAt, k.EndedAt = store.Time(created), store.Time(ended)
		out = append(out, k)
	}
	return out, rows.Err()
}

// EndKey ends a key; it reports false when there is none that counts.
func EndKey(tx *store.Tx, id string, now time.Time) (bool, error) {
	n, err := tx.Exec("update in_app_keys set ended_at = $2 where id = $1 and ended_at = 0", id, store.Micros(now))
	return n == 1, err
}
