package story

import (
	"context"
	"log/slog"
	"net/netip"
	"time"

	"allclear/internal/app/runner"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/flow/remedy"
	"allclear/internal/plug"
	"allclear/internal/plug/execute"
	"allclear/internal/plug/synthetic"
)

// Runbook actions, and the machine that runs them.

func (w *World) load(ctx context.Context, p domain.Probe) domain.Measured {
	guard := plug.NewGuard(netip.MustParsePrefix("127.0.0.0/8"))
	return synthetic.New(synthetic.Options{Guard: guard}).Load(ctx, p)
}

// Ask is somebody asking for an action to be run.
func (w *World) Ask(by string, n remedy.NewRun) (*domain.Run, error) {
	w.Helper()
	r, err := w.e.Remedy.Request(w.Context(), as(by), w.number(), n, w.now)
	w.tick()
	return r, err
}

// Agree is somebody agreeing to a run.
func (w *World) Agree(by string, id ident.ID, plan string) error {
	w.Helper()
	_, err := w.e.Remedy.Approve(w.Context(), as(by), id, plan, w.now)
	w.tick()
	return err
}

// End is somebody ending a run.
func (w *World) End(by string, id ident.ID, why string) error {
	w.Helper()
	_, err := w.e.Remedy.Kill(w.Context(), as(by), id, why, w.now)
	w.tick()
	return err
}

// Settle is somebody saying how a run ended.
func (w *World) Settle(by string, id ident.ID, ok bool, text string) error {
	w.Helper()
	_, err := w.e.Remedy.Settle(w.Context(), as(by), id, ok, text, w.now)
	w.tick()
	return err
}

var machine = authz.Actor{ID: "token:runner", Role: authz.Runner, Via: "token"}

// Claimed is a runner taking what waits for its commands; nil when nothing does.
func (w *World) Claimed(has ...string) *remedy.Work {
	w.Helper()
	got, err := w.e.Remedy.Claim(w.Context(), machine, "deploy-1", has, w.now)
	w.must(err)
	w.tick()
	return got
}

// Writes is what the runner reports of it; end: somebody wants it ended.
func (w *World) Writes(job *remedy.Work, text string) (end bool, err error) {
	w.Helper()
	return w.e.Remedy.Heard(w.Context(), machine, job.Run, job.Fence, text, w.now)
}

// Ended is the runner saying how it ended.
func (w *World) Ended(job *remedy.Work, res domain.Result) error {
	w.Helper()
	return w.EndedBy(machine.ID, job, res)
}

// EndedBy is a runner with another token saying so.
func (w *World) EndedBy(token string, job *remedy.Work, res domain.Result) error {
	w.Helper()
	err := w.e.Remedy.Finish(w.Context(), authz.Actor{ID: token, Role: authz.Runner, Via: "token"}, job.Run, job.Fence, res, w.now)
	w.tick()
	return err
}

// RunOf is how a run stands.
func (w *World) RunOf(id ident.ID) *domain.Run {
	w.Helper()
	out, err := w.e.Remedy.Show(w.Context(), as("ana"), id, 0)
	w.must(err)
	return out.Run
}

// Runs are those of the incident, the newest first.
func (w *World) Runs() []*domain.Run {
	w.Helper()
	out, err := w.e.Remedy.List(w.Context(), as("ana"), w.number())
	w.must(err)
	return out
}

// Recovery is the board of what is to be restored.
func (w *World) Recovery() remedy.Board {
	w.Helper()
	b, err := w.e.Remedy.Board(w.Context(), as("ana"), w.number())
	w.must(err)
	return b
}

// Restore is somebody saying how a service is restored.
func (w *World) Restore(by string, moves ...remedy.Move) error {
	w.Helper()
	_, err := w.e.Remedy.Restore(w.Context(), as(by), w.number(), moves, w.now)
	w.tick()
	return err
}

// RunHere has a runner with an allow-list do what waits for it, with real programs
// and requests; they take what time they take, and the story's clock stands still.
func (w *World) RunHere(list string) {
	w.Helper()
	l, err := execute.Parse([]byte(list))
	w.must(err)
	guard := plug.NewGuard(netip.MustParsePrefix("127.0.0.0/8"))
	r := runner.New(runner.Inside{Flow: w.e.Remedy, Now: func() time.Time { return w.now }, Name: "deploy-1"}, l, guard, "dev", slog.New(slog.DiscardHandler))
	for {
		some, err := r.Once(w.Context())
		w.must(err)
		if !some {
			return
		}
	}
}

// OnBackup is since when the backup of a vendor serves, as the map shows it.
func (w *World) OnBackup(vendor string) (since time.Time) {
	w.Helper()
	nodes, err := w.e.ThirdParty.Map(w.Context(), as("ana"))
	w.must(err)
	for _, n := range nodes {
		if n.Kind == catalog.KindVendor && n.ID == vendor {
			since = n.OnBackup
		}
	}
	return since
}
