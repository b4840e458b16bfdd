package api

import (
	"context"
	"net/http"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/message"
	"allclear/internal/edge/api/post"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/comms"
)

type newMessageInput struct {
	route.IncidentPath
	Body post.NewMessage
}

type updateInput struct {
	route.IncidentPath
	Body post.Update
}

type editInput struct {
	RowPath
	Body post.MessageFields
}

type approveInput struct {
	RowPath
	Body *post.Approval
}

type rowInput struct {
	RowPath
	Body *record.Nothing
}

type cancelInput struct {
	RowPath
	Body *post.Withdrawal
}

func (a *API) messageRoutes() {
	tag := "messages"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/messages", Summary: "List its messages, oldest first", Tag: "incidents"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[post.Message]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			found, err := a.opt.Comms.List(ctx, c.Actor, n)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(found, post.MessageOf), in.Page, func(m post.Message) string { return m.ID })
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/messages", Summary: "Write a message", Tag: tag, Status: http.StatusCreated}, route.Needs(authz.Draft),
		func(ctx context.Context, c route.Call, in *newMessageInput) (*route.Reply[post.Message], error) {
			return a.writeMessage(ctx, c, in.IncidentPath, in.Body.Content(), in.Body.Publish)
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/updates", Summary: "Tell an audience where it stands", Tag: tag, Status: http.StatusCreated}, route.Needs(authz.Draft),
		func(ctx context.Context, c route.Call, in *updateInput) (*route.Reply[post.Message], error) {
			return a.writeMessage(ctx, c, in.IncidentPath, in.Body.Content(), in.Body.Publish == nil || *in.Body.Publish)
		})
	route.Register(a.table, route.Route{Method: http.MethodPatch, Path: "/messages/{id}", Summary: "Change a message that waits", Tag: tag, Detail: "Voids an approval."}, route.Needs(authz.Draft),
		func(ctx context.Context, c route.Call, in *editInput) (*route.Reply[post.Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) {
				return a.opt.Comms.Edit(ctx, c.Actor, id, in.Body.Content(), c.Now)
			})
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/messages/{id}/approve", Summary: "Approve the text that was read", Tag: tag}, route.Needs(authz.Communicate),
		func(ctx context.Context, c route.Call, in *approveInput) (*route.Reply[post.Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) {
				return a.opt.Comms.Approve(ctx, c.Actor, id, orZero(in.Body).Hash, c.Now)
			})
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/messages/{id}/publish", Summary: "Let an approved message out", Tag: tag}, route.Needs(authz.Communicate),
		func(ctx context.Context, c route.Call, in *rowInput) (*route.Reply[post.Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) { return a.opt.Comms.Publish(ctx, c.Actor, id, c.Now) })
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/messages/{id}/cancel", Summary: "Take back what has not gone out", Tag: tag}, route.Needs(authz.Communicate),
		func(ctx context.Context, c route.Call, in *cancelInput) (*route.Reply[post.Message], error) {
			return a.changeMessage(in.ID, func(id ident.ID) (*comms.View, error) {
				return a.opt.Comms.Cancel(ctx, c.Actor, id, orZero(in.Body).Reason, c.Now)
			})
		})
}

func orZero[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// writeMessage drafts a message, or publishes it in the same transaction.
func (a *API) writeMessage(ctx context.Context, c route.Call, at route.IncidentPath, content message.Content, publish bool) (*route.Reply[post.Message], error) {
	n, err := at.Number()
	if err != nil {
		return nil, err
	}
	m, err := a.opt.Comms.Update(ctx, c.Actor, n, content, publish, c.Now)
	if err != nil {
		return nil, wire.InBody(err)
	}
	return route.One(post.MessageOf(m)), nil
}

func (a *API) changeMessage(ref string, change func(ident.ID) (*comms.View, error)) (*route.Reply[post.Message], error) {
	id, err := route.ParseID("message", ref)
	if err != nil {
		return nil, err
	}
	m, err := change(id)
	if err != nil {
		return nil, wire.InBody(err)
	}
	return route.One(post.MessageOf(m)), nil
}
