package healthcheck_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/healthcheck"
	"allclear/internal/domain/procedure"
)

var rule = &procedure.HealthChecks{Every: recur.Span{Days: 30}, Ask: recur.Span{Days: 7}, Of: []string{"enterprise", "vip"}}

// A check is asked for a week before it is due and overdue from the instant it is
// due, in elapsed days, across a change of the clocks and a leap day too.
//
// Clauses: CRI-CS-HEALTH
func TestWhenACheckIsDue(t *testing.T) {
	for _, since := range []time.Time{time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC), time.Date(2028, 2, 10, 0, 0, 0, 0, time.UTC)} {
		c := healthcheck.Check{Since: since}
		due, ask := since.Add(720*time.Hour), since.Add(552*time.Hour)
		for at, want := range map[time.Time]string{
			since: healthcheck.Planned, ask.Add(-time.Microsecond): healthcheck.Planned, ask: healthcheck.Asked,
			due.Add(-time.Microsecond): healthcheck.Asked, due: healthcheck.Overdue, due.AddDate(1, 0, 0): healthcheck.Overdue,
		} {
			if got := c.State(rule, at); got != want {
				t.Errorf("%v: %s, want %s", at, got, want)
			}
		}
		if got := c.State(nil, due); got != healthcheck.Planned {
			t.Errorf("without a rule: %s", got)
		}
		c.DoneAt, c.Due = due.Add(time.Hour), due
		if got := c.State(rule, due.AddDate(1, 0, 0)); got != healthcheck.Done || !c.DueAt(rule).Equal(due) {
			t.Errorf("made: %s, due %v", got, c.DueAt(rule))
		}
	}
}

// Clauses: CRI-CS-HEALTH
func TestWhoseChecksAreWanted(t *testing.T) {
	for _, c := range []struct {
		of   catalog.Customer
		want bool
	}{{catalog.Customer{Tier: "enterprise"}, true}, {catalog.Customer{Tier: "standard", VIP: true}, true}, {catalog.Customer{Tier: "standard"}, false}, {catalog.Customer{Tier: "standard", MajorAccount: true}, false}} {
		if got := healthcheck.Wanted(rule, &c.of); got != c.want {
			t.Errorf("%+v: %v", c.of, got)
		}
	}
	if healthcheck.Wanted(nil, &catalog.Customer{Tier: "enterprise"}) {
		t.Error("without a rule")
	}
}

// Twelve hundred customers who come under the rule at once are not looked at at once.
func TestTheFirstChecksAreSpread(t *testing.T) {
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	days := map[int]int{}
	for i := range 1200 {
		c := healthcheck.Check{Since: healthcheck.First(rule, fmt.Sprintf("customer-%04d", i), now)}
		left := c.DueAt(rule).Sub(now)
		if left < 7*24*time.Hour || left > 30*24*time.Hour {
			t.Fatalf("due in %v", left)
		}
		days[int(left/(24*time.Hour))]++
	}
	for d, n := range days {
		if n > 120 {
			t.Errorf("%d on day %d", n, d)
		}
	}
}

func TestForm(t *testing.T) {
	good := healthcheck.Form{Usage: "steady", Sentiment: "mixed", OpenIssues: 3, Score: 100}
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	bad := healthcheck.Form{Usage: "up", OpenIssues: -1, Score: 101, Notes: strings.Repeat("é", 4001)}
	var f *fault.Error
	if err := bad.Check(); !errors.As(err, &f) || len(f.Details) != 5 {
		t.Errorf("got %v", err)
	}
}
