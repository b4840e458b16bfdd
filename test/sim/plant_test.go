package sim

import (
	"context"

	"allclear/internal/plug"
	"allclear/internal/store"
)

// bug is a fault planted in the product, to see that the checks can fail. The
// zero value plants none.
type bug struct {
	name string
	n    *int
}

func plant(name string) bug { return bug{name: name, n: new(int)} }

// count counts and reports whether this is the nth time.
func (b bug) count(n int) bool {
	*b.n++
	return *b.n == n
}

// swallow loses a page that the provider was never asked for.
func (b bug) swallow(m plug.Message) bool {
	return b.name == "lost page" && m.Kind == "page" && b.count(1)
}

// afterSend loses the result of a send without a crash to excuse it: what a
// program does that sends before it commits.
func (b bug) afterSend(*world) error {
	if b.name == "sends before the commit" && b.count(1) {
		return errFuse
	}
	return nil
}

func (b bug) denies() bool { return b.name == "sends before the commit" }

// act answers an act without doing it.
func (b bug) act(a act) (error, bool) {
	switch {
	case b.name == "event answered, not kept" && a.kind == "event" && b.count(1),
		b.name == "deaf to acknowledgements" && a.kind == "ack":
		return nil, true
	}
	return nil, false
}

// start spoils the database under the process.
func (b bug) start(w *world) {
	spoil := func(queries ...string) {
		_ = w.db.Update(context.Background(), store.PriorityRest, func(tx *store.Tx) error {
			for _, q := range queries {
				if _, err := tx.Exec(q); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if w.now.Equal(w.c.start) {
		return
	}
	switch b.name {
	case "timers in memory":
		spoil("delete from timers where kind = 'chain'")
	case "deadlines fire again":
		spoil("insert into timers(id, kind, ref, incident_id, due_at, generation, attempts, last_error) select id, 'again', id, incident_id, 0, 0, 0, '' from deadlines where state = 'breached'",
			"update deadlines set state = 'pending' where state = 'breached'")
	case "two entries for one":
		spoil("insert into events(id, incident_id, kind, actor, source, at, recorded_at, restricted, data) select id + 999, incident_id, kind, actor, source, at, recorded_at, restricted, data from events where kind = 'incident.opened'")
	}
}
