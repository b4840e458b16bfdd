// Package contacts holds the SQL of how people are reached beside the
// catalogue: subscriptions of their browsers, sealed, and the codes that prove
// a contact, hashed. It must not decide who is reached.
package contacts

import (
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// Subscription is one browser that takes pushes.
type Subscription struct {
	ID          ident.ID
	Person      string
	Digest      string // of the endpoint, to know it again
	Host        string // of the push service
	Sealed      string // endpoint and keys
	Label       string // what the person calls the device
	CreatedAt   time.Time
	SucceededAt time.Time // the push service last accepted a message
	GoneAt      time.Time // the push service said that it is no more
}

const (
	qSub     = "select id, person_id, digest, host, sealed, label, created_at, succeeded_at, gone_at from push_subscriptions "
	qSubOne  = qSub + "where id = $1"
	qSubSame = qSub + "where digest = $1"
	qSubsOf  = qSub + "where person_id = $1 order by id"
	qSubPut  = "insert into push_subscriptions(id, person_id, digest, host, sealed, label, created_at, succeeded_at, gone_at) values($1,$2,$3,$4,$5,$6,$7,0,0)"
	qSubOK   = "update push_subscriptions set succeeded_at = $2 where id = $1"
	qSubGone = "update push_subscriptions set gone_at = $2, sealed = '' where id = $1 and gone_at = 0"
	qSubDrop = "delete from push_subscriptions where id = $1"

	qCode     = "select hash, tries, sent_at, expires_at from contact_codes where person_id = $1 and channel = $2 and address = $3"
	qCodesOf  = "select channel, address, expires_at from contact_codes where person_id = $1"
	qCodePut  = "insert into contact_codes(person_id, channel, address, hash, tries, sent_at, expires_at) values($1,$2,$3,$4,$5,$6,$7) on conflict(person_id, channel, address) do update set hash = excluded.hash, tries = excluded.tries, sent_at = excluded.sent_at, expires_at = excluded.expires_at"
	qCodeDrop = "delete from contact_codes where person_id = $1 and channel = $2 and address = $3"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qSubOne, qSubSame, qSubsOf, qSubPut, qSubOK, qSubGone, qSubDrop, qCode, qCodesOf, qCodePut, qCodeDrop}
}

func scan(row interface{ Scan(dest ...any) error }) (*Subscription, error) {
	var s Subscription
	var id, created, succeeded, gone int64
	if err := row.Scan(&id, &s.Person, &s.Digest, &s.Host, &s.Sealed, &s.Label, &created, &succeeded, &gone); err != nil {
		return nil, err
	}
	s.ID, s.CreatedAt, s.SucceededAt, s.GoneAt = ident.ID(id), store.Time(created), store.Time(succeeded), store.Time(gone)
	return &s, nil
}

func maybe(s *Subscription, err error) (*Subscription, error) {
	if store.NotFound(err) {
		return nil, nil
	}
	return s, err
}

// Get reads a subscription; nil when there is none.
func Get(tx *store.Tx, id ident.ID) (*Subscription, error) {
	return maybe(scan(tx.QueryRow(qSubOne, int64(id))))
}

// Same reads the subscription of an endpoint, whoever has it; nil when there is
// none.
func Same(tx *store.Tx, digest string) (*Subscription, error) {
	return maybe(scan(tx.QueryRow(qSubSame, digest)))
}

// Of lists the person's subscriptions, oldest first.
func Of(tx *store.Tx, person string) (out []*Subscription, err error) {
	rows, err := tx.Query(qSubsOf, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		s, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Insert writes a new subscription whose id is set.
func Insert(tx *store.Tx, s *Subscription) error {
	_, err := tx.Exec(qSubPut, int64(s.ID), s.Person, s.Digest, s.Host, s.Sealed, s.Label, store.Micros(s.CreatedAt))
	return err
}

// Succeeded notes that the push service accepted a message.
func Succeeded(tx *store.Tx, id ident.ID, now time.Time) error {
	_, err := tx.Exec(qSubOK, int64(id), store.Micros(now))
	return err
}

// Gone notes that the push service knows the subscription no more, and forgets
// how to reach it; first is false when that was known.
func Gone(tx *store.Tx, id ident.ID, now time.Time) (first bool, err error) {
	n, err := tx.Exec(qSubGone, int64(id), store.Micros(now))
	return n == 1, err
}

// Delete forgets a subscription.
func Delete(tx *store.Tx, id ident.ID) error {
	_, err := tx.Exec(qSubDrop, int64(id))
	return err
}

// Code is what proves that a contact is read by whom it is said to be of.
type Code struct {
	Person, Channel, Address string
	Hash                     string
	Tries                    int
	SentAt, ExpiresAt        time.Time
}

// GetCode reads and locks the code of a contact; nil when there is none.
func GetCode(tx *store.Tx, person, channel, address string) (*Code, error) {
	c := Code{Person: person, Channel: channel, Address: address}
	var sent, expires int64
	err := tx.QueryRow(qCode+tx.ForUpdate(), person, channel, address).Scan(&c.Hash, &c.Tries, &sent, &expires)
	if store.NotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	c.SentAt, c.ExpiresAt = store.Time(sent), store.Time(expires)
	return &c, nil
}

// PutCode makes or replaces the code of a contact.
func PutCode(tx *store.Tx, c *Code) error {
	_, err := tx.Exec(qCodePut, c.Person, c.Channel, c.Address, c.Hash, c.Tries, store.Micros(c.SentAt), store.Micros(c.ExpiresAt))
	return err
}

// DropCode forgets the code of a contact.
func DropCode(tx *store.Tx, person, channel, address string) error {
	_, err := tx.Exec(qCodeDrop, person, channel, address)
	return err
}

// CodesOf lists until when the person's codes can be entered.
func CodesOf(tx *store.Tx, person string) (out []Code, err error) {
	rows, err := tx.Query(qCodesOf, person)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		c := Code{Person: person}
		var expires int64
		if err := rows.Scan(&c.Channel, &c.Address, &expires); err != nil {
			return nil, err
		}
		c.ExpiresAt = store.Time(expires)
		out = append(out, c)
	}
	return out, rows.Err()
}
