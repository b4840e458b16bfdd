package oncall

import (
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/recur"
)

// RequestKind is what somebody asks for.
type RequestKind string

// The kinds. Each ends in one override, a swap in two.
const (
	AskCover   RequestKind = "cover" // the holder asks somebody, or anybody, to take a stretch
	OfferCover RequestKind = "offer" // somebody offers the holder to take it
	SwapTurns  RequestKind = "swap"  // two people exchange stretches
	TakeNow    RequestKind = "take"  // somebody takes over at once
)

// RequestState is where a request stands.
type RequestState string

// The states; all but open are final.
const (
	RequestOpen      RequestState = "open"
	RequestAccepted  RequestState = "accepted"
	RequestDeclined  RequestState = "declined"
	RequestWithdrawn RequestState = "withdrawn"
	RequestExpired   RequestState = "expired" // nobody answered before the stretch was over
)

// MaxNote bounds what people write to each other, in bytes.
const MaxNote = 1000

// Stretch is a time, half-open.
type Stretch struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

// Empty reports whether the stretch has no length.
func (s Stretch) Empty() bool { return !s.From.Before(s.Until) }

// Overlaps reports whether both share an instant.
func (s Stretch) Overlaps(o Stretch) bool { return s.From.Before(o.Until) && o.From.Before(s.Until) }

// After is what is left of the stretch at now.
func (s Stretch) After(now time.Time) Stretch {
	return Stretch{From: recur.Later(s.From, now), Until: s.Until}
}

// Request is one person's wish to change who is on call. Holder is on call in
// Span and Taker is to be; in a swap Taker is on call in Back and Holder is to
// be.
type Request struct {
	ID         ident.ID
	Kind       RequestKind
	Schedule   string
	Span       Stretch
	Back       Stretch // of a swap
	Holder     string
	Taker      string // empty: whoever accepts
	State      RequestState
	Note       string
	AskedBy    string // actor: the person, or who acts for them
	AskedAt    time.Time
	AnsweredBy string
	AnsweredAt time.Time
	Reason     string // of a refusal
}

// At returns the state at now: a request that nobody answered ends with its
// stretch.
func (r *Request) At(now time.Time) RequestState {
	if r.State == RequestOpen && (!now.Before(r.Span.Until) || r.Kind == SwapTurns && !now.Before(r.Back.Until)) {
		return RequestExpired
	}
	return r.State
}

// Asker is who wants the change.
func (r *Request) Asker() string {
	if r.Kind == OfferCover || r.Kind == TakeNow {
		return r.Taker
	}
	return r.Holder
}

// Answerer is whose answer it waits for; empty: anybody's but the holder's.
func (r *Request) Answerer() string {
	if r.Kind == OfferCover {
		return r.Holder
	}
	return r.Taker
}

// Check refuses a request that makes no sense whoever the people are.
func (r *Request) Check(now time.Time) error {
	wrong := fault.New(fault.Invalid, "ask for a change of schedule %s: the request makes no sense", r.Schedule)
	bad := func(where, what string) { wrong = wrong.With(where, what) }
	switch r.Kind {
	case AskCover, OfferCover, TakeNow, SwapTurns:
	default:
		bad("/kind", "want cover, offer, swap or take")
	}
	if r.Span.Empty() {
		bad("/until", "must be after from")
	} else if !r.Span.Until.After(now) {
		bad("/until", "must be after now")
	}
	if swap := r.Kind == SwapTurns; swap && (r.Back.Empty() || !r.Back.Until.After(now)) {
		bad("/back_until", "a swap names the other turn, which must not be over")
	} else if swap && r.Back.Overlaps(r.Span) {
		bad("/back_from", "the two turns overlap")
	}
	if r.Kind == SwapTurns && r.Taker == "" {
		bad("/taker", "a swap names the other person")
	}
	if r.Taker != "" && r.Taker == r.Holder {
		bad("/taker", "nobody covers for themselves")
	}
	if len(r.Note) > MaxNote {
		bad("/note", "is too long")
	}
	if len(wrong.Details) > 0 {
		return wrong
	}
	return nil
}

// Answer ends an open request. Errors are of kind fault.Conflict.
func (r *Request) Answer(to RequestState, by, reason string, now time.Time) error {
	if at := r.At(now); at != RequestOpen {
		return fault.New(fault.Conflict, "answer request %s: it is %s already", r.ID, at)
	}
	if to == RequestDeclined && r.Answerer() == "" {
		return fault.New(fault.Conflict, "decline request %s: it was put to everybody; only who asked can withdraw it", r.ID)
	}
	if to == RequestAccepted && (r.Taker == "" || r.Taker == r.Holder) {
		return fault.New(fault.Conflict, "accept request %s: somebody other than %s must take it", r.ID, r.Holder)
	}
	r.State, r.AnsweredBy, r.Reason, r.AnsweredAt = to, by, reason, now
	return nil
}

// Overrides are what an accepted request changes. What is past stays as it was.
func (r *Request) Overrides(now time.Time) []Override {
	span := r.Span.After(now)
	out := []Override{{From: span.From, Until: span.Until, Person: r.Taker}}
	if r.Kind == SwapTurns {
		back := r.Back.After(now)
		out = append(out, Override{From: back.From, Until: back.Until, Person: r.Holder})
	}
	return out
}

// Holds returns nil when the person is on call through the whole stretch;
// otherwise a fault.Conflict that says who is, and from when. That is also what
// refuses a second override over the first.
func (s *Schedule) Holds(person string, in Stretch) error {
	for p := range s.Timeline(in.From, in.Until) {
		if p.Person == person {
			continue
		}
		who := p.Person
		if who == "" {
			who = "nobody"
		}
		return fault.New(fault.Conflict, "%s is not on call from %s: %s is", person, p.Start.Format(time.RFC3339), who)
	}
	return nil
}

// Holder is the one person who is on call through the whole stretch, false when
// it changes hands or has a gap.
func (s *Schedule) Holder(in Stretch) (string, bool) {
	who := s.At(in.From)
	if len(who) == 0 || s.Holds(who[0], in) != nil {
		return "", false
	}
	return who[0], true
}
