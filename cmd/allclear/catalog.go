package main

import (
	"context"
	"net/url"

	"allclear/internal/app/cli"
)

// clientFlags say which server a command asks and how it prints.
type clientFlags struct {
	Server string `default:"http://127.0.0.1:8080" placeholder:"URL" help:"Server to ask (${default})."`
	Token  string `placeholder:"TOKEN" help:"API token. Better given as ALLCLEAR_TOKEN: a command line is seen by others."`
	Output string `short:"o" enum:"auto,table,json,yaml" default:"auto" help:"How to print: ${enum}; auto is a table on a terminal and JSON otherwise."`
}

func (f clientFlags) session(t *cli.Terminal) *cli.Session {
	return &cli.Session{Terminal: t, Server: cli.Server{URL: f.Server, Token: f.Token}, Format: f.Output}
}

// listFlags bound a list.
type listFlags struct {
	clientFlags
	Limit int  `default:"50" help:"How many at most (${default})."`
	All   bool `help:"All of them."`
}

func (f listFlags) limit() int {
	if f.All {
		return 0
	}
	return f.Limit
}

// AfterApply refuses a limit that makes no sense.
func (f listFlags) AfterApply() error {
	if f.Limit < 1 {
		return errLimit
	}
	return nil
}

// family is a kind of catalogue entity as commands know it.
type family interface{ resource() cli.Resource }

type (
	people    struct{}
	teams     struct{}
	services  struct{}
	customers struct{}
	schedules struct{}
	policies  struct{}
	checks    struct{}
)

func (people) resource() cli.Resource    { return cli.People }
func (teams) resource() cli.Resource     { return cli.Teams }
func (services) resource() cli.Resource  { return cli.Services }
func (customers) resource() cli.Resource { return cli.Customers }
func (schedules) resource() cli.Resource { return cli.Schedules }
func (policies) resource() cli.Resource  { return cli.Policies }
func (checks) resource() cli.Resource    { return cli.Checks }

type catalogListCmd[F family] struct {
	listFlags
	Query string `short:"q" placeholder:"TEXT" help:"Only those whose id or name has the text."`
}

func (c *catalogListCmd[F]) Run(ctx context.Context, t *cli.Terminal) error {
	var f F
	return c.session(t).List(ctx, f.resource(), filter("q", c.Query), c.limit())
}

type catalogShowCmd[F family] struct {
	clientFlags
	ID string `arg:"" help:"Which one."`
}

func (c *catalogShowCmd[F]) Run(ctx context.Context, t *cli.Terminal) error {
	var f F
	return c.session(t).Show(ctx, f.resource(), c.ID)
}

type catalogDeleteCmd[F family] struct {
	clientFlags
	ID string `arg:"" help:"Which one; nothing may refer to it."`
}

func (c *catalogDeleteCmd[F]) Run(ctx context.Context, t *cli.Terminal) error {
	var f F
	return c.session(t).Remove(ctx, f.resource(), c.ID)
}

type personCmd struct {
	List   catalogListCmd[people]   `cmd:"" help:"List people."`
	Show   catalogShowCmd[people]   `cmd:"" help:"Show a person."`
	Delete catalogDeleteCmd[people] `cmd:"" help:"Delete a person whom nothing names any more."`
}

type teamCmd struct {
	List   catalogListCmd[teams]   `cmd:"" help:"List teams."`
	Show   catalogShowCmd[teams]   `cmd:"" help:"Show a team."`
	Delete catalogDeleteCmd[teams] `cmd:"" help:"Delete a team that nothing names any more."`
}

type serviceCmd struct {
	List   catalogListCmd[services]   `cmd:"" help:"List services."`
	Show   catalogShowCmd[services]   `cmd:"" help:"Show a service."`
	Delete catalogDeleteCmd[services] `cmd:"" help:"Delete a service that nothing names any more."`
}

type customerCmd struct {
	List     customerListCmd             `cmd:"" help:"List customers."`
	Show     catalogShowCmd[customers]   `cmd:"" help:"Show a customer."`
	Import   customerImportCmd           `cmd:"" help:"Make and change customers as a CSV file or a JSON list says; bad rows are named and the others taken."`
	Export   customerExportCmd           `cmd:"" help:"Print customers as a CSV file that can be imported again."`
	Escalate customerEscalateCmd         `cmd:"" help:"Page who is on call and the account manager on call, for a customer."`
	Delete   catalogDeleteCmd[customers] `cmd:"" help:"Delete a customer."`
}

// customerFilter narrows customers.
type customerFilter struct {
	Query   string `short:"q" placeholder:"TEXT" help:"Only those whose id, external id, name or domain has the text."`
	Region  string `help:"Only those of a region."`
	Tier    string `help:"Only those of a tier."`
	Service string `help:"Only those who use a service."`
	Product string `help:"Only those who use a product."`
	VIP     bool   `name:"vip" help:"Only VIP customers."`
}

func (c *customerFilter) query() url.Values {
	query := filter("q", c.Query, "region", c.Region, "tier", c.Tier, "service", c.Service, "product", c.Product)
	if c.VIP {
		query.Set("vip", "true")
	}
	return query
}

type customerListCmd struct {
	listFlags
	customerFilter
}

func (c *customerListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).List(ctx, cli.Customers, c.query(), c.limit())
}

type customerImportCmd struct {
	clientFlags
	File   string `arg:"" help:"CSV file, or JSON where it ends in .json; - reads standard input as CSV."`
	DryRun bool   `name:"dry-run" help:"Only say what would change."`
}

func (c *customerImportCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).ImportCustomers(ctx, c.File, c.DryRun)
}

type customerExportCmd struct {
	clientFlags
	customerFilter
}

func (c *customerExportCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).ExportCustomers(ctx, c.query())
}

type deliveryCmd struct {
	List deliveryListCmd `cmd:"" help:"List deliveries, newest first."`
	Show deliveryShowCmd `cmd:"" help:"Show a delivery."`
}

type deliveryListCmd struct {
	listFlags
	Incident string `help:"Only those of an incident, INC-42 or 42."`
	State    string `help:"Only those in a state."`
}

func (c *deliveryListCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).List(ctx, cli.Deliveries, filter("incident", c.Incident, "state", c.State), c.limit())
}

type deliveryShowCmd struct {
	clientFlags
	ID string `arg:"" help:"Which one."`
}

func (c *deliveryShowCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).Show(ctx, cli.Deliveries, c.ID)
}

// filter makes a query of the names whose values are given.
func filter(pairs ...string) url.Values {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return q
}
