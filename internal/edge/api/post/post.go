// Package post owns the shapes of messages to customers and the public, as the
// API takes and shows them. It holds no routes, and must not judge a text.
package post

import (
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/edge/api/record"
	"allclear/internal/flow/comms"
)

// Message is one text to an audience, over several channels.
type Message struct {
	ID          string         `json:"id"`
	Incident    int64          `json:"incident" doc:"Its number."`
	Audience    string         `json:"audience" enum:"public,customers,enterprise,vip,all,executives,stakeholders"`
	Purpose     string         `json:"purpose" doc:"update, retraction, merged, or the rule that asked."`
	Channels    []string       `json:"channels" doc:"Of one that has gone out: where it went."`
	Skipped     []string       `json:"skipped" doc:"Channels that were left out when it went, because the incident skips them."`
	Status      string         `json:"status,omitempty" doc:"The status page's word."`
	Subject     string         `json:"subject"`
	Text        string         `json:"text"`
	State       string         `json:"state" enum:"draft,approved,published,cancelled"`
	Private     bool           `json:"private" doc:"On the tenant's own page only."`
	Held        string         `json:"held,omitempty" doc:"Why it waits for a person."`
	Author      string         `json:"author"`
	ApprovedBy  string         `json:"approved_by,omitempty"`
	PublishedBy string         `json:"published_by,omitempty"`
	CreatedAt   time.Time      `json:"created_at"`
	PublishedAt time.Time      `json:"published_at,omitzero"`
	Recipients  int            `json:"recipients" doc:"Contacts that are addressed one by one."`
	OptedOut    int            `json:"opted_out" doc:"Contacts left out because they want no messages."`
	Beyond      int            `json:"beyond" doc:"Contacts left out because the incident has sent its most text messages."`
	Contractual bool           `json:"contractual" doc:"It goes to those too who want no messages."`
	UsersTold   int            `json:"users_told" doc:"Users who were shown it in the product."`
	Tally       map[string]int `json:"tally" doc:"Deliveries by state."`
	Warnings    []string       `json:"warnings" doc:"What in the text is better not said outside."`
	Clauses     []string       `json:"clauses"`
	Words       string         `json:"words" doc:"The text as readers get it, but for their names."`
	Corrects    string         `json:"corrects,omitempty" doc:"The message that this one corrects."`
	Retracts    bool           `json:"retracts" doc:"It takes that one back."`
	PublishAt   time.Time      `json:"publish_at,omitzero" doc:"When it goes out by itself, if it is approved by then."`
	Hash        string         `json:"hash" doc:"Names the present text; an approval is bound to it."`
}

// MessageFields are what a person writes; what is left out is filled in.
type MessageFields struct {
	Audience string   `json:"audience,omitempty" enum:"public,customers,enterprise,vip,all,executives,stakeholders" doc:"Customers if absent."`
	Channels []string `json:"channels,omitempty" maxItems:"20" doc:"The audience's usual ones if absent."`
	Status   string   `json:"status,omitempty" maxLength:"40" doc:"The status page's word; by where the incident is if absent."`
	Subject  string   `json:"subject,omitempty" maxLength:"500"`
	Text     string   `json:"text,omitempty" maxLength:"20000" doc:"May name {{name}}, {{service}}, {{status}}, {{started}}, {{ended}}, {{duration}} and {{story}}; all but name are filled in at once."`
	Corrects string   `json:"corrects,omitempty" maxLength:"40" doc:"A message that has gone out: this one corrects it, and goes where that one went unless it says otherwise."`
	Retracts bool     `json:"retracts,omitempty" doc:"It takes that one back."`
}

// NewMessage is a message for an audience.
type NewMessage struct {
	MessageFields
	Publish bool `json:"publish,omitempty" doc:"Approve and publish it at once."`
}

// Update is a message that goes out at once, unless publish is false.
type Update struct {
	MessageFields
	Publish *bool `json:"publish,omitempty" doc:"false: keep it as a draft."`
}

// Approval names the text that was read.
type Approval struct {
	Hash string `json:"hash,omitempty" maxLength:"64" doc:"The message's hash as it was read; absent: the present text."`
}

// Withdrawal says why a message is taken back.
type Withdrawal struct {
	Reason string `json:"reason,omitempty" maxLength:"2000"`
}

// Content is what a person wrote, as the flow takes it.
func (f MessageFields) Content() message.Content {
	return message.Content{Audience: f.Audience, Channels: f.Channels, Status: f.Status, Subject: f.Subject, Text: f.Text, Corrects: f.Corrects, Retracts: f.Retracts}
}

// MessageOf is a message as it is shown.
func MessageOf(m *comms.View) Message {
	out := Message{
		ID: m.ID.String(), Incident: m.Incident, Audience: m.Audience, Purpose: m.Purpose, Channels: record.Filled(m.Channels), Skipped: record.Filled(m.Skipped), Status: m.Status, Subject: m.Subject, Text: m.Text,
		State: string(m.State), Private: m.Private, Held: m.Held, Author: m.Author, ApprovedBy: m.ApprovedBy, PublishedBy: m.PublishedBy,
		CreatedAt: m.CreatedAt, PublishedAt: m.PublishedAt, Recipients: m.Recipients, OptedOut: m.OptedOut, UsersTold: m.UsersTold, Beyond: m.Beyond, Contractual: m.Binding(), Tally: map[string]int{}, Warnings: record.Filled(m.Warnings), Clauses: record.Filled(m.Clauses), Hash: m.Hash,
		Words: m.Words, Corrects: m.Corrects, Retracts: m.Retracts, PublishAt: m.PublishAt,
	}
	for state, n := range m.Deliveries {
		out.Tally[string(state)] = n
	}
	return out
}
