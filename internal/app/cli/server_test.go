package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allclear/internal/app/cli"
	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api"
	"allclear/internal/edge/authn"
	"allclear/internal/edge/middleware"
	"allclear/internal/flow/access"
	"allclear/internal/flow/admin"
	"allclear/internal/flow/check"
	"allclear/internal/flow/detect"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// sweep makes the checks of the server that was started last.
var sweep *check.Checks

// serve starts the real interface on a real database and returns sessions with
// an administrator's and a stakeholder's token.
func serve(t *testing.T) (boss, follower *cli.Session) {
	t.Helper()
	db := storetest.SQLite(t)
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	acc := access.New(db, jobs.NewBus(), access.Options{Cost: access.Cost{Memory: 64, Passes: 1, Threads: 1}, Box: box})
	catalogue := admin.New(db, jobs.NewBus())
	log, clock := slog.New(slog.DiscardHandler), func() time.Time { return now }
	measured := detect.New(db, detect.Options{
		Shelf: &procedures.Shelf{}, Catalog: catalogue.Catalog, Raise: func(*store.Tx, string, string, []alert.Signal, time.Time) error { return nil },
	})
	sweep = check.New(db, check.Options{Catalog: catalogue.Catalog, Push: measured.Push, Ask: measured.Ask})
	a := api.New(api.Options{
		Detect: measured, Checks: sweep,
		Log: log, Now: clock, Authn: authn.New(acc, false), Access: acc,
		Admin: catalogue, Procedures: admin.NewProcedures(db, nil, catalogue),
	})
	server := httptest.NewServer(middleware.Console(a.Handler(), log, clock))
	t.Cleanup(server.Close)
	const pass = "correct horse battery"
	if _, err := acc.Bootstrap(t.Context(), now, access.NewAccount{Email: "boss@firm.example", PersonID: "boss", Role: authz.Admin, Password: pass}); err != nil {
		t.Fatal(err)
	}
	s, err := acc.SignIn(t.Context(), now, "boss@firm.example", pass, "")
	if err != nil {
		t.Fatal(err)
	}
	session := func(role authz.Role) *cli.Session {
		_, token, err := acc.CreateToken(t.Context(), now, s.Who, access.NewToken{Name: string(role), Role: role})
		if err != nil {
			t.Fatal(err)
		}
		term := &cli.Terminal{Out: &bytes.Buffer{}, Err: io.Discard, Tables: true, Now: clock}
		return &cli.Session{Terminal: term, Server: cli.Server{URL: server.URL, Token: token.Reveal()}}
	}
	return session(authz.Admin), session(authz.Stakeholder)
}

// printed runs a command and returns what it printed.
func printed(t *testing.T, s *cli.Session, run func(ctx context.Context) error) string {
	t.Helper()
	var out bytes.Buffer
	s.Out = &out
	if err := run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

const files = `kind: person
id: ana
name: Ana
email: ana@firm.example
---
kind: person
id: bo
name: Bo
---
kind: service
id: auth
name: Sign-in
restoration_rank: 1
---
kind: schedule
id: primary
time_zone: America/Chicago
layers:
  - members: [ana, bo]
    start: "2026-01-05T09:00"
    every: 1
    unit: week
`

// The command line and the interface agree on paths and shapes.
func TestTheClientAndTheServerAgree(t *testing.T) {
	boss, follower := serve(t)
	path := filepath.Join(t.TempDir(), "catalog.yaml")
	if err := os.WriteFile(path, []byte(files), 0o600); err != nil {
		t.Fatal(err)
	}
	apply := func(dry bool) string {
		return printed(t, boss, func(ctx context.Context) error { return boss.Apply(ctx, []string{path}, dry, false) })
	}
	const plan = "create  person    ana\ncreate  person    bo\ncreate  service   auth\ncreate  schedule  primary\n"
	if got := apply(true); got != plan+"4 would be created, 0 updated, 0 deleted, 0 unchanged\n" {
		t.Errorf("%s", got)
	}
	if got := apply(false); got != plan+"4 created, 0 updated, 0 deleted, 0 unchanged\n" {
		t.Errorf("%s", got)
	}
	if got := apply(false); got != "0 created, 0 updated, 0 deleted, 4 unchanged\n" {
		t.Errorf("%s", got)
	}
	list := func(r cli.Resource) string {
		return printed(t, follower, func(ctx context.Context) error { return follower.List(ctx, r, map[string][]string{}, 50) })
	}
	const duties = "SCHEDULE  ON CALL  UNTIL                 NEXT\nprimary   bo       2026-03-02 15:00:00Z  ana\n"
	if got := list(cli.Duties); got != duties {
		t.Errorf("%s", got)
	}
	if got := list(cli.People); got != "ID   NAME  TITLE  LEVEL  AREA  EMAIL\nana  Ana   -      -      -     ana@firm.example\nbo   Bo    -      -      -     -\n" {
		t.Errorf("%s", got)
	}
	for _, r := range []cli.Resource{cli.Teams, cli.Services, cli.Customers, cli.Schedules} {
		list(r)
	}
	cover := map[string]any{"person": "ana", "from": cli.Instant{Text: "2026-03-02T04:00:00Z"}, "until": cli.Instant{Text: "2026-03-02T05:00:00Z"}}
	printed(t, boss, func(ctx context.Context) error { return boss.Do(ctx, cli.Schedules, "primary", "overrides", cover) })
	follower.Format = cli.JSON
	shown := printed(t, follower, func(ctx context.Context) error { return follower.Show(ctx, cli.Schedules, "primary") })
	var doc struct {
		ID        string
		Overrides []struct{ Person string }
	}
	if err := json.Unmarshal([]byte(shown), &doc); err != nil || doc.ID != "primary" || len(doc.Overrides) != 1 || doc.Overrides[0].Person != "ana" {
		t.Errorf("%v %s", err, shown)
	}
	if err := boss.Remove(t.Context(), cli.Services, "auth"); err != nil {
		t.Error(err)
	}
}

func TestTheServersRefusalsAreUnderstood(t *testing.T) {
	boss, follower := serve(t)
	boss.In = strings.NewReader("kind: team\nid: x\nnmae: X\n")
	for name, tc := range map[string]struct {
		err  error
		code int
		text string
	}{
		"nobody there":  {boss.Show(t.Context(), cli.People, "ghost"), cli.ExitNotFound, `no person "ghost"`},
		"not allowed":   {follower.Remove(t.Context(), cli.People, "ghost"), cli.ExitRefused, "not allowed"},
		"no token":      {(&cli.Session{Terminal: boss.Terminal, Server: cli.Server{URL: boss.Server.URL}}).Show(t.Context(), cli.People, "x"), cli.ExitRefused, "ALLCLEAR_TOKEN"},
		"a wrong file":  {boss.Apply(t.Context(), []string{"-"}, false, false), cli.ExitFailed, `standard input:3:1: unknown field "nmae"`},
		"a wrong query": {boss.List(t.Context(), cli.Teams, map[string][]string{"level": {"1"}}, 5), cli.ExitFailed, "query.level"},
	} {
		var said bytes.Buffer
		(&cli.Terminal{Err: &said}).Report(tc.err)
		if got := cli.ExitCode(tc.err); got != tc.code || strings.Count(said.String(), tc.text) != 1 {
			t.Errorf("%s: exit %d, %s (%v); want %d and %q once", name, got, &said, fault.KindOf(tc.err), tc.code, tc.text)
		}
	}
}

// A file that is not there is not found, whichever command reads it, and what
// the present state forbids is refused.
func TestExitCodes(t *testing.T) {
	_, gone := os.ReadFile(filepath.Join(t.TempDir(), "none.yaml"))
	for err, want := range map[error]int{
		nil: cli.ExitOK,
		fault.Wrap(fault.Internal, gone, "read schedule"): cli.ExitNotFound,
		fault.New(fault.Conflict, "gates are open"):       cli.ExitRefused,
		fault.New(fault.Invalid, "no"):                    cli.ExitFailed,
	} {
		if got := cli.ExitCode(err); got != want {
			t.Errorf("%v: %d, want %d", err, got, want)
		}
	}
}

func TestReportSaysEachThingOnce(t *testing.T) {
	one := fault.New(fault.Invalid, "read scenario: something is wrong").With("start", "give one")
	for err, want := range map[error]string{
		one:                              "allclear: read scenario: something is wrong: start: give one\n",
		fmt.Errorf("step 1: %w", one):    "allclear: step 1: read scenario: something is wrong: start: give one\n",
		one.With("duration", "give one"): "allclear: read scenario: something is wrong\n  start: give one\n  duration: give one\n",
		fault.New(fault.Invalid, "a:1: bad").With("a:1", "bad"):                      "allclear: a:1: bad\n",
		fault.New(fault.Invalid, "a:1: bad").With("a:1", "bad").With("a:2", "worse"): "allclear: a:1: bad\n  a:2: worse\n",
	} {
		var out bytes.Buffer
		(&cli.Terminal{Err: &out}).Report(err)
		if out.String() != want {
			t.Errorf("%q, want %q", &out, want)
		}
	}
}
