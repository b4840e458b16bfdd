package main

import (
	"strings"
	"testing"

	"allclear/internal/app/cli"
	"allclear/procedures"
)

// The built-in procedure has warnings only.
func TestProcedureLint(t *testing.T) {
	for _, args := range [][]string{{"procedure", "lint"}, {"procedure", "lint", "techflow"}} {
		o := command(args...)
		if o.code != cli.ExitOK || o.err != "" || !strings.Contains(o.out, "\n0 errors, ") || strings.Contains(o.out, " 0 warnings") || !strings.Contains(o.out, "techflow.yaml:") {
			t.Errorf("%v: %+v", args, o)
		}
	}
	file := write(t, "mine.yaml", strings.Replace(string(procedures.TechFlow), "schema: 1\n", "schema: 1\nfoo: 2\n", 1))
	o := command("procedure", "lint", file)
	if o.code != cli.ExitFailed || !strings.Contains(o.out, file+":") || !strings.Contains(o.out, `unknown key "foo"`) || !strings.Contains(o.out, "\n1 error, 0 warnings\n") {
		t.Errorf("%+v", o)
	}
	if o := command("procedure", "lint", file+".none"); o.code != cli.ExitNotFound || !strings.Contains(o.err, "no such file") {
		t.Errorf("%+v", o)
	}
}

func TestProcedureShowAndDiff(t *testing.T) {
	text := string(procedures.TechFlow)
	o := command("procedure", "show")
	if o.code != cli.ExitOK || !strings.Contains(o.out, "\nSeverities\n") {
		t.Errorf("%+v", o)
	}
	if in := commandOn(&cli.Terminal{In: strings.NewReader(text)}, "procedure", "show", "-"); in.out != o.out {
		t.Error("standard input shows something else")
	}
	command("procedure", "diff", "techflow").want(t, 0, "0 differences\n", "")
	file := write(t, "mine.yaml", strings.Replace(text, `"3.2"`, `"3.3"`, 1))
	if o := command("procedure", "diff", file); o.code != 0 || !strings.Contains(o.out, "3.2 -> 3.3") || !strings.HasSuffix(o.out, "\n1 difference\n") {
		t.Errorf("%+v", o)
	}
	bad := write(t, "bad.yaml", "schema: 1\nfoo: 2\n")
	command("procedure", "show", bad).want(t, cli.ExitFailed, "", bad+":2:1: ")
	command("procedure", "diff", file, bad).want(t, cli.ExitFailed, "", bad+":2:1: ")
}
