// Package deliveries holds the SQL of the outbox: every send to every address,
// claimed with a lease and a fencing token (INV-P2).
// It must not send anything.
package deliveries

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
)

var columns = []string{"id", "key", "kind", "ref_id", "incident_id", "recipient", "channel", "address", "subject", "body", "state", "priority", "attempts", "due_at", "lease_until", "fence", "created_at", "done_at", "last_error", "receipt", "clauses", "headers"}

// Queue writes deliveries; one whose key exists already is left as it is, so
// that a step taken twice sends once.
func Queue(tx *store.Tx, ds ...*message.Delivery) error {
	for _, d := range ds {
		d.State = message.Queued
	}
	return insert(tx, ds)
}

// Record writes what needed no provider and is accepted already, such as a
// post on the built-in status page, so that the outbox shows it too.
func Record(tx *store.Tx, ds ...*message.Delivery) error {
	for _, d := range ds {
		d.State, d.DoneAt = message.Accepted, d.CreatedAt
	}
	return insert(tx, ds)
}

func insert(tx *store.Tx, ds []*message.Delivery) error {
	rows := make([][]any, len(ds))
	for i, d := range ds {
		d.ID = tx.NewID(d.CreatedAt)
		rows[i] = []any{int64(d.ID), d.Key, d.Kind, int64(d.RefID), int64(d.IncidentID), d.Recipient, d.Channel, d.Address, d.Subject, d.Body, string(d.State), d.Priority, d.Attempts, store.Micros(d.DueAt), 0, 0, store.Micros(d.CreatedAt), store.Micros(d.DoneAt), "", d.Receipt, store.J(d.Clauses), store.J(d.Headers)}
	}
	return tx.InsertMany("deliveries", columns, rows, "on conflict(key) do nothing")
}

const fields = "id, key, kind, ref_id, incident_id, recipient, channel, address, subject, body, state, priority, attempts, due_at, lease_until, fence, created_at, done_at, last_error, receipt, clauses, headers, confirmation, confirmed_at"

// Lane is a range of priorities with workers of its own, both ends included.
type Lane struct{ From, To int }

// Term is how long claims last. Ends are kept by a clock that all nodes share,
// which may be away from that of one of them.
type Term struct {
	Lease  time.Duration
	Shared time.Time // the present by that clock
}

func (t Term) ends() int64 { return store.Micros(t.Shared.Add(t.Lease)) }

// Claim takes due deliveries of a lane for one worker until the lease ends. A
// claim that was never answered (its holder died) is due again when its lease
// is over. What goes over the channels of except is left alone.
func Claim(tx *store.Tx, l Lane, now time.Time, t Term, limit int, except ...string) ([]*message.Delivery, error) {
	us, shared := store.Micros(now), store.Micros(t.Shared)
	leave, args := but(except, us, t.ends(), limit, l.From, l.To, shared, max(us, shared))
	ds, err := list(tx, "update deliveries set state = 'attempting', attempts = attempts + 1, fence = fence + 1, lease_until = $2, due_at = $2 where id in (select id from deliveries where state in ('queued','attempting') and priority >= $4 and priority <= $5 and due_at <= $7 and (state = 'queued' and due_at <= $1 or state = 'attempting' and due_at <= $6)"+leave+" order by priority, due_at, id limit $3"+tx.SkipLocked()+") returning "+fields,
		args...)
	// RETURNING promises no order.
	slices.SortFunc(ds, func(a, b *message.Delivery) int { return cmp.Or(a.Priority-b.Priority, cmp.Compare(a.ID, b.ID)) })
	return ds, err
}

// CountLike counts what else is due for the address of d, of its kind.
func CountLike(tx *store.Tx, d *message.Delivery, now time.Time) (n int, err error) {
	err = tx.QueryRow("select count(*) from deliveries where state = 'queued' and priority = $2 and kind = $3 and channel = $4 and address = $5 and due_at <= $1",
		store.Micros(now), d.Priority, d.Kind, d.Channel, d.Address).Scan(&n)
	return n, err
}

// ClaimLike claims what else is due for the address of d, of its kind.
func ClaimLike(tx *store.Tx, d *message.Delivery, now time.Time, t Term, limit int) ([]*message.Delivery, error) {
	ds, err := list(tx, "update deliveries set state = 'attempting', attempts = attempts + 1, fence = fence + 1, lease_until = $2, due_at = $2 where id in (select id from deliveries where state = 'queued' and priority = $4 and kind = $5 and channel = $6 and address = $7 and due_at <= $1 order by id limit $3"+tx.SkipLocked()+") returning "+fields,
		store.Micros(now), t.ends(), limit, d.Priority, d.Kind, d.Channel, d.Address)
	slices.SortFunc(ds, func(a, b *message.Delivery) int { return cmp.Compare(a.ID, b.ID) })
	return ds, err
}

// Release ends the leases of workers that died with the process: only where no
// other process can hold one.
func Release(tx *store.Tx, now time.Time) error {
	_, err := tx.Exec("update deliveries set due_at = $1, lease_until = 0 where state = 'attempting'", store.Micros(now))
	return err
}

// Finish writes the outcome of an attempt if the claim still holds; it reports
// false for a holder whose lease has gone to another.
func Finish(tx *store.Tx, d *message.Delivery) (bool, error) {
	n, err := tx.Exec("update deliveries set state = $3, due_at = $4, done_at = $5, last_error = $6, receipt = $7, lease_until = 0 where id = $1 and fence = $2 and state = 'attempting'",
		int64(d.ID), d.Fence, string(d.State), store.Micros(d.DueAt), store.Micros(d.DoneAt), d.LastError, d.Receipt)
	return n == 1, err
}

// Confirm writes what the provider says became of a message it had. It reports
// false when there is no such message, when nothing was sent yet, and when that
// or better is known: one that arrived has not failed.
func Confirm(tx *store.Tx, id ident.ID, word string, now time.Time) (bool, error) {
	n, err := tx.Exec("update deliveries set confirmation = $2, confirmed_at = $3 where id = $1 and attempts > 0 and confirmation <> $2 and confirmation <> 'delivered'", int64(id), word, store.Micros(now))
	return n == 1, err
}

// CancelOf cancels what is still queued for a page or message.
func CancelOf(tx *store.Tx, kind string, ref ident.ID, now time.Time, why string) error {
	_, err := tx.Exec("update deliveries set state = 'cancelled', done_at = $3, last_error = $4 where kind = $1 and ref_id = $2 and state in ('queued','attempting')", kind, int64(ref), store.Micros(now), why)
	return err
}

// Of lists the deliveries of a page, notice or message.
func Of(tx *store.Tx, kind string, ref ident.ID) ([]*message.Delivery, error) {
	return list(tx, "select "+fields+" from deliveries where kind = $1 and ref_id = $2 order by id", kind, int64(ref))
}

// Unfinished reports whether a delivery of a message on the channel may still
// be sent. It looks from the newest one back, because they are sent oldest
// first: of thousands it reads a few.
func Unfinished(tx *store.Tx, kind string, ref ident.ID, channel string) (bool, error) {
	var id int64
	err := tx.QueryRow("select id from deliveries where kind = $1 and ref_id = $2 and channel = $3 and state in ('queued','attempting') order by id desc limit 1", kind, int64(ref), channel).Scan(&id)
	if store.NotFound(err) {
		return false, nil
	}
	return err == nil, err
}

// CountOn counts an incident's deliveries of a kind on a channel that went out or
// may still.
func CountOn(tx *store.Tx, kind string, incident ident.ID, channel string) (n int, err error) {
	err = tx.QueryRow("select count(*) from deliveries where incident_id = $1 and kind = $2 and channel = $3 and state in ('queued','attempting','sent')", int64(incident), kind, channel).Scan(&n)
	return n, err
}

// TallyOn is Tally for one channel.
func TallyOn(tx *store.Tx, kind string, ref ident.ID, channel string) (map[message.DeliveryState]int, error) {
	return tally(tx, "select state, count(*) from deliveries where kind = $1 and ref_id = $2 and channel = $3 group by state", kind, int64(ref), channel)
}

// Tally counts the deliveries of a message by state.
func Tally(tx *store.Tx, kind string, ref ident.ID) (map[message.DeliveryState]int, error) {
	return tally(tx, "select state, count(*) from deliveries where kind = $1 and ref_id = $2 group by state", kind, int64(ref))
}

func tally(tx *store.Tx, query string, args ...any) (map[message.DeliveryState]int, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[message.DeliveryState]int{}
	for rows.Next() {
		var s string
		var n int
		if err := rows.Scan(&s, &n); err != nil {
			return nil, err
		}
		out[message.DeliveryState(s)] = n
	}
	return out, rows.Err()
}

// Filter narrows the outbox; empty fields do not.
type Filter struct {
	Kind, State, Channel string
	Incident             ident.ID
	Except               []ident.ID // incidents whose deliveries are left out
	Before               ident.ID   // deliveries with ids below this one; 0 for the newest
	Limit                int
}

// List returns the outbox, newest first.
func List(tx *store.Tx, f Filter) ([]*message.Delivery, error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	query, args := "select "+fields+" from deliveries where id < $1 and kind <> 'probe'", []any{int64(f.Before)}
	for _, c := range []struct{ column, value string }{{"kind", f.Kind}, {"state", f.State}, {"channel", f.Channel}} {
		if c.value != "" {
			args = append(args, c.value)
			query += " and " + c.column + " = $" + strconv.Itoa(len(args))
		}
	}
	if f.Incident != 0 {
		args = append(args, int64(f.Incident))
		query += " and incident_id = $" + strconv.Itoa(len(args))
	}
	query, args = except(query, args, f.Except)
	args = append(args, f.Limit)
	return list(tx, query+" order by id desc limit $"+strconv.Itoa(len(args)), args...)
}

func except(query string, args []any, incidents []ident.ID) (string, []any) {
	if len(incidents) == 0 {
		return query, args
	}
	query += " and incident_id not in (" + store.In(len(incidents), len(args)+1) + ")"
	for _, id := range incidents {
		args = append(args, int64(id))
	}
	return query, args
}

// Get reads one delivery.
func Get(tx *store.Tx, id ident.ID) (*message.Delivery, error) {
	ds, err := list(tx, "select "+fields+" from deliveries where id = $1", int64(id))
	if err != nil {
		return nil, err
	}
	if len(ds) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such delivery")
	}
	return ds[0], nil
}

// Attempt reads the attempt at a delivery that has the fencing token, and locks it;
// nil when it is over or another has begun.
func Attempt(tx *store.Tx, id ident.ID, fence int64) (*message.Delivery, error) {
	ds, err := list(tx, "select "+fields+" from deliveries where id = $1 and fence = $2 and state = 'attempting'"+tx.ForUpdate(), int64(id), fence)
	if err != nil || len(ds) == 0 {
		return nil, err
	}
	return ds[0], nil
}

// OfPages lists the deliveries of an incident's pages, oldest first.
func OfPages(tx *store.Tx, incident ident.ID) ([]*message.Delivery, error) {
	return list(tx, "select "+fields+" from deliveries where incident_id = $1 and kind = 'page' order by id", int64(incident))
}

// Answered finds which of the incidents a mail belongs to whose receipt names one
// of the ids; zero when none does.
func Answered(tx *store.Tx, incidents []ident.ID, ids []string) (ident.ID, error) {
	if len(incidents) == 0 || len(ids) == 0 {
		return 0, nil
	}
	args := make([]any, len(incidents))
	for i, id := range incidents {
		args[i] = int64(id)
	}
	rows, err := tx.Query("select incident_id, receipt from deliveries where incident_id in ("+store.In(len(args), 1)+") and channel = 'email' and receipt <> '' order by id desc", args...)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var incident int64
		var receipt string
		if err := rows.Scan(&incident, &receipt); err != nil {
			return 0, err
		}
		if slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(receipt, "<"+id+">") }) {
			return ident.ID(incident), rows.Err()
		}
	}
	return 0, rows.Err()
}

// Standing counts what waits to be sent, and what was given up since the
// instant, but for some incidents.
func Standing(tx *store.Tx, since time.Time, incidents []ident.ID) (waiting, failed int64, err error) {
	query, args := except("select count(*) from deliveries where state in ('queued','attempting') and kind <> 'probe'", nil, incidents)
	if err := tx.QueryRow(query, args...).Scan(&waiting); err != nil {
		return 0, 0, err
	}
	query, args = except("select count(*) from deliveries where state = 'failed' and kind <> 'probe' and done_at >= $1", []any{store.Micros(since)}, incidents)
	err = tx.QueryRow(query, args...).Scan(&failed)
	return waiting, failed, err
}

// but is the condition that leaves channels alone, with them behind args.
func but(channels []string, args ...any) (cond string, all []any) {
	if len(channels) == 0 {
		return "", args
	}
	cond = " and channel not in (" + store.In(len(channels), len(args)+1) + ")"
	for _, c := range channels {
		args = append(args, c)
	}
	return cond, args
}

// Next is when the outbox wants attention but for what goes over the channels of
// except; ok is false when nothing does.
func Next(tx *store.Tx, l Lane, except ...string) (at time.Time, ok bool, err error) {
	var us *int64
	leave, args := but(except, l.From, l.To)
	if err := tx.QueryRow("select min(due_at) from deliveries where state in ('queued','attempting') and priority >= $1 and priority <= $2"+leave, args...).Scan(&us); err != nil || us == nil {
		return at, false, err
	}
	return store.Time(*us), true, nil
}

func list(tx *store.Tx, query string, args ...any) ([]*message.Delivery, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*message.Delivery
	for rows.Next() {
		d := new(message.Delivery)
		var id, ref, inc, due, lease, created, done, confirmed int64
		var state string
		var clauses store.JSON[[]string]
		var headers store.JSON[message.Headers]
		if err := rows.Scan(&id, &d.Key, &d.Kind, &ref, &inc, &d.Recipient, &d.Channel, &d.Address, &d.Subject, &d.Body, &state, &d.Priority, &d.Attempts, &due, &lease, &d.Fence, &created, &done, &d.LastError, &d.Receipt, &clauses, &headers, &d.Confirmation, &confirmed); err != nil {
			return nil, err
		}
		d.ID, d.RefID, d.IncidentID, d.State = ident.ID(id), ident.ID(ref), ident.ID(inc), message.DeliveryState(state)
		d.DueAt, d.LeaseUntil, d.CreatedAt, d.DoneAt = store.Time(due), store.Time(lease), store.Time(created), store.Time(done)
		d.ConfirmedAt = store.Time(confirmed)
		d.Clauses, d.Headers = clauses.V, headers.V
		out = append(out, d)
	}
	return out, rows.Err()
}

// Nameless takes from the deliveries of somebody who is to be forgotten where they
// went, and cancels what has not gone out.
func Nameless(tx *store.Tx, kind string, ref ident.ID) error {
	_, err := tx.Exec("update deliveries set address = '', receipt = '', last_error = '', state = case when state in ('queued','attempting') then 'cancelled' else state end where kind = $1 and ref_id = $2", kind, int64(ref))
	return err
}
