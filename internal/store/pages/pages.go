// Package pages holds the SQL of pages and of the chains that open them.
// It must not decide who is paged.
package pages

import (
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
)

// SaveChain writes the incident's chain.
func SaveChain(tx *store.Tx, incident ident.ID, r escalation.Run) error {
	_, err := tx.Exec("insert into chains(incident_id, doc) values($1, $2) on conflict(incident_id) do update set doc = excluded.doc", int64(incident), store.J(r))
	return err
}

// Chain reads and locks the incident's chain; ok is false when it has none.
func Chain(tx *store.Tx, incident ident.ID) (r escalation.Run, ok bool, err error) {
	var doc store.JSON[escalation.Run]
	err = tx.QueryRow("select doc from chains where incident_id = $1"+tx.ForUpdate(), int64(incident)).Scan(&doc)
	if store.NotFound(err) {
		return r, false, nil
	}
	return doc.V, err == nil, err
}

// Insert opens a page; ok is false when the same page is open already, so
// that a step fired twice pages once.
func Insert(tx *store.Tx, p *message.Page) (ok bool, err error) {
	p.ID = tx.NewID(p.At)
	n, err := tx.Exec("insert into pages(id, incident_id, person_id, reason, step, round, severity, state, channel, rung, at, ended_at, ack_hash, subject, body, clauses, ladder) values($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,0,$12,$13,$14,$15,$16) on conflict(incident_id, reason, step, round, person_id) do nothing",
		int64(p.ID), int64(p.IncidentID), p.To, p.Reason, p.Step, p.Round, p.Severity.String(), string(p.State), p.Channel, p.Rung, store.Micros(p.At), p.AckHash, p.Subject, p.Body, store.J(p.Clauses), store.J(p.Ladder))
	return n == 1, err
}

// Update writes what may change of a page.
func Update(tx *store.Tx, p *message.Page) error {
	_, err := tx.Exec("update pages set state = $2, channel = $3, rung = $4, ended_at = $5, ladder = $6 where id = $1", int64(p.ID), string(p.State), p.Channel, p.Rung, store.Micros(p.EndedAt), store.J(p.Ladder))
	return err
}

const sel = "select id, incident_id, person_id, reason, step, round, severity, state, channel, rung, at, ended_at, ack_hash, subject, body, clauses, ladder from pages "

// Get reads and locks one page.
func Get(tx *store.Tx, id ident.ID) (*message.Page, error) {
	return one(tx, sel+"where id = $1"+tx.ForUpdate(), int64(id))
}

// ByAck reads and locks the page with the hash of a one-time code.
func ByAck(tx *store.Tx, hash string) (*message.Page, error) {
	return one(tx, sel+"where ack_hash = $1"+tx.ForUpdate(), hash)
}

// Of lists an incident's pages, oldest first.
func Of(tx *store.Tx, incident ident.ID) ([]*message.Page, error) {
	return list(tx, sel+"where incident_id = $1 order by id", int64(incident))
}

// FirstOf says when the first page of each incident was opened; those that paged
// nobody are left out.
func FirstOf(tx *store.Tx, incidents []ident.ID) (map[ident.ID]time.Time, error) {
	out := make(map[ident.ID]time.Time, len(incidents))
	if len(incidents) == 0 {
		return out, nil
	}
	args := make([]any, len(incidents))
	for i, id := range incidents {
		args[i] = int64(id)
	}
	rows, err := tx.Query("select incident_id, min(at) from pages where incident_id in ("+store.In(len(args), 1)+") group by incident_id", args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, at int64
		if err := rows.Scan(&id, &at); err != nil {
			return nil, err
		}
		out[ident.ID(id)] = store.Time(at)
	}
	return out, rows.Err()
}

// Recent lists the last pages of some people, newest first.
func Recent(tx *store.Tx, people []string, limit int) ([]*message.Page, error) {
	args := make([]any, 0, len(people)+1)
	for _, id := range people {
		args = append(args, id)
	}
	args = append(args, limit)
	return list(tx, sel+"where person_id in ("+store.In(len(people), 1)+") order by id desc limit $"+strconv.Itoa(len(args)), args...)
}

// Between lists pages opened in the half-open interval.
func Between(tx *store.Tx, from, until time.Time, limit int) ([]*message.Page, error) {
	return list(tx, sel+"where at >= $1 and at < $2 order by id limit $3", store.Micros(from), store.Micros(until), limit)
}

func one(tx *store.Tx, query string, args ...any) (*message.Page, error) {
	ps, err := list(tx, query, args...)
	if err != nil {
		return nil, err
	}
	if len(ps) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such page")
	}
	return ps[0], nil
}

func list(tx *store.Tx, query string, args ...any) ([]*message.Page, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*message.Page
	for rows.Next() {
		p := new(message.Page)
		var id, inc, at, ended int64
		var sev, state string
		var clauses store.JSON[[]string]
		var ladder store.JSON[[]catalog.Rung]
		if err := rows.Scan(&id, &inc, &p.To, &p.Reason, &p.Step, &p.Round, &sev, &state, &p.Channel, &p.Rung, &at, &ended, &p.AckHash, &p.Subject, &p.Body, &clauses, &ladder); err != nil {
			return nil, err
		}
		p.ID, p.IncidentID, p.State, p.Clauses = ident.ID(id), ident.ID(inc), message.PageState(state), clauses.V
		p.Ladder = ladder.V
		p.Severity, _ = procedure.ParseSeverity(sev)
		p.At, p.EndedAt = store.Time(at), store.Time(ended)
		out = append(out, p)
	}
	return out, rows.Err()
}

// Adrift counts the pages that were opened before an instant and wait although
// nothing is being sent and no provider has them.
func Adrift(tx *store.Tx, before time.Time) (n int64, err error) {
	err = tx.QueryRow("select count(*) from pages p where p.state = 'queued' and p.at < $1 and not exists (select 1 from deliveries d where d.kind = 'page' and d.ref_id = p.id and d.state in ('queued','attempting','sent'))", store.Micros(before)).Scan(&n)
	return n, err
}

// Unwatched lists the chains of open incidents for which no timer of the kind is
// armed, newest incident first, with the procedure each follows.
func Unwatched(tx *store.Tx, kind string, limit int) (out []Watched, err error) {
	rows, err := tx.Query("select i.id, i.doc, c.doc from incidents i join chains c on c.incident_id = i.id where i.status in ('triage','investigating','mitigated','monitoring') and not exists (select 1 from timers t where t.incident_id = i.id and t.kind = $1) order by i.id desc limit $2", kind, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		var doc store.JSON[struct {
			Procedure string `json:"procedure"`
		}]
		var run store.JSON[escalation.Run]
		if err := rows.Scan(&id, &doc, &run); err != nil {
			return nil, err
		}
		out = append(out, Watched{IncidentID: ident.ID(id), Procedure: doc.V.Procedure, Run: run.V})
	}
	return out, rows.Err()
}

// Watched is a chain with what it runs by.
type Watched struct {
	IncidentID ident.ID
	Procedure  string
	Run        escalation.Run
}

// Asked is a page as a count sees it.
type Asked struct {
	Person string
	At     time.Time
}

// AskedBetween lists who was paged in [from, until), oldest first, up to limit.
func AskedBetween(tx *store.Tx, from, until time.Time, limit int) ([]Asked, error) {
	rows, err := tx.Query("select person_id, at from pages where at >= $1 and at < $2 order by at, id limit $3", store.Micros(from), store.Micros(until), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Asked
	for rows.Next() {
		var a Asked
		var at int64
		if err := rows.Scan(&a.Person, &at); err != nil {
			return nil, err
		}
		a.At = store.Time(at)
		out = append(out, a)
	}
	return out, rows.Err()
}
