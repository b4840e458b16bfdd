package alert

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
)

// Matcher is a condition on one label; an absent label counts as empty. Value
// of a Regex covers the whole label value (as in Prometheus).
type Matcher struct {
	Name  string `json:"name"`
	Value string `json:"value"`
	Regex bool   `json:"regex,omitempty"`
	Not   bool   `json:"not,omitempty"`

	re *regexp.Regexp
}

// Limits of a silence.
const (
	maxMatchers = 64
	maxPattern  = 1024
)

// Check compiles the matcher; only a checked one matches anything.
func (m *Matcher) Check() error {
	if strings.TrimSpace(m.Name) == "" {
		return fault.New(fault.Invalid, "invalid label matcher: the name is empty")
	}
	if len(m.Name) > maxPattern || len(m.Value) > maxPattern {
		return fault.New(fault.Invalid, "invalid label matcher: longer than %d bytes", maxPattern)
	}
	if !m.Regex {
		return nil
	}
	re, err := regexp.Compile("^(?s:" + m.Value + ")$")
	if err != nil {
		return fault.New(fault.Invalid, "invalid label matcher: %s", err)
	}
	m.re = re
	return nil
}

// Matches reports whether a label of this value satisfies the condition.
func (m *Matcher) Matches(value string) bool {
	if !m.Regex {
		return (value == m.Value) != m.Not
	}
	return m.re != nil && m.re.MatchString(value) != m.Not
}

// Same reports whether the two ask for the same.
func (m *Matcher) Same(o *Matcher) bool {
	return m.Name == o.Name && m.Value == o.Value && m.Regex == o.Regex && m.Not == o.Not
}

// String writes the matcher as Alertmanager does: name="value".
func (m *Matcher) String() string {
	op := "="
	switch {
	case m.Not && m.Regex:
		op = "!~"
	case m.Not:
		op = "!="
	case m.Regex:
		op = "=~"
	}
	return m.Name + op + `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(m.Value) + `"`
}

// Silence keeps alerts of one service whose labels match from opening an
// incident, for a time. It does not touch an alert that stands already: what
// people have in hand stays in their hands.
type Silence struct {
	ID        string    `json:"id"`
	ServiceID string    `json:"service_id"`
	Matchers  []Matcher `json:"matchers"`
	StartsAt  time.Time `json:"starts_at"`
	EndsAt    time.Time `json:"ends_at"`
	UpdatedAt time.Time `json:"updated_at"`
	CreatedBy string    `json:"created_by"`
	Comment   string    `json:"comment"`
}

// SilenceState is where a silence is in its life.
type SilenceState string

// The states of a silence, in Alertmanager's words.
const (
	Pending SilenceState = "pending"
	Active  SilenceState = "active"
	Expired SilenceState = "expired"
)

// State returns the state at now; a silence covers [StartsAt, EndsAt).
func (s *Silence) State(now time.Time) SilenceState {
	switch {
	case !now.Before(s.EndsAt):
		return Expired
	case now.Before(s.StartsAt):
		return Pending
	}
	return Active
}

// Covers reports whether the silence is active and every matcher matches.
func (s *Silence) Covers(labels map[string]string, now time.Time) bool {
	if s.State(now) != Active || len(s.Matchers) == 0 {
		return false
	}
	for i := range s.Matchers {
		if m := &s.Matchers[i]; !m.Matches(labels[m.Name]) {
			return false
		}
	}
	return true
}

// Compile makes the matchers ready after the silence was read from somewhere.
func (s *Silence) Compile() error {
	for i := range s.Matchers {
		if err := s.Matchers[i].Check(); err != nil {
			return err
		}
	}
	return nil
}

// Check refuses what would silence everything or nothing, and compiles.
func (s *Silence) Check(now time.Time) error {
	switch {
	case len(s.Matchers) == 0:
		return fault.New(fault.Invalid, "at least one matcher required")
	case len(s.Matchers) > maxMatchers:
		return fault.New(fault.Invalid, "more than %d matchers", maxMatchers)
	case s.StartsAt.IsZero() || s.EndsAt.IsZero():
		return fault.New(fault.Invalid, "start and end time are required")
	case !s.StartsAt.Before(s.EndsAt):
		return fault.New(fault.Invalid, "start time must be before end time")
	case !now.Before(s.EndsAt):
		return fault.New(fault.Invalid, "end time can't be in the past")
	}
	if err := s.Compile(); err != nil {
		return err
	}
	if !slices.ContainsFunc(s.Matchers, func(m Matcher) bool { return !m.Matches("") }) {
		return fault.New(fault.Invalid, "at least one matcher must not match the empty string")
	}
	return nil
}

// SameMatchers reports whether both silence the same alerts.
func (s *Silence) SameMatchers(o *Silence) bool {
	if len(s.Matchers) != len(o.Matchers) {
		return false
	}
	keys := func(ms []Matcher) map[string]int {
		out := map[string]int{}
		for i := range ms {
			out[ms[i].String()]++
		}
		return out
	}
	return maps.Equal(keys(s.Matchers), keys(o.Matchers))
}

// Suppress brings a trigger to bear that a silence covers: the alert is kept
// and counted and belongs to no incident until Wake.
func (a *Alert) Suppress(s *Signal, severity procedure.Severity, now time.Time) {
	if a.Status != Suppressed {
		a.Status, a.FirstAt, a.ResolvedAt, a.IncidentID, a.Severity = Suppressed, now, time.Time{}, 0, 0
	}
	a.Count++
	a.LastAt, a.Hint, a.Source = now, s.Severity, s.Source
	if s.Summary != "" {
		a.Summary = s.Summary
	}
	if severity.Above(a.Severity) {
		a.Severity = severity
	}
}

// Wake ends the suppression of an alert that still stands: a new run begins.
// It reports whether there was anything to end.
func (a *Alert) Wake(now time.Time) bool {
	if a.Status != Suppressed {
		return false
	}
	a.Status, a.IncidentID, a.ResolvedAt = Triggered, 0, time.Time{}
	a.Run++
	a.FirstAt = now
	return true
}
