package demo_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/app/demo"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
	"allclear/procedures"
)

// Whoever the built-in procedure names is somebody of the demonstration, at any
// hour and for every service.
func TestTheProcedureNamesPeopleOfTheDemonstration(t *testing.T) {
	p, err := procedure.Parse(procedures.TechFlow)
	if err != nil {
		t.Fatal(err)
	}
	c := catalog.New(1, demo.Entities()...)
	for _, target := range targets(p) {
		for _, s := range demo.Services() {
			for _, late := range []bool{false, true} {
				ids, err := c.Resolve(target, catalog.TargetContext{
					ServiceID: s.ID, At: time.Date(2026, 3, 7, 3, 0, 0, 0, time.UTC), OutOfHours: late,
					Commander: "ana", Responders: []string{"bo"},
				})
				if err != nil || len(ids) == 0 {
					t.Errorf("%s for %s: %v, %v", target, s.ID, ids, err)
				}
			}
		}
	}
}

// targets lists what the catalogue resolves: neither chat channels nor the account
// manager, whom a credit names.
func targets(p *procedure.Procedure) []string {
	return slices.DeleteFunc(addressed(p), func(s string) bool { return strings.HasPrefix(s, "chat:") || s == procedure.AccountManager })
}

func addressed(p *procedure.Procedure) []string {
	list := []string{p.Paging.Fallback, p.Document.Owner}
	list = append(list, p.Document.Distribution...)
	for _, s := range p.Chain.Steps {
		list = append(list, s.Target)
	}
	for _, l := range p.Levels {
		list = append(list, l.Members...)
	}
	for _, r := range p.Rules {
		for _, t := range []*procedure.Tell{r.Notice, r.Page} {
			if t != nil {
				list = append(list, t.To...)
			}
		}
		if r.Task != nil {
			list = append(list, r.Task.Owner)
			list = append(list, r.Task.Overdue...)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// A credit concerns one customer, and whoever looks after that customer does it.
func TestEveryCustomerOfTheDemonstrationIsLookedAfter(t *testing.T) {
	p, err := procedure.Parse(procedures.TechFlow)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(addressed(p), procedure.AccountManager) {
		t.Error("the procedure asks nothing of account managers")
	}
	c := catalog.New(1, demo.Entities()...)
	for _, k := range demo.Customers() {
		if ids, err := c.Resolve("person:"+k.AccountManager, catalog.TargetContext{}); err != nil || len(ids) != 1 {
			t.Errorf("%s: %v, %v", k.ID, ids, err)
		}
	}
}

// Lint finds nothing wrong between the procedure and the demonstration.
func TestTheProcedureFitsTheDemonstration(t *testing.T) {
	c := catalog.New(1, demo.Entities()...)
	around := procedure.Surroundings{
		Today: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), Schedules: map[string]*oncall.Schedule{},
		Holders: map[string]int{}, Members: map[string]int{},
	}
	for _, s := range demo.Schedules() {
		around.Schedules[s.ID] = s.Document
	}
	for _, person := range demo.People() {
		for _, r := range person.Roles {
			around.Holders[r]++
		}
	}
	for _, team := range demo.Teams() {
		ids, err := c.Resolve("team:"+team.ID, catalog.TargetContext{})
		if err != nil {
			t.Fatal(err)
		}
		around.Members[team.ID] = len(ids)
	}
	_, findings := procedure.Check(procedures.TechFlow, around)
	var codes []string
	for _, f := range findings {
		codes = append(codes, f.Code)
	}
	if want := []string{"review-overdue", "no-holidays", "chain-late", "unconfirmed-credits", "late-phase"}; !slices.Equal(codes, want) {
		t.Errorf("got %q, want %q: %+v", codes, want, findings)
	}
}
