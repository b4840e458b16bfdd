package room

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/room"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/rooms"
)

// Notes is one version of an incident's notes.
type Notes = rooms.Notes

// MaxNotes is how long the notes of an incident may be.
const MaxNotes = 256 << 10

// ReadNotes is a version of an incident's notes; 0 is the present one
// (WAR-SCR-NOTES).
func (r *Room) ReadNotes(ctx context.Context, a authz.Actor, number, version int64) (out rooms.Notes, err error) {
	err = r.db.View(ctx, func(tx *store.Tx) error {
		inc, err := r.look(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		if version == 0 {
			out, err = rooms.Latest(tx, inc.ID)
		} else {
			out, err = rooms.Version(tx, inc.ID, version)
		}
		return err
	})
	return out, err
}

// NotesHistory lists the versions before one, newest first, without their text; 0 is
// from the newest.
func (r *Room) NotesHistory(ctx context.Context, a authz.Actor, number, before int64, limit int) (out []rooms.Notes, err error) {
	if before == 0 {
		before = 1<<62 - 1
	}
	err = r.db.View(ctx, func(tx *store.Tx) error {
		inc, err := r.look(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		out, err = rooms.Versions(tx, inc.ID, before, limit)
		return err
	})
	return out, err
}

// quiet is how long somebody writes before the record says so again.
const quiet = 10 * time.Minute

// WriteNotes writes the notes anew, over the version that was read. Where somebody
// wrote in between it is a fault.Conflict and nothing is lost: both versions are
// there, what was written last and what its writer still has.
func (r *Room) WriteNotes(ctx context.Context, a authz.Actor, number, over int64, body string, now time.Time) (out rooms.Notes, err error) {
	if len(body) > MaxNotes {
		return out, fault.New(fault.TooLarge, "the notes have %d bytes, the limit is %d", len(body), MaxNotes)
	}
	err = r.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		found, err := r.look(tx, a, authz.Respond, number)
		if err != nil {
			return err
		}
		inc, err := incidents.Get(tx, found.ID) // one writer at a time
		if err != nil {
			return err
		}
		was, err := rooms.Latest(tx, inc.ID)
		if err != nil {
			return err
		}
		if was.Version != over {
			return fault.New(fault.Conflict, "somebody wrote version %d meanwhile: read it and write again", was.Version)
		}
		if was.Body == body && was.Version > 0 {
			out = was
			return nil
		}
		out = rooms.Notes{Version: over + 1, Author: a.ID, At: now, Body: body}
		ok, err := rooms.Write(tx, inc.ID, out)
		if err == nil && !ok {
			err = fault.New(fault.Conflict, "somebody wrote meanwhile: read it and write again")
		}
		if err != nil || was.Author == a.ID && now.Sub(was.At) < quiet {
			return err
		}
		return r.noted(tx, inc, a, out)
	})
	return out, err
}

func (r *Room) noted(tx *store.Tx, inc *incident.Incident, a authz.Actor, n rooms.Notes) error {
	return r.bus.Emit(tx, n.At, event.Event{
		IncidentID: inc.ID, Kind: event.NotesSaved, Actor: a.ID, Source: a.Via, Restricted: inc.Restricted,
		Data: event.Data{Text: "wrote in the notes", Owner: a.ID, Step: int(n.Version), Phase: string(room.Notes), Number: inc.Number, Clauses: []string{"WAR-SCR-NOTES"}},
	})
}
