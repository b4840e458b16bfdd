package main

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"allclear/internal/app/cli"
)

// rota is a schedule of one layer.
func rota(zone, start, every, unit, more string) string {
	return fmt.Sprintf("time_zone: %s\nlayers:\n  - members: [ana, bo]\n    start: %q\n    every: %s\n    unit: %s\n%s", zone, start, every, unit, more)
}

func TestScheduleResolve(t *testing.T) {
	office := "    only: [{days: [mon, tue, wed, thu, fri], from: \"09:00\", to: \"17:00\"}]\n"
	night := "    only: [{days: [sat], from: \"22:00\", to: \"06:00\"}]\n"
	for _, tc := range []struct {
		name, doc string
		at        map[string]string // instant -> person, "" for nobody
	}{
		{"weekly handoff in Chicago", rota("America/Chicago", "2026-01-05T09:00", "1", "week", ""), map[string]string{
			"2026-01-05T14:59:59Z": "", "2026-01-05T15:00:00Z": "ana", "2026-01-12T14:59:59Z": "ana", "2026-01-12T09:00:00-06:00": "bo",
		}},
		{"spring forward in Chicago keeps the wall clock", rota("America/Chicago", "2026-03-02T09:00", "1", "week", ""), map[string]string{
			"2026-03-09T08:59:59-05:00": "ana", "2026-03-09T09:00:00-05:00": "bo", "2026-03-09T14:00:00Z": "bo", "2026-03-09T13:59:59Z": "ana",
		}},
		{"fall back in Chicago keeps the wall clock", rota("America/Chicago", "2026-10-26T09:00", "1", "week", ""), map[string]string{
			"2026-11-02T14:59:59Z": "ana", "2026-11-02T15:00:00Z": "bo",
		}},
		{"daily handoff in the hour that does not exist", rota("America/Chicago", "2026-03-07T02:30", "1", "day", ""), map[string]string{
			// 02:30 of 8 March does not exist; the clock goes from 01:59:59 to 03:00.
			"2026-03-08T07:59:59Z": "ana", "2026-03-08T09:00:00Z": "bo", "2026-03-09T07:29:59Z": "bo", "2026-03-09T07:30:00Z": "ana",
		}},
		{"daily handoff in the hour that comes twice", rota("America/Chicago", "2026-10-31T01:30", "1", "day", ""), map[string]string{
			// 01:30 of 1 November comes at 06:30Z and again at 07:30Z: the first one counts.
			"2026-11-01T06:29:59Z": "ana", "2026-11-01T06:30:00Z": "bo", "2026-11-01T07:30:00Z": "bo", "2026-11-02T07:30:00Z": "ana",
		}},
		{"twelve elapsed hours over the gap", rota("America/Chicago", "2026-03-07T21:00", "12", "hour", ""), map[string]string{
			"2026-03-08T14:59:59Z": "ana", "2026-03-08T10:00:00-05:00": "bo",
		}},
		{"Lord Howe moves by half an hour, in spring", rota("Australia/Lord_Howe", "2026-10-03T02:00", "1", "day", ""), map[string]string{
			// On 4 October 02:00 (+10:30) becomes 02:30 (+11:00).
			"2026-10-03T15:29:59Z": "ana", "2026-10-03T15:30:00Z": "bo", "2026-10-04T14:59:59Z": "bo", "2026-10-04T15:00:00Z": "ana",
		}},
		{"Lord Howe moves by half an hour, in autumn", rota("Australia/Lord_Howe", "2026-04-04T01:45", "1", "day", ""), map[string]string{
			// On 5 April 02:00 (+11:00) becomes 01:30 (+10:30): 01:45 comes twice.
			"2026-04-04T14:44:59Z": "ana", "2026-04-04T14:45:00Z": "bo", "2026-04-04T15:15:00Z": "bo", "2026-04-05T15:15:00Z": "ana",
		}},
		{"only in office hours", rota("Europe/Berlin", "2026-01-05T00:00", "1", "week", office), map[string]string{
			"2026-03-27T07:59:59Z": "", "2026-03-27T08:00:00Z": "bo", "2026-03-27T16:00:00Z": "", "2026-03-30T07:00:00Z": "ana", "2026-03-28T10:00:00Z": "",
		}},
		{"a span that runs into the next day", rota("Europe/Berlin", "2026-01-05T00:00", "1", "week", night), map[string]string{
			"2026-01-10T20:59:59Z": "", "2026-01-10T21:00:00Z": "ana", "2026-01-11T04:59:59Z": "ana", "2026-01-11T05:00:00Z": "",
		}},
		{"an override wins", rota("UTC", "2026-01-05T09:00", "1", "week", "overrides: [{from: 2026-01-06T10:00:00Z, until: 2026-01-06T12:00:00Z, person: cy}]\n"), map[string]string{
			"2026-01-06T09:59:59Z": "ana", "2026-01-06T10:00:00Z": "cy", "2026-01-06T12:00:00Z": "ana",
		}},
		{"nobody at all", "time_zone: UTC\n", map[string]string{"2026-01-06T09:59:59Z": ""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			file := write(t, "rota.yaml", tc.doc)
			for at, want := range tc.at {
				list := "[]"
				if want != "" {
					list = `["` + want + `"]`
				}
				command("schedule", "resolve", file, "--at", at).want(t, 0, fmt.Sprintf("{\"at\": %q, \"on_call\": %s}\n", at, list), "")
			}
		})
	}
}

func TestScheduleResolveAnswersEachInstantAsItWasGiven(t *testing.T) {
	file := write(t, "rota.yaml", rota("UTC", "2026-01-05T09:00", "1", "week", ""))
	at := []string{"2026-01-12T08:59:59.999Z", "2026-01-12T10:00:00+01:00", "2026-01-01T00:00:00-00:00", "2026-01-12T09:00:00.000000Z"}
	var args []string
	for _, a := range at {
		args = append(args, "--at", a)
	}
	const want = `{"at": "2026-01-12T08:59:59.999Z", "on_call": ["ana"]}
{"at": "2026-01-12T10:00:00+01:00", "on_call": ["bo"]}
{"at": "2026-01-01T00:00:00-00:00", "on_call": []}
{"at": "2026-01-12T09:00:00.000000Z", "on_call": ["bo"]}
`
	command(append([]string{"schedule", "resolve", file}, args...)...).want(t, 0, want, "")
	command(append(append([]string{"schedule", "resolve"}, args...), file)...).want(t, 0, want, "")
	for _, line := range strings.Split(strings.TrimSpace(want), "\n") {
		if !json.Valid([]byte(line)) {
			t.Errorf("%s is not JSON", line)
		}
	}
	doc := rota("UTC", "2026-01-05T09:00", "1", "week", "")
	commandOn(&cli.Terminal{In: strings.NewReader(doc)}, "schedule", "resolve", "-", "--at", at[1]).want(t, 0, `{"at": "2026-01-12T10:00:00+01:00", "on_call": ["bo"]}`+"\n", "")
	// What is applied can be asked as well.
	commandOn(&cli.Terminal{In: strings.NewReader("kind: schedule\nid: primary\n" + doc)}, "schedule", "resolve", "-", "--at", at[1]).want(t, 0, `{"at": "2026-01-12T10:00:00+01:00", "on_call": ["bo"]}`+"\n", "")
	named := strings.ReplaceAll(doc, "bo", `"<Bö> & \"co\""`)
	commandOn(&cli.Terminal{In: strings.NewReader(named)}, "schedule", "resolve", "-", "--at", at[1]).want(t, 0, `{"at": "2026-01-12T10:00:00+01:00", "on_call": ["<Bö> & \"co\""]}`+"\n", "")
}

func TestScheduleResolveSaysWhereAFileIsWrong(t *testing.T) {
	for _, tc := range []struct{ doc, want string }{
		{"time_zone: Mars/Olympus\n", ":1:12: /time_zone: "},
		{"time_zone: UTC\nlayer: []\n", ":2:1: /layer: unknown key"},
		{"kind: team\ntime_zone: UTC\n", ":1:7: /kind: this is not a schedule"},
		{rota("UTC", "2026-01-05", "1", "week", ""), ":4:12: /layers/0/start: "},
		{rota("UTC", "2026-01-05T09:00", "0", "fortnight", ""), ":5:12: /layers/0/every: "},
		{"", "the document is empty"},
		{"time_zone: [", ":1:"},
	} {
		file := write(t, "rota.yaml", tc.doc)
		o := command("schedule", "resolve", file, "--at", "2026-01-12T09:00:00Z")
		if o.code != cli.ExitFailed || o.out != "" || !strings.Contains(o.err, file) || !strings.Contains(o.err, tc.want) {
			t.Errorf("%q: %+v, want %s", tc.doc, o, tc.want)
		}
	}
	missing := filepath.Join(t.TempDir(), "none.yaml")
	command("schedule", "resolve", missing, "--at", "2026-01-12T09:00:00Z").want(t, cli.ExitNotFound, "", missing)
}
