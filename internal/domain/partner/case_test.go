package partner_test

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/partner"
)

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// Every step from every state: what is refused leaves the case as it was.
func TestSteps(t *testing.T) {
	steps := map[string]func(c *partner.Case) error{
		"opened by hand": func(c *partner.Case) error { return c.Opened("ana", "", "n", "", now) },
		"opened by desk": func(c *partner.Case) error { return c.Opened("desk", "ref", "ref", "", now) },
		"closed":         func(c *partner.Case) error { return c.Close("ana", "done", now) },
		"cancelled":      func(c *partner.Case) error { return c.Cancel("ana", "no", now) },
		"refused":        func(c *partner.Case) error { c.Refused("403", true); return nil },
		"tried":          func(c *partner.Case) error { c.Refused("503", false); return nil },
		"over":           func(c *partner.Case) error { c.Hear(partner.Heard{Over: true}, now); return nil },
	}
	want := map[partner.State]map[string]partner.State{
		partner.Asked:     {"opened by hand": partner.Open, "opened by desk": partner.Open, "cancelled": partner.Cancelled, "refused": partner.ToOpen},
		partner.ToOpen:    {"opened by hand": partner.Open, "opened by desk": partner.Open, "cancelled": partner.Cancelled},
		partner.Open:      {"closed": partner.Closed, "over": partner.Closed},
		partner.Closed:    {},
		partner.Cancelled: {"opened by desk": partner.Open}, // the partner has it nevertheless
	}
	refused := map[partner.State][]string{
		partner.Asked: {"closed"}, partner.ToOpen: {"closed"}, partner.Open: {"opened by desk", "cancelled"}, partner.Closed: {"opened by hand", "opened by desk", "closed", "cancelled"}, partner.Cancelled: {"opened by hand", "closed", "cancelled"},
	}
	for from, to := range want {
		for name, step := range steps {
			c := partner.Case{State: from, Partner: "aws"}
			err := step(&c)
			next, moves := to[name]
			if !moves {
				next = from
			}
			no := false
			for _, r := range refused[from] {
				no = no || r == name
			}
			if c.State != next || (err != nil) != no || err != nil && !fault.Is(err, fault.Conflict) {
				t.Errorf("%s, %s: %s %v, want %s", from, name, c.State, err, next)
			}
			if c.State.Standing() != (c.State != partner.Closed && c.State != partner.Cancelled) {
				t.Errorf("%s stands: %v", c.State, c.State.Standing())
			}
		}
	}
}

func TestHearing(t *testing.T) {
	c := partner.Case{State: partner.Open, Record: partner.Record{Number: "ref", Problem: "503"}, LookAt: now}
	if !c.Hear(partner.Heard{Number: "7", Told: "new"}, now) || c.Number != "7" || c.Problem != "" || c.LookAt.IsZero() {
		t.Errorf("%+v", c)
	}
	if c.Hear(partner.Heard{Number: "7", Told: "new"}, now) {
		t.Error("the same is news")
	}
	if !c.Hear(partner.Heard{Told: "closed", Result: "fixed", Over: true}, now) || c.Number != "7" || c.Result != "fixed" || c.State != partner.Closed || !c.LookAt.IsZero() {
		t.Errorf("%+v", c)
	}
	if err := c.Opened("ana", "", "8", "", now); err == nil {
		t.Error("a closed case is opened")
	}
	open := partner.Case{State: partner.Open, Record: partner.Record{Ref: "ref", OpenBy: "aws"}}
	if err := open.Opened("ana", "", "8", "l", now); err != nil || open.Number != "8" || open.Ref != "ref" || open.OpenBy != "aws" {
		t.Errorf("a number that is put right: %+v %v", open, err)
	}
}

func TestNotes(t *testing.T) {
	c := partner.Case{State: partner.Open}
	for i := range partner.MaxNotes {
		if err := c.Noted(partner.Note{By: "ana", Text: "x", Privileged: i%2 == 0}); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Noted(partner.Note{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("one more: %v", err)
	}
	for who, want := range map[string]int{"ana": partner.MaxNotes, "ben": partner.MaxNotes / 2} {
		if got := c.For(who, false); len(got.Notes) != want {
			t.Errorf("%s reads %d", who, len(got.Notes))
		}
	}
	if got := c.For("ben", true); len(got.Notes) != partner.MaxNotes {
		t.Errorf("who is privy reads %d", len(got.Notes))
	}
}
