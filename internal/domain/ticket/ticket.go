// Package ticket owns what a customer's ticket elsewhere means here: what its
// words are taken for, in which queue it waits, and that neither is ever lowered
// by itself. It must not read payloads, hold state or page anybody.
package ticket

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/procedure"
)

// The queues.
const (
	Urgent = "urgent"
	Normal = "normal"
)

// State is where a ticket stands here.
type State string

// The states of a ticket.
const (
	Waiting   State = "waiting"   // in its queue
	Raised    State = "raised"    // it has an alert, and somebody was paged
	Dismissed State = "dismissed" // a person took it from its queue
	Solved    State = "solved"    // where it comes from
)

// What a ticket keeps; longer texts are cut.
const (
	MaxSubject = 300
	MaxText    = 16_000
	MaxWord    = 300
	MaxTags    = 100
	maxEvents  = 30 // remembered, to know one again
)

// Report is what a source says of a ticket at one moment. What it does not say
// is empty and changes nothing.
type Report struct {
	Source     string // the adapter: zendesk ...
	ExternalID string
	Event      string // the source's id of the event: one that comes twice has no new effect
	URL        string
	Subject    string
	Text       string // as the customer opened it
	Comment    string // the latest public one of a customer
	Status     string // the source's word
	Ended      bool   // by that word
	Priority   string // urgent, high, normal or low
	Tags       []string
	Name       string    // of the requester
	Email      string    // of the requester
	OpenedAt   time.Time // where it comes from
	Customer   []string  // what may name the customer: id, code or name of the organisation
}

// Ticket is a ticket elsewhere, as we know it.
type Ticket struct {
	ID         ident.ID  `json:"-"`
	Source     string    `json:"-"`
	ExternalID string    `json:"-"`
	ServiceID  string    `json:"-"`
	CustomerID string    `json:"-"`
	Queue      string    `json:"-"`
	State      State     `json:"-"`
	IncidentID ident.ID  `json:"-"`
	CreatedAt  time.Time `json:"-"`
	UpdatedAt  time.Time `json:"-"`
	Version    int64     `json:"-"` // of what is written back
	Written    int64     `json:"-"` // the version the source has

	Subject    string             `json:"subject"`
	URL        string             `json:"url,omitempty"`
	Text       string             `json:"text,omitempty"`
	Comment    string             `json:"comment,omitempty"`
	Status     string             `json:"status,omitempty"`
	Priority   string             `json:"priority,omitempty"`
	Tags       []string           `json:"tags,omitempty"`
	Name       string             `json:"name,omitempty"`
	Email      string             `json:"email,omitempty"`
	Sort       string             `json:"sort"`
	Severity   procedure.Severity `json:"severity"`
	Confidence float64            `json:"confidence"`
	Reasons    []string           `json:"reasons"`
	AlertKey   string             `json:"alert_key,omitempty"`
	By         string             `json:"by,omitempty"`     // who escalated or dismissed it
	Reason     string             `json:"reason,omitempty"` // and why
	Events     []string           `json:"events,omitempty"` // of the source, the last ones
}

// Knows reports whether an event of the source came before.
func (t *Ticket) Knows(event string) bool { return event != "" && slices.Contains(t.Events, event) }

// Take brings a report to bear. reopened: it was solved there and is not any
// more; ended: it is solved now and was not.
func (t *Ticket) Take(r *Report) (reopened, ended bool) {
	if r.Event != "" {
		t.Events = append(t.Events, r.Event)
		t.Events = t.Events[max(0, len(t.Events)-maxEvents):]
	}
	set(&t.Subject, r.Subject, MaxSubject)
	set(&t.URL, r.URL, MaxText)
	set(&t.Text, r.Text, MaxText)
	set(&t.Comment, r.Comment, MaxText)
	set(&t.Priority, r.Priority, MaxWord)
	set(&t.Name, r.Name, MaxWord)
	set(&t.Email, r.Email, MaxWord)
	if r.Tags != nil {
		t.Tags = r.Tags[:min(len(r.Tags), MaxTags)]
	}
	if r.Status == "" {
		return false, false
	}
	was := t.State == Solved
	set(&t.Status, r.Status, MaxWord)
	switch {
	case r.Ended && !was:
		t.State = Solved
		return false, true
	case !r.Ended && was:
		t.State = Waiting
		return true, false
	}
	return false, false
}

func set(at *string, to string, limit int) {
	if to = strings.TrimSpace(to); to == "" {
		return
	}
	if utf8.RuneCountInString(to) > limit {
		to = string([]rune(to)[:limit-1]) + "…"
	}
	*at = to
}

// Words are what a customer wrote, for Classify.
func (t *Ticket) Words() string {
	if t.Comment == "" || t.Comment == t.Text {
		return t.Text
	}
	return Own(t.Text) + "\n.\n" + t.Comment
}

// Judge takes a verdict, which may raise the ticket and never lowers it; one that
// says the same is taken for its reasons. more reports whether it was raised.
func (t *Ticket) Judge(v Verdict) (more bool) {
	first := t.Queue == ""
	higher := first || v.Severity.Above(t.Severity) || v.Queue == Urgent && t.Queue == Normal
	if !higher && v.Severity != t.Severity {
		return false
	}
	if t.State == "" || higher && t.State == Dismissed {
		t.State = Waiting
	}
	if higher || v.Confidence > t.Confidence {
		t.Sort, t.Severity, t.Queue, t.Confidence, t.Reasons = v.Sort, v.Severity, v.Queue, v.Confidence, v.Reasons
	}
	return higher
}

// Open reports whether somebody still has to look at the ticket.
func (t *Ticket) Open() bool { return t.State == Waiting || t.State == Raised }

// Raise says that it pages.
func (t *Ticket) Raise() { t.State, t.Queue = Raised, Urgent }

// Dismiss takes it from its queue.
func (t *Ticket) Dismiss(by, reason string) error {
	if t.State != Waiting {
		return fault.New(fault.Conflict, "the ticket is %s: only one that waits in its queue is dismissed", t.State)
	}
	t.State, t.By, t.Reason = Dismissed, by, reason
	return nil
}

// priorities of tickets, most urgent first, as P1 to P4.
var priorities = []string{"urgent", "high", "normal", "low"}

// Wanted is the priority that the ticket gets where it comes from: what its
// severity stands for, and never less than people have given it.
func (t *Ticket) Wanted() string {
	mine := slices.Index(procedure.Severities[:], t.Severity)
	if mine < 0 {
		mine = len(priorities) - 1
	}
	if theirs := slices.Index(priorities, t.Priority); theirs >= 0 && theirs < mine {
		mine = theirs
	}
	return priorities[mine]
}

// Label are the tags the ticket gets beside its own; incident is its number, 0
// for none that may be named.
func (t *Ticket) Label(incident string) []string {
	tags := []string{"allclear", "allclear_" + strings.ToLower(t.Severity.String())}
	if incident != "" {
		tags = append(tags, strings.ReplaceAll(strings.ToLower(incident), "-", "_"))
	}
	return tags
}
