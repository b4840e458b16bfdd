package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/outside"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/admin"
	"allclear/internal/flow/listen"
)

// ListMentions narrows the list of mentions.
type ListMentions struct {
	route.Page
	State      string `query:"state" enum:"new,linked,dismissed"`
	Feed       string `query:"feed" maxLength:"64"`
	Incident   int64  `query:"incident" minimum:"1" doc:"Number."`
	Complaints bool   `query:"complaints" doc:"Complaints only."`
}

type mentionInput[In any] struct {
	RowPath
	Body In
}

func (a *API) mentionRoutes() {
	tag := "mentions"
	one := func(m listen.Mention, err error) (*route.Reply[outside.Mention], error) {
		return route.One(outside.MentionOf(m)), err
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/mentions", Summary: "List what people write about us in public, the newest first", Tag: tag}, route.Needs(authz.Read), a.listMentions)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/mentions", Summary: "Write down what somebody wrote", Tag: tag, Detail: "It is tied to the open incident it may be about."}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *newEntityInput[outside.NewMention]) (*route.Reply[outside.Mention], error) {
			return one(a.opt.Listen.Write(ctx, c.Actor, in.Body.Of(), c.Now))
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/mentions/{id}/dismiss", Summary: "Say that nothing follows from a mention", Tag: tag}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *mentionInput[outside.DismissMention]) (*route.Reply[outside.Mention], error) {
			return one(a.opt.Listen.Dismiss(ctx, c.Actor, in.ID, in.Body.Reason, c.Now))
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/mentions/{id}/link", Summary: "Tie a mention to an incident", Tag: tag}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *mentionInput[outside.LinkMention]) (*route.Reply[outside.Mention], error) {
			return one(a.opt.Listen.Link(ctx, c.Actor, in.ID, in.Body.Incident, c.Now))
		})
	f := family[outside.Feed, outside.NewFeed]{
		kind: catalog.KindFeed, path: "/feeds", tag: tag, noun: "a feed", may: authz.ManageCatalog,
		show: func(ctx context.Context, c route.Call, i admin.Item) (outside.Feed, error) {
			known, err := a.opt.Listen.Feeds(ctx, c.Actor)
			if err != nil {
				return outside.Feed{}, err
			}
			return document(i, func(w *outside.Feed, s Stamp) {
				k := known[w.ID]
				w.Stamp, w.ReadAt, w.SucceededAt, w.Error = s, k.ReadAt, k.SucceededAt, k.Error
			})
		},
		read: func(in *outside.NewFeed, id string) (catalog.Entity, error) {
			return entity(catalog.KindFeed, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List where the public is listened to", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListVendors) (*route.Reply[route.List[outside.Feed]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Service: in.Service})
		})
	f.one(a)
	f.changes(a)
}

func (a *API) listMentions(ctx context.Context, c route.Call, in *ListMentions) (*route.Reply[route.List[outside.Mention]], error) {
	f := listen.Filter{State: in.State, Feed: in.Feed, Incident: in.Incident, Complaints: in.Complaints, Limit: in.Limit + 1}
	if _, err := route.FromCursor(in.Cursor, &f.Before); err != nil {
		return nil, err
	}
	all, err := a.opt.Listen.List(ctx, c.Actor, f)
	if err != nil {
		return nil, err
	}
	next := ""
	if len(all) > in.Limit {
		all = all[:in.Limit]
		next = route.ToCursor(all[len(all)-1].ID)
	}
	return route.Items(wire.Each(all, outside.MentionOf), next), nil
}
