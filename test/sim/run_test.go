package sim

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"allclear/internal/store"
)

// drain is how long a course goes on after everything was resolved.
const drain = 75 * time.Minute

// run takes the seed from start to end. Its error means that the simulation
// itself broke; what the product did wrong is in w.wrong.
func (w *world) run(ctx context.Context) error {
	acts := slices.Clone(w.c.acts)
	end := w.c.start.Add(w.c.length)
	closed, dirty, hasty := false, false, false
	for len(w.wrong) == 0 {
		due := time.Time{}
		if len(acts) > 0 {
			due = w.c.start.Add(acts[0].at)
		}
		switch {
		case hasty && len(acts) > 0 && !due.After(w.now) && answers(acts[0].kind):
			hasty = false
		case dirty:
			crashed, err := w.tick(ctx)
			if err != nil {
				return err
			}
			if crashed {
				if hasty, err = w.reboot(ctx); err != nil {
					return err
				}
				continue
			}
			dirty, hasty = false, false
			w.model.ticked()
			continue
		default:
			next, ok, err := w.e.Next(ctx)
			if err != nil {
				return err
			}
			if ok && (len(acts) == 0 || !next.After(due)) && !next.After(end) {
				w.now, dirty = later(w.now, next), true
				continue
			}
			if len(acts) == 0 {
				if closed {
					return nil
				}
				// The end: people resolve what is left, and all that was begun
				// is finished.
				closed, acts = true, w.closing(w.c.length)
				w.now = later(w.now, end)
				end = end.Add(drain)
				if len(acts) == 0 {
					dirty = true
				}
				continue
			}
			w.now = later(w.now, due)
		}
		done, crashed, err := w.act(ctx, acts[0])
		if err != nil {
			return err
		}
		if done {
			acts = acts[1:]
		}
		dirty = true
		if crashed {
			if hasty, err = w.reboot(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// answers reports whether the act may come in before the restarted process has
// looked at what is due.
func answers(kind string) bool { return kind == "ack" || kind == "link" }

func (w *world) closing(at time.Duration) []act {
	var out []act
	for _, s := range w.model.incs {
		if s.live() {
			out = append(out, act{at: at, kind: "resolve", incident: s.number, by: "david.kim"})
		}
	}
	return out
}

// act lets something from outside happen once. An act without an answer, since
// the process died, is not done: the outside tries it again.
func (w *world) act(ctx context.Context, a act) (done, crashed bool, err error) {
	var l link
	if a.kind == "link" {
		if len(w.led.links) == 0 {
			return true, false, nil
		}
		l = w.led.links[a.pick%len(w.led.links)]
	}
	may := w.model.allowed(a, l.page)
	before := w.fuse.commits
	if !w.bug.ignores(a) {
		if w.bug.doubles(a) {
			_ = w.do(ctx, a, l.code) // the second one is what is answered
		}
		err = w.do(ctx, a, l.code)
	}
	switch {
	case errors.Is(err, store.ErrCrashed):
		crashed = true
		w.say("act %s %s INC-%d by %s %s: died", a.kind, a.service, a.incident, a.by, a.severity)
		if w.fuse.commits == before {
			return false, true, nil
		}
	case err == nil:
		done = true
		w.say("act %s %s INC-%d by %s %s %v", a.kind, a.service, a.incident, a.by, a.severity, a.signals)
	case refused(err):
		w.say("act %s INC-%d by %s: %s", a.kind, a.incident, a.by, err)
		if may {
			w.fail("INV-I6", "%s of INC-%d by %s was refused: %v", a.kind, a.incident, a.by, err)
		}
		return true, false, nil
	default:
		return false, false, fmt.Errorf("%s: %w", a.kind, err)
	}
	if !may {
		w.fail("INV-T4", "%s of INC-%d by %s was taken and should have been refused", a.kind, a.incident, a.by)
		return true, crashed, nil
	}
	w.model.apply(a, l.page)
	return done, crashed, nil
}

// tick lets the engine do what is due.
func (w *world) tick(ctx context.Context) (crashed bool, err error) {
	var saved *model
	if len(w.fuse.left) > 0 {
		saved = w.model.clone()
	}
	w.model.tick()
	before := w.fuse.commits
	err = w.e.Tick(ctx, w.now)
	if !errors.Is(err, store.ErrCrashed) {
		return false, err
	}
	if w.fuse.commits == before && saved != nil {
		w.model = saved // all timers of an instant are one transaction: none has fired
	}
	return true, nil
}

// reboot brings the process up again after its time down; the database is what
// it left.
func (w *world) reboot(ctx context.Context) (hasty bool, err error) {
	for {
		n := w.down
		w.down++
		w.say("crash %s", w.fuse.blown)
		if err := w.excuse(ctx); err != nil {
			return false, err
		}
		if n < len(w.c.downs) {
			w.now = w.now.Add(w.c.downs[n])
			hasty = w.c.hasty[n]
		}
		w.start()
		if w.bug.keepsLeases() {
			return hasty, nil
		}
		err := w.e.Release(ctx, w.now)
		if !errors.Is(err, store.ErrCrashed) {
			return hasty, err
		}
	}
}

// excuse allows one more send of what was in flight (INV-P2).
func (w *world) excuse(ctx context.Context) error {
	return w.db.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query("select key from deliveries where state = 'attempting'")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key string
			if err := rows.Scan(&key); err != nil {
				return err
			}
			if !w.bug.denies() {
				w.led.excused(key)
			}
		}
		return rows.Err()
	})
}
