package continuity

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
)

// Stretch is a time in which an incident touched a customer.
type Stretch struct {
	Number      int64
	From, Until time.Time
}

// Signs are what is known of an account beside its incidents.
type Signs struct {
	Health   int    // score of the last health check, 0 to 100
	Checked  bool   // there is one
	Warnings int    // early warnings that stand
	Status   string // of the customer
	Churn    string // as the CRM sees it
}

// Verdict is how much an account is at risk.
type Verdict struct {
	AtRisk  bool
	Score   int // 0 to 100, the higher the worse
	Why     []string
	Numbers []int64 // incidents that count, oldest first
}

// Points of the score. An incident and an hour of impact weigh the same, so that many
// short ones count like one long one; what people and the CRM say can make up half of it.
const (
	perIncident = 15
	perHour     = 5
	mostHours   = 30
	unhealthy   = 50 // a health check below it speaks against the account
)

// Judge says whether an account is at risk by the rule (DRB-BCP-RETAIN): so many
// incidents in its time, or a score of so much.
func Judge(r *procedure.Retention, all []Stretch, s Signs, now time.Time) (v Verdict) {
	since := now.Add(-r.Within.Elapsed())
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Stretch) int { return a.From.Compare(b.From) })
	var impact time.Duration
	var end time.Time
	for _, x := range all {
		if x.Until.IsZero() || x.Until.After(now) {
			x.Until = now
		}
		if x.Until.Before(since) {
			continue
		}
		v.Numbers = append(v.Numbers, x.Number)
		from := later(later(x.From, since), end)
		if x.Until.After(from) {
			impact += x.Until.Sub(from)
			end = x.Until
		}
	}
	add := func(points int, format string, args ...any) {
		if points > 0 {
			v.Score += points
			v.Why = append(v.Why, fmt.Sprintf(format, args...))
		}
	}
	n := len(v.Numbers)
	add(n*perIncident, "%d incidents in %s", n, r.Within)
	add(min(int(impact.Hours()*perHour), mostHours), "%s of impact in %s", impact.Round(time.Minute), r.Within)
	if s.Checked && s.Health < unhealthy {
		add(15, "the last health check scored %d of 100", s.Health)
	}
	add(min(s.Warnings*10, 20), "%d early warnings of its use stand", s.Warnings)
	switch s.Churn {
	case "high":
		add(25, "its risk of leaving is high in the CRM")
	case "medium":
		add(10, "its risk of leaving is medium in the CRM")
	}
	if s.Status == "leaving" {
		add(25, "it is leaving")
	}
	v.Score = min(v.Score, 100)
	v.AtRisk = s.Status != catalog.Lost && (n >= r.Incidents || v.Score >= r.Score)
	return v
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}
