package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/incident"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	"allclear/internal/flow/command"
)

// What people do to an incident. Every step answers with the incident as it is
// then; the flow authorises and decides.

// stepInput is what a step is sent; B is a pointer where an empty body is fine.
type stepInput[B any] struct {
	route.IncidentPath
	route.IfMatch
	Body B
}

// step adds a route for one thing people do.
func step[B any](a *API, name, summary string, v authz.Verb, run func(ctx context.Context, c route.Call, n int64, b B) (*incident.Incident, error)) {
	status := 0
	if name == "notes" || name == "split" || name == "escalate" || name == "pages" {
		status = http.StatusCreated
	}
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/" + name, Summary: summary, Tag: "incidents", Status: status}, route.Needs(v),
		func(ctx context.Context, c route.Call, in *stepInput[B]) (*route.Tagged[record.Incident], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			if err := a.fresh(ctx, c, n, in.IfMatch); err != nil {
				return nil, err
			}
			i, err := run(ctx, c, n, in.Body)
			return a.after(ctx, c, i, wire.InBody(err))
		})
}

// fresh fails with 412 when the caller saw another state of the incident.
func (a *API) fresh(ctx context.Context, c route.Call, n int64, seen route.IfMatch) error {
	if seen.Tags == "" {
		return nil
	}
	now, err := a.showIncident(ctx, c, n)
	if err == nil && !wire.Listed(seen.Tags, now.ETag) {
		err = changed("the incident has changed since then")
	}
	return err
}

// simple makes a step of a use case that needs nothing but the incident.
func simple(run func(context.Context, authz.Actor, int64, time.Time) (*incident.Incident, error)) func(context.Context, route.Call, int64, *record.Nothing) (*incident.Incident, error) {
	return func(ctx context.Context, c route.Call, n int64, _ *record.Nothing) (*incident.Incident, error) {
		return run(ctx, c.Actor, n, c.Now)
	}
}

func (a *API) incidentStepRoutes() {
	do := a.opt.Command
	step(a, "acknowledge", "Say: I have it", authz.Respond, simple(do.Acknowledge))
	step(a, "engage", "Say: I am working on it, which confirms a suspicion", authz.Respond, simple(do.Engage))
	step(a, "confirm", "Declare a suspicion", authz.Declare, simple(do.Confirm))
	step(a, "mitigate", "Say that the impact is reduced", authz.Command, simple(do.Mitigate))
	step(a, "restrict", "Hide it from everybody outside its circle", authz.Command, simple(do.Restrict))
	step(a, "close", "End it for good", authz.Command, simple(do.Close))
	step(a, "dismiss", "Close a suspicion as a false positive", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.Reason) (*incident.Incident, error) {
		return do.Dismiss(ctx, c.Actor, n, b.Reason, c.Now)
	})
	step(a, "severity", "Change the severity", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.NewSeverity) (*incident.Incident, error) {
		return do.SetSeverity(ctx, c.Actor, n, b.To, b.Reason, c.Now)
	})
	step(a, "roles", "Give a role of the war room to somebody", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.RoleChange) (*incident.Incident, error) {
		return do.AssignRole(ctx, c.Actor, n, roleOf(b.Role), b.Person, strings.TrimSpace(b.Handover), c.Now)
	})
	step(a, "notes", "Write on the timeline", authz.Respond, func(ctx context.Context, c route.Call, n int64, b record.Note) (*incident.Incident, error) {
		return do.Note(ctx, c.Actor, n, command.Remark{Text: b.Text, At: b.At.UTC(), Findings: b.Findings}, c.Now)
	})
	step(a, "scope", "Say which services, regions and customers it touches", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.NewScope) (*incident.Incident, error) {
		return do.SetScope(ctx, c.Actor, n, command.NewScope{Services: b.Services, Regions: b.Regions, Products: b.Products, Added: b.Added, Spared: b.Spared, Reason: b.Reason}, c.Now)
	})
	step(a, "facts", "Say that it is an extended outage or a matter for regulators", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.NewFact) (*incident.Incident, error) {
		return do.SetFact(ctx, c.Actor, n, b.Fact, b.Reason, c.Now)
	})
	step(a, "impact", "Say what it means for the business", authz.Respond, func(ctx context.Context, c route.Call, n int64, b record.Consequence) (*incident.Incident, error) {
		return do.Consequence(ctx, c.Actor, n, b.Consequence, c.Now)
	})
	step(a, "brief", "Tell the executives where it stands", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.Brief) (*incident.Incident, error) {
		return do.Brief(ctx, c.Actor, n, b.Text, c.Now)
	})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/brief", Summary: "Propose a brief for the executives", Tag: "incidents"}, route.Needs(authz.Command),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[record.Brief], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			text, err := do.DraftBrief(ctx, c.Actor, n, c.Now)
			return route.One(record.Brief{Text: text}), err
		})
	step(a, "reopen", "Take the resolution back: the impact is there again", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.Reason) (*incident.Incident, error) {
		return do.Reopen(ctx, c.Actor, n, b.Reason, c.Now)
	})
	step(a, "resolve", "End the impact", authz.Command, func(ctx context.Context, c route.Call, n int64, b *record.Resolution) (*incident.Incident, error) {
		if b == nil {
			b = &record.Resolution{}
		}
		return do.Resolve(ctx, c.Actor, n, command.Resolution{Reason: strings.TrimSpace(b.Reason), At: b.ResolvedAt.UTC()}, c.Now)
	})
	step(a, "escalate", "Page somebody by hand", authz.Escalate, func(ctx context.Context, c route.Call, n int64, b record.Escalation) (*incident.Incident, error) {
		return do.Escalate(ctx, c.Actor, n, b.To.Named(), b.Text, c.Now)
	})
	step(a, "snooze", "Hold back the pages that wait for an acknowledgement; then the chain pages anew", authz.Respond, func(ctx context.Context, c route.Call, n int64, b record.Snooze) (*incident.Incident, error) {
		if b.For.Business() {
			return nil, fault.New(fault.Invalid, "validation failed").With("for", "give elapsed time, such as 30m")
		}
		return do.Snooze(ctx, c.Actor, n, b.For.Elapsed(), strings.TrimSpace(b.Reason), c.Now)
	})
	step(a, "wake", "End a snooze now: nobody has it, and the chain pages anew", authz.Respond, simple(do.Wake))
	step(a, "pages", "Page somebody by hand, such as sme:database; who answers is a responder", authz.Escalate, func(ctx context.Context, c route.Call, n int64, b record.Escalation) (*incident.Incident, error) {
		return do.Escalate(ctx, c.Actor, n, b.To.Named(), b.Text, c.Now)
	})
	step(a, "merge", "Make it part of another incident", authz.Command, func(ctx context.Context, c route.Call, n int64, b record.MergeInto) (*incident.Incident, error) {
		into, err := route.IncidentPath{Ref: string(b.Into)}.Number()
		if err != nil {
			return nil, err
		}
		return do.Merge(ctx, c.Actor, n, into, c.Now)
	})
	step(a, "split", "Make some of its alerts an incident of their own, which is the answer", authz.Command, a.split)
	step(a, "responders", "Join the response, or say that you cannot", authz.Respond, func(ctx context.Context, c route.Call, n int64, b record.Answer) (*incident.Incident, error) {
		return do.Respond(ctx, c.Actor, n, b.State, c.Now)
	})
}

func (a *API) split(ctx context.Context, c route.Call, n int64, b record.SplitOff) (*incident.Incident, error) {
	ids := make([]ident.ID, len(b.Alerts))
	for k, s := range b.Alerts {
		id, err := ident.Parse(s)
		if err != nil {
			return nil, fault.New(fault.Invalid, "validation failed").With("alerts", s+" is not the id of an alert")
		}
		ids[k] = id
	}
	return a.opt.Command.Split(ctx, c.Actor, n, ids, strings.TrimSpace(b.Title), c.Now)
}

// after shows the incident as a step left it. Somebody who put it out of the
// own sight sees what the step itself returned.
func (a *API) after(ctx context.Context, c route.Call, i *incident.Incident, err error) (*route.Tagged[record.Incident], error) {
	if err != nil {
		return nil, err
	}
	out, err := a.showIncident(ctx, c, i.Number)
	if fault.Is(err, fault.NotFound) {
		return taggedIncident(record.IncidentOf(board.Whole{Item: board.Item{Incident: i}}, c.Now)), nil
	}
	return out, err
}

// roleOf takes the short name of a role too.
func roleOf(role string) string {
	switch role {
	case "commander":
		return incident.Commander
	case "lead":
		return incident.TechLead
	case "communications":
		return incident.CommsLead
	}
	return role
}
