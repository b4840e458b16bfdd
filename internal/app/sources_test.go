package app

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/flow/sources"
	"allclear/internal/plug"
	"allclear/internal/store/storetest"
)

// Whoever sets a source up finds the steps, and sees what comes of its sample.
func TestEverySourceCanBeSetUpAndTried(t *testing.T) {
	reg, err := plug.NewRegistry(Plugins()...)
	if err != nil {
		t.Fatal(err)
	}
	hooks, err := reg.Hooks(reg.Bare)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 3, 5, 0, 0, time.UTC)
	admin := authz.Actor{ID: "root", Role: authz.Admin}
	s := sources.New(sources.Options{DB: storetest.SQLite(t), Hooks: hooks})
	all, err := s.List(t.Context(), admin, now)
	if err != nil || len(all) < 17 {
		t.Fatalf("%d sources, %v", len(all), err)
	}
	for _, x := range all {
		steps := strings.Join(x.Setup, "\n")
		if x.Title == "" || !strings.Contains(steps, "{url}") || x.KeyKind() == "events" && !strings.Contains(steps, "{key}") {
			t.Errorf("%s: nobody could set it up by %q", x.Name, steps)
		}
		got, err := s.Try(admin, x.Source, sources.Trial{}, now)
		if !x.Tryable {
			if err == nil {
				t.Errorf("%s: tried without a signature", x.Name)
			}
			continue
		}
		if err != nil || got.Problem != "" || len(got.Signals)+len(got.Changes)+len(got.Tickets) == 0 {
			t.Errorf("%s: %+v %v", x.Name, got, err)
		}
	}
}
