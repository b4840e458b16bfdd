package action_test

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/base/recur"
	"allclear/internal/domain/action"
	"allclear/internal/domain/procedure"
)

var (
	t0   = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	day  = 24 * time.Hour
	rule = &procedure.Actions{CheckIn: recur.Span{Days: 7}, Late: []procedure.ActionStep{
		{To: []string{"owners_manager"}}, {After: recur.Span{Days: 7}, To: []string{"role:d"}}, {After: recur.Span{Days: 14}, To: []string{"role:vp"}},
	}}
)

func item() *action.Item {
	i := &action.Item{ID: 1, Owner: "ana", Category: "technical", DueAt: t0.Add(10 * day), Record: action.Record{Title: "Rotate keys"}}
	i.Begin("bo", t0)
	return i
}

// Each category is known, another one is refused.
//
// Clauses: ACT-CAT-TECH
func TestCategoriesAreAClosedList(t *testing.T) {
	for _, c := range []string{"technical", "process", "training", "tooling", "communication"} {
		i := item()
		i.Category = c
		if err := i.Check(t0); err != nil {
			t.Errorf("%s: %v", c, err)
		}
	}
	for name, change := range map[string]func(*action.Item){
		"category": func(i *action.Item) { i.Category = "magic" }, "no category": func(i *action.Item) { i.Category = "" }, "owner": func(i *action.Item) { i.Owner = "" },
		"due": func(i *action.Item) { i.DueAt = time.Time{} }, "past": func(i *action.Item) { i.DueAt = t0 }, "title": func(i *action.Item) { i.Title = " " },
	} {
		i := item()
		change(i)
		if err := i.Check(t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// walk lets time pass and lists what is told, as Next asks to be looked at.
func walk(i *action.Item, until time.Time) (told []string) {
	now := t0
	for {
		at, ok := i.Next(rule, now)
		if !ok || at.After(until) {
			return told
		}
		now = at
		d := i.Take(rule, now)
		if d.Nothing() {
			told = append(told, "nothing "+now.Sub(t0).String())
			if len(told) > 100 {
				return told
			}
		}
		for _, s := range d.Steps {
			told = append(told, s.To[0]+" "+now.Sub(t0).String())
		}
		if d.CheckIn {
			told = append(told, "check "+now.Sub(t0).String())
		}
		for range d.Milestones {
			told = append(told, "milestone "+now.Sub(t0).String())
		}
	}
}

func equal(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	for k := range got {
		if got[k] != want[k] {
			t.Fatalf("%v, want %v", got, want)
		}
	}
}

// Clauses: ACT-OWN-ESC, ACT-OWN-CHECK
func TestALateItemClimbs(t *testing.T) {
	equal(t, walk(item(), t0.Add(30*day)), "check 168h0m0s", "owners_manager 240h0m0s", "check 336h0m0s", "role:d 408h0m0s", "check 504h0m0s", "role:vp 576h0m0s", "check 672h0m0s")
	i := item()
	if err := i.Move(action.Blocked, "no budget", "ana", t0.Add(day)); err != nil {
		t.Fatal(err)
	}
	equal(t, walk(i, t0.Add(9*day)), "owners_manager 24h0m0s", "role:d 192h0m0s", "check 192h0m0s")
	if err := i.Move(action.InProgress, "", "ana", t0.Add(9*day)); err != nil || i.Told != 0 {
		t.Errorf("neither blocked nor overdue: %d told, %v", i.Told, err)
	}
	late := walk(i, t0.Add(18*day))
	if late[0] != "owners_manager 240h0m0s" {
		t.Errorf("%v", late)
	}
	for _, to := range []action.State{action.Done, action.Cancelled} {
		i := item()
		if err := i.Move(to, "seen to", "ana", t0); err != nil {
			t.Fatal(err)
		}
		equal(t, walk(i, t0.Add(60*day)))
	}
}

// Clauses: ACT-OWN-DUE
func TestAMissedMilestoneIsFlagged(t *testing.T) {
	i := item()
	if err := i.SetMilestones([]action.Milestone{{ID: 8, Title: "b", DueAt: t0.Add(3 * day)}, {ID: 7, Title: "a", DueAt: t0.Add(2 * day)}}, "ana", t0); err != nil {
		t.Fatal(err)
	}
	if i.Milestones[0].ID != 7 {
		t.Errorf("not in order: %+v", i.Milestones)
	}
	if err := i.Reach(7, "ana", t0.Add(day)); err != nil {
		t.Fatal(err)
	}
	equal(t, walk(i, t0.Add(4*day)), "milestone 72h0m0s")
	if i.Milestones[0].Missed(t0.Add(9*day)) || !i.Milestones[1].Missed(t0.Add(9*day)) {
		t.Errorf("%+v", i.Milestones)
	}
	if err := i.Reach(8, "ana", t0.Add(9*day)); err != nil || !i.Milestones[1].Missed(t0.Add(9*day)) {
		t.Errorf("one that came late was missed: %v", err)
	}
	if err := i.Reach(ident.ID(99), "ana", t0); !fault.Is(err, fault.NotFound) {
		t.Errorf("%v", err)
	}
}

// Clauses: ACT-OWN-CHECK
func TestSomebodyElseVerifies(t *testing.T) {
	i := item()
	if err := i.Verify("", "bo", t0); !fault.Is(err, fault.Conflict) {
		t.Errorf("before it is done: %v", err)
	}
	if err := i.Move(action.Done, "", "cy", t0); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"ana", "cy"} {
		if err := i.Verify("", who, t0); !fault.Is(err, fault.Refused) {
			t.Errorf("%s verified: %v", who, err)
		}
	}
	if err := i.Verify("seen", "bo", t0.Add(day)); err != nil || i.State != action.Verified || i.EndedAt.IsZero() {
		t.Errorf("%v %+v", err, i)
	}
	for name, err := range map[string]error{
		"move": i.Move(action.Open, "", "ana", t0), "change": i.Change(action.Edit{Title: "x"}, "ana", t0), "check": i.CheckIn("x", "ana", t0),
		"milestones": i.SetMilestones(nil, "ana", t0), "again": i.Verify("", "bo", t0),
	} {
		if !fault.Is(err, fault.Conflict) {
			t.Errorf("%s after it was verified: %v", name, err)
		}
	}
}

func TestChangingAnItem(t *testing.T) {
	i := item()
	if err := i.Change(action.Edit{DueAt: t0.Add(20 * day)}, "ana", t0); !fault.Is(err, fault.Invalid) {
		t.Errorf("another date without a reason: %v", err)
	}
	if err := i.Change(action.Edit{DueAt: t0.Add(20 * day), Reason: "a freeze", Owner: "bo"}, "ana", t0); err != nil || i.Owner != "bo" || !i.DueAt.Equal(t0.Add(20*day)) {
		t.Errorf("%v %+v", err, i)
	}
	if err := i.Change(action.Edit{Category: "magic"}, "ana", t0); !fault.Is(err, fault.Invalid) || i.Category != "technical" {
		t.Errorf("%v %s", err, i.Category)
	}
	for to, why := range map[action.State]string{action.Blocked: "", action.Cancelled: " ", action.Verified: "x", "gone": "x"} {
		if err := i.Move(to, why, "ana", t0); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", to, err)
		}
	}
}
