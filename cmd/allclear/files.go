package main

import (
	"context"
	"net/url"

	"allclear/internal/app/cli"
)

type scheduleCmd struct {
	List    catalogListCmd[schedules] `cmd:"" help:"List schedules and who is on call."`
	Show    catalogShowCmd[schedules] `cmd:"" help:"Show a schedule."`
	Resolve resolveCmd                `cmd:"" help:"Say who is on call by a schedule file at given instants; no server is asked."`
	Cover   coverCmd                  `cmd:"" help:"Put somebody on call for a while (an override)."`
}

type resolveCmd struct {
	File string        `arg:"" help:"Schedule in YAML or JSON; - is standard input."`
	At   []cli.Instant `required:"" sep:"none" placeholder:"RFC3339" help:"Instant to ask about; may be given more than once."`
}

func (c *resolveCmd) Run(t *cli.Terminal) error { return t.Resolve(c.File, c.At) }

type coverCmd struct {
	clientFlags
	ID     string      `arg:"" help:"Schedule."`
	Person string      `required:"" help:"Who is on call instead."`
	From   cli.Instant `required:"" placeholder:"RFC3339" help:"From when."`
	Until  cli.Instant `required:"" placeholder:"RFC3339" help:"Until, and not including, when."`
}

func (c *coverCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Do(ctx, cli.Schedules, c.ID, "overrides", map[string]any{"person": c.Person, "from": c.From, "until": c.Until})
}

type procedureCmd struct {
	Lint procedureLintCmd `cmd:"" help:"Check a procedure file; warnings exit 0, errors 1."`
	Show procedureShowCmd `cmd:"" help:"Show what a procedure says, as it is understood."`
	Diff procedureDiffCmd `cmd:"" help:"Compare two procedures, by default a file with the built-in one."`
}

type procedureLintCmd struct {
	File string `arg:"" optional:"" default:"techflow" help:"Procedure file, - for standard input, or techflow for the built-in one."`
}

func (c *procedureLintCmd) Run(t *cli.Terminal) error { return t.LintProcedure(c.File) }

type procedureShowCmd struct {
	File string `arg:"" optional:"" default:"techflow" help:"Procedure file, - for standard input, or techflow for the built-in one."`
}

func (c *procedureShowCmd) Run(t *cli.Terminal) error { return t.ShowProcedure(c.File) }

type procedureDiffCmd struct {
	File  string `arg:"" help:"Procedure file."`
	Other string `arg:"" optional:"" default:"techflow" help:"What to compare it with."`
}

func (c *procedureDiffCmd) Run(t *cli.Terminal) error { return t.DiffProcedure(c.File, c.Other) }

// declaredFlags are the declarative files of a command.
type declaredFlags struct {
	File   []string `short:"f" required:"" sep:"none" placeholder:"FILE" help:"File or folder, - for standard input; may be given more than once."`
	DryRun bool     `help:"Print the plan and change nothing."`
}

type applyCmd struct {
	clientFlags
	declaredFlags
	Prune bool `help:"Delete what the files do not name, of the kinds they do name."`
}

func (c *applyCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Apply(ctx, c.File, c.DryRun, c.Prune)
}

type oncallCmd struct {
	List oncallListCmd `cmd:"" default:"withargs" help:"Say who is on call by each schedule, until when and who is next."`
}

type oncallListCmd struct {
	clientFlags
	At cli.Instant `placeholder:"RFC3339" help:"When; now if not given."`
}

func (c *oncallListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	query := url.Values{}
	if c.At.Text != "" {
		query.Set("at", c.At.Text)
	}
	return c.session(t).List(ctx, cli.Duties, query, 0)
}
