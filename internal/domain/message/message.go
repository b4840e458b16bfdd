package message

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/status"
)

// State is where a customer message stands.
type State string

// The states of a message.
const (
	Draft     State = "draft"
	Approved  State = "approved"
	Published State = "published"
	Discarded State = "cancelled"
)

// Channels that the flow treats in a way of its own; every other name is
// handed to whoever serves it, once per message.
const (
	StatusPage = "status_page"
	Email      = "email"
	SMS        = "sms"
	InApp      = "in_app"
)

// Purposes of messages that no rule asked for.
const (
	PurposeUpdate     = "update"     // a person wrote it
	PurposeRetraction = "retraction" // the incident was a false positive
	PurposeMerged     = "merged"     // told on under another post
)

// Content is what a person writes: the words, who reads them and where.
type Content struct {
	Audience string   `json:"audience"`         // see Audiences
	Channels []string `json:"channels"`         // status_page, email, in_app, ...
	Status   string   `json:"status,omitempty"` // the status page's word
	Subject  string   `json:"subject"`
	Text     string   `json:"text"`
	Corrects string   `json:"corrects,omitempty"` // id of the published message that this one corrects
	Retracts bool     `json:"retracts,omitempty"` // it takes that one back
}

// Message is one text to an audience over several channels.
type Message struct {
	ID         ident.ID `json:"id"`
	IncidentID ident.ID `json:"incident_id"`
	Content
	Purpose     string    `json:"purpose"`        // update | retraction | merged, or the rule that asked
	Keys        []string  `json:"keys,omitempty"` // firings of rules it answers; a second one with the same key does nothing
	State       State     `json:"state"`
	Private     bool      `json:"private"`        // the tenant's page only
	Held        string    `json:"held,omitempty"` // why it waits for a person
	Author      string    `json:"author"`
	ApprovedBy  string    `json:"approved_by,omitempty"`
	Approved    string    `json:"approved_hash,omitempty"`
	Legal       bool      `json:"legal,omitempty"`       // the approver speaks for Legal (reading 18)
	Contractual bool      `json:"contractual,omitempty"` // goes to those too who want no messages
	Document    bool      `json:"document,omitempty"`    // mails carry it as a PDF too
	CreatedAt   time.Time `json:"created_at"`
	CorrectsAt  time.Time `json:"corrects_at,omitzero"` // when what it corrects went out
	PublishAt   time.Time `json:"publish_at,omitzero"`  // when it goes out by itself, if approved
	ScheduledBy string    `json:"scheduled_by,omitempty"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	PublishedBy string    `json:"published_by,omitempty"`
	Skipped     []string  `json:"skipped,omitempty"`   // channels that the incident's messages left out when it went
	Recipients  int       `json:"recipients"`          // contacts and chats of customers addressed one by one
	OptedOut    int       `json:"opted_out,omitempty"` // contacts left out because they want no messages
	Beyond      int       `json:"beyond,omitempty"`    // contacts left out because the incident has had its text messages
	MailedAt    time.Time `json:"mailed_at,omitzero"`  // the last mail was accepted or given up
	Reaches     string    `json:"reaches,omitempty"`   // the moment reached when it is out
	Clauses     []string  `json:"clauses,omitempty"`
	PageID      string    `json:"page_id,omitempty"`   // opaque id of the post on the public page
	UpdateID    string    `json:"update_id,omitempty"` // opaque id of the update in it
}

const maxText = 20_000

var channelName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,31}$`)

// Validate refuses what cannot go out, as fault.Invalid.
func (c Content) Validate() error {
	switch {
	case !slices.Contains(Audiences, c.Audience):
		return fault.New(fault.Invalid, "audience %q is not known", c.Audience).With("audience", "use "+strings.Join(Audiences, ", "))
	case len(c.Channels) == 0:
		return fault.New(fault.Invalid, "the message has no channel").With("channels", "name at least one, such as status_page")
	case c.Status != "" && !status.IncidentStatus(c.Status).ForIncident():
		return fault.New(fault.Invalid, "status %q is not known", c.Status).With("status", "use investigating, identified, monitoring, resolved or postmortem")
	case strings.TrimSpace(c.Text) == "":
		return fault.New(fault.Invalid, "the message has no text").With("text", "write what customers should know")
	case len(c.Text) > maxText:
		return fault.New(fault.Invalid, "the message has %d characters, the limit is %d", len(c.Text), maxText).With("text", "write less")
	case len(c.Subject) > status.MaxName || strings.ContainsAny(c.Subject, "\r\n"):
		return fault.New(fault.Invalid, "the subject is longer than %d characters or has several lines", status.MaxName).With("subject", "write one short line")
	case !utf8.ValidString(c.Text+c.Subject) || strings.ContainsRune(c.Text+c.Subject, 0):
		return fault.New(fault.Invalid, "the message is not valid UTF-8 text").With("text", "write plain text")
	}
	if err := checkWords("subject", c.Subject); err != nil {
		return err
	}
	if err := checkWords("text", c.Text); err != nil {
		return err
	}
	for i, ch := range c.Channels {
		if Inside(c.Audience) && !Personal(ch) {
			return fault.New(fault.Invalid, "the channel %s is read by others than %s", ch, c.Audience).With(fmt.Sprintf("channels/%d", i), "use email: what is for people inside is sent to each of them")
		}
		if !channelName.MatchString(ch) || slices.Contains(c.Channels[:i], ch) {
			return fault.New(fault.Invalid, "channel %q is not a channel or stands there twice", ch).With(fmt.Sprintf("channels/%d", i), "name each channel once, such as status_page")
		}
	}
	return nil
}

// Has reports whether the message goes out on the channel.
func (c Content) Has(channel string) bool { return slices.Contains(c.Channels, channel) }

// Hash names the text and where it goes; an approval is bound to it
// (AUD-DECISION).
func (m *Message) Hash() string {
	parts := []string{m.Audience, strings.Join(m.Channels, ","), m.Status, fmt.Sprint(m.Private), m.Subject, m.Text}
	if m.Corrects != "" {
		parts = append(parts, m.Corrects, fmt.Sprint(m.Retracts))
	}
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return fmt.Sprintf("%x", sum[:12])
}

// Waiting reports whether the message can still be changed, approved or
// cancelled.
func (m *Message) Waiting() bool { return m.State == Draft || m.State == Approved }

// Approve binds the approval to the present text. hash is what the approver
// read; empty means the present text.
func (m *Message) Approve(by, hash string) error {
	if !m.Waiting() {
		return fault.New(fault.Conflict, "the message is %s already", m.State)
	}
	if hash != "" && hash != m.Hash() {
		return fault.New(fault.Conflict, "the text has changed since you read it: read it again, then approve")
	}
	m.State, m.ApprovedBy, m.Approved = Approved, by, m.Hash()
	return nil
}

// Edit changes the content and voids an approval.
func (m *Message) Edit(c Content) error {
	if !m.Waiting() {
		return fault.New(fault.Conflict, "the message is %s and stays as it is", m.State)
	}
	if err := c.Validate(); err != nil {
		return err
	}
	m.Content = c
	m.State, m.ApprovedBy, m.Approved, m.Legal = Draft, "", "", false
	return nil
}

// Cancel takes the message back before it went out.
func (m *Message) Cancel() error {
	if !m.Waiting() {
		return fault.New(fault.Conflict, "the message is %s; what went out cannot be taken back, publish a correction", m.State)
	}
	m.State = Discarded
	return nil
}

// Publish marks the message as out.
func (m *Message) Publish(by string, now time.Time) error {
	if m.State != Approved || m.Approved != m.Hash() {
		return fault.New(fault.Conflict, "the message is %s; approve its present text first", m.State)
	}
	m.State, m.PublishedAt, m.PublishedBy, m.Held = Published, now, by, ""
	return nil
}

// LeaveOut takes a channel from a message that is about to go out. What is left was
// approved with the rest: fewer readers need no new approval.
func (m *Message) LeaveOut(channel string) {
	if !m.Has(channel) {
		return
	}
	bound := m.Approved == m.Hash()
	m.Channels = slices.DeleteFunc(slices.Clone(m.Channels), func(c string) bool { return c == channel })
	m.Skipped = append(m.Skipped, channel)
	if bound {
		m.Approved = m.Hash()
	}
}

// placeName stands in a text for the name of whoever reads it.
const placeName = "{{name}}"

// Named is the text as one reader gets it; without a name it greets nobody in
// particular.
func Named(text, name string) string {
	if name == "" {
		text = strings.ReplaceAll(text, " "+placeName, "")
	}
	return strings.ReplaceAll(text, placeName, name)
}
