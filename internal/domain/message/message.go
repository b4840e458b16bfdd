package message

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
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

// Message is one text to an audience over several channels.
type Message struct {
	ID          ident.ID  `json:"id"`
	IncidentID  ident.ID  `json:"incident_id"`
	Audience    string    `json:"audience"` // customers | vip | executives | public | stakeholders
	Purpose     string    `json:"purpose"`  // holding | update | restored | retraction, or the rule that asked
	Channels    []string  `json:"channels"` // status_page, email, in_app, ...
	Status      string    `json:"status"`   // the status page's word
	Subject     string    `json:"subject"`
	Text        string    `json:"text"`
	State       State     `json:"state"`
	Private     bool      `json:"private"` // the tenant's page only
	Author      string    `json:"author"`
	ApprovedBy  string    `json:"approved_by,omitempty"`
	Approved    string    `json:"approved_hash,omitempty"`
	CreatedAt   time.Time `json:"created_at"`
	PublishedAt time.Time `json:"published_at,omitzero"`
	PublishedBy string    `json:"published_by,omitempty"`
	Recipients  int       `json:"recipients"`
	Clauses     []string  `json:"clauses,omitempty"`
	PageID      string    `json:"page_id,omitempty"` // opaque id on the public page
}

const maxText = 20_000

// Validate refuses a text that cannot go out.
func (m *Message) Validate() error {
	switch {
	case strings.TrimSpace(m.Text) == "":
		return fault.New(fault.Invalid, "the message has no text").With("text", "write what customers should know")
	case len(m.Text) > maxText:
		return fault.New(fault.Invalid, "the message has %d characters, the limit is %d", len(m.Text), maxText)
	}
	return nil
}

// Hash names the text and where it goes; an approval is bound to it
// (AUD-DECISION).
func (m *Message) Hash() string {
	sum := sha256.Sum256([]byte(m.Audience + "\x00" + strings.Join(m.Channels, ",") + "\x00" + m.Subject + "\x00" + m.Text))
	return fmt.Sprintf("%x", sum[:12])
}

// Approve binds the approval to the present text.
func (m *Message) Approve(by, hash string) error {
	if m.State != Draft && m.State != Approved {
		return fault.New(fault.Conflict, "the message is %s already", m.State)
	}
	if hash != "" && hash != m.Hash() {
		return fault.New(fault.Conflict, "the text has changed since you read it: read it again, then approve")
	}
	m.State, m.ApprovedBy, m.Approved = Approved, by, m.Hash()
	return nil
}

// Edit changes the text and voids an approval.
func (m *Message) Edit(subject, text string) error {
	if m.State != Draft && m.State != Approved {
		return fault.New(fault.Conflict, "the message is %s and stays as it is", m.State)
	}
	m.Subject, m.Text = subject, text
	m.State, m.ApprovedBy, m.Approved = Draft, "", ""
	return m.Validate()
}

// Publish marks the message as out.
func (m *Message) Publish(by string, now time.Time) error {
	if m.State != Approved || m.Approved != m.Hash() {
		return fault.New(fault.Conflict, "the message is %s; approve its present text first", m.State)
	}
	m.State, m.PublishedAt, m.PublishedBy = Published, now, by
	return nil
}

// Has reports whether the message goes out on the channel.
func (m *Message) Has(channel string) bool {
	for _, c := range m.Channels {
		if c == channel {
			return true
		}
	}
	return false
}
