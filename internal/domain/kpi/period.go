package kpi

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// Period is a stretch of time, half-open. Named ones are months and quarters of the
// company's calendar.
type Period struct {
	Name  string // "2026-11" or "2026-Q4"; empty for any other stretch
	From  time.Time
	Until time.Time
}

// The lengths of named periods.
const (
	Month   = "month"
	Quarter = "quarter"
)

const (
	quarterMonths = 3
	firstYear     = 2000
	lastYear      = 2199
)

// Holds reports whether an instant lies in the period.
func (p Period) Holds(t time.Time) bool { return !t.Before(p.From) && t.Before(p.Until) }

// PeriodAt is the month or quarter in which an instant lies, in the zone.
func PeriodAt(length string, t time.Time, zone *time.Location) Period {
	t = t.In(zone)
	if length == Quarter {
		return quarter(t.Year(), (int(t.Month())-1)/quarterMonths+1, zone)
	}
	return month(t.Year(), t.Month(), zone)
}

// ParsePeriod reads "2026-11" or "2026-Q4". Error: fault.Invalid.
func ParsePeriod(s string, zone *time.Location) (Period, error) {
	bad := fault.New(fault.Invalid, "the period is no use").With("query.of", `want a month such as 2026-11 or a quarter such as 2026-Q4`)
	var p Period
	if year, q, ok := strings.Cut(s, "-Q"); ok {
		y, err := strconv.Atoi(year)
		n, err2 := strconv.Atoi(q)
		if err != nil || err2 != nil || n < 1 || n > 4 {
			return Period{}, bad
		}
		p = quarter(y, n, zone)
	} else {
		t, err := time.Parse("2006-01", s)
		if err != nil {
			return Period{}, bad
		}
		p = month(t.Year(), t.Month(), zone)
	}
	if y := p.From.Year(); p.Name != s || y < firstYear || y > lastYear { // one way to write it
		return Period{}, bad
	}
	return p, nil
}

// Before is the period of the same length before a named one.
func (p Period) Before(zone *time.Location) Period {
	length := Month
	if strings.Contains(p.Name, "Q") {
		length = Quarter
	}
	return PeriodAt(length, p.From.Add(-time.Hour), zone)
}

func month(y int, m time.Month, zone *time.Location) Period {
	return Period{Name: fmt.Sprintf("%04d-%02d", y, m), From: time.Date(y, m, 1, 0, 0, 0, 0, zone).UTC(), Until: time.Date(y, m+1, 1, 0, 0, 0, 0, zone).UTC()}
}

func quarter(y, q int, zone *time.Location) Period {
	first := time.Month((q-1)*quarterMonths + 1)
	return Period{Name: fmt.Sprintf("%04d-Q%d", y, q), From: time.Date(y, first, 1, 0, 0, 0, 0, zone).UTC(), Until: time.Date(y, first+quarterMonths, 1, 0, 0, 0, 0, zone).UTC()}
}
