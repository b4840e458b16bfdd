package absence

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"
)

// repeat is an RRULE of whole days: what repeats within a day is no absence
// that anybody would plan by.
type repeat struct {
	every     string // DAILY, WEEKLY, MONTHLY, YEARLY
	interval  int
	count     int // 0: no end by number
	until     moment
	byDay     []weekday
	byDate    []int // of the month; negative from its end
	byMonth   []int
	positions []int
	weekStart time.Weekday
}

// weekday is a day of the week, or the nth of its month or year.
type weekday struct {
	day time.Weekday
	nth int
}

var errRule = errors.New("the rule of repetition is not understood")

var weekdays = map[string]time.Weekday{"SU": time.Sunday, "MO": time.Monday, "TU": time.Tuesday, "WE": time.Wednesday, "TH": time.Thursday, "FR": time.Friday, "SA": time.Saturday}

const (
	maxInterval = 1_000
	maxCount    = 100_000
)

// parseRepeat reads a rule. One with a part that is not known is refused as a
// whole, because leaving a part out would mean other days.
func parseRepeat(text string) (*repeat, error) {
	r := &repeat{interval: 1, weekStart: time.Monday}
	seen := map[string]bool{}
	for _, part := range strings.Split(strings.ToUpper(strings.Trim(strings.TrimSpace(text), ";")), ";") {
		name, value, ok := strings.Cut(part, "=")
		if !ok || seen[name] {
			return nil, errRule
		}
		seen[name] = true
		if err := r.set(name, value); err != nil {
			return nil, err
		}
	}
	numbered := slices.ContainsFunc(r.byDay, func(d weekday) bool { return d.nth != 0 })
	switch {
	case !slices.Contains([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}, r.every),
		numbered && (r.every == "DAILY" || r.every == "WEEKLY"),
		len(r.byDate) > 0 && r.every == "WEEKLY",
		numbered && len(r.byDate) > 0,
		r.count > 0 && !r.until.civilZero():
		return nil, errRule
	}
	return r, nil
}

func (m moment) civilZero() bool { return m.civil.Year == 0 }

func (r *repeat) set(name, value string) (err error) {
	switch name {
	case "FREQ":
		r.every = value
	case "INTERVAL":
		r.interval, err = number(value, 1, maxInterval)
	case "COUNT":
		r.count, err = number(value, 1, maxCount)
	case "UNTIL":
		var ok bool
		if r.until, ok = parseMoment(value); !ok {
			return errRule
		}
	case "WKST":
		day, ok := weekdays[value]
		if !ok {
			return errRule
		}
		r.weekStart = day
	case "BYMONTH":
		r.byMonth, err = numbers(value, 1, 12)
	case "BYMONTHDAY":
		r.byDate, err = numbers(value, -31, 31)
	case "BYSETPOS":
		r.positions, err = numbers(value, -366, 366)
	case "BYDAY":
		for _, v := range strings.Split(value, ",") {
			if len(v) < 2 {
				return errRule
			}
			day, ok := weekdays[v[len(v)-2:]]
			if !ok {
				return errRule
			}
			d := weekday{day: day}
			if nth := v[:len(v)-2]; nth != "" {
				if d.nth, err = number(nth, -53, 53); err != nil || d.nth == 0 {
					return errRule
				}
			}
			r.byDay = append(r.byDay, d)
		}
	default:
		return errRule
	}
	return err
}

func number(text string, least, most int) (int, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "+"))
	if err != nil || n < least || n > most {
		return 0, errRule
	}
	return n, nil
}

func numbers(text string, least, most int) (out []int, err error) {
	for _, v := range strings.Split(text, ",") {
		n, err := number(v, least, most)
		if err != nil || n == 0 {
			return nil, errRule
		}
		out = append(out, n)
	}
	return out, nil
}
