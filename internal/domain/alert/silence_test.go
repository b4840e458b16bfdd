package alert

import (
	"encoding/json"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
)

var t0 = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func TestMatcher(t *testing.T) {
	for _, c := range []struct {
		m        Matcher
		yes, no  []string
		asWriten string
	}{
		{Matcher{Name: "a", Value: "x"}, []string{"x"}, []string{"", "xx", "X"}, `a="x"`},
		{Matcher{Name: "a", Value: ""}, []string{""}, []string{"x"}, `a=""`},
		{Matcher{Name: "a", Value: "x", Not: true}, []string{"", "y"}, []string{"x"}, `a!="x"`},
		{Matcher{Name: "a", Value: "x.*", Regex: true}, []string{"x", "xyz", "x\ny"}, []string{"", "ax"}, `a=~"x.*"`},
		{Matcher{Name: "a", Value: "x|y", Regex: true, Not: true}, []string{"", "xy"}, []string{"x", "y"}, `a!~"x|y"`},
		{Matcher{Name: "a", Value: "q\"\\\n"}, []string{"q\"\\\n"}, []string{"q"}, `a="q\"\\\n"`},
	} {
		if err := c.m.Check(); err != nil {
			t.Fatal(err)
		}
		for _, v := range c.yes {
			if !c.m.Matches(v) {
				t.Errorf("%s does not match %q", &c.m, v)
			}
		}
		for _, v := range c.no {
			if c.m.Matches(v) {
				t.Errorf("%s matches %q", &c.m, v)
			}
		}
		if c.m.String() != c.asWriten {
			t.Errorf("written as %s, want %s", &c.m, c.asWriten)
		}
	}
	unchecked := Matcher{Name: "a", Value: ".*", Regex: true}
	if unchecked.Matches("x") {
		t.Error("a matcher that was not compiled matches")
	}
}

func TestSilenceState(t *testing.T) {
	s := Silence{Matchers: []Matcher{{Name: "a", Value: "x"}}, StartsAt: t0, EndsAt: t0.Add(time.Hour)}
	for d, want := range map[time.Duration]SilenceState{-time.Nanosecond: Pending, 0: Active, time.Hour - time.Nanosecond: Active, time.Hour: Expired} {
		if got := s.State(t0.Add(d)); got != want {
			t.Errorf("after %v: %s, want %s", d, got, want)
		}
		if got := s.Covers(map[string]string{"a": "x", "b": "y"}, t0.Add(d)); got != (want == Active) {
			t.Errorf("after %v: covers %v", d, got)
		}
	}
	if s.Covers(nil, t0) || (&Silence{StartsAt: t0, EndsAt: t0.Add(1)}).Covers(nil, t0) {
		t.Error("covers an alert without labels")
	}
}

func TestSilenceCheck(t *testing.T) {
	good := Silence{Matchers: []Matcher{{Name: "a", Value: "x"}, {Name: "b", Value: ".*", Regex: true}}, StartsAt: t0, EndsAt: t0.Add(time.Hour)}
	if err := good.Check(t0); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Silence){
		"no matchers":     func(s *Silence) { s.Matchers = nil },
		"too many":        func(s *Silence) { s.Matchers = make([]Matcher, maxMatchers+1) },
		"matches all":     func(s *Silence) { s.Matchers = []Matcher{{Name: "a", Value: "x", Not: true}} },
		"no name":         func(s *Silence) { s.Matchers = []Matcher{{Name: " ", Value: "x"}} },
		"no pattern":      func(s *Silence) { s.Matchers = []Matcher{{Name: "a", Value: "(", Regex: true}} },
		"long pattern":    func(s *Silence) { s.Matchers = []Matcher{{Name: "a", Value: string(make([]byte, maxPattern+1))}} },
		"no start":        func(s *Silence) { s.StartsAt = time.Time{} },
		"ends at start":   func(s *Silence) { s.EndsAt = s.StartsAt },
		"ends just now":   func(s *Silence) { s.StartsAt, s.EndsAt = t0.Add(-1), t0 },
		"starts too late": func(s *Silence) { s.StartsAt = t0.Add(2 * time.Hour) },
	} {
		s := good
		change(&s)
		if err := s.Check(t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// What is read back is compiled anew and means the same.
func TestSilenceSurvivesItsDocument(t *testing.T) {
	s := Silence{ID: "1", ServiceID: "api", Matchers: []Matcher{{Name: "a", Value: "x+", Regex: true}}, StartsAt: t0, EndsAt: t0.Add(time.Hour)}
	doc, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Silence
	if err := json.Unmarshal(doc, &back); err != nil || back.Compile() != nil {
		t.Fatal(err)
	}
	if !back.Covers(map[string]string{"a": "xx"}, t0) || !back.SameMatchers(&s) {
		t.Errorf("got %+v", back)
	}
	back.Matchers[0].Not = true
	if back.SameMatchers(&s) || back.SameMatchers(&Silence{}) {
		t.Error("different matchers count as the same")
	}
}

// An alert under a silence is counted, opens nothing, and begins a run when
// the silence is over.
func TestSuppressAndWake(t *testing.T) {
	var a Alert
	s := &Signal{Action: Trigger, Summary: "first", Severity: "warning", Source: "x"}
	a.Suppress(s, procedure.P3, t0)
	a.Suppress(&Signal{Action: Trigger, Severity: "critical"}, procedure.P2, t0.Add(time.Minute))
	a.Suppress(s, procedure.P3, t0.Add(2*time.Minute))
	if a.Status != Suppressed || a.Count != 3 || a.Run != 0 || a.Severity != procedure.P2 || a.Summary != "first" || !a.FirstAt.Equal(t0) || a.Open() {
		t.Errorf("suppressed: %+v", a)
	}
	if got := a.Apply(&Signal{Action: Acknowledge}, 0, t0); got != Nothing {
		t.Errorf("an acknowledge did %d", got)
	}
	b := a
	if got := b.Apply(&Signal{Action: Resolve}, 0, t0.Add(time.Hour)); got != Recovered || b.Wake(t0) {
		t.Errorf("resolved: %+v", b)
	}
	if !a.Wake(t0.Add(time.Hour)) || a.Status != Triggered || a.Run != 1 || a.Count != 3 || !a.FirstAt.Equal(t0.Add(time.Hour)) {
		t.Errorf("woken: %+v", a)
	}
	if a.Wake(t0) {
		t.Error("woken twice")
	}
}
