package main

import (
	"context"
	"errors"

	"allclear/internal/app/cli"
)

var errLimit = errors.New("--limit must be at least 1")

type incidentCmd struct {
	List     incidentListCmd     `cmd:"" help:"List incidents, newest first."`
	Show     incidentShowCmd     `cmd:"" help:"Show an incident."`
	Declare  incidentDeclareCmd  `cmd:"" help:"Declare an incident; its clocks start."`
	Ack      incidentAckCmd      `cmd:"" aliases:"acknowledge" help:"Acknowledge: I have it."`
	Engage   incidentEngageCmd   `cmd:"" help:"Say that work has begun; this confirms a suspected incident."`
	Severity incidentSeverityCmd `cmd:"" help:"Change the severity; a lower one needs a reason."`
	Role     incidentRoleCmd     `cmd:"" help:"Give a role, such as commander, to a person."`
	Note     incidentNoteCmd     `cmd:"" help:"Add a note to the timeline."`
	Update   incidentUpdateCmd   `cmd:"" help:"Tell an audience where it stands."`
	Resolve  incidentResolveCmd  `cmd:"" help:"Resolve: impact has ended."`

	Snooze snoozeCmd `cmd:"" help:"Hold back the pages that wait for an acknowledgement."`
	Wake   wakeCmd   `cmd:"" help:"End a snooze now; the chain pages anew."`

	Timeline   incidentBelowCmd[timeline]   `cmd:"" help:"What happened, in order."`
	Deadlines  incidentBelowCmd[deadlines]  `cmd:"" help:"The clocks of an incident."`
	Checklists incidentBelowCmd[checklists] `cmd:"" help:"What is to be done."`
	Pages      incidentBelowCmd[pages]      `cmd:"" help:"Who was paged and told."`
	Messages   incidentBelowCmd[messages]   `cmd:"" help:"What customers and others were told."`
}

type incidentArg struct {
	clientFlags
	Incident string `arg:"" help:"INC-42 or 42."`
}

func (c incidentArg) do(ctx context.Context, t *cli.Terminal, action string, body map[string]any) error {
	return c.session(t).Do(ctx, cli.Incidents, c.Incident, action, body)
}

type incidentListCmd struct {
	listFlags
	Status   string `placeholder:"STATUS" help:"Only those in a status: triage, investigating, mitigated, monitoring, resolved or closed."`
	Severity string `placeholder:"P1..P4" help:"Only those of a severity."`
	Service  string `help:"Only those of a service."`
}

func (c *incidentListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).List(ctx, cli.Incidents, filter("status", c.Status, "severity", c.Severity, "service", c.Service), c.limit())
}

type incidentShowCmd struct{ incidentArg }

func (c *incidentShowCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Show(ctx, cli.Incidents, c.Incident)
}

type incidentDeclareCmd struct {
	clientFlags
	Title      string   `arg:"" help:"What is wrong, in one line."`
	Severity   string   `required:"" enum:"P1,P2,P3,P4" help:"${enum}."`
	Service    string   `required:"" help:"Service that is hit."`
	Regions    []string `name:"region" help:"Regions that are hit; all if none is given."`
	Restricted bool     `help:"Need to know only: nothing is published, nobody outside the circle sees it."`
}

func (c *incidentDeclareCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Create(ctx, cli.Incidents, map[string]any{
		"title": c.Title, "severity": c.Severity, "service": c.Service, "regions": c.Regions, "restricted": c.Restricted,
	})
}

type incidentAckCmd struct{ incidentArg }

func (c *incidentAckCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "acknowledge", nil)
}

type incidentEngageCmd struct{ incidentArg }

func (c *incidentEngageCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "engage", nil)
}

type incidentSeverityCmd struct {
	incidentArg
	To     string `arg:"" enum:"P1,P2,P3,P4" help:"${enum}."`
	Reason string `help:"Why; needed where it becomes less severe."`
}

func (c *incidentSeverityCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "severity", map[string]any{"to": c.To, "reason": c.Reason})
}

type incidentRoleCmd struct {
	incidentArg
	Role   string `arg:"" help:"Role, such as commander."`
	Person string `arg:"" help:"Who takes it."`
}

func (c *incidentRoleCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "roles", map[string]any{"role": c.Role, "person": c.Person})
}

type incidentNoteCmd struct {
	incidentArg
	Text string      `arg:"" help:"The note."`
	At   cli.Instant `placeholder:"RFC3339" help:"When it happened; now if not given."`
}

func (c *incidentNoteCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "notes", map[string]any{"text": c.Text, "at": c.At})
}

type incidentUpdateCmd struct {
	incidentArg
	Text     string `arg:"" help:"What to tell them."`
	Audience string `default:"customers" help:"Whom to tell (${default})."`
	Draft    bool   `help:"Keep it for somebody to approve; otherwise it goes out at once."`
}

func (c *incidentUpdateCmd) Run(ctx context.Context, t *cli.Terminal) error {
	action := "updates"
	if c.Draft {
		action = "messages"
	}
	return c.do(ctx, t, action, map[string]any{"audience": c.Audience, "text": c.Text})
}

type incidentResolveCmd struct {
	incidentArg
	Reason string `help:"Why it may be resolved although gates are open; they are waived with it."`
}

func (c *incidentResolveCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "resolve", map[string]any{"reason": c.Reason})
}

type snoozeCmd struct {
	incidentArg
	For    string `required:"" placeholder:"SPAN" help:"For how long, from 5m to 24h, such as 1h or 1h30m."`
	Reason string `help:"Why; it stands on the timeline."`
}

func (c *snoozeCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "snooze", map[string]any{"for": c.For, "reason": c.Reason})
}

type wakeCmd struct{ incidentArg }

func (c *wakeCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.do(ctx, t, "wake", nil)
}

// below is what an incident has.
type below interface{ name() string }

type (
	timeline   struct{}
	deadlines  struct{}
	checklists struct{}
	pages      struct{}
	messages   struct{}
)

func (timeline) name() string   { return "timeline" }
func (deadlines) name() string  { return "deadlines" }
func (checklists) name() string { return "checklists" }
func (pages) name() string      { return "pages" }
func (messages) name() string   { return "messages" }

type incidentBelowCmd[B below] struct {
	listFlags
	Incident string `arg:"" help:"INC-42 or 42."`
}

func (c *incidentBelowCmd[B]) Run(ctx context.Context, t *cli.Terminal) error {
	var b B
	return c.session(t).Below(ctx, cli.Incidents, c.Incident, b.name(), c.limit())
}

type alertCmd struct {
	List    alertListCmd    `cmd:"" help:"List alerts, newest first."`
	Show    alertShowCmd    `cmd:"" help:"Show an alert."`
	Ack     alertAckCmd     `cmd:"" aliases:"acknowledge" help:"Acknowledge an alert."`
	Resolve alertResolveCmd `cmd:"" help:"Resolve an alert."`
}

type alertListCmd struct {
	listFlags
	Status   string `placeholder:"STATUS" help:"Only those that are triggered, acknowledged, resolved or suppressed."`
	Service  string `help:"Only those of a service."`
	Incident string `help:"Only those of an incident, INC-42 or 42."`
}

func (c *alertListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).List(ctx, cli.Alerts, filter("status", c.Status, "service", c.Service, "incident", c.Incident), c.limit())
}

type alertArg struct {
	clientFlags
	ID string `arg:"" help:"Which one."`
}

type alertShowCmd struct{ alertArg }

func (c *alertShowCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Show(ctx, cli.Alerts, c.ID)
}

type alertAckCmd struct{ alertArg }

func (c *alertAckCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Do(ctx, cli.Alerts, c.ID, "acknowledge", nil)
}

type alertResolveCmd struct{ alertArg }

func (c *alertResolveCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Do(ctx, cli.Alerts, c.ID, "resolve", nil)
}

type sendCmd struct {
	Server     string            `default:"http://127.0.0.1:8080" placeholder:"URL" help:"Server to send to (${default})."`
	Output     string            `short:"o" enum:"auto,table,json,yaml" default:"auto" help:"How to print: ${enum}."`
	RoutingKey string            `required:"" placeholder:"KEY" help:"Integration key of the service."`
	Action     string            `enum:"trigger,acknowledge,resolve" default:"trigger" help:"${enum}."`
	Summary    string            `arg:"" optional:"" help:"What is wrong, in one line."`
	Severity   string            `env:"ALLCLEAR_EVENT_SEVERITY" enum:"critical,error,warning,info" default:"critical" help:"${enum}."`
	Source     string            `default:"allclear send" help:"What noticed it."`
	DedupKey   string            `placeholder:"KEY" help:"Names the alert, to repeat, acknowledge or resolve it."`
	Component  string            `help:"Part that is hit."`
	Group      string            `help:"Group of parts."`
	Class      string            `help:"Kind of event."`
	Detail     map[string]string `placeholder:"NAME=VALUE" help:"More to know; may be given more than once."`
}

// AfterApply refuses what the intake would refuse.
func (c *sendCmd) AfterApply() error {
	switch {
	case c.Action == "trigger" && c.Summary == "":
		return errors.New("a trigger needs a summary")
	case c.Action != "trigger" && c.DedupKey == "":
		return errors.New("--dedup-key says which alert to " + c.Action)
	}
	return nil
}

func (c *sendCmd) Run(ctx context.Context, t *cli.Terminal) error {
	s := cli.Session{Terminal: t, Server: cli.Server{URL: c.Server}, Format: c.Output}
	return s.Send(ctx, cli.Event{
		RoutingKey: c.RoutingKey, Action: c.Action, DedupKey: c.DedupKey, Summary: c.Summary, Source: c.Source,
		Severity: c.Severity, Component: c.Component, Group: c.Group, Class: c.Class, Details: c.Detail,
	})
}
