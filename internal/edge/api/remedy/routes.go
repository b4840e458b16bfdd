package remedy

import (
	"context"
	"net/http"
	"strings"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/remedy"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/remedy"
)

type newRunInput struct {
	route.IncidentPath
	Body NewRun
}

type boardInput struct {
	route.IncidentPath
	Body SetRecovery
}

// RunPath names a run.
type RunPath struct {
	Run string `path:"run" maxLength:"40" doc:"Id of the run."`
}

type runQuery struct {
	RunPath
	After int64 `query:"after" minimum:"0" doc:"Output after this place; absent: from the beginning."`
}

type runInput[B any] struct {
	RunPath
	Body *B
}

const tag = "actions"

// Routes registers the runs of actions and the recovery board.
func Routes(t *route.Table, f *flow.Remedy) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/runs", Summary: "List the runs of actions, the newest first", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[ActionRun]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			all, err := f.List(ctx, c.Actor, n)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, runOf), in.Page, func(r ActionRun) string { return r.ID })
		})
	route.Register(t, route.Route{
		Method: http.MethodGet, Path: "/incidents/{id}/actions", Summary: "List what can be run in an incident", Tag: tag,
		Detail: "What helps its services first, then the rest of the catalogue, then what integrations that are set up can do.",
	}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[ActionChoice]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			all, err := f.Choices(ctx, c.Actor, n)
			if err != nil {
				return nil, err
			}
			out := make([]ActionChoice, len(all))
			for i := range all {
				if out[i], err = choiceOf(all[i]); err != nil {
					return nil, err
				}
			}
			return route.Slice(out, in.Page, func(a ActionChoice) string { return a.ID })
		})
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/incidents/{id}/runs", Summary: "Ask for an action to be run", Tag: tag, Status: http.StatusCreated,
		Detail: "It starts at once where nobody has to agree.",
	}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *newRunInput) (*route.Reply[ActionRun], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			b := in.Body
			r, err := f.Request(ctx, c.Actor, n, flow.NewRun{Action: strings.TrimSpace(b.Action), Values: b.Values, Dry: b.DryRun, Drill: b.Drill, Reason: b.Reason}, c.Now)
			return shown(r, err)
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/runs/{run}", Summary: "Show a run and what it wrote", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *runQuery) (*route.Reply[RunOutput], error) {
			id, err := route.ParseID("run", in.Run)
			if err != nil {
				return nil, err
			}
			got, err := f.Show(ctx, c.Actor, id, in.After)
			if err != nil {
				return nil, err
			}
			out := RunOutput{Run: runOf(got.Run), After: in.After, More: got.More}
			for _, k := range got.Chunks {
				out.Text += k.Body
				out.After = k.Seq
			}
			return route.One(out), nil
		})
	act(t, authz.Respond, "approve", "Agree to a run", "Only the technical lead and the incident commander can.", func(ctx context.Context, c route.Call, id ident.ID, b ApproveRun) (*route.Reply[ActionRun], error) {
		return shown(f.Approve(ctx, c.Actor, id, b.Plan, c.Now))
	})
	act(t, authz.Respond, "kill", "End a run, with all that it has started", "The technical lead, the incident commander and who asked for it can.", func(ctx context.Context, c route.Call, id ident.ID, b EndRun) (*route.Reply[ActionRun], error) {
		return shown(f.Kill(ctx, c.Actor, id, b.Reason, c.Now))
	})
	act(t, authz.Respond, "settle", "Say how a run ended that is lost, or done by hand", "", func(ctx context.Context, c route.Call, id ident.ID, b SettleRun) (*route.Reply[ActionRun], error) {
		return shown(f.Settle(ctx, c.Actor, id, b.Succeeded, b.Text, c.Now))
	})
	boardRoutes(t, f)
	runnerRoutes(t, f)
}

func shown(r *remedy.Run, err error) (*route.Reply[ActionRun], error) {
	if err != nil {
		return nil, err
	}
	return route.One(runOf(r)), nil
}

// act adds a route for one thing that is done to a run.
func act[B, O any](t *route.Table, v authz.Verb, name, summary, detail string, do func(ctx context.Context, c route.Call, id ident.ID, b B) (*route.Reply[O], error)) {
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/runs/{run}/" + name, Summary: summary, Detail: detail, Tag: tag}, route.Needs(v),
		func(ctx context.Context, c route.Call, in *runInput[B]) (*route.Reply[O], error) {
			id, err := route.ParseID("run", in.Run)
			if err != nil {
				return nil, err
			}
			var b B
			if in.Body != nil {
				b = *in.Body
			}
			return do(ctx, c, id, b)
		})
}

func boardRoutes(t *route.Table, f *flow.Remedy) {
	path := "/incidents/{id}/recovery"
	route.Register(t, route.Route{Method: http.MethodGet, Path: path, Summary: "Show what is to be restored, in order", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[RecoveryBoard], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			b, err := f.Board(ctx, c.Actor, n)
			return route.One(boardOf(b)), err
		})
	route.Register(t, route.Route{
		Method: http.MethodPut, Path: path, Summary: "Say how services are restored", Tag: tag,
		Detail: "Services that are not named stay as they are. Work on one before one that comes first is warned of on the timeline.",
	}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *boardInput) (*route.Reply[RecoveryBoard], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			moves := wire.Each(in.Body.Services, func(m RecoveryMove) flow.Move { return flow.Move{Service: m.Service, State: m.State, Worker: m.Worker} })
			b, err := f.Restore(ctx, c.Actor, n, moves, c.Now)
			return route.One(boardOf(b)), err
		})
}

// runnerRoutes are for runners alone: their token can do nothing else.
func runnerRoutes(t *route.Table, f *flow.Remedy) {
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/runs/claim", Summary: "Take a run that was agreed to", Tag: tag, Detail: "For runners. It is given to one of them, once."}, route.Needs(authz.Run),
		func(ctx context.Context, c route.Call, in *struct{ Body ClaimRun }) (*route.Reply[ClaimedRun], error) {
			w, err := f.Claim(ctx, c.Actor, in.Body.Runner, in.Body.Commands, c.Now)
			return route.One(claimedOf(w)), err
		})
	act(t, authz.Run, "output", "Report what a run writes, and that it still runs", "For runners.", func(ctx context.Context, c route.Call, id ident.ID, b ReportRun) (*route.Reply[RunWish], error) {
		end, err := f.Heard(ctx, c.Actor, id, b.Fence, b.Text, c.Now)
		return route.One(RunWish{End: end}), err
	})
	act(t, authz.Run, "finish", "Report how a run ended", "For runners.", func(ctx context.Context, c route.Call, id ident.ID, b FinishRun) (*route.Reply[RunWish], error) {
		res := remedy.Result{State: b.State, Code: b.ExitCode, Why: b.Why, Ref: b.Ref, Link: b.Link, PlanHash: b.Plan}
		return route.One(RunWish{}), f.Finish(ctx, c.Actor, id, b.Fence, res, c.Now)
	})
}
