package procedure

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
)

// MetricRule is a limit that a metric must not pass (DET-MET-*). Every
// comparison is strict: a value at the limit is within it.
type MetricRule struct {
	ID       string     `yaml:"id" json:"id"`
	Name     string     `yaml:"name" json:"name"`
	Clauses  []string   `yaml:"clauses" json:"clauses,omitempty"`
	Measure  string     `yaml:"measure" json:"measure"`                    // see Measures
	Metric   string     `yaml:"metric" json:"metric,omitempty"`            // of ratio and burn: the part
	Total    string     `yaml:"total" json:"total,omitempty"`              // of ratio and burn: what Metric is a part of
	Query    string     `yaml:"query" json:"query,omitempty"`              // of query: PromQL whose series carry the label service
	By       []string   `yaml:"by" json:"by,omitempty"`                    // of ratio and burn: labels beside service that keep results apart
	Checks   int        `yaml:"checks" json:"checks,omitempty"`            // of consecutive: how many in a row
	Window   recur.Span `yaml:"window" json:"window,omitzero"`             // of mean, sum, ratio, sustained and burn
	Short    recur.Span `yaml:"short_window" json:"short_window,omitzero"` // of burn: the window in which it must go on
	Every    recur.Span `yaml:"every" json:"every,omitzero"`               // how far apart values are expected; 1m when empty
	Coverage float64    `yaml:"coverage" json:"coverage,omitempty"`        // of sustained: share of the window that must be known; 0.8 when empty
	AtLeast  float64    `yaml:"at_least" json:"at_least,omitempty"`        // of ratio and burn: total below which nothing is judged
	Goal     float64    `yaml:"objective" json:"objective,omitempty"`      // of burn: the share promised, such as 0.9995
	Above    *float64   `yaml:"above" json:"above,omitempty"`              // exactly one of Above and Below
	Below    *float64   `yaml:"below" json:"below,omitempty"`
	Unit     string     `yaml:"unit" json:"unit,omitempty"`    // as people write it: s, %, messages
	Suggests Severity   `yaml:"suggests" json:"suggests"`      // of its alert (reading 6)
	Joined   Severity   `yaml:"joined" json:"joined,omitzero"` // suggested instead while another alert stands on the service (reading 6)
	Text     string     `yaml:"text" json:"text"`              // of its alert: {{service}}, {{value}}, {{limit}}, {{labels}}
}

// The measures of a metric rule.
const (
	Latest      = "latest"      // the newest value
	Consecutive = "consecutive" // each of the last Checks values
	Mean        = "mean"        // the average over Window
	Sum         = "sum"         // the total over Window
	Sustained   = "sustained"   // every value since Window ago
	Ratio       = "ratio"       // Metric of Total over Window, as a share of 1
	Burn        = "burn"        // how many times faster than Goal allows errors come, over Window and Short; at the limit it is reached
	Query       = "query"       // what a query in PromQL says
)

// Measures lists the measures of a metric rule.
var Measures = []string{Latest, Consecutive, Mean, Sum, Sustained, Ratio, Burn, Query}

// MaxWindow is how far back a rule can look.
const MaxWindow = 14 * 24 * time.Hour

const (
	defaultEvery    = time.Minute
	defaultCoverage = 0.8
)

// Expected is how far apart the values of a series are expected to be.
func (r *MetricRule) Expected() time.Duration {
	if r.Every.IsZero() {
		return defaultEvery
	}
	return r.Every.Elapsed()
}

// Known is the share of the window for which values are needed.
func (r *MetricRule) Known() float64 {
	if r.Coverage == 0 {
		return defaultCoverage
	}
	return r.Coverage
}

// Limit is the threshold, with its sign in words.
func (r *MetricRule) Limit() (value float64, word string) {
	if r.Below != nil {
		return *r.Below, "below"
	}
	if r.Above != nil {
		return *r.Above, "above"
	}
	return math.NaN(), ""
}

// Passes reports whether a value is beyond the limit.
func (r *MetricRule) Passes(v float64) bool {
	if r.Below != nil {
		return v < *r.Below
	}
	if r.Measure == Burn {
		return v >= *r.Above
	}
	return r.Above != nil && v > *r.Above
}

// sensitive is the factor of MON-ENH-24H.
const sensitive = 0.8

// Sensitive is the rule during the raised sensitivity after an incident
// (reading 20): an upper limit times 0.8, of a lower limit on a share what is
// missing from 1 times 0.8, durations and counts halved and rounded up.
func (r MetricRule) Sensitive() MetricRule {
	// Twelve digits are far more than anybody writes, and hide what floating
	// point adds to them.
	tidy := func(v float64) *float64 {
		v = math.Round(v*1e12) / 1e12
		return &v
	}
	switch {
	case r.Above != nil:
		r.Above = tidy(*r.Above * sensitive)
	case r.Below != nil && r.Measure == Ratio:
		r.Below = tidy(1 - (1-*r.Below)*sensitive)
	case r.Below != nil:
		r.Below = tidy(*r.Below / sensitive)
	}
	r.Checks = (r.Checks + 1) / 2
	r.Window, r.Short = halved(r.Window), halved(r.Short)
	return r
}

// halved rounds up to whole seconds.
func halved(s recur.Span) recur.Span {
	if s.IsZero() {
		return s
	}
	half := (s.Elapsed()/time.Second + 1) / 2
	out, err := recur.ParseSpan(fmt.Sprintf("%ds", half))
	if err != nil {
		return s
	}
	return out
}

// Condition says in words when the rule raises its alert.
func (r *MetricRule) Condition() string {
	limit, word := r.Limit()
	end := fmt.Sprintf("%s %s%s", word, number(limit), suffix(r.Unit))
	switch r.Measure {
	case Consecutive:
		return fmt.Sprintf("%s %s in %d checks in a row", r.Metric, end, r.Checks)
	case Mean:
		return fmt.Sprintf("average of %s over %s %s", r.Metric, r.Window, end)
	case Sum:
		return fmt.Sprintf("sum of %s over %s %s", r.Metric, r.Window, end)
	case Sustained:
		return fmt.Sprintf("%s %s for %s", r.Metric, end, r.Window)
	case Ratio:
		return fmt.Sprintf("%s of %s over %s %s %s%%", r.Metric, r.Total, r.Window, word, number(limit*100))
	case Burn:
		return fmt.Sprintf("errors come %s times as fast as %s%% allows, over %s and %s", number(limit), number(r.Goal*100), r.Window, r.Short)
	case Query:
		return fmt.Sprintf("%s %s", strings.Join(strings.Fields(r.Query), " "), end)
	}
	return r.Metric + " " + end
}

// suffix is a unit behind a number.
func suffix(u string) string {
	if u == "" || u == "%" {
		return u
	}
	return " " + u
}

func number(v float64) string {
	return strings.TrimRight(strings.TrimRight(fmt.Sprintf("%.6f", v), "0"), ".")
}

// metricName is a name as Prometheus has them; what other systems write is
// brought to this form when it comes in.
var metricName = regexp.MustCompile(`^[a-zA-Z_:][a-zA-Z0-9_:]*$`)

// Check refuses a rule that cannot be judged. Whether a query can be read, who
// runs it tells.
func (r *MetricRule) Check() error {
	bad := fault.New(fault.Invalid, "the metric rule cannot be judged")
	r.missing(func(key, what string) { bad = bad.With("/"+key, what) })
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

// missing tells what the rule lacks for its measure.
func (r *MetricRule) missing(tell func(key, what string)) {
	need := func(ok bool, key, what string) {
		if !ok {
			tell(key, what)
		}
	}
	need(slices.Contains(Measures, r.Measure), "measure", "must be one of "+strings.Join(Measures, ", "))
	need((r.Above == nil) != (r.Below == nil), "above", "needs exactly one of above and below")
	if r.Measure == Query {
		need(r.Query != "", "query", "needs a query")
		return
	}
	need(metricName.MatchString(r.Metric), "metric", "needs the name of a metric: letters, digits, _ and :")
	if slices.Contains([]string{Mean, Sum, Sustained, Ratio, Burn}, r.Measure) {
		w := r.Window.Elapsed()
		need(!r.Window.Business() && w > 0 && w <= MaxWindow, "window", "needs a window of at most 14 days")
	}
	switch r.Measure {
	case Consecutive:
		need(r.Checks > 0 && r.Checks <= 100, "checks", "needs a number of checks, 1 to 100")
	case Ratio, Burn:
		need(metricName.MatchString(r.Total), "total", "needs the name of the total")
	case Sustained:
		need(r.Known() > 0 && r.Known() <= 1, "coverage", "needs a coverage above 0 and up to 1")
	}
	const day = 24 * time.Hour
	need(!r.Every.Business() && r.Every.Elapsed() <= day, "every", "needs a time on the wall of at most 24h")
	if r.Measure == Burn {
		s := r.Short.Elapsed()
		need(r.Goal > 0 && r.Goal < 1, "objective", "needs an objective between 0 and 1")
		need(r.Above != nil, "above", "needs the factor it must reach")
		need(!r.Short.Business() && s > 0 && s <= r.Window.Elapsed(), "short_window", "needs a short window within the long one")
	}
}

// metrics checks the metric rules.
func (c *checker) metrics() {
	ids := map[string]bool{}
	for i := range c.p.Metrics {
		r := &c.p.Metrics[i]
		path := fmt.Sprintf("metric_rules[%d]", i)
		switch {
		case r.ID == "":
			c.err("no-id", path, "Give it a short id of its own.", "the metric rule has no id")
		case ids[r.ID]:
			c.err("duplicate-id", path+".id", "Rename one of the two.", "metric rule %q stands twice", r.ID)
		}
		ids[r.ID] = true
		c.clauses(path+".clauses", r.Clauses)
		if r.Suggests == 0 {
			c.err("no-severity", path, "Say what it suggests: P1, P2, P3 or P4.", "metric rule %q suggests no severity", r.ID)
		}
		if r.Text == "" {
			c.err("no-text", path, "Say in a line what is wrong when it raises its alert.", "metric rule %q has no text", r.ID)
		}
		r.missing(func(key, what string) {
			c.err("incomplete", path+"."+key, "Set it, or choose another measure.", "metric rule %q %s", r.ID, what)
		})
	}
}
