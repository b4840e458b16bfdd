package remedy

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Measured is what a probe found.
type Measured struct {
	Requests int
	Wrong    int           // answers that were not right, or did not come
	Why      string        // the first of them
	P50, P95 time.Duration // of the answers that came
	Took     time.Duration
	Idle     string // why none were made; empty: they were
}

// Measure draws together how long answers took.
func Measure(took []time.Duration, wrong int, why string, all time.Duration) Measured {
	m := Measured{Requests: len(took), Wrong: wrong, Why: why, Took: all}
	if len(took) == 0 {
		return m
	}
	slices.Sort(took)
	rank := func(percent int) time.Duration { return took[max((len(took)*percent+99)/100-1, 0)] }
	m.P50, m.P95 = rank(50), rank(95)
	return m
}

// Judge says in a line what was found and whether it will do (RES-VAL-PERF).
func (p *Probe) Judge(m Measured) (line string, ok bool) {
	if m.Idle != "" {
		return m.Idle, false
	}
	most95 := min(cmp.Or(p.P95.Elapsed(), Slowest), Slowest)
	most50 := min(cmp.Or(p.P50.Elapsed(), most95), Slowest)
	line = fmt.Sprintf("%d of %d requests, %d at once, in %s: p50 %s (limit %s), p95 %s (limit %s), %d wrong", m.Requests, p.Requests, p.Concurrency,
		round(m.Took), round(m.P50), most50, round(m.P95), most95, m.Wrong)
	if m.Why != "" {
		line += ": " + m.Why
	}
	wrong := float64(m.Wrong) * 100
	return line, m.Requests == p.Requests && wrong <= p.Errors*float64(m.Requests) && m.P50 <= most50 && m.P95 <= most95
}

func round(d time.Duration) time.Duration { return d.Round(time.Millisecond) }
