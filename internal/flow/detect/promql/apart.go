package promql

import (
	"slices"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// blend are functions whose result has no service, or one that it was given.
var blend = []string{"absent", "absent_over_time", "scalar", "vector", "label_replace", "label_join", "info"}

// Apart reports whether the query says the same of each service whether the others
// are there or not, so that it may be run for one at a time, and the names of what it
// reads; none where it reads whatever there is.
func Apart(query string) (names []string, ok bool) {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		return nil, false
	}
	ok, every := true, false
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		switch n := n.(type) {
		case *parser.AggregateExpr:
			ok = ok && n.Without != slices.Contains(n.Grouping, service)
		case *parser.BinaryExpr:
			if m := n.VectorMatching; m != nil {
				ok = ok && m.On == slices.Contains(m.MatchingLabels, service)
			}
		case *parser.Call:
			ok = ok && !slices.Contains(blend, n.Func.Name)
		case *parser.VectorSelector:
			name := n.Name
			for _, m := range n.LabelMatchers {
				if m.Name == metricName && m.Type == labels.MatchEqual {
					name = m.Value
				}
			}
			if every = every || name == ""; !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
		return nil
	})
	if every {
		names = nil
	}
	return names, ok
}
