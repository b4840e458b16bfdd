package story_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/flow/remedy"
	"allclear/test/story"
)

// rollback takes the last release of the API back.
var rollback = catalog.Action{ID: "api-rollback", Name: "Roll the API back", Type: domain.AppRollback, Service: "api", Command: "rollback", Params: []domain.Param{{Name: "VERSION", Pattern: "v[0-9]+", Required: true}}}

// manned is a P1 that ana commands and bo leads technically.
func manned(w *story.World, service string) {
	w.Helper()
	w.Alert(service, "critical", "it is down")
	w.After(min)
	w.Engage("ana")
	w.Hand("incident_commander", "ana")
	w.Hand("technical_lead", "bo")
}

func want(w *story.World, id interface{ String() string }, r *domain.Run, state domain.State) {
	w.Helper()
	if r.State != state {
		w.Errorf("run %s is %s (%s), want %s", id, r.State, r.Why, state)
	}
}

// A rollback waits for the technical lead or the commander, whoever asks and whatever
// else they may do; then one runner gets it, and its exit code and last lines stand
// on the timeline.
func TestARollbackIsAgreedToAndRun(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		r, err := w.Ask("sarah.liu", remedy.NewRun{Action: "api-rollback", Values: map[string]string{"VERSION": "v41"}, Reason: "the errors began with v42"})
		must(w, err)
		if job := w.Claimed("rollback"); job != nil {
			t.Errorf("a runner got what nobody has agreed to")
		}
		w.Notices("bo").Some()
		for _, person := range []string{"sarah.liu", "rachel.torres"} {
			if err := w.Agree(person, r.ID, ""); !fault.Is(err, fault.Refused) {
				t.Errorf("%s agreed: %v", person, err)
			}
		}
		must(w, w.Agree("bo", r.ID, ""))
		if job := w.Claimed("another"); job != nil {
			t.Error("a runner got what its list does not have")
		}
		job := w.Claimed("rollback")
		if job == nil || job.Values["VERSION"] != "v41" || len(job.Commands) != 1 {
			t.Fatalf("got %+v", job)
		}
		if again := w.Claimed("rollback"); again != nil {
			t.Error("two runners have one run")
		}
		_, err = w.Writes(job, "stopping v42\nstarting v41\n")
		must(w, err)
		code := 0
		w.After(20 * time.Second)
		must(w, w.Ended(job, domain.Result{State: domain.Succeeded, Code: &code}))
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		w.Entries(event.ActionRequested).By("sarah.liu").About("VERSION=v41").Some()
		w.Entries(event.ActionApproved).By("bo").Some()
		w.Entries(event.ActionStarted).About("deploy-1").Some()
		w.Entries(event.ActionEnded).About("exit code 0").About("starting v41").Some()
	}, story.With(rollback))
}

// What a runner was doing when it fell silent is not done again by itself: nobody
// knows how far it came, and somebody looks.
func TestALostRunnerIsLookedFor(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		r, err := w.Ask("ana", remedy.NewRun{Action: "api-rollback", Values: map[string]string{"VERSION": "v41"}})
		must(w, err)
		must(w, w.Agree("bo", r.ID, ""))
		job := w.Claimed("rollback")
		for range 4 { // as long as it is heard of, it has the run
			w.After(30 * time.Second)
			_, err := w.Writes(job, "")
			must(w, err)
		}
		w.After(time.Minute)
		want(w, r.ID, w.RunOf(r.ID), domain.Lost)
		w.Entries(event.ActionEnded).About("not heard of any more").Some()
		if again := w.Claimed("rollback"); again != nil {
			t.Error("it was run again by itself")
		}
		must(w, w.Settle("bo", r.ID, false, "half of the servers have v41"))
		want(w, r.ID, w.RunOf(r.ID), domain.Failed)
		if _, err := w.Writes(job, "still here"); !fault.Is(err, fault.Conflict) {
			t.Errorf("the old runner was heard: %v", err)
		}
		if err := w.Ended(job, domain.Result{State: domain.Succeeded}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the old runner overruled who had looked: %v", err)
		}
	}, story.With(rollback))
}

// A runner is heard about what it has taken itself, also where another knows the run
// and its fence.
func TestARunnerSpeaksForItselfAlone(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		r, err := w.Ask("ana", remedy.NewRun{Action: "api-rollback", Values: map[string]string{"VERSION": "v41"}})
		must(w, err)
		must(w, w.Agree("bo", r.ID, ""))
		job := w.Claimed("rollback")
		if err := w.EndedBy("token:other", job, domain.Result{State: domain.Succeeded}); !fault.Is(err, fault.Conflict) {
			t.Errorf("another token ended it: %v", err)
		}
		want(w, r.ID, w.RunOf(r.ID), domain.Running)
		must(w, w.Ended(job, domain.Result{State: domain.Succeeded}))
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
	}, story.With(rollback))
}

// A run is ended by those who could agree to it, and by who asked for it.
func TestARunIsEnded(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		ask := func(by string) *domain.Run {
			r, err := w.Ask(by, remedy.NewRun{Action: "api-rollback", Values: map[string]string{"VERSION": "v41"}})
			must(w, err)
			return r
		}
		first := ask("sarah.liu")
		if err := w.End("marcus.johnson", first.ID, ""); !fault.Is(err, fault.Refused) {
			t.Errorf("anybody ended it: %v", err)
		}
		must(w, w.End("sarah.liu", first.ID, "the wrong version"))
		want(w, first.ID, w.RunOf(first.ID), domain.Killed)
		if err := w.Agree("bo", first.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("agreed to what is over: %v", err)
		}
		second := ask("sarah.liu")
		must(w, w.Agree("ana", second.ID, ""))
		job := w.Claimed("rollback")
		must(w, w.End("bo", second.ID, "it makes things worse"))
		want(w, second.ID, w.RunOf(second.ID), domain.Running)
		if end, err := w.Writes(job, ""); err != nil || !end {
			t.Errorf("the runner was not told: %v, %v", end, err)
		}
		must(w, w.Ended(job, domain.Result{State: domain.Killed}))
		want(w, second.ID, w.RunOf(second.ID), domain.Killed)
		w.Entries(event.ActionEnded).About("it makes things worse").Some()
	}, story.With(rollback))
}

// A database is set back by two people, of whom one may have asked; the restore is
// told the instant in RFC 3339, which the board suggests.
//
// Clauses: RES-RB-DB
func TestADatabaseIsSetBackByTwo(t *testing.T) {
	pitr := catalog.Action{ID: "orders-pitr", Name: "Set the orders database back", Type: domain.PointInTime, Command: "restore", Verify: "count", Approvals: 1}
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		before := w.Incident().DetectedAt.Add(-time.Minute)
		if at := w.Recovery().Target; !at.Equal(before) {
			t.Errorf("suggests %s, want %s", at, before)
		}
		if _, err := w.Ask("ana", remedy.NewRun{Action: "orders-pitr"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("asked without an instant: %v", err)
		}
		r, err := w.Ask("ana", remedy.NewRun{Action: "orders-pitr", Values: map[string]string{"TARGET_TIME": before.In(time.FixedZone("", 3600)).Format(time.RFC3339)}})
		must(w, err)
		must(w, w.Agree("ana", r.ID, ""))
		if job := w.Claimed("restore", "count"); job != nil {
			t.Error("one person was enough")
		}
		if err := w.Agree("ana", r.ID, ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("one person agreed twice: %v", err)
		}
		must(w, w.Agree("bo", r.ID, ""))
		job := w.Claimed("restore", "count")
		if job == nil || job.Values["TARGET_TIME"] != before.Format(time.RFC3339) || strings.Join(job.Commands, " ") != "restore count" {
			t.Errorf("got %+v", job)
		}
	}, story.With(pitr))
}

// Infrastructure is planned first; what is agreed to is that plan and no other.
//
// Clauses: RES-RB-IAC
func TestInfrastructureIsAppliedAsPlanned(t *testing.T) {
	iac := catalog.Action{ID: "infra", Name: "Restore the infrastructure", Type: domain.IACRestore, Command: "plan", Apply: "apply"}
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		r, err := w.Ask("sarah.liu", remedy.NewRun{Action: "infra", Values: map[string]string{"REF": "release-41"}})
		must(w, err)
		job := w.Claimed("plan", "apply")
		if job == nil || !job.Plan || job.Commands[0] != "plan" || job.Values["REF"] != "release-41" {
			t.Fatalf("got %+v", job)
		}
		_, err = w.Writes(job, "Plan: 1 to change\n")
		must(w, err)
		must(w, w.Ended(job, domain.Result{State: domain.Succeeded, PlanHash: "5e1f"}))
		want(w, r.ID, w.RunOf(r.ID), domain.Planned)
		w.Entries(event.ActionPlanned).About("Plan: 1 to change").Some()
		if job := w.Claimed("plan", "apply"); job != nil {
			t.Error("it was applied without agreement")
		}
		if err := w.Agree("bo", r.ID, "0000"); !fault.Is(err, fault.Conflict) {
			t.Errorf("agreed to another plan: %v", err)
		}
		must(w, w.Agree("bo", r.ID, "5e1f"))
		job = w.Claimed("plan", "apply")
		if job == nil || job.Plan || job.Commands[0] != "apply" || job.Values["PLAN_SHA256"] != "5e1f" {
			t.Fatalf("got %+v", job)
		}
		must(w, w.Ended(job, domain.Result{State: domain.Succeeded}))
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
	}, story.With(iac))
}

// Where no command is set up people follow the guide, once two have agreed.
//
// Clauses: RES-RB-DB
func TestADatabaseIsSetBackByHand(t *testing.T) {
	byHand := catalog.Action{ID: "by-hand", Name: "Set the database back", Type: domain.PointInTime, Guide: []string{"Stop writes", "Restore to TARGET_TIME", "Count the rows"}}
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		r, err := w.Ask("ana", remedy.NewRun{Action: "by-hand", Values: map[string]string{"TARGET_TIME": "2026-03-02T02:59:00Z"}})
		must(w, err)
		if err := w.Settle("ana", r.ID, true, "done"); !fault.Is(err, fault.Conflict) {
			t.Errorf("done without agreement: %v", err)
		}
		must(w, w.Agree("ana", r.ID, ""))
		must(w, w.Agree("bo", r.ID, ""))
		want(w, r.ID, w.RunOf(r.ID), domain.Running)
		w.After(10 * min)
		must(w, w.Settle("bo", r.ID, true, "4,812 orders, as before"))
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		w.Entries(event.ActionEnded).About("4,812 orders").Some()
	}, story.With(byHand))
}
