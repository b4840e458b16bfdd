// Package mentions holds the SQL of what people write about us in public: where
// it is looked for, how reading went, and what was found. It must not judge a word.
package mentions

import (
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/store"
)

// States of a mention.
const (
	New       = "new"       // nobody has looked at it
	Linked    = "linked"    // somebody tied it to an incident
	Dismissed = "dismissed" // somebody found that nothing follows
)

// Mention is one thing somebody wrote.
type Mention struct {
	ID        ident.ID  `json:"-"`
	Feed      string    `json:"-"` // that it was found in, or Manual
	GUID      string    `json:"-"` // that its feed knows it by
	Service   string    `json:"-"` // it may be about
	State     string    `json:"-"`
	Complaint bool      `json:"-"`
	Incident  ident.ID  `json:"-"` // it belongs to; 0: none
	At        time.Time `json:"-"` // when it was written; zero: unknown
	FoundAt   time.Time `json:"-"`

	Source    string    `json:"source"` // x, review, forum, status_page ...
	Title     string    `json:"title,omitempty"`
	Text      string    `json:"text,omitempty"`
	Link      string    `json:"link,omitempty"`
	Author    string    `json:"author,omitempty"`
	Score     int       `json:"score"`
	Words     []string  `json:"words,omitempty"` // that speak for a complaint
	By        string    `json:"by,omitempty"`    // who wrote it down
	DecidedBy string    `json:"decided_by,omitempty"`
	DecidedAt time.Time `json:"decided_at,omitzero"`
	Reason    string    `json:"reason,omitempty"`
}

// Manual is the feed of what people write down.
const Manual = "manual"

// Feed is how reading a feed goes.
type Feed struct {
	ID    string    `json:"-"`
	DueAt time.Time `json:"-"`

	Config       string    `json:"config,omitempty"` // what was asked for when it was last read whole
	ETag         string    `json:"etag,omitempty"`
	Modified     string    `json:"modified,omitempty"`
	Newest       string    `json:"newest,omitempty"` // id of the newest entry of a search
	ReadAt       time.Time `json:"read_at,omitzero"`
	SucceededAt  time.Time `json:"succeeded_at,omitzero"`
	FailingSince time.Time `json:"failing_since,omitzero"`
	Error        string    `json:"error,omitempty"`
}

const (
	feeds    = "select feed_id, due_at, doc from feed_states "
	qFeeds   = feeds + "order by feed_id"
	qFeed    = feeds + "where feed_id = $1"
	qDue     = feeds + "where due_at <= $1 order by due_at, feed_id limit $2"
	qAdd     = "insert into feed_states(feed_id, doc, due_at) values($1,$2,$3) on conflict(feed_id) do nothing"
	qMove    = "update feed_states set due_at = $2 where feed_id = $1"
	qSave    = "update feed_states set doc = $2, due_at = $3 where feed_id = $1"
	qDrop    = "delete from feed_states where feed_id = $1"
	sel      = "select id, feed_id, guid, service_id, state, complaint, incident_id, at, found_at, doc from mentions "
	qInsert  = "insert into mentions(id, feed_id, guid, service_id, state, complaint, incident_id, at, found_at, doc) values($1,$2,$3,$4,$5,$6,$7,$8,$9,$10) on conflict(feed_id, guid) do nothing"
	qGet     = sel + "where id = $1"
	qByGUID  = sel + "where feed_id = $1 and guid = $2"
	qRecent  = sel + "where service_id = $1 and at >= $2 and at <= $3 and complaint and state <> 'dismissed' order by at, id limit 2000"
	qUpdate  = "update mentions set state = $2, incident_id = $3, doc = $4 where id = $1"
	qForget  = "delete from mentions where id in (select id from mentions where found_at < $1 limit 500)"
	maxList  = 500
	fromNone = int64(1) << 62
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qFeeds, qFeed, qDue, qAdd, qMove, qSave, qDrop, qInsert, qGet, qByGUID, qRecent, qUpdate, qForget}
}

// AddFeed makes a feed's row, unless there is one.
func AddFeed(tx *store.Tx, id string, now time.Time) error {
	_, err := tx.Exec(qAdd, id, store.J(Feed{}), store.Micros(now))
	return err
}

// Feeds lists how reading goes, by id.
func Feeds(tx *store.Tx) ([]*Feed, error) { return listFeeds(tx, qFeeds) }

// LockFeed reads one and keeps others from changing it; nil when there is none.
func LockFeed(tx *store.Tx, id string) (*Feed, error) {
	all, err := listFeeds(tx, qFeed+tx.ForUpdate(), id)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// Claim returns what is to be read at now and moves it to next.
func Claim(tx *store.Tx, now, next time.Time, limit int) ([]*Feed, error) {
	due, err := listFeeds(tx, qDue+tx.SkipLocked(), store.Micros(now), limit)
	for _, f := range due {
		if _, err := tx.Exec(qMove, f.ID, store.Micros(next)); err != nil {
			return nil, err
		}
	}
	return due, err
}

// SaveFeed writes how reading went and when it is due again.
func SaveFeed(tx *store.Tx, f *Feed) error {
	_, err := tx.Exec(qSave, f.ID, store.J(f), store.Micros(f.DueAt))
	return err
}

// DropFeed forgets how reading went; what was found stays.
func DropFeed(tx *store.Tx, id string) error {
	_, err := tx.Exec(qDrop, id)
	return err
}

func listFeeds(tx *store.Tx, query string, args ...any) (out []*Feed, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var due int64
		var doc store.JSON[Feed]
		if err := rows.Scan(&id, &due, &doc); err != nil {
			return nil, err
		}
		f := doc.V
		f.ID, f.DueAt = id, store.Time(due)
		out = append(out, &f)
	}
	return out, rows.Err()
}

// Insert writes a mention and reports whether it is new: one of its feed and guid
// is kept once.
func Insert(tx *store.Tx, m *Mention) (bool, error) {
	m.ID = tx.NewID(m.FoundAt)
	n, err := tx.Exec(qInsert, int64(m.ID), m.Feed, m.GUID, m.Service, m.State, m.Complaint, int64(m.Incident), store.Micros(m.At), store.Micros(m.FoundAt), store.J(m))
	return n == 1, err
}

// Get reads and locks a mention.
func Get(tx *store.Tx, id ident.ID) (*Mention, error) {
	return one(list(tx, qGet+tx.ForUpdate(), int64(id)))
}

// ByGUID reads the mention of a feed that it knows by the guid.
func ByGUID(tx *store.Tx, feed, guid string) (*Mention, error) {
	return one(list(tx, qByGUID, feed, guid))
}

func one(all []*Mention, err error) (*Mention, error) {
	if err == nil && len(all) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such mention")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Complaints lists the complaints about a service that were written in a time and
// that nobody dismissed, oldest first.
func Complaints(tx *store.Tx, service string, from, to time.Time) ([]*Mention, error) {
	return list(tx, qRecent, service, store.Micros(from), store.Micros(to))
}

// Update writes what became of a mention.
func Update(tx *store.Tx, m *Mention) error {
	_, err := tx.Exec(qUpdate, int64(m.ID), m.State, int64(m.Incident), store.J(m))
	return err
}

// Forget removes what was found before an instant, a bounded part at a time.
func Forget(tx *store.Tx, before time.Time) error {
	_, err := tx.Exec(qForget, store.Micros(before))
	return err
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	State      string
	Feed       string
	Incident   ident.ID
	Complaints bool
	Before     ident.ID // older ones than this; 0: from the newest
	Limit      int
}

// List returns mentions, the newest first.
func List(tx *store.Tx, f Filter) ([]*Mention, error) {
	query, args := sel+"where id < $1", []any{int64(f.Before)}
	if f.Before == 0 {
		args[0] = fromNone
	}
	add := func(column string, v any) {
		args = append(args, v)
		query += fmt.Sprintf(" and %s = $%d", column, len(args))
	}
	if f.State != "" {
		add("state", f.State)
	}
	if f.Feed != "" {
		add("feed_id", f.Feed)
	}
	if f.Incident != 0 {
		add("incident_id", int64(f.Incident))
	}
	if f.Complaints {
		query += " and complaint"
	}
	args = append(args, min(max(f.Limit, 1), maxList+1))
	return list(tx, query+fmt.Sprintf(" order by id desc limit $%d", len(args)), args...)
}

func list(tx *store.Tx, query string, args ...any) (out []*Mention, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Mention
		var doc store.JSON[Mention]
		var id, incident, at, found int64
		if err := rows.Scan(&id, &m.Feed, &m.GUID, &m.Service, &m.State, &m.Complaint, &incident, &at, &found, &doc); err != nil {
			return nil, err
		}
		d := doc.V
		d.ID, d.Feed, d.GUID, d.Service, d.State, d.Complaint, d.Incident = ident.ID(id), m.Feed, m.GUID, m.Service, m.State, m.Complaint, ident.ID(incident)
		d.At, d.FoundAt = store.Time(at), store.Time(found)
		out = append(out, &d)
	}
	return out, rows.Err()
}
