package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
	"allclear/internal/edge/api/measure"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/detect"
)

type pushInput struct{ Body measure.Push }

type trialInput struct{ Body measure.Trial }

// QueryMetrics is a query over what is measured.
type QueryMetrics struct {
	route.Whole
	Query  string    `query:"query" required:"true" maxLength:"4096" doc:"PromQL; the label service holds the service. With a source, in that vendor's language."`
	From   time.Time `query:"from" doc:"An hour before until when absent."`
	Until  time.Time `query:"until" doc:"Now when absent."`
	Step   int       `query:"step" minimum:"1" maximum:"86400" default:"30" doc:"Seconds; of no effect with a source."`
	Source string    `query:"source" maxLength:"32" pattern:"^[a-z0-9_]*$" example:"datadog" doc:"Asks the store of this vendor instead, where its integration has the credentials: datadog, newrelic or cloudwatch."`
}

// ListSeries narrows a list of series.
type ListSeries struct {
	route.Whole
	Service string `query:"service" maxLength:"64"`
}

func (a *API) metricRoutes() {
	tag := "metrics"
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/metrics", Summary: "Push samples", Tag: tag, Body: 8 << 20, Detail: "Samples that are no use are refused with their place; the others are kept."}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *pushInput) (*route.Reply[measure.Pushed], error) {
			all := in.Body.Of()
			if err := a.opt.Detect.PushAs(ctx, c.Actor, all, c.Now); err != nil {
				return nil, err
			}
			return route.One(measure.Pushed{Samples: len(all)}), nil
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/metrics", Summary: "List what is measured", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListSeries) (*route.Reply[route.List[measure.Series]], error) {
			all, err := a.opt.Detect.Series(ctx, c.Actor, in.Service)
			if err != nil {
				return nil, err
			}
			return route.Of(in.Whole, all, measure.SeriesOf, measure.Series.Key)
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/metrics/query", Summary: "Run a query over what is measured", Tag: tag}, route.Needs(authz.Read), a.queryMetrics)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/metrics/rules", Summary: "List the limits of metrics, what passes them, and how often they were wrong", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Whole) (*route.Reply[measure.Rules], error) {
			rules, watched, err := a.opt.Detect.Rules(ctx, c.Actor, c.Now)
			if err != nil {
				return nil, err
			}
			page, err := route.Of(*in, rules, measure.RuleOf, func(r measure.Rule) string { return r.ID })
			if err != nil {
				return nil, err
			}
			return route.One(measure.Rules{Items: page.Body.Items, Watched: watched, NextPage: page.Body.NextCursor}), nil
		})
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/metrics/rules/test", Summary: "Try a limit on what was measured", Tag: tag, Detail: "Tells when it would have raised alerts. Nothing is stored and nobody is paged."}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *trialInput) (*route.Reply[route.List[measure.Firing]], error) {
			rule, err := in.Body.Rule.Of()
			if err != nil {
				return nil, err
			}
			found, err := a.opt.Detect.Try(ctx, c.Actor, detect.Ask{Rule: rule, From: in.Body.From, Until: in.Body.Until, Sensitive: in.Body.Sensitive}, c.Now)
			return route.Items(wire.Each(found, measure.FiringOf), ""), err
		})
}

type listSpans struct {
	RowPath
	route.Whole
}

func (a *API) traceRoutes() {
	tag := "metrics"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/traces/{id}", Summary: "List the spans of a trace of the last day", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *listSpans) (*route.Reply[route.List[measure.Span]], error) {
			all, err := a.opt.Detect.Trace(ctx, c.Actor, in.ID)
			if err != nil {
				return nil, err
			}
			return route.Of(in.Whole, all, measure.SpanOf, measure.Span.Key)
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/services/{id}/spans", Summary: "List the newest spans of a service", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *listSpans) (*route.Reply[route.List[measure.Span]], error) {
			all, err := a.opt.Detect.Spans(ctx, c.Actor, in.ID)
			if err != nil {
				return nil, err
			}
			return route.Of(in.Whole, all, measure.SpanOf, measure.Span.Key)
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/services/{id}/slow-queries", Summary: "List the slowest queries of its database", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *RowPath) (*route.Reply[measure.SlowQueries], error) {
			all, at, err := a.opt.Detect.Queries(ctx, c.Actor, in.ID)
			return route.One(measure.SlowQueries{Items: wire.Each(all, measure.SlowQueryOf), At: at}), err
		})
}

func (a *API) queryMetrics(ctx context.Context, c route.Call, in *QueryMetrics) (*route.Reply[route.List[measure.Series]], error) {
	if in.Until.IsZero() {
		in.Until = c.Now
	}
	if in.From.IsZero() {
		in.From = in.Until.Add(-time.Hour)
	}
	var found []metric.Series
	var err error
	if in.Source != "" {
		found, err = a.opt.Detect.QueryAt(ctx, c.Actor, in.Source, in.Query, in.From, in.Until)
	} else {
		found, err = a.opt.Detect.Query(ctx, c.Actor, in.Query, in.From, in.Until, time.Duration(in.Step)*time.Second)
	}
	if err != nil {
		return nil, err
	}
	return route.Of(in.Whole, found, measure.SeriesOf, measure.Series.Key)
}
