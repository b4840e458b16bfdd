package story

import (
	"context"
	"net/netip"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
	flow "allclear/internal/flow/check"
	"allclear/internal/plug"
	"allclear/internal/plug/synthetic"
)

// Check gives the company a synthetic check. Checks are made for real, against
// servers on loopback.
func Check(c check.Check) Setup { return With(catalog.SyntheticCheck(c)) }

// Scripts is the folder of programs that checks may run.
func Scripts(dir string) Setup { return func(p *plan) { p.scripts = dir } }

// try makes a check once.
func (w *World) try(ctx context.Context, c check.Check, now time.Time) check.Result {
	guard := plug.NewGuard(netip.MustParsePrefix("127.0.0.0/8"))
	return synthetic.New(synthetic.Options{Guard: guard, Scripts: w.scripts}).Try(ctx, c, now)
}

// Checked lets time pass with checks being made and limits judged, as they come
// due.
func (w *World) Checked(d time.Duration) {
	w.Helper()
	const step = 10 * time.Second
	for until := w.now.Add(d); w.now.Before(until); {
		w.After(min(step, until.Sub(w.now)))
		if _, err := w.e.Checks.Tick(w.Context(), w.now); err != nil {
			w.Fatalf("%s: make checks: %v", w.Since(), err)
		}
		w.Judged()
	}
}

// Found is what another place reports of a check.
func (w *World) Found(probe, id string, up bool) {
	w.Helper()
	r := check.Result{Up: up, Took: 100 * time.Millisecond}
	if !up {
		r.Why = "no answer within 10s"
	}
	robot := authz.Actor{ID: "probe", Role: authz.Responder, Via: "token"}
	if err := w.e.Checks.Report(w.Context(), robot, probe, []flow.Reported{{Check: id, Result: r}}, w.now); err != nil {
		w.Fatalf("%s: report of %s: %v", w.Since(), probe, err)
	}
	w.Judged()
}

// Health is how a check stands.
func (w *World) Health(id string) flow.Health {
	w.Helper()
	h, err := w.e.Checks.Health(w.Context(), authz.Actor{ID: "ana", Role: authz.Responder}, id, true, w.now)
	if err != nil {
		w.Fatal(err)
	}
	return h
}

// Slow has a place report answers that took as long as that, a minute apart.
func (w *World) Slow(id string, took ...time.Duration) {
	w.Helper()
	robot := authz.Actor{ID: "probe", Role: authz.Responder, Via: "token"}
	for _, d := range took {
		if err := w.e.Checks.Report(w.Context(), robot, "eu", []flow.Reported{{Check: id, Result: check.Result{Up: true, Took: d}}}, w.now); err != nil {
			w.Fatal(err)
		}
		w.Judged()
		w.Checked(time.Minute)
	}
}
