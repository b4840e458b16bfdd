package story_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	domain "allclear/internal/domain/remedy"
	"allclear/internal/flow/command"
	"allclear/internal/flow/remedy"
	"allclear/internal/store/storetest"
	"allclear/test/story"
)

// program is a script on disk.
func program(t *testing.T, body string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(file, []byte("#!/bin/sh\n"+body), 0o700); err != nil { //nolint:gosec // it is a program
		t.Fatal(err)
	}
	return file
}

// An action that was agreed to runs a real program on this machine, and what it wrote
// and how it ended stand on the timeline; before that nothing is run, and who may not
// agree is refused.
//
// Clauses: RES-RB-APP, INT-CI
func TestARollbackRunsARealProgram(t *testing.T) {
	dir := t.TempDir()
	file := program(t, "echo \"back to $1\" | tee -a "+dir+"/done\nexit 0\n")
	list := "commands:\n  rollback:\n    run: [" + file + ", \"${VERSION}\"]\n"
	story.Tell(t, func(w *story.World) {
		must(w, ignore(os.Remove(dir+"/done")))
		manned(w, "api")
		r, err := w.Ask("sarah.liu", remedy.NewRun{Action: "api-rollback", Values: map[string]string{"VERSION": "v41"}})
		must(w, err)
		if err := w.Agree("sarah.liu", r.ID, ""); !fault.Is(err, fault.Refused) {
			t.Errorf("who asked agreed: %v", err)
		}
		w.RunHere(list)
		if _, err := os.Stat(dir + "/done"); err == nil {
			t.Fatal("it was run before anybody agreed")
		}
		for _, bad := range []string{"v41; rm -rf /", "$(id)", "-v41", ""} {
			if _, err := w.Ask("ana", remedy.NewRun{Action: "api-rollback", Values: map[string]string{"VERSION": bad}}); !fault.Is(err, fault.Invalid) {
				t.Errorf("%q: %v", bad, err)
			}
		}
		must(w, w.Agree("bo", r.ID, ""))
		w.RunHere(list)
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		w.Look()
		w.Entries(event.ActionEnded).About("exit code 0").About("back to v41").For("RES-RB-APP").Some()
	}, story.With(rollback))
}

func ignore(err error) error {
	if os.IsNotExist(err) {
		return nil
	}
	return err
}

// A program that stands in for terraform is told to plan, and to apply only once
// somebody has agreed to what it showed.
//
// Clauses: RES-RB-IAC
func TestTerraformPlansThenApplies(t *testing.T) {
	dir := t.TempDir()
	file := program(t, "echo \"$@\" >>"+dir+"/calls\necho \"$1 of $REF: 1 to change\"\n")
	list := "commands:\n  plan:\n    run: [" + file + ", plan, -out, \"${RUN}\"]\n    env: {REF: \"${REF}\"}\n  apply:\n    run: [" + file + ", apply, \"${RUN}\"]\n    env: {REF: \"${REF}\"}\n"
	iac := catalog.Action{ID: "infra", Name: "Restore the infrastructure", Type: domain.IACRestore, Command: "plan", Apply: "apply"}
	story.Tell(t, func(w *story.World) {
		must(w, ignore(os.Remove(dir+"/calls")))
		manned(w, "api")
		r, err := w.Ask("sarah.liu", remedy.NewRun{Action: "infra", Values: map[string]string{"REF": "release-41"}})
		must(w, err)
		w.RunHere(list)
		w.RunHere(list)
		shown := w.RunOf(r.ID)
		want(w, r.ID, shown, domain.Planned)
		if !strings.Contains(shown.Tail, "plan of release-41: 1 to change") || len(shown.PlanHash) != 64 {
			t.Errorf("shows %q, hash %q", shown.Tail, shown.PlanHash)
		}
		must(w, w.Agree("ana", r.ID, shown.PlanHash))
		w.RunHere(list)
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		calls, err := os.ReadFile(dir + "/calls")
		must(w, err)
		if got, want := string(calls), "plan -out "+r.ID.String()+"\napply "+r.ID.String()+"\n"; got != want {
			t.Errorf("called %q, want %q", got, want)
		}
	}, story.With(iac))
}

// The smoke suite runs when the impact is reduced. While it is red the incident is
// not resolved without a reason, also when somebody ticks the task; green ends it.
//
// Clauses: RES-VAL-SMOKE, RES-VAL-MANUAL
func TestNothingIsResolvedWhileSmokeIsRed(t *testing.T) {
	var status atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(rw, "Welcome")
	}))
	t.Cleanup(srv.Close)
	smoke := catalog.Action{ID: "smoke", Name: "Smoke test", Type: domain.Smoke, Steps: []domain.Step{
		{Name: "home", URL: srv.URL + "/", Has: []string{"Welcome"}}, {Name: "sign-in", URL: srv.URL + "/login"},
	}}
	story.Tell(t, func(w *story.World) {
		status.Store(http.StatusInternalServerError)
		manned(w, "api")
		w.Confirm("ana")
		w.Recovered("api", "it is down")
		w.Mitigate()
		first := w.Runs()[0]
		want(w, first.ID, first, domain.Failed)
		w.Entries(event.ActionEnded).About("2 of 2 steps failed").About("500").Some()
		stands(w, "RES-VAL-SMOKE", checklist.Open)
		tick := func(clauses ...string) {
			for _, c := range clauses {
				for _, task := range w.Tasks(c) {
					if task.State == checklist.Open {
						w.Done("ana", task.ID, "looked at by ana")
					}
				}
			}
		}
		if n := len(w.Tasks("RES-VAL-MANUAL")); n != 5 {
			t.Errorf("%d journeys, want 5", n)
		}
		err := w.TryResolve("", w.Now())
		if !fault.Is(err, fault.Conflict) || len(details(err)) < 7 {
			t.Errorf("resolved while red: %v %v", err, details(err))
		}
		tick("RES-VAL-MANUAL", "RES-VAL-PERF", "RES-VAL-SEC", "RES-VAL-SMOKE")
		if err := w.TryResolve("", w.Now()); !fault.Is(err, fault.Conflict) || !strings.Contains(details(err)[0].What, "Smoke test failed") {
			t.Errorf("a ticked task made red green: %v %v", err, details(err))
		}
		status.Store(http.StatusOK)
		again, err := w.Ask("ana", remedy.NewRun{Action: "smoke"})
		must(w, err)
		want(w, again.ID, w.RunOf(again.ID), domain.Succeeded)
		must(w, w.TryResolve("", w.Now()))
	}, story.With(smoke))
}

// Green ends the task with what was seen; a suite that is wrong itself is passed with a
// reason.
//
// Clauses: RES-VAL-SMOKE
func TestSmokeIsGreenOrPassedWithAReason(t *testing.T) {
	var status atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(int(status.Load())) }))
	t.Cleanup(srv.Close)
	smoke := catalog.Action{ID: "smoke", Name: "Smoke test", Type: domain.Smoke, Steps: []domain.Step{{Name: "home", URL: srv.URL + "/"}}}
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		w.Confirm("ana")
		status.Store(http.StatusOK)
		_, err := w.Ask("bo", remedy.NewRun{Action: "smoke"})
		must(w, err)
		if got := stands(w, "RES-VAL-SMOKE", checklist.Done); !strings.Contains(got.Evidence, "Smoke test succeeded") {
			t.Errorf("ended with %q", got.Evidence)
		}
		status.Store(http.StatusBadGateway)
		_, err = w.Ask("bo", remedy.NewRun{Action: "smoke"})
		must(w, err)
		must(w, w.TryResolve("the suite asks a host that was taken away", w.Now()))
	}, story.With(smoke))
}

// What was green before the fix was in, or before the incident came back, proves
// nothing after: its task opens again, and of two suites both are run anew.
//
// Clauses: RES-VAL-SMOKE
func TestAnOldProofProvesNothing(t *testing.T) {
	var status atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(int(status.Load())) }))
	t.Cleanup(srv.Close)
	suite := func(id string) story.Setup { // a parameter: it is not run by itself
		return story.With(catalog.Action{ID: id, Name: "Suite " + id, Type: domain.Smoke, Params: []domain.Param{{Name: "REGION", Required: true}}, Steps: []domain.Step{{Name: "home", URL: srv.URL + "/"}}})
	}
	story.Tell(t, func(w *story.World) {
		status.Store(http.StatusOK)
		run := func(id string) {
			w.After(time.Minute)
			_, err := w.Ask("bo", remedy.NewRun{Action: id, Values: map[string]string{"REGION": "eu"}})
			must(w, err)
		}
		last := func(state checklist.State, n int) {
			w.Helper()
			if all := w.Tasks("RES-VAL-SMOKE"); len(all) != n || all[n-1].State != state {
				w.Errorf("%d tasks, want %d of which the last is %s: %+v", len(all), n, state, all)
			}
		}
		manned(w, "api")
		w.Confirm("ana")
		run("a")
		run("b")
		last(checklist.Done, 1)
		w.After(time.Minute)
		w.Mitigate()
		last(checklist.Open, 2)
		run("a")
		last(checklist.Open, 2) // b was green before the fix
		run("b")
		last(checklist.Done, 2)
		w.Resolve("fixed")
		w.After(time.Minute)
		must(w, w.Reopen("it is back"))
		last(checklist.Open, 3)
		run("b")
		last(checklist.Open, 3)
		run("a")
		last(checklist.Done, 3)
	}, suite("a"), suite("b"))
}

// A slow server fails the test of response times, with what was measured; a quick one
// ends the task.
//
// Clauses: RES-VAL-PERF
func TestSlowAnswersFail(t *testing.T) {
	var slow atomic.Bool
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		if !slow.Load() {
			return
		}
		late := time.NewTimer(120 * time.Millisecond)
		defer late.Stop()
		select {
		case <-late.C:
		case <-req.Context().Done():
		}
	}))
	t.Cleanup(srv.Close)
	ms := func(n int) recur.Span { return recur.Span{Duration: time.Duration(n) * time.Millisecond} }
	perf := catalog.Action{ID: "perf", Name: "Response times", Type: domain.Check, Proves: domain.Performance, Probe: &domain.Probe{URL: srv.URL, Requests: 12, Concurrency: 4, P95: ms(100)}}
	story.Tell(t, func(w *story.World) {
		slow.Store(true)
		manned(w, "api")
		w.Confirm("ana")
		r, err := w.Ask("bo", remedy.NewRun{Action: "perf"})
		must(w, err)
		got := w.RunOf(r.ID)
		want(w, r.ID, got, domain.Failed)
		if !strings.Contains(got.Why, "p95 1") || !strings.Contains(got.Why, "limit 100ms") {
			t.Errorf("says %q", got.Why)
		}
		stands(w, "RES-VAL-PERF", checklist.Open)
		slow.Store(false)
		_, err = w.Ask("bo", remedy.NewRun{Action: "perf"})
		must(w, err)
		stands(w, "RES-VAL-PERF", checklist.Done)
	}, story.With(perf))
}

// A vendor in trouble is taken out by a call to its DNS, and the map shows that the
// backup serves, until it is taken back.
//
// Clauses: RES-RB-3P
func TestAVendorFailsOver(t *testing.T) {
	var target atomic.Value
	dns := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		var body struct{ Type, Name, Content string }
		if req.Method != http.MethodPatch || req.URL.Path != "/client/v4/zones/z1/dns_records/r1" || req.Header.Get("Authorization") != "Bearer cf-token-of-the-zone" || json.NewDecoder(req.Body).Decode(&body) != nil || body.Content == "" {
			rw.WriteHeader(http.StatusBadRequest)
			return
		}
		target.Store(body.Content)
		rw.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(rw, `{"success":true,"errors":[],"messages":[],"result":{"id":"r1"}}`)
	}))
	t.Cleanup(dns.Close)
	t.Setenv("CLOUDFLARE_TOKEN", "cf-token-of-the-zone")
	entry := func(to string) string {
		return "    http:\n      method: PATCH\n      url: " + dns.URL + "/client/v4/zones/z1/dns_records/r1\n      token: CLOUDFLARE_TOKEN\n      body: {type: CNAME, name: cdn.example.com, content: " + to + "}\n"
	}
	list := "commands:\n  cdn-over:\n" + entry("backup.example.net") + "  cdn-back:\n" + entry("primary.example.net")
	over := catalog.Action{ID: "cdn-over", Name: "Serve from the backup network", Type: domain.Failover, Command: "cdn-over"}
	back := catalog.Action{ID: "cdn-back", Name: "Serve from the first network", Type: domain.Failover, Command: "cdn-back"}
	cdn := catalog.Vendor{ID: "cdn", Name: "CDN", Feed: "rss", URL: "https://status.example.net/rss", Services: []string{"api"}, Primary: "First", Backup: "Second", Over: "cdn-over", Back: "cdn-back"}
	tellAlone(t, func(w *story.World) {
		manned(w, "api")
		do := func(action string, drill bool) *domain.Run {
			r, err := w.Ask("sarah.liu", remedy.NewRun{Action: action, Drill: drill})
			must(w, err)
			must(w, w.Agree("bo", r.ID, ""))
			w.RunHere(list)
			w.Look()
			got := w.RunOf(r.ID)
			want(w, r.ID, got, domain.Succeeded)
			return got
		}
		do("cdn-over", false)
		if target.Load() != "backup.example.net" || !w.OnBackup("cdn").Equal(w.Now()) {
			t.Errorf("the name points to %v, on backup since %s", target.Load(), w.OnBackup("cdn"))
		}
		w.Entries(event.VendorBackup).About("CDN is on backup: Second serves").Some()
		for _, r := range w.Runs() {
			if strings.Contains(r.Tail, "cf-token") {
				t.Error("the token is in the output")
			}
		}
		do("cdn-back", false)
		if target.Load() != "primary.example.net" || !w.OnBackup("cdn").IsZero() {
			t.Errorf("the name points to %v, on backup since %s", target.Load(), w.OnBackup("cdn"))
		}
	}, story.With(over), story.With(back), story.With(cdn))
}

// tellAlone is Tell for stories that need variables of the process.
func tellAlone(t *testing.T, tell func(w *story.World), setup ...story.Setup) {
	t.Helper()
	tell(story.New(t, storetest.Memory(t), setup...))
}

// What must hold a day after is tested: normal load, peak load once somebody has
// agreed, a failover whose time is measured, and data, of which the commander hears
// when it is not as it should be.
//
// Clauses: MON-STAB-LOAD, MON-STAB-STRESS, MON-STAB-FAILOVER, MON-STAB-DATA
func TestStabilityIsTested(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	t.Cleanup(srv.Close)
	probe := func(rate int) *domain.Probe {
		return &domain.Probe{URL: srv.URL, Requests: 20, Concurrency: 4, Rate: rate}
	}
	load := catalog.Action{ID: "load", Name: "Normal load", Type: domain.Check, Proves: domain.Load, Probe: probe(200)}
	stress := catalog.Action{ID: "stress", Name: "Peak load", Type: domain.Check, Proves: domain.Stress, Probe: probe(800)}
	data := catalog.Action{ID: "sums", Name: "Compare checksums", Type: domain.Check, Proves: domain.Data, Command: "sums"}
	drill := catalog.Action{ID: "db-over", Name: "Fail the database over", Type: domain.Failover, Guide: []string{"Promote the replica", "Point the service to it"}}
	bad, good := program(t, "echo 'orders: 4811 rows, want 4812'\nexit 1\n"), program(t, "echo 'orders: 4812 rows'\n")
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		w.Confirm("ana")
		w.Recovered("api", "it is down")
		must(w, w.TryResolve("all is well", w.Now()))
		w.After(time.Hour)
		r, err := w.Ask("bo", remedy.NewRun{Action: "load"})
		must(w, err)
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		if got := stands(w, "MON-STAB-LOAD", checklist.Done); !strings.Contains(got.Evidence, "20 of 20 requests") || !strings.Contains(got.Evidence, "p95") {
			t.Errorf("load: %q", got.Evidence)
		}
		r, err = w.Ask("sarah.liu", remedy.NewRun{Action: "stress"})
		must(w, err)
		want(w, r.ID, w.RunOf(r.ID), domain.Requested)
		stands(w, "MON-STAB-STRESS", checklist.Open)
		must(w, w.Agree("bo", r.ID, ""))
		want(w, r.ID, w.RunOf(r.ID), domain.Succeeded)
		stands(w, "MON-STAB-STRESS", checklist.Done)

		r, err = w.Ask("sarah.liu", remedy.NewRun{Action: "db-over", Drill: true})
		must(w, err)
		must(w, w.Agree("bo", r.ID, ""))
		w.After(4*time.Minute + 10*time.Second)
		must(w, w.Settle("bo", r.ID, true, "the replica answers"))
		if got := w.RunOf(r.ID); got.Took() != 4*time.Minute+10*time.Second {
			t.Errorf("recovered after %s", got.Took())
		}
		if got := stands(w, "MON-STAB-FAILOVER", checklist.Done); !strings.Contains(got.Evidence, "4m10s") {
			t.Errorf("drill: %q", got.Evidence)
		}

		ask := func(file string) *domain.Run {
			r, err := w.Ask("bo", remedy.NewRun{Action: "sums"})
			must(w, err)
			w.RunHere("commands:\n  sums: {run: [" + file + "]}\n")
			w.After(0)
			return w.RunOf(r.ID)
		}
		r = ask(bad)
		want(w, r.ID, r, domain.Failed)
		stands(w, "MON-STAB-DATA", checklist.Open)
		w.Notices("ana").About("data-red").About("4811 rows").Some()
		r = ask(good)
		want(w, r.ID, r, domain.Succeeded)
		stands(w, "MON-STAB-DATA", checklist.Done)
	}, story.With(load), story.With(stress), story.With(data), story.With(drill))
}

// The board has the services of the incident and of its alerts in the order in which
// they are restored. Work out of turn is warned of, not refused; when all are restored
// the task is done.
//
// Clauses: RES-PRIO-1, RES-PRIO-2, RES-PRIO-3, RES-PRIO-4, RES-PRIO-5, RES-PRIO-6
func TestServicesAreRestoredInOrder(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		manned(w, "api")
		w.Confirm("ana")
		must(w, w.Scope(command.NewScope{Services: []string{"auth", "admin", "reporting", "dashboard", "ingestion"}}))
		var order []string
		for i, p := range w.Recovery().Places {
			order = append(order, p.Service.ID)
			if p.RestorationRank != i+1 || p.State != domain.Down {
				t.Errorf("%s has rank %d and is %s", p.Service.ID, p.RestorationRank, p.State)
			}
		}
		if !slices.Equal(order, []string{"auth", "dashboard", "ingestion", "api", "reporting", "admin"}) {
			t.Errorf("order %v", order)
		}
		must(w, w.Restore("bo", remedy.Move{Service: "auth", State: domain.InWork}))
		w.Entries(event.OutOfTurn).None()
		must(w, w.Restore("bo", remedy.Move{Service: "admin", State: domain.InWork, Worker: "sarah.liu"}))
		w.Entries(event.OutOfTurn).About("auth, dashboard, ingestion, api and reporting should be restored first").For("RES-PRIO-6").Some()
		if got := w.Recovery().Places[5]; got.Worker != "sarah.liu" || got.State != domain.InWork || len(got.Before) != 5 {
			t.Errorf("admin: %+v", got)
		}
		for _, bad := range []remedy.Move{{Service: "nobody", State: domain.Back}, {Service: "auth", State: "fine"}, {Service: "auth", State: domain.InWork, Worker: "nobody"}} {
			if err := w.Restore("bo", bad); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		for _, id := range order {
			stands(w, "RES-PRIO-1", checklist.Open)
			must(w, w.Restore("ana", remedy.Move{Service: id, State: domain.Back}))
		}
		stands(w, "RES-PRIO-1", checklist.Done)
		must(w, w.TryResolve("restored", w.Now()))
		if w.Incident().Status != incident.Resolved {
			t.Error("not resolved")
		}
		if err := w.Restore("ana", remedy.Move{Service: "auth", State: domain.Down}); !fault.Is(err, fault.Conflict) {
			t.Errorf("moved after the end: %v", err)
		}
	})
}
