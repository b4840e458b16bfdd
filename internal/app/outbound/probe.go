package outbound

import (
	"context"
	"time"

	"allclear/internal/app/cli"
	"allclear/internal/base/fault"
	"allclear/internal/domain/check"
	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
	"allclear/internal/plug/synthetic"
)

// Checks makes synthetic checks once.
func Checks(guard *plug.Guard, scripts, version string) func(context.Context, check.Check, time.Time) check.Result {
	return synthetic.New(synthetic.Options{Guard: guard, Version: version, Scripts: scripts}).Try
}

// Load asks one address many times.
func Load(guard *plug.Guard, version string) func(context.Context, remedy.Probe) remedy.Measured {
	return synthetic.New(synthetic.Options{Guard: guard, Version: version}).Load
}

// ProbeOptions say how checks are made from another place.
type ProbeOptions struct {
	Name          string // of the place, as checks have it
	AllowOutbound []string
	Scripts       string
	Once          bool // make each check once and end
}

// Probe makes the synthetic checks of a server from here until ctx ends.
func Probe(ctx context.Context, s *cli.Session, o ProbeOptions) error {
	guard, err := Guard(o.AllowOutbound)
	if err != nil {
		return fault.New(fault.Invalid, "%s", err)
	}
	return s.Probe(ctx, o.Name, Checks(guard, o.Scripts, s.Version), o.Once)
}
