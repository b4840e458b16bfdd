package catalog_test

import (
	"slices"
	"testing"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/procedure"
)

// A policy that cannot page as written is refused with the place.
//
// Clauses: PLT-CFG-POL
// B33
func TestBadPoliciesAreRefusedWithTheirPlace(t *testing.T) {
	ana := catalog.Person{ID: "ana", Name: "Ana"}
	step := func(change func(*escalation.Rise)) func(*catalog.Policy) {
		return func(p *catalog.Policy) { change(&p.Steps[0]) }
	}
	good := func() catalog.Policy {
		return catalog.Policy{ID: "own", Name: "Own", Steps: []escalation.Rise{{To: []string{"person:ana"}}, {After: recur.Span{Duration: 600e9}, To: []string{"person:ana"}}}}
	}
	if err := catalog.Check(good(), catalog.New(1, ana)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		where  string
		change func(*catalog.Policy)
	}{
		{"/name", func(p *catalog.Policy) { p.Name = "" }},
		{"/steps", func(p *catalog.Policy) { p.Steps = nil }},
		{"/steps", func(p *catalog.Policy) { p.Steps = make([]escalation.Rise, catalog.MaxSteps+1) }},
		{"/steps/0/to", step(func(s *escalation.Rise) { s.To = nil })},
		{"/steps/0/to/0", step(func(s *escalation.Rise) { s.To = []string{"person:nobody"} })},
		{"/steps/0/to/0", step(func(s *escalation.Rise) { s.To = []string{"schedule:none"} })},
		{"/steps/0/to/0", step(func(s *escalation.Rise) { s.To = []string{"team:none"} })},
		{"/steps/0/to/0", step(func(s *escalation.Rise) { s.To = []string{"policy:own"} })},
		{"/steps/0/to/0", step(func(s *escalation.Rise) { s.To = []string{"chat:incidents"} })},
		{"/steps/0/to/0", step(func(s *escalation.Rise) { s.To = []string{"whoever"} })},
		{"/steps/0/to/1", step(func(s *escalation.Rise) { s.To = []string{"person:ana", "person:ana"} })},
		{"/steps/0/while", step(func(s *escalation.Rise) { s.While = procedure.Undeclared })},
		{"/steps/0/after", step(func(s *escalation.Rise) { s.After = recur.Span{BusinessDays: 1} })},
		{"/steps/1/after", step(func(s *escalation.Rise) { s.After = recur.Span{Days: 1} })},
		{"/steps/0/only/severity/0", step(func(s *escalation.Rise) { s.Only.Severity = []procedure.Severity{procedure.P3} })},
		{"/steps/0/only/days/0", step(func(s *escalation.Rise) { s.Only.Days = []string{"someday"} })},
		{"/steps/0/only/hours/to", step(func(s *escalation.Rise) { s.Only.Hours.From = "09:00" })},
		{"/steps/0/only/hours/time_zone", step(func(s *escalation.Rise) { s.Only.Hours.TimeZone = "Mars" })},
		{"/repeat/times", func(p *catalog.Policy) { p.Repeat.Times = catalog.MaxRepeats + 1 }},
		{"/repeat/every", func(p *catalog.Policy) { p.Repeat.Times = 1 }},
		{"/ack_expires", func(p *catalog.Policy) { p.AckExpires = recur.Span{Days: 2} }},
	} {
		p := good()
		c.change(&p)
		if got := places(t, catalog.Check(p, catalog.New(1, ana))); !slices.Contains(got, c.where) {
			t.Errorf("%s is not refused, only %v", c.where, got)
		}
	}
}
