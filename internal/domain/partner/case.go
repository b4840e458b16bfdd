// Package partner owns what becomes of a case with an outside partner: from the
// wish to ask it to its answer, whether an interface opens it or a person does. It
// must not know how a partner is reached.
package partner

import (
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Kind is what is asked of a partner.
type Kind string

// The kinds.
const (
	Support    Kind = "support"    // help with an outage
	Scan       Kind = "scan"       // a scan of vulnerabilities, whose result is the answer
	Engagement Kind = "engagement" // counsel or consulting, with a time by which it is engaged
)

// Kinds lists the kinds.
var Kinds = []Kind{Support, Scan, Engagement}

// State is how far a case is.
type State string

// The states. A case that nobody can open by an interface is to be opened by a
// person; one whose interface fails becomes such a case.
const (
	Asked     State = "asked"   // its desk is opening it
	ToOpen    State = "to_open" // a person has to open it
	Open      State = "open"
	Closed    State = "closed"
	Cancelled State = "cancelled"
)

// Standing reports whether something is still to come of it.
func (s State) Standing() bool { return s == Asked || s == ToOpen || s == Open }

// Note is what somebody wrote down about a case.
type Note struct {
	At         time.Time `json:"at"`
	By         string    `json:"by"`
	Text       string    `json:"text"`
	Privileged bool      `json:"privileged,omitempty"` // for counsel and who is privy to it
}

// Record is what is known of a case.
type Record struct {
	Subject string            `json:"subject"`
	Text    string            `json:"text,omitempty"`    // what was asked
	Urgency string            `json:"urgency,omitempty"` // P1 to P4
	Desk    string            `json:"desk,omitempty"`    // integration that opens it; none: a person
	Params  map[string]string `json:"params,omitempty"`  // for the desk
	Ref     string            `json:"ref,omitempty"`     // by which the desk knows it
	Number  string            `json:"number,omitempty"`  // by which people know it
	Link    string            `json:"link,omitempty"`
	Told    string            `json:"told,omitempty"`    // its state in the partner's words
	Result  string            `json:"result,omitempty"`  // what came of it
	Problem string            `json:"problem,omitempty"` // why the desk could not open it or tell of it
	Reason  string            `json:"reason,omitempty"`  // of its end
	By      string            `json:"by"`                // who asked
	At      time.Time         `json:"at"`
	OpenBy  string            `json:"open_by,omitempty"`
	OpenAt  time.Time         `json:"open_at,omitzero"`
	EndBy   string            `json:"end_by,omitempty"`
	EndAt   time.Time         `json:"end_at,omitzero"`
	DueAt   time.Time         `json:"due_at,omitzero"`  // by when it must be open
	LateAt  time.Time         `json:"late_at,omitzero"` // when it was found not to be
	Notes   []Note            `json:"notes,omitempty"`
}

// Case is one case with a partner.
type Case struct {
	ID       ident.ID
	Incident ident.ID
	Partner  string // of the catalogue
	Kind     Kind
	State    State
	LookAt   time.Time // when its desk is asked how it is; zero: never
	Record
}

// MaxNotes bounds the notes of a case.
const MaxNotes = 200

func wrong(c *Case, what string) error {
	return fault.New(fault.Conflict, "the case is %s: %s", strings.ReplaceAll(string(c.State), "_", " "), what)
}

// Opened notes that there is a case now, whoever opened it. A desk may tell of it
// after somebody has cancelled the wish: then it stands nevertheless.
func (c *Case) Opened(by, ref, number, link string, now time.Time) error {
	if c.State == Open && ref == "" { // a person corrects the number
		c.Number, c.Link = number, link
		return nil
	}
	if c.State == Open || c.State == Closed || c.State == Cancelled && ref == "" {
		return wrong(c, "it cannot be opened")
	}
	c.State, c.Problem, c.Reason, c.EndBy, c.EndAt = Open, "", "", "", time.Time{}
	c.Ref, c.Number, c.Link, c.OpenBy, c.OpenAt = ref, number, link, by, now
	return nil
}

// Refused notes that the desk cannot open it. final: nor ever will; a person has to.
func (c *Case) Refused(problem string, final bool) {
	if c.State != Asked {
		return
	}
	if c.Problem = problem; final {
		c.State = ToOpen
	}
}

// Heard is what a desk says of an open case.
type Heard struct {
	Number, Link string
	Told         string // its state in the partner's words
	Result       string // what came of it
	Over         bool
}

// Hear takes in what the desk says and reports whether that is news.
func (c *Case) Hear(h Heard, now time.Time) (news bool) {
	if c.State != Open {
		return false
	}
	was := [5]string{c.Number, c.Link, c.Told, c.Result, c.Problem}
	if h.Number != "" {
		c.Number = h.Number
	}
	if h.Link != "" {
		c.Link = h.Link
	}
	c.Told, c.Problem = h.Told, ""
	if h.Result != "" {
		c.Result = h.Result
	}
	if h.Over {
		c.State, c.EndBy, c.EndAt, c.LookAt = Closed, c.Partner, now, time.Time{}
	}
	return h.Over || was != [5]string{c.Number, c.Link, c.Told, c.Result, c.Problem}
}

// Close ends an open case; the reason is what came of it.
func (c *Case) Close(by, reason string, now time.Time) error {
	if c.State != Open {
		return wrong(c, "only an open one is closed; cancel a wish")
	}
	c.State, c.Reason, c.EndBy, c.EndAt, c.LookAt = Closed, reason, by, now, time.Time{}
	return nil
}

// Cancel takes the wish back before there is a case.
func (c *Case) Cancel(by, reason string, now time.Time) error {
	if c.State != Asked && c.State != ToOpen {
		return wrong(c, "only one that is not open yet is cancelled")
	}
	c.State, c.Reason, c.EndBy, c.EndAt = Cancelled, reason, by, now
	return nil
}

// Noted adds a note.
func (c *Case) Noted(n Note) error {
	if len(c.Notes) >= MaxNotes {
		return wrong(c, "it has as many notes as it may have")
	}
	c.Notes = append(c.Notes, n)
	return nil
}

// For is the case as somebody may see it who is privy to what is privileged, or not.
func (c *Case) For(person string, privy bool) Case {
	out := *c
	out.Notes = nil
	for _, n := range c.Notes {
		if privy || !n.Privileged || n.By == person {
			out.Notes = append(out.Notes, n)
		}
	}
	return out
}
