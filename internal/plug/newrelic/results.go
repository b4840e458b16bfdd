package newrelic

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/domain/metric"
	"allclear/internal/plug"
)

// results makes series of the rows that a query gives: one for each number and
// each group of the rows. What a row says in words is the group.
func results(rows []plug.Doc, to time.Time) []metric.Series {
	r := &reader{byKey: map[string]int{}}
	for _, row := range rows {
		labels := map[string]string{}
		for _, n := range row.SortedNames() {
			if words(row.At(n)) && n != "facet" {
				labels = plug.AddLabel(labels, n, row.Text(n))
			}
		}
		// One facet is a text, under its own name as well; several are an array.
		for i, f := range append(row.List("facet"), row.At("facet")) {
			if f.Text() != "" {
				name := "facet"
				if i > 0 {
					name += strconv.Itoa(i + 1)
				}
				labels = plug.AddLabel(labels, name, f.Text())
			}
		}
		at := to
		for _, n := range []string{"beginTimeSeconds", "timestamp"} {
			if t := row.Time(n); !t.IsZero() {
				at = t
				break
			}
		}
		r.numbers(row, "", labels, at)
	}
	for i := range r.out {
		slices.SortStableFunc(r.out[i].Points, func(a, b metric.Point) int { return a.At.Compare(b.At) })
	}
	return r.out
}

// words reports a text, which some numbers of NRQL are as well.
func words(d plug.Doc) bool {
	s, ok := d.Any().(string)
	if !ok {
		return false
	}
	_, err := strconv.ParseFloat(s, 64)
	return err != nil
}

type reader struct {
	out   []metric.Series
	byKey map[string]int
}

// numbers adds what is a number in the row, also inside of it: percentile(duration,
// 95) is {"percentile.duration": {"95": 0.2}}.
func (r *reader) numbers(d plug.Doc, before string, labels map[string]string, at time.Time) {
	for _, n := range d.SortedNames() {
		v, name := d.At(n), strings.TrimPrefix(before+"."+n, ".")
		switch {
		case before == "" && slices.Contains([]string{"beginTimeSeconds", "endTimeSeconds", "inspectedCount", "timestamp", "facet"}, n):
		case v.IsObject() && before == "":
			r.numbers(v, n, labels, at)
		default:
			if f, err := strconv.ParseFloat(v.Text(), 64); err == nil {
				r.add(name, labels, metric.Point{At: at, Value: f})
			}
		}
	}
}

func (r *reader) add(name string, labels map[string]string, p metric.Point) {
	key := name + "\x00" + metric.Canonical(labels)
	i, known := r.byKey[key]
	if !known {
		i = len(r.out)
		r.byKey[key] = i
		r.out = append(r.out, metric.Series{Name: plug.Line(name, plug.MaxWord), Labels: labels})
	}
	r.out[i].Points = append(r.out[i].Points, p)
}
