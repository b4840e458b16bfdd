package procedure

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/recur"
)

// WarRoom says who works in the room and what is theirs to do (WAR-*).
type WarRoom struct {
	Invitation string     `yaml:"invitation_text" json:"invitation_text"` // notice to the teams of services that are found to be touched
	Brief      Brief      `yaml:"brief" json:"brief"`
	Roles      []RoomRole `yaml:"roles" json:"roles"`
}

// Brief says who is told where an incident stands, in the commander's words
// (WAR-IC-EXEC).
type Brief struct {
	To         []string `yaml:"to" json:"to"`                           // targets
	Text       string   `yaml:"text" json:"text"`                       // notice; {{reason}} is what the commander wrote
	Restricted string   `yaml:"restricted_text" json:"restricted_text"` // of a restricted incident, without what was written
}

// RoomRole is one role of the war room, held by one person at a time.
type RoomRole struct {
	ID     string `yaml:"id" json:"id"`
	Title  string `yaml:"title" json:"title"`
	Duties []Duty `yaml:"duties" json:"duties"`
}

// Duty is one thing the holder of a role does.
type Duty struct {
	Clause string `yaml:"clause" json:"clause,omitempty"`
	Text   string `yaml:"text" json:"text"`
}

// Aftermath says how a resolved P1 or P2 is watched for its return.
type Aftermath struct {
	Clauses []string   `yaml:"clauses" json:"clauses,omitempty"`
	Watch   recur.Span `yaml:"watch" json:"watch"`     // after resolution, elapsed
	Tickets int        `yaml:"tickets" json:"tickets"` // so many related tickets suggest to reopen
	Text    string     `yaml:"text" json:"text"`       // of the notice that suggests it
	To      []string   `yaml:"to" json:"to"`           // targets
}

// RoomRoles are the roles that the software knows; each may be described once.
var RoomRoles = []string{"incident_commander", "technical_lead", "customer_communications_lead", "scribe"}

// RoomRole returns the description of a role.
func (p *Procedure) RoomRole(id string) (RoomRole, bool) {
	if p.WarRoom == nil {
		return RoomRole{}, false
	}
	for _, r := range p.WarRoom.Roles {
		if r.ID == id {
			return r, true
		}
	}
	return RoomRole{}, false
}

// maxWatch bounds how long a resolved incident is watched.
const maxWatch = 14 * 24 * time.Hour

func (c *checker) warRoom() {
	w := c.p.WarRoom
	if w == nil {
		return
	}
	c.text("war_room.invitation_text", w.Invitation, usedNotice)
	c.text("war_room.brief.text", w.Brief.Text, usedNotice)
	c.text("war_room.brief.restricted_text", w.Brief.Restricted, usedNotice)
	if len(w.Brief.To) == 0 {
		c.err("nobody", "war_room.brief.to", "Name targets such as role:executive.", "nobody is told where an incident stands")
	}
	for i, t := range w.Brief.To {
		c.target(fmt.Sprintf("war_room.brief.to[%d]", i), t)
	}
	seen := map[string]bool{}
	for i, r := range w.Roles {
		path := fmt.Sprintf("war_room.roles[%d]", i)
		c.word(path+".id", "unknown-word", "role of the war room", r.ID, RoomRoles)
		if seen[r.ID] {
			c.err("twice", path+".id", "Describe each role once.", "the role %q is described twice", r.ID)
		}
		seen[r.ID] = true
		if r.Title == "" {
			c.err("missing", path+".title", "Write what people call the role.", "the role %q has no title", r.ID)
		}
		for k, d := range r.Duties {
			at := fmt.Sprintf("%s.duties[%d]", path, k)
			if d.Text == "" {
				c.err("missing", at+".text", "Write what its holder does.", "a duty of %q says nothing", r.ID)
			}
			if d.Clause != "" {
				c.clauses(at+".clause", []string{d.Clause})
			}
		}
	}
	for _, id := range RoomRoles {
		if !seen[id] {
			c.warn("nobody", "war_room.roles", "Add it with its duties.", "the role %q has no duties to show to its holder", id)
		}
	}
}

func (c *checker) aftermath() {
	a := c.p.Aftermath
	if a == nil {
		return
	}
	c.clauses("aftermath.clauses", a.Clauses)
	c.text("aftermath.text", a.Text, usedNotice)
	if e := a.Watch.Elapsed(); a.Watch.Business() || e <= 0 || e > maxWatch {
		c.err("bad-span", "aftermath.watch", "Count elapsed time up to 14d, such as 24h.", "a resolved incident cannot be watched for %q", a.Watch)
	}
	if a.Tickets < 1 || a.Tickets > 1000 {
		c.err("bad-number", "aftermath.tickets", "Give 1 to 1000.", "%d tickets suggest nothing", a.Tickets)
	}
	if len(a.To) == 0 {
		c.err("nobody", "aftermath.to", "Name targets such as commander.", "nobody is told that an incident may be back")
	}
	for i, t := range a.To {
		c.target(fmt.Sprintf("aftermath.to[%d]", i), t)
	}
}

func (w *page) warRoom(p *Procedure) {
	if r := p.WarRoom; r != nil {
		w.heading("The war room")
		for _, role := range r.Roles {
			w.line("- %s", role.Title)
			for _, d := range role.Duties {
				w.line("  - %s %s", d.Text, slices.DeleteFunc([]string{d.Clause}, func(s string) bool { return s == "" }))
			}
		}
	}
	if a := p.Aftermath; a != nil {
		w.heading("After the all-clear")
		w.line("For %s after resolution, alerts and tickets that may belong to it are linked to it. %d tickets suggest to %v that it is back. %s", short(a.Watch), a.Tickets, a.To, a.Clauses)
	}
}
