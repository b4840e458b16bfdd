// Package review owns how an incident is looked back on: cause and factors, what
// it meant, the formal meeting with its agenda, and what must be there before the
// review is signed off (PIR-*). It is pure: flows gather, persist and tell. It must
// not know pages, messages or clocks.
package review

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
)

// State is where a review stands.
type State string

// The states of a review. Ready is an open one in which nothing is missing.
const (
	Open   State = "open"
	Ready  State = "ready"
	Signed State = "signed_off"
)

// What the procedure asks of a severity.
const (
	Required  = "required"
	Optional  = "optional"
	NotNeeded = "none"
)

// Review is the look back on one incident. Times are UTC; zero: not yet.
type Review struct {
	ID         ident.ID
	IncidentID ident.ID
	OpenedAt   time.Time
	SignedAt   time.Time
	Record
}

// Record is what is kept of a review beside its times.
type Record struct {
	Owner     string                `json:"owner"` // person; empty: nobody commands yet
	OpenedBy  string                `json:"opened_by"`
	Signed    string                `json:"signed_by,omitempty"`
	Cause     Cause                 `json:"cause,omitzero"`
	Factors   []Factor              `json:"factors,omitempty"`
	NoFactors string                `json:"no_factors,omitempty"` // why there are none
	Lessons   []Line                `json:"lessons,omitempty"`
	WentWell  []Line                `json:"went_well,omitempty"`
	Feedback  []Feedback            `json:"feedback,omitempty"`
	Timeline  Checked               `json:"timeline,omitzero"`
	Impact    map[string]Assessment `json:"impact,omitempty"` // by Parts
	Rating    Rating                `json:"rating,omitzero"`  // of communication
	Agenda    map[string]Minutes    `json:"agenda,omitempty"` // by item
	Meeting   Meeting               `json:"meeting,omitzero"`
	FollowUp  FollowUp              `json:"follow_up,omitzero"`
	Guests    []Guest               `json:"guests,omitempty"`
	Left      []string              `json:"left,omitempty"`   // people who are not asked, although the procedure names them
	Others    []string              `json:"others,omitempty"` // and who is asked besides
	Ideas     []Idea                `json:"ideas,omitempty"`  // recommendations for the process
	NoActions string                `json:"no_actions,omitempty"`
	Rounds    []Round               `json:"rounds,omitempty"` // looks back that a reopened incident made void
}

// Cause is the technical root cause.
type Cause struct {
	Text        string    `json:"text"`
	Category    string    `json:"category"`         // see Categories
	Method      string    `json:"method,omitempty"` // how it was validated
	By          string    `json:"by,omitempty"`
	At          time.Time `json:"at,omitzero"`
	ValidatedBy string    `json:"validated_by,omitempty"`
	ValidatedAt time.Time `json:"validated_at,omitzero"` // zero: preliminary
}

// Valid reports whether the cause has been validated.
func (c Cause) Valid() bool { return !c.ValidatedAt.IsZero() }

// Categories of root causes.
var Categories = []string{"change", "software", "configuration", "capacity", "hardware", "network", "data", "third_party", "security", "process", "unknown"}

// Factor is a failure of process or something else that contributed.
type Factor struct {
	Sort string    `json:"sort"` // see FactorSorts
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// FactorSorts are what a factor can lie in.
var FactorSorts = []string{"process", "people", "tool", "communication"}

// Line is something that somebody wrote down.
type Line struct {
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// Feedback is what a responder or stakeholder says about the response.
type Feedback struct {
	From   string    `json:"from"`             // person
	Rating int       `json:"rating,omitempty"` // 1 to 5; 0: none given
	Good   string    `json:"went_well,omitempty"`
	Bad    string    `json:"to_improve,omitempty"`
	At     time.Time `json:"at"`
}

// Checked says that somebody went through the timeline.
type Checked struct {
	By   string    `json:"by,omitempty"`
	At   time.Time `json:"at,omitzero"`
	Note string    `json:"note,omitempty"` // what is to say about gaps
}

// Parts of the impact that are assessed one by one (PIR-IMM-IMP-1 to 4).
var Parts = []string{"customers", "financial", "technical", "reputation"}

// Assessment is what somebody says about one part of the impact.
type Assessment struct {
	Text string    `json:"text"`
	By   string    `json:"by"`
	At   time.Time `json:"at"`
}

// Rating is how well communication worked.
type Rating struct {
	Stars int       `json:"stars,omitempty"` // 1 to 5
	Text  string    `json:"text,omitempty"`
	By    string    `json:"by,omitempty"`
	At    time.Time `json:"at,omitzero"`
}

// Minutes are what was said and decided on one item of the agenda.
type Minutes struct {
	Notes   string    `json:"notes,omitempty"`
	Decided string    `json:"decided,omitempty"`
	Took    int       `json:"minutes,omitempty"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Covered reports whether the item was talked about.
func (m Minutes) Covered() bool { return m.Notes != "" || m.Decided != "" }

// Idea is a recommendation for the process; it may become an action item, and
// knows which (PIR-A-6).
type Idea struct {
	ID     ident.ID  `json:"id"`
	Text   string    `json:"text"`
	By     string    `json:"by"`
	At     time.Time `json:"at"`
	Action ident.ID  `json:"action,omitempty"`
}

// FollowUp is when and with whom it is looked at again (PIR-A-7).
type FollowUp struct {
	At    time.Time `json:"at,omitzero"`
	Owner string    `json:"owner,omitempty"`
	By    string    `json:"by,omitempty"`
}

// Guest is somebody outside who is asked to the meeting by mail and sees nothing
// of the product (PIR-P-EXT).
type Guest struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Of    string `json:"of,omitempty"` // vendor or company
}

// Round is a look back that was made void because the incident came back.
type Round struct {
	ReopenedAt time.Time             `json:"reopened_at"`
	ResolvedAt time.Time             `json:"resolved_at,omitzero"`
	SignedAt   time.Time             `json:"signed_at,omitzero"`
	SignedBy   string                `json:"signed_by,omitempty"`
	Cause      Cause                 `json:"cause,omitzero"`
	Meeting    Meeting               `json:"meeting,omitzero"`
	Agenda     map[string]Minutes    `json:"agenda,omitempty"`
	Impact     map[string]Assessment `json:"impact,omitempty"`
}

// Limits of what is kept.
const (
	maxText  = 10_000 // characters
	maxLines = 200
)

// closed refuses a change of a review that is signed off.
func (r *Review) closed() error {
	if r.SignedAt.IsZero() {
		return nil
	}
	return fault.New(fault.Conflict, "the review was signed off and stays as it is")
}

func invalid(field, what string) error {
	return fault.New(fault.Invalid, "validation failed").With("body."+field, what)
}

// text checks something that somebody writes.
func text(field, s string, needed bool) error {
	switch {
	case needed && strings.TrimSpace(s) == "":
		return invalid(field, "write something")
	case utf8.RuneCountInString(s) > maxText:
		return invalid(field, "at most 10,000 characters")
	}
	return nil
}

// Duty is what the procedure asks of an incident by the highest severity it held.
func Duty(p *procedure.Procedure, highest procedure.Severity) string {
	if p == nil || p.Review == nil {
		return NotNeeded
	}
	switch d := p.Severities[highest.String()].Review; d {
	case Required, Optional:
		return d
	}
	return NotNeeded
}

// Reopen makes the look back void, because the incident came back: what was found
// stays in the history, and what was said of factors, lessons and actions stands.
func (r *Review) Reopen(resolved, now time.Time) {
	r.Rounds = append(r.Rounds, Round{ReopenedAt: now, ResolvedAt: resolved, SignedAt: r.SignedAt, SignedBy: r.Signed, Cause: r.Cause, Meeting: r.Meeting, Agenda: r.Agenda, Impact: r.Impact})
	r.SignedAt, r.Signed = time.Time{}, ""
	r.Cause.ValidatedAt, r.Cause.ValidatedBy = time.Time{}, ""
	r.Meeting, r.Agenda, r.Impact, r.Timeline, r.Rating = Meeting{Revision: r.Meeting.Revision}, nil, nil, Checked{}, Rating{}
}

// item is one of the agenda of the procedure.
func item(p *procedure.Review, id string) bool {
	return p != nil && slices.ContainsFunc(p.Agenda, func(a procedure.AgendaItem) bool { return a.ID == id })
}
