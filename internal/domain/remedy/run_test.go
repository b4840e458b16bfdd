package remedy_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/remedy"
)

var now = time.Date(2026, 3, 2, 3, 10, 0, 0, time.UTC)

func begun(t *testing.T, a remedy.Action) *remedy.Run {
	t.Helper()
	r := &remedy.Run{Action: a, By: "ana"}
	if err := r.Begin(now); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTwoPeopleAreTwoPeople(t *testing.T) {
	r := begun(t, remedy.Action{ID: "pitr", Type: remedy.PointInTime, Command: "restore", Approvals: 1})
	if r.State != remedy.Requested || r.Needs() != 2 {
		t.Fatalf("state %s, needs %d", r.State, r.Needs())
	}
	if err := r.Start("r", "token:r", now); !fault.Is(err, fault.Conflict) {
		t.Errorf("run without agreement: %v", err)
	}
	for i, want := range []error{nil, fault.New(fault.Conflict, "")} {
		if err := r.Approve("ana", "incident_commander", "", now); (err == nil) != (want == nil) {
			t.Errorf("%d: %v", i, err)
		}
	}
	if r.State != remedy.Requested {
		t.Fatalf("one person was enough: %s", r.State)
	}
	if err := r.Approve("bo", "technical_lead", "", now); err != nil || r.State != remedy.Approved {
		t.Errorf("%s, %v", r.State, err)
	}
}

func TestAnApplyIsBoundToItsPlan(t *testing.T) {
	r := begun(t, remedy.Action{ID: "iac", Type: remedy.IACRestore, Command: "plan", Apply: "apply"})
	if r.State != remedy.Approved || r.Stage != remedy.StagePlan {
		t.Fatalf("%s %s", r.State, r.Stage)
	}
	if err := r.Start("r", "token:r", now); err != nil {
		t.Fatal(err)
	}
	if err := r.Finish("token:r", 1, remedy.Result{State: remedy.Succeeded, PlanHash: "abc"}, now); err != nil || r.State != remedy.Planned {
		t.Fatalf("%s, %v", r.State, err)
	}
	for _, plan := range []string{"", "abd"} {
		if err := r.Approve("bo", "technical_lead", plan, now); err == nil || r.State != remedy.Planned {
			t.Errorf("plan %q: %v", plan, err)
		}
	}
	if err := r.Approve("bo", "technical_lead", "abc", now); err != nil || r.State != remedy.Approved || r.Stage != remedy.StageApply {
		t.Errorf("%s %s, %v", r.State, r.Stage, err)
	}
}

func TestALostRunIsLookedAt(t *testing.T) {
	a := remedy.Action{ID: "roll", Type: remedy.AppRollback, Command: "roll"}
	lost := func() *remedy.Run {
		r := begun(t, a)
		if err := r.Approve("bo", "technical_lead", "", now); err != nil {
			t.Fatal(err)
		}
		if err := r.Start("r", "token:r", now); err != nil {
			t.Fatal(err)
		}
		if !r.Lose("not heard of", now.Add(time.Minute)) || r.State != remedy.Lost {
			t.Fatal("not lost")
		}
		return r
	}
	r := lost()
	if err := r.Start("other", "token:other", now); !fault.Is(err, fault.Conflict) {
		t.Errorf("run again by itself: %v", err)
	}
	if err := r.Settle("bo", true, " ", now); !fault.Is(err, fault.Invalid) {
		t.Errorf("settled without a word: %v", err)
	}
	if err := r.Settle("bo", true, "version 41 answers", now.Add(time.Hour)); err != nil || r.State != remedy.Succeeded || r.Took() != time.Minute {
		t.Errorf("%s %s, %v", r.State, r.Took(), err)
	}
	if err := r.Finish("token:r", 1, remedy.Result{State: remedy.Failed}, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("somebody's word was overruled: %v", err)
	}
	r = lost()
	if err := r.Finish("token:r", 0, remedy.Result{State: remedy.Succeeded}, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("a stale fence was heard: %v", err)
	}
	if err := r.Finish("token:other", 1, remedy.Result{State: remedy.Succeeded}, now); !fault.Is(err, fault.Conflict) {
		t.Errorf("another runner was heard: %v", err)
	}
	if err := r.Finish("token:r", 1, remedy.Result{State: remedy.Succeeded}, now); err != nil || r.State != remedy.Succeeded {
		t.Errorf("the word of its runner: %s, %v", r.State, err)
	}
}

// Whatever is done to a run, and in whatever order: it does not run before enough
// people have agreed, and once it is over it stays over.
func TestNothingRunsUnasked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := remedy.Type(rapid.SampledFrom(remedy.Types).Draw(t, "type"))
		r := &remedy.Run{Action: remedy.Action{Type: typ, Command: "c", Apply: "a"}, By: "p0"}
		if err := r.Begin(now); err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 12).Draw(t, "steps") {
			was := r.State
			by := rapid.SampledFrom([]string{"p0", "p1", "p2"}).Draw(t, "by")
			switch rapid.IntRange(0, 4).Draw(t, "step") {
			case 0:
				_ = r.Approve(by, "technical_lead", rapid.SampledFrom([]string{"", "h"}).Draw(t, "plan"), now)
			case 1:
				_ = r.Start("r", "token:r", now)
			case 2:
				_, _ = r.Kill(by, "", now)
			case 3:
				_ = r.Finish("token:r", r.Fence, remedy.Result{State: remedy.Succeeded, PlanHash: "h"}, now)
			case 4:
				r.Lose("", now)
			}
			if r.State == remedy.Running && r.Stage != remedy.StagePlan && r.Missing() > 0 {
				t.Fatalf("a %s runs with %d agreements", typ, len(r.Approvals))
			}
			if (was == remedy.Succeeded || was == remedy.Killed) && r.State != was {
				t.Fatalf("%s became %s", was, r.State)
			}
		}
	})
}

// Clauses: RES-RB-DB
func TestValuesAreRefusedOrPassedAsTheyAre(t *testing.T) {
	a := remedy.Action{Type: remedy.PointInTime, Command: "c", Params: []remedy.Param{
		{Name: "VERSION", Pattern: `v[0-9]+`}, {Name: "MODE", Choices: []string{"soft", "-hard"}, Default: "soft"}, {Name: "FREE"},
	}}
	good := map[string]string{"TARGET_TIME": "2026-03-02T04:02:00+01:00", "VERSION": "v41", "FREE": "$(rm -rf /); `id` && 'x' | y"}
	got := a.Values(good, now, func(name, why string) { t.Errorf("%s: %s", name, why) })
	if got["TARGET_TIME"] != "2026-03-02T03:02:00Z" || got["MODE"] != "soft" || got["FREE"] != good["FREE"] {
		t.Errorf("got %v", got)
	}
	for name, v := range map[string]string{
		"TARGET_TIME": "yesterday", "VERSION": "v41; rm -rf /", "MODE": "hard", "FREE": "-rf", "OTHER": "x",
	} {
		bad := map[string]string{"TARGET_TIME": "2026-03-02T03:02:00Z", name: v}
		var said []string
		a.Values(bad, now, func(name, _ string) { said = append(said, name) })
		if len(said) != 1 || said[0] != name {
			t.Errorf("%s=%q: %v", name, v, said)
		}
	}
	for _, v := range []string{"2026-03-02T03:11:00Z", ""} {
		n := 0
		a.Values(map[string]string{"TARGET_TIME": v}, now, func(string, string) { n++ })
		if n != 1 {
			t.Errorf("TARGET_TIME %q: %d problems", v, n)
		}
	}
	for _, v := range []string{"two\nlines", "nul\x00", strings.Repeat("x", 1001), "\xff"} {
		n := 0
		a.Values(map[string]string{"TARGET_TIME": "2026-03-02T03:02:00Z", "FREE": v}, now, func(string, string) { n++ })
		if n != 1 {
			t.Errorf("FREE %q was taken", v)
		}
	}
}

func TestProblemsNameThePlace(t *testing.T) {
	span := func(d time.Duration) recur.Span { return recur.Span{Duration: d} }
	step := remedy.Step{Name: "home", URL: "https://shop.example.com/"}
	for place, a := range map[string]remedy.Action{
		"/type":                 {Type: "other", Command: "c"},
		"/approvals":            {Type: remedy.Custom, Command: "c", Approvals: 3},
		"/timeout":              {Type: remedy.Custom, Command: "c", Timeout: span(24 * time.Hour)},
		"/proves":               {Type: remedy.Check, Command: "c"},
		"/command":              {Type: remedy.Custom, Command: "rm -rf /"},
		"/apply":                {Type: remedy.IACRestore, Command: "plan"},
		"/steps":                {Type: remedy.Custom, Steps: []remedy.Step{step}},
		"/steps/0/url":          {Type: remedy.Smoke, Steps: []remedy.Step{{Name: "x", URL: "ftp://a.example"}}},
		"/probe/requests":       {Type: remedy.Check, Proves: remedy.Performance, Probe: &remedy.Probe{URL: step.URL, Concurrency: 1}},
		"/probe/p95":            {Type: remedy.Check, Proves: remedy.Performance, Probe: &remedy.Probe{URL: step.URL, Concurrency: 1, Requests: 1, P95: span(6 * time.Second)}},
		"/parameters/0/name":    {Type: remedy.Custom, Command: "c", Params: []remedy.Param{{Name: "LD_PRELOAD"}}},
		"/parameters/1/name":    {Type: remedy.Custom, Command: "c", Params: []remedy.Param{{Name: "A"}, {Name: "A"}}},
		"/parameters/0/pattern": {Type: remedy.Custom, Command: "c", Params: []remedy.Param{{Name: "A", Pattern: "("}}},
		"/parameters/0/default": {Type: remedy.Custom, Command: "c", Params: []remedy.Param{{Name: "A", Pattern: "x", Default: "y"}}},
	} {
		var got []string
		a.Problems(func(where, _ string, _ ...any) { got = append(got, where) })
		if len(got) != 1 || got[0] != place {
			t.Errorf("want %s, got %v", place, got)
		}
	}
	for _, a := range []remedy.Action{
		{Type: remedy.PointInTime, Guide: []string{"Stop writes", "Restore"}},
		{Type: remedy.Smoke, Steps: []remedy.Step{step}},
		{Type: remedy.IACRestore, Command: "plan", Apply: "apply"},
		{Type: remedy.Check, Proves: remedy.Data, Command: "sums"},
	} {
		a.Problems(func(where, format string, args ...any) {
			t.Errorf("%s: %s: "+format, append([]any{a.Type, where}, args...)...)
		})
	}
}

func TestOutputIsCapped(t *testing.T) {
	r := &remedy.Run{}
	for range 40 {
		r.Wrote(strings.Repeat("é\n", 16<<10))
	}
	if r.Bytes > remedy.MaxOutput || r.Bytes < remedy.MaxOutput-4 || !r.Cut || len(r.Tail) > 700 {
		t.Errorf("%d bytes, cut %v, tail %d", r.Bytes, r.Cut, len(r.Tail))
	}
}
