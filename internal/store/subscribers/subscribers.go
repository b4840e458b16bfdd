// Package subscribers holds the SQL of who is told of what the status page
// publishes, and of what there is to tell. It must not decide who is told.
package subscribers

import (
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/subscription"
	"allclear/internal/store"
)

const (
	sel     = "select id, page, channel, address, state, created_at, confirmed_at, expires_at, doc from subscribers "
	qGet    = sel + "where id = $1"
	qFind   = sel + "where page = $1 and channel = $2 and address = $3"
	qNext   = sel + "where (page = $1 or $1 = '') and state = 'confirmed' and id > $2 order by id limit $3"
	qAbout  = sel + "where address = $1 order by id limit 100"
	qInsert = "insert into subscribers(id, page, channel, address, state, created_at, confirmed_at, expires_at, doc) values($1,$2,$3,$4,$5,$6,$7,$8,$9) on conflict(page, channel, address) do nothing"
	qUpdate = "update subscribers set state = $2, confirmed_at = $3, expires_at = $4, doc = $5 where id = $1"
	qDelete = "delete from subscribers where id = $1"
	qOfPage = "delete from subscribers where page = $1"
	qCount  = "select channel, state, count(*) from subscribers group by channel, state order by channel, state"
	qAny    = "select id from subscribers where (page = $1 or $1 = '') and state = 'confirmed' limit 1"

	qNotice    = "select doc, after from notices where page = $1 and update_id = $2"
	qUntold    = "select doc, after from notices where after >= 0 order by after, created_at limit 1"
	qAddNotice = "insert into notices(page, update_id, created_at, after, doc) values($1,$2,$3,0,$4) on conflict(page, update_id) do nothing"
	qMove      = "update notices set after = $3 where page = $1 and update_id = $2"
	qForget    = "delete from notices where created_at < $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qGet, qFind, qNext, qAbout, qInsert, qUpdate, qDelete, qOfPage, qCount, qAny, qNotice, qUntold, qAddNotice, qMove, qForget}
}

// Get reads one and keeps others from changing it; nil when there is none.
func Get(tx *store.Tx, id ident.ID) (*subscription.Subscriber, error) {
	return one(tx, qGet+lock(tx), int64(id))
}

// Peek reads one; nil when there is none.
func Peek(tx *store.Tx, id ident.ID) (*subscription.Subscriber, error) {
	return one(tx, qGet, int64(id))
}

// Find reads the one with an address, locked; nil when there is none.
func Find(tx *store.Tx, page string, c subscription.Channel, address string) (*subscription.Subscriber, error) {
	return one(tx, qFind+lock(tx), page, string(c), address)
}

func lock(tx *store.Tx) string {
	if tx.ReadOnly() {
		return ""
	}
	return tx.ForUpdate()
}

// About lists every subscription of an address, for erasure.
func About(tx *store.Tx, address string) ([]*subscription.Subscriber, error) {
	return list(tx, qAbout, address)
}

// Next lists confirmed subscribers behind one, by id: those of a private page, or
// everybody where page is empty, because private pages show the public updates too.
func Next(tx *store.Tx, page string, after ident.ID, limit int) ([]*subscription.Subscriber, error) {
	return list(tx, qNext, page, int64(after), limit)
}

// Any reports whether somebody is told of what a page publishes, as for Next.
func Any(tx *store.Tx, page string) (bool, error) {
	var id int64
	err := tx.QueryRow(qAny, page).Scan(&id)
	if store.NotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Channel subscription.Channel
	State   subscription.State
	Before  ident.ID
	Limit   int
}

// List returns subscribers, the newest first.
func List(tx *store.Tx, f Filter) ([]*subscription.Subscriber, error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	query, args := sel+"where id < $1", []any{int64(f.Before)}
	for _, c := range []struct{ column, value string }{{"channel", string(f.Channel)}, {"state", string(f.State)}} {
		if c.value != "" {
			args = append(args, c.value)
			query += " and " + c.column + " = $" + strconv.Itoa(len(args))
		}
	}
	args = append(args, f.Limit)
	return list(tx, query+" order by id desc limit $"+strconv.Itoa(len(args)), args...)
}

// Insert writes a new one; it answers fault.Conflict when the address is there.
func Insert(tx *store.Tx, s *subscription.Subscriber) error {
	s.ID = tx.NewID(s.CreatedAt)
	n, err := tx.Exec(qInsert, int64(s.ID), s.Page, string(s.Channel), s.Address, string(s.State), store.Micros(s.CreatedAt), store.Micros(s.ConfirmedAt), store.Micros(s.ExpiresAt), store.J(s))
	if err == nil && n == 0 {
		return fault.New(fault.Conflict, "this address has just been entered")
	}
	return err
}

// Update writes what has changed; the address never does.
func Update(tx *store.Tx, s *subscription.Subscriber) error {
	_, err := tx.Exec(qUpdate, int64(s.ID), string(s.State), store.Micros(s.ConfirmedAt), store.Micros(s.ExpiresAt), store.J(s))
	return err
}

// Delete removes one; it reports whether there was one.
func Delete(tx *store.Tx, id ident.ID) (bool, error) {
	n, err := tx.Exec(qDelete, int64(id))
	return n == 1, err
}

// DeleteOf removes all of a page.
func DeleteOf(tx *store.Tx, page string) (int64, error) { return tx.Exec(qOfPage, page) }

// Count is how many there are.
type Count struct {
	Channel subscription.Channel
	State   subscription.State
	N       int64
}

// Counts counts them by channel and state.
func Counts(tx *store.Tx) ([]Count, error) {
	rows, err := tx.Query(qCount)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Count
	for rows.Next() {
		var c, s string
		var n int64
		if err := rows.Scan(&c, &s, &n); err != nil {
			return nil, err
		}
		out = append(out, Count{subscription.Channel(c), subscription.State(s), n})
	}
	return out, rows.Err()
}

// AddNotice keeps what there is to tell; fresh is false for an update that is
// there already.
func AddNotice(tx *store.Tx, n *subscription.Notice, now time.Time) (fresh bool, err error) {
	k, err := tx.Exec(qAddNotice, n.Page, n.ID, store.Micros(now), store.J(n))
	return k == 1, err
}

// Notice reads what there is to tell and behind which subscriber it goes on; nil
// when there is none.
func Notice(tx *store.Tx, page, update string) (n *subscription.Notice, after ident.ID, err error) {
	return notice(tx, qNotice, page, update)
}

func notice(tx *store.Tx, query string, args ...any) (n *subscription.Notice, after ident.ID, err error) {
	var doc store.JSON[subscription.Notice]
	var us int64
	err = tx.QueryRow(query, args...).Scan(&doc, &us)
	if store.NotFound(err) {
		return nil, 0, nil
	}
	return &doc.V, ident.ID(us), err
}

// Untold reads a notice of which not everybody has been told, and claims it for a
// change; nil when there is none, or another node has it.
func Untold(tx *store.Tx) (n *subscription.Notice, after ident.ID, err error) {
	query := qUntold
	if !tx.ReadOnly() {
		query += tx.SkipLocked()
	}
	return notice(tx, query)
}

// Done is where telling ends.
const Done ident.ID = -1

// Move notes behind which subscriber telling goes on.
func Move(tx *store.Tx, n *subscription.Notice, after ident.ID) error {
	_, err := tx.Exec(qMove, n.Page, n.ID, int64(after))
	return err
}

// Forget removes notices of before an instant.
func Forget(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(qForget, store.Micros(before))
	return err
}

func one(tx *store.Tx, query string, args ...any) (*subscription.Subscriber, error) {
	all, err := list(tx, query, args...)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

func list(tx *store.Tx, query string, args ...any) ([]*subscription.Subscriber, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*subscription.Subscriber
	for rows.Next() {
		var id, created, confirmed, expires int64
		var page, channel, address, state string
		var doc store.JSON[subscription.Subscriber]
		if err := rows.Scan(&id, &page, &channel, &address, &state, &created, &confirmed, &expires, &doc); err != nil {
			return nil, err
		}
		s := doc.V
		s.ID, s.Page, s.Channel, s.Address, s.State = ident.ID(id), page, subscription.Channel(channel), address, subscription.State(state)
		s.CreatedAt, s.ConfirmedAt, s.ExpiresAt = store.Time(created), store.Time(confirmed), store.Time(expires)
		out = append(out, &s)
	}
	return out, rows.Err()
}
