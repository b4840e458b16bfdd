//go:build unix

package app

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"allclear/internal/app/cli"
	"allclear/internal/app/runner"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/edge/api"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/access"
	"allclear/internal/flow/remedy"
)

// A runner takes a run over the interface with its own token, runs a real program,
// hides its secret, and tells how it ended; a hung one ends when somebody wants it.
// A token with another role is refused at once.
//
// Clauses: RES-RB-APP, INT-CI
func TestARunnerWorksOverTheInterface(t *testing.T) {
	ctx, e, now := t.Context(), running(t, place(t, "sqlite")), start.Add(15*time.Minute)
	clock := func() time.Time { return now }
	log := slog.New(slog.DiscardHandler)
	native := api.New(api.Options{Log: log, Now: clock, Access: e.Access, Authn: authn.New(e.Access, false), Remedy: e.Remedy})
	mux := http.NewServeMux()
	mux.Handle(route.Prefix+"/", native.Handler())
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	token := func(role authz.Role) string {
		_, plain, err := e.Access.CreateToken(ctx, now, setup(), access.NewToken{Name: "m-" + string(role), Role: role})
		must(err)
		return plain.Reveal()
	}
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		file := filepath.Join(dir, name)
		must(os.WriteFile(file, []byte(text), mode))
		return file
	}
	quick := write("quick", "#!/bin/sh\necho \"$1 with $DEPLOY_TOKEN\"\nexit 4\n", 0o700)
	hang := write("hang", "#!/bin/sh\necho hanging\nsleep 600\n", 0o700)
	list := write("list", "commands:\n  quick: {run: ["+quick+", \"${VERSION}\"], pass: [DEPLOY_TOKEN], secrets: [DEPLOY_TOKEN]}\n  hang: {run: ["+hang+"]}\n", 0o600)
	t.Setenv("DEPLOY_TOKEN", "very-secret-value")
	_, err := e.Admin.Load(ctx, setup().Actor, []catalog.Entity{
		catalog.Action{ID: "quick", Name: "Quick", Type: domain.AppRollback, Command: "quick", Params: []domain.Param{{Name: "VERSION"}}},
		catalog.Action{ID: "hang", Name: "Hang", Type: domain.Custom, Command: "hang"},
	}, now)
	must(err)
	ana := authz.Actor{ID: "ana", Role: authz.Responder}
	_, err = e.Command.AssignRole(ctx, ana, 1, incident.Commander, "ana", "", now)
	must(err)
	asked := func(action string) *domain.Run {
		r, err := e.Remedy.Request(ctx, ana, 1, remedy.NewRun{Action: action}, now)
		must(err)
		_, err = e.Remedy.Approve(ctx, ana, r.ID, "", now)
		must(err)
		return r
	}
	serve := func(ctx context.Context, role authz.Role) error {
		return runner.Serve(ctx, runner.Options{Server: cli.Server{URL: srv.URL, Token: token(role)}, Name: "deploy-1", Allow: list, Version: "dev", Log: log})
	}
	if err := serve(ctx, authz.Responder); err == nil {
		t.Error("a responder's token takes runs")
	}
	first, second := asked("quick"), asked("hang")
	loop, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- serve(loop, authz.Runner) }()
	until := func(r *domain.Run, is func(*domain.Run) bool) *domain.Run {
		t.Helper()
		look := time.NewTicker(50 * time.Millisecond)
		defer look.Stop()
		for range 600 {
			out, err := e.Remedy.Show(ctx, ana, r.ID, 0)
			must(err)
			if is(out.Run) {
				return out.Run
			}
			<-look.C
		}
		t.Fatalf("run of %s does not come so far", r.Action.ID)
		return nil
	}
	got := until(first, (*domain.Run).Ended)
	if got.State != domain.Failed || got.Code == nil || *got.Code != 4 || got.Runner != "deploy-1" || strings.Contains(got.Tail, "very-secret") || !strings.Contains(got.Tail, "with") {
		t.Errorf("quick: %+v", got)
	}
	until(second, func(r *domain.Run) bool { return strings.Contains(r.Tail, "hanging") })
	_, err = e.Remedy.Kill(ctx, ana, second.ID, "enough", now)
	must(err)
	if got := until(second, (*domain.Run).Ended); got.State != domain.Killed || !strings.Contains(got.Why, "enough") {
		t.Errorf("hang: %s %s", got.State, got.Why)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
