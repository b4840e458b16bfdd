package procedure_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/procedure/change"
	"allclear/procedures"
)

func TestParseTellsEveryProblemWithItsPlace(t *testing.T) {
	const text = `schema: 1
name: x
clokcs: []
suspicion: {declare_after: soon}
levels:
  - level: one
    colour: red
teams: {a: b}
context: {uptime_percent: .nan}
rules:
  - id: [a]
    highest: perhaps
`
	_, err := procedure.Parse([]byte(text))
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("%v", err)
	}
	var got []string
	for _, d := range f.Details {
		got = append(got, d.Where)
	}
	want := "3:1 clokcs|4:28 suspicion.declare_after|6:12 levels[0].level|7:5 levels[0].colour|8:8 teams|9:27 context.uptime_percent|11:9 rules[0].id|12:14 rules[0].highest"
	if strings.Join(got, "|") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, "|"), want)
	}
	if !strings.Contains(err.Error(), `3:1: unknown key "clokcs"; did you mean "clocks"?`) {
		t.Errorf("%v", err)
	}
}

// A plain text may hold a colon without a space; the YAML library takes it for
// a table inside brackets.
func TestTargetsNeedNoQuotesInsideBrackets(t *testing.T) {
	p, err := procedure.Parse([]byte("schema: 1\nname: x\nteams: [a, b:c]\nlevels: [{level: 1, members: [schedule:primary, \"team:x\"]}]\npaging: {fallback: role:boss}\n"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Teams[1] != "b:c" || p.Levels[0].Members[0] != "schedule:primary" || p.Levels[0].Members[1] != "team:x" || p.Paging.Fallback != "role:boss" {
		t.Errorf("%+v", p)
	}
	if _, err := procedure.Parse([]byte("schema: 1\nname: x\nteams: [{a: b}]\n")); err == nil {
		t.Error("a table was taken for a text")
	}
}

func TestParseRefusesWhatCouldExhaustIt(t *testing.T) {
	for name, text := range map[string]string{
		"brackets":  strings.Repeat("[", 1<<18),
		"braces":    strings.Repeat("{a: ", 1<<16),
		"dashes":    strings.Repeat("- ", 1<<17),
		"aliases":   "a: &a [x]\nb: *a\n",
		"merges":    "a: &a {x: y}\nb: {<<: *a}\n",
		"tags":      "a: !!binary x\n",
		"entries":   "words:\n" + strings.Repeat("  a: b\n", 1<<15),
		"documents": "schema: 1\n---\nschema: 1\n",
		"nothing":   "# only a comment\n",
	} {
		begin := time.Now()
		_, err := procedure.Parse([]byte(text))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
		if took := time.Since(begin); took > 10*time.Second {
			t.Errorf("%s took %v", name, took)
		}
	}
	if _, err := procedure.Parse(make([]byte, 2<<20+1)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("%v", err)
	}
	if p, findings := procedure.Check(make([]byte, 2<<20+1), procedure.Surroundings{}); p != nil || len(findings) != 1 || findings[0].Code != "too-large" {
		t.Errorf("%+v", findings)
	}
}

// The built-in procedure is read at every start and by every simulation.
func BenchmarkParse(b *testing.B) {
	for b.Loop() {
		if _, err := procedure.Parse(procedures.TechFlow); err != nil {
			b.Fatal(err)
		}
	}
}

// Whatever the bytes, reading answers; what can be read can be judged, shown
// and compared with itself.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("schema: 1\nname: [a:b]\ntexts: {x: {body: |\n  y\n}}\n"))
	f.Add([]byte("schema: 1\nchain: {steps: [{by: {P9: }}]}\nrules: [{}]\nclocks: [{by: {P1: {within: 5m}}, until: executives_told}]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := procedure.Parse(data)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("kind %s: %v", k, err)
			}
			return
		}
		for _, finding := range procedure.Lint(p, data, procedure.Surroundings{Today: today}) {
			if finding.Message == "" || finding.Help == "" || finding.Code == "" {
				t.Fatalf("%+v", finding)
			}
		}
		if procedure.Show(p) == "" {
			t.Fatal("nothing to show")
		}
		if changes, err := change.Diff(data, data); err != nil || len(changes) > 0 {
			t.Fatalf("differs from itself: %v %v", changes, err)
		}
	})
}
