package simulate_test

import (
	"errors"
	"strings"
	"testing"

	"allclear/internal/app/simulate"
	"allclear/internal/base/fault"
)

const course = `start: 2026-03-02T03:00:00Z
duration: 2h
oncall: {primary: ana, secondary: bo}
providers: [{channel: sms, from: 10m, until: 20m, fails: 429}]
steps:
  - {at: 9m, severity: {to: P2, by: ana, reason: smaller}}
  - {at: 0s, declare: {severity: P1, service: auth, title: broken}}
`

func TestScenarioIsReadStrictly(t *testing.T) {
	s, err := simulate.ParseScenario([]byte(course))
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Steps) != 2 || s.Steps[0].Declare == nil || s.Steps[1].Severity.To.String() != "P2" {
		t.Errorf("steps are not in the order of time: %+v", s.Steps)
	}
	for change, want := range map[[2]string]string{
		{"start: 2026-03-02T03:00:00Z\n", ""}:   "start",
		{"duration: 2h", "duration: -2h"}:       "duration",
		{"at: 9m", "at: -9m"}:                   "steps[0]",
		{"fails: 429", "fails: often"}:          "providers[0]",
		{"oncall:", "on_call:"}:                 "unknown field",
		{"to: P2", "to: P9"}:                    "P9",
		{"until: 20m", "until: 5m"}:             "providers[0]",
		{"{at: 9m, ", "{at: 9m, incident: 2, "}: "",
		{"by: ana", "by: ana, incident: 2"}:     "",
		{"{at: 9m, severity: {", "{at: 9m, incident: 1, severity: {incident: 2, "}: "two incidents",
	} {
		s, err := simulate.ParseScenario([]byte(strings.Replace(course, change[0], change[1], 1)))
		if want == "" {
			if err != nil || s.Steps[1].Incident != 2 {
				t.Errorf("%q: %v, %+v", change[1], err, s)
			}
			continue
		}
		if err == nil {
			t.Errorf("%q was read", change[1])
			continue
		}
		if text := faultText(err); !strings.Contains(text, want) {
			t.Errorf("%q: %s, want a word about %q", change[1], text, want)
		}
	}
}

// faultText is an error with its details.
func faultText(err error) string {
	var f *fault.Error
	text := err.Error()
	if errors.As(err, &f) {
		for _, d := range f.Details {
			text += " " + d.Where + " " + d.What
		}
	}
	return text
}

func FuzzParseScenario(f *testing.F) {
	f.Add([]byte(course))
	f.Add([]byte("start: 0001-01-01T00:00:00Z\nduration: 1h\nsteps: [{at: 1s, restart: {}}]"))
	f.Add([]byte("steps: [[[[[["))
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<12 {
			return // the parser's own limit is tested apart; long inputs only cost time here
		}
		s, err := simulate.ParseScenario(data)
		if err != nil {
			return
		}
		if s.Start.IsZero() || s.Duration <= 0 {
			t.Errorf("let through: %+v", s)
		}
		for i := range s.Steps[min(1, len(s.Steps)):] {
			if s.Steps[i].At > s.Steps[i+1].At {
				t.Errorf("steps out of order: %+v", s.Steps)
			}
		}
	})
}
