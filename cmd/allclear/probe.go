package main

import (
	"context"

	"allclear/internal/app/cli"
	"allclear/internal/app/outbound"
)

type checkCmd struct {
	List   catalogListCmd[checks]   `cmd:"" help:"List synthetic checks and how they stand."`
	Show   catalogShowCmd[checks]   `cmd:"" help:"Show a check, and how it stands at each place."`
	Delete catalogDeleteCmd[checks] `cmd:"" help:"Delete a check; what it has raised ends."`
}

type probeCmd struct {
	clientFlags
	Name          string   `required:"" placeholder:"PLACE" help:"Name of this place, as the checks have it under probes, such as eu-west."`
	AllowOutbound []string `placeholder:"CIDR" help:"Private addresses that checks may reach from here."`
	Scripts       string   `type:"existingdir" placeholder:"DIR" help:"Folder of the programs that checks of type script may run; absent: none are run."`
	Once          bool     `help:"Make each check once, report and end."`
}

func (c *probeCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return outbound.Probe(ctx, c.session(t), outbound.ProbeOptions{Name: c.Name, AllowOutbound: c.AllowOutbound, Scripts: c.Scripts, Once: c.Once})
}
