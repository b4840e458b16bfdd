package oncall

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
)

func dayAt(n int) time.Time { return time.Date(2026, 3, n, 9, 0, 0, 0, time.UTC) }

// Every final state stays, whatever is answered afterwards, and a request is
// over when its stretch is.
// Clauses: TEAM-ROTATION
func TestRequestIsAnsweredOnce(t *testing.T) {
	answers := []RequestState{RequestAccepted, RequestDeclined, RequestWithdrawn}
	rapid.Check(t, func(t *rapid.T) {
		r := &Request{
			Kind: rapid.SampledFrom([]RequestKind{AskCover, OfferCover, SwapTurns}).Draw(t, "kind"), State: RequestOpen, Holder: "ana", Taker: "bo",
			Span: Stretch{dayAt(2), dayAt(4)}, Back: Stretch{dayAt(6), dayAt(8)},
		}
		now, final := dayAt(1), RequestState("")
		for range rapid.IntRange(1, 6).Draw(t, "answers") {
			now = now.Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "hours")) * time.Hour)
			to := rapid.SampledFrom(answers).Draw(t, "answer")
			err := r.Answer(to, "bo", "", now)
			open := final == "" && now.Before(r.Span.Until)
			if (err == nil) != open {
				t.Fatalf("at %v, having been %q: %v", now, final, err)
			}
			if err == nil {
				final = to
			} else if !fault.Is(err, fault.Conflict) {
				t.Fatalf("error is %v", err)
			}
			if final != "" && r.At(now) != final {
				t.Fatalf("was %s, is %s", final, r.At(now))
			}
		}
	})
}

// An accepted request makes exactly the taker be on call for what is left of
// the stretch, and changes nothing else.
// Clauses: TEAM-ROTATION
func TestOverridesOfARequest(t *testing.T) {
	s := &Schedule{TimeZone: "UTC", Layers: []Layer{{Members: []string{"ana", "bo"}, Start: "2026-03-02T09:00", Every: 2, Unit: "day"}}}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	r := &Request{Kind: SwapTurns, Holder: "ana", Taker: "bo", Span: Stretch{dayAt(2), dayAt(4)}, Back: Stretch{dayAt(4), dayAt(6)}, State: RequestOpen}
	now := dayAt(3)
	if err := r.Check(now); err != nil {
		t.Fatal(err)
	}
	next := s
	for _, o := range r.Overrides(now) {
		var err error
		if next, err = next.WithOverride(o); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		at   time.Time
		want string
	}{{dayAt(2), "ana"}, {dayAt(3).Add(-time.Second), "ana"}, {dayAt(3), "bo"}, {dayAt(4), "ana"}, {dayAt(6), "ana"}, {dayAt(8), "bo"}} {
		if got := next.At(c.at); !equal(got, []string{c.want}) {
			t.Errorf("at %v %v is on call, want %s", c.at, got, c.want)
		}
	}
}

func TestHolds(t *testing.T) {
	s := &Schedule{TimeZone: "UTC", Layers: []Layer{{Members: []string{"ana", "bo"}, Start: "2026-03-02T09:00", Every: 2, Unit: "day"}}}
	s, err := s.WithOverride(Override{From: dayAt(3), Until: dayAt(4), Person: "cy"})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		who  string
		in   Stretch
		want bool
	}{
		{"ana", Stretch{dayAt(2), dayAt(3)}, true},
		{"ana", Stretch{dayAt(2), dayAt(4)}, false}, // cy covers the second day
		{"cy", Stretch{dayAt(3), dayAt(4)}, true},
		{"bo", Stretch{dayAt(4), dayAt(7)}, false},  // ana follows
		{"ana", Stretch{dayAt(1), dayAt(3)}, false}, // nobody before the first handoff
	} {
		if got := s.Holds(c.who, c.in) == nil; got != c.want {
			t.Errorf("%s in %v: %v", c.who, c.in, s.Holds(c.who, c.in))
		}
		if who, ok := s.Holder(c.in); ok != c.want || ok && who != c.who {
			t.Errorf("holder of %v is %q, %v", c.in, who, ok)
		}
	}
}

func TestRequestThatMakesNoSense(t *testing.T) {
	now := dayAt(2)
	ok := Request{Kind: SwapTurns, Holder: "ana", Taker: "bo", Span: Stretch{dayAt(3), dayAt(4)}, Back: Stretch{dayAt(5), dayAt(6)}}
	if err := ok.Check(now); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(r *Request){
		"kind":           func(r *Request) { r.Kind = "loan" },
		"empty":          func(r *Request) { r.Span.Until = r.Span.From },
		"over":           func(r *Request) { r.Span = Stretch{dayAt(1), dayAt(2)} },
		"no way back":    func(r *Request) { r.Back = Stretch{} },
		"overlap":        func(r *Request) { r.Back.From = dayAt(3) },
		"nobody to swap": func(r *Request) { r.Taker = "" },
		"oneself":        func(r *Request) { r.Taker = "ana" },
		"long note":      func(r *Request) { r.Note = string(make([]byte, MaxNote+1)) },
	} {
		r := ok
		spoil(&r)
		if err := r.Check(now); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
