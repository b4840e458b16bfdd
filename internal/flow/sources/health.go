package sources

import (
	"context"
	"errors"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/plug"
	"allclear/internal/store"
	rows "allclear/internal/store/sources"
)

const (
	// pause is how long what came in is counted in memory alone.
	pause = 5 * time.Second
	// window is what the counts are of.
	window = 24 * time.Hour
	// tidy is how often old counts are forgotten.
	tidy = time.Hour
)

// Health is how a source fares by a key.
type Health struct {
	Source     string
	AcceptedAt time.Time // of the last call that was taken; zero: none
	RefusedAt  time.Time // of the last one that was not
	Reason     string    // why
	Accepted   int64     // calls of the last 24 hours, to the hour
	Refused    int64
}

// and is both together.
func (h Health) and(other Health) Health {
	if other.AcceptedAt.After(h.AcceptedAt) {
		h.AcceptedAt = other.AcceptedAt
	}
	if other.RefusedAt.After(h.RefusedAt) {
		h.RefusedAt, h.Reason = other.RefusedAt, other.Reason
	}
	h.Accepted += other.Accepted
	h.Refused += other.Refused
	return h
}

// place is where is counted.
type place struct {
	key    ident.ID
	source string
}

type tally struct {
	acceptedAt, refusedAt time.Time
	reason                error
	accepted, refused     int64
}

// Count notes what became of a call by a key: nil means that it is durable. What is
// our own failure is neither taken nor refused: the sender comes again. It only
// counts in memory, so that intake waits for nothing; Run writes it down every few
// seconds, and what a crash loses in between is lost.
func (s *Sources) Count(key ident.ID, source string, err error, now time.Time) {
	if err != nil {
		switch fault.KindOf(err) {
		case fault.Invalid, fault.Unauthenticated, fault.Refused, fault.TooLarge, fault.NotFound:
		case fault.Internal, fault.Conflict, fault.Busy, fault.Unavailable:
			return
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	at := place{key, source}
	t := s.fresh[at]
	if t == nil {
		t = &tally{}
		s.fresh[at] = t
	}
	if err == nil {
		t.accepted++
		t.acceptedAt = now
		return
	}
	t.refused++
	t.refusedAt, t.reason = now, err
}

func (t *tally) row(at place) rows.Tally {
	r := rows.Tally{Key: at.key, Source: at.source, AcceptedAt: t.acceptedAt, RefusedAt: t.refusedAt, Accepted: t.accepted, Refused: t.refused}
	if t.reason != nil {
		r.Reason = Reason(t.reason)
	}
	return r
}

// Reason is a refusal in one line.
func Reason(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return plug.Line(err.Error(), plug.MaxSummary)
	}
	var b strings.Builder
	b.WriteString(f.Message)
	for i, d := range f.Details {
		const shown = 5
		if i == shown {
			b.WriteString("; ...")
			break
		}
		b.WriteString("; " + strings.TrimSpace(d.Where+" "+d.What))
	}
	return plug.Line(b.String(), plug.MaxSummary)
}

// Health returns how each source fares, by key. What was not written down yet by
// this node is in it.
func (s *Sources) Health(ctx context.Context, a authz.Actor, now time.Time) (map[ident.ID][]Health, error) {
	if err := authz.Can(a, authz.ManageAccess, authz.Resource{Kind: "integration key"}); err != nil {
		return nil, err
	}
	var kept []rows.Tally
	err := s.db.View(ctx, func(tx *store.Tx) (err error) {
		kept, err = rows.All(tx, now.Add(-window))
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[ident.ID][]Health{}
	for _, t := range append(kept, s.unwritten()...) {
		h := Health{Source: t.Source, AcceptedAt: t.AcceptedAt, RefusedAt: t.RefusedAt, Reason: t.Reason, Accepted: t.Accepted, Refused: t.Refused}
		known := false
		for i, was := range out[t.Key] {
			if was.Source == h.Source {
				out[t.Key][i], known = was.and(h), true
			}
		}
		if !known {
			out[t.Key] = append(out[t.Key], h)
		}
	}
	return out, nil
}

func (s *Sources) unwritten() []rows.Tally {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]rows.Tally, 0, len(s.fresh))
	for at, t := range s.fresh {
		out = append(out, t.row(at))
	}
	return out
}

// Tick writes down what was counted since the last one, and forgets what is older
// than anybody is shown.
func (s *Sources) Tick(ctx context.Context, now time.Time) error {
	s.mu.Lock()
	fresh := s.fresh
	s.fresh = make(map[place]*tally, len(fresh))
	old := now.Sub(s.pruned) >= tidy
	s.mu.Unlock()
	if len(fresh) == 0 && !old {
		return nil
	}
	err := s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		for at, t := range fresh {
			row := t.row(at)
			if err := rows.Add(tx, &row, now); err != nil {
				return err
			}
		}
		if old {
			return rows.Prune(tx, now.Add(-window))
		}
		return nil
	})
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.back(fresh)
		return fault.Wrap(fault.Internal, err, "write down what came in")
	}
	if old {
		s.pruned = now
	}
	return nil
}

// back puts what could not be written to what has come since.
func (s *Sources) back(fresh map[place]*tally) {
	for at, was := range fresh {
		t := s.fresh[at]
		if t == nil {
			s.fresh[at] = was
			continue
		}
		t.accepted += was.accepted
		t.refused += was.refused
		if t.acceptedAt.IsZero() {
			t.acceptedAt = was.acceptedAt
		}
		if t.refusedAt.IsZero() {
			t.refusedAt, t.reason = was.refusedAt, was.reason
		}
	}
}

// Run ticks until ctx ends, and once more.
func (s *Sources) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), pause)
			defer cancel()
			return s.Tick(last, now())
		case <-t.C:
			if err := s.Tick(ctx, now()); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}
