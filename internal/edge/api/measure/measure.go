// Package measure owns the shapes of what is measured as the API shows it:
// samples, metric rules, what passed a limit. It holds no routes, and must not judge
// a value.
package measure

import (
	"encoding/json"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/detect"
)

// Sample is one value that is pushed.
type Sample struct {
	Service string            `json:"service" maxLength:"64"`
	Metric  string            `json:"metric" minLength:"1" maxLength:"200" example:"queue_depth" doc:"Characters other than letters, digits, _ and : become _."`
	Value   float64           `json:"value"`
	Labels  map[string]string `json:"labels,omitempty"`
	Kind    string            `json:"kind,omitempty" enum:"gauge,counter,count" default:"gauge" doc:"gauge: stands by itself. counter: a total that only grows. count: what came since the sample before."`
	At      time.Time         `json:"at,omitzero" doc:"Now when absent; at most 48 hours ago and 5 minutes ahead."`
}

// Push is what samples are pushed as.
type Push struct {
	Samples []Sample `json:"samples" minItems:"1" maxItems:"20000"`
}

// Pushed is the answer to a push.
type Pushed struct {
	Samples int `json:"samples"`
}

// Of turns samples into the domain's.
func (p Push) Of() []metric.Sample {
	return wire.Each(p.Samples, func(s Sample) metric.Sample {
		kind := map[string]metric.Kind{"counter": metric.Counter, "count": metric.Count}[s.Kind]
		return metric.Sample{Service: s.Service, Name: metric.Name(s.Metric), Labels: s.Labels, Kind: kind, At: s.At, Value: s.Value}
	})
}

// Series is a stretch of one series.
type Series struct {
	Service string            `json:"service,omitempty"`
	Metric  string            `json:"metric,omitempty"`
	Labels  map[string]string `json:"labels,omitempty"`
	Kind    string            `json:"kind" enum:"gauge,counter,count"`
	Points  []Point           `json:"points,omitempty"`
}

// Key names it among the others.
func (s Series) Key() string {
	labels, _ := json.Marshal(s.Labels) // texts by texts, in the order of names
	return s.Service + " " + s.Metric + " " + string(labels)
}

// Point is one value.
type Point struct {
	At    time.Time `json:"at"`
	Value *float64  `json:"value" doc:"Absent where the query gave no finite number."`
}

// SeriesOf is a series as it is shown.
func SeriesOf(s metric.Series) Series {
	kind := map[metric.Kind]string{metric.Counter: "counter", metric.Count: "count"}[s.Kind]
	if kind == "" {
		kind = "gauge"
	}
	return Series{Service: s.Service, Metric: s.Name, Labels: s.Labels, Kind: kind, Points: wire.Each(s.Points, func(p metric.Point) Point {
		out := Point{At: p.At}
		if v := p.Value; v-v == 0 {
			out.Value = &v
		}
		return out
	})}
}

// Firing is a limit that is or was passed.
type Firing struct {
	Rule     string            `json:"rule"`
	Service  string            `json:"service"`
	Labels   map[string]string `json:"labels,omitempty"`
	Value    float64           `json:"value"`
	Since    time.Time         `json:"since"`
	EndedAt  time.Time         `json:"ended_at,omitzero"`
	Incident int64             `json:"incident,omitempty" doc:"Number of the incident its alert belongs to."`
}

// FiringOf is a firing as it is shown.
func FiringOf(f detect.Firing) Firing {
	return Firing{Rule: f.Rule, Service: f.Service, Labels: f.Labels, Value: f.Value, Since: f.Since, EndedAt: f.EndedAt, Incident: f.Incident}
}

// Limits is what a metric rule asks for.
type Limits struct {
	Measure   string   `json:"measure" enum:"latest,consecutive,mean,sum,sustained,ratio,burn,query"`
	Metric    string   `json:"metric,omitempty" maxLength:"200"`
	Total     string   `json:"total,omitempty" maxLength:"200" doc:"Of ratio and burn: what the metric is a part of."`
	Query     string   `json:"query,omitempty" maxLength:"4096" doc:"Of query: PromQL whose results carry the label service."`
	By        []string `json:"by,omitempty" maxItems:"10"`
	Checks    int      `json:"checks,omitempty" minimum:"0" maximum:"100"`
	Window    string   `json:"window,omitempty" maxLength:"20" example:"5m"`
	Short     string   `json:"short_window,omitempty" maxLength:"20"`
	Every     string   `json:"every,omitempty" maxLength:"20"`
	Coverage  float64  `json:"coverage,omitempty" minimum:"0" maximum:"1"`
	AtLeast   float64  `json:"at_least,omitempty" minimum:"0"`
	Objective float64  `json:"objective,omitempty" minimum:"0" maximum:"1"`
	Above     *float64 `json:"above,omitempty"`
	Below     *float64 `json:"below,omitempty"`
}

// Of turns limits into a rule.
func (l Limits) Of() (procedure.MetricRule, error) {
	r := procedure.MetricRule{
		ID: "trial", Measure: l.Measure, Metric: l.Metric, Total: l.Total, Query: l.Query, By: l.By, Checks: l.Checks, Coverage: l.Coverage,
		AtLeast: l.AtLeast, Goal: l.Objective, Above: l.Above, Below: l.Below,
	}
	for key, to := range map[string]*recur.Span{"window": &r.Window, "short_window": &r.Short, "every": &r.Every} {
		text := map[string]string{"window": l.Window, "short_window": l.Short, "every": l.Every}[key]
		if text == "" {
			continue
		}
		s, err := recur.ParseSpan(text)
		if err != nil {
			return r, fault.New(fault.Invalid, "the rule cannot be tried").With("/"+key, err.Error())
		}
		*to = s
	}
	return r, r.Check()
}

// Rule is a metric rule of the procedure and what has become of it.
type Rule struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Clauses   []string `json:"clauses,omitempty"`
	Condition string   `json:"condition" doc:"When it raises its alert, in words."`
	Suggests  string   `json:"suggests" enum:"P1,P2,P3,P4"`
	Joined    string   `json:"joined,omitempty" enum:"P1,P2,P3,P4" doc:"What it suggests as a second symptom."`
	Limits
	Standing       []Firing `json:"standing"`
	Raised         int      `json:"raised" doc:"How often in the last 30 days."`
	FalsePositives int      `json:"false_positives" doc:"Of them, those whose incident was dismissed as a false alarm."`
	FalseShare     float64  `json:"false_positive_rate"`
	Failing        string   `json:"failing,omitempty" doc:"Why it cannot be judged now."`
}

// RuleOf is a rule as it is shown.
func RuleOf(r detect.Rule) Rule {
	span := func(s recur.Span) string {
		if s.IsZero() {
			return ""
		}
		return s.String()
	}
	joined := ""
	if r.Joined != 0 {
		joined = r.Joined.String()
	}
	out := Rule{
		ID: r.ID, Name: r.Name, Clauses: r.Clauses, Condition: r.Condition(), Suggests: r.Suggests.String(), Joined: joined,
		Limits: Limits{
			Measure: r.Measure, Metric: r.Metric, Total: r.Total, Query: r.Query, By: r.By, Checks: r.Checks, Window: span(r.Window), Short: span(r.Short), Every: span(r.Every),
			Coverage: r.Coverage, AtLeast: r.AtLeast, Objective: r.Goal, Above: r.Above, Below: r.Below,
		},
		Standing: wire.Each(r.Standing, FiringOf), Raised: r.Raised, FalsePositives: r.FalsePositives, Failing: r.Failing,
	}
	if r.Raised > 0 {
		out.FalseShare = float64(r.FalsePositives) / float64(r.Raised)
	}
	return out
}

// Rules lists the rules in force.
type Rules struct {
	Items    []Rule               `json:"items"`
	Watched  map[string]time.Time `json:"watched,omitempty" doc:"Services under sharper limits after an incident, and until when."`
	NextPage string               `json:"next_cursor"`
}

// Trial is what a rule is tried on.
type Trial struct {
	Rule      Limits    `json:"rule"`
	From      time.Time `json:"from"`
	Until     time.Time `json:"until"`
	Sensitive bool      `json:"sensitive,omitempty" doc:"By its sharper form after an incident."`
}

// Span is one step of a request through the systems.
type Span struct {
	TraceID  string            `json:"trace_id"`
	SpanID   string            `json:"span_id"`
	Parent   string            `json:"parent_span_id,omitempty"`
	Service  string            `json:"service"`
	Program  string            `json:"program,omitempty" doc:"service.name of its sender."`
	Name     string            `json:"name"`
	Start    time.Time         `json:"start"`
	Duration float64           `json:"duration_ms"`
	Failed   bool              `json:"failed"`
	Message  string            `json:"message,omitempty"`
	Tags     map[string]string `json:"attributes,omitempty"`
}

// Key names it among the others.
func (s Span) Key() string { return s.TraceID + " " + s.SpanID }

// SpanOf is a span as it is shown.
func SpanOf(s metric.Span) Span {
	return Span{
		TraceID: s.Trace, SpanID: s.ID, Parent: s.Parent, Service: s.Service, Program: s.Program, Name: s.Name, Start: s.Start,
		Duration: float64(s.Took) / float64(time.Millisecond), Failed: s.Failed, Message: s.Message, Tags: s.Tags,
	}
}

// SlowQuery is a statement of a database and what it costs.
type SlowQuery struct {
	Query string  `json:"query"`
	Calls int64   `json:"calls"`
	Mean  float64 `json:"mean_ms"`
	Max   float64 `json:"max_ms,omitempty"`
}

// SlowQueries are the most expensive first.
type SlowQueries struct {
	Items []SlowQuery `json:"items"`
	At    time.Time   `json:"at,omitzero" doc:"When they were told."`
}

// SlowQueryOf is a slow query as it is shown.
func SlowQueryOf(q metric.SlowQuery) SlowQuery {
	return SlowQuery{Query: q.Query, Calls: q.Calls, Mean: q.MeanMS, Max: q.MaxMS}
}
