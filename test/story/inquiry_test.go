package story_test

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/inquiry"
	"allclear/internal/domain/metric"
	flow "allclear/internal/flow/inquiry"
	"allclear/internal/plug/github"
	"allclear/internal/plug/pingdom"
	"allclear/test/story"
)

// wrong checks that something is refused at a place.
func misplaced(t *testing.T, err error, place string) {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || !slices.ContainsFunc(f.Details, func(d fault.Detail) bool { return d.Where == place }) {
		t.Errorf("got %v, want a refusal of %q", err, place)
	}
}

// ticked is the one task of a clause, and whether it is done.
func ticked(t *testing.T, w *story.World, clause string, done bool, evidence string) {
	t.Helper()
	all := w.Tasks(clause)
	if len(all) != 1 || (all[0].State == checklist.Done) != done || !strings.Contains(all[0].Evidence, evidence) {
		t.Errorf("%s: %+v", clause, *all[0])
	}
}

// Causes are supposed, ruled out and confirmed with what speaks for it, as a tree;
// all of it is on the timeline, and the item ticks itself.
//
// Clauses: INV-RCA, INV-RCA-HYP, WAR-TL-FIX
func TestHypothesesLiveOnTheTimeline(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		f, n, ctx := w.Inquiry(), w.Number(), t.Context()
		w.After(time.Minute)
		ticked(t, w, "INV-RCA-HYP", false, "")
		if due := w.Tasks("INV-RCA-HYP")[0].DueAt.Sub(story.Monday03); due != 45*time.Minute {
			t.Errorf("due after %s", due)
		}
		top, err := f.Suppose(ctx, w.As("ana"), n, inquiry.Hypothesis{Text: "The database is slow"}, w.Now())
		w.Tried(err)
		why, err := f.Suppose(ctx, w.As("bo"), n, inquiry.Hypothesis{Text: "An index is missing", Parent: top.ID}, w.Now())
		w.Tried(err)
		_, err = f.Suppose(ctx, w.As("bo"), n, inquiry.Hypothesis{Text: " "}, w.Now())
		misplaced(t, err, "text")
		_, err = f.Suppose(ctx, w.As("bo"), n, inquiry.Hypothesis{Text: "x", Parent: 12345}, w.Now())
		misplaced(t, err, "parent")
		_, err = f.Judge(ctx, w.As("ana"), top.ID, inquiry.RuledOut, inquiry.Proof{}, w.Now())
		misplaced(t, err, "text")
		_, err = f.Judge(ctx, w.As("ana"), top.ID, inquiry.Confirmed, inquiry.Proof{Text: "x", Links: []inquiry.Link{{URL: "javascript:alert(1)"}}}, w.Now())
		misplaced(t, err, "links[0].url")
		w.After(time.Minute)
		_, err = f.Judge(ctx, w.As("ana"), top.ID, inquiry.RuledOut, inquiry.Proof{Text: "Queries take 2 ms"}, w.Now())
		w.Tried(err)
		if _, err = f.Judge(ctx, w.As("bo"), top.ID, inquiry.RuledOut, inquiry.Proof{Text: "the same"}, w.Now()); !fault.Is(err, fault.Conflict) {
			t.Errorf("judged twice: %v", err)
		}
		_, err = f.Judge(ctx, w.As("ana"), top.ID, inquiry.Open, inquiry.Proof{Text: "It was the wrong replica"}, w.Now())
		w.Tried(err)
		ticked(t, w, "INV-RCA-HYP", false, "")
		w.After(time.Minute)
		_, err = f.Judge(ctx, w.As("bo"), why.ID, inquiry.Confirmed, inquiry.Proof{Text: "The plan scans", Links: []inquiry.Link{{URL: "https://db.example/plan"}}}, w.Now())
		w.Tried(err)
		ticked(t, w, "INV-RCA-HYP", true, "the cause: An index is missing")
		var told []string
		for _, e := range w.Entries(event.HypothesisSet).List {
			told = append(told, e.Actor+" "+e.Data.Outcome)
		}
		ana, bo := w.As("ana").ID, w.As("bo").ID
		if want := []string{ana + " open", bo + " open", ana + " ruled_out", ana + " open", bo + " confirmed"}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		got, err := f.Read(ctx, w.As("cy"), n, w.Now())
		w.Tried(err)
		if h := got.Hypotheses; len(h) != 2 || h[1].Parent != top.ID || h[1].State != inquiry.Confirmed || h[1].Evidence.Text != "The plan scans" || h[0].State != inquiry.Open {
			t.Errorf("%+v", h)
		}
	})
}

// Decisions have their reason, or are none. They stay as they were written.
//
// Clauses: WAR-IC-COORD, WAR-TL-COORD, PIR-IMM-TL-2
func TestDecisionsAndWorkstreams(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.Engage("ana")
		f, n, ctx := w.Inquiry(), w.Number(), t.Context()
		d := inquiry.Decision{Sort: inquiry.Command, Question: "Fail over?", Options: []string{"Fail over", "Wait"}, Choice: "Fail over"}
		_, err := f.Decide(ctx, w.As("bo"), n, d, w.Now())
		misplaced(t, err, "rationale")
		d.Rationale = "Waiting costs more than the minute of the switch"
		d.MadeAt = w.Now().Add(time.Hour)
		_, err = f.Decide(ctx, w.As("bo"), n, d, w.Now())
		misplaced(t, err, "made_at")
		d.MadeAt, d.MadeBy = time.Time{}, w.As("ana").ID
		_, err = f.Decide(ctx, w.As("bo"), n, d, w.Now())
		w.Tried(err)
		if e := w.Entries(event.DecisionMade).List; len(e) != 1 || e[0].Data.Text != d.Rationale || e[0].Data.Outcome != d.Choice || e[0].Data.Owner != d.MadeBy {
			t.Errorf("%+v", e)
		}
		for _, s := range []inquiry.Workstream{{Title: "Replica lag", Owner: "team:platform"}, {Title: "Load balancer", Owner: "person:" + w.As("bo").ID}} {
			_, err = f.Begin(ctx, w.As("ana"), n, s, w.Now())
			w.Tried(err)
		}
		_, err = f.Begin(ctx, w.As("ana"), n, inquiry.Workstream{Title: "x", Owner: "person:nobody"}, w.Now())
		misplaced(t, err, "owner")
		got, err := f.Read(ctx, w.As("ana"), n, w.Now())
		w.Tried(err)
		one := *got.Workstreams[0]
		one.State = inquiry.Blocked
		_, err = f.Move(ctx, w.As("bo"), one.ID, one, w.Now())
		misplaced(t, err, "note")
		one.Note = "Waits for the vendor"
		_, err = f.Move(ctx, w.As("bo"), one.ID, one, w.Now())
		w.Tried(err)
		got, err = f.Read(ctx, w.As("ana"), n, w.Now())
		w.Tried(err)
		if s := got.Workstreams; len(s) != 2 || s[0].State != inquiry.Blocked || s[1].State != inquiry.Planned || s[1].Owner != "person:"+w.As("bo").ID {
			t.Errorf("%+v", s)
		}
	})
}

// A solution is put in when it has its risk, its test and a way back, and the
// technical lead or the commander approves; nobody else does, and nothing less will
// do. Each item ticks itself.
//
// Clauses: INV-SOL, INV-SOL-OPTIONS, INV-SOL-RISK, INV-SOL-TEST, INV-SOL-PLAN, WAR-TL-DECIDE
func TestNoSolutionWithoutRiskTestAndAWayBack(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.Engage("ana") // commands
		w.Hand("technical_lead", "bo")
		f, n, ctx := w.Inquiry(), w.Number(), t.Context()
		if due := w.Tasks("INV-SOL-PLAN")[0].DueAt.Sub(story.Monday03); due != 90*time.Minute {
			t.Errorf("due after %s", due)
		}
		w.Clock("resolution").Due(45 * time.Minute) // the phase is longer than the promise, and changes nothing in it
		_, err := f.Propose(ctx, w.As("cy"), n, inquiry.Solution{Sort: "magic", Title: "Roll back"}, w.Now())
		misplaced(t, err, "sort")
		o, err := f.Propose(ctx, w.As("cy"), n, inquiry.Solution{Sort: inquiry.Fix, Title: "Roll back to 1.2"}, w.Now())
		w.Tried(err)
		ticked(t, w, "INV-SOL-OPTIONS", true, "Roll back to 1.2")
		owner := "person:" + w.As("bo").ID
		approve := func(who string) error {
			_, err := f.Approve(ctx, w.As(who), o.ID, w.Now())
			return err
		}
		refused := func(what string, kind fault.Kind, err error, places ...string) {
			t.Helper()
			var x *fault.Error
			if !errors.As(err, &x) || x.Kind != kind {
				t.Errorf("%s: %v", what, err)
				return
			}
			for _, p := range places {
				if !slices.ContainsFunc(x.Details, func(d fault.Detail) bool { return d.Where == p }) {
					t.Errorf("%s: %+v lacks %s", what, x.Details, p)
				}
			}
		}
		refused("nothing is known of it", fault.Conflict, approve("bo"), "risk", "plan", "test")
		_, err = f.Assess(ctx, w.As("cy"), o.ID, inquiry.Risk{Likelihood: "some", Impact: "low", BlastRadius: "sessions", Reversibility: "easy"}, w.Now())
		misplaced(t, err, "likelihood")
		ticked(t, w, "INV-SOL-RISK", false, "")
		_, err = f.Assess(ctx, w.As("cy"), o.ID, inquiry.Risk{Likelihood: "low", Impact: "medium", BlastRadius: "sessions", Reversibility: "easy"}, w.Now())
		w.Tried(err)
		ticked(t, w, "INV-SOL-RISK", true, "every option has its risk")
		refused("no plan", fault.Conflict, approve("bo"), "plan", "test")
		_, err = f.Prepare(ctx, w.As("cy"), o.ID, inquiry.Plan{Owner: owner, Steps: []inquiry.Step{{Text: "Deploy 1.2"}}}, w.Now())
		misplaced(t, err, "rollback")
		_, err = f.Prepare(ctx, w.As("cy"), o.ID, inquiry.Plan{Owner: owner, Steps: []inquiry.Step{{Text: "Deploy 1.2"}}, Rollback: []string{"Deploy 1.3 again"}}, w.Now())
		w.Tried(err)
		refused("not tested", fault.Conflict, approve("bo"), "test")
		_, err = f.Try(ctx, w.As("cy"), o.ID, inquiry.Test{Result: inquiry.Passed}, w.Now())
		misplaced(t, err, "environment")
		_, err = f.Try(ctx, w.As("cy"), o.ID, inquiry.Test{Result: inquiry.Failed, Environment: "staging"}, w.Now())
		w.Tried(err)
		refused("the test failed", fault.Conflict, approve("bo"), "test")
		_, err = f.Try(ctx, w.As("bo"), o.ID, inquiry.Test{Result: inquiry.Waived, Reason: "no time"}, w.Now())
		refused("waived by another than the commander", fault.Refused, err)
		_, err = f.Try(ctx, w.As("ana"), o.ID, inquiry.Test{Result: inquiry.Waived}, w.Now())
		misplaced(t, err, "reason")
		ticked(t, w, "INV-SOL-TEST", false, "")
		_, err = f.Try(ctx, w.As("ana"), o.ID, inquiry.Test{Result: inquiry.Waived, Reason: "Staging has other data"}, w.Now())
		w.Tried(err)
		ticked(t, w, "INV-SOL-TEST", true, "test waived")
		_, err = f.Apply(ctx, w.As("cy"), o.ID, "", w.Now())
		refused("put in and nobody approved it", fault.Conflict, err)
		refused("approved by somebody else", fault.Refused, approve("cy"))
		ticked(t, w, "INV-SOL-PLAN", false, "")
		w.Tried(approve("bo"))
		ticked(t, w, "INV-SOL-PLAN", true, "approved by")
		_, err = f.Prepare(ctx, w.As("cy"), o.ID, inquiry.Plan{Owner: owner, Steps: []inquiry.Step{{Text: "Something else"}}, Rollback: []string{"x"}}, w.Now())
		refused("another plan than was approved", fault.Conflict, err)
		o, err = f.Apply(ctx, w.As("cy"), o.ID, "It works again", w.Now())
		w.Tried(err)
		if o.State != inquiry.Applied || o.AppliedBy != w.As("cy").ID {
			t.Errorf("%+v", o)
		}
	})
}

// What helped last time is suggested this time: on the same service, by the words.
// What nobody may know of is not.
//
// Clauses: INV-SOL-OPTIONS
func TestWhatHelpedBeforeIsSuggested(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		f, ctx := w.Inquiry(), t.Context()
		past := func(service, title, fix string, flags ...string) int64 {
			n := w.Declare(story.Declaration{Severity: P2, Service: service, Title: title, Flags: flags})
			w.About(n)
			w.Engage("ana")
			w.Hand("technical_lead", "ana")
			o, err := f.Propose(ctx, w.As("ana"), n, inquiry.Solution{Sort: inquiry.Fix, Title: fix}, w.Now())
			w.Tried(err)
			_, err = f.Assess(ctx, w.As("ana"), o.ID, inquiry.Risk{Likelihood: "low", Impact: "low", BlastRadius: "none", Reversibility: "easy"}, w.Now())
			w.Tried(err)
			_, err = f.Prepare(ctx, w.As("ana"), o.ID, inquiry.Plan{Owner: "person:" + w.As("ana").ID, Steps: []inquiry.Step{{Text: "do it"}}, Rollback: []string{"undo it"}}, w.Now())
			w.Tried(err)
			_, err = f.Try(ctx, w.As("ana"), o.ID, inquiry.Test{Result: inquiry.Passed, Environment: "staging"}, w.Now())
			w.Tried(err)
			_, err = f.Approve(ctx, w.As("ana"), o.ID, w.Now())
			w.Tried(err)
			w.Resolve("it works again")
			w.After(time.Hour)
			return n
		}
		other := past("reporting", "Reports are empty", "Restart the workers")
		same := past("auth", "Sign-in fails with expired tokens", "Renew the signing key")
		past("auth", "Sign-in fails with expired tokens", "A secret way out", "restricted", "security")
		now := w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "Tokens expired: nobody can sign in"})
		got, err := f.Similar(ctx, w.As("cy"), now, w.Now())
		w.Tried(err)
		if len(got) == 0 || got[0].Number != same || len(got[0].Solutions) != 1 || got[0].Solutions[0].Title != "Renew the signing key" {
			t.Fatalf("suggested %+v", got)
		}
		for _, p := range got {
			if p.Number == other || strings.Contains(fmt.Sprint(p.Solutions), "secret") {
				t.Errorf("suggested %+v", p)
			}
		}
		o, err := f.Propose(ctx, w.As("cy"), now, inquiry.Solution{Sort: inquiry.Fix, Title: got[0].Solutions[0].Title, Like: same}, w.Now())
		w.Tried(err)
		if o.Like != same {
			t.Errorf("%+v", o)
		}
	})
}

// A reproduction says what came of it, and where, or why it was not possible. A
// threat makes the incident one of security, and Legal is told.
//
// Clauses: INV-RCA-REPRO, INV-RCA-SEC
func TestFindings(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		f, n, ctx := w.Inquiry(), w.Number(), t.Context()
		find := func(x inquiry.Finding) error {
			_, err := f.Find(ctx, w.As("ana"), n, x, w.Now())
			return err
		}
		misplaced(t, find(inquiry.Finding{About: inquiry.Reproduction, Result: "not_possible"}), "text")
		misplaced(t, find(inquiry.Finding{About: inquiry.Reproduction, Result: "reproduced"}), "environment")
		misplaced(t, find(inquiry.Finding{About: inquiry.Reproduction, Result: inquiry.Threat}), "result")
		misplaced(t, find(inquiry.Finding{About: inquiry.Security, Result: inquiry.Threat}), "text")
		ticked(t, w, "INV-RCA-REPRO", false, "")
		w.Tried(find(inquiry.Finding{About: inquiry.Reproduction, Result: "reproduced", Environment: "https://staging.example"}))
		ticked(t, w, "INV-RCA-REPRO", true, "Reproduction: reproduced")
		w.After(5 * time.Minute)
		if w.Incident().Fact("security") {
			t.Fatal("it is one of security before anybody found anything")
		}
		if n := w.Entries(event.NoticeWanted).For("TEAM-XF-LEGAL").Number(); n != 0 {
			t.Fatal("Legal was told of nothing")
		}
		w.Tried(find(inquiry.Finding{About: inquiry.Security, Result: inquiry.Threat, Evidence: inquiry.Proof{Text: "Logins from an address of a botnet"}}))
		if !w.Incident().Fact("security") {
			t.Error("it is not one of security")
		}
		w.Entries(event.NoticeWanted).For("TEAM-XF-LEGAL").Some()
		if len(w.Tasks("SEC-BR-CONTAIN")) == 0 {
			t.Error("nobody is asked to contain it")
		}
		ticked(t, w, "INV-RCA-SEC", true, "Security: threat")
		told := w.Entries(event.NoticeWanted).For("TEAM-XF-LEGAL").Number()
		w.Tried(find(inquiry.Finding{About: inquiry.Security, Result: inquiry.Threat, Evidence: inquiry.Proof{Text: "Once more"}}))
		if w.Entries(event.NoticeWanted).For("TEAM-XF-LEGAL").Number() != told {
			t.Error("Legal was asked twice")
		}
	})
}

// The commander hears of a technical update. Whoever leads technically is reminded
// when none came for 15 minutes, and not before; without a lead the commander is.
//
// Clauses: WAR-TL-INFORM
func TestTheTechnicalLeadIsRemindedOfUpdates(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1})
		w.Engage("ana")
		reminded := func() story.Found { return w.Entries(event.NoticeWanted).About("a technical update is due") }
		told := func(who string) story.Found { return w.Notices(who).For("WAR-TL-INFORM") }
		w.At(15 * time.Minute)
		told("ana").At(15 * time.Minute) // nobody leads
		w.At(20 * time.Minute)
		w.Hand("technical_lead", "bo")
		w.At(30 * time.Minute)
		told("bo").At(30 * time.Minute)
		w.At(40 * time.Minute)
		_, err := w.Inquiry().Inform(t.Context(), w.As("bo"), w.Number(), inquiry.Update{}, w.Now())
		misplaced(t, err, "text")
		_, err = w.Inquiry().Inform(t.Context(), w.As("bo"), w.Number(), inquiry.Update{Text: "The replica is rebuilt", Next: "Switch over"}, w.Now())
		w.Tried(err)
		w.Mail("ana").Got("The replica is rebuilt")
		w.JustBefore(55 * time.Minute) // the one at 45 did not come
		if n := reminded().Number(); n != 2 {
			t.Errorf("reminded %d times", n)
		}
		w.At(55 * time.Minute)
		if n := reminded().Number(); n != 3 {
			t.Errorf("reminded %d times", n)
		}
		w.Resolve("it works again")
		w.At(90 * time.Minute)
		if n := reminded().Number(); n != 3 {
			t.Errorf("reminded %d times, the last when it was over", n)
		}
	})
}

const deployed = `{"deployment_status":{"id":2,"state":"success","environment":"production","creator":{"login":"bot"},"created_at":"2026-03-02T02:40:00Z","updated_at":"2026-03-02T02:40:00Z","log_url":"https://ci.example.net/7/log"},"deployment":{"id":1,"ref":"main","sha":"f95f852bd8fca8fcc58a9a2d6c842781e32a215e","environment":"production","creator":{"login":"ana"}},"repository":{"full_name":"example/shop","html_url":"https://github.com/example/shop"},"sender":{"login":"ana"}}`

// What was deployed 20 minutes before is in front, whatever was done hours before or
// since, and whatever was done to a service that has nothing to do with it.
//
// Clauses: INV-TRI, INV-TRI-DEPLOY, INT-GITHUB
func TestTheDeploymentBeforeIsListedFirst(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		f, ctx := w.Inquiry(), t.Context()
		tell := func(service, summary string, at time.Duration) {
			_, err := f.Changed(ctx, w.As("ana"), flow.NewChange{Service: service, Summary: summary, Kind: "configuration", Version: "7", At: w.Now().Add(at)}, w.Now())
			w.Tried(err)
		}
		tell("api", "Limits were raised", -3*time.Hour)
		tell("api", "Too long ago", -25*time.Hour)
		tell("reporting", "Nothing to do with it", -time.Minute)
		tell("auth", "Certificates were renewed", -time.Hour) // the API stands on it
		w.Delivers(github.Plugin(), "api", "deployment_status", deployed)
		w.Alert("api", "critical", "calls fail")
		w.After(10 * time.Minute)
		tell("api", "The fix", 0)
		got, err := f.Changes(ctx, w.As("ana"), w.Number(), w.Now())
		w.Tried(err)
		var list []string
		for _, c := range got {
			list = append(list, c.Summary)
		}
		want := []string{"example/shop: deployment of main (f95f852) to production succeeded by ana", "Certificates were renewed", "Limits were raised", "The fix"}
		if !slices.Equal(list, want) {
			t.Errorf("listed %q\nwant %q", list, want)
		}
		if c := got[0]; c.Before != 20*time.Minute || c.Source != "github" || c.Service != "api" || len(c.Links) != 1 {
			t.Errorf("%+v", c)
		}
		_, err = f.Changed(ctx, w.As("ana"), flow.NewChange{Service: "nope", At: w.Now().Add(time.Hour), Links: []inquiry.Link{{URL: "file:///etc/passwd"}}}, w.Now())
		for _, place := range []string{"service", "summary", "at", "links[0].url"} {
			misplaced(t, err, place)
		}
	})
}

const down = `{"check_id":12345,"check_name":"Sign-in","check_type":"HTTP","check_params":{"hostname":"id.example.com"},"previous_state":"UP","current_state":"DOWN","state_changed_timestamp":1772420400,"state_changed_utc_time":"2026-03-02T03:00:00","long_description":"HTTP error 503","description":"503","importance_level":"HIGH","custom_message":"","tags":[]}`

// Beside an incident stands what others see: another monitor, the status page, checks,
// vendors, other incidents; the limits with their values an hour around; and links
// elsewhere for service and time.
//
// Clauses: RSP-S1-CORR, INV-TRI-METRICS, INV-TRI-LOGS, INV-TRI-3P
func TestWhatOthersSeeStandsBesideIt(t *testing.T) {
	const page = "https://status.example.net/summary.json"
	story.Tell(t, func(w *story.World) {
		f, ctx := w.Inquiry(), t.Context()
		w.Web(page, `{"page":{"id":"x"},"status":{"indicator":"none","description":"ok"},"components":[{"id":"c","name":"CDN","status":"operational"}],"incidents":[],"scheduled_maintenances":[]}`)
		w.ReadVendors()
		w.Measured("auth", "app_response_time", metric.Gauge, 1, 1, 1)
		w.Alert("auth", "critical", "sign-in fails")
		n := w.Number()
		w.About(n)
		look := func() flow.Triage {
			t.Helper()
			got, err := f.Triage(ctx, w.As("ana"), n, w.Now())
			w.Tried(err)
			return got
		}
		signal := func(kind, id string) flow.Signal {
			t.Helper()
			for _, s := range look().Signals {
				if s.Kind == kind && s.ID == id {
					return s
				}
			}
			t.Errorf("no %s %s", kind, id)
			return flow.Signal{}
		}
		if p := look(); p.Correlated() {
			t.Errorf("nobody else says anything: %+v", p.Signals)
		}
		w.Delivers(pingdom.Plugin(), "auth", "", down)
		if s := signal("monitor", "pingdom"); !s.Correlated || s.State != "triggered" {
			t.Errorf("%+v", s)
		}
		if p := look(); !p.Correlated() {
			t.Error("Pingdom says that it is down, and nothing correlates")
		}
		w.After(time.Minute)
		w.Web(page, `{"page":{"id":"x"},"status":{"indicator":"critical","description":"Down"},"components":[{"id":"c","name":"CDN","status":"major_outage"}],"incidents":[],"scheduled_maintenances":[]}`)
		w.ReadVendors()
		if s := signal("vendor", "cdn"); !s.Correlated || s.State != "outage" {
			t.Errorf("%+v", s)
		}
		w.After(time.Minute)
		w.Measured("auth", "app_response_time", metric.Gauge, 6, 6, 6, 6)
		p := look()
		k := slices.IndexFunc(p.Metrics, func(m flow.Metric) bool { return m.Service == "auth" && m.Limit == 5 && m.Word == "above" })
		if k < 0 || !p.Metrics[k].Passed || len(p.Metrics[k].Points) == 0 || p.Metrics[k].Rule == "" {
			t.Errorf("%+v", p.Metrics)
		}
		if p.From != story.Monday03.Add(time.Minute).Add(-time.Hour) || p.Until != w.Now() {
			t.Errorf("from %s until %s", p.From, p.Until)
		}
		want := flow.Link{Service: "auth", Name: "Logs", URL: fmt.Sprintf("https://logs.example/?q=service%%3Aauth&from_ts=%d&to_ts=%d&s=auth&at=2026-03-02T02%%3A01%%3A00Z", p.From.UnixMilli(), p.Until.UnixMilli())}
		if len(p.Links) == 0 || p.Links[0] != want {
			t.Errorf("links %+v\nwant %+v", p.Links, want)
		}
	}, story.With(catalog.Vendor{ID: "cdn", Name: "Example CDN", Feed: "statuspage", URL: page, Services: []string{"auth"}}),
		story.Service("auth", func(s *catalog.Service) {
			s.Links = []catalog.ServiceLink{{Name: "Logs", URL: "https://logs.example/?q=service%3A{{service}}&from_ts={{from_ms}}&to_ts={{until_ms}}&s={{service}}&at={{from}}"}}
		}))
}

// The way to a target of the catalogue is measured, step by step; a closed port is a
// failure on the record. What the catalogue does not name is not measured at all.
//
// Clauses: INV-RCA-NET
func TestTheNetworkIsMeasured(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusServiceUnavailable) }))
		defer srv.Close()
		gone, err := net.Listen("tcp", "127.0.0.1:0")
		w.Tried(err)
		closed := gone.Addr().String()
		w.Tried(gone.Close())
		s := w.Entity(catalog.KindService, "auth").(catalog.Service)
		s.Probes = []string{srv.URL, closed}
		w.Keep(s)
		w.Declare(story.Declaration{Severity: P1})
		f, n, ctx := w.Inquiry(), w.Number(), t.Context()
		_, err = f.Probe(ctx, w.As("ana"), n, []string{srv.URL, "http://169.254.169.254/latest/meta-data"}, 3, w.Now())
		misplaced(t, err, "targets[1]")
		_, err = f.Probe(ctx, w.As("ana"), n, nil, 1000, w.Now())
		misplaced(t, err, "times")
		asked, err := f.Probe(ctx, w.As("ana"), n, []string{srv.URL, closed}, 3, w.Now())
		w.Tried(err)
		ticked(t, w, "INV-RCA-NET", false, "")
		w.Probed()
		got, err := f.Read(ctx, w.As("ana"), n, w.Now())
		w.Tried(err)
		if len(got.Probes) != 1 || got.Probes[0].ID != asked.ID || got.Probes[0].DoneAt.IsZero() {
			t.Fatalf("%+v", got.Probes)
		}
		found := map[string]inquiry.Measure{}
		for _, m := range got.Probes[0].Results {
			found[m.Address+" "+m.Step] = m
		}
		for _, step := range []string{"tcp", "http"} {
			m := found[srv.URL+" "+step]
			if m.Times != 3 || m.Failed != 0 || m.Min <= 0 || m.Median < m.Min || m.P95 < m.Median || m.Max < m.P95 {
				t.Errorf("%s: %+v", step, m)
			}
		}
		if m := found[closed+" tcp"]; m.Failed != 3 || m.Why == "" || m.Min != 0 {
			t.Errorf("closed: %+v", m)
		}
		if e := w.Entries(event.ProbeMade).List; len(e) != 1 || e[0].Data.Outcome != "failed" || !strings.Contains(e[0].Data.Text, closed+" tcp: failed") {
			t.Errorf("%+v", e)
		}
		ticked(t, w, "INV-RCA-NET", true, "the network was measured")
		w.Probed()
		if len(w.Entries(event.ProbeMade).List) != 1 {
			t.Error("measured twice")
		}
	})
}
