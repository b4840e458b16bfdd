// Package check owns what a synthetic check is: what it asks, from where and how
// often, what of an answer is right, what the output of a script means, and when
// enough places find it wrong. It must not ask anything, store anything or know
// the current time.
package check

import (
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/metric"
)

// The types of a check.
const (
	HTTP   = "http"   // an http or https address is asked
	TCP    = "tcp"    // a connection is made
	DNS    = "dns"    // a name is looked up
	TLS    = "tls"    // a handshake is made, and the certificate judged
	Script = "script" // a program of the scripts folder is run
)

// Types lists the types.
var Types = []string{HTTP, TCP, DNS, TLS, Script}

// Local is the place of the server itself.
const Local = "local"

// Check is what is asked of a target, over and over.
type Check struct {
	ID      string     `json:"id" yaml:"id"`
	Name    string     `json:"name,omitempty" yaml:"name"`
	Service string     `json:"service" yaml:"service"`
	Type    string     `json:"type" yaml:"type"`
	Target  string     `json:"target" yaml:"target"` // URL, host:port, name to look up, or file of the scripts folder
	Every   recur.Span `json:"every" yaml:"every"`
	Timeout recur.Span `json:"timeout,omitzero" yaml:"timeout"`            // of one try; zero: DefaultTimeout
	Retries int        `json:"retries,omitempty" yaml:"retries"`           // failures in a row that do not count yet
	Probes  []string   `json:"probes,omitempty" yaml:"probes"`             // places it is made from; none: the server's own
	Quorum  int        `json:"quorum,omitempty" yaml:"quorum"`             // places that must find it wrong; 0: more than half
	Paused  bool       `json:"paused,omitempty" yaml:"paused"`             // not made
	Method  string     `json:"method,omitempty" yaml:"method"`             // http: GET when empty
	Headers []Header   `json:"headers,omitempty" yaml:"headers"`           // http: nothing secret, everybody who may read the catalogue sees them
	Status  []string   `json:"status,omitempty" yaml:"status"`             // http: "200" or "200-299", which is what none means
	Has     []string   `json:"contains,omitempty" yaml:"contains"`         // http: texts that the body must have
	Lacks   []string   `json:"not_contains,omitempty" yaml:"not_contains"` // http: texts that it must not have
	Record  string     `json:"record,omitempty" yaml:"record"`             // dns: A when empty
	Answers []string   `json:"answers,omitempty" yaml:"answers"`           // dns: each must be among those given; none: any will do
	Server  string     `json:"server,omitempty" yaml:"server"`             // dns: host:port asked; empty: as the machine does
	MinDays int        `json:"min_days,omitempty" yaml:"min_days"`         // tls, https: days the certificate must be good for
	Args    []string   `json:"arguments,omitempty" yaml:"arguments"`       // script
}

// Header is a header of a request.
type Header struct {
	Name  string `json:"name" yaml:"name"`
	Value string `json:"value" yaml:"value"`
}

// How often a check is made and how long it may take.
const (
	MinEvery       = 10 * time.Second
	MaxEvery       = 24 * time.Hour
	MinTimeout     = time.Second
	MaxTimeout     = 60 * time.Second
	DefaultTimeout = 10 * time.Second
)

// RetryAfter is how soon a failure that does not count yet is looked at again.
const RetryAfter = 20 * time.Second

// Places are where it is made from.
func (c *Check) Places() []string {
	if len(c.Probes) == 0 {
		return []string{Local}
	}
	return c.Probes
}

// From reports whether a place makes the check.
func (c *Check) From(probe string) bool { return !c.Paused && slices.Contains(c.Places(), probe) }

// Needed is how many places must find it wrong.
func (c *Check) Needed() int {
	if c.Quorum > 0 {
		return c.Quorum
	}
	return len(c.Places())/2 + 1
}

// Limit is how long one try may take: never as long as until the next one.
func (c *Check) Limit() time.Duration {
	limit := c.Timeout.Elapsed()
	if limit <= 0 {
		limit = DefaultTimeout
	}
	return min(limit, max(c.Every.Elapsed(), MinTimeout))
}

// Next is when it is made after now. Checks are spread over their intervals: the
// place of each is drawn from its id, and every node draws the same.
func (c *Check) Next(now time.Time) time.Time {
	every := c.Every.Elapsed()
	if every < MinEvery {
		every = MinEvery
	}
	phase := time.Duration(c.draw() % uint64(every)).Truncate(time.Millisecond)
	start := time.Unix(0, 0).UTC().Add(phase)
	return now.Add(every - now.Sub(start)%every)
}

// First is when a new check is made: soon, and not all new ones at once.
func (c *Check) First(now time.Time) time.Time {
	return now.Add(time.Duration(c.draw() % uint64(MinEvery)).Truncate(time.Millisecond))
}

func (c *Check) draw() uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(c.ID))
	return h.Sum64()
}

// After is when it is made after a try: soon where a failure does not count yet.
func (c *Check) After(streak int, now time.Time) time.Time {
	next := c.Next(now)
	if soon := now.Add(RetryAfter); streak > 0 && streak <= c.Retries && soon.Before(next) {
		return soon
	}
	return next
}

// Patience is how long after a result the next may take to come, so that one
// that is left out raises nothing.
func (c *Check) Patience() time.Duration {
	const grace = 30 * time.Second
	return 2*c.Every.Elapsed() + c.Limit() + grace
}

// Result is what one try finds.
type Result struct {
	Up      bool
	Idle    bool          // this place cannot make the check: nothing is known of the target
	Why     string        // what is wrong; empty when it is up
	Took    time.Duration // of the answer
	Until   time.Time     // end of the certificate; zero for none
	Samples []metric.Sample
}

// Standing is what is known of a check at one place.
type Standing struct {
	Probe      string
	Up         bool
	At         time.Time // of the last try that said something; zero: none yet
	Streak     int       // failures in a row
	Why        string    // what was wrong when it last failed
	Until      time.Time // end of the certificate; zero for none
	ExpectedAt time.Time // the next result must have come by then
}

// Take is what is known after a result.
func (s Standing) Take(c *Check, r Result, now time.Time) Standing {
	if r.Idle {
		s.Why = r.Why
		return s
	}
	s.At, s.Up, s.Until, s.ExpectedAt = now, r.Up, r.Until, now.Add(c.Patience())
	if r.Up {
		s.Streak = 0
		return s
	}
	const most = 1_000_000
	s.Streak, s.Why = min(s.Streak+1, most), r.Why
	return s
}

// Span is a stretch of time in which results could be taken in: Since is when this
// process began to, Now the present.
type Span struct{ Since, Now time.Time }

// settle is how long after a start results that were due before may take to come.
const settle = 5 * time.Minute

// expected is when the next result must have come by: not before it could be
// taken in.
func (s *Standing) expected(c *Check, span Span) time.Time {
	if first := span.Since.Add(min(c.Patience(), settle)); first.After(s.ExpectedAt) {
		return first
	}
	return s.ExpectedAt
}

// Overdue is how long ago the next result should have come; zero: not yet.
func (s *Standing) Overdue(c *Check, span Span) time.Duration {
	return max(span.Now.Sub(s.expected(c, span)), 0)
}

// Down is at how many places the check fails, its retries used up: 0 unless they
// are enough. It is not known where places that have not been heard of could make
// the difference.
func Down(c *Check, all []Standing, span Span) (places int, known bool) {
	silent := len(c.Places())
	for i := range all {
		s := &all[i]
		if !c.From(s.Probe) || s.At.IsZero() || s.Overdue(c, span) > 0 {
			continue
		}
		silent--
		if !s.Up && s.Streak > c.Retries {
			places++
		}
	}
	switch {
	case places >= c.Needed():
		return places, true
	case places+silent >= c.Needed():
		return 0, false
	}
	return 0, true
}

// StatusFits reports whether a status is one of those that are right.
func (c *Check) StatusFits(status int) bool {
	const ok, redirect = 200, 300
	if len(c.Status) == 0 {
		return status >= ok && status < redirect
	}
	return slices.ContainsFunc(c.Status, func(s string) bool {
		from, to, good := statusRange(s)
		return good && status >= from && status <= to
	})
}

// statusRange reads "200" or "200-299".
func statusRange(s string) (from, to int, ok bool) {
	a, b, isRange := strings.Cut(s, "-")
	if !isRange {
		b = a
	}
	from, err1 := strconv.Atoi(a)
	to, err2 := strconv.Atoi(b)
	const first, last = 100, 599
	return from, to, err1 == nil && err2 == nil && from >= first && from <= to && to <= last && len(a) == 3 && len(b) == 3
}

// BodyFits says what is wrong with a body; nothing when it is right.
func (c *Check) BodyFits(body string) string {
	for _, s := range c.Has {
		if !strings.Contains(body, s) {
			return "the body lacks " + quoted(s)
		}
	}
	for _, s := range c.Lacks {
		if strings.Contains(body, s) {
			return "the body has " + quoted(s)
		}
	}
	return ""
}

// AnswersFit says what is wrong with the answers to a lookup.
func (c *Check) AnswersFit(got []string) string {
	canon := func(s string) string {
		if c.Record == "TXT" {
			return s
		}
		return strings.ToLower(strings.TrimSuffix(s, "."))
	}
	have := map[string]bool{}
	for _, s := range got {
		have[canon(s)] = true
	}
	for _, s := range c.Answers {
		if !have[canon(s)] {
			return "the answers lack " + quoted(s)
		}
	}
	if len(got) == 0 {
		return "there is no such record"
	}
	return ""
}

func quoted(s string) string {
	const most = 80
	if rs := []rune(s); len(rs) > most {
		s = string(rs[:most]) + "..."
	}
	return strconv.Quote(s)
}
