package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/app/cli"
)

const payments = "kind: policy\nid: payments\nname: Payments\nsteps:\n- after: 0s\n  to: [schedule:payments]\n- after: 10m\n  to: [\"role:cto\"]\n"

// Clauses: PLT-CFG-POL
func TestPoliciesAreCheckedWithoutAServerAndAppliedAlone(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("payments.yaml", payments)
	command("policy", "lint", good).want(t, 0, "1 policy, 0 errors\n", "")
	commandOn(&cli.Terminal{In: strings.NewReader(payments)}, "policy", "lint", "-").want(t, 0, "1 policy, 0 errors\n", "")
	circle := file("circle.yml", strings.Replace(payments, "role:cto", "policy:payments", 1))
	command("policy", "lint", circle).want(t, cli.ExitFailed, "", "circle.yml:8:8: /steps/1/to/0")
	command("policy", "lint", filepath.Join(dir, "none.yaml")).want(t, cli.ExitNotFound, "", "none.yaml")

	p := serverWith(t, map[string]answer{"POST /api/v1/apply": {200, `{"dry_run":true,"created":1,"updated":0,"deleted":0,"unchanged":0,"steps":[{"action":"create","kind":"policy","id":"payments"}]}`}})
	commandOn(&cli.Terminal{Tables: true}, "policy", "apply", "--dry-run", "--prune", "-f", good).want(t, 0, "create  policy    payments\n1 would be created, 0 updated, 0 deleted, 0 unchanged\n", "")
	if len(p.asked) != 1 || !strings.Contains(p.asked[0], `"dry_run":true`) || !strings.Contains(p.asked[0], `"prune":true`) || !strings.Contains(p.asked[0], "schedule:payments") {
		t.Errorf("asked %v", p.asked)
	}
	// Pruning the people beside a policy is nobody's wish.
	mixed := file("mixed.yaml", payments+"---\nkind: person\nid: bo\nname: Bo\n")
	command("policy", "apply", "--prune", "-f", mixed).want(t, cli.ExitFailed, "", "person bo is no policy")
	command("policy", "apply", "-f", circle).want(t, cli.ExitFailed, "", "circle.yml:8:8")
	if len(p.asked) != 1 {
		t.Errorf("something was sent: %v", p.asked[1:])
	}
}
