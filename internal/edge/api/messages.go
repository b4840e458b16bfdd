package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/message"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/comms"
)

// Message is one text to an audience, over several channels.
type Message struct {
	ID          string         `json:"id"`
	Incident    int64          `json:"incident" doc:"Its number."`
	Audience    string         `json:"audience" enum:"public,customers,enterprise,vip"`
	Purpose     string         `json:"purpose" doc:"update, retraction, merged, or the rule that asked."`
	Channels    []string       `json:"channels"`
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
	Tally       map[string]int `json:"tally" doc:"Deliveries by state."`
	Warnings    []string       `json:"warnings" doc:"What in the text is better not said outside."`
	Clauses     []string       `json:"clauses"`
	Hash        string         `json:"hash" doc:"Names the present text; an approval is bound to it."`
}

// MessageFields are what a person writes; what is left out is filled in.
type MessageFields struct {
	Audience string   `json:"audience,omitempty" enum:"public,customers,enterprise,vip" doc:"Customers if absent."`
	Channels []string `json:"channels,omitempty" maxItems:"20" doc:"The audience's usual ones if absent."`
	Status   string   `json:"status,omitempty" maxLength:"40" doc:"The status page's word; by where the incident is if absent."`
	Subject  string   `json:"subject,omitempty" maxLength:"500"`
	Text     string   `json:"text,omitempty" maxLength:"20000"`
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

type newMessageInput struct {
	IncidentPath
	Body NewMessage
}

type updateInput struct {
	IncidentPath
	Body Update
}

type editInput struct {
	RowPath
	Body MessageFields
}

type approveInput struct {
	RowPath
	Body *Approval
}

type rowInput struct {
	RowPath
	Body *record.Nothing
}

type cancelInput struct {
	RowPath
	Body *Withdrawal
}

func (a *API) messageRoutes() {
	tag := "messages"
	Register(a, Route{Method: http.MethodGet, Path: "/incidents/{id}/messages", Summary: "List its messages, oldest first", Tag: "incidents"}, Needs(authz.Read),
		func(ctx context.Context, c Call, in *BelowIncident) (*Reply[List[Message]], error) {
			n, err := in.number()
			if err != nil {
				return nil, err
			}
			found, err := a.opt.Comms.List(ctx, c.Actor, n)
			if err != nil {
				return nil, err
			}
			return slice(wire.Each(found, messageOf), in.Page, func(m Message) string { return m.ID })
		})
	Register(a, Route{Method: http.MethodPost, Path: "/incidents/{id}/messages", Summary: "Write a message", Tag: tag, Status: http.StatusCreated}, Needs(authz.Communicate),
		func(ctx context.Context, c Call, in *newMessageInput) (*Reply[Message], error) {
			return a.writeMessage(ctx, c, in.IncidentPath, in.Body.content(), in.Body.Publish)
		})
	Register(a, Route{Method: http.MethodPost, Path: "/incidents/{id}/updates", Summary: "Tell an audience where it stands", Tag: tag, Status: http.StatusCreated}, Needs(authz.Communicate),
		func(ctx context.Context, c Call, in *updateInput) (*Reply[Message], error) {
			return a.writeMessage(ctx, c, in.IncidentPath, in.Body.content(), in.Body.Publish == nil || *in.Body.Publish)
		})
	Register(a, Route{Method: http.MethodPatch, Path: "/messages/{id}", Summary: "Change a message that waits", Tag: tag, Detail: "Voids an approval."}, Needs(authz.Communicate),
		func(ctx context.Context, c Call, in *editInput) (*Reply[Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) {
				return a.opt.Comms.Edit(ctx, c.Actor, id, in.Body.content(), c.Now)
			})
		})
	Register(a, Route{Method: http.MethodPost, Path: "/messages/{id}/approve", Summary: "Approve the text that was read", Tag: tag}, Needs(authz.Communicate),
		func(ctx context.Context, c Call, in *approveInput) (*Reply[Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) {
				return a.opt.Comms.Approve(ctx, c.Actor, id, orZero(in.Body).Hash, c.Now)
			})
		})
	Register(a, Route{Method: http.MethodPost, Path: "/messages/{id}/publish", Summary: "Let an approved message out", Tag: tag}, Needs(authz.Communicate),
		func(ctx context.Context, c Call, in *rowInput) (*Reply[Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) { return a.opt.Comms.Publish(ctx, c.Actor, id, c.Now) })
		})
	Register(a, Route{Method: http.MethodPost, Path: "/messages/{id}/cancel", Summary: "Take back what has not gone out", Tag: tag}, Needs(authz.Communicate),
		func(ctx context.Context, c Call, in *cancelInput) (*Reply[Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) {
				return a.opt.Comms.Cancel(ctx, c.Actor, id, orZero(in.Body).Reason, c.Now)
			})
		})
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func (f MessageFields) content() message.Content {
	return message.Content{Audience: f.Audience, Channels: f.Channels, Status: f.Status, Subject: f.Subject, Text: f.Text}
}

// writeMessage drafts a message, or publishes it in the same transaction.
func (a *API) writeMessage(ctx context.Context, c Call, at IncidentPath, content message.Content, publish bool) (*Reply[Message], error) {
	n, err := at.number()
	if err != nil {
		return nil, err
	}
	m, err := a.opt.Comms.Update(ctx, c.Actor, n, content, publish, c.Now)
	if err != nil {
		return nil, named(err)
	}
	return reply(messageOf(m)), nil
}

func (a *API) changeMessage(ref string, change func(ident.ID) (*comms.View, error)) (*Reply[Message], error) {
	id, err := parseID("message", ref)
	if err != nil {
		return nil, err
	}
	m, err := change(id)
	if err != nil {
		return nil, named(err)
	}
	return reply(messageOf(m)), nil
}

func messageOf(m *comms.View) Message {
	out := Message{
		ID: m.ID.String(), Incident: m.Incident, Audience: m.Audience, Purpose: m.Purpose, Channels: record.Filled(m.Channels), Status: m.Status, Subject: m.Subject, Text: m.Text,
		State: string(m.State), Private: m.Private, Held: m.Held, Author: m.Author, ApprovedBy: m.ApprovedBy, PublishedBy: m.PublishedBy,
		CreatedAt: m.CreatedAt, PublishedAt: m.PublishedAt, Recipients: m.Recipients, Tally: map[string]int{}, Warnings: record.Filled(m.Warnings), Clauses: record.Filled(m.Clauses), Hash: m.Hash,
	}
	for state, n := range m.Deliveries {
		out.Tally[string(state)] = n
	}
	return out
}
