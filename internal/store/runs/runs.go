// Package runs holds the SQL of runbook actions that are run: the runs, what they
// wrote, how the services of an incident are restored, and the vendors a backup
// stands in for. It must not decide what a run becomes, nor run anything.
package runs

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/remedy"
	"allclear/internal/store"
)

const (
	sel      = "select id, incident_id, state, lane, fence, doc from action_runs "
	qGet     = sel + "where id = $1"
	qOf      = sel + "where incident_id = $1 order by id"
	qWaiting = sel + "where state = 'approved' and lane = $1 order by id limit $2"
	qAdd     = "insert into action_runs(id, incident_id, action_id, vendor_id, state, lane, fence, doc) values($1,$2,$3,$4,$5,$6,0,$7)"
	qSave    = "update action_runs set state = $2, fence = $3, doc = $4 where id = $1"
	qAny     = "select count(*) from action_runs where state = 'approved' and lane = $1"

	qWrite  = "insert into action_output(run_id, seq, body) values($1,$2,$3) on conflict(run_id, seq) do nothing"
	qOutput = "select seq, body from action_output where run_id = $1 and seq > $2 order by seq limit $3"

	qRecoveries = "select service_id, doc from recoveries where incident_id = $1 order by service_id"
	qRecover    = "insert into recoveries(incident_id, service_id, doc) values($1,$2,$3) on conflict(incident_id, service_id) do update set doc = excluded.doc"

	qBackups = "select vendor_id, since, run_id from vendor_backups order by vendor_id"
	qOver    = "insert into vendor_backups(vendor_id, since, run_id) values($1,$2,$3) on conflict(vendor_id) do nothing"
	qBack    = "delete from vendor_backups where vendor_id = $1"
)

// Queries lists the texts, for the test that prepares them.
func Queries() []string {
	return []string{qGet, qOf, qWaiting, qAdd, qSave, qAny, qWrite, qOutput, qRecoveries, qRecover, qBackups, qOver, qBack}
}

// Add writes a new run and gives it its id.
func Add(tx *store.Tx, r *remedy.Run, now time.Time) error {
	r.ID = tx.NewID(now)
	_, err := tx.Exec(qAdd, int64(r.ID), int64(r.IncidentID), r.Action.ID, r.Vendor, string(r.State), string(r.Lane), store.J(r))
	return err
}

// Save writes what may change of a run. The caller has locked it.
func Save(tx *store.Tx, r *remedy.Run) error {
	_, err := tx.Exec(qSave, int64(r.ID), string(r.State), r.Fence, store.J(r))
	return err
}

// Lock reads one run and keeps others from changing it.
func Lock(tx *store.Tx, id ident.ID) (*remedy.Run, error) { return one(tx, qGet+tx.ForUpdate(), id) }

// Get reads one run.
func Get(tx *store.Tx, id ident.ID) (*remedy.Run, error) { return one(tx, qGet, id) }

func one(tx *store.Tx, query string, id ident.ID) (*remedy.Run, error) {
	all, err := list(tx, query, int64(id))
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "there is no such run")
	}
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// Of lists an incident's runs, the first first.
func Of(tx *store.Tx, incident ident.ID) ([]*remedy.Run, error) {
	return list(tx, qOf, int64(incident))
}

// Waiting locks runs that wait for somebody of the lane; what another worker just
// takes is left out.
func Waiting(tx *store.Tx, l remedy.Lane, limit int) ([]*remedy.Run, error) {
	return list(tx, qWaiting+tx.SkipLocked(), string(l), limit)
}

// Any reports whether a run waits for somebody of the lane.
func Any(tx *store.Tx, l remedy.Lane) (bool, error) {
	var n int64
	err := tx.QueryRow(qAny, string(l)).Scan(&n)
	return n > 0, err
}

// Write keeps a piece of what a run wrote.
func Write(tx *store.Tx, run ident.ID, seq int64, body string) error {
	_, err := tx.Exec(qWrite, int64(run), seq, body)
	return err
}

// Chunk is a piece of what a run wrote.
type Chunk struct {
	Seq  int64
	Body string
}

// Output lists pieces after one, in order.
func Output(tx *store.Tx, run ident.ID, after int64, limit int) (out []Chunk, err error) {
	rows, err := tx.Query(qOutput, int64(run), after, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var c Chunk
		if err := rows.Scan(&c.Seq, &c.Body); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Recoveries lists what is noted of the services of an incident, by service.
func Recoveries(tx *store.Tx, incident ident.ID) (out map[string]*remedy.Recovery, err error) {
	rows, err := tx.Query(qRecoveries, int64(incident))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out = map[string]*remedy.Recovery{}
	for rows.Next() {
		var service string
		var doc store.JSON[remedy.Recovery]
		if err := rows.Scan(&service, &doc); err != nil {
			return nil, err
		}
		r := doc.V
		r.IncidentID, r.Service = incident, service
		out[service] = &r
	}
	return out, rows.Err()
}

// Recover writes how the restoring of a service goes.
func Recover(tx *store.Tx, r *remedy.Recovery) error {
	_, err := tx.Exec(qRecover, int64(r.IncidentID), r.Service, store.J(r))
	return err
}

// Backup says that a backup stands in for a vendor.
type Backup struct {
	Vendor string
	Since  time.Time
	Run    ident.ID
}

// Backups lists them.
func Backups(tx *store.Tx) (out map[string]Backup, err error) {
	rows, err := tx.Query(qBackups)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out = map[string]Backup{}
	for rows.Next() {
		var b Backup
		var since, run int64
		if err := rows.Scan(&b.Vendor, &since, &run); err != nil {
			return nil, err
		}
		b.Since, b.Run = store.Time(since), ident.ID(run)
		out[b.Vendor] = b
	}
	return out, rows.Err()
}

// Over notes that a backup stands in from now on.
func Over(tx *store.Tx, vendor string, run ident.ID, now time.Time) error {
	_, err := tx.Exec(qOver, vendor, store.Micros(now), int64(run))
	return err
}

// Primary notes that the vendor serves again.
func Primary(tx *store.Tx, vendor string) error {
	_, err := tx.Exec(qBack, vendor)
	return err
}

func list(tx *store.Tx, query string, args ...any) (out []*remedy.Run, err error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, inc, fence int64
		var state, lane string
		var doc store.JSON[remedy.Run]
		if err := rows.Scan(&id, &inc, &state, &lane, &fence, &doc); err != nil {
			return nil, err
		}
		r := doc.V
		r.ID, r.IncidentID, r.State, r.Lane, r.Fence = ident.ID(id), ident.ID(inc), remedy.State(state), remedy.Lane(lane), fence
		out = append(out, &r)
	}
	return out, rows.Err()
}
