// Package checks owns how synthetic checks, and how they stand, look on the wire.
// It holds no rules and must not register routes; internal/edge/api does that.
package checks

import (
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/check"
	"allclear/internal/domain/metric"
	"allclear/internal/edge/api/measure"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/check"
)

// Fields are what a check is made with.
type Fields struct {
	Name     string     `json:"name,omitempty" maxLength:"500"`
	Service  string     `json:"service" maxLength:"64" doc:"That its alerts are about."`
	Type     string     `json:"type" enum:"http,tcp,dns,tls,script"`
	Target   string     `json:"target" minLength:"1" maxLength:"2048" doc:"http: an address. tcp, tls: host:port. dns: a name. script: a file of the scripts folder, without a path."`
	Every    recur.Span `json:"every" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 1m or 30s" doc:"10s to 24h."`
	Timeout  recur.Span `json:"timeout,omitzero" required:"false" pattern:"^([0-9]+(d|h|m|s|ms|bh|bm|bd))+$" patternDescription:"a time such as 10s" doc:"1s to 60s; absent: 10s."`
	Retries  int        `json:"retries,omitempty" minimum:"0" maximum:"10" doc:"Failures in a row that do not count yet."`
	Probes   []string   `json:"probes,omitempty" maxItems:"20" doc:"Places it is made from: local is the server, others run allclear probe. Absent: local."`
	Quorum   int        `json:"quorum,omitempty" minimum:"0" maximum:"20" doc:"Places that must find it wrong; absent: more than half."`
	Paused   bool       `json:"paused,omitempty"`
	Method   string     `json:"method,omitempty" enum:"GET,HEAD,POST,PUT,OPTIONS"`
	Headers  []Header   `json:"headers,omitempty" maxItems:"20" doc:"Nothing secret: everybody who may read the catalogue sees them."`
	Status   []string   `json:"status,omitempty" maxItems:"20" example:"[\"200-299\"]" doc:"Each a status or a range; absent: 200-299."`
	Has      []string   `json:"contains,omitempty" maxItems:"20" doc:"Texts that the body must have."`
	Lacks    []string   `json:"not_contains,omitempty" maxItems:"20" doc:"Texts that the body must not have."`
	Record   string     `json:"record,omitempty" enum:"A,AAAA,CNAME,MX,NS,TXT"`
	Answers  []string   `json:"answers,omitempty" maxItems:"20" doc:"Each must be among those given; absent: any will do."`
	Server   string     `json:"server,omitempty" maxLength:"300" doc:"Name server, host:port; absent: as the machine looks names up."`
	MinDays  int        `json:"min_days,omitempty" minimum:"0" maximum:"365" doc:"Days the certificate must be good for."`
	Argument []string   `json:"arguments,omitempty" maxItems:"20" doc:"Of the script."`
}

// Header is a header of a request.
type Header struct {
	Name  string `json:"name" maxLength:"100"`
	Value string `json:"value" maxLength:"500"`
}

// NewCheck is what a check is made or replaced with.
type NewCheck struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	Fields
}

// Stand is how a check stands.
type Stand struct {
	State  string  `json:"state" enum:"up,down,unknown,paused" doc:"unknown: places that have not been heard of could make the difference."`
	Places []Place `json:"places"`
}

// Place is how a check stands at one place.
type Place struct {
	Probe       string     `json:"probe"`
	State       string     `json:"state" enum:"up,failing,overdue,pending" doc:"overdue: its result has not come in time. pending: none has come yet."`
	At          *time.Time `json:"at,omitempty" doc:"Of the last result."`
	Failures    int        `json:"failures" doc:"In a row; retries of them do not count."`
	Took        float64    `json:"seconds" doc:"Of the last success."`
	P95         *float64   `json:"p95_seconds,omitempty" doc:"95 of 100 successes of the last day took at most this. Of a single check only."`
	SucceededAt *time.Time `json:"succeeded_at,omitempty"`
	FailedAt    *time.Time `json:"failed_at,omitempty"`
	Error       string     `json:"error,omitempty" doc:"What was wrong when it last failed, or why it cannot be made there."`
	Certificate *time.Time `json:"certificate_until,omitempty"`
	ExpectedAt  time.Time  `json:"expected_at" doc:"The next result must have come by then."`
}

// StandOf is how a check stands, as it is shown.
func StandOf(paused bool, h flow.Health) Stand {
	out := Stand{State: "up", Places: wire.Each(h.Places, placeOf)}
	switch {
	case paused:
		out.State = "paused"
	case h.Down > 0:
		out.State = "down"
	case !h.Known:
		out.State = "unknown"
	}
	return out
}

func placeOf(p flow.Place) Place {
	out := Place{
		Probe: p.Probe, State: "failing", At: instant(p.At), Failures: p.Streak, Took: p.Took.Seconds(), P95: p.P95,
		SucceededAt: instant(p.SucceededAt), FailedAt: instant(p.FailedAt), Error: p.Why, Certificate: instant(p.Until), ExpectedAt: p.ExpectedAt,
	}
	switch {
	case p.Overdue > 0:
		out.State = "overdue"
	case p.At.IsZero():
		out.State = "pending"
	case p.Up:
		out.State = "up"
	}
	return out
}

func instant(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// Report is what a place has found.
type Report struct {
	Probe   string   `json:"probe" minLength:"1" maxLength:"64"`
	Results []Result `json:"results" minItems:"1" maxItems:"500"`
}

// Result is what one check has found at the place.
type Result struct {
	Check       string           `json:"check" maxLength:"64"`
	Up          bool             `json:"up"`
	Idle        bool             `json:"idle,omitempty" doc:"The place cannot make the check; nothing is known of its target."`
	Error       string           `json:"error,omitempty" maxLength:"2000"`
	Took        float64          `json:"seconds" minimum:"0" maximum:"3600"`
	Certificate time.Time        `json:"certificate_until,omitzero"`
	Samples     []measure.Sample `json:"samples,omitempty" maxItems:"200"`
}

// Of are the results as the flow takes them.
func (r Report) Of() []flow.Reported {
	return wire.Each(r.Results, func(x Result) flow.Reported {
		took := time.Duration(x.Took * float64(time.Second))
		own := measure.Push{Samples: x.Samples}.Of()
		return flow.Reported{Check: x.Check, Result: check.Result{Up: x.Up, Idle: x.Idle, Why: x.Error, Took: took, Until: x.Certificate, Samples: own}}
	})
}

// ResultOf is a result as a place reports it.
func ResultOf(id string, r check.Result) Result {
	kinds := [...]string{"gauge", "counter", "count"}
	return Result{
		Check: id, Up: r.Up, Idle: r.Idle, Error: r.Why, Took: r.Took.Seconds(), Certificate: r.Until,
		Samples: wire.Each(r.Samples, func(s metric.Sample) measure.Sample {
			return measure.Sample{Metric: s.Name, Value: s.Value, Labels: s.Labels, Kind: kinds[min(int(s.Kind), 2)]}
		}),
	}
}
