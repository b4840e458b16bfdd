package check

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/metric"
)

// MaxSamples is how many values one run of a script may give.
const MaxSamples = 200

// reserved is how the metrics of checks themselves begin.
const reserved = "check_"

// Output reads what a script has written: lines of metric{label="x"} value as
// Prometheus has them, or JSON objects with metric, value and labels, one after
// another or in a list. Other lines are passed over, so that a script may say
// what it does; a line that begins like a value and is none is told of.
func Output(text string) ([]metric.Sample, error) {
	text = strings.TrimSpace(text)
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		return fromJSON(text)
	}
	var out []metric.Sample
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		s, ok, err := fromLine(line)
		if err != nil {
			return out, fault.New(fault.Invalid, "line %d of the output: %s", i+1, err)
		}
		if !ok {
			continue
		}
		if out, err = keep(out, s); err != nil {
			return out, fault.New(fault.Invalid, "line %d of the output: %s", i+1, err)
		}
	}
	return out, nil
}

type object struct {
	Metric string            `json:"metric"`
	Value  *float64          `json:"value"`
	Labels map[string]string `json:"labels"`
	Kind   string            `json:"kind"`
}

func fromJSON(text string) (out []metric.Sample, err error) {
	d := json.NewDecoder(strings.NewReader(text))
	for n := 1; d.More(); n++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return out, fault.New(fault.Invalid, "the output is no JSON after %d values", n-1)
		}
		list := []object{{}}
		if raw[0] == '[' {
			err = json.Unmarshal(raw, &list)
		} else {
			err = json.Unmarshal(raw, &list[0])
		}
		if err != nil {
			return out, fault.New(fault.Invalid, `value %d of the output: want {"metric": "name", "value": 1}`, n)
		}
		for _, o := range list {
			if o.Metric == "" || o.Value == nil {
				return out, fault.New(fault.Invalid, "value %d of the output lacks metric or value", n)
			}
			kind := map[string]metric.Kind{"counter": metric.Counter, "count": metric.Count}[o.Kind]
			if out, err = keep(out, metric.Sample{Name: metric.Name(o.Metric), Value: *o.Value, Labels: o.Labels, Kind: kind}); err != nil {
				return out, fault.New(fault.Invalid, "value %d of the output: %s", n, err)
			}
		}
	}
	return out, nil
}

func keep(out []metric.Sample, s metric.Sample) ([]metric.Sample, error) {
	switch {
	case strings.HasPrefix(s.Name, reserved):
		return out, fmt.Errorf("%s: names that begin with %s are the checks' own", s.Name, reserved)
	case len(out) >= MaxSamples:
		return out, fmt.Errorf("more than %d values", MaxSamples)
	}
	return append(out, s), nil
}

// fromLine reads metric{label="x"} value; ok is false where the line is no value.
func fromLine(line string) (s metric.Sample, ok bool, err error) {
	if line == "" || line[0] == '#' {
		return s, false, nil
	}
	end := strings.IndexAny(line, "{ \t")
	if end <= 0 {
		return s, false, nil
	}
	s.Name = line[:end]
	if metric.Name(s.Name) != s.Name {
		return s, false, nil
	}
	rest := line[end:]
	if rest[0] == '{' {
		if s.Labels, rest, err = labels(rest[1:]); err != nil {
			return s, false, err
		}
	}
	words := strings.Fields(rest)
	if len(words) != 1 { // prose; a time of its own is not taken
		if s.Labels != nil {
			return s, false, fmt.Errorf("%s: want one number after the labels", s.Name)
		}
		return s, false, nil
	}
	if s.Value, err = strconv.ParseFloat(words[0], 64); err != nil {
		if s.Labels != nil {
			return s, false, fmt.Errorf("%s: %q is not a number", s.Name, words[0])
		}
		return s, false, nil
	}
	return s, true, nil
}

// labels reads a="x",b="y"} and what follows.
func labels(text string) (out map[string]string, rest string, err error) {
	out = map[string]string{}
	for {
		text = strings.TrimLeft(text, " ,")
		if after, done := strings.CutPrefix(text, "}"); done {
			return out, after, nil
		}
		name, after, ok := strings.Cut(text, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || metric.Name(name) != name {
			return nil, "", fmt.Errorf("labels are written name=\"value\"")
		}
		value, err := strconv.QuotedPrefix(strings.TrimLeft(after, " "))
		if err != nil || value[0] != '"' {
			return nil, "", fmt.Errorf("the value of label %s is not in quotes", name)
		}
		text = strings.TrimLeft(after, " ")[len(value):]
		if out[name], err = strconv.Unquote(value); err != nil {
			return nil, "", fmt.Errorf("the value of label %s cannot be read", name)
		}
	}
}

// The metrics of checks.
const (
	MetricUp       = "check_up"               // 1 or 0, of each place
	MetricDuration = "check_duration_seconds" // of what is up, of each place
	MetricDays     = "check_certificate_days" // until the certificate ends, of each place
	MetricDown     = "check_down"             // at how many places it fails when those are enough, else 0
	MetricOverdue  = "check_overdue_seconds"  // how late the next result is, of each place
)

const day = 24 * 60 * 60

// Measured are the samples of a result.
func (c *Check) Measured(probe string, r Result, s Standing) []metric.Sample {
	if r.Idle {
		return nil
	}
	tags := map[string]string{"check": c.ID, "probe": probe}
	sample := func(name string, v float64) metric.Sample {
		return metric.Sample{Service: c.Service, Name: name, Labels: tags, Value: v, At: s.At}
	}
	up := 0.0
	if r.Up {
		up = 1
	}
	out := []metric.Sample{sample(MetricUp, up)}
	if r.Up {
		out = append(out, sample(MetricDuration, r.Took.Seconds()))
	}
	for _, own := range r.Samples {
		own.Service, own.At = c.Service, s.At
		own.Labels = maps.Clone(own.Labels)
		if own.Labels == nil {
			own.Labels = map[string]string{}
		}
		maps.Copy(own.Labels, tags)
		out = append(out, own)
	}
	return out
}

// State are the samples that say how the check stands. They are repeated, because
// a value that is not new is taken for none.
func (c *Check) State(all []Standing, span Span) (out []metric.Sample) {
	say := func(name, probe string, v float64) {
		out = append(out, metric.Sample{Service: c.Service, Name: name, Labels: map[string]string{"check": c.ID, "probe": probe}, Value: v, At: span.Now})
	}
	if n, known := Down(c, all, span); known {
		say(MetricDown, "", float64(n))
	}
	for i := range all {
		s := &all[i]
		say(MetricOverdue, s.Probe, s.Overdue(c, span).Seconds())
		if !s.Until.IsZero() && s.Overdue(c, span) == 0 {
			say(MetricDays, s.Probe, s.Until.Sub(span.Now).Seconds()/day)
		}
	}
	return out
}

// Gone are the samples that end what stands of a place that makes the check no
// more; last says that no place does.
func (c *Check) Gone(probe string, last bool, now time.Time) []metric.Sample {
	out := []metric.Sample{{Service: c.Service, Name: MetricOverdue, Labels: map[string]string{"check": c.ID, "probe": probe}, At: now}}
	if last {
		out = append(out, metric.Sample{Service: c.Service, Name: MetricDown, Labels: map[string]string{"check": c.ID}, At: now})
	}
	return out
}
