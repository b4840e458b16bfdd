// Package healthcheck owns what a regular health check of a customer is: whom it is
// about, when it is due, and what is written down of it (CRI-CS-HEALTH). It must not
// know who is told.
package healthcheck

import (
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
)

// Words of the form.
var (
	Usages     = []string{"growing", "steady", "falling"}
	Sentiments = []string{"good", "mixed", "poor"}
)

// Limits of the form.
const (
	MaxScore  = 100
	maxIssues = 10_000
	maxNotes  = 4000 // characters
)

// Form is what is written down of a check.
type Form struct {
	Usage      string `json:"usage"`
	Sentiment  string `json:"sentiment"`
	OpenIssues int    `json:"open_issues"`
	Score      int    `json:"score"` // 0 to 100, the higher the better
	Notes      string `json:"notes,omitempty"`
}

// Check says what is wrong with the form: fault.Invalid with the fields.
func (f *Form) Check() error {
	err := fault.New(fault.Invalid, "the health check cannot be kept")
	n := 0
	say := func(ok bool, field, what string) {
		if !ok {
			err, n = err.With("body."+field, what), n+1
		}
	}
	say(slices.Contains(Usages, f.Usage), "usage", "one of "+strings.Join(Usages, ", "))
	say(slices.Contains(Sentiments, f.Sentiment), "sentiment", "one of "+strings.Join(Sentiments, ", "))
	say(f.OpenIssues >= 0 && f.OpenIssues <= maxIssues, "open_issues", fmt.Sprintf("0 to %d", maxIssues))
	say(f.Score >= 0 && f.Score <= MaxScore, "score", fmt.Sprintf("0 to %d", MaxScore))
	say(len([]rune(f.Notes)) <= maxNotes, "notes", fmt.Sprintf("at most %d characters", maxNotes))
	if n > 0 {
		return err
	}
	return nil
}

// Check is one round of a customer. Instants are UTC; zero: not yet.
type Check struct {
	ID       ident.ID
	Customer string
	Since    time.Time // when the round began: the check before was made, or the customer came under the rule
	AskedAt  time.Time // whoever looks after the customer was asked
	LateAt   time.Time // it was told that nobody has made it
	DoneAt   time.Time
	Record
}

// Record is what is kept of a check beside its times.
type Record struct {
	By   string    `json:"by,omitempty"` // who made it
	Due  time.Time `json:"due,omitzero"` // of one that was made: when it was due
	Told []string  `json:"told,omitempty"`
	Form *Form     `json:"form,omitempty"`
}

// States of a check.
const (
	Planned = "planned"
	Asked   = "asked"
	Overdue = "overdue"
	Done    = "done"
)

// DueAt is when the check is due by the rule.
func (c *Check) DueAt(r *procedure.HealthChecks) time.Time {
	if !c.DoneAt.IsZero() || r == nil {
		return c.Due
	}
	return c.Since.Add(r.Every.Elapsed())
}

// AskAt is from when on somebody is asked for it.
func (c *Check) AskAt(r *procedure.HealthChecks) time.Time {
	return c.DueAt(r).Add(-r.Ask.Elapsed())
}

// State says where the check stands; at the instant it is due, it is overdue.
func (c *Check) State(r *procedure.HealthChecks, now time.Time) string {
	switch {
	case !c.DoneAt.IsZero():
		return Done
	case r == nil:
		return Planned
	case !now.Before(c.DueAt(r)):
		return Overdue
	case !now.Before(c.AskAt(r)):
		return Asked
	}
	return Planned
}

// First is since when the first check of a customer is counted, who comes under the
// rule now: it is due within one period, and those of many customers do not fall on
// one day. Nobody has less time for it than they are asked ahead.
func First(r *procedure.HealthChecks, customer string, now time.Time) time.Time {
	h := fnv.New32a()
	_, _ = h.Write([]byte(customer)) // it never fails
	spread := r.Every.Elapsed() - r.Ask.Elapsed()
	return now.Add(-time.Duration(float64(spread) * float64(h.Sum32()) / (1 << 32)).Truncate(time.Minute))
}

// Wanted reports whether the rule asks for checks of the customer.
func Wanted(r *procedure.HealthChecks, c *catalog.Customer) bool {
	if r == nil {
		return false
	}
	return c.VIP && slices.Contains(r.Of, "vip") || c.MajorAccount && slices.Contains(r.Of, "major_account") || slices.Contains(r.Of, c.Tier)
}
