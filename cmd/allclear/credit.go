package main

import (
	"context"

	"allclear/internal/app/cli"
)

// creditCmd is what customers are credited.
type creditCmd struct {
	List creditListCmd `cmd:"" help:"List credit memos, the newest first."`
	Show creditShowCmd `cmd:"" help:"Show one with everything its amount comes from."`
}

type creditListCmd struct {
	listFlags
	Month    string `placeholder:"MONTH" help:"Only those of a month, such as 2026-03."`
	State    string `placeholder:"STATE" help:"Only those that are calculated, pending, approved, processed, exported or void."`
	Customer string `help:"Only those of a customer."`
	Incident string `help:"Only those of an incident, INC-42 or 42."`
}

func (c *creditListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).List(ctx, cli.Credits, filter("month", c.Month, "state", c.State, "customer", c.Customer, "incident", c.Incident), c.limit())
}

type creditShowCmd struct {
	clientFlags
	ID string `arg:"" help:"Which one, by its id."`
}

func (c *creditShowCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Show(ctx, cli.Credits, c.ID)
}
