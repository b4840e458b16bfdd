package detect

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
	"allclear/internal/store"
	"allclear/internal/store/traces"
)

// Limits of traces.
const (
	MaxSpans   = 5000 // in one push
	maxTrace   = 2000 // spans shown of one trace
	keepTraces = 24 * time.Hour
	recent     = 200
)

// PushSpans keeps spans for a day and what they say of their programs as samples
// (PLT-APP-TRACE). The caller has authorised the service.
func (d *Detect) PushSpans(ctx context.Context, all []metric.Span, now time.Time) error {
	if len(all) > MaxSpans {
		return fault.New(fault.TooLarge, "more than %d spans in one push", MaxSpans)
	}
	err := d.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if err := traces.Put(tx, all, now); err != nil {
			return err
		}
		return traces.Forget(tx, ident.At(now.Add(-keepTraces)), 2*MaxSpans)
	})
	if err != nil {
		return err
	}
	return d.Push(ctx, metric.Measured(all, now), now)
}

// Trace lists the spans of a trace; fault.NotFound when none is kept.
func (d *Detect) Trace(ctx context.Context, a authz.Actor, id string) (out []metric.Span, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "trace"}); err != nil {
		return nil, err
	}
	err = d.db.View(ctx, func(tx *store.Tx) error {
		out, err = traces.Of(tx, id, maxTrace)
		return err
	})
	if err == nil && len(out) == 0 {
		err = authz.NotFound("trace", id)
	}
	return out, err
}

// Spans lists the newest spans of a service.
func (d *Detect) Spans(ctx context.Context, a authz.Actor, service string) (out []metric.Span, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "trace"}); err != nil {
		return nil, err
	}
	err = d.db.View(ctx, func(tx *store.Tx) error {
		if err := d.knows(tx, service); err != nil {
			return err
		}
		out, err = traces.Recent(tx, service, recent)
		return err
	})
	return out, err
}

// knows answers fault.NotFound for a service that is not in the catalogue.
func (d *Detect) knows(tx *store.Tx, service string) error {
	cat, err := d.o.Catalog(tx)
	if err != nil {
		return err
	}
	if _, ok := cat.Services[service]; !ok {
		return authz.NotFound("service", service)
	}
	return nil
}

// PushQueries keeps the slowest queries of a service's database, and the average
// over all calls as the metric db_query_avg_time (PLT-APP-DB, DET-MET-02).
func (d *Detect) PushQueries(ctx context.Context, service string, all []metric.SlowQuery, now time.Time) error {
	top, mean, err := metric.Slowest(all)
	if err != nil {
		return err
	}
	if err := d.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error { return traces.PutQueries(tx, service, top, now) }); err != nil {
		return err
	}
	return d.Push(ctx, []metric.Sample{{Service: service, Name: "db_query_avg_time", At: now, Value: mean}}, now)
}

// Queries lists the slowest queries of a service and when they were told.
func (d *Detect) Queries(ctx context.Context, a authz.Actor, service string) (all []metric.SlowQuery, at time.Time, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "metric"}); err != nil {
		return nil, at, err
	}
	err = d.db.View(ctx, func(tx *store.Tx) error {
		if err := d.knows(tx, service); err != nil {
			return err
		}
		all, at, err = traces.Queries(tx, service)
		return err
	})
	return all, at, err
}
