package detect

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/metric"
)

// maxSpan is the longest time that a vendor is asked for at once.
const maxSpan = 31 * 24 * time.Hour

// QueryAt runs a query in a vendor's language over the vendor's own values, which
// are shown and not kept.
func (d *Detect) QueryAt(ctx context.Context, a authz.Actor, source, query string, from, until time.Time) ([]metric.Series, error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "metric"}); err != nil {
		return nil, err
	}
	q, ok := d.o.Queriers[source]
	switch {
	case !ok && len(d.o.Queriers) == 0:
		return nil, fault.New(fault.NotFound, "no source can be asked for values: none of those that could has credentials in its settings")
	case !ok:
		return nil, fault.New(fault.NotFound, "the source %q cannot be asked for values: it has no credentials in its settings, or no values; those that can be asked are %s", source, strings.Join(slices.Sorted(maps.Keys(d.o.Queriers)), ", "))
	case strings.TrimSpace(query) == "":
		return nil, fault.New(fault.Invalid, "a query is needed").With("query", "is empty")
	case !from.Before(until) || until.Sub(from) > maxSpan:
		return nil, fault.New(fault.Invalid, "the time asked for cannot be used").With("from", "must be before until, by at most 31 days")
	}
	return q.Query(ctx, query, from.UTC(), until.UTC())
}
