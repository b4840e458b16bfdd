package hall

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/room"
)

type partPath struct {
	route.IncidentPath
	Part string `path:"part" maxLength:"40" doc:"Id of the part."`
}

type warRoomBody[B any] struct {
	route.IncidentPath
	Body *B
}

type notesQuery struct {
	route.IncidentPath
	Version int64 `query:"version" minimum:"1" doc:"An older one; absent: the present one."`
}

type notesPage struct {
	route.IncidentPath
	route.Page
}

type notesInput struct {
	route.IncidentPath
	Tag  string `header:"If-Match" doc:"Needed: the ETag of the version that is written over."`
	Body NewNotes
}

const tag = "war room"

// Routes registers the war room of an incident.
func Routes(t *route.Table, r *flow.Room) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}/room", Summary: "Show the war room and how each part of it stands", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[WarRoom], error) {
			return show(in, func(n int64) (*flow.View, error) { return r.Show(ctx, c.Actor, n, c.Now) })
		})
	act(t, "reserve", "Reserve a conference room", func(ctx context.Context, c route.Call, n int64, b ReserveRoom) (*flow.View, error) {
		return r.Reserve(ctx, c.Actor, n, strings.TrimSpace(b.Room), c.Now)
	})
	act(t, "release", "Give the conference room back", func(ctx context.Context, c route.Call, n int64, _ record.Nothing) (*flow.View, error) {
		return r.Release(ctx, c.Actor, n, c.Now)
	})
	act(t, "breakouts", "Open a video room for one workstream", func(ctx context.Context, c route.Call, n int64, b NewBreakout) (*flow.View, error) {
		return r.Breakout(ctx, c.Actor, n, b.Name, c.Now)
	})
	act(t, "call", "Have me called into the telephone conference", func(ctx context.Context, c route.Call, n int64, b CallMe) (*flow.View, error) {
		return r.CallMe(ctx, c.Actor, n, b.Phone, c.Now)
	})
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/room/parts/{part}/retry", Summary: "Try a part again that was given up", Tag: tag}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *partPath) (*route.Reply[WarRoom], error) {
			id, err := route.ParseID("part", in.Part)
			if err != nil {
				return nil, err
			}
			return show(&in.IncidentPath, func(n int64) (*flow.View, error) { return r.Retry(ctx, c.Actor, n, id, c.Now) })
		})
	noteRoutes(t, r)
}

// act adds a route for one thing people do to a war room.
func act[B any](t *route.Table, name, summary string, run func(ctx context.Context, c route.Call, n int64, b B) (*flow.View, error)) {
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}/room/" + name, Summary: summary, Tag: tag}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *warRoomBody[B]) (*route.Reply[WarRoom], error) {
			var b B
			if in.Body != nil {
				b = *in.Body
			}
			return show(&in.IncidentPath, func(n int64) (*flow.View, error) { return run(ctx, c, n, b) })
		})
}

func show(in *route.IncidentPath, do func(n int64) (*flow.View, error)) (*route.Reply[WarRoom], error) {
	n, err := in.Number()
	if err != nil {
		return nil, err
	}
	v, err := do(n)
	if err != nil {
		return nil, err
	}
	return route.One(warRoomOf(v)), nil
}

func noteRoutes(t *route.Table, r *flow.Room) {
	path := "/incidents/{id}/room/notes"
	route.Register(t, route.Route{Method: http.MethodGet, Path: path, Summary: "Read the incident's notes", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *notesQuery) (*route.Tagged[IncidentNotes], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			notes, err := r.ReadNotes(ctx, c.Actor, n, in.Version)
			return tagged(notes), err
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: path + "/versions", Summary: "List the versions of the notes, the newest first", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *notesPage) (*route.Reply[route.List[NotesState]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			var before int64
			if _, err := route.FromCursor(in.Cursor, &before); err != nil {
				return nil, err
			}
			all, err := r.NotesHistory(ctx, c.Actor, n, before, in.Limit+1)
			if err != nil {
				return nil, err
			}
			items, next := route.Cut(all, in.Limit, func(v flow.Notes) any { return v.Version })
			return route.Items(wire.Each(items, stateOf), next), nil
		})
	route.Register(t, route.Route{Method: http.MethodPut, Path: path, Summary: "Write the incident's notes", Tag: tag, Detail: "Over the version that was read: 412 when somebody wrote meanwhile. Every version is kept."}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *notesInput) (*route.Tagged[IncidentNotes], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			over, ok := versionOf(in.Tag)
			if !ok {
				return nil, fault.New(fault.Invalid, "validation failed").With("header.If-Match", `give the ETag of the notes as you read them, such as "v3"`)
			}
			notes, err := r.WriteNotes(ctx, c.Actor, n, over, in.Body.Text, c.Now)
			if fault.Is(err, fault.Conflict) {
				return nil, &wire.Problem{Status: http.StatusPreconditionFailed, Detail: err.Error()}
			}
			return tagged(notes), err
		})
}

func tagged(n flow.Notes) *route.Tagged[IncidentNotes] {
	return &route.Tagged[IncidentNotes]{ETag: `"v` + strconv.FormatInt(n.Version, 10) + `"`, Body: notesOf(n)}
}

// versionOf reads the tag of a version.
func versionOf(tag string) (int64, bool) {
	tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
	text, ok := strings.CutPrefix(strings.Trim(tag, `"`), "v")
	n, err := strconv.ParseInt(text, 10, 64)
	return n, ok && err == nil && n >= 0
}
