package rota

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// On the 2nd ana is primary and cy secondary, on the 3rd bo and ana, on the
// 4th cy and bo.

func (w *world) ask(actor authz.Actor, a Ask, now time.Time) *oncall.Request {
	w.t.Helper()
	q, err := w.r.Ask(w.t.Context(), actor, a, now)
	if err != nil {
		w.t.Fatal(err)
	}
	return q
}

// Clauses: TEAM-ROTATION
func TestSomebodyTakesPartOfATurnB32(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q := w.ask(ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 14, 2, 18), Note: "Dentist."}, t0)
		w.wantNews("asked", "bo: Ana asks anybody to take primary, Mon 2 Mar 14:00 to Mon 2 Mar 18:00 (UTC). Dentist.")
		got, err := w.r.Answer(t.Context(), bo, q.ID, Answer{To: oncall.RequestAccepted}, t0.Add(time.Hour))
		if err != nil {
			t.Fatal(err)
		}
		if got.Taker != "bo" || got.State != oncall.RequestAccepted || got.AnsweredBy != "bo" {
			t.Errorf("answered: %+v", got)
		}
		w.wantNews("done", "ana: Ana asks Bo to take primary", "bo: Ana asks Bo to take primary, Mon 2 Mar 14:00 to Mon 2 Mar 18:00 (UTC): accepted by Bo. Dentist.")
		for hour, want := range map[int]string{13: "ana", 14: "bo", 17: "bo", 18: "ana"} {
			if who := w.onCall("primary", at(2, hour)); who != want {
				t.Errorf("at %d:00 %s is on call, want %s", hour, who, want)
			}
		}
		if _, err := w.r.Answer(t.Context(), max_, q.ID, Answer{To: oncall.RequestAccepted, Person: "bo"}, t0.Add(2*time.Hour)); !fault.Is(err, fault.Conflict) {
			t.Errorf("accepted twice: %v", err)
		}
		var outcomes []string
		for _, e := range w.seen {
			if e.Kind == event.CoverChanged {
				outcomes = append(outcomes, e.Actor+" "+e.Data.Outcome)
			}
		}
		if strings.Join(outcomes, ", ") != "ana open, bo accepted" {
			t.Errorf("the record says %v", outcomes)
		}
	})
}

// Clauses: TEAM-ROTATION, ESC-L1-SECONDARY
func TestWhatCannotBeIsRefusedB33(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		away := person("bo")
		away.Absent = []catalog.Absence{{From: at(5, 0), Until: at(6, 0)}}
		mute := catalog.Person{ID: "dee", Name: "Dee"}
		w.cat = w.cat.With(away, mute)
		w.ask(ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 20, 2, 22), Taker: "bo"}, t0)
		w.ask(cy, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(4, 10, 4, 12), Taker: "ana"}, t0)
		for name, c := range map[string]struct {
			actor authz.Actor
			ask   Ask
			want  fault.Kind
			says  string
		}{
			"not on call":       {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(3, 10, 3, 12)}, fault.Conflict, "bo is"},
			"only in part":      {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 23, 3, 10)}, fault.Conflict, "not on call from 2026-03-03T09:00"},
			"asked already":     {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 21, 2, 23), Taker: "bo"}, fault.Conflict, "about that time already"},
			"away":              {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(5, 10, 5, 12), Taker: "bo"}, fault.Conflict, "is away"},
			"backup":            {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 11, 2, 12), Taker: "cy"}, fault.Conflict, "on call by secondary"},
			"no contact":        {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 11, 2, 12), Taker: "dee"}, fault.Conflict, "no contact"},
			"unknown":           {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 11, 2, 12), Taker: "ghost"}, fault.Conflict, "not in the catalogue"},
			"another's turn":    {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(3, 10, 3, 12), Holder: "bo"}, fault.Refused, "only the person"},
			"no such schedule":  {ana, Ask{Kind: oncall.AskCover, Schedule: "nowhere", Span: span(2, 11, 2, 12)}, fault.NotFound, "nowhere"},
			"may not at all":    {guest, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 11, 2, 12)}, fault.Refused, "cover"},
			"past":              {ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 9, 2, 10)}, fault.Invalid, ""},
			"a year":            {ana, Ask{Kind: oncall.OfferCover, Schedule: "primary", Span: oncall.Stretch{From: at(2, 12), Until: at(2, 12).AddDate(1, 0, 0)}, Holder: "bo"}, fault.Invalid, "days"},
			"take what is mine": {ana, Ask{Kind: oncall.TakeNow, Schedule: "primary", Span: span(2, 11, 2, 12)}, fault.Conflict, "already"},
			"swap leaves one":   {ana, Ask{Kind: oncall.SwapTurns, Schedule: "primary", Span: span(2, 12, 2, 13), Taker: "bo", Back: span(3, 12, 3, 13)}, fault.Conflict, "secondary"},
		} {
			_, err := w.r.Ask(t.Context(), c.actor, c.ask, t0)
			if !fault.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// What was possible when it was asked is judged again when it is accepted.
func TestAcceptedTooLate(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		q := w.ask(ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 14, 2, 18), Taker: "bo"}, t0)
		if _, err := w.cover(nil, ana, "primary", []oncall.Override{{From: at(2, 15), Until: at(2, 16), Person: "dee"}}, t0); err != nil {
			t.Fatal(err)
		}
		if _, err := w.r.Answer(t.Context(), bo, q.ID, Answer{To: oncall.RequestAccepted}, at(2, 12)); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "dee") {
			t.Errorf("over another override: %v", err)
		}
		if who := w.onCall("primary", at(2, 14)); who != "ana" {
			t.Errorf("a refusal changed the schedule: %s", who)
		}
		list, err := w.r.Requests(t.Context(), guest, Filter{Open: true, Limit: 10}, at(2, 12))
		if err != nil || len(list) != 1 {
			t.Errorf("it is open still: %v, %v", list, err)
		}
		if _, err := w.r.Answer(t.Context(), bo, q.ID, Answer{To: oncall.RequestAccepted}, at(2, 18)); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "expired") {
			t.Errorf("when the turn is over: %v", err)
		}
	})
}

// Clauses: TEAM-ROTATION
func TestOfferDeclineWithdrawAndManagers(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		offer := w.ask(bo, Ask{Kind: oncall.OfferCover, Schedule: "primary", Span: span(2, 14, 2, 18)}, t0)
		if offer.Holder != "ana" || offer.Taker != "bo" {
			t.Errorf("offer is %+v", offer)
		}
		w.wantNews("offered", "ana: Bo offers Ana to take primary")
		if _, err := w.r.Answer(t.Context(), cy, offer.ID, Answer{To: oncall.RequestAccepted}, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("answered for another: %v", err)
		}
		if _, err := w.r.Answer(t.Context(), ana, offer.ID, Answer{To: oncall.RequestDeclined, Reason: "I am fine."}, t0); err != nil {
			t.Fatal(err)
		}
		w.wantNews("declined", "bo: Bo offers Ana to take primary, Mon 2 Mar 14:00 to Mon 2 Mar 18:00 (UTC): declined by Ana. I am fine.")
		mine := w.ask(ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 14, 2, 18), Taker: "bo"}, t0)
		w.news()
		if _, err := w.r.Answer(t.Context(), bo, mine.ID, Answer{To: oncall.RequestWithdrawn}, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("withdrawn by another: %v", err)
		}
		if _, err := w.r.Answer(t.Context(), ana, mine.ID, Answer{To: oncall.RequestWithdrawn}, t0); err != nil {
			t.Fatal(err)
		}
		w.wantNews("withdrawn", "bo: Ana asks Bo")
		led := w.ask(max_, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 14, 2, 18), Holder: "ana", Taker: "bo"}, t0)
		if _, err := w.r.Answer(t.Context(), max_, led.ID, Answer{To: oncall.RequestAccepted}, t0); err != nil {
			t.Errorf("the lead acts for both: %v", err)
		}
		if who := w.onCall("primary", at(2, 15)); who != "bo" {
			t.Errorf("%s is on call", who)
		}
	})
}

// Clauses: TEAM-ROTATION
func TestSwapAndTakeOver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.cat = w.cat.With(daily(t, "secondary", "2026-03-01T09:00", "dee"))
		q := w.ask(ana, Ask{Kind: oncall.SwapTurns, Schedule: "primary", Span: span(5, 9, 6, 9), Taker: "bo", Back: span(3, 9, 4, 9)}, t0)
		if _, err := w.r.Answer(t.Context(), bo, q.ID, Answer{To: oncall.RequestAccepted}, t0); err != nil {
			t.Fatal(err)
		}
		w.news()
		for day, want := range map[int]string{2: "ana", 3: "ana", 4: "cy", 5: "bo", 6: "bo"} {
			if who := w.onCall("primary", at(day, 12)); who != want {
				t.Errorf("on the %d. %s is on call, want %s", day, who, want)
			}
		}
		now := at(2, 12).Add(17 * time.Minute)
		took := w.ask(cy, Ask{Kind: oncall.TakeNow, Schedule: "primary", Span: oncall.Stretch{Until: at(2, 15)}}, now)
		if took.State != oncall.RequestAccepted || took.Holder != "ana" {
			t.Errorf("took over: %+v", took)
		}
		if before, after, then := w.onCall("primary", now.Add(-time.Second)), w.onCall("primary", now), w.onCall("primary", at(2, 15)); before != "ana" || after != "cy" || then != "ana" {
			t.Errorf("on call: %s, %s, %s", before, after, then)
		}
		w.wantNews("took over", "ana: Cy takes over primary, Mon 2 Mar 12:17 to Mon 2 Mar 15:00 (UTC), from Ana.", "cy: Cy takes over")
	})
}

// A notice that one address refuses goes to the next contact; when none is
// left the record says so.
func TestNoticeFindsAnotherWay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.ask(ana, Ask{Kind: oncall.AskCover, Schedule: "primary", Span: span(2, 14, 2, 18), Taker: "bo"}, t0)
		for _, want := range []string{"email", "sms"} {
			w.update(func(tx *store.Tx) error {
				ds, err := deliveries.Claim(tx, deliveries.Lane{From: 0, To: 1}, t0, deliveries.Term{Lease: time.Minute, Shared: t0}, 10)
				if err != nil {
					return err
				}
				if len(ds) != 1 || ds[0].Channel != want || ds[0].Kind != message.KindDuty {
					t.Fatalf("want one by %s: %+v", want, ds)
				}
				if ok, _, err := w.r.Wanted(tx, ds[0], t0); err != nil || !ok {
					t.Errorf("not wanted: %v", err)
				}
				ds[0].State, ds[0].DoneAt = message.Failed, t0
				if _, err := deliveries.Finish(tx, ds[0]); err != nil {
					return err
				}
				return w.r.Outcome(tx, ds[0], t0)
			})
		}
		last := w.seen[len(w.seen)-1]
		if last.Kind != event.RotaUntold || last.Data.To != "bo" {
			t.Errorf("the record ends with %+v", last)
		}
	})
}
