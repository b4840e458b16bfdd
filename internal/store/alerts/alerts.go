// Package alerts holds the SQL of signals, alerts and changes: the hot tables
// of intake. Everything here works on batches.
// It must not judge what a signal means.
package alerts

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
)

// Raw is a payload as it came, kept before anything is made of it.
type Raw struct {
	Source, ServiceID, DedupKey string
	ReceivedAt                  time.Time
	Body                        []byte
	Problem                     string // why nothing was made of it; empty: something was
}

// Key is what alerts are deduplicated by; never the summary (B24).
type Key struct{ ServiceID, DedupKey string }

// Compare orders keys as Find wants them.
func (k Key) Compare(o Key) int {
	return cmp.Or(strings.Compare(k.ServiceID, o.ServiceID), strings.Compare(k.DedupKey, o.DedupKey))
}

// Keep stores raw payloads.
func Keep(tx *store.Tx, raws []Raw) error {
	rows := make([][]any, len(raws))
	for i, r := range raws {
		rows[i] = []any{int64(tx.NewID(r.ReceivedAt)), r.Source, r.ServiceID, store.Micros(r.ReceivedAt), r.DedupKey, r.Body, r.Problem}
	}
	return tx.InsertMany("signals", []string{"id", "source", "service_id", "received_at", "dedup_key", "body", "problem"}, rows, "")
}

var columns = []string{"id", "service_id", "dedup_key", "status", "severity", "hint", "summary", "source", "count", "run", "incident_id", "first_at", "last_at", "resolved_at", "details", "noise"}

const sel = "select id, service_id, dedup_key, status, severity, hint, summary, source, count, run, incident_id, first_at, last_at, resolved_at, details, noise from alerts "

// Find reads and locks the alerts with the keys. The keys must be sorted, so
// that two nodes lock in the same order (B26).
func Find(tx *store.Tx, keys []Key) (map[Key]*alert.Alert, error) {
	out := make(map[Key]*alert.Alert, len(keys))
	for len(keys) > 0 {
		n := 1
		for _, size := range [...]int{64, 8} {
			if len(keys) >= size {
				n = size
				break
			}
		}
		var b strings.Builder
		args := make([]any, 0, 2*n)
		for i, k := range keys[:n] {
			if i > 0 {
				b.WriteByte(',')
			}
			b.WriteString("($" + strconv.Itoa(2*i+1) + ",$" + strconv.Itoa(2*i+2) + ")")
			args = append(args, k.ServiceID, k.DedupKey)
		}
		list, err := list(tx, sel+"where (service_id, dedup_key) in (values "+b.String()+")"+tx.ForUpdate(), args...)
		if err != nil {
			return nil, err
		}
		for _, a := range list {
			out[Key{a.ServiceID, a.DedupKey}] = a
		}
		keys = keys[n:]
	}
	return out, nil
}

const merge = "on conflict(id) do update set status = excluded.status, severity = excluded.severity, hint = excluded.hint, summary = excluded.summary, source = excluded.source, count = excluded.count, run = excluded.run, incident_id = excluded.incident_id, first_at = excluded.first_at, last_at = excluded.last_at, resolved_at = excluded.resolved_at, details = excluded.details, noise = excluded.noise"

// Save writes new and changed alerts. A new alert whose key another node
// inserted meanwhile fails as unique violation: the batch is run again.
func Save(tx *store.Tx, as []*alert.Alert) error {
	rows := make([][]any, len(as))
	for i, a := range as {
		rows[i] = []any{int64(a.ID), a.ServiceID, a.DedupKey, string(a.Status), a.Severity.String(), a.Hint, a.Summary, a.Source, a.Count, a.Run, int64(a.IncidentID), store.Micros(a.FirstAt), store.Micros(a.LastAt), store.Micros(a.ResolvedAt), a.Details, noiseText(&a.Noise)}
	}
	return tx.InsertMany("alerts", columns, rows, merge)
}

// noiseText is empty where there is nothing to remember.
func noiseText(n *alert.Noise) any {
	if len(n.Why) == 0 && len(n.Begun) == 0 && !n.Flaps && n.Cause == "" && n.HeldBy == "" {
		return ""
	}
	return store.J(n)
}

// Get reads one alert.
func Get(tx *store.Tx, id ident.ID) (*alert.Alert, error) {
	as, err := list(tx, sel+"where id = $1", int64(id))
	if err != nil {
		return nil, err
	}
	if len(as) == 0 {
		return nil, fault.New(fault.NotFound, "there is no such alert")
	}
	return as[0], nil
}

// Of lists an incident's alerts, oldest first.
func Of(tx *store.Tx, incident ident.ID, limit int) ([]*alert.Alert, error) {
	return list(tx, sel+"where incident_id = $1 order by id limit $2", int64(incident), limit)
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Status   string
	Service  string
	Incident ident.ID
	Except   []ident.ID // incidents whose alerts are left out
	Before   ident.ID   // alerts with ids below this one; 0 for the newest
	Limit    int
}

// List returns alerts, newest first.
func List(tx *store.Tx, f Filter) ([]*alert.Alert, error) {
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	query, args := sel+"where id < $1", []any{int64(f.Before)}
	if f.Status != "" {
		args = append(args, f.Status)
		query += " and status = $" + strconv.Itoa(len(args))
	}
	if f.Service != "" {
		args = append(args, f.Service)
		query += " and service_id = $" + strconv.Itoa(len(args))
	}
	if f.Incident != 0 {
		args = append(args, int64(f.Incident))
		query += " and incident_id = $" + strconv.Itoa(len(args))
	}
	if len(f.Except) > 0 {
		query += " and incident_id not in (" + store.In(len(f.Except), len(args)+1) + ")"
		for _, id := range f.Except {
			args = append(args, int64(id))
		}
	}
	args = append(args, f.Limit)
	return list(tx, query+" order by id desc limit $"+strconv.Itoa(len(args)), args...)
}

func list(tx *store.Tx, query string, args ...any) ([]*alert.Alert, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*alert.Alert
	for rows.Next() {
		a := new(alert.Alert)
		var id, inc, first, last, resolved int64
		var status, sev, noise string
		if err := rows.Scan(&id, &a.ServiceID, &a.DedupKey, &status, &sev, &a.Hint, &a.Summary, &a.Source, &a.Count, &a.Run, &inc, &first, &last, &resolved, &a.Details, &noise); err != nil {
			return nil, err
		}
		if noise != "" {
			if err := json.Unmarshal([]byte(noise), &a.Noise); err != nil {
				return nil, fmt.Errorf("read alert %d: %w", id, err)
			}
		}
		a.ID, a.IncidentID, a.Status = ident.ID(id), ident.ID(inc), alert.Status(status)
		a.Severity, _ = procedure.ParseSeverity(sev)
		a.FirstAt, a.LastAt, a.ResolvedAt = store.Time(first), store.Time(last), store.Time(resolved)
		out = append(out, a)
	}
	return out, rows.Err()
}

// Standing lists the alerts of a service that are not resolved, oldest first.
func Standing(tx *store.Tx, service string, limit int) ([]*alert.Alert, error) {
	return list(tx, sel+"where service_id = $1 and status in ('triggered','acknowledged','suppressed') order by id limit $2", service, limit)
}

// StandingOf lists the alerts of a source that are not resolved, oldest first.
func StandingOf(tx *store.Tx, source string, limit int) ([]*alert.Alert, error) {
	return list(tx, sel+"where source = $1 and status in ('triggered','acknowledged','suppressed') order by id limit $2", source, limit)
}

// SuppressedOn reads and locks the suppressed alerts of a service, by key.
func SuppressedOn(tx *store.Tx, service string) ([]*alert.Alert, error) {
	return list(tx, sel+"where service_id = $1 and status = 'suppressed' order by dedup_key"+tx.ForUpdate(), service)
}

// Move gives alerts to another incident.
func Move(tx *store.Tx, from, to ident.ID, only []ident.ID) (open, all int64, err error) {
	as, err := list(tx, sel+"where incident_id = $1 order by id"+tx.ForUpdate(), int64(from))
	if err != nil {
		return 0, 0, err
	}
	want := map[ident.ID]bool{}
	for _, id := range only {
		want[id] = true
	}
	for _, a := range as {
		if only != nil && !want[a.ID] {
			continue
		}
		if _, err := tx.Exec("update alerts set incident_id = $2 where id = $1", int64(a.ID), int64(to)); err != nil {
			return 0, 0, err
		}
		all++
		if a.Open() {
			open++
		}
	}
	return open, all, nil
}

// Tell stores a change event.
func Tell(tx *store.Tx, service string, c alert.Change, now time.Time) error {
	_, err := tx.Exec("insert into changes(id, service_id, summary, source, at, details) values($1,$2,$3,$4,$5,$6)",
		int64(tx.NewID(now)), service, c.Summary, c.Source, store.Micros(c.At), store.J(c))
	return err
}
