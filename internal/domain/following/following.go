// Package following owns how the public state of a component follows the alerts of its
// services (PLT-SP-AUTO): what alerts mean for it, how long they must say so before it
// changes, what waits for somebody's approval, and that what a person has set stands
// until it is released. It must not know an alert or an incident.
package following

import (
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/status"
)

// Mode is what follows by itself.
type Mode string

// The modes.
const (
	Off     Mode = "off"     // nothing: posts and people alone change components
	Approve Mode = "approve" // a change is proposed and waits for a person
	Auto    Mode = "auto"    // components follow
)

// Rules are how components follow.
type Rules struct {
	Mode Mode `json:"mode"`
	// After is how long alerts must say that a component is worse before it is shown,
	// Restore the same for better: one alert that flaps changes nothing.
	After   recur.Span `json:"after"`
	Restore recur.Span `json:"restore"`
	// Early follows alerts of incidents that nobody has declared yet too. Reading 3
	// keeps what leaves the on-call circle until declaration.
	Early bool `json:"early,omitempty"`
	// States is what an alert of the source's word (critical, error, warning, info)
	// makes of its component. A word that is missing makes nothing of it.
	States map[string]status.ComponentStatus `json:"states"`
}

// Default are the rules of an installation that has set none.
func Default() Rules {
	return Rules{
		Mode: Auto, After: recur.Span{Duration: time.Minute}, Restore: recur.Span{Duration: 5 * time.Minute},
		States: map[string]status.ComponentStatus{"critical": status.DegradedPerformance, "error": status.DegradedPerformance},
	}
}

const maxWait = 24 * time.Hour

// Validate refuses rules that mean nothing.
func (r Rules) Validate() error {
	bad := fault.New(fault.Invalid, "these rules cannot be followed")
	switch r.Mode {
	case Off, Approve, Auto:
	default:
		return bad.With("mode", "use off, approve or auto")
	}
	for where, s := range map[string]recur.Span{"after": r.After, "restore": r.Restore} {
		if s.Business() || s.Elapsed() < 0 || s.Elapsed() > maxWait {
			return bad.With(where, "a time of at most a day, such as 2m")
		}
	}
	for word, s := range r.States {
		if !strings.Contains(" critical error warning info ", " "+word+" ") || word == "" || !s.Valid() || s == status.UnderMaintenance {
			return bad.With("states."+word, "map critical, error, warning and info to operational, degraded_performance, partial_outage or major_outage")
		}
	}
	return nil
}

// Means is what an alert with the source's word makes of its component.
func (r Rules) Means(word string) status.ComponentStatus {
	if s, ok := r.States[word]; ok {
		return s
	}
	return status.Operational
}

// State is how one component follows. The zero value is operational.
type State struct {
	Seen   status.ComponentStatus `json:"seen,omitempty"` // what alerts say
	SeenAt time.Time              `json:"seen_at,omitzero"`
	Shown  status.ComponentStatus `json:"shown,omitempty"` // what is shown for it
	Draft  status.ComponentStatus `json:"draft,omitempty"` // what waits to be approved; empty: nothing
	Since  time.Time              `json:"since,omitzero"`  // when Shown or Draft came to be
	Hand   *Hand                  `json:"hand,omitempty"`  // what a person has set
}

// Hand is what a person has set.
type Hand struct {
	Status status.ComponentStatus `json:"status"`
	By     string                 `json:"by"`
	Reason string                 `json:"reason,omitempty"`
	At     time.Time              `json:"at"`
}

func or(s status.ComponentStatus) status.ComponentStatus {
	if s == "" {
		return status.Operational
	}
	return s
}

// Status is what the page shows for it, before posts and work are looked at. byHand
// says that it stands whatever those say.
func (s *State) Status() (_ status.ComponentStatus, byHand bool) {
	if s.Hand != nil {
		return s.Hand.Status, true
	}
	return or(s.Shown), false
}

// Observe takes in what alerts say now and does what is due. changed says that what is
// shown, or what waits, is another than before; next is when to look again, zero when
// nothing is to come.
func (s *State) Observe(r Rules, seen status.ComponentStatus, now time.Time) (changed bool, next time.Time) {
	if seen != or(s.Seen) {
		s.Seen, s.SeenAt = seen, now
	}
	was, draft := or(s.Shown), s.Draft
	switch {
	case r.Mode == Off:
		s.Shown, s.Draft = status.Operational, ""
	case or(s.Seen) == was:
		s.Draft = "" // it went away before it was shown
	default:
		wait := r.After
		if s.Seen.Rank() < was.Rank() {
			wait = r.Restore
		}
		due := s.SeenAt.Add(wait.Elapsed())
		if due.After(now) {
			return false, due
		}
		if r.Mode == Approve {
			s.Draft = s.Seen
		} else {
			s.Shown, s.Draft = s.Seen, ""
		}
	}
	if changed = or(s.Shown) != was || s.Draft != draft; changed {
		s.Since = now
	}
	return changed, time.Time{}
}

// Answer takes what waits, or leaves things as they are until alerts say something else.
func (s *State) Answer(yes bool, now time.Time) error {
	if s.Draft == "" {
		return fault.New(fault.Conflict, "nothing waits for this component")
	}
	if yes {
		s.Shown = s.Draft
	} else {
		s.Seen = or(s.Shown)
	}
	s.Draft, s.Since = "", now
	return nil
}
