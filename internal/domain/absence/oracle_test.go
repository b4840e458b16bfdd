package absence

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"

	"allclear/internal/base/recur"
)

// Our walk over a rule finds the same days as an independent library, wherever
// both know the rule.
func TestRepeatsAsAnotherLibraryDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, rapid.IntRange(0, 800).Draw(t, "start"))
		every := rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "every")
		parts := []string{"FREQ=" + every, "INTERVAL=" + rapid.SampledFrom([]string{"1", "2", "3", "5"}).Draw(t, "interval")}
		some := func(name string, values ...string) {
			if rapid.Bool().Draw(t, "has "+name) {
				parts = append(parts, name+"="+strings.Join(rapid.SliceOfNDistinct(rapid.SampledFrom(values), 1, min(3, len(values)), rapid.ID).Draw(t, name), ","))
			}
		}
		// What never happens costs the library all years to 9999, and it mixes up
		// numbered and plain weekdays in one rule: neither is asked of it.
		byDate := false
		switch every {
		case "MONTHLY", "YEARLY":
			if byDate = rapid.Bool().Draw(t, "by date"); byDate {
				some("BYMONTHDAY", "1", "15", "29", "31", "-1", "-3")
			} else if rapid.Bool().Draw(t, "numbered") {
				some("BYDAY", "2MO", "1TU", "-1FR", "3SU")
			} else {
				some("BYDAY", "MO", "WE", "SA")
			}
			if strings.Contains(strings.Join(parts, ";"), "BY") {
				some("BYSETPOS", "1", "-1")
			}
		default:
			some("BYDAY", "MO", "TU", "FR", "SU")
		}
		if !byDate {
			some("BYMONTH", "1", "2", "3", "6", "12")
		}
		if rapid.Bool().Draw(t, "counted") {
			parts = append(parts, "COUNT="+strconv.Itoa(rapid.IntRange(1, 20).Draw(t, "count")))
		}
		parts = append(parts, "WKST="+rapid.SampledFrom([]string{"MO", "SU"}).Draw(t, "week"))
		text := strings.Join(parts, ";")
		until := start.AddDate(4, 0, 0)

		theirs, err := rrule.StrToROption(text)
		if err != nil {
			t.Fatal(err)
		}
		theirs.Dtstart = start
		theirs.Until = until // so that a rule without a day ends
		if theirs.Count > 0 {
			theirs.Until = time.Time{}
		}
		rule, err := rrule.NewRRule(*theirs)
		if err != nil {
			t.Fatalf("%s is no rule to them: %v", text, err)
		}
		var wanted, got []string
		for next := rule.Iterator(); ; {
			d, ok := next()
			if !ok || d.After(until) {
				break
			}
			wanted = append(wanted, d.Format(time.DateOnly))
		}
		ours, err := parseRepeat(text)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		first := recur.DateOf(start, time.UTC)
		_ = ours.each(&reading{budget: maxSteps}, first, first, recur.DateOf(until, time.UTC), func(d recur.Date) (bool, error) {
			if d.Number() <= recur.DateOf(until, time.UTC).Number() {
				got = append(got, d.String())
			}
			return true, nil
		})
		if strings.Join(got, " ") != strings.Join(wanted, " ") {
			t.Fatalf("%s from %s:\ngot  %v\nwant %v", text, start.Format(time.DateOnly), got, wanted)
		}
	})
}
