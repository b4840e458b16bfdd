package message

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
)

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func draft() *Message {
	return &Message{State: Draft, Content: Content{
		Audience: Customers, Channels: []string{StatusPage, Email}, Status: "investigating", Subject: "Sign-in", Text: "We are looking into it.",
	}}
}

// Clauses: AUD-DECISION
func TestApprovalIsBoundToTheText(t *testing.T) {
	for name, change := range map[string]func(m *Message){
		"text":     func(m *Message) { m.Text += "!" },
		"subject":  func(m *Message) { m.Subject += "!" },
		"channels": func(m *Message) { m.Channels = []string{Email} },
		"audience": func(m *Message) { m.Audience = VIP },
		"status":   func(m *Message) { m.Status = "resolved" },
		"privacy":  func(m *Message) { m.Private = true },
	} {
		m := draft()
		read := m.Hash()
		if err := m.Approve("cy", read); err != nil {
			t.Fatal(err)
		}
		change(m)
		if err := m.Publish("cy", t0); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s changed after the approval: publish says %v", name, err)
		}
		if err := m.Approve("cy", read); !fault.Is(err, fault.Conflict) {
			t.Errorf("%s changed after it was read: approve says %v", name, err)
		}
	}
}

func TestLifeOfAMessage(t *testing.T) {
	m := draft()
	if err := m.Publish("cy", t0); !fault.Is(err, fault.Conflict) {
		t.Errorf("a draft is published: %v", err)
	}
	if err := m.Approve("cy", ""); err != nil {
		t.Fatal(err)
	}
	m.Legal = true
	c := m.Content
	c.Text = "We know the cause."
	if err := m.Edit(c); err != nil || m.State != Draft || m.ApprovedBy != "" || m.Approved != "" || m.Legal {
		t.Errorf("an edit leaves %+v, %v", m, err)
	}
	if err := m.Approve("cy", ""); err != nil {
		t.Fatal(err)
	}
	if err := m.Publish("bo", t0); err != nil || m.State != Published || m.PublishedBy != "bo" || !m.PublishedAt.Equal(t0) {
		t.Errorf("published: %+v, %v", m, err)
	}
	for name, err := range map[string]error{"edit": m.Edit(c), "approve": m.Approve("cy", ""), "cancel": m.Cancel(), "publish": m.Publish("cy", t0)} {
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%s after publishing: %v", name, err)
		}
	}
	m = draft()
	if err := m.Cancel(); err != nil || m.State != Discarded || m.Waiting() {
		t.Errorf("cancelled: %+v, %v", m, err)
	}
}

func TestValidateContent(t *testing.T) {
	if err := draft().Validate(); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(c *Content){
		"audience":      func(c *Content) { c.Audience = "everybody" },
		"no channel":    func(c *Content) { c.Channels = nil },
		"channel name":  func(c *Content) { c.Channels = []string{"Status Page"} },
		"channel twice": func(c *Content) { c.Channels = []string{"email", "email"} },
		"status":        func(c *Content) { c.Status = "fine" },
		"maintenance":   func(c *Content) { c.Status = "scheduled" },
		"no text":       func(c *Content) { c.Text = " \n" },
		"long text":     func(c *Content) { c.Text = strings.Repeat("x", 20_001) },
		"long subject":  func(c *Content) { c.Subject = strings.Repeat("x", 301) },
		"header":        func(c *Content) { c.Subject = "a\r\nBcc: b@c.example" },
		"not UTF-8":     func(c *Content) { c.Text = "\xff\xfe" },
		"NUL":           func(c *Content) { c.Subject = "a\x00b" },
	} {
		c := draft().Content
		change(&c)
		if err := c.Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
