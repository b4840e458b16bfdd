package desk

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	domain "allclear/internal/domain/outreach"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/outreach"
)

// OutreachBoard is everybody whom people tell by hand about an incident.
type OutreachBoard struct {
	Done    int             `json:"done"`
	All     int             `json:"all"`
	Percent int             `json:"percent" doc:"Of those that are done."`
	Groups  []OutreachGroup `json:"groups" doc:"By who does it."`
}

// OutreachGroup is what one person or team has to do.
type OutreachGroup struct {
	Owner    string            `json:"owner" doc:"A person's id, or a target such as schedule:communications."`
	Name     string            `json:"name"`
	Done     int               `json:"done"`
	All      int               `json:"all"`
	Late     int               `json:"late"`
	Contacts []OutreachContact `json:"contacts"`
}

// OutreachContact is one party outside whom a person tells.
type OutreachContact struct {
	ID      string        `json:"id"`
	Kind    string        `json:"kind" enum:"account,post,press,analyst"`
	List    string        `json:"list" doc:"The rule that asked for it, or the message to be posted."`
	Party   string        `json:"party" doc:"The customer's id, or the channel."`
	Name    string        `json:"name"`
	Person  string        `json:"person,omitempty"`
	Phone   string        `json:"phone,omitempty"`
	Email   string        `json:"email,omitempty"`
	Script  string        `json:"script,omitempty" doc:"What to say, the text to post, or what was asked."`
	Owner   string        `json:"owner"`
	Due     time.Time     `json:"due_at,omitzero"`
	Late    bool          `json:"late"`
	Done    bool          `json:"done"`
	DoneAt  time.Time     `json:"done_at,omitzero"`
	Tries   []OutreachTry `json:"tries" doc:"Oldest first."`
	Clauses []string      `json:"clauses"`
}

// OutreachTry is what came of one attempt.
type OutreachTry struct {
	At      time.Time `json:"at"`
	By      string    `json:"by"`
	Outcome string    `json:"outcome" enum:"reached,left_message,posted,not_needed,ended,no_answer,follow_up"`
	Note    string    `json:"note,omitempty"`
	URL     string    `json:"url,omitempty"`
}

// OutreachOutcome is what a person writes down after a try.
type OutreachOutcome struct {
	Outcome string `json:"outcome" enum:"reached,left_message,posted,not_needed,no_answer,follow_up"`
	Note    string `json:"note,omitempty" maxLength:"4000" doc:"Needed for not_needed and follow_up."`
	URL     string `json:"url,omitempty" maxLength:"2048" doc:"Where the post stands; needed for posted."`
}

// NewOutreach is somebody of the press, or an analyst.
type NewOutreach struct {
	Kind   string    `json:"kind" enum:"press,analyst"`
	Name   string    `json:"name" minLength:"1" maxLength:"200" doc:"The outlet or the firm."`
	Person string    `json:"person,omitempty" maxLength:"200"`
	Phone  string    `json:"phone,omitempty" maxLength:"40"`
	Email  string    `json:"email,omitempty" maxLength:"254"`
	About  string    `json:"about,omitempty" maxLength:"4000" doc:"What was asked, or is to be said."`
	Owner  string    `json:"owner,omitempty" maxLength:"100" doc:"Who does it; the caller if absent."`
	DueAt  time.Time `json:"due_at,omitzero" required:"false"`
}

type outcomeInput struct {
	RowPath
	Body OutreachOutcome
}

type newOutreachInput struct {
	route.IncidentPath
	Body NewOutreach
}

func contactOf(c *domain.Contact, now time.Time) OutreachContact {
	return OutreachContact{
		ID: c.ID.String(), Kind: string(c.Kind), List: c.List, Party: c.Party, Name: c.Name, Person: c.Person, Phone: c.Phone, Email: c.Email, Script: c.Script, Owner: c.Owner,
		Due: c.DueAt, Late: c.Late(now), Done: c.Done, DoneAt: c.DoneAt, Clauses: record.Filled(c.Clauses),
		Tries: wire.Each(c.Tries, func(t domain.Try) OutreachTry { return OutreachTry(t) }),
	}
}

func boardOf(b outreach.Board, now time.Time) OutreachBoard {
	out := OutreachBoard{Done: b.Done, All: len(b.Contacts), Percent: domain.Percent(b.Done, len(b.Contacts)), Groups: []OutreachGroup{}}
	at := 0
	for _, g := range b.Groups {
		of := b.Contacts[at : at+g.All]
		at += g.All
		out.Groups = append(out.Groups, OutreachGroup{
			Owner: g.Owner, Name: g.Name, Done: g.Done, All: g.All, Late: g.Late,
			Contacts: wire.Each(of, func(c *domain.Contact) OutreachContact { return contactOf(c, now) }),
		})
	}
	return out
}

func outreachRoutes(t *route.Table, flow *outreach.Outreach) {
	const tag = "outreach"
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/outreach", Summary: "List whom people tell by hand, by who does it", Tag: tag}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[OutreachBoard], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			b, err := flow.Of(ctx, c.Actor, n, c.Now)
			if err != nil {
				return nil, err
			}
			return route.One(boardOf(b, c.Now)), nil
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/outreach", Summary: "Write down somebody of the press, or an analyst", Tag: tag, Status: http.StatusCreated}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *newOutreachInput) (*route.Reply[OutreachContact], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			b := in.Body
			got, err := flow.Add(ctx, c.Actor, n, domain.Contact{Kind: domain.Kind(b.Kind), Name: b.Name, Person: b.Person, Phone: b.Phone, Email: b.Email, Script: b.About, Owner: b.Owner, DueAt: b.DueAt}, c.Now)
			if err != nil {
				return nil, wire.InBody(err)
			}
			return route.One(contactOf(got, c.Now)), nil
		})
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/outreach/{id}/outcome", Summary: "Write down what came of a try", Tag: tag,
		Detail: "reached, left_message, posted and not_needed end it. When everybody of a task is done, the task is.",
	}, route.Needs(authz.Respond), func(ctx context.Context, c route.Call, in *outcomeInput) (*route.Reply[OutreachContact], error) {
		id, err := route.ParseID("contact", in.ID)
		if err != nil {
			return nil, err
		}
		got, err := flow.Record(ctx, c.Actor, id, domain.Try{Outcome: in.Body.Outcome, Note: in.Body.Note, URL: in.Body.URL}, c.Now)
		if err != nil {
			return nil, wire.InBody(err)
		}
		return route.One(contactOf(got, c.Now)), nil
	})
}
