package main

import (
	"context"

	"allclear/internal/app/cli"
)

type ticketCmd struct {
	List     ticketListCmd     `cmd:"" help:"List customers' tickets, newest first."`
	Show     ticketShowCmd     `cmd:"" help:"Show a ticket, and why it is taken for what it is."`
	Escalate ticketEscalateCmd `cmd:"" help:"Have a ticket page."`
	Dismiss  ticketDismissCmd  `cmd:"" help:"Take a ticket from its queue."`
}

type ticketListCmd struct {
	listFlags
	Queue    string `placeholder:"QUEUE" help:"Only those of a queue, urgent or normal."`
	State    string `placeholder:"STATE" help:"Only those that are waiting, raised, dismissed or solved."`
	Customer string `help:"Only those of a customer."`
	Service  string `help:"Only those about a service."`
	Incident string `help:"Only those of an incident, INC-42 or 42."`
}

func (c *ticketListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	query := filter("queue", c.Queue, "state", c.State, "customer", c.Customer, "service", c.Service, "incident", c.Incident)
	return c.session(t).List(ctx, cli.Tickets, query, c.limit())
}

type ticketShowCmd struct {
	clientFlags
	ID string `arg:"" help:"Which one, by its id here."`
}

func (c *ticketShowCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Show(ctx, cli.Tickets, c.ID)
}

type ticketReason struct {
	clientFlags
	ID     string `arg:"" help:"Which one, by its id here."`
	Reason string `required:"" help:"Why; it is on the record."`
}

type ticketEscalateCmd struct{ ticketReason }

func (c *ticketEscalateCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Do(ctx, cli.Tickets, c.ID, "escalate", map[string]any{"reason": c.Reason})
}

type ticketDismissCmd struct{ ticketReason }

func (c *ticketDismissCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Do(ctx, cli.Tickets, c.ID, "dismiss", map[string]any{"reason": c.Reason})
}

type customerEscalateCmd struct {
	clientFlags
	ID      string `arg:"" help:"Which customer."`
	Text    string `arg:"" help:"What the trouble is."`
	Service string `help:"Service it is with; without it the one the customer uses that is restored first."`
}

func (c *customerEscalateCmd) Run(ctx context.Context, t *cli.Terminal) error {
	body := map[string]any{"text": c.Text}
	if c.Service != "" {
		body["service"] = c.Service
	}
	return c.session(t).Do(ctx, cli.Customers, c.ID, "escalate", body)
}
