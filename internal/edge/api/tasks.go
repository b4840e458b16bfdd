package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/edge/api/record"
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
	Register(a, Route{Method: http.MethodGet, Path: "/incidents/{id}/checklists", Summary: "List its tasks by phase, in the order the phases began", Tag: "incidents"}, Needs(authz.Read),
		func(ctx context.Context, c Call, in *BelowIncident) (*Reply[List[record.Checklist]], error) {
			n, err := in.number()
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
	Register(a, Route{Method: http.MethodPost, Path: "/tasks/{id}/done", Summary: "Say that it is done", Tag: "tasks"}, Needs(authz.Respond),
		func(ctx context.Context, c Call, in *taskDoneInput) (*Reply[record.Task], error) {
			var evidence string
			if in.Body != nil {
				evidence = in.Body.Evidence
			}
			return a.endTask(ctx, c, in.ID, evidence, a.opt.Command.TaskDone)
		})
	Register(a, Route{Method: http.MethodPost, Path: "/tasks/{id}/skip", Summary: "Say why it does not apply", Tag: "tasks"}, Needs(authz.Respond),
		func(ctx context.Context, c Call, in *taskSkipInput) (*Reply[record.Task], error) {
			return a.endTask(ctx, c, in.ID, in.Body.Reason, a.opt.Command.TaskSkip)
		})
}

func (a *API) endTask(ctx context.Context, c Call, ref, text string, end func(context.Context, authz.Actor, ident.ID, string, time.Time) (*checklist.Task, error)) (*Reply[record.Task], error) {
	id, err := parseID("task", ref)
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
	return reply(record.TaskOf(p.Items[0], p, c.Now)), nil
}
