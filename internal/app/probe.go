package app

import (
	"context"
	"time"

	"allclear/internal/app/cli"
	"allclear/internal/domain/check"
	"allclear/internal/plug/synthetic"
)

// prober makes synthetic checks, by the guarded way out.
func prober(allowOutbound []string, scripts, version string) (func(context.Context, check.Check, time.Time) check.Result, error) {
	guard, err := guardOf(allowOutbound)
	if err != nil {
		return nil, err
	}
	return synthetic.New(synthetic.Options{Guard: guard, Version: version, Scripts: scripts}).Try, nil
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
	try, err := prober(o.AllowOutbound, o.Scripts, s.Version)
	if err != nil {
		return err
	}
	return s.Probe(ctx, o.Name, try, o.Once)
}
