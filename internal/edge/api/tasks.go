package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	"allclear/internal/flow/command"
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

// NewTask is a card that somebody adds to an incident's board.
type NewTask struct {
	Title string     `json:"title" minLength:"1" maxLength:"500"`
	Owner string     `json:"owner,omitempty" maxLength:"100" doc:"A person's id, or a target such as schedule:primary; none: whoever takes it."`
	DueIn recur.Span `json:"due_in,omitzero" doc:"From now, such as 15m."`
}

type newTaskInput struct {
	route.IncidentPath
	Body NewTask
}

// NewOwner names who is asked from now on.
type NewOwner struct {
	Owner string `json:"owner" minLength:"1" maxLength:"100" doc:"A person's id, or a target such as schedule:primary."`
}

type taskHandInput struct {
	RowPath
	Body NewOwner
}

func (a *API) addTask(ctx context.Context, c route.Call, in *newTaskInput) (*route.Reply[record.Task], error) {
	n, err := in.Number()
	if err != nil {
		return nil, err
	}
	if in.Body.DueIn.Business() {
		return nil, fault.New(fault.Invalid, "validation failed").With("body.due_in", "give elapsed time, such as 15m")
	}
	t, err := a.opt.Command.AddTask(ctx, c.Actor, n, command.Card{Title: in.Body.Title, Owner: in.Body.Owner, Due: in.Body.DueIn.Elapsed()}, c.Now)
	if err != nil {
		return nil, wire.InBody(err)
	}
	return a.showTask(ctx, c, t.ID)
}

func (a *API) taskRoutes() {
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/checklists", Summary: "List its tasks by phase, in the order the phases began", Tag: "incidents"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[record.Checklist]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			p, err := a.opt.Board.Tasks(ctx, c.Actor, n, c.Now)
			if err != nil {
				return nil, err
			}
			ts := wire.Each(p.Items, func(t board.TaskItem) record.Task { return record.TaskOf(t, p, c.Now) })
			return route.Slice(record.ChecklistsOf(ts), in.Page, func(l record.Checklist) string { return l.Phase })
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/tasks", Summary: "Add a card to its board", Tag: "incidents", Status: http.StatusCreated}, route.Needs(authz.Respond), a.addTask)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/tasks/{id}/take", Summary: "Say that you are at it", Tag: "tasks"}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *RowPath) (*route.Reply[record.Task], error) {
			return a.endTask(ctx, c, in.ID, "", a.opt.Command.TaskTake)
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/tasks/{id}/hand", Summary: "Give it to somebody else", Tag: "tasks"}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *taskHandInput) (*route.Reply[record.Task], error) {
			return a.endTask(ctx, c, in.ID, in.Body.Owner, a.opt.Command.TaskHand)
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
		return nil, wire.InBody(err)
	}
	return a.showTask(ctx, c, id)
}

func (a *API) showTask(ctx context.Context, c route.Call, id ident.ID) (*route.Reply[record.Task], error) {
	p, err := a.opt.Board.Task(ctx, c.Actor, id, c.Now)
	if err != nil {
		return nil, err
	}
	return route.One(record.TaskOf(p.Items[0], p, c.Now)), nil
}
