package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
)

// Evidence says what was done.
type Evidence struct {
	Evidence string `json:"evidence,omitempty" maxLength:"10000"`
}

type taskDoneInput struct {
	RowPath
	Body *Evidence
}

type taskSkipInput struct {
	RowPath
	Body record.Reason
}

func (a *API) taskRoutes() {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/checklists", Summary: "List its tasks by phase, in the order the phases began", Tag: "incidents"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *BelowIncident) (*route.Reply[route.List[record.Checklist]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			p, err := a.opt.Board.Tasks(ctx, c.Actor, n, c.Now)
			if err != nil {
				return nil, err
			}
			ts := wire.Each(p.Items, func(t board.TaskItem) record.Task { return record.TaskOf(t, p, c.Now) })
			return slice(record.ChecklistsOf(ts), in.Page, func(l record.Checklist) string { return l.Phase })
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/tasks/{id}/done", Summary: "Say that it is done", Tag: "tasks"}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *taskDoneInput) (*route.Reply[record.Task], error) {
			var evidence string
			if in.Body != nil {
				evidence = in.Body.Evidence
			}
			return a.endTask(ctx, c, in.ID, evidence, a.opt.Command.TaskDone)
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/tasks/{id}/skip", Summary: "Say why it does not apply", Tag: "tasks"}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *taskSkipInput) (*route.Reply[record.Task], error) {
			return a.endTask(ctx, c, in.ID, in.Body.Reason, a.opt.Command.TaskSkip)
		})
}

func (a *API) endTask(ctx context.Context, c route.Call, ref, text string, end func(context.Context, authz.Actor, ident.ID, string, time.Time) (*checklist.Task, error)) (*route.Reply[record.Task], error) {
	id, err := route.ParseID("task", ref)
	if err != nil {
		return nil, err
	}
	if _, err := end(ctx, c.Actor, id, text, c.Now); err != nil {
		return nil, named(err)
	}
	p, err := a.opt.Board.Task(ctx, c.Actor, id, c.Now)
	if err != nil {
		return nil, err
	}
	return route.One(record.TaskOf(p.Items[0], p, c.Now)), nil
}
