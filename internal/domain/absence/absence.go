// Package absence owns what a personal calendar says about being away: which
// of its events count, when they happen in the person's own time, and how far
// a calendar may go. It reads iCalendar (RFC 5545) as Google, Outlook, Exchange
// and Apple write it. What an event is called is used to judge it and is not
// kept: a calendar says more about somebody than who stands in needs to know.
// It must not fetch, store or tell anything.
package absence

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
)

// Limits of one calendar. Beyond them it is refused, because part of a calendar
// would look like the whole of it.
const (
	MaxBytes     = 2 << 20
	MaxEvents    = 5_000
	MaxInstances = 2_000
	maxSteps     = 5_000_000 // days of rules that are looked at
	maxLength    = 3660 * 24 * time.Hour
)

// Horizon is how far events are expanded.
const Horizon = 180 * 24 * time.Hour

// Rule says how a calendar is read.
type Rule struct {
	// Zone is the person's: of whole days and of times that name no zone.
	Zone *time.Location
	// Words, separated by commas, of which an event must have one in its title,
	// categories or busy status. Empty: the default of counts.
	Words string
}

// Found is what a calendar says.
type Found struct {
	Away   []oncall.Stretch // in order, without overlaps
	Events int              // that the calendar has
	Notes  []string         // what was not understood, for its owner
}

// Read finds when the calendar's owner is away between the instants. An event
// that has begun before keeps its beginning. The error is fault.Invalid for
// what is no calendar, fault.TooLarge beyond a limit.
func Read(body []byte, r Rule, from, until time.Time) (Found, error) {
	if r.Zone == nil {
		r.Zone = time.UTC
	}
	cal, err := parse(body)
	if err != nil {
		return Found{}, err
	}
	x := &reading{rule: r, words: wordsOf(r.Words), from: from, until: until, notes: map[string]int{}, noted: map[string]bool{}, budget: maxSteps}
	x.zones = zonesOf(cal, x)
	events := x.events(cal)
	replaced := replacedBy(events)
	for _, e := range events {
		if !e.counts {
			continue
		}
		if err := x.expand(e, replaced[e.uid]); err != nil {
			return Found{}, err
		}
	}
	return Found{Away: Merge(x.away), Events: len(events), Notes: x.said()}, nil
}

// reading is one pass over a calendar.
type reading struct {
	rule        Rule
	words       []string
	from, until time.Time
	zones       map[string]clock
	away        []oncall.Stretch
	notes       map[string]int
	noted       map[string]bool // of the event at hand
	budget      int
}

// note counts each event once.
func (x *reading) note(text string) {
	if !x.noted[text] {
		x.noted[text] = true
		x.notes[text]++
	}
}

func (x *reading) said() []string {
	out := []string{}
	for text, n := range x.notes {
		out = append(out, fmt.Sprintf("%d of the events: %s", n, text))
	}
	slices.Sort(out)
	return out
}

// spend takes days that are looked at from what one calendar may cost.
func (x *reading) spend(days int) error {
	if x.budget -= days; x.budget < 0 {
		return fault.New(fault.TooLarge, "the calendar repeats too much to be laid out")
	}
	return nil
}

func (x *reading) add(s oncall.Stretch) error {
	if s.Empty() || !s.Until.After(x.from) || !s.From.Before(x.until) {
		return nil
	}
	if len(x.away) >= MaxInstances {
		return fault.New(fault.TooLarge, "more than %d absences in %d days", MaxInstances, Horizon/(24*time.Hour))
	}
	x.away = append(x.away, s)
	return nil
}

// Merge joins stretches that overlap or touch.
func Merge(all []oncall.Stretch) []oncall.Stretch {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b oncall.Stretch) int {
		if c := a.From.Compare(b.From); c != 0 {
			return c
		}
		return a.Until.Compare(b.Until)
	})
	out := []oncall.Stretch{}
	for _, s := range sorted {
		s.From, s.Until = s.From.UTC(), s.Until.UTC()
		if n := len(out); n > 0 && !s.From.After(out[n-1].Until) {
			if s.Until.After(out[n-1].Until) {
				out[n-1].Until = s.Until
			}
			continue
		}
		out = append(out, s)
	}
	return out
}

func wordsOf(list string) []string {
	var out []string
	for _, w := range strings.Split(strings.ToLower(list), ",") {
		if w = strings.TrimSpace(w); w != "" {
			out = append(out, w)
		}
	}
	return out
}
