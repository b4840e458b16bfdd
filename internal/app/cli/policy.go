package cli

import (
	"context"
	"fmt"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/admin"
)

// LintPolicies checks files of escalation policies without a server. Whom they
// name is taken to be there: only a catalogue knows.
func (t *Terminal) LintPolicies(paths []string) error {
	_, n, err := t.policies(paths)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(t.Out, "%s, 0 errors\n", numberOf(n))
	return err
}

// ApplyPolicies makes the policies of the catalogue say what the files say.
// Files that declare something else are refused before anything is sent:
// pruning must not reach what the command is not named for.
func (s *Session) ApplyPolicies(ctx context.Context, paths []string, dryRun, prune bool) error {
	files, _, err := s.policies(paths)
	if err != nil {
		return err
	}
	return s.apply(ctx, files, dryRun, prune)
}

// policies reads files that hold nothing but policies, and counts those.
func (t *Terminal) policies(paths []string) ([]admin.File, int, error) {
	files, err := t.declared(paths)
	if err != nil {
		return nil, 0, fault.Wrap(fault.Internal, err, "read policies")
	}
	found, err := admin.Lint(files)
	if err != nil {
		return nil, 0, err
	}
	for _, e := range found {
		if e.Kind() != catalog.KindPolicy {
			return nil, 0, fault.New(fault.Invalid, "%s %s is no policy: use allclear apply for it", e.Kind(), e.Key())
		}
	}
	return files, len(found), nil
}

func numberOf(policies int) string {
	if policies == 1 {
		return "1 policy"
	}
	return fmt.Sprintf("%d policies", policies)
}
