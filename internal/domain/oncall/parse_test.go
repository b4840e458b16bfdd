package oncall

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"allclear/internal/base/fault"
)

// Each case changes one thing of a good document; want is in the message.
func TestRefusals(t *testing.T) {
	for _, tc := range []struct{ name, old, with, want string }{
		{"unknown zone", "America/Chicago", "America/Gotham", `1:12: /time_zone: "America/Gotham" is not a time zone`},
		{"local zone", "America/Chicago", "Local", "1:12: /time_zone"},
		{"empty zone", "America/Chicago", `""`, "1:12: /time_zone"},
		{"missing zone", "time_zone: America/Chicago\n", "", "/time_zone: is missing"},
		{"no members", "[ana, bo]", "[]", "3:14: /layers/0/members: must name at least one person"},
		{"members null", "[ana, bo]", "", "/layers/0/members: must name at least one person"},
		{"a number as a member", "[ana, bo]", "[ana, 7]", "3:20: /layers/0/members/1: want text"},
		{"a nameless member", "[ana, bo]", `[ana, ""]`, "3:20: /layers/0/members/1: must name a person"},
		{"a padded member", "[ana, bo]", `[ana, "bo "]`, "/layers/0/members/1: name starts or ends with a space"},
		{"a member with a line break", "[ana, bo]", `[ana, "b\no"]`, "cannot be shown"},
		{"every 0", "every: 1", "every: 0", "5:12: /layers/0/every: must be from 1"},
		{"every negative", "every: 1", "every: -3", "/layers/0/every: must be from 1"},
		{"every fraction", "every: 1", "every: 1.5", "/layers/0/every: want a whole number"},
		{"every huge", "every: 1", "every: 99999999999999999999", "/layers/0/every"},
		{"every text", "every: 1", `every: "1"`, "/layers/0/every: want a whole number"},
		{"every missing", "    every: 1\n", "", "3:5: /layers/0/every: is missing"},
		{"unknown unit", "unit: week", "unit: fortnight", `6:11: /layers/0/unit: "fortnight" is not a unit`},
		{"unknown day", "[mon, tue]", "[mon, tues]", `/layers/0/only/0/days/1: "tues" is not a day`},
		{"no days", "[mon, tue]", "[]", "/layers/0/only/0/days: must name at least one day"},
		{"bad time of day", `"09:00", to`, `"9:00", to`, "/layers/0/only/0/from: read time of day"},
		{"24:00", `to: "17:00"`, `to: "24:00"`, "/layers/0/only/0/to"},
		{"bad start", "2026-01-05T09:00", "2026-02-30T09:00", "4:12: /layers/0/start"},
		{"start with a zone", "2026-01-05T09:00", "2026-01-05T09:00Z", "/layers/0/start"},
		{"override backwards", "until: 2026-01-06T12:00:00Z", "until: 2026-01-06T09:00:00Z", "/overrides/0/until: must be after from"},
		{"override of no length", "until: 2026-01-06T12:00:00Z", "until: 2026-01-06T10:00:00Z", "/overrides/0/until: must be after from"},
		{"override without a zone", "from: 2026-01-06T10:00:00Z", "from: 2026-01-06T10:00:00", "RFC 3339"},
		{"override without a person", ", person: cy", "", "/overrides/0/person: is missing"},
		{"unknown key", "unit: week", "unit: week\n    units: week", "7:5: /layers/0/units: unknown key"},
		{"unknown key at the top", "overrides:", "override:", "8:1: /override: unknown key"},
		{"key given twice", "unit: week", "unit: week\n    unit: day", "7:5"},
		{"anchor", "unit: week", "unit: &u week", "anchors"},
		{"alias", "unit: week", "unit: *u", "anchors"},
		{"tag", "unit: week", "unit: !!str week", "anchors"},
		{"two documents", "overrides:", "---\noverrides:", "more than one document"},
		{"not YAML", "layers:", "layers: [", ""},
		{"a list", example, "- a\n", "want a mapping"},
		{"nothing", example, "", "empty"},
		{"a deep list", example, strings.Repeat("[", 100_000), "nested too deep"},
		{"deep dashes", example, strings.Repeat("- ", 100_000), "nested too deep"},
		{"deep JSON", example, strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested too deep"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			doc := strings.Replace(example, tc.old, tc.with, 1)
			if doc == example {
				t.Fatal("the case changes nothing")
			}
			s, err := Parse([]byte(doc))
			if err == nil {
				t.Fatalf("accepted: %+v", s)
			}
			if !strings.Contains(err.Error(), tc.want) || fault.KindOf(err) != fault.Invalid {
				t.Errorf("%v (%v), want %q", err, fault.KindOf(err), tc.want)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	if _, err := Parse([]byte(example + strings.Repeat("#\n", MaxBytes))); fault.KindOf(err) != fault.TooLarge {
		t.Errorf("a huge document: %v", err)
	}
	many := func(n int) []Override {
		out := make([]Override, n)
		for i := range out {
			out[i] = Override{From: time.Unix(int64(i), 0), Until: time.Unix(int64(i+1), 0), Person: "ana"}
		}
		return out
	}
	if err := (&Schedule{TimeZone: "UTC", Overrides: many(MaxOverrides)}).Prepare(); err != nil {
		t.Error(err)
	}
	if err := (&Schedule{TimeZone: "UTC", Overrides: many(MaxOverrides + 1)}).Prepare(); !fault.Is(err, fault.Invalid) {
		t.Errorf("too many overrides: %v", err)
	}
	doc := "time_zone: UTC\nlayers: [" + strings.Repeat(`{members: [a], start: "2026-01-01T00:00", every: 1, unit: day},`, MaxLayers+1) + "]\n"
	if _, err := Parse([]byte(doc)); err == nil || !strings.Contains(err.Error(), "at most 20 entries") {
		t.Errorf("too many layers: %v", err)
	}
}

func TestAllProblemsAreReported(t *testing.T) {
	doc := strings.NewReplacer("[ana, bo]", "[]", "every: 1", "every: 0", "unit: week", "unit: x").Replace(example)
	_, err := Parse([]byte(doc))
	var f *fault.Error
	if !errors.As(err, &f) || len(f.Details) != 3 {
		t.Fatalf("got %#v", err)
	}
	if f.Details[1].Where != "/layers/0/every" || !strings.HasPrefix(f.Details[1].What, "5:12: ") {
		t.Errorf("got %+v", f.Details)
	}
}

func TestJSONIsAsStrict(t *testing.T) {
	good := "{\n\t\"time_zone\": \"UTC\",\n\t\"layers\": [{\"members\": [\"Zo\\u00eb \\ud83d\\ude00\"], \"start\": \"2026-01-05T09:00\", \"every\": 1, \"unit\": \"day\"}]\n}"
	s := parse(t, good)
	if got := who(s, time.Date(2026, 1, 6, 0, 0, 0, 0, time.UTC)); got != "Zoë 😀" {
		t.Errorf("on call: %q", got)
	}
	for _, tc := range []struct{ old, with, want string }{
		{`"every": 1`, `"every": 0`, "3:90: /layers/0/every: must be"},
		{`"every": 1`, `"every": 1.0`, "/layers/0/every: want a whole number"},
		{`"every": 1`, `"Every": 1`, "3:81: /layers/0/Every: unknown key"},
		{`"every": 1`, `"every": 1, "every": 2`, "/layers/0/every: is given twice"},
		{`"unit": "day"`, `"unit": null`, "/layers/0/unit: want text"},
	} {
		doc := strings.Replace(good, tc.old, tc.with, 1)
		var direct Schedule
		for name, err := range map[string]error{
			"parse":     func() error { _, err := Parse([]byte(doc)); return err }(),
			"unmarshal": json.Unmarshal([]byte(doc), &direct),
		} {
			if err == nil || !strings.Contains(err.Error(), strings.TrimLeft(tc.want, "0123456789: ")) {
				t.Errorf("%s %s: %v, want %q", name, tc.with, err, tc.want)
			}
		}
		if _, err := Parse([]byte(doc)); !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v, want %q", err, tc.want)
		}
	}
}

func TestUnquotedTimesAreText(t *testing.T) {
	s := parse(t, "time_zone: UTC\nlayers:\n- members:\n  - ana\n  start: 2026-01-05T09:00\n  every: 1\n  unit: day\n  only:\n  - days: [mon]\n    from: 09:00\n    to: 17:00\n")
	if s.Layers[0].Start != "2026-01-05T09:00" || s.Layers[0].Only[0].From != "09:00" || s.Layers[0].Only[0].To != "17:00" {
		t.Errorf("got %+v", s)
	}
}

// What Parse accepts, it writes and reads again unchanged, and every question
// has an answer.
func FuzzParse(f *testing.F) {
	f.Add([]byte(example))
	f.Add([]byte(`{"time_zone":"UTC","layers":[{"members":["a"],"start":"2026-01-05T09:00:30","every":3,"unit":"hour"}]}`))
	f.Add([]byte("time_zone: Pacific/Apia\nlayers:\n- {members: [a, b], start: 2011-12-30T09:00, every: 1, unit: month, only: [{days: [fri], from: 09:00, to: 09:00}]}\n"))
	f.Add([]byte("a: &a [*a]\n"))
	f.Add([]byte("? [[["))
	f.Add([]byte("layers: |\n  text\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Invalid && k != fault.TooLarge {
				t.Fatalf("refused as %v: %v", k, err)
			}
			return
		}
		at := time.Date(2026, 3, 8, 7, 0, 0, 0, time.UTC)
		if on, shifts := s.At(at), s.Shifts(at, at.Add(time.Second)); len(on) > 0 && on[0] != shifts[0].Person {
			t.Fatalf("at %v, shifts %v", on, shifts)
		}
		j, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		y, err := yaml.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		for _, doc := range [][]byte{j, y} {
			back, err := Parse(doc)
			if err != nil {
				t.Fatalf("written as %s: %v", doc, err)
			}
			if again, _ := json.Marshal(back); string(again) != string(j) {
				t.Fatalf("%s came back as %s", j, again)
			}
		}
	})
}
