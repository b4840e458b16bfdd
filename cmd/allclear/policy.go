package main

import (
	"context"

	"allclear/internal/app/cli"
)

type policyCmd struct {
	List   catalogListCmd[policies]   `cmd:"" help:"List the procedure's chains and the escalation policies."`
	Show   catalogShowCmd[policies]   `cmd:"" help:"Show an escalation policy, or the chain of P1 or P2."`
	Apply  policyApplyCmd             `cmd:"" help:"Make the policies say what files say; the files may hold nothing else."`
	Lint   policyLintCmd              `cmd:"" help:"Check policy files; no server is asked, so that whom they name is checked by apply --dry-run."`
	Delete catalogDeleteCmd[policies] `cmd:"" help:"Delete a policy that no service names any more."`
}

type policyApplyCmd struct {
	clientFlags
	declaredFlags
	Prune bool `help:"Delete the policies that the files do not name."`
}

func (c *policyApplyCmd) Run(ctx context.Context, t *cli.Terminal) error {
	return c.session(t).ApplyPolicies(ctx, c.File, c.DryRun, c.Prune)
}

type policyLintCmd struct {
	File []string `arg:"" help:"File or folder, - for standard input."`
}

func (c *policyLintCmd) Run(t *cli.Terminal) error { return t.LintPolicies(c.File) }
