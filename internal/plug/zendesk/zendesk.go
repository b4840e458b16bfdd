// Package zendesk hears of customers' tickets in a Zendesk Support account, by
// triggers or event subscriptions, and writes priority, tags and internal comments
// back to them. It must not judge a ticket or know who is paged.
//
// Sources: developer.zendesk.com, "Verifying webhooks", "Ticket events", "Creating
// and monitoring webhooks", "Tickets", "Ticket Audits", "Tags", "Adding tags to
// tickets without overwriting existing tags", "Rate limits"; support.zendesk.com,
// "Zendesk Support placeholders reference".
package zendesk

import (
	"net/url"
	"strings"
	"sync"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Name is the source of the tickets and the channel they are written to.
const Name = "zendesk"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Zendesk", Source: Name, Tickets: Name, Docs: "docs/integrations/zendesk.md",
			Setup: []string{
				"In Zendesk Admin Center open Apps and integrations, Webhooks, and choose Create webhook, connected to Trigger or automation.",
				"Set the endpoint URL to {url}, the request method to POST, the request format to JSON and authentication to None, then create it.",
				"Show the webhook's signing secret there and set it as the secret of this hook (now {secret}), so that every call is checked.",
				"Open Objects and rules, Triggers, and add one with the condition Ticket is Created, and a second with Ticket is Updated and Comment is Public, or Status category is Changed.",
				"As action of both choose Notify active webhook, this webhook, and paste as JSON body: " + template,
			},
			Sample: sample,
			Fields: []plug.Field{
				{Key: "base_url", Title: "Address of the account", Help: "https://example.zendesk.com; with address and token Allclear writes to tickets."},
				{Key: "email", Title: "Mail address of the agent", Help: "As whom Allclear writes."},
				{Key: "api_token", Title: "API token", Secret: true, Help: "From Admin Center, Apps and integrations, Zendesk API."},
			},
		},
		Open: open,
	}
}

// template is the body of the triggers. Zendesk fills in the placeholders.
const template = `{"ticket":{"id":"{{ticket.id}}","subject":"{{ticket.title}}","description":"{{ticket.description}}","status":"{{ticket.status}}","priority":"{{ticket.priority}}","tags":"{{ticket.tags}}","url":"{{ticket.link}}","created_at":"{{ticket.created_at_with_timestamp}}"},` +
	`"requester":{"name":"{{ticket.requester.name}}","email":"{{ticket.requester.email}}"},"organization":{"name":"{{ticket.organization.name}}","external_id":"{{ticket.organization.external_id}}"},` +
	`"comment":{"body":"{{ticket.latest_public_comment}}","author_email":"{{current_user.email}}"},"updated_at":"{{ticket.updated_at_with_timestamp}}"}`

// sample is what the body of the triggers becomes.
const sample = `{"ticket":{"id":"35436","subject":"We cannot log in, everything is down","description":"Since nine nobody here can log in.","status":"Open","priority":"Normal","tags":"web sso","url":"https://example.zendesk.com/agent/tickets/35436","created_at":"2026-03-02T03:04:05Z"},` +
	`"requester":{"name":"Jane Doe","email":"jane@example.net"},"organization":{"name":"Example","external_id":"example"},"comment":{"body":"","author_email":"jane@example.net"},"updated_at":"2026-03-02T03:04:05Z"}`

// Zendesk is the open plug-in.
type Zendesk struct {
	http  *plug.HTTP
	base  string // without a trailing slash; empty: nothing is written
	email string
	token secret.String

	mu    sync.Mutex
	known map[string]writer // by ticket
}

func open(cfg plug.Config) (any, error) {
	z := &Zendesk{http: cfg.HTTP, base: strings.TrimRight(cfg.Text("base_url"), "/"), email: cfg.Text("email"), token: secret.String(cfg.Text("api_token")), known: map[string]writer{}}
	if z.http == nil {
		z.http = plug.NewHTTP(plug.HTTPOptions{Guard: cfg.Guard})
	}
	if z.base == "" && z.email == "" && z.token == "" {
		return z, nil
	}
	bad := fault.New(fault.Invalid, "open Zendesk: settings are not complete")
	if u, err := url.Parse(z.base); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		bad = bad.With("base_url", "want the address of the account, such as https://example.zendesk.com")
	}
	if !strings.Contains(z.email, "@") {
		bad = bad.With("email", "want the mail address of the agent as whom Allclear writes")
	}
	if z.token == "" {
		bad = bad.With("api_token", "is required to write to tickets")
	}
	if len(bad.Details) > 0 {
		return nil, bad
	}
	return z, nil
}

// Keeps implements plug.Keeper.
func (z *Zendesk) Keeps() bool { return z.base != "" }

// Close drops idle connections.
func (z *Zendesk) Close() error { return z.http.Close() }
