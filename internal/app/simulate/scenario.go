package simulate

import (
	"bytes"
	"fmt"
	"slices"
	"time"

	"github.com/goccy/go-yaml"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
)

// Scenario is a file for `allclear simulate`: a course of events on a virtual
// clock.
type Scenario struct {
	Start     time.Time           `yaml:"start"`
	Duration  time.Duration       `yaml:"duration"`
	Procedure string              `yaml:"procedure"` // built-in name or file; techflow when empty
	OnCall    *Duty               `yaml:"oncall"`
	Schedules map[string]schedule `yaml:"schedules"`
	Providers []Outage            `yaml:"providers"`
	Steps     []Step              `yaml:"steps"`
}

// schedule is an on-call document inside a scenario.
type schedule struct{ doc *oncall.Schedule }

// UnmarshalYAML reads the document as `schedule resolve` does.
func (s *schedule) UnmarshalYAML(b []byte) (err error) {
	s.doc, err = oncall.Parse(b)
	return err
}

// Duty is the shorthand for who is on call throughout.
type Duty struct {
	Primary   string `yaml:"primary"`
	Secondary string `yaml:"secondary"`
}

// Outage is a fault of an outside system, half-open from start.
type Outage struct {
	Channel string        `yaml:"channel"`
	From    time.Duration `yaml:"from"`
	Until   time.Duration `yaml:"until"`
	Fails   string        `yaml:"fails"` // timeout | 5xx | 429 | permanent
}

// Step is something that happens At after the start. Exactly one of the rest
// is set.
type Step struct {
	At       time.Duration `yaml:"at"`
	Incident int64         `yaml:"incident"` // number; the newest open one when zero

	Event    *StepEvent    `yaml:"event"`
	Declare  *StepDeclare  `yaml:"declare"`
	Ack      *StepBy       `yaml:"ack"`
	Engage   *StepBy       `yaml:"engage"`
	Severity *StepSeverity `yaml:"severity"`
	Update   *StepUpdate   `yaml:"update"`
	Resolve  *StepBy       `yaml:"resolve"`
	Restart  *struct{}     `yaml:"restart"`
}

// StepEvent is a payload from outside.
type StepEvent struct {
	Source  string `yaml:"source"`
	Service string `yaml:"service"`
	Body    any    `yaml:"body"`
}

// StepDeclare is a person declaring by hand.
type StepDeclare struct {
	By       string             `yaml:"by"`
	Severity procedure.Severity `yaml:"severity"`
	Service  string             `yaml:"service"`
	Title    string             `yaml:"title"`
	Scenario string             `yaml:"scenario"`
	Regions  []string           `yaml:"regions"`
	Tenant   string             `yaml:"tenant"`
	Flags    []string           `yaml:"flags"`
}

// StepBy is a person's act.
type StepBy struct {
	By       string `yaml:"by"`
	Via      string `yaml:"via"`
	Reason   string `yaml:"reason"`
	Incident int64  `yaml:"incident"` // as well as beside the act
}

// StepSeverity changes the severity.
type StepSeverity struct {
	To       procedure.Severity `yaml:"to"`
	By       string             `yaml:"by"`
	Reason   string             `yaml:"reason"`
	Incident int64              `yaml:"incident"`
}

// StepUpdate tells an audience.
type StepUpdate struct {
	By       string `yaml:"by"`
	Audience string `yaml:"audience"`
	Text     string `yaml:"text"`
	Incident int64  `yaml:"incident"`
}

const (
	maxScenario = 4 << 20
	maxSteps    = 100_000
	maxDuration = 366 * 24 * time.Hour
)

// ParseScenario reads a scenario strictly: an unknown key is an error with its
// line and column.
func ParseScenario(data []byte) (*Scenario, error) {
	if len(data) > maxScenario {
		return nil, fault.New(fault.TooLarge, "read scenario: more than %d bytes", maxScenario)
	}
	var s Scenario
	if err := yaml.NewDecoder(bytes.NewReader(data), yaml.Strict()).Decode(&s); err != nil {
		return nil, fault.New(fault.Invalid, "read scenario: %s", yaml.FormatError(err, false, false))
	}
	if err := s.check(); err != nil {
		return nil, err
	}
	slices.SortStableFunc(s.Steps, func(a, b Step) int { return int(a.At/time.Nanosecond) - int(b.At/time.Nanosecond) })
	return &s, nil
}

func (s *Scenario) check() error {
	bad := fault.New(fault.Invalid, "read scenario: something is wrong")
	if s.Start.IsZero() {
		bad = bad.With("start", "give the virtual start, such as 2026-03-02T03:00:00Z")
	}
	if s.Duration <= 0 || s.Duration > maxDuration {
		bad = bad.With("duration", "give how long to run, such as 2h, at most 366 days")
	}
	if len(s.Steps) > maxSteps {
		bad = bad.With("steps", fmt.Sprintf("at most %d", maxSteps))
	}
	for i := range s.Steps {
		st := &s.Steps[i]
		if !st.settle() {
			bad = bad.With(fmt.Sprintf("steps[%d]", i), "names two incidents")
		}
		if n := st.kinds(); n != 1 || st.At < 0 {
			bad = bad.With(fmt.Sprintf("steps[%d]", i), "needs an offset of at least 0s and exactly one of event, declare, ack, engage, severity, update, resolve, restart")
		}
	}
	for i, p := range s.Providers {
		if !slices.Contains([]string{"timeout", "5xx", "429", "permanent"}, p.Fails) || p.Channel == "" {
			bad = bad.With(fmt.Sprintf("providers[%d]", i), "needs a channel, and fails: timeout, 5xx, 429 or permanent")
		}
		if p.From < 0 || p.Until != 0 && p.Until <= p.From {
			bad = bad.With(fmt.Sprintf("providers[%d]", i), "from must be at least 0s, and until after it")
		}
	}
	if len(bad.Details) > 0 {
		return bad
	}
	return nil
}

// settle takes the incident from where the step has it, beside the act or in
// it, and reports whether there is one answer.
func (st *Step) settle() bool {
	var in int64
	switch {
	case st.Ack != nil:
		in = st.Ack.Incident
	case st.Engage != nil:
		in = st.Engage.Incident
	case st.Severity != nil:
		in = st.Severity.Incident
	case st.Update != nil:
		in = st.Update.Incident
	case st.Resolve != nil:
		in = st.Resolve.Incident
	}
	if in == 0 || in == st.Incident {
		return true
	}
	one := st.Incident == 0
	st.Incident = in
	return one
}

func (st *Step) kinds() (n int) {
	for _, set := range []bool{st.Event != nil, st.Declare != nil, st.Ack != nil, st.Engage != nil, st.Severity != nil, st.Update != nil, st.Resolve != nil, st.Restart != nil} {
		if set {
			n++
		}
	}
	return n
}
