// Package messages holds the SQL of messages to customers and the public, and
// of the posts they become on the status page. It must not decide who may read
// or publish them.
package messages

import (
	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
)

// Insert writes a new message.
func Insert(tx *store.Tx, m *message.Message) error {
	m.ID = tx.NewID(m.CreatedAt)
	_, err := tx.Exec("insert into messages(id, incident_id, audience, purpose, state, created_at, published_at, doc) values($1,$2,$3,$4,$5,$6,$7,$8)",
		int64(m.ID), int64(m.IncidentID), m.Audience, m.Purpose, string(m.State), store.Micros(m.CreatedAt), store.Micros(m.PublishedAt), store.J(m))
	return err
}

// Update writes the message.
func Update(tx *store.Tx, m *message.Message) error {
	delete(tx.Memo(), peeked{m.ID})
	_, err := tx.Exec("update messages set state = $2, published_at = $3, doc = $4 where id = $1", int64(m.ID), string(m.State), store.Micros(m.PublishedAt), store.J(m))
	return err
}

// Get reads and locks one message.
func Get(tx *store.Tx, id ident.ID) (*message.Message, error) {
	return one(tx, "select doc from messages where id = $1"+tx.ForUpdate(), id)
}

type peeked struct{ id ident.ID }

// Peek reads one message without locking it; a transaction that looks again, as
// for each of its mails, without having written it is not sent to the database.
// The caller must not change what it gets.
func Peek(tx *store.Tx, id ident.ID) (*message.Message, error) {
	if m, ok := tx.Memo()[peeked{id}].(*message.Message); ok {
		return m, nil
	}
	m, err := one(tx, "select doc from messages where id = $1", id)
	if err != nil {
		return nil, err
	}
	tx.Memo()[peeked{id}] = m
	return m, nil
}

func one(tx *store.Tx, query string, id ident.ID) (*message.Message, error) {
	ms, err := list(tx, query, int64(id))
	if err != nil {
		return nil, err
	}
	if len(ms) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such message")
	}
	return ms[0], nil
}

// Of lists an incident's messages, oldest first.
func Of(tx *store.Tx, incident ident.ID) ([]*message.Message, error) {
	return list(tx, "select doc from messages where incident_id = $1 order by id", int64(incident))
}

func list(tx *store.Tx, query string, args ...any) ([]*message.Message, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*message.Message
	for rows.Next() {
		var doc store.JSON[message.Message]
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		m := doc.V
		out = append(out, &m)
	}
	return out, rows.Err()
}
