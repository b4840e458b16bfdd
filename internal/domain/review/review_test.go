package review_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/review"
)

var (
	rule = &procedure.Review{From: span("48h"), Until: span("72h"), Length: span("1h"), Agenda: []procedure.AgendaItem{{ID: "one", Title: "One"}, {ID: "two", Title: "Two"}}}
	t0   = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC) // a Monday
)

func span(s string) recur.Span {
	v, err := recur.ParseSpan(s)
	if err != nil {
		panic(err)
	}
	return v
}

func at(s string) time.Time {
	t, err := time.Parse("2006-01-02T15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

// Clauses: PIR-MTG
// Reading 23
func TestWhereTheMeetingIsPlaced(t *testing.T) {
	holiday := recur.Default()
	holiday.Holidays = map[recur.Date]bool{{Year: 2026, Month: 3, Day: 4}: true}
	for _, c := range []struct {
		resolved, want string
		cal            *recur.Calendar
		exception      bool
	}{
		{"2026-03-02T10:00", "2026-03-04T10:00", recur.Default(), false},
		{"2026-03-02T10:01", "2026-03-04T10:15", recur.Default(), false}, // a quarter of an hour
		{"2026-03-02T16:30", "2026-03-05T09:00", recur.Default(), false}, // no room for an hour that day
		{"2026-03-02T03:00", "2026-03-04T09:00", recur.Default(), false},
		{"2026-03-04T12:00", "2026-03-06T12:00", recur.Default(), false},
		{"2026-03-05T10:00", "2026-03-09T09:00", recur.Default(), true},  // Saturday to Sunday
		{"2026-03-06T10:00", "2026-03-09T09:00", recur.Default(), false}, // Sunday to Monday
		{"2026-03-04T16:30", "2026-03-09T09:00", recur.Default(), true},  // Friday evening to Saturday
		{"2026-03-02T10:00", "2026-03-05T09:00", holiday, false},
	} {
		w := review.Place(rule, at(c.resolved), at(c.resolved), c.cal)
		if !w.Slot.Equal(at(c.want)) || (w.Exception != "") != c.exception {
			t.Errorf("resolved %s: %s (%q), want %s", c.resolved, w.Slot, w.Exception, c.want)
		}
		if !w.Fits(w.Slot) || !w.Fits(w.From) || !w.Fits(w.Until) || w.Fits(w.From.Add(-time.Second)) {
			t.Errorf("resolved %s: the window does not fit itself", c.resolved)
		}
	}
}

// A meeting that is planned when its window is over lies ahead, and says so.
func TestALateMeetingIsPlacedAhead(t *testing.T) {
	late := at("2026-03-16T10:05")
	w := review.Place(rule, at("2026-03-02T10:00"), late, recur.Default())
	if want := at("2026-03-16T10:15"); !w.Slot.Equal(want) || !strings.Contains(w.Exception, "was over") {
		t.Errorf("%s (%q), want %s with the exception", w.Slot, w.Exception, want)
	}
	w = review.Place(rule, at("2026-03-02T10:00"), at("2026-03-05T08:00"), recur.Default())
	if want := at("2026-03-05T09:00"); !w.Slot.Equal(want) || w.Exception != "" {
		t.Errorf("in the window: %s (%q), want %s", w.Slot, w.Exception, want)
	}
}

// Whenever an incident is resolved, the proposed meeting lies in business hours and
// not before the window; without an exception it begins inside it.
//
// Clauses: PIR-MTG
func TestTheProposedSlotIsAlwaysGood(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		resolved := t0.Add(time.Duration(rapid.IntRange(0, 60*24*60).Draw(t, "minutes")) * time.Minute)
		cal := recur.Default()
		w := review.Place(rule, resolved, resolved, cal)
		if w.Slot.Before(w.From) || !cal.Open(w.Slot) || cal.EndOfDay(w.Slot).Sub(w.Slot) < time.Hour {
			t.Fatalf("resolved %s: %s", resolved, w.Slot)
		}
		if (w.Exception == "") != !w.Slot.After(w.Until) {
			t.Fatalf("resolved %s: %s, exception %q", resolved, w.Slot, w.Exception)
		}
	})
}

func TestPlanningTheMeeting(t *testing.T) {
	w := review.Place(rule, t0, t0, recur.Default())
	for _, c := range []struct {
		start  time.Time
		reason string
		ok     bool
	}{
		{t0.Add(48 * time.Hour), "", true},
		{t0.Add(72 * time.Hour), "", true},
		{t0.Add(48*time.Hour - time.Minute), "", false},
		{t0.Add(73 * time.Hour), " ", false},
		{t0.Add(73 * time.Hour), "a strike", true},
		{t0.Add(-time.Hour), "why not", false},
	} {
		var r review.Review
		err := r.Plan(w, c.start, time.Hour, c.reason, "ana", t0)
		if (err == nil) != c.ok || err != nil && !fault.Is(err, fault.Invalid) {
			t.Errorf("%s %q: %v", c.start, c.reason, err)
		}
	}
}

// A review is ready when nothing is missing, and says what is.
//
// Clauses: PIR-IMM-TL-2, PIR-IMM-RCA-1, PIR-IMM-RCA-2
func TestWhatIsMissing(t *testing.T) {
	whole := func() *review.Review {
		return &review.Review{Record: review.Record{
			Owner: "ana", Cause: review.Cause{Text: "a key", ValidatedAt: t0}, NoFactors: "none", Meeting: review.Meeting{HeldAt: t0},
			Agenda: map[string]review.Minutes{"one": {Notes: "a"}, "two": {Decided: "b"}}, NoActions: "a plain mistake",
		}}
	}
	around := review.Around{Decisions: []review.Decision{{What: "roll back", Rationale: "it is quick"}}}
	if got := whole().Missing(rule, around); len(got) != 0 || whole().State(got) != review.Ready {
		t.Errorf("missing %+v", got)
	}
	for where, change := range map[string]func(*review.Review, *review.Around){
		"owner":     func(r *review.Review, _ *review.Around) { r.Owner = "" },
		"cause":     func(r *review.Review, _ *review.Around) { r.Cause.ValidatedAt = time.Time{} },
		"factors":   func(r *review.Review, _ *review.Around) { r.NoFactors = "" },
		"meeting":   func(r *review.Review, _ *review.Around) { r.Meeting.HeldAt = time.Time{} },
		"agenda":    func(r *review.Review, _ *review.Around) { delete(r.Agenda, "two") },
		"actions":   func(r *review.Review, _ *review.Around) { r.NoActions = "" },
		"tasks":     func(_ *review.Review, a *review.Around) { a.Gates = []string{"Knowledge"} },
		"decisions": func(_ *review.Review, a *review.Around) { a.Decisions = []review.Decision{{What: "fail over"}} },
	} {
		r, a := whole(), around
		change(r, &a)
		got := r.Missing(rule, a)
		if len(got) != 1 || got[0].Where != where || r.State(got) != review.Open {
			t.Errorf("%s: missing %+v", where, got)
		}
		if err := r.Sign(got, "ana", t0); !fault.Is(err, fault.Conflict) || r.State(got) == review.Signed {
			t.Errorf("%s: signed off: %v", where, err)
		}
	}
	r := whole()
	if err := r.Sign(nil, "ana", t0); err != nil || r.State(nil) != review.Signed {
		t.Errorf("signed off: %v", err)
	}
	for name, err := range map[string]error{
		"cause": r.Name("other", "change", "ana", t0), "factors": r.SetFactors(nil, "none", "ana", t0), "rate": r.Rate(3, "", "ana", t0),
		"assess": r.Assess("technical", "x", "ana", t0), "hear": r.Hear(review.Feedback{Rating: 3}), "ask": r.Ask(nil, nil, nil), "again": r.Sign(nil, "ana", t0),
	} {
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%s after the sign-off: %v", name, err)
		}
	}
}

func TestInputThatIsRefused(t *testing.T) {
	long := strings.Repeat("é", 10_001)
	var r review.Review
	for name, err := range map[string]error{
		"no cause":          r.Name(" ", "change", "ana", t0),
		"no category":       r.Name("a key", "weather", "ana", t0),
		"long":              r.Name(long, "change", "ana", t0),
		"no factor":         r.SetFactors(nil, " ", "ana", t0),
		"both":              r.SetFactors([]review.Factor{{Sort: "tool", Text: "x"}}, "none", "ana", t0),
		"sort":              r.SetFactors([]review.Factor{{Sort: "luck", Text: "x"}}, "", "ana", t0),
		"part":              r.Assess("moral", "x", "ana", t0),
		"stars":             r.Rate(6, "", "ana", t0),
		"empty feedback":    r.Hear(review.Feedback{From: "bo"}),
		"gaps":              r.CheckTimeline("", 1, "ana", t0),
		"guest":             r.Ask(nil, nil, []review.Guest{{Name: "A", Email: "A <a@b.example>"}}),
		"guest header":      r.Ask(nil, nil, []review.Guest{{Name: "A", Email: "a@b.example\r\nBcc: c@d.example"}}),
		"follow-up is past": r.Follow(t0, "ana", "ana", t0),
		"minutes":           r.Minute(rule, "one", review.Minutes{Took: -1}),
	} {
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := r.Validate("x", "ana", t0); !fault.Is(err, fault.Conflict) {
		t.Errorf("validated without a cause: %v", err)
	}
	if err := r.Minute(rule, "three", review.Minutes{Notes: "x"}); !fault.Is(err, fault.NotFound) {
		t.Errorf("an item that is not on the agenda: %v", err)
	}
}

// Another cause than the one that was validated is preliminary again.
//
// Clauses: PIR-IMM-RCA-1
func TestAnotherCauseIsPreliminary(t *testing.T) {
	var r review.Review
	if err := r.Name("a key", "change", "ana", t0); err != nil {
		t.Fatal(err)
	}
	if err := r.Validate("reproduced", "bo", t0); err != nil || !r.Cause.Valid() {
		t.Fatal(err)
	}
	if err := r.Name("a key", "change", "ana", t0); err != nil || !r.Cause.Valid() {
		t.Errorf("the same cause: %v, %+v", err, r.Cause)
	}
	if err := r.Name("a bug", "software", "ana", t0); err != nil || r.Cause.Valid() {
		t.Errorf("another: %v, %+v", err, r.Cause)
	}
}

// Clauses: PIR-IMM-TL-1
func TestGaps(t *testing.T) {
	e := func(k event.Kind, m int) event.Event {
		return event.Event{Kind: k, At: t0.Add(time.Duration(m) * time.Minute)}
	}
	all := []event.Event{
		e(event.Opened, 0), e(event.Noted, 15), e(event.Automatic, 20), e(event.DeadlineBreached, 25), e(event.Noted, 31), e(event.Noted, 32),
		e(event.Noted, 200),
	}
	got := review.Gaps(all, t0, t0.Add(60*time.Minute), 15*time.Minute)
	want := []review.Gap{{t0.Add(15 * time.Minute), t0.Add(31 * time.Minute)}, {t0.Add(32 * time.Minute), t0.Add(60 * time.Minute)}}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	mixed := []event.Event{e(event.Noted, 5), e(event.Opened, 0), e(event.Engaged, 5)}
	if o := review.Chronological(mixed); o[0].Kind != event.Opened || o[1].Kind != event.Noted || o[2].Kind != event.Engaged {
		t.Errorf("%v", o)
	}
}

// The time of impact leaves out what lay between a resolution that did not hold and
// the reopening; each account is hurt for all of it.
//
// Clauses: PIR-IMM-IMP-1
// Reading 21
func TestTheTimeOfImpact(t *testing.T) {
	i := &incident.Incident{
		DetectedAt: t0, ImpactAt: t0.Add(-10 * time.Minute), ResolvedAt: t0.Add(3 * time.Hour),
		Regressions: []incident.Regression{{ResolvedAt: t0.Add(time.Hour), ReopenedAt: t0.Add(2 * time.Hour)}},
	}
	all := i.Hurt(t0.Add(9 * time.Hour))
	if got := incident.Total(all); got != 130*time.Minute {
		t.Errorf("%s", got)
	}
	acc := review.Accounts([]catalog.Customer{{ID: "acme", Region: "eu", ARR: 8760, Contract: catalog.Contract{UptimePercent: 99.9}}, {ID: "bolt"}}, all, 0.5)
	a := acc[0]
	if a.Minutes != 130 || a.Region != "eu" || math.Abs(a.Allowed-44.64) > 1e-9 || math.Abs(a.AllowedUsed-130/44.64) > 1e-9 || math.Abs(a.AtRisk-130.0/60*0.5) > 1e-9 {
		t.Errorf("%+v", a)
	}
	if b := acc[1]; b.Allowed != 0 || b.AtRisk != 0 || b.Minutes != 130 {
		t.Errorf("%+v", b)
	}
}

// A metric that is half as bad again an hour after as it was at the same hour before
// is not back to its baseline; peak and mean during the incident are shown.
//
// Clauses: PIR-IMM-IMP-3, MON-ENH-BASE
func TestDegradation(t *testing.T) {
	limit, floor := 5.0, 0.99
	rules := []procedure.MetricRule{
		{ID: "response-time", Name: "response time", Measure: procedure.Latest, Metric: "app_response_time", Above: &limit, Unit: "s"},
		{ID: "up", Name: "up", Measure: procedure.Latest, Metric: "up", Below: &floor},
		{ID: "query", Measure: procedure.Query, Query: "x"},
	}
	begun, over := t0, t0.Add(40*time.Minute)
	spans := review.SpansOf([]incident.Span{{From: begun, Until: over}}, t0.Add(24*time.Hour))
	if !spans.Before.From.Equal(over.Add(-24*time.Hour)) || !spans.After.Until.Equal(over.Add(time.Hour)) {
		t.Fatalf("%+v", spans)
	}
	for want, after := range map[string]float64{review.NotBack: 1.5, review.Back: 1.1} {
		value := func(name string, at time.Time) float64 {
			bad := !at.Before(begun) && at.Before(over)
			switch {
			case name == "up" && bad:
				return 0.5
			case name == "up":
				return 1
			case bad && at.Sub(begun) < 10*time.Minute:
				return 30
			case bad:
				return 10
			case at.Before(begun):
				return 1
			}
			return after
		}
		got, err := review.Degradations(rules, spans, func(r *procedure.MetricRule, in incident.Span) ([]metric.Series, error) {
			s := metric.Series{Service: "auth", Name: r.Metric}
			for at := in.From.Add(-time.Hour).Truncate(time.Minute); !at.After(in.Until); at = at.Add(time.Minute) {
				s.Points = append(s.Points, metric.Point{At: at, Value: value(r.Metric, at)})
			}
			return []metric.Series{s}, nil
		})
		if err != nil || len(got) != 2 {
			t.Fatalf("%+v, %v", got, err)
		}
		d := got[0]
		if d.Verdict != want || d.During.Peak != 30 || d.During.Mean < 14 || d.During.Mean > 16 || d.Before.Mean != 1 || math.Abs(d.After.Mean-after) > 0.01 {
			t.Errorf("%+v", d)
		}
		if u := got[1]; !u.Lower || u.During.Peak != 0.5 || u.Verdict != review.Back {
			t.Errorf("%+v", u)
		}
	}
	none, err := review.Degradations(rules, spans, func(*procedure.MetricRule, incident.Span) ([]metric.Series, error) { return nil, nil })
	if err != nil || len(none) != 0 {
		t.Errorf("%+v, %v", none, err)
	}
}

// The baseline hour is over before the impact began, however long it lasted.
func TestTheBaselineLiesBeforeTheImpact(t *testing.T) {
	s := review.SpansOf([]incident.Span{{From: t0, Until: t0.Add(50 * time.Hour)}}, t0.Add(500*time.Hour))
	if s.Before.Until.After(t0) || s.Before.From.Hour() != s.After.From.Hour() {
		t.Errorf("%+v", s)
	}
}

func TestSentiment(t *testing.T) {
	for text, want := range map[string]float64{
		"Thanks, that was quick": 1, "Your service is down again, terrible": -1, "It is not working": -1, "not bad at all": 0, "It’s great but slow": 0.5,
	} {
		got, ok := review.Sentiment(text)
		if !ok || math.Abs(got-want) > 1e-9 {
			t.Errorf("%q: %g %v, want %g", text, got, ok, want)
		}
	}
	if _, ok := review.Sentiment("We have an account with you."); ok {
		t.Error("a text without a word of the lexicon is judged")
	}
}

// Complaints during the incident lower its score against the time before.
func TestListening(t *testing.T) {
	in := incident.Span{From: t0, Until: t0.Add(time.Hour)}
	m := review.Listen([]review.Said{
		{At: t0.Add(-time.Hour), Kind: "mention", Text: "great product"},
		{At: t0.Add(-48 * time.Hour), Kind: "mention", Text: "terrible"},
		{At: t0.Add(time.Minute), Kind: "ticket", Text: "down, terrible"},
		{At: t0.Add(2 * time.Hour), Kind: "feedback", Text: "thanks for the quick fix"},
	}, in)
	if m.Before.Score != 1 || m.During.Score != -1 || m.After.Score != 1 || m.Before.Mentions != 1 || m.During.Tickets != 1 || m.After.Feedback != 1 {
		t.Errorf("%+v", m)
	}
}

func FuzzSentiment(f *testing.F) {
	f.Add("not great")
	f.Add("\xff down ’")
	f.Fuzz(func(t *testing.T, text string) {
		if v, _ := review.Sentiment(text); v < -1 || v > 1 || math.IsNaN(v) {
			t.Errorf("%q: %g", text, v)
		}
	})
}

// A customer of 87,600 dollars a year for 90 minutes at half the loss is 7.50; credits
// and other costs come on top, and other currencies stand beside.
//
// Clauses: PIR-IMM-IMP-2
func TestWhatItCosts(t *testing.T) {
	from := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	accounts := review.Accounts([]catalog.Customer{{ID: "acme", ARR: 87_600}}, []incident.Span{{From: from, Until: from.Add(90 * time.Minute)}}, 0.5)
	got := review.FinancesOf(accounts, []review.Cost{{Currency: "USD", Credits: 12_346, Manual: -2_000}, {Currency: "EUR", Credits: 99}})
	if math.Abs(got.AtRisk-7.5) > 1e-9 || math.Abs(got.Total-(7.5+123.46-20)) > 1e-9 || len(got.Costs) != 2 {
		t.Errorf("%+v", got)
	}
}
