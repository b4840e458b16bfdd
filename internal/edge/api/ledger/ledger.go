// Package ledger owns how the audit log looks on the wire: the record over all
// incidents, its newest checkpoint and what verifying it finds. It holds no rules
// and must not register routes; internal/edge/api does that.
package ledger

import (
	"context"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/audit"
	"allclear/internal/flow/board"
)

// Desk answers the routes.
type Desk struct {
	Board *board.Board
	Audit *audit.Audit
	Key   note.Verifier // of this installation's checkpoints
}

// Answer is an answer that is one document.
type Answer[T any] struct{ Body T }

// AuditEntry is an entry of the record with its seal.
type AuditEntry struct {
	record.TimelineEntry
	Incident string `json:"incident,omitempty" example:"INC-42" doc:"Absent: it happened outside of incidents."`
	Sealed   bool   `json:"sealed"`
	Position int64  `json:"position" doc:"Its place among the sealed entries, from 0; -1 while it is not sealed, at most a minute."`
}

// AuditPage is one page of the record.
type AuditPage struct {
	Items      []AuditEntry `json:"items"`
	NextCursor string       `json:"next_cursor" doc:"Give it as cursor for the next page; empty on the last."`
}

// ListInput narrows the record.
type ListInput struct {
	Limit    int              `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
	Cursor   string           `query:"cursor" maxLength:"400" doc:"next_cursor of the page before."`
	Actor    string           `query:"actor" maxLength:"200" doc:"Who did it: a person, allclear, token:NAME or source:NAME."`
	Kind     record.EventKind `query:"kind"`
	Incident string           `query:"incident" maxLength:"40" doc:"INC-42 or 42."`
	From     time.Time        `query:"from" doc:"Written down then or later (recorded_at)."`
	Until    time.Time        `query:"until" doc:"Written down before then."`
}

// List lists the record, newest first.
func (d *Desk) List(ctx context.Context, a authz.Actor, _ time.Time, in *ListInput) (*Answer[AuditPage], error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	f.Limit++ // one more says whether there is another page
	p, err := d.Board.Record(ctx, a, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(p.Items) > in.Limit {
		p.Items = p.Items[:in.Limit]
		next = p.Items[in.Limit-1].ID.String()
	}
	return &Answer[AuditPage]{Body: AuditPage{NextCursor: next, Items: wire.Each(p.Items, func(e board.RecordEntry) AuditEntry {
		return AuditEntry{
			TimelineEntry: record.EntryOf(e.Event, p.Names), Incident: p.Numbers.Ref(e.IncidentID), Sealed: e.Position >= 0, Position: e.Position,
		}
	})}}, nil
}

func (in *ListInput) filter() (f board.RecordFilter, err error) {
	f = board.RecordFilter{Actor: in.Actor, Kind: string(in.Kind), From: in.From, Until: in.Until, Limit: in.Limit}
	if in.Cursor != "" {
		if f.Before, err = ident.Parse(in.Cursor); err != nil {
			return f, wrong("cursor", "not a cursor of this list")
		}
	}
	if !in.Until.IsZero() && !in.Until.After(in.From) {
		return f, wrong("until", "not after from")
	}
	if in.Incident != "" {
		f.Incident, err = record.ParseNumber(in.Incident)
	}
	return f, err
}

func wrong(parameter, what string) error {
	return fault.New(fault.Invalid, "validation failed").With("query."+parameter, what)
}
