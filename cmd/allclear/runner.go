package main

import (
	"context"
	"log/slog"

	"allclear/internal/app/cli"
	"allclear/internal/app/outbound"
	"allclear/internal/app/runner"
	"allclear/internal/base/fault"
)

type runnerCmd struct {
	Server        string   `default:"http://127.0.0.1:8080" placeholder:"URL" help:"Server to take runs from (${default})."`
	Token         string   `placeholder:"TOKEN" help:"Token of a machine with the role runner. Better given as ALLCLEAR_TOKEN: a command line is seen by others."`
	Name          string   `default:"runner" placeholder:"NAME" help:"Name of this runner on the record (${default})."`
	Allow         string   `required:"" type:"existingfile" placeholder:"FILE" help:"Allow-list: what may be run here, and how."`
	AllowOutbound []string `placeholder:"CIDR" help:"Private addresses that requests may reach from here."`
}

func (c *runnerCmd) Run(ctx context.Context, t *cli.Terminal) error {
	guard, err := outbound.Guard(c.AllowOutbound)
	if err != nil {
		return fault.New(fault.Invalid, "%s", err)
	}
	return runner.Serve(ctx, runner.Options{
		Server: cli.Server{URL: c.Server, Token: c.Token}, Name: c.Name, Allow: c.Allow, AllowOutbound: guard, Version: t.Version,
		Log: slog.New(slog.NewTextHandler(t.Err, nil)),
	})
}
