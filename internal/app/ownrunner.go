package app

import (
	"context"

	"allclear/internal/app/outbound"
	"allclear/internal/app/runner"
	"allclear/internal/base/fault"
	"allclear/internal/plug/execute"
)

// allowList reads what this server's own runner may run; nil: it has none.
func (s *server) allowList() (*execute.List, error) {
	if s.c.Runner == "" {
		return nil, nil
	}
	list, err := execute.Read(s.c.Runner)
	if err != nil {
		return nil, fault.New(fault.Invalid, "--runner: %s", err)
	}
	return list, nil
}

// ownRunner runs what was agreed to inside this process.
func (s *server) ownRunner(list *execute.List) func(context.Context) error {
	return func(ctx context.Context) error {
		if list == nil {
			return nil
		}
		guard, err := outbound.Guard(s.c.AllowOutbound)
		if err != nil {
			return err
		}
		desk := runner.Inside{Flow: s.engine.Remedy, Now: s.time.Now, Name: "the server"}
		return runner.New(desk, list, guard, s.c.Version, s.log).Run(ctx)
	}
}
