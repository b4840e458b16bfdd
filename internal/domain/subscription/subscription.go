// Package subscription owns the readers of the status page who want to be told:
// what an address is, what they want, by which links and codes they show that an
// address is theirs, and the words they are sent (PLT-SP-SUBS). It must not know
// internal incidents or people, and does no I/O.
package subscription

import (
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Channel is how somebody is told.
type Channel string

// The channels. Feeds and calendars need no subscription.
const (
	Email   Channel = "email"
	SMS     Channel = "sms"
	Webhook Channel = "webhook"
)

// Channels lists them in the order in which they are offered.
var Channels = []Channel{Email, SMS, Webhook}

// Kind is what somebody wants to be told of.
type Kind string

// The kinds.
const (
	Incidents   Kind = "incidents"
	Maintenance Kind = "maintenance"
)

// Kinds lists them.
var Kinds = []Kind{Incidents, Maintenance}

// State is where a subscription stands.
type State string

// The states. A subscription that ended has no row.
const (
	Pending   State = "pending"   // nobody has shown yet that the address is theirs
	Confirmed State = "confirmed" // gets updates
	Paused    State = "paused"    // the address refuses what we send; confirming again goes on
)

// States lists them.
var States = []State{Pending, Confirmed, Paused}

// Times.
const (
	// ConfirmWithin is how long a subscription waits to be confirmed before it
	// is forgotten.
	ConfirmWithin = 3 * 24 * time.Hour
	// maxComponents bounds a choice; a page has fewer.
	maxComponents = 200
)

// Choice is what a subscriber wants.
type Choice struct {
	Components []string `json:"components,omitempty"` // public ids; none: all of them
	Kinds      []Kind   `json:"kinds,omitempty"`      // none: both
	Lang       string   `json:"lang,omitempty"`       // BCP 47; empty: English
}

// Subscriber is one address that is told.
type Subscriber struct {
	ID          ident.ID  `json:"-"`
	Page        string    `json:"-"` // "" for the public page, else the customer whose private page it is
	Channel     Channel   `json:"-"`
	Address     string    `json:"-"` // normalised, see Normalise
	State       State     `json:"-"`
	CreatedAt   time.Time `json:"-"`
	ConfirmedAt time.Time `json:"-"`
	ExpiresAt   time.Time `json:"-"` // of a pending one

	Choice
	Asks     int64     `json:"asks"`               // how often the address was entered; numbers its code
	AskedAt  time.Time `json:"asked_at,omitzero"`  // the last time
	Failures int       `json:"failures,omitempty"` // sends in a row that were given up
	Problem  string    `json:"problem,omitempty"`  // why it is paused
	PausedAt time.Time `json:"paused_at,omitzero"`
	Imported bool      `json:"imported,omitempty"` // confirmed elsewhere, on somebody's word
}

// Clean keeps of a choice what a page offers and refuses what is too much.
func (c Choice) Clean(offered []string) (Choice, error) {
	if len(c.Components) > maxComponents || len(c.Kinds) > len(Kinds) || len(c.Lang) > 35 {
		return c, fault.New(fault.Invalid, "choose what to be told of: that is too much").With("components", "at most 200")
	}
	out := Choice{Lang: c.Lang}
	for _, id := range c.Components {
		if !slices.Contains(offered, id) {
			return c, fault.New(fault.Invalid, "choose what to be told of: there is no such component").With("components", "choose those of the page")
		}
		if !slices.Contains(out.Components, id) {
			out.Components = append(out.Components, id)
		}
	}
	for _, k := range Kinds {
		if slices.Contains(c.Kinds, k) {
			out.Kinds = append(out.Kinds, k)
		}
	}
	if len(out.Kinds) == len(Kinds) {
		out.Kinds = nil
	}
	if len(out.Components) == len(offered) {
		out.Components = nil // all of them, those to come too
	}
	return out, nil
}

// Wants reports whether the subscriber is told of a notice: of the public page, which
// every private page shows too, or of its own private page. A notice that names no
// component concerns everybody.
func (s *Subscriber) Wants(n *Notice) bool {
	if s.State != Confirmed || n.Page != "" && s.Page != n.Page {
		return false
	}
	if len(s.Kinds) > 0 && !slices.Contains(s.Kinds, n.Kind) {
		return false
	}
	return len(s.Components) == 0 || len(n.Parts) == 0 ||
		slices.ContainsFunc(n.Parts, func(p Part) bool { return slices.Contains(s.Components, p.ID) })
}

// giveUp is after how many sends in a row that were given up an address is left
// alone. A mailbox or number that refuses twice is gone; an endpoint may be
// under repair for a while.
func (c Channel) giveUp() int {
	if c == Webhook {
		return 5
	}
	return 2
}

// Failed counts a send that was given up. gone says that the provider knows that
// the address is no more. It reports whether the subscription is paused by it.
func (s *Subscriber) Failed(why string, gone bool, now time.Time) bool {
	s.Failures++
	if s.State != Confirmed || !gone && s.Failures < s.Channel.giveUp() {
		return false
	}
	s.State, s.Problem, s.PausedAt = Paused, why, now.UTC()
	return true
}

// Confirm makes the subscription count from now on.
func (s *Subscriber) Confirm(now time.Time) {
	if s.State != Confirmed {
		s.State, s.ConfirmedAt = Confirmed, now.UTC()
	}
	s.ExpiresAt, s.Failures, s.Problem, s.PausedAt = time.Time{}, 0, "", time.Time{}
}
