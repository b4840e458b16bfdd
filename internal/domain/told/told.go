// Package told owns the judgement of who was told in time: the first public post, and
// each affected customer by the procedure or its contract (OBJ-COMM100). It must not
// send or store anything.
package told

import (
	"slices"
	"time"
)

// State is where a promise to tell somebody stands.
type State string

// The states of a promise.
const (
	InTime  State = "in_time"
	Late    State = "late"    // told, after the time
	Waiting State = "waiting" // not told, and there is time
	Missed  State = "missed"  // not told, and the time is over
)

// Promise is one instant by which somebody has to be told. An answer at the instant
// is in time.
type Promise struct {
	Due time.Time
	At  time.Time // when it was; zero: not yet
}

// State is how the promise stands at now.
func (p Promise) State(now time.Time) State {
	switch {
	case p.At.IsZero() && now.After(p.Due):
		return Missed
	case p.At.IsZero():
		return Waiting
	case p.At.After(p.Due):
		return Late
	}
	return InTime
}

// Customer is one affected customer of an incident.
type Customer struct {
	ID, Name string
	Promise
	Contract bool // the time is the contract's, not the procedure's
	Contacts int  // who can be told by mail or text message
	Accepted int  // mails and text messages that a provider took
	Failed   int
	By       string // the channel of the first; empty: none
	State    State
}

// Share counts promises.
type Share struct {
	InTime int `json:"in_time"`
	Kept   int `json:"judged"` // those whose time is over, or that were kept
}

// Percent is the share in per cent with one decimal, rounded down, so that 100 is
// reached by all of them alone; 100 of none.
func (s Share) Percent() float64 {
	if s.Kept == 0 {
		return 100
	}
	return float64(s.InTime*1000/s.Kept) / 10
}

// Add counts one promise; what is still waiting is not judged.
func (s *Share) Add(x State) {
	if x == Waiting {
		return
	}
	s.Kept++
	if x == InTime {
		s.InTime++
	}
}

// Plus adds another share.
func (s Share) Plus(o Share) Share { return Share{s.InTime + o.InTime, s.Kept + o.Kept} }

// ByUrgency puts those first of whom something is to be done, the earliest due first.
func ByUrgency(cs []Customer) {
	rank := map[State]int{Missed: 0, Waiting: 1, Late: 2, InTime: 3}
	slices.SortStableFunc(cs, func(a, b Customer) int {
		if a.State != b.State {
			return rank[a.State] - rank[b.State]
		}
		return a.Due.Compare(b.Due)
	})
}
