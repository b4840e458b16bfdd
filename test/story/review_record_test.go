package story_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/review"
	flow "allclear/internal/flow/review"
	"allclear/test/story"
)

// What a review shows of the incident is what the record says: the clocks as they
// ended, the pages as they were answered, and the time each customer was hurt.
//
// Clauses: PIR-IMM-TL-1, PIR-IMM-IMP-1, PIR-IMM-RCA-3, PIR-IMM-RCA-4
func TestAReviewShowsTheRecord(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "logins fail")
		w.At(4 * min)
		w.Ack("ana")
		w.At(6 * min)
		w.Engage("ana")
		w.At(70 * min)
		w.Resolve("rolled back")
		got := w.Review()
		if len(got.Gaps) == 0 || got.Gaps[0].Until.Sub(got.Gaps[0].From) <= 15*min {
			t.Errorf("nothing happened for an hour: %+v", got.Gaps)
		}
		check := func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
			return r.CheckTimeline(ctx, a, n, "", now)
		}
		if err := w.LooksBack("ana", check); !fault.Is(err, fault.Invalid) {
			t.Errorf("complete with gaps: %v", err)
		}
		var all []event.Event
		must(w, w.LooksBack("ana", func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) (err error) {
			all, _, _, err = r.Timeline(ctx, a, n, now)
			return err
		}))
		if len(all) < 20 || !slices.IsSortedFunc(all, func(a, b event.Event) int { return a.At.Compare(b.At) }) {
			t.Errorf("%d entries, or not in order", len(all))
		}
		if n := w.Recorded(); n != len(all) {
			t.Errorf("%d of %d entries", len(all), n)
		}
		for _, c := range got.Clocks {
			if c.Clock == "resolution" && string(c.State) != "breached" || c.Clock == "acknowledge" && string(c.State) != "met" {
				t.Errorf("%s is %s", c.Clock, c.State)
			}
		}
		i := slices.IndexFunc(got.Team, func(e review.Effort) bool { return e.Person == "ana" })
		if i < 0 || got.Team[i].Pages != 1 || got.Team[i].Slowest != 4*min || got.Team[i].Worked != 64*min {
			t.Errorf("ana: %+v", got.Team)
		}
		if len(got.Impact.Accounts) == 0 {
			t.Fatal("nobody was hurt")
		}
		for _, a := range got.Impact.Accounts {
			if a.Minutes != 70 || a.Region == "" {
				t.Errorf("%+v", a)
			}
		}
	}, story.Start(monday10))
}

// What was measured and what was said from outside before, during and after is in the
// review: complaints lower the score, and a metric half as bad again afterwards is not
// back to its baseline.
//
// Clauses: PIR-IMM-IMP-3, PIR-IMM-IMP-4, MON-ENH-BASE
func TestAReviewSaysWhatWasMeasuredAndSaid(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		minutes := func(n int, v float64) {
			for range n {
				w.Measured("auth", "app_response_time", metric.Gauge, v)
				w.After(min)
			}
		}
		w.At(40 * min)
		minutes(62, 1) // the same hour of the day before
		w.At(23*hour + 30*min)
		w.Feedback("Great product, love it")
		w.At(24 * hour)
		outage(w)
		minutes(40, 30)
		w.Feedback("It is down again, this is terrible")
		w.Resolve("rolled back")
		minutes(65, 1.5)
		w.Feedback("Thanks, that was quick")
		got := w.Review().Impact
		if k := slices.IndexFunc(got.Technical, func(d review.Degradation) bool { return d.Rule == "response-time" }); k < 0 {
			t.Errorf("nothing was measured: %+v", got.Technical)
		} else if d := got.Technical[k]; d.Verdict != review.NotBack || d.During.Peak != 30 || d.Before.Mean != 1 {
			t.Errorf("%+v", d)
		}
		if m := got.Mood; m.Before.Score != 1 || m.During.Score >= 0 || m.After.Score != 1 {
			t.Errorf("%+v", m)
		}
	}, story.Start(monday10))
}

// What was decided while the cause was looked for stands in the review with its reason.
//
// Clauses: PIR-IMM-TL-2
func TestDecisionsStandInTheReview(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(10 * min)
		w.Decides("ana", "Roll back or forward", "back", "it is quicker")
		w.At(40 * min)
		w.Resolve("rolled back")
		got := w.Review().Decisions
		if len(got) != 1 || got[0].What != "Roll back or forward: back" || got[0].Rationale != "it is quicker" || got[0].By != "ana" {
			t.Errorf("%+v", got)
		}
	}, story.Start(monday10))
}

// What the scribe wrote while it was run stands in the review, as it was last.
//
// Clauses: WAR-SCR-NOTES
func TestTheNotesStandInTheReview(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		w.Engage("ana")
		must(w, w.WriteNotes("bo", 0, "03:05 we look at the provider"))
		must(w, w.WriteNotes("bo", 1, "03:05 we look at the provider\n03:20 it is the provider"))
		w.At(30 * min)
		w.Resolve("the provider mended it")
		w.At(31 * min)
		if got := w.Review().Notes; got.Version != 2 || got.Author != "bo" || !strings.Contains(got.Body, "03:20 it is the provider") {
			t.Errorf("%+v", got)
		}
	})
}
