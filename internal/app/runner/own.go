package runner

import (
	"context"
	"log/slog"
	"time"

	"allclear/internal/app/cli"
	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/flow/remedy"
	"allclear/internal/plug"
	"allclear/internal/plug/execute"
)

// Options are what a runner of its own process is made with.
type Options struct {
	Server        cli.Server
	Name          string // of this runner, for the record
	Allow         string // file of its allow-list
	AllowOutbound *plug.Guard
	Version       string
	Log           *slog.Logger
}

// Serve takes runs from a server until ctx ends.
func Serve(ctx context.Context, o Options) error {
	list, err := execute.Read(o.Allow)
	if err != nil {
		return fault.New(fault.Invalid, "%s", err)
	}
	o.Log.Info("runner", "server", o.Server.URL, "name", o.Name, "commands", list.Names())
	return New(cli.Runs{Server: o.Server, Name: o.Name}, list, o.AllowOutbound, o.Version, o.Log).Run(ctx)
}

// Inside is the desk of a runner that is part of a server.
type Inside struct {
	Flow *remedy.Remedy
	Now  func() time.Time
	Name string
}

var actor = authz.Actor{ID: "runner:server", Role: authz.Runner, Via: "runner"}

// Claim implements Desk.
func (i Inside) Claim(ctx context.Context, commands []string) (*cli.Claimed, error) {
	w, err := i.Flow.Claim(ctx, actor, i.Name, commands, i.Now())
	if err != nil || w == nil {
		return nil, err
	}
	return &cli.Claimed{ID: w.Run.String(), Fence: w.Fence, Action: w.Action, Command: w.Commands, Dry: w.Dry, Plan: w.Plan, Values: w.Values, Timeout: w.Timeout}, nil
}

// Report implements Desk.
func (i Inside) Report(ctx context.Context, run string, fence int64, text string) (bool, error) {
	id, err := ident.Parse(run)
	if err != nil {
		return false, err
	}
	return i.Flow.Heard(ctx, actor, id, fence, text, i.Now())
}

// Finish implements Desk.
func (i Inside) Finish(ctx context.Context, run string, fence int64, res domain.Result) error {
	id, err := ident.Parse(run)
	if err != nil {
		return err
	}
	return i.Flow.Finish(ctx, actor, id, fence, res, i.Now())
}
