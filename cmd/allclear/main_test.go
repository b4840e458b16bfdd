package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kong"

	"allclear/internal/app/cli"
)

var update = flag.Bool("update", false, "write the golden files")

// outcome is what one run of the program did.
type outcome struct {
	code     int
	out, err string
}

func command(args ...string) outcome { return commandOn(&cli.Terminal{}, args...) }

func commandOn(t *cli.Terminal, args ...string) outcome {
	var out, errs bytes.Buffer
	t.Out, t.Err, t.Version = &out, &errs, "v1.2.3"
	t.Now = func() time.Time { return time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC) }
	if t.In == nil {
		t.In = strings.NewReader("")
	}
	code := run(context.Background(), args, t)
	return outcome{code: code, out: out.String(), err: errs.String()}
}

func (o outcome) want(t *testing.T, code int, out, err string) {
	t.Helper()
	if o.code != code || o.out != out || !strings.Contains(o.err, err) || err == "" && o.err != "" {
		t.Errorf("got exit %d\n--- out\n%s--- err\n%s\nwant exit %d\n--- out\n%s--- err with\n%s", o.code, o.out, o.err, code, out, err)
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run the test with -update and look at the difference\n%s", path, got)
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestHelp(t *testing.T) {
	t.Setenv("COLUMNS", "100")
	for name, args := range map[string][]string{
		"help.golden": {"--help"}, "help-serve.golden": {"serve", "--help"}, "help-incident.golden": {"incident", "--help"},
	} {
		o := command(args...)
		if o.code != cli.ExitOK || o.err != "" {
			t.Errorf("%v: exit %d, %s", args, o.code, o.err)
		}
		golden(t, name, o.out)
		if as := command(append([]string{"help"}, args[:len(args)-1]...)...); as != o {
			t.Errorf("help %v: %+v", args, as)
		}
	}
}

func TestVersion(t *testing.T) {
	o := command("version")
	if o.code != 0 || !strings.HasPrefix(o.out, "allclear v1.2.3 (go") {
		t.Errorf("%+v", o)
	}
}

func TestWrongUsageExitsWith2(t *testing.T) {
	for _, args := range [][]string{
		{},
		{"nonsense"},
		{"schedule"},
		{"serve", "--no-such-flag"},
		{"serve", "extra"},
		{"schedule", "resolve"},
		{"schedule", "resolve", "x.yaml"},
		{"schedule", "resolve", "x.yaml", "--at", "yesterday"},
		{"schedule", "resolve", "x.yaml", "--at", "2026-01-05T09:00:00"},
		{"schedule", "resolve", "x.yaml", "--at", "2026-01-05 09:00:00Z"},
		{"schedule", "resolve", "x.yaml", "--at", "2026-01-05T09:00:00,5Z"},
		{"incident", "declare", "x", "--service", "api", "--severity", "P9"},
		{"incident", "list", "-o", "xml"},
		{"incident", "list", "--limit", "0"},
		{"send", "--routing-key", "k"},
		{"send", "--routing-key", "k", "--action", "resolve"},
		{"apply"},
		{"completion", "tcsh"},
		{"simulate"},
	} {
		if o := command(args...); o.code != cli.ExitUsage || o.out != "" || !strings.HasPrefix(o.err, "allclear: ") {
			t.Errorf("%v: %+v", args, o)
		}
	}
}

// Every flag of every command can be given by its environment variable.
func TestEveryFlagHasAnEnvironmentVariable(t *testing.T) {
	parser, err := newParser(&cli.Terminal{Out: &bytes.Buffer{}, Err: &bytes.Buffer{}})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, leaf := range parser.Model.Leaves(false) {
		for _, group := range leaf.AllFlags(false) {
			for _, f := range group {
				n++
				if f.Name == "help" {
					continue
				}
				if len(f.Envs) == 0 || !slices.ContainsFunc(f.Envs, func(e string) bool { return strings.HasPrefix(e, "ALLCLEAR_") }) {
					t.Errorf("%s --%s has %v", leaf.FullPath(), f.Name, f.Envs)
				}
			}
		}
		if leaf.Help == "" {
			t.Errorf("%s says nothing of itself", leaf.FullPath())
		}
	}
	if n < 100 {
		t.Errorf("only %d flags seen", n)
	}
}

// The flags that others rely on, with their defaults.
func TestServeTakesWhatIsPromised(t *testing.T) {
	parse := func(args ...string) serveCmd {
		t.Helper()
		c := &commands{}
		parser, err := kong.New(c, kong.DefaultEnvars("ALLCLEAR"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parser.Parse(append([]string{"serve"}, args...)); err != nil {
			t.Fatal(err)
		}
		return c.Serve
	}
	d := parse()
	if d.Listen != "127.0.0.1:8080" || d.PageListen != "127.0.0.1:8081" || filepath.Base(d.Data) != "data" || d.Demo {
		t.Errorf("defaults: %+v", d)
	}
	t.Setenv("ALLCLEAR_LISTEN", "127.0.0.1:9000")
	t.Setenv("ALLCLEAR_DATABASE_URL", "postgres://x")
	t.Setenv("ALLCLEAR_DEMO", "true")
	e := parse("--page-listen", "127.0.0.1:9001", "--allow-outbound", "10.0.0.0/8", "--allow-outbound", "fd00::/8", "--procedure", "p.yaml")
	if e.Listen != "127.0.0.1:9000" || e.DatabaseURL != "postgres://x" || !e.Demo || e.PageListen != "127.0.0.1:9001" ||
		!slices.Equal(e.AllowOutbound, []string{"10.0.0.0/8", "fd00::/8"}) || e.Procedure != "p.yaml" {
		t.Errorf("%+v", e)
	}
	t.Setenv("ALLCLEAR_LISTEN", "")
	if f := parse("--listen", ":1"); f.Listen != ":1" {
		t.Errorf("a flag wins over the environment: %+v", f)
	}
}

func TestMigrateMakesTheDatabase(t *testing.T) {
	dir := t.TempDir()
	command("migrate", "--data", dir).want(t, 0, "the sqlite database has this version's schema\n", "")
	if _, err := os.Stat(filepath.Join(dir, "allclear.db")); err != nil {
		t.Error(err)
	}
	if o := command("migrate", "--database-url", "postgres://nobody@127.0.0.1:1/none"); o.code != cli.ExitFailed {
		t.Errorf("%+v", o)
	}
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish"} {
		if o := command("completion", shell); o.code != 0 || !strings.Contains(o.out, "allclear __complete") {
			t.Errorf("%s: %+v", shell, o)
		}
	}
	for _, tc := range []struct {
		words []string
		want  string
	}{
		{[]string{"mig"}, "migrate\n"},
		{[]string{"schedule", ""}, "cover\nlist\nresolve\nshow\n"},
		{[]string{"incidents", "de"}, "deadlines\ndeclare\n"},
		{[]string{"schedule", "resolve", "--a"}, "--at\n"},
		{[]string{"incident", "list", "-o", ""}, "auto\njson\ntable\nyaml\n"},
		{[]string{"incident", "list", "--output", "y"}, "yaml\n"},
		{[]string{"incident", "list", "--output=json", "--st"}, "--status\n"},
		{[]string{"completion", ""}, "bash\nfish\nzsh\n"},
		{[]string{"serve", "--data", ""}, ""},
		{[]string{"__com"}, ""},
	} {
		command(append([]string{"__complete"}, tc.words...)...).want(t, 0, tc.want, "")
	}
}
