// Package room owns the war room of an incident: which parts a severity gets, what
// they are called, the life of each part, and the words that go into it. It must
// not know any vendor, store anything or call anybody.
package room

import (
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
)

// Kind names a part of a war room.
type Kind string

// The parts.
const (
	Chat     Kind = "chat"     // a channel of the incident
	Video    Kind = "video"    // a meeting whose link stays
	Notes    Kind = "notes"    // a shared document
	Physical Kind = "physical" // a conference room
	Breakout Kind = "breakout" // a meeting of one workstream
	Call     Kind = "call"     // one call that brings somebody into the conference
)

// Kinds lists the parts in the order in which they are shown.
var Kinds = []Kind{Chat, Video, Notes, Physical, Breakout, Call}

// State is where a part is in its life.
type State string

// The states of a part.
//
//	wanted -> open -> closing -> closed
//	   |        ^
//	   v        |
//	fallback ---+--> failed -> wanted (a person asks again)
const (
	Wanted   State = "wanted"   // somebody opens it as soon as possible
	Open     State = "open"     // it can be used
	Fallback State = "fallback" // something else serves while it is tried again, or instead of it
	Failed   State = "failed"   // given up; the fallback stays
	Closing  State = "closing"
	Closed   State = "closed"
)

// States lists the states.
var States = []State{Wanted, Open, Fallback, Failed, Closing, Closed}

// Instead is what serves while a part cannot be had.
type Instead struct {
	What string `json:"what"`          // in words: "the incident's own page"
	URL  string `json:"url,omitempty"` // where; empty for a telephone number
}

// Line is something that is still to be said in a channel.
type Line struct {
	Key  string `json:"key"`
	Text string `json:"text"`
}

// Presence is somebody in a meeting.
type Presence struct {
	Name   string    `json:"name"`
	Person string    `json:"person,omitempty"` // in the catalogue, when known
	Since  time.Time `json:"since"`
}

// Part is one part of a war room, as it is wished for and as it is.
type Part struct {
	ID         ident.ID  `json:"-"`
	IncidentID ident.ID  `json:"-"`
	Kind       Kind      `json:"-"`
	Label      string    `json:"-"` // tells parts of one kind apart: a workstream, a person; empty mostly
	State      State     `json:"-"`
	Provider   string    `json:"-"` // the plug-in that has it; empty: none has
	Ref        string    `json:"-"` // its id there
	DueAt      time.Time `json:"-"` // when something is to be done; zero: nothing is
	Fence      int64     `json:"-"` // of the one that does it

	Name    string `json:"name,omitempty"`  // wished for
	Title   string `json:"title,omitempty"` // for people; neutral where the incident is restricted
	Private bool   `json:"private,omitempty"`
	By      string `json:"by,omitempty"` // who asked for it
	Place   string `json:"place,omitempty"`
	Person  string `json:"person,omitempty"` // who is called
	Number  string `json:"number,omitempty"` // the telephone that rings

	Called string   `json:"called,omitempty"` // its name as it was given
	URL    string   `json:"url,omitempty"`
	DialIn []string `json:"dial_in,omitempty"`
	PIN    string   `json:"pin,omitempty"`
	Note   string   `json:"note,omitempty"`

	WantedAt time.Time `json:"wanted_at,omitzero"`
	OpenedAt time.Time `json:"opened_at,omitzero"`
	ClosedAt time.Time `json:"closed_at,omitzero"`

	Attempts int       `json:"attempts,omitempty"` // failed ones in a row
	Problem  string    `json:"problem,omitempty"`  // of the last one, in words that can be shown
	FailedAt time.Time `json:"failed_at,omitzero"` // the first of them
	Rests    bool      `json:"rests,omitempty"`    // it is open and what failed is not tried again before something new happens
	Instead  *Instead  `json:"instead,omitempty"`

	Topic   string     `json:"topic,omitempty"`   // as it was set
	Pinned  string     `json:"pinned,omitempty"`  // how to change what is pinned
	Shown   string     `json:"shown,omitempty"`   // hash of what is pinned
	Invited []string   `json:"invited,omitempty"` // people who were let in
	Unknown []string   `json:"unknown,omitempty"` // people the vendor does not know
	Lines   []Line     `json:"lines,omitempty"`   // still to be said
	Synced  ident.ID   `json:"synced,omitempty"`  // the last entry of the record that is in the document
	Unsure  bool       `json:"unsure,omitempty"`  // what was written last may stand there
	Busy    bool       `json:"busy,omitempty"`    // a turn is under way, or was lost
	Neutral string     `json:"neutral,omitempty"` // the name it gets when it ends, so that it tells nothing
	Present []Presence `json:"present,omitempty"`
}

// Live reports whether the part is, or may yet be, of use.
func (p *Part) Live() bool {
	return p.State == Wanted || p.State == Open || p.State == Fallback || p.State == Failed
}

// Parts are those a severity gets by the procedure's word for its war room
// (WAR-SCOPE, reading 16).
func Parts(warRoom string) []Kind {
	switch warRoom {
	case "full":
		return []Kind{Chat, Video, Notes, Physical}
	case "virtual":
		return []Kind{Chat, Video, Notes}
	}
	return nil
}

// For are the parts the incident has by itself now.
func For(inc *incident.Incident, proc *procedure.Procedure) []Kind {
	if !inc.Declared || !inc.Holds(procedure.Unresolved) {
		return nil
	}
	return Parts(proc.Severities[inc.Severity.String()].WarRoom)
}

// Has reports whether the incident may have a war room at all.
func Has(inc *incident.Incident, proc *procedure.Procedure) bool { return len(For(inc, proc)) > 0 }

// Moment is what is reached when a part of the kind is open; tasks that wait for it
// are done.
func Moment(k Kind) string {
	switch k {
	case Chat:
		return "channel_opened"
	case Video:
		return "video_opened"
	case Notes:
		return "notes_opened"
	case Physical:
		return "room_reserved"
	case Breakout, Call:
	}
	return ""
}

// Clauses are those a part answers.
func Clauses(k Kind) []string {
	switch k {
	case Chat:
		return []string{"RSP-S3-CHAN", "WAR-VIRT-SLACK"}
	case Video:
		return []string{"WAR-VIRT-ZOOM"}
	case Notes:
		return []string{"WAR-VIRT-DOC"}
	case Physical:
		return []string{"WAR-PHY-ROOM"}
	case Breakout:
		return []string{"COM-INT-VIDEO"}
	case Call:
		return []string{"WAR-PHY-PHONE"}
	}
	return nil
}

// Title is what a kind is called in a sentence.
func (k Kind) Title() string {
	switch k {
	case Chat:
		return "chat channel"
	case Video:
		return "video room"
	case Notes:
		return "shared document"
	case Physical:
		return "conference room"
	case Breakout:
		return "breakout room"
	case Call:
		return "call"
	}
	return string(k)
}

// Missing are those of who that are not let in yet and that the vendor may know.
func (p *Part) Missing(who []string) []string {
	return slices.DeleteFunc(slices.Clone(who), func(id string) bool {
		return slices.Contains(p.Invited, id) || slices.Contains(p.Unknown, id)
	})
}

// maxLines bounds what waits to be said while a vendor is away.
const maxLines = 200

// Say adds a line; the oldest go where too many wait.
func (p *Part) Say(key, text string) {
	if text == "" || slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Key == key }) {
		return
	}
	p.Lines = append(p.Lines, Line{Key: key, Text: text})
	if n := len(p.Lines) - maxLines; n > 0 {
		p.Lines = slices.Delete(p.Lines, 0, n)
	}
}

// Said takes out what has been said.
func (p *Part) Said(keys []string) {
	p.Lines = slices.DeleteFunc(p.Lines, func(l Line) bool { return slices.Contains(keys, l.Key) })
}

// See notes that somebody entered or left a meeting; it reports whether that is
// news.
func (p *Part) See(name, person string, present bool, at time.Time) bool {
	i := slices.IndexFunc(p.Present, func(o Presence) bool { return o.Name == name && o.Person == person })
	switch {
	case present == (i >= 0):
		return false
	case present:
		p.Present = append(p.Present, Presence{Name: name, Person: person, Since: at})
	default:
		p.Present = slices.Delete(p.Present, i, i+1)
	}
	return true
}
