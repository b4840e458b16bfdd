package sim

import (
	"context"

	"allclear/internal/base/ident"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/events"
)

// judge looks at what is left when the course is over; what was wrong on the
// way is in w.wrong already.
func (w *world) judge(ctx context.Context) error {
	if len(w.wrong) > 0 {
		return nil
	}
	for _, key := range w.led.keys {
		// An accepted send whose result a crash took away is tried until it is
		// accepted again; refused tries in between reach nobody.
		if t := w.led.sent[key]; t.accepted-1 > t.excused || t.excused == 0 && t.late > 0 {
			w.fail("INV-P2", "%s was accepted %d times and called %d times after the first, %d crashes caught it in flight", key, t.accepted, t.late, t.excused)
		}
	}
	return w.db.View(ctx, func(tx *store.Tx) error {
		for _, check := range []func(*store.Tx) error{w.judgeAlerts, w.judgeRaws, w.judgeOutbox, w.judgeRecord} {
			if err := check(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// judgeAlerts compares every alert: one for each key, with the exact count.
func (w *world) judgeAlerts(tx *store.Tx) error {
	rows, err := tx.Query("select service_id, dedup_key, status, count, run from alerts")
	if err != nil {
		return err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		var k alertKey
		var status string
		var count, run int64
		if err := rows.Scan(&k.service, &k.key, &status, &count, &run); err != nil {
			return err
		}
		n++
		switch want := w.model.alerts[k]; {
		case want == nil:
			w.fail("INV-I3", "an alert nobody sent: %+v", k)
		case want.status != status || want.count != count || want.run != run:
			w.fail("INV-I3", "alert %+v is %s, count %d, run %d; want %s, %d, %d", k, status, count, run, want.status, want.count, want.run)
		}
	}
	if n != len(w.model.alerts) {
		w.fail("INV-I1", "%d alerts, want %d", n, len(w.model.alerts))
	}
	return rows.Err()
}

// judgeRaws counts the payloads that were kept.
func (w *world) judgeRaws(tx *store.Tx) error {
	var n int
	if err := tx.QueryRow("select count(*) from signals").Scan(&n); err != nil {
		return err
	}
	if n != w.model.raws {
		w.fail("INV-I2", "%d payloads were kept, %d were answered", n, w.model.raws)
	}
	return nil
}

// judgeOutbox finds sends that nobody finishes.
func (w *world) judgeOutbox(tx *store.Tx) error {
	var n int
	err := tx.QueryRow("select count(*) from deliveries where state = 'attempting'").Scan(&n)
	if err == nil && n != 0 {
		w.fail("INV-P4", "%d sends were left under way", n)
	}
	return err
}

// once are the entries that a thing has at most one of.
func once(e *event.Event) (what string, ok bool) {
	switch e.Kind {
	case event.Opened, event.Declared, event.Restricted, event.WarRoomActive:
		return string(e.Kind) + " of " + e.IncidentID.String(), true
	case event.DeadlineBreached, event.DeadlineMet, event.DeadlineWaived, event.MessagePublished, event.TaskOpened, event.TaskDone, event.Paged:
		return string(e.Kind) + " of " + e.Data.Ref, true
	default:
		return "", false
	}
}

// judgeRecord reads the record: what happens once is told once.
func (w *world) judgeRecord(tx *store.Tx) error {
	told := map[string]int{}
	var last ident.ID
	for {
		es, err := events.After(tx, last, 1000)
		if err != nil {
			return err
		}
		for i := range es {
			last = es[i].ID
			what, ok := once(&es[i])
			if !ok {
				continue
			}
			if told[what]++; told[what] == 2 {
				w.fail("INV-T2", "%s is told twice", what)
			}
		}
		if len(es) < 1000 {
			return nil
		}
	}
}
