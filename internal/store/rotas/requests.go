// Package rotas holds the SQL of what happens around schedules: requests to
// change who is on call, what a forecast found, and the secret addresses of
// calendars. It must not decide who is on call or who may ask.
package rotas

import (
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
)

const (
	qInsertRequest = "insert into rota_requests(id, schedule_id, state, from_at, until_at, doc) values($1,$2,$3,$4,$5,$6)"
	qUpdateRequest = "update rota_requests set state = $2, from_at = $3, until_at = $4, doc = $5 where id = $1"
	qRequest       = "select doc from rota_requests where id = $1"
	qOpenRequests  = "select doc from rota_requests where schedule_id = $1 and state = 'open' and until_at > $2 order by id"
)

// Queries lists the constant texts, for the test that prepares them.
func Queries() []string {
	return []string{
		qInsertRequest, qUpdateRequest, qRequest, qOpenRequests, qKnown, qKeep, qForget, qOver, qFeed, qFeeds, qInsertFeed, qDropFeed, qDropFeedOf, qFeedByID,
	}
}

// Insert writes a new request.
func Insert(tx *store.Tx, r *oncall.Request) error {
	r.ID = tx.NewID(r.AskedAt)
	_, err := tx.Exec(qInsertRequest, int64(r.ID), r.Schedule, string(r.State), store.Micros(r.Span.From), store.Micros(r.Span.Until), store.J(r))
	return err
}

// Update writes a request that was answered.
func Update(tx *store.Tx, r *oncall.Request) error {
	_, err := tx.Exec(qUpdateRequest, int64(r.ID), string(r.State), store.Micros(r.Span.From), store.Micros(r.Span.Until), store.J(r))
	return err
}

// Get reads and locks one request.
func Get(tx *store.Tx, id ident.ID) (*oncall.Request, error) {
	found, err := requests(tx, qRequest+tx.ForUpdate(), int64(id))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "no request %q", id.String())
	}
	return found[0], nil
}

// Open lists the schedule's requests that wait for an answer at now, oldest
// first.
func Open(tx *store.Tx, schedule string, now time.Time) ([]*oncall.Request, error) {
	return requests(tx, qOpenRequests, schedule, store.Micros(now))
}

// Filter narrows a list of requests; empty fields do not.
type Filter struct {
	Schedule string
	Open     bool     // at Now
	Before   ident.ID // 0 for the newest
	Limit    int
}

// List returns requests, newest first.
func List(tx *store.Tx, f Filter, now time.Time) ([]*oncall.Request, error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	query, args := "select doc from rota_requests where id < $1", []any{int64(f.Before)}
	add := func(condition string, arg any) {
		args = append(args, arg)
		query += " and " + condition + " $" + strconv.Itoa(len(args))
	}
	if f.Schedule != "" {
		add("schedule_id =", f.Schedule)
	}
	if f.Open {
		add("state = 'open' and until_at >", store.Micros(now))
	}
	args = append(args, f.Limit)
	return requests(tx, query+" order by id desc limit $"+strconv.Itoa(len(args)), args...)
}

func requests(tx *store.Tx, query string, args ...any) ([]*oncall.Request, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*oncall.Request
	for rows.Next() {
		var doc store.JSON[oncall.Request]
		if err := rows.Scan(&doc); err != nil {
			return nil, err
		}
		out = append(out, &doc.V)
	}
	return out, rows.Err()
}
