package api

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/admin"
)

// ScheduleFields are the schedule document, the same as in a schedule file.
type ScheduleFields struct {
	TimeZone  string            `json:"time_zone" maxLength:"64" doc:"IANA time zone of every wall-clock time." example:"America/Chicago"`
	Layers    []oncall.Layer    `json:"layers" required:"false" maxItems:"20" doc:"Rotations; a later one wins where it covers."`
	Overrides []oncall.Override `json:"overrides" required:"false" maxItems:"1000" doc:"They win over all layers, the later over the earlier."`
}

// Schedule is a schedule with who is on call.
type Schedule struct {
	ID string `json:"id"`
	ScheduleFields
	OnCall []string      `json:"on_call" doc:"Who would be paged now; empty: nobody."`
	Until  time.Time     `json:"until,omitzero" doc:"When the schedule names somebody else; absent: not in sight."`
	Next   *record.Named `json:"next,omitempty" doc:"Who is named then; absent: nobody, or not in sight."`
	Stamp
}

// ScheduleSpan is a stretch of a schedule, from and up to, but not including,
// until.
type ScheduleSpan struct {
	From     time.Time `json:"from"`
	Until    time.Time `json:"until"`
	Person   string    `json:"person,omitempty" doc:"Absent in a gap."`
	Name     string    `json:"name,omitempty"`
	Override bool      `json:"override" doc:"By an override, not by a layer."`
	Layer    int       `json:"layer" doc:"Index of the layer; -1 for an override or a gap."`
}

// ScheduleRange is a schedule laid out over a stretch of time.
type ScheduleRange struct {
	Schedule
	Spans []ScheduleSpan `json:"spans,omitempty" doc:"Who is on call from when until when; only with from and until."`
	Gaps  []ScheduleSpan `json:"gaps,omitempty" doc:"When nobody is on call; only with from and until."`
}

// NewSchedule is what a schedule is made or replaced with.
type NewSchedule struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	ScheduleFields
}

// ListSchedules narrows a list of schedules.
type ListSchedules struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id."`
}

// ScheduleView asks for a schedule and perhaps for a stretch of it.
type ScheduleView struct {
	EntityPath
	From  time.Time `query:"from" doc:"Lay out the schedule from here."`
	Until time.Time `query:"until" doc:"Until, and not including, here; at most 370 days."`
}

// ScheduleDraft is a schedule that is not saved, and the stretch to lay out.
type ScheduleDraft struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"As it would be saved; checked when given."`
	ScheduleFields
	From  time.Time `json:"from" doc:"Lay out the schedule from here."`
	Until time.Time `json:"until" doc:"Until, and not including, here; at most 370 days."`
}

// ScheduleLayout is what a schedule would come to.
type ScheduleLayout struct {
	Spans []ScheduleSpan `json:"spans" doc:"Who would be on call from when until when."`
	Gaps  []ScheduleSpan `json:"gaps" doc:"When nobody would be."`
}

type overrideInput struct {
	EntityPath
	Body oncall.Override
}

// OverrideQuery names an override by what it says.
type OverrideQuery struct {
	EntityPath
	From   time.Time `query:"from" required:"true"`
	Until  time.Time `query:"until" required:"true"`
	Person string    `query:"person" required:"true" maxLength:"64"`
}

func (a *API) scheduleRoutes() {
	f := family[Schedule, NewSchedule]{
		kind: catalog.KindSchedule, path: "/schedules", tag: "schedules", noun: "a schedule", may: authz.ManageCatalog,
		show: a.scheduleOf,
		read: func(in *NewSchedule, id string) (catalog.Entity, error) {
			id, err := oneID(in.ID, id)
			return catalog.Schedule{ID: id, Document: &oncall.Schedule{TimeZone: in.TimeZone, Layers: in.Layers, Overrides: in.Overrides}}, err
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List schedules and who is on call", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListSchedules) (*route.Reply[route.List[Schedule]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query})
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path + "/{id}", Summary: "Show a schedule, with its shifts and gaps in a range", Tag: f.tag},
		route.Needs(authz.Read), a.getSchedule)
	f.changes(a)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: f.path + "/preview", Summary: "Lay out a schedule before it is saved", Tag: f.tag, Detail: "Checked as saving it would be, with the same errors; nothing is kept."}, route.Needs(authz.ManageCatalog), a.previewSchedule)
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: f.path + "/{id}/overrides", Summary: "Put a person on call for a while", Tag: f.tag, Status: http.StatusCreated},
		route.Needs(authz.Cover), func(ctx context.Context, c route.Call, in *overrideInput) (*route.Tagged[Schedule], error) {
			item, err := a.opt.Admin.Cover(ctx, c.Actor, in.ID, in.Body, c.Now)
			return f.tagged(ctx, c, item, err)
		})
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: f.path + "/{id}/overrides", Summary: "Remove an override", Tag: f.tag},
		route.Needs(authz.Cover), func(ctx context.Context, c route.Call, in *OverrideQuery) (*struct{}, error) {
			_, err := a.opt.Admin.Uncover(ctx, c.Actor, in.ID, oncall.Override{From: in.From, Until: in.Until, Person: in.Person}, c.Now)
			return nil, err
		})
}

func (a *API) scheduleOf(ctx context.Context, c route.Call, i admin.Item) (Schedule, error) {
	d, err := a.opt.Admin.Duty(ctx, c.Actor, i.Entity.Key(), c.Now)
	if err != nil {
		return Schedule{}, err
	}
	names, err := a.names(ctx)
	if err != nil {
		return Schedule{}, err
	}
	doc, duty := i.Entity.(catalog.Schedule).Document, dutyOf(d, names)
	return Schedule{
		ID: i.Entity.Key(), OnCall: duty.OnCall, Until: duty.Until, Next: duty.Next,
		ScheduleFields: ScheduleFields{TimeZone: doc.TimeZone, Layers: record.Filled(doc.Layers), Overrides: record.Filled(doc.Overrides)},
		Stamp:          Stamp{Version: i.Version, UpdatedAt: i.UpdatedAt.UTC()},
	}, nil
}

func (a *API) getSchedule(ctx context.Context, c route.Call, in *ScheduleView) (*route.Tagged[ScheduleRange], error) {
	var r admin.Rota
	var err error
	switch {
	case in.From.IsZero() != in.Until.IsZero():
		return nil, fault.New(fault.Invalid, "validation failed").With("query.until", "from and until are given together")
	case in.From.IsZero():
		r.Item, err = a.opt.Admin.Get(ctx, c.Actor, catalog.KindSchedule, in.ID)
	default:
		r, err = a.opt.Admin.Rota(ctx, c.Actor, in.ID, in.From, in.Until)
	}
	if err != nil {
		return nil, err
	}
	s, err := a.scheduleOf(ctx, c, r.Item)
	if err != nil {
		return nil, err
	}
	names, err := a.names(ctx)
	if err != nil {
		return nil, err
	}
	body := ScheduleRange{Schedule: s, Spans: wire.Each(r.Shifts, spanOf(names)), Gaps: wire.Each(r.Gaps, spanOf(names))}
	return &route.Tagged[ScheduleRange]{ETag: etag(r.Item.Version), Body: body}, nil
}

func spanOf(names record.Names) func(oncall.Shift) ScheduleSpan {
	return func(p oncall.Shift) ScheduleSpan {
		out := ScheduleSpan{From: p.Start, Until: p.End, Person: p.Person, Override: p.Override >= 0, Layer: p.Layer}
		if p.Person != "" {
			out.Name = names.Person(p.Person).Name
		}
		return out
	}
}

func (a *API) previewSchedule(ctx context.Context, c route.Call, in *newEntityInput[ScheduleDraft]) (*route.Reply[ScheduleLayout], error) {
	b := in.Body
	e := catalog.Schedule{ID: cmp.Or(b.ID, "draft"), Document: &oncall.Schedule{TimeZone: b.TimeZone, Layers: b.Layers, Overrides: b.Overrides}}
	r, err := a.opt.Admin.Draft(ctx, c.Actor, e, b.From, b.Until)
	if err != nil {
		return nil, inBody(err)
	}
	names, err := a.names(ctx)
	if err != nil {
		return nil, err
	}
	return route.One(ScheduleLayout{Spans: wire.Each(r.Shifts, spanOf(names)), Gaps: wire.Each(r.Gaps, spanOf(names))}), nil
}
