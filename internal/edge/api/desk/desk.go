// Package desk owns how the desk of messages looks on the wire beside the messages
// themselves: what would go out to whom, texts to begin with, whom people tell by
// hand, and who was told in time. It must not decide anything.
package desk

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/post"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/outreach"
	"allclear/internal/flow/told"
)

// Flows are what the routes stand on.
type Flows struct {
	Comms    *comms.Comms
	Outreach *outreach.Outreach
	Told     *told.Told
}

// MessageProof is a message as it would go out now.
type MessageProof struct {
	Audience string     `json:"audience"`
	Status   string     `json:"status,omitempty" doc:"The status page's word."`
	Hash     string     `json:"hash" doc:"Names the present text; an approval is bound to it."`
	Warnings []string   `json:"warnings" doc:"What in the text is better not said outside."`
	Unripe   string     `json:"unripe,omitempty" doc:"Why it cannot be approved yet."`
	Ways     []ProofWay `json:"ways" doc:"By channel."`
}

// ProofWay is one channel of a proof.
type ProofWay struct {
	Channel string        `json:"channel"`
	Subject string        `json:"subject"`
	Text    string        `json:"text" doc:"In final words, as its first reader gets it."`
	Weight  int           `json:"weight,omitempty" doc:"Of a post that has a limit."`
	Limit   int           `json:"limit,omitempty"`
	Count   int           `json:"count" doc:"Readers who are addressed one by one."`
	Readers []ProofReader `json:"readers" doc:"At most 500 of them."`
	Missed  int           `json:"missed" doc:"How many get nothing on this channel."`
	Skipped []ProofReader `json:"skipped" doc:"At most 500 of them, with the reason."`
	ByHand  bool          `json:"by_hand" doc:"No integration serves the channel: a person posts it and records where."`
	Nowhere string        `json:"nowhere,omitempty" doc:"Why it goes nowhere on this channel."`
}

// ProofReader is somebody who gets a message, or does not.
type ProofReader struct {
	ID      string `json:"id"`
	Name    string `json:"name,omitempty"`
	Contact string `json:"contact,omitempty"`
	Address string `json:"address,omitempty"`
	Why     string `json:"why,omitempty"`
}

func proofOf(p *comms.Proof) MessageProof {
	readers := func(rs []comms.Reader) []ProofReader {
		return wire.Each(rs, func(r comms.Reader) ProofReader { return ProofReader(r) })
	}
	return MessageProof{
		Audience: p.Message.Audience, Status: p.Message.Status, Hash: p.Message.Hash(), Warnings: record.Filled(p.Warnings), Unripe: p.Unripe,
		Ways: wire.Each(p.Ways, func(w comms.Way) ProofWay {
			return ProofWay{
				Channel: w.Channel, Subject: w.Subject, Text: w.Text, Weight: w.Weight, Limit: w.Limit, Count: w.Count, Readers: readers(w.Readers),
				Missed: w.Missed, Skipped: readers(w.Skipped), ByHand: w.ByHand, Nowhere: w.Nowhere,
			}
		}),
	}
}

// MessageTemplate is a text of the procedure to begin a message with.
type MessageTemplate struct {
	Name     string   `json:"name"`
	Audience string   `json:"audience" enum:"public,customers,enterprise,vip,all,executives,stakeholders"`
	Channels []string `json:"channels"`
	Status   string   `json:"status,omitempty"`
	Subject  string   `json:"subject"`
	Text     string   `json:"text"`
}

// MessageTime is when a message is to go out by itself.
type MessageTime struct {
	At time.Time `json:"at,omitzero" required:"false" doc:"An instant to come; absent: the wish is taken back."`
}

type proofInput struct {
	route.IncidentPath
	Body post.MessageFields
}

// RowPath names a message or a contact.
type RowPath struct {
	ID string `path:"id" maxLength:"40"`
}

type scheduleInput struct {
	RowPath
	Body MessageTime
}

// Routes registers the routes.
func Routes(t *route.Table, f Flows) {
	const tag = "messages"
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/incidents/{id}/messages/proof", Summary: "Show what a text would become, and who would get it", Tag: tag,
		Detail: "Nothing is kept.",
	}, route.Needs(authz.Draft), func(ctx context.Context, c route.Call, in *proofInput) (*route.Reply[MessageProof], error) {
		n, err := in.Number()
		if err != nil {
			return nil, err
		}
		return shown(f.Comms.Proof(ctx, c.Actor, n, in.Body.Content(), c.Now))
	})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/messages/{id}/proof", Summary: "Show a message in its final words, and who gets it", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *RowPath) (*route.Reply[MessageProof], error) {
			id, err := route.ParseID("message", in.ID)
			if err != nil {
				return nil, err
			}
			return shown(f.Comms.ProofOf(ctx, c.Actor, id, c.Now))
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/templates", Summary: "List the procedure's texts for customers and the public, filled in", Tag: tag}, route.Needs(authz.Draft),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[MessageTemplate]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			all, err := f.Comms.Templates(ctx, c.Actor, n, c.Now)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, templateOf), in.Page, func(m MessageTemplate) string { return m.Name })
		})
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/messages/{id}/schedule", Summary: "Have a message go out by itself at a time, if it is approved by then", Tag: tag,
		Detail: "A message that the incident has overtaken by then is cancelled instead.",
	}, route.Needs(authz.Communicate), func(ctx context.Context, c route.Call, in *scheduleInput) (*route.Reply[post.Message], error) {
		id, err := route.ParseID("message", in.ID)
		if err != nil {
			return nil, err
		}
		m, err := f.Comms.Schedule(ctx, c.Actor, id, in.Body.At, c.Now)
		if err != nil {
			return nil, wire.InBody(err)
		}
		return route.One(post.MessageOf(m)), nil
	})
	skipRoutes(t, f.Comms)
	outreachRoutes(t, f.Outreach)
	toldRoutes(t, f.Told)
}

func templateOf(t comms.Template) MessageTemplate {
	return MessageTemplate{Name: t.Name, Audience: t.Audience, Channels: record.Filled(t.Channels), Status: t.Status, Subject: t.Subject, Text: t.Text}
}

func shown(p *comms.Proof, err error) (*route.Reply[MessageProof], error) {
	if err != nil {
		return nil, wire.InBody(err)
	}
	return route.One(proofOf(p)), nil
}
