package story_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/action"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/review"
	flow "allclear/internal/flow/review"
	"allclear/test/story"
)

// monday10 is a Monday at ten, in business hours.
var monday10 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func outage(w *story.World) {
	w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
	w.Engage("ana")
	w.Hand(incident.Scribe, "bo")
}

func task(w *story.World, clause, title string) *checklist.Task {
	w.Helper()
	for _, t := range w.Tasks(clause) {
		if strings.Contains(t.Title, title) && t.State == checklist.Open {
			return t
		}
	}
	w.Fatalf("no open task %q of %s", title, clause)
	return nil
}

// look is one thing that somebody does to a review.
type look = func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error

func cause(text, method string) look {
	return func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
		return r.SetCause(ctx, a, n, flow.NewCause{Text: text, Category: "configuration", Method: method}, now)
	}
}

func factors(all []review.Factor, none string) look {
	return func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
		return r.SetFactors(ctx, a, n, all, none, now)
	}
}

func plan(start time.Time, reason string) look {
	return func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
		return r.Plan(ctx, a, n, start, 0, reason, now)
	}
}

func hold(start time.Time) look {
	return func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
		return r.Hold(ctx, a, n, flow.Held{Start: start, End: start.Add(40 * min), Attended: []string{"ana", "bo"}}, now)
	}
}

func minute(item string) look {
	return func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
		return r.Minute(ctx, a, n, item, review.Minutes{Notes: "talked about " + item, Took: 5}, now)
	}
}

func sign(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
	return r.Sign(ctx, a, n, now)
}

// A P1 that is resolved opens its review, which the commander owns: what is to be
// done within 24 hours is due exactly then, warned of four hours before and told to
// the manager when it is late; the timeline and the report are the scribe's.
//
// Clauses: PIR-IMM, WAR-IC-PIR, WAR-SCR-REPORT
func TestTheReviewOfAP1Opens(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.NoReview()
		w.Resolve("rolled back")
		got := w.Review()
		if got.Review.Owner != "ana" || got.State != review.Open {
			t.Errorf("owned by %q, %s", got.Review.Owner, got.State)
		}
		w.Entries(event.ReviewOpened).At(40 * min)
		set := w.Tasks("PIR-IMM")
		if len(set) != 12 {
			t.Fatalf("%d tasks within 24 hours", len(set))
		}
		resolved := w.Incident().ResolvedAt
		for _, k := range set {
			scribe := strings.Contains(k.Title, "timeline") || strings.Contains(k.Title, "decision")
			if !k.DueAt.Equal(resolved.Add(24*hour)) || scribe != (k.Owner == "scribe") {
				t.Errorf("%q of %s is due at %s", k.Title, k.Owner, k.DueAt)
			}
		}
		if k := task(w, "WAR-SCR-REPORT", "timeline"); k.Owner != "scribe" || k.DueAt.IsZero() {
			t.Errorf("%+v", k)
		}
		w.At(40*min + 48*hour)
		if k := task(w, "WAR-SCR-REPORT", "report"); k.Owner != "scribe" || !k.DueAt.Equal(resolved.Add(7*24*hour)) {
			t.Errorf("%+v", k)
		}
		for _, e := range w.Entries(event.TaskOpened).About("Finish the report").List {
			if e.Data.To != "bo" {
				t.Errorf("the report is for %s", e.Data.To)
			}
		}
		w.Notices("ana").About("Name the technical root cause").At(40*min+20*hour, 40*min+24*hour)
		w.Notices("sarah.liu").About("Name the technical root cause").At(40*min + 24*hour).Citing("PIR-IMM")
	}, story.Start(monday10))
}

// The meeting lies between 48 and 72 hours after the resolution, in business hours;
// an hour after the resolution everybody is asked by mail, with what a calendar reads.
// Another time in the window needs no reason, one outside does. Executives are asked
// for a P1 only.
//
// Clauses: PIR-MTG, PIR-P-TEAM, PIR-P-ENG, PIR-P-CS, PIR-P-EXEC
func TestTheFormalReviewIsArranged(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.PageByHand("person:platform-engineer-2", "the tokens are yours")
		w.Answer("platform-engineer-2", "joined")
		w.At(40 * min)
		w.Resolve("rolled back")
		resolved := w.Incident().ResolvedAt
		if got := w.Review(); !got.Review.Meeting.Start.Equal(monday10.Add(48*hour + 45*min)) {
			t.Errorf("the meeting begins at %s", got.Review.Meeting.Start)
		}
		w.At(100*min - time.Second)
		w.Notices("ana").About("Review of INC-1").None()
		w.At(100 * min)
		for who, clause := range map[string]string{"ana": "PIR-P-TEAM", "bo": "PIR-P-TEAM", "platform-engineer-2": "PIR-P-TEAM", "sarah.liu": "PIR-P-ENG", "david.kim": "PIR-P-ENG", "robert.park": "PIR-P-CS", "rachel.torres": "PIR-P-EXEC"} {
			w.Notices(who).About("You are invited to the formal review").At(100 * min).Citing(clause)
		}
		mail := w.Mail("bo").Got("Review of INC-1")
		if !strings.Contains(mail.Calendar, "METHOD:REQUEST") || !strings.Contains(mail.Calendar, "DTSTART:20260304T104500Z") || !strings.Contains(mail.Calendar, "mailto:"+mail.To) {
			t.Errorf("the invitation says %q", mail.Calendar)
		}
		if k := w.Tasks("PIR-P-EXEC"); len(k) != 1 || k[0].State != checklist.Done {
			t.Errorf("the task to invite: %+v", k)
		}
		if err := w.LooksBack("ana", plan(resolved.Add(30*hour), "")); !fault.Is(err, fault.Invalid) {
			t.Errorf("before the window, without a reason: %v", err)
		}
		if err := w.LooksBack("ana", plan(resolved.Add(73*hour), "")); !fault.Is(err, fault.Invalid) {
			t.Errorf("after the window, without a reason: %v", err)
		}
		must(w, w.LooksBack("ana", plan(resolved.Add(50*hour), "")))
		must(w, w.LooksBack("ana", plan(resolved.Add(30*hour), "the vendor has no other time")))
		again := w.Mail("bo").Got("Review of INC-1")
		if !strings.Contains(again.Calendar, "SEQUENCE:2") || !strings.Contains(again.Text, "the vendor has no other time") {
			t.Errorf("the third invitation: %q, %q", again.Calendar, again.Text)
		}
	}, story.Start(monday10))
}

// Clauses: PIR-P-EXEC, PIR-P-ENG
func TestExecutivesAreNotAskedToTheReviewOfAP2(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P2, Service: "reporting", Title: "reports fail"})
		w.Engage("ana")
		w.At(40 * min)
		w.Resolve("fixed")
		w.At(3 * hour)
		w.Notices("marcus.johnson").About("You are invited to the formal review").At(100 * min)
		if slices.ContainsFunc(w.Review().Participants, func(p flow.Participant) bool { return p.Person == "rachel.torres" || p.Person == "michael.chen" }) {
			t.Error("executives are asked to the review of a P2")
		}
	}, story.Start(monday10))
}

// Over a weekend the formal review is held in the first business slot after 48 hours,
// and the exception is on the record.
//
// Clauses: PIR-MTG
// Reading 23
func TestTheWindowOverAWeekend(t *testing.T) {
	thursday := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.Resolve("rolled back")
		m := w.Review().Review.Meeting
		if want := time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC); !m.Start.Equal(want) || m.Exception == "" {
			t.Errorf("%s (%q), want %s with the exception", m.Start, m.Exception, want)
		}
		w.Entries(event.ReviewOpened).About("no business hours").At(40 * min)
		if err := w.LooksBack("ana", plan(m.Start.Add(2*hour), "")); !fault.Is(err, fault.Invalid) {
			t.Errorf("later that Monday, without a reason: %v", err)
		}
		must(w, w.LooksBack("ana", plan(m.Start, "")))
		if again := w.Review().Review.Meeting; again.Exception == "" || again.By != "ana" {
			t.Errorf("%+v", again)
		}
	}, story.Start(thursday))
}

// Over a weekend nobody is late who waits for a meeting that could not be earlier.
//
// Reading 23
func TestNobodyIsLateBeforeTheMeeting(t *testing.T) {
	thursday := time.Date(2026, 3, 5, 9, 0, 0, 0, time.UTC)
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.Resolve("rolled back")
		end := w.Review().Review.Meeting.End
		w.At(40*min + 49*hour)
		for _, title := range []string{"Hold the formal review", "Work through the agenda", "Give every action item"} {
			if k := slices.Concat(w.Tasks("PIR-MTG"), w.Tasks("PIR-A-5")); !slices.ContainsFunc(k, func(t *checklist.Task) bool { return strings.Contains(t.Title, title) && t.DueAt.Equal(end) }) {
				t.Errorf("%s: not due at %s: %+v", title, end, k)
			}
		}
		w.At(97*hour - time.Second)
		w.Notices("sarah.liu").About("Hold the formal review").None()
		w.At(97 * hour)
		w.Notices("sarah.liu").About("Hold the formal review").At(97 * hour)
	}, story.Start(thursday))
}

// Who may not know of an incident that becomes restricted is told that a meeting is
// cancelled, and not which; guests are asked no more.
//
// Reading 18
func TestARestrictedReviewStaysInside(t *testing.T) {
	guests := func(all ...review.Guest) look {
		return func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
			return r.Change(ctx, a, n, flow.Edit{Guests: &all}, now)
		}
	}
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.Resolve("rolled back")
		kim := review.Guest{Name: "Kim", Email: "kim@vendor.example"}
		must(w, w.LooksBack("ana", guests(kim)))
		w.At(2 * hour)
		w.Restrict()
		w.At(3 * hour)
		gone := w.Mail("robert.park").Got("A meeting is cancelled")
		if !strings.Contains(gone.Calendar, "METHOD:CANCEL") || strings.Contains(gone.Calendar+gone.Subject+gone.Text, "INC-") || strings.Contains(gone.Calendar, "logins") {
			t.Errorf("the cancellation says %q, %q", gone.Calendar, gone.Text)
		}
		if m := w.Review().Review.Meeting; slices.Contains(m.Invited, "robert.park") || !slices.Contains(m.Invited, "ana") || len(m.Mailed) > 0 {
			t.Errorf("still asked: %v %v", m.Invited, m.Mailed)
		}
		if err := w.LooksBack("ana", guests(kim, review.Guest{Name: "Lee", Email: "lee@vendor.example"})); !fault.Is(err, fault.Conflict) {
			t.Errorf("a guest of a restricted incident: %v", err)
		}
	}, story.Start(monday10))
}

// What an incident cost is for those who may read customers: its record says only that
// it was assessed.
func TestTheRecordDoesNotSayWhatItCost(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.Resolve("rolled back")
		must(w, w.LooksBack("ana", func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
			return r.Assess(ctx, a, n, "financial", "credits of 40,000 dollars", now)
		}))
		w.Entries(event.ReviewChanged).About("credits").None()
		w.Entries(event.ReviewChanged).About("financial: assessed").At(40 * min)
	}, story.Start(monday10))
}

// A P1 is closed once its review is signed off, and the review once everything is
// there: a cause that is proven, factors, the meeting with its seven items, what
// follows, and every task of it. Nobody can skip the sign-off.
//
// Clauses: OBJ-PIR-ALL, PIR-IMM-RCA-1, PIR-IMM-RCA-2, PIR-A-1, PIR-A-5, WAR-SCR-KB, PIR-A-6
func TestAP1IsClosedAfterItsReview(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.Resolve("rolled back")
		resolved := w.Incident().ResolvedAt
		refused := func(of string) {
			w.Helper()
			if err := w.Close(); !fault.Is(err, fault.Conflict) {
				t.Errorf("closed without %s: %v", of, err)
			}
		}
		refused("anything")
		if err := w.Does("ana", task(w, "WAR-IC-PIR", "Sign the review off"), "", "no time"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the sign-off was skipped: %v", err)
		}
		if err := w.Does("ana", task(w, "WAR-IC-PIR", "Sign the review off"), "signed", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("the sign-off was ended by hand: %v", err)
		}
		must(w, w.LooksBack("ana", cause("a wrong key was rolled out", "")))
		task(w, "PIR-IMM-RCA-1", "root cause") // preliminary: still open
		must(w, w.LooksBack("ana", cause("a wrong key was rolled out", "reproduced in staging")))
		must(w, w.LooksBack("ana", factors([]review.Factor{{Sort: "process", Text: "nobody reviewed the key"}}, "")))
		for _, clause := range []string{"PIR-IMM-RCA-1", "PIR-IMM-RCA-2"} {
			if k := w.Tasks(clause); k[0].State != checklist.Done {
				t.Errorf("%q is %s", k[0].Title, k[0].State)
			}
		}
		if err := w.LooksBack("ana", factors(nil, "")); !fault.Is(err, fault.Invalid) {
			t.Errorf("no factors and no reason: %v", err)
		}
		w.At(50 * hour)
		start := resolved.Add(48*hour + 5*min)
		if err := w.LooksBack("ana", hold(start)); !fault.Is(err, fault.Conflict) {
			t.Errorf("held without an agenda: %v", err)
		}
		agenda := w.Review().Agenda
		if len(agenda) != 7 || agenda[0].ID != "timeline" || agenda[6].ID != "follow-up" {
			t.Fatalf("the agenda is %+v", agenda)
		}
		for _, a := range agenda {
			must(w, w.LooksBack("ana", minute(a.ID)))
		}
		must(w, w.LooksBack("ana", hold(start)))
		if k := w.Tasks("PIR-MTG"); k[0].State != checklist.Done {
			t.Errorf("%q is %s", k[0].Title, k[0].State)
		}
		for owner, want := range map[string]string{"": "no owner", "team:platform": "a team", "platform": "a team", "nobody": "an unknown"} {
			if _, err := w.Acts("ana", flow.NewAction{Title: "Check keys", Category: "process", Owner: owner, DueAt: w.Due(90 * 24 * hour)}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", want, err)
			}
		}
		var idea ident.ID
		must(w, w.LooksBack("ana", func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) (err error) {
			idea, err = r.Suggest(ctx, a, n, "Two people look at each key", now)
			return err
		}))
		item, err := w.Acts("ana", flow.NewAction{Title: "Two people look at each key", Category: "process", Owner: "bo", DueAt: w.Due(30 * 24 * hour), Idea: idea})
		must(w, err)
		if got := w.Review(); item.Idea != idea || got.Review.Ideas[0].Action != item.ID {
			t.Errorf("the recommendation does not know its action item: %+v", got.Review.Ideas)
		}
		if k := w.Tasks("ACT-OWN-ASSIGN"); k[0].State != checklist.Done {
			t.Errorf("%q is %s", k[0].Title, k[0].State)
		}
		if err := w.LooksBack("ana", sign); !fault.Is(err, fault.Conflict) || !slices.ContainsFunc(details(err), func(d fault.Detail) bool { return strings.Contains(d.What, "knowledge base") }) {
			t.Errorf("signed off with tasks open: %v %v", err, details(err))
		}
		for _, k := range w.Review().Tasks {
			if k.State == checklist.Open && !strings.Contains(k.Title, "Sign the review off") {
				must(w, w.Does("ana", k, "https://wiki.example/42", ""))
			}
		}
		if err := w.LooksBack("bo", sign); !fault.Is(err, fault.Refused) {
			t.Errorf("somebody else signed: %v", err)
		}
		if got := w.Review(); got.State != review.Ready {
			t.Errorf("%s, missing %+v", got.State, got.Missing)
		}
		refused("its sign-off")
		must(w, w.LooksBack("ana", sign))
		must(w, w.Close())
		w.Is(P1, incident.Closed)
		if err := w.LooksBack("ana", cause("another", "")); !fault.Is(err, fault.Conflict) {
			t.Errorf("changed after the sign-off: %v", err)
		}
	}, story.Start(monday10))
}

// What comes back is looked back on anew: the meeting is called off, the cause is
// preliminary again, and the next resolution has a window of its own.
func TestAReopenedIncidentIsReviewedAnew(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.Resolve("rolled back")
		must(w, w.LooksBack("ana", cause("a wrong key", "reproduced")))
		must(w, w.LooksBack("ana", factors(nil, "a plain mistake")))
		w.At(3 * hour)
		must(w, w.Reopen("logins fail again"))
		gone := w.Mail("bo").Got("Review of INC-1")
		if !strings.Contains(gone.Calendar, "METHOD:CANCEL") {
			t.Errorf("the meeting is not called off: %q", gone.Calendar)
		}
		got := w.Review().Review
		if got.Cause.Valid() || got.Cause.Text == "" || len(got.Rounds) != 1 || !got.Rounds[0].Cause.Valid() {
			t.Errorf("%+v", got.Record)
		}
		w.At(5 * hour)
		w.Resolve("fixed for good")
		got = w.Review().Review
		if want := monday10.Add(53 * hour); !got.Meeting.Start.Equal(want) {
			t.Errorf("the meeting is at %s, want %s", got.Meeting.Start, want)
		}
		if k := w.Tasks("PIR-IMM-RCA-2"); len(k) != 2 || k[1].State != checklist.Done {
			t.Errorf("factors were named: %+v", k)
		}
		if k := w.Tasks("PIR-IMM-RCA-1"); k[1].State != checklist.Open {
			t.Errorf("the cause is to be proven again: %+v", k[1])
		}
		w.At(7 * hour)
		if m := w.Mail("bo").Got("Review of INC-1"); !strings.Contains(m.Calendar, "METHOD:REQUEST") || !strings.Contains(m.Calendar, "SEQUENCE:2") {
			t.Errorf("the new invitation: %q", m.Calendar)
		}
	}, story.Start(monday10))
}

// A P3 is reviewed when somebody asks for it, a P4 is not.
func TestAP3IsReviewedOnRequest(t *testing.T) {
	open := func(ctx context.Context, r *flow.Reviews, a authz.Actor, n int64, now time.Time) error {
		return r.Open(ctx, a, n, now)
	}
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P3, Service: "admin", Title: "a button is grey"})
		if err := w.LooksBack("ana", open); !fault.Is(err, fault.Conflict) {
			t.Errorf("before it is resolved: %v", err)
		}
		w.At(2 * hour)
		w.Resolve("fixed")
		w.NoReview()
		must(w, w.LooksBack("ana", open))
		if got := w.Review(); got.Duty != review.Optional || got.State != review.Open {
			t.Errorf("%s %s", got.Duty, got.State)
		}
		w.Declare(story.Declaration{Severity: P3, Service: "admin", Title: "a button is blue"})
		w.At(4 * hour)
		w.Resolve("fixed")
		w.At(14 * 24 * hour)
		must(w, w.LooksBack("ana", open))
		if m := w.Review().Review.Meeting; m.Start.Before(w.Due(14*24*hour)) || m.Exception == "" {
			t.Errorf("two weeks later the meeting is planned for %s (%q)", m.Start, m.Exception)
		}
		w.Declare(story.Declaration{Severity: P4, Service: "admin", Title: "a typo"})
		w.Resolve("fixed")
		if err := w.LooksBack("ana", open); !fault.Is(err, fault.Conflict) {
			t.Errorf("a P4: %v", err)
		}
	}, story.Start(monday10))
}

// An action item has one owner, who is asked every seven days how it stands. When it
// is late the owner's manager hears of it at once, the Director after seven more days
// and the VP after fourteen; a missed milestone is flagged; done is what somebody else
// has seen.
//
// Clauses: ACT-OWN-ASSIGN, ACT-OWN-DUE, ACT-OWN-CHECK, ACT-OWN-ESC
func TestAnActionItemThatIsLateClimbs(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		outage(w)
		w.At(40 * min)
		w.Resolve("rolled back")
		day := 24 * hour
		item, err := w.Acts("bo", flow.NewAction{Title: "Rotate keys by machine", Category: "technical", Owner: "ana", DueAt: w.Due(10 * day), Milestones: []action.Milestone{{Title: "A design", DueAt: w.Due(5 * day)}}})
		must(w, err)
		made := 40 * min
		w.At(6 * day)
		w.Notices("ana").About("a milestone is missed").At(5 * day).Citing("ACT-OWN-DUE")
		got := w.Review().Actions[0]
		if !got.Milestones[0].Missed(w.Now()) {
			t.Error("the milestone is not flagged")
		}
		w.At(7*day + 2*hour)
		w.Notices("ana").About("Please say how it stands").At(made + 7*day).Citing("ACT-OWN-CHECK")
		must(w, w.OnAction("ana", item.ID, func(ctx context.Context, r *flow.Reviews, a authz.Actor, id ident.ID, now time.Time) (*action.Item, error) {
			return r.CheckIn(ctx, a, id, "half of it is there", now)
		}))
		w.At(10*day - time.Second)
		w.Notices("sarah.liu").About("An action item").None()
		w.At(25 * day)
		w.Notices("sarah.liu").About("An action item").At(10 * day).Citing("ACT-OWN-ESC")
		w.Notices("david.kim").About("An action item").At(17 * day).Citing("ACT-OWN-ESC")
		w.Notices("rachel.torres").About("An action item").At(24 * day).Citing("ACT-OWN-ESC")
		w.Notices("ana").About("Please say how it stands").At(made+7*day, 14*day+2*hour, 21*day+2*hour)
		move := func(to action.State, reason string) func(context.Context, *flow.Reviews, authz.Actor, ident.ID, time.Time) (*action.Item, error) {
			return func(ctx context.Context, r *flow.Reviews, a authz.Actor, id ident.ID, now time.Time) (*action.Item, error) {
				return r.MoveAction(ctx, a, id, to, reason, now)
			}
		}
		must(w, w.OnAction("ana", item.ID, move(action.Done, "")))
		verify := func(ctx context.Context, r *flow.Reviews, a authz.Actor, id ident.ID, now time.Time) (*action.Item, error) {
			return r.Verify(ctx, a, id, "seen in production", now)
		}
		if err := w.OnAction("ana", item.ID, verify); !fault.Is(err, fault.Refused) {
			t.Errorf("the owner verified it: %v", err)
		}
		must(w, w.OnAction("bo", item.ID, verify))
		w.At(60 * day)
		w.Notices("sarah.liu").About("An action item").At(10 * day)

		blocked, err := w.Acts("bo", flow.NewAction{Title: "Buy a vault", Category: "tooling", Owner: "bo", DueAt: w.Due(120 * day)})
		must(w, err)
		if err := w.OnAction("bo", blocked.ID, move(action.Blocked, "")); !fault.Is(err, fault.Invalid) {
			t.Errorf("blocked without a reason: %v", err)
		}
		must(w, w.OnAction("bo", blocked.ID, move(action.Blocked, "no budget")))
		w.Notices("marcus.johnson").About("no budget").At(60 * day).Citing("ACT-OWN-ESC")
		must(w, w.OnAction("bo", blocked.ID, move(action.InProgress, "")))
		w.At(80 * day)
		w.Notices("david.kim").About("no budget").None()
	}, story.Start(monday10))
}
