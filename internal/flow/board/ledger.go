package board

import (
	"context"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/store/audit"
	"allclear/internal/store/events"
)

// RecordFilter narrows the record; empty fields do not.
type RecordFilter struct {
	Actor, Kind string
	Incident    int64     // number
	From, Until time.Time // when it was written down: from included, until not
	Before      ident.ID  // ids below this one; 0 for the newest
	Limit       int
}

// RecordEntry is an entry and its place among the sealed ones, from 0; -1 while
// it is not sealed.
type RecordEntry struct {
	event.Event
	Position int64
}

// Record lists the record of all incidents and of what happens outside of them,
// newest first, for whoever may read the audit log (fault.Refused for others).
// Of an incident that is not there, it is fault.NotFound. Entries are in the
// order of their ids, so that a list that goes on before its last entry neither
// leaves out nor repeats one.
func (b *Board) Record(ctx context.Context, a authz.Actor, f RecordFilter) (p Page[RecordEntry], err error) {
	if err := authz.Can(a, authz.ReadAudit, authz.Resource{}); err != nil {
		return p, err
	}
	err = b.look(ctx, a, func(s *sight) error {
		want := events.Filter{Actor: f.Actor, Kind: f.Kind, From: f.From, Until: f.Until, Except: s.hidden, Before: f.Before, Limit: f.Limit}
		if f.Incident != 0 {
			i, err := s.incident(f.Incident)
			if err != nil {
				return err
			}
			want.Incident = i.ID
		}
		found, err := events.List(s.tx, want)
		if err != nil {
			return err
		}
		entries, err := s.placed(found)
		if err != nil {
			return err
		}
		p, err = page(s, entries, func(e RecordEntry) ident.ID { return e.IncidentID })
		return err
	})
	return p, err
}

// placed looks up where entries were sealed.
func (s *sight) placed(es []event.Event) ([]RecordEntry, error) {
	ids := make([]ident.ID, len(es))
	for i, e := range es {
		ids[i] = e.ID
	}
	places, err := audit.Positions(s.tx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]RecordEntry, len(es))
	for i, e := range es {
		out[i] = RecordEntry{Event: e, Position: -1}
		if n, ok := places[e.ID]; ok {
			out[i].Position = n
		}
	}
	return out, nil
}
