// Package hall owns the routes and shapes of an incident's war room and of its notes.
// It must not decide what a room is, nor know a vendor.
package hall

import (
	"time"

	"allclear/internal/domain/incident"
	"allclear/internal/domain/room"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/room"
)

// WarRoom is where the people of an incident meet.
type WarRoom struct {
	Incident string     `json:"incident" example:"INC-42"`
	Kind     string     `json:"kind" enum:"full,virtual,none" doc:"What the procedure gives the present severity."`
	Page     string     `json:"page,omitempty" doc:"The incident's own page, which is always a room."`
	Bridge   string     `json:"bridge,omitempty" doc:"Telephone number and PIN of a conference that can be dialled."`
	CanCall  bool       `json:"can_call" doc:"Somebody can be called into the telephone conference."`
	Parts    []RoomPart `json:"parts"`
	Notes    NotesState `json:"notes"`
}

// RoomPart is one part of a war room.
type RoomPart struct {
	ID       string         `json:"id"`
	Kind     room.Kind      `json:"kind" enum:"chat,video,notes,physical,breakout,call"`
	Label    string         `json:"label,omitempty" doc:"Of a breakout room: what it is for."`
	State    room.State     `json:"state" enum:"wanted,open,fallback,failed,closing,closed" doc:"fallback: something else serves, and it is tried again where a service is set up. failed: given up."`
	Provider string         `json:"provider,omitempty" doc:"The service that has it."`
	Name     string         `json:"name,omitempty" doc:"What it is called there."`
	URL      string         `json:"url,omitempty"`
	DialIn   []string       `json:"dial_in,omitempty"`
	PIN      string         `json:"pin,omitempty"`
	Note     string         `json:"note,omitempty"`
	Problem  string         `json:"problem,omitempty" doc:"What did not work last."`
	Retry    time.Time      `json:"retry_at,omitzero" doc:"When it is tried again."`
	Instead  *RoomInstead   `json:"instead,omitempty" doc:"What serves meanwhile."`
	Private  bool           `json:"private,omitempty" doc:"Only who is invited may know of it."`
	By       string         `json:"by,omitempty" doc:"Who asked for it; absent: the procedure."`
	WantedAt time.Time      `json:"wanted_at"`
	OpenedAt time.Time      `json:"opened_at,omitzero"`
	ClosedAt time.Time      `json:"closed_at,omitzero"`
	Unknown  []RoomPerson   `json:"unknown,omitempty" doc:"People the service does not know: ask them by another way."`
	Present  []RoomPresence `json:"present,omitempty" doc:"Who is in the meeting, as its service says."`
}

// RoomInstead is what serves while a part cannot be had.
type RoomInstead struct {
	What string `json:"what"`
	URL  string `json:"url,omitempty"`
}

// RoomPerson is somebody of the catalogue.
type RoomPerson struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// RoomPresence is somebody in a meeting.
type RoomPresence struct {
	Name   string    `json:"name"`
	Person string    `json:"person,omitempty" doc:"In the catalogue, when known."`
	Since  time.Time `json:"since"`
}

// NotesState is where the incident's own notes stand.
type NotesState struct {
	Version   int64     `json:"version" doc:"0: nobody has written yet."`
	UpdatedBy string    `json:"updated_by,omitempty"`
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}

// IncidentNotes are the incident's own notes at one version.
type IncidentNotes struct {
	NotesState
	Text string `json:"text" doc:"Markdown."`
}

// NewNotes is the whole of the notes, written anew.
type NewNotes struct {
	Text string `json:"text" maxLength:"262144"`
}

// ReserveRoom asks for a conference room.
type ReserveRoom struct {
	Room string `json:"room,omitempty" maxLength:"64" doc:"Its id; absent: a free one that fits."`
}

// NewBreakout asks for a meeting of one workstream.
type NewBreakout struct {
	Name string `json:"name" minLength:"1" maxLength:"80" doc:"What it is for."`
}

// CallMe asks to be called into the telephone conference.
type CallMe struct {
	Phone string `json:"phone,omitempty" maxLength:"20" doc:"E.164; absent: the caller's own contact for calls."`
}

func warRoomOf(v *flow.View) WarRoom {
	w := WarRoom{
		Incident: incident.Ref(v.Number), Kind: v.WarRoom, Page: v.Page, Bridge: v.Bridge, CanCall: v.CanCall, Notes: stateOf(v.Notes),
		Parts: wire.Each(v.Parts, func(p *room.Part) RoomPart { return partOf(p, v) }),
	}
	if w.Kind == "" {
		w.Kind = "none"
	}
	return w
}

func partOf(p *room.Part, v *flow.View) RoomPart {
	out := RoomPart{
		ID: p.ID.String(), Kind: p.Kind, State: p.State, Name: p.Called, URL: p.URL, DialIn: p.DialIn, PIN: p.PIN, Note: p.Note,
		Problem: p.Problem, Private: p.Private, By: p.By, WantedAt: p.WantedAt, OpenedAt: p.OpenedAt, ClosedAt: p.ClosedAt,
		Unknown: wire.Each(p.Unknown, func(id string) RoomPerson { return RoomPerson{ID: id, Name: v.Person(id)} }),
		Present: wire.Each(p.Present, func(s room.Presence) RoomPresence { return RoomPresence(s) }),
	}
	if p.Provider != "" {
		out.Provider = v.Title(p.Provider)
	}
	if p.Kind == room.Breakout {
		out.Label = p.Label
	}
	if p.State == room.Fallback || p.State == room.Open && p.Problem != "" {
		out.Retry = p.DueAt
	}
	if p.Instead != nil {
		out.Instead = &RoomInstead{What: p.Instead.What, URL: p.Instead.URL}
	}
	return out
}

func stateOf(n flow.Notes) NotesState {
	return NotesState{Version: n.Version, UpdatedBy: n.Author, UpdatedAt: n.At}
}

func notesOf(n flow.Notes) IncidentNotes { return IncidentNotes{NotesState: stateOf(n), Text: n.Body} }
