package main

import (
	"context"

	"allclear/internal/app/cli"
)

// actionCmd is what follows from incidents.
type actionCmd struct {
	List   actionListCmd   `cmd:"" help:"List action items, the newest first."`
	Show   actionShowCmd   `cmd:"" help:"Show one."`
	Check  actionCheckCmd  `cmd:"" help:"Say how one stands."`
	Verify actionVerifyCmd `cmd:"" help:"Say that you, who do not own it, have seen that it is done."`
}

// reviewCmd is the looks back on incidents.
type reviewCmd struct {
	List reviewListCmd `cmd:"" help:"List reviews, the newest first."`
	Show reviewShowCmd `cmd:"" help:"Show the review of an incident."`
}

// kpiCmd is how well incidents are dealt with.
type kpiCmd struct {
	List kpiListCmd `cmd:"" default:"withargs" help:"List the key figures of a period, of the last 90 days if not given."`
}

type kpiListCmd struct {
	clientFlags
	From  cli.Instant `placeholder:"RFC3339" help:"Beginning of the period."`
	Until cli.Instant `placeholder:"RFC3339" help:"Its end; now if not given."`
}

func (c *kpiListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).List(ctx, cli.KPIs, filter("from", c.From.Text, "until", c.Until.Text), 0)
}

type actionListCmd struct {
	listFlags
	Owner    string `help:"Only those of a person."`
	Category string `placeholder:"CATEGORY" help:"Only those of a category: technical, process, training, tooling or communication."`
	State    string `placeholder:"STATE" help:"Only those that are open, in_progress, blocked, done, verified or cancelled."`
	Incident string `help:"Only those of an incident, INC-42 or 42."`
	Overdue  bool   `help:"Only those past their date."`
}

func (c *actionListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	query := filter("owner", c.Owner, "category", c.Category, "state", c.State, "incident", c.Incident)
	if c.Overdue {
		query.Set("overdue", "true")
	}
	return c.session(t).List(ctx, cli.Actions, query, c.limit())
}

type actionShowCmd struct {
	clientFlags
	ID string `arg:"" help:"Which one, by its id."`
}

func (c *actionShowCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Show(ctx, cli.Actions, c.ID)
}

type actionCheckCmd struct {
	clientFlags
	ID   string `arg:"" help:"Which one, by its id."`
	Note string `arg:"" help:"How it stands."`
}

func (c *actionCheckCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Do(ctx, cli.Actions, c.ID, "check-in", map[string]any{"note": c.Note})
}

type actionVerifyCmd struct {
	clientFlags
	ID   string `arg:"" help:"Which one, by its id."`
	Note string `help:"What you have seen."`
}

func (c *actionVerifyCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Do(ctx, cli.Actions, c.ID, "verify", map[string]any{"note": c.Note})
}

type reviewListCmd struct {
	listFlags
	Open bool `help:"Only those that are not signed off."`
}

func (c *reviewListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	query := filter()
	if c.Open {
		query.Set("open", "true")
	}
	return c.session(t).List(ctx, cli.Reviews, query, c.limit())
}

type reviewShowCmd struct {
	clientFlags
	Incident string `arg:"" help:"Of which incident, INC-42 or 42."`
}

func (c *reviewShowCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Review(ctx, c.Incident)
}
