package review

import (
	"context"
	"net/http"
	"strings"

	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	flow "allclear/internal/flow/review"
)

const actionTag = "action items"

type listActions struct {
	route.Page
	Owner    string `query:"owner" maxLength:"64"`
	Category string `query:"category" enum:"technical,process,training,tooling,communication"`
	State    string `query:"state" enum:"open,in_progress,blocked,done,verified,cancelled"`
	Standing bool   `query:"standing" doc:"Neither verified nor cancelled."`
	Overdue  bool   `query:"overdue" doc:"Past their date and not done."`
	Incident string `query:"incident" maxLength:"40" doc:"INC-42 or 42."`
}

// ActionPath names an action item.
type ActionPath struct {
	ID string `path:"id" maxLength:"40"`
}

type actionBody[B any] struct {
	ActionPath
	Body B
}

type milestonePath struct {
	ID        string `path:"id" maxLength:"40"`
	Milestone string `path:"milestone" maxLength:"40"`
}

func actionRoutes(t *route.Table, r *flow.Reviews) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/action-items", Summary: "List action items, the newest first", Tag: actionTag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *listActions) (*route.Reply[route.List[ActionItem]], error) {
			f := flow.ActionFilter{Overdue: in.Overdue}
			f.Owner, f.Category, f.State, f.Standing, f.Limit = in.Owner, in.Category, in.State, in.Standing, in.Limit
			if _, err := route.FromCursor(in.Cursor, &f.Before); err != nil {
				return nil, err
			}
			if in.Incident != "" {
				n, err := record.ParseNumber(in.Incident)
				if err != nil {
					return nil, err
				}
				f.Incident = n
			}
			items, cat, next, err := r.Actions(ctx, c.Actor, f, c.Now)
			if err != nil {
				return nil, err
			}
			n := record.NamesOf(board.NamesOf(cat))
			return route.Items(wire.Each(items, func(a flow.Acted) ActionItem { return itemOf(a, n, c.Now) }), cursorOf(next)), nil
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/action-items/{id}", Summary: "Show an action item", Tag: actionTag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ActionPath) (*route.Reply[ActionItem], error) {
			return acted(ctx, r, c, in.ID, func(ident.ID) error { return nil })
		})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/action-items", Summary: "Make an action item of an incident", Tag: actionTag, Status: http.StatusCreated}, route.Needs(authz.Review),
		func(ctx context.Context, c route.Call, in *struct{ Body NewActionItem }) (*route.Reply[ActionItem], error) {
			return create(ctx, r, c, in.Body)
		})
	change(t, r, http.MethodPatch, "", "Change an action item", func(ctx context.Context, c route.Call, id ident.ID, b ActionChange) error {
		e := action.Edit{Title: strings.TrimSpace(b.Title), Text: b.Text, Category: b.Category, Owner: b.Owner, DueAt: b.DueAt.UTC(), Reason: b.Reason}
		if b.DueAt.IsZero() {
			e.DueAt = b.DueAt
		}
		if e.Title+e.Text+e.Category+e.Owner != "" || !e.DueAt.IsZero() {
			if _, err := r.ChangeAction(ctx, c.Actor, id, e, c.Now); err != nil {
				return err
			}
		}
		if b.State == "" {
			return nil
		}
		_, err := r.MoveAction(ctx, c.Actor, id, action.State(b.State), b.Reason, c.Now)
		return err
	})
	change(t, r, http.MethodPost, "/verify", "Say that somebody other than the owner has seen that it is done", func(ctx context.Context, c route.Call, id ident.ID, b *ActionNote) error {
		_, err := r.Verify(ctx, c.Actor, id, noteOf(b), c.Now)
		return err
	})
	change(t, r, http.MethodPost, "/check-in", "Say how it stands", func(ctx context.Context, c route.Call, id ident.ID, b *ActionNote) error {
		_, err := r.CheckIn(ctx, c.Actor, id, noteOf(b), c.Now)
		return err
	})
	change(t, r, http.MethodPut, "/milestones", "Set its milestones", func(ctx context.Context, c route.Call, id ident.ID, b ActionMilestones) error {
		all, err := milestonesOf(b.Milestones)
		if err != nil {
			return err
		}
		_, err = r.SetMilestones(ctx, c.Actor, id, all, c.Now)
		return err
	})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/action-items/{id}/milestones/{milestone}/done", Summary: "Say that a milestone is there", Tag: actionTag}, route.Needs(authz.Review),
		func(ctx context.Context, c route.Call, in *milestonePath) (*route.Reply[ActionItem], error) {
			return acted(ctx, r, c, in.ID, func(id ident.ID) error {
				m, err := route.ParseID("milestone", in.Milestone)
				if err != nil {
					return err
				}
				_, err = r.Reach(ctx, c.Actor, id, m, c.Now)
				return err
			})
		})
}

func noteOf(b *ActionNote) string {
	if b == nil {
		return ""
	}
	return b.Note
}

// change adds a route for one thing that people do to an action item.
func change[B any](t *route.Table, r *flow.Reviews, method, name, summary string, run func(ctx context.Context, c route.Call, id ident.ID, b B) error) {
	route.Register(t, route.Route{Method: method, Path: "/action-items/{id}" + name, Summary: summary, Tag: actionTag}, route.Needs(authz.Review),
		func(ctx context.Context, c route.Call, in *actionBody[B]) (*route.Reply[ActionItem], error) {
			return acted(ctx, r, c, in.ID, func(id ident.ID) error { return run(ctx, c, id, in.Body) })
		})
}

// acted answers with the item as it is then.
func acted(ctx context.Context, r *flow.Reviews, c route.Call, ref string, do func(ident.ID) error) (*route.Reply[ActionItem], error) {
	id, err := route.ParseID("action item", ref)
	if err != nil {
		return nil, err
	}
	if err := do(id); err != nil {
		return nil, err
	}
	a, cat, err := r.Action(ctx, c.Actor, id)
	if err != nil {
		return nil, err
	}
	return route.One(itemOf(a, record.NamesOf(board.NamesOf(cat)), c.Now)), nil
}

func create(ctx context.Context, r *flow.Reviews, c route.Call, b NewActionItem) (*route.Reply[ActionItem], error) {
	number, err := record.ParseNumber(b.Incident)
	if err != nil {
		return nil, err
	}
	n := flow.NewAction{Incident: number, Title: b.Title, Text: b.Text, Category: b.Category, Owner: b.Owner, DueAt: b.DueAt.UTC()}
	if n.Milestones, err = milestonesOf(b.Milestones); err != nil {
		return nil, err
	}
	if b.Recommendation != "" {
		if n.Idea, err = ident.Parse(b.Recommendation); err != nil {
			return nil, notAnID("recommendation", b.Recommendation)
		}
	}
	i, err := r.Act(ctx, c.Actor, n, c.Now)
	if err != nil {
		return nil, err
	}
	return acted(ctx, r, c, i.ID.String(), func(ident.ID) error { return nil })
}
