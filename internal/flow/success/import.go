package success

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
)

// MaxRows is how many rows one import takes.
const MaxRows = 50_000

// Row is an hour out of a file, with where it stands there.
type Row struct {
	Line int
	Hour
	Problem string // why it cannot be read; empty: it can
}

// Unread is a row that was of no use.
type Unread struct {
	Line int
	What string
}

// Imported is what became of a file.
type Imported struct {
	Taken   int
	Refused []Unread // in the order of the file
}

// Import keeps the rows of a file that are of use and says which are not, so that
// one bad row does not hold up the others. The same file again changes nothing.
func (w *Success) Import(ctx context.Context, actor authz.Actor, customer string, rows []Row, now time.Time) (out Imported, err error) {
	if err := authz.Can(actor, authz.Respond, authz.Resource{Kind: string(catalog.KindCustomer), ID: customer}); err != nil {
		return out, err
	}
	if len(rows) == 0 || len(rows) > MaxRows {
		return out, fault.New(fault.Invalid, "validation failed").With("body", fmt.Sprintf("from 1 to %d rows at once", MaxRows))
	}
	type place struct {
		metric string
		at     int64
	}
	first := map[place]int{}
	var good []Hour
	for i := range rows {
		r := &rows[i]
		if r.Problem == "" {
			if where, what := unfit(&r.Hour, now); what != "" {
				r.Problem = where + " " + what
			}
		}
		p := place{r.Metric, r.At.Unix() / 3600}
		if line, twice := first[p]; twice && r.Problem == "" {
			r.Problem = fmt.Sprintf("the hour of this metric stands in line %d already", line)
		}
		if r.Problem != "" {
			out.Refused = append(out.Refused, Unread{Line: r.Line, What: r.Problem})
			continue
		}
		first[p] = r.Line
		good = append(good, r.Hour)
	}
	// The newest go in last, so that what is usual is known when they are judged.
	slices.SortStableFunc(good, func(a, b Hour) int { return a.At.Compare(b.At) })
	for part := range slices.Chunk(good, maxHours) {
		if err := w.Push(ctx, actor, customer, part, now); err != nil {
			return out, err
		}
		out.Taken += len(part)
	}
	if len(good) == 0 {
		return out, w.knows(ctx, customer)
	}
	return out, nil
}
