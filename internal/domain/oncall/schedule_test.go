package oncall

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

const example = `time_zone: America/Chicago
layers:                          # a later layer wins where it covers
  - members: [ana, bo]
    start: "2026-01-05T09:00"
    every: 1
    unit: week
    only: [{days: [mon, tue], from: "09:00", to: "17:00"}]
overrides: [{from: 2026-01-06T10:00:00Z, until: 2026-01-06T12:00:00Z, person: cy}]
`

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func parse(t testing.TB, doc string) *Schedule {
	t.Helper()
	s, err := Parse([]byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// rotation writes a document with one layer; extra is added to the layer.
func rotation(zone, start, every, unit, extra string) string {
	return "time_zone: " + zone + "\nlayers:\n  - {members: [ana, bo, cy], start: \"" + start + "\", every: " + every + ", unit: " + unit + extra + "}\n"
}

func who(s *Schedule, at time.Time) string { return strings.Join(s.At(at), "+") }

// Clauses: TEAM-ROTATION, ESC-L1-PRIMARY
func TestWhoIsOnCall(t *testing.T) {
	type at map[string]string
	for _, tc := range []struct {
		name, doc string
		want      at
	}{
		{"the document of the contract", example, at{
			"2026-01-05T14:59:59.999Z": "", "2026-01-05T15:00:00Z": "ana", "2026-01-05T22:59:59Z": "ana", "2026-01-05T23:00:00Z": "",
			"2026-01-06T09:59:59Z": "", "2026-01-06T10:00:00Z": "cy", "2026-01-06T11:59:59Z": "cy", "2026-01-06T12:00:00Z": "",
			"2026-01-12T15:00:00Z": "bo", "2026-01-07T16:00:00Z": "", "2025-12-29T16:00:00Z": "",
		}},
		{"a week of 167 hours", rotation("America/New_York", "2026-03-02T09:00", "1", "week", ""), at{
			"2026-03-09T12:59:59Z": "ana", "2026-03-09T13:00:00Z": "bo", "2026-03-16T13:00:00Z": "cy",
		}},
		{"a week of 169 hours", rotation("America/New_York", "2026-10-26T09:00", "1", "week", ""), at{
			"2026-11-02T13:59:59Z": "ana", "2026-11-02T14:00:00Z": "bo",
		}},
		{"a handoff in the gap moves once only", rotation("America/New_York", "2026-03-07T02:30", "1", "day", ""), at{
			"2026-03-08T06:59:59Z": "ana", "2026-03-08T07:00:00Z": "bo", "2026-03-09T06:29:59Z": "bo", "2026-03-09T06:30:00Z": "cy",
		}},
		{"a handoff at a repeated time is the first", rotation("Europe/Berlin", "2026-10-24T02:30", "1", "day", ""), at{
			"2026-10-25T00:29:59Z": "ana", "2026-10-25T00:30:00Z": "bo", "2026-10-25T01:30:00Z": "bo", "2026-10-26T01:30:00Z": "cy",
		}},
		{"hours are elapsed hours", rotation("America/New_York", "2026-03-08T00:00", "6", "hour", ""), at{
			"2026-03-08T10:59:59Z": "ana", "2026-03-08T11:00:00Z": "bo", "2026-03-08T17:00:00Z": "cy", "2026-03-08T23:00:00Z": "ana",
		}},
		{"half an hour on Lord Howe", rotation("Australia/Lord_Howe", "2026-10-03T09:00", "1", "day", ""), at{
			"2026-10-03T21:59:59Z": "ana", "2026-10-03T22:00:00Z": "bo",
		}},
		{"Ramadan in Casablanca", rotation("Africa/Casablanca", "2026-02-14T09:00", "1", "day", ""), at{
			"2026-02-15T08:59:59Z": "ana", "2026-02-15T09:00:00Z": "bo",
		}},
		{"half-hour zone", rotation("Asia/Kolkata", "2026-01-05T09:00", "1", "day", ""), at{
			"2026-01-05T03:29:59Z": "", "2026-01-05T03:30:00Z": "ana", "2026-01-06T03:30:00Z": "bo",
		}},
		{"the day Apia dropped", rotation("Pacific/Apia", "2011-12-29T09:00", "1", "day", ""), at{
			"2011-12-30T09:59:59Z": "ana", "2011-12-30T10:00:00Z": "bo", "2011-12-30T18:59:59Z": "bo", "2011-12-30T19:00:00Z": "cy",
		}},
		{"a clock set back over midnight", rotation("America/St_Johns", "2010-11-06T00:00", "1", "day",
			`, only: [{days: [sun], from: "00:00", to: "02:00"}]`), at{
			// 00:00 came at 02:30Z; at 02:31Z the wall went back to Saturday 23:01.
			"2010-11-07T02:29:59Z": "", "2010-11-07T02:30:00Z": "bo", "2010-11-07T02:45:00Z": "bo", "2010-11-07T05:29:59Z": "bo", "2010-11-07T05:30:00Z": "",
		}},
		{"the leap day", rotation("UTC", "2024-02-28T00:00", "1", "day", ""), at{
			"2024-02-29T12:00:00Z": "bo", "2024-03-01T00:00:00Z": "cy",
		}},
		{"month ends", rotation("UTC", "2026-01-31T09:00", "1", "month", ""), at{
			"2026-02-28T08:59:59Z": "ana", "2026-02-28T09:00:00Z": "bo", "2026-03-31T08:59:59Z": "bo", "2026-03-31T09:00:00Z": "cy",
			"2026-04-30T09:00:00Z": "ana", "2028-02-29T09:00:00Z": "bo", "2028-02-29T08:59:59Z": "ana",
		}},
		{"seconds", rotation("UTC", "2026-01-05T09:00:30", "2", "day", ""), at{
			"2026-01-05T09:00:29.999999999Z": "", "2026-01-05T09:00:30Z": "ana", "2026-01-07T09:00:29Z": "ana", "2026-01-07T09:00:30Z": "bo",
		}},
		{"over midnight and the change of the clock", rotation("America/New_York", "2026-03-01T00:00", "1", "day",
			`, only: [{days: [sat], from: "22:00", to: "06:00"}]`), at{
			"2026-03-08T02:59:59Z": "", "2026-03-08T03:00:00Z": "ana", "2026-03-08T05:00:00Z": "bo", "2026-03-08T09:59:59Z": "bo", "2026-03-08T10:00:00Z": "",
		}},
		{"from equal to is a whole day", rotation("UTC", "2026-01-05T00:00", "1", "week",
			`, only: [{days: [tue], from: "08:00", to: "08:00"}]`), at{
			"2026-01-06T07:59:59Z": "", "2026-01-06T08:00:00Z": "ana", "2026-01-07T07:59:59Z": "ana", "2026-01-07T08:00:00Z": "",
		}},
		{"the rotation goes on outside its windows", rotation("UTC", "2026-01-05T00:00", "1", "day",
			`, only: [{days: [mon, thu], from: "00:00", to: "00:00"}]`), at{
			"2026-01-05T12:00:00Z": "ana", "2026-01-06T12:00:00Z": "", "2026-01-08T12:00:00Z": "ana", "2026-01-12T12:00:00Z": "bo",
		}},
		{"only overrides", "time_zone: UTC\nlayers: []\noverrides:\n- {from: 2026-01-06T10:00:00+02:00, until: 2026-01-06T12:00:00Z, person: ana}\n- {from: 2026-01-06T09:00:00Z, until: 2026-01-06T10:00:00Z, person: bo}\n", at{
			"2026-01-06T07:59:59Z": "", "2026-01-06T08:00:00Z": "ana", "2026-01-06T09:00:00Z": "bo", "2026-01-06T10:00:00Z": "ana", "2026-01-06T12:00:00Z": "",
		}},
		{"a later layer wins where it covers", `time_zone: UTC
layers:
- {members: [ana], start: "2026-01-01T00:00", every: 1, unit: day}
- {members: [bo], start: "2026-01-03T00:00", every: 1, unit: day, only: [{days: [mon], from: "09:00", to: "17:00"}]}
overrides: [{from: 2026-01-05T10:00:00Z, until: 2026-01-05T11:00:00Z, person: cy}]
`, at{
			"2025-12-31T23:59:59Z": "", "2026-01-01T00:00:00Z": "ana", "2026-01-05T09:00:00Z": "bo", "2026-01-05T10:00:00Z": "cy",
			"2026-01-05T11:00:00Z": "bo", "2026-01-05T17:00:00Z": "ana",
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s := parse(t, tc.doc)
			for at, want := range tc.want {
				if got := who(s, instant(t, at)); got != want {
					t.Errorf("at %s: %q, want %q", at, got, want)
				}
			}
		})
	}
}

// Three regions hand the pager round the world; no clock change opens a gap,
// and an override wins.
// Clauses: TEAM-ROTATION, ESC-L1-PRIMARY
func TestFollowTheSun(t *testing.T) {
	day := `[mon, tue, wed, thu, fri, sat, sun]`
	s := parse(t, `time_zone: Europe/Berlin
layers:
- {members: [asia], start: "2026-01-01T00:00", every: 1, unit: week, only: [{days: `+day+`, from: "00:00", to: "08:00"}]}
- {members: [europe], start: "2026-01-01T00:00", every: 1, unit: week, only: [{days: `+day+`, from: "08:00", to: "16:00"}]}
- {members: [america], start: "2026-01-01T00:00", every: 1, unit: week, only: [{days: `+day+`, from: "16:00", to: "00:00"}]}
`)
	from, until := instant(t, "2026-01-01T00:00:00Z"), instant(t, "2027-01-01T00:00:00Z")
	if gaps := s.Gaps(from, until); len(gaps) != 0 {
		t.Fatalf("gaps: %v", gaps)
	}
	for _, tc := range []struct {
		day  string
		asia time.Duration
	}{{"2026-03-29", 7 * time.Hour}, {"2026-03-30", 8 * time.Hour}, {"2026-10-25", 9 * time.Hour}} {
		noon := instant(t, tc.day+"T12:00:00Z")
		shifts := s.Shifts(noon.Add(-16*time.Hour), noon)
		if len(shifts) != 3 || shifts[1].Person != "asia" || shifts[1].End.Sub(shifts[1].Start) != tc.asia {
			t.Errorf("%s: %v", tc.day, shifts)
		}
	}
	over := Override{From: instant(t, "2026-03-29T00:30:00Z"), Until: instant(t, "2026-03-29T01:30:00Z"), Person: "eve"}
	replaced, err := s.WithOverride(over)
	if err != nil {
		t.Fatal(err)
	}
	if got := replaced.Shifts(over.From, over.Until); len(got) != 1 || got[0].Person != "eve" || got[0].Override != 0 || got[0].Layer != -1 {
		t.Errorf("override: %v", got)
	}
	if who(s, over.From) != "asia" {
		t.Error("the override reached the schedule it was not added to")
	}
}

// Clauses: ESC-L1-PRIMARY
func TestGapsAndChanges(t *testing.T) {
	s := parse(t, example)
	from := instant(t, "2026-01-06T00:00:00Z")
	gaps := s.Gaps(from, from.Add(24*time.Hour))
	want := [][2]string{
		{"2026-01-06T00:00:00Z", "2026-01-06T10:00:00Z"}, {"2026-01-06T12:00:00Z", "2026-01-06T15:00:00Z"}, {"2026-01-06T23:00:00Z", "2026-01-07T00:00:00Z"},
	}
	if len(gaps) != len(want) {
		t.Fatalf("gaps %v", gaps)
	}
	for i, g := range gaps {
		if !g.Start.Equal(instant(t, want[i][0])) || !g.End.Equal(instant(t, want[i][1])) {
			t.Errorf("gap %d is %v-%v, want %v", i, g.Start, g.End, want[i])
		}
	}
	for at, next := range map[string]string{
		"2026-01-06T00:00:00Z": "2026-01-06T10:00:00Z", "2026-01-06T10:00:00Z": "2026-01-06T12:00:00Z",
		"2026-01-06T23:00:00Z": "2026-01-12T15:00:00Z", "2020-01-01T00:00:00Z": "",
	} {
		got, ok := s.NextChange(instant(t, at))
		if next == "" {
			if ok {
				t.Errorf("after %s: %v, want none within the horizon", at, got)
			}
		} else if !ok || !got.Equal(instant(t, next)) {
			t.Errorf("after %s: %v %v, want %s", at, got, ok, next)
		}
	}
	if s.Shifts(from, from) == nil || len(s.Shifts(from, from.Add(-time.Hour))) != 0 {
		t.Error("an empty range is an empty list")
	}
}

// Clauses: ESC-L1-SECONDARY
func TestSamePersonTwice(t *testing.T) {
	primary := parse(t, rotation("UTC", "2026-01-05T09:00", "1", "week", ""))
	shifted := strings.Replace(rotation("UTC", "2026-01-05T09:00", "1", "week", ""), "ana, bo, cy", "bo, cy, ana", 1)
	from, until := instant(t, "2026-01-01T00:00:00Z"), instant(t, "2026-03-01T00:00:00Z")
	secondary := parse(t, shifted)
	if got := Same(primary, secondary, from, until); len(got) != 0 {
		t.Fatalf("shifted rotations meet: %v", got)
	}
	o := Override{From: instant(t, "2026-01-06T10:00:00Z"), Until: instant(t, "2026-01-13T10:00:00Z"), Person: "bo"}
	swapped, err := primary.WithOverride(o)
	if err != nil {
		t.Fatal(err)
	}
	got := Same(swapped, secondary, from, until)
	if len(got) != 1 || got[0].Person != "bo" || !got[0].Start.Equal(o.From) || !got[0].End.Equal(instant(t, "2026-01-12T09:00:00Z")) {
		t.Errorf("got %v", got)
	}
}

func TestDocumentRoundTrip(t *testing.T) {
	s := parse(t, example)
	j, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	y, err := yaml.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var viaJSON Schedule
	if err := json.Unmarshal(j, &viaJSON); err != nil {
		t.Fatal(err)
	}
	var wrapped struct {
		Schedules map[string]*Schedule `yaml:"schedules"`
	}
	nested := "schedules:\n  primary:\n    " + strings.ReplaceAll(strings.TrimSpace(string(y)), "\n", "\n    ") + "\n"
	if err := yaml.Unmarshal([]byte(nested), &wrapped); err != nil {
		t.Fatalf("%v\n%s", err, nested)
	}
	unprepared := &Schedule{TimeZone: s.TimeZone, Layers: s.Layers, Overrides: s.Overrides}
	for name, other := range map[string]*Schedule{
		"JSON": &viaJSON, "parsed JSON": parse(t, string(j)), "parsed YAML": parse(t, string(y)),
		"nested YAML": wrapped.Schedules["primary"], "unprepared": unprepared,
	} {
		back, err := json.Marshal(other)
		if err != nil || string(back) != string(j) {
			t.Errorf("%s: %s, %v; want %s", name, back, err, j)
		}
		if got := who(other, instant(t, "2026-01-05T16:00:00Z")); got != "ana" {
			t.Errorf("%s: %q is on call", name, got)
		}
	}
	if (&Schedule{TimeZone: "Nowhere/Else"}).At(time.Unix(0, 0)) == nil {
		t.Error("an invalid schedule answers an empty list")
	}
}
