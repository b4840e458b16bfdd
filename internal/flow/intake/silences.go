package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/silences"
	"allclear/internal/store/timers"
)

// TimerSilence ends a silence, and forgets it some days later.
const TimerSilence = "silence"

// What a timer of a silence comes for.
const (
	genEnd = iota
	genSweep
	genForget
)

const (
	keepExpired  = 120 * time.Hour // as Alertmanager does
	sweepAfter   = time.Minute
	maxSilences  = 1000   // of one service, that have not expired
	maxStanding  = 10_000 // alerts listed at once
	maxSilenceIn = 1024   // characters of comment and author
)

// SetSilence makes a silence, or changes the one whose ID it carries, and
// returns its id. As in Alertmanager, a change of what is silenced, or of the
// past, ends the old silence and makes another one.
func (i *Intake) SetSilence(ctx context.Context, s alert.Silence, now time.Time) (id string, err error) {
	if err := s.Check(now); err != nil {
		return "", err
	}
	if len(s.Comment) > maxSilenceIn || len(s.CreatedBy) > maxSilenceIn {
		return "", fault.New(fault.Invalid, "comment and author are limited to %d bytes", maxSilenceIn)
	}
	s.StartsAt, s.EndsAt, s.UpdatedAt = s.StartsAt.UTC(), s.EndsAt.UTC(), now
	err = i.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error {
		n := s // fn may run again
		old, err := i.replace(tx, &n, now)
		if err != nil {
			return err
		}
		id = n.ID
		if err := silences.Put(tx, &n, now); err != nil {
			return err
		}
		if old != nil { // what both cover stays covered
			if err := i.end(tx, old, now); err != nil {
				return err
			}
		}
		if err := timers.Set(tx, timers.Timer{Kind: TimerSilence, Ref: n.ID, DueAt: n.EndsAt}, now); err != nil {
			return err
		}
		return i.record(tx, event.SilenceSet, &n, now)
	})
	return id, err
}

// replace settles what becomes of the silence that s names, and gives s an id.
// The silence it answers is to be ended once s stands.
func (i *Intake) replace(tx *store.Tx, s *alert.Silence, now time.Time) (ends *alert.Silence, err error) {
	if s.ID != "" {
		old, err := silences.Get(tx, s.ServiceID, s.ID)
		if err != nil {
			return nil, err
		}
		if changeable(old, s, now) {
			return nil, nil
		}
		if old.State(now) != alert.Expired {
			ends = old
		}
	}
	n, err := i.open(tx, s.ServiceID, now)
	if err != nil {
		return nil, err
	}
	if n >= maxSilences+1 || n == maxSilences && ends == nil {
		return nil, fault.New(fault.Refused, "the service has %d silences already", n)
	}
	if s.StartsAt.Before(now) {
		s.StartsAt = now
	}
	s.ID = uuid(tx.NewID(now))
	return ends, nil
}

func changeable(old, s *alert.Silence, now time.Time) bool {
	if !old.SameMatchers(s) {
		return false
	}
	switch old.State(now) {
	case alert.Active:
		return s.StartsAt.Equal(old.StartsAt)
	case alert.Pending:
		return !s.StartsAt.Before(now)
	case alert.Expired:
	}
	return false
}

func (i *Intake) open(tx *store.Tx, service string, now time.Time) (n int, err error) {
	all, err := silences.All(tx)
	for k := range all {
		if all[k].ServiceID == service && all[k].State(now) != alert.Expired {
			n++
		}
	}
	return n, err
}

// EndSilence ends a silence now; one that is over stays so.
func (i *Intake) EndSilence(ctx context.Context, service, id string, now time.Time) error {
	return i.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error {
		s, err := silences.Get(tx, service, id)
		if err != nil || s.State(now) == alert.Expired {
			return err
		}
		return i.end(tx, s, now)
	})
}

// end expires the silence and brings up what it held back.
func (i *Intake) end(tx *store.Tx, s *alert.Silence, now time.Time) error {
	if s.StartsAt.After(now) {
		s.StartsAt = now
	}
	s.EndsAt, s.UpdatedAt = now, now
	if err := silences.Put(tx, s, now); err != nil {
		return err
	}
	return i.ended(tx, s, now)
}

func (i *Intake) ended(tx *store.Tx, s *alert.Silence, now time.Time) error {
	if err := i.record(tx, event.SilenceEnded, s, now); err != nil {
		return err
	}
	return i.sweep(tx, s, genSweep, s.EndsAt.Add(sweepAfter), now)
}

// sweep brings up what is held back and arms the next visit.
func (i *Intake) sweep(tx *store.Tx, s *alert.Silence, gen int64, due, now time.Time) error {
	if err := timers.Set(tx, timers.Timer{Kind: TimerSilence, Ref: s.ID, DueAt: due, Generation: gen}, now); err != nil {
		return err
	}
	return i.wake(tx, s.ServiceID, now)
}

// SilenceEnds is the handler of TimerSilence. It comes three times: at the end;
// a little later, for alerts that were suppressed by a transaction under way at
// the end (nothing is held back for ever, INV-P1); and to forget the silence.
func (i *Intake) SilenceEnds(tx *store.Tx, t timers.Timer, now time.Time) error {
	s, err := silences.Get(tx, "", t.Ref)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	switch {
	case err != nil:
		return err
	case s.State(now) != alert.Expired: // it was prolonged
		return timers.Set(tx, timers.Timer{Kind: TimerSilence, Ref: s.ID, DueAt: s.EndsAt}, now)
	case t.Generation == genEnd:
		return i.ended(tx, s, now)
	case t.Generation == genSweep:
		return i.sweep(tx, s, genForget, s.EndsAt.Add(keepExpired), now)
	}
	return silences.Delete(tx, s.ID)
}

// wake lets the suppressed alerts of a service that no silence covers any more
// do what they would have done when they came.
func (i *Intake) wake(tx *store.Tx, service string, now time.Time) error {
	held, err := alerts.SuppressedOn(tx, service)
	if err != nil || len(held) == 0 {
		return err
	}
	b, err := i.begin(tx, now)
	if err != nil {
		return err
	}
	svc, known := b.cat.Services[service]
	title := service
	if known {
		title = svc.Name
	}
	for _, al := range held {
		var s alert.Signal
		if err := json.Unmarshal([]byte(al.Details), &s); err != nil {
			return fmt.Errorf("read alert %s: %w", al.ID, err)
		}
		by, err := b.holds(service, al, &s, now)
		if err != nil {
			return err
		}
		if by != "" {
			if err := b.sweepLater(service, now); err != nil {
				return err
			}
		}
		if by != "" || !al.Wake(now) {
			continue
		}
		al.Noise.Note("no longer held back by "+al.Noise.HeldBy, now)
		al.Noise.HeldBy = ""
		b.touch(al)
		if err := b.join(al, &s, title, now); err != nil {
			return err
		}
	}
	return b.finish()
}

// Silences lists the silences of a service, compiled.
func (i *Intake) Silences(ctx context.Context, service string) (out []alert.Silence, err error) {
	err = i.db.View(ctx, func(tx *store.Tx) error {
		out, err = i.silencesOf(tx, service)
		return err
	})
	return out, err
}

func (i *Intake) silencesOf(tx *store.Tx, service string) ([]alert.Silence, error) {
	all, err := i.known.load(tx)
	var out []alert.Silence
	for _, s := range all {
		if s.ServiceID == service {
			out = append(out, *s)
		}
	}
	return out, err
}

// Standing lists the alerts of a service that are not resolved, and its
// silences, from one instant.
func (i *Intake) Standing(ctx context.Context, service string) (as []*alert.Alert, sil []alert.Silence, err error) {
	err = i.db.View(ctx, func(tx *store.Tx) error {
		if as, err = alerts.Standing(tx, service, maxStanding); err != nil {
			return err
		}
		hidden, err := incidents.Restricted(tx)
		if err != nil {
			return err
		}
		as = slices.DeleteFunc(as, func(a *alert.Alert) bool {
			return slices.ContainsFunc(hidden, func(i *incident.Incident) bool { return i.ID == a.IncidentID })
		})
		sil, err = i.silencesOf(tx, service)
		return err
	})
	return as, sil, err
}

// StandingOf lists the alerts of a source that are not resolved, those of restricted
// incidents too: it is for the product itself, not for people.
func (i *Intake) StandingOf(ctx context.Context, source string) (as []*alert.Alert, err error) {
	err = i.db.View(ctx, func(tx *store.Tx) error {
		as, err = alerts.StandingOf(tx, source, maxStanding)
		return err
	})
	return as, err
}

func (i *Intake) record(tx *store.Tx, k event.Kind, s *alert.Silence, now time.Time) error {
	conditions := make([]string, len(s.Matchers))
	for n := range s.Matchers {
		conditions[n] = s.Matchers[n].String()
	}
	text := fmt.Sprintf("%s until %s by %q: %s", strings.Join(conditions, ", "), s.EndsAt.UTC().Format(time.RFC3339), s.CreatedBy, s.Comment)
	return i.bus.Emit(tx, now, event.Event{Kind: k, Actor: "source:silences", Source: "hook", Data: event.Data{Text: text, Subject: s.ServiceID, Ref: s.ID}})
}

// silenceCache keeps compiled silences by version, so that a batch compiles
// nothing that has not changed.
type silenceCache struct {
	mu   sync.Mutex
	byID map[string]cachedSilence
}

type cachedSilence struct {
	version int64
	s       *alert.Silence
}

func (c *silenceCache) load(tx *store.Tx) ([]*alert.Silence, error) {
	rows, err := silences.All(tx)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := make(map[string]cachedSilence, len(rows))
	out := make([]*alert.Silence, 0, len(rows))
	for k := range rows {
		r := &rows[k]
		e := c.byID[r.ID]
		// The time of the change is compared too: a rolled back transaction may
		// have shown us a version that was given away again.
		if e.s == nil || e.version != r.Version || !e.s.UpdatedAt.Equal(r.UpdatedAt) || !e.s.EndsAt.Equal(r.EndsAt) {
			if err := r.Compile(); err != nil {
				return nil, fmt.Errorf("read silence %s: %w", r.ID, err)
			}
			e = cachedSilence{version: r.Version, s: &r.Silence}
		}
		fresh[r.ID] = e
		out = append(out, e.s)
	}
	c.byID = fresh
	return out, nil
}

// uuid writes an id as an RFC 9562 version 8 UUID, the form clients of
// Alertmanager expect.
func uuid(id ident.ID) string {
	v := uint64(id)
	return fmt.Sprintf("%08x-%04x-8%03x-8%x00-000000000000", v>>32, v>>16&0xffff, v>>4&0xfff, v&0xf)
}
