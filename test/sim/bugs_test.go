//go:build planted

package sim

import (
	"errors"
	"sync"
	"testing"
	"time"

	"allclear/internal/app"
	"allclear/internal/domain/message"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/timers"
)

// drop refuses rows: the product believes that it wrote them.
func drop(table, when string) []string {
	return []string{"create trigger bug before insert on " + table + " when " + when + " begin select raise(ignore); end"}
}

// deaf refuses changes of rows.
func deaf(table, when string) []string {
	return []string{"create trigger bug before update on " + table + " when " + when + " begin select raise(ignore); end"}
}

// then changes rows after they were written.
func then(event, table, when, set string) []string {
	return []string{"create trigger bug after " + event + " on " + table + " when " + when + " begin update " + table + " set " + set + " where rowid = new.rowid; end"}
}

func acts(kind string) func(string) bool { return func(k string) bool { return k == kind } }

// step moves the due time of the chain's second step.
func stepDue(by string) string {
	return "doc = json_set(doc, '$.steps[1].due', strftime('%Y-%m-%dT%H:%M:%SZ', json_extract(doc, '$.steps[1].due'), '" + by + "'))"
}

const pageRow = "new.kind = 'page'"

// bugs are what has happened to programs of this kind, each to be found.
var bugs = []*planted{
	// Lost, late, stuck.
	{name: "a page is called sent and never was", class: "B01", swallow: func(m plug.Message) bool { return m.Kind == "page" }},
	{name: "sends before it commits", class: "B01", forgets: true},
	{name: "a provider that is down counts as sent", class: "B02", carry: func(_ *message.Delivery, c *jobs.Carried) {
		if c.Err != nil && !c.Permanent {
			*c = jobs.Carried{Awaits: message.AwaitsNothing}
		}
	}},
	{name: "a restart drops what waits to be sent", class: "B02", restart: []string{"delete from deliveries where state in ('queued','attempting')"}},
	{name: "timers live in memory", class: "B05", restart: []string{"delete from timers where kind = 'chain'"}},
	{name: "the second step waits for ever", class: "B05", rows: then("insert", "chains", "1", stepDue("+10 days"))},
	{name: "a timer is taken and does nothing", class: "B05", engine: func(e *app.Engine) {
		e.Timers.Handle("chain", func(*store.Tx, timers.Timer, time.Time) error { return nil })
	}},
	{name: "a send under way at a crash stays so", class: "B06", clings: true, restart: []string{"update deliveries set due_at = 9000000000000000 where state = 'attempting'"}},
	{name: "a restart leaves the dead process its leases", class: "B06", clings: true},
	{name: "a node throws away timers it does not know", class: "B07", engine: func(e *app.Engine) {
		e.Timers.Handle("rule", func(*store.Tx, timers.Timer, time.Time) error { return nil })
		e.Timers.Handle("chain", func(*store.Tx, timers.Timer, time.Time) error { return nil })
	}},
	{name: "only notices have workers", class: "B08", engine: func(e *app.Engine) { e.Pager.Lane = deliveries.Lane{From: 1, To: 1} }},
	{name: "a step is taken and its page not written", class: "B10", rows: drop("deliveries", pageRow+" and new.key like '%/step2/%'")},
	{name: "an event is answered and not kept", class: "B10", act: acts("event")},
	{name: "a resolve of the source is lost", class: "B11", rows: deaf("alerts", "new.status = 'resolved'")},
	{name: "the chain's handler fails for good", class: "B12", engine: func(e *app.Engine) {
		e.Timers.Handle("chain", func(*store.Tx, timers.Timer, time.Time) error { return errors.New("database is locked") })
	}},
	{name: "a refused address is tried for ever", class: "B14", carry: func(_ *message.Delivery, c *jobs.Carried) { c.Permanent = false }},
	// Duplicate, noisy, wrong state.
	{name: "two replicas send the same", class: "B15", again: true},
	{name: "several sends for one page and contact", class: "B16", rows: []string{"create trigger bug after insert on deliveries when " + pageRow + " and new.key not like '%/9' begin insert into deliveries(id, key, kind, ref_id, incident_id, recipient, channel, address, subject, body, state, priority, attempts, due_at, lease_until, fence, created_at, done_at, last_error, receipt, clauses, headers) select id + 1000003, key || '/9', kind, ref_id, incident_id, recipient, channel, address, subject, body, state, priority, attempts, due_at, lease_until, fence, created_at, done_at, last_error, receipt, clauses, headers from deliveries where id = new.id; end"}},
	{name: "deaf to acknowledgements", class: "B17", act: acts("ack")},
	{name: "deaf to the link in a page", class: "B17", act: acts("link")},
	{name: "paging goes on after a resolve", class: "B17", act: acts("resolve")},
	{name: "the next step comes early", class: "B18", rows: then("insert", "chains", "1", stepDue("-5 minutes"))},
	{name: "the next step comes a minute late", class: "B18", rows: then("insert", "chains", "1", stepDue("+1 minute"))},
	{name: "a restart pages open incidents anew", class: "B19", restart: []string{"update deliveries set state = 'queued', due_at = 0 where state = 'sent' and kind = 'page'", "update pages set state = 'queued' where state = 'sent'"}},
	{name: "a restart forgets who acknowledged", class: "B19", restart: []string{"update incidents set doc = json_remove(doc, '$.acknowledged_by', '$.acknowledged_at')"}},
	{name: "the round after the last step never comes", class: "B05", rows: then("update", "chains", "json_extract(new.doc, '$.round_at') not like '2099%'", "doc = json_set(doc, '$.round_at', '2099-01-01T00:00:00Z')")},
	// Deduplication and concurrency.
	{name: "different alerts are taken for one", class: "B24", rows: drop("alerts", "exists (select 1 from alerts a where a.service_id = new.service_id)")},
	{name: "repeats are not counted", class: "B24", rows: then("update", "alerts", "new.count > 1", "count = 1")},
	{name: "an alert that comes back is no new episode", rows: then("update", "alerts", "new.run > 1", "run = 1")},
	{name: "one event makes two", class: "B25", twice: "event"},
	{name: "one declaration makes two incidents", class: "B25", twice: "declare"},
	{name: "a write behind a warning fails", class: "B27", rows: drop("signals", "new.id % 3 = 0")},
	// Time.
	{name: "a change of the clock shifts timers by an hour", class: "B29", rows: then("insert", "timers", "new.kind = 'chain'", "due_at = due_at + 3600000000")},
	// People and channels.
	{name: "nobody's contact is a silent end", class: "B34", rows: drop("pages", "new.reason like 'fallback%'")},
	{name: "the second channel is never tried", rows: drop("deliveries", pageRow+" and new.key like '%/2'")},
	{name: "sent to somebody else", before: func(d *message.Delivery) {
		if d.Kind == message.KindPage {
			d.Address = "+15550000"
		}
	}},
	{name: "another key on each attempt", before: func(d *message.Delivery) {
		if d.Attempts > 1 {
			d.Key += "-again"
		}
	}},
	{name: "what nobody confirms waits for ever", class: "B34", engine: func(e *app.Engine) {
		e.Timers.Handle("confirm", func(*store.Tx, timers.Timer, time.Time) error { return nil })
	}},
	{name: "what nobody confirms goes on at once", class: "B16", rows: then("insert", "timers", "new.kind = 'confirm'", "due_at = due_at - 50000000")},
	// Deadlines and the record.
	{name: "deadlines fire again after a restart", restart: []string{
		"insert or ignore into timers(id, kind, ref, incident_id, due_at, generation, attempts, last_error) select id, 'again', id, incident_id, 0, 0, 0, '' from deadlines where state = 'breached'",
		"update deadlines set state = 'pending' where state = 'breached'",
	}},
	{name: "two entries for one", restart: []string{"insert or ignore into events(id, incident_id, kind, actor, source, at, recorded_at, restricted, data) select id + 999, incident_id, kind, actor, source, at, recorded_at, restricted, data from events where kind = 'incident.opened'"}},
	{name: "a change of severity is answered and not made", act: acts("severity")},
	{name: "an engagement is answered and not made", act: acts("engage")},
}

// R02: the checks can fail: of the planted bugs at most one is missed.
func TestPlantedBugsAreFound(t *testing.T) {
	p, err := newPaper()
	if err != nil {
		t.Fatal(err)
	}
	const tries = 150
	var mu sync.Mutex
	var missed []string
	t.Run("each", func(t *testing.T) {
		for _, b := range bugs {
			t.Run(b.name, func(t *testing.T) {
				t.Parallel()
				for seed := range uint64(tries) {
					w, err := try(p, seed, plant(b))
					if w != nil && len(w.wrong) > 0 {
						err = errors.New(w.wrong[0])
					}
					if err != nil {
						t.Logf("%s, seed %d: %v", b.class, seed, err)
						return
					}
				}
				mu.Lock()
				defer mu.Unlock()
				missed = append(missed, b.name)
			})
		}
	})
	t.Logf("%d of %d planted bugs were found", len(bugs)-len(missed), len(bugs))
	if len(bugs) < 40 || len(missed) > 1 {
		t.Errorf("%d bugs planted, want 40; missed: %q", len(bugs), missed)
	}
}
