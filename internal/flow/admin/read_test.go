package admin_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/flow/admin"
)

func keys(p admin.Page) []string {
	out := []string{}
	for _, i := range p.Items {
		out = append(out, i.Entity.Key())
	}
	return out
}

func TestListsArePagedInAStableOrder(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var all []string
		f := admin.Filter{Limit: 7}
		for pages := 0; pages < 10; pages++ {
			p, err := h.List(bg, responder, catalog.KindCustomer, f)
			if err != nil || p.Total != 40 {
				t.Fatalf("%v, %d in all", err, p.Total)
			}
			all = append(all, keys(p)...)
			if f.After = p.Next; p.Next == "" {
				break
			}
		}
		if len(all) != 40 || !slices.IsSorted(all) || len(slices.Compact(all)) != 40 {
			t.Errorf("%d: %v", len(all), all)
		}
		_, err := h.List(bg, responder, catalog.KindCustomer, admin.Filter{Limit: 501})
		wantKind(t, err, fault.Invalid)
	})
}

func TestListsAreFiltered(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		yes := true
		for name, tc := range map[string]struct {
			kind catalog.Kind
			f    admin.Filter
			want string
		}{
			"level":                {catalog.KindPerson, admin.Filter{Level: 3}, "[michael.chen rachel.torres]"},
			"role":                 {catalog.KindPerson, admin.Filter{Role: "cto"}, "[michael.chen]"},
			"area":                 {catalog.KindService, admin.Filter{Area: "platform"}, "[admin auth ingestion]"},
			"owner":                {catalog.KindService, admin.Filter{Team: "applications"}, "[api dashboard reporting]"},
			"words in any case":    {catalog.KindPerson, admin.Filter{Query: " RODRIG "}, "[amanda.rodriguez]"},
			"VIP":                  {catalog.KindCustomer, admin.Filter{VIP: &yes}, "[customer-0001 customer-0034]"},
			"domain":               {catalog.KindCustomer, admin.Filter{Query: "customer-0012.example"}, "[customer-0012]"},
			"a field it lacks":     {catalog.KindTeam, admin.Filter{Level: 3}, "[]"},
			"a service nobody has": {catalog.KindCustomer, admin.Filter{Service: "no-such"}, "[]"},
			"schedules":            {catalog.KindSchedule, admin.Filter{Query: "primary"}, "[primary]"},
		} {
			p, err := h.List(bg, follower, tc.kind, tc.f)
			if got := fmt.Sprint(keys(p)); err != nil || got != tc.want || p.Total != len(p.Items) {
				t.Errorf("%s: got %s, %v; want %s", name, got, err, tc.want)
			}
		}
		p, err := h.List(bg, follower, catalog.KindCustomer, admin.Filter{Service: "reporting", Region: "us", Limit: 500})
		for _, i := range p.Items {
			c := i.Entity.(catalog.Customer)
			if c.Region != "us" || !slices.Contains(c.Products, "reporting-product") {
				t.Errorf("%+v", c)
			}
		}
		if err != nil || len(p.Items) == 0 || len(p.Items) == 40 {
			t.Errorf("%d use it, %v", len(p.Items), err)
		}
	})
}

func TestContactsAndContractsTakeARight(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.catalog(t).People["bo"]
		p.Absent = []catalog.Absence{{From: now, Until: now.Add(time.Hour), Reason: "surgery"}}
		h.put(t, p)
		see := func(a authz.Actor) string {
			out := ""
			for _, kind := range []catalog.Kind{catalog.KindPerson, catalog.KindCustomer} {
				page, err := h.List(bg, a, kind, admin.Filter{Limit: 500})
				if err != nil {
					t.Fatal(err)
				}
				out += fmt.Sprintf("%+v", page.Items)
			}
			one, err := h.Get(bg, a, catalog.KindPerson, "bo")
			if err != nil {
				t.Fatal(err)
			}
			return out + fmt.Sprintf("%+v", one)
		}
		secrets := []string{"+1555012", "operations@customer", "99.95", "surgery"}
		for _, a := range []authz.Actor{boss, responder, auditor} {
			for _, s := range secrets {
				if !strings.Contains(see(a), s) {
					t.Errorf("%s cannot read %q", a.Role, s)
				}
			}
		}
		text := see(follower)
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("a stakeholder can read %q", s)
			}
		}
		if !strings.Contains(text, "+15550100099") || !strings.Contains(text, "bo@") {
			t.Error("one's own number and everybody's mail address are to be seen")
		}
		if p, err := h.List(bg, follower, catalog.KindCustomer, admin.Filter{Query: "operations@customer-0001"}); err != nil || p.Total != 0 {
			t.Errorf("a search finds what is hidden: %v, %v", keys(p), err)
		}
		if c := h.catalog(t).People["bo"]; len(c.Contacts) == 0 || c.Absent[0].Reason == "" {
			t.Error("leaving out has changed what stands")
		}
	})
}

func TestReadingTakesARole(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		nobody := authz.Actor{}
		_, err := h.Get(bg, nobody, catalog.KindPerson, "ana")
		wantKind(t, err, fault.Refused)
		_, err = h.List(bg, nobody, catalog.KindPerson, admin.Filter{})
		wantKind(t, err, fault.Refused)
		_, err = h.OnCall(bg, nobody, now)
		wantKind(t, err, fault.Refused)
		_, err = h.Rota(bg, nobody, "primary", now, now.Add(time.Hour))
		wantKind(t, err, fault.Refused)
		_, err = h.Get(bg, follower, catalog.KindPerson, "no-such")
		wantKind(t, err, fault.NotFound)
		_, err = h.Get(bg, follower, catalog.Kind("setting"), "procedure")
		wantKind(t, err, fault.NotFound)
	})
}

func TestOnCallTellsWhoUntilWhenAndWhoIsNext(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		duty := func() admin.Duty {
			all, err := h.OnCall(bg, follower, now)
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(all, func(d admin.Duty) bool { return d.Schedule == "primary" })
			return all[i]
		}
		d := duty()
		handoff := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
		if len(d.OnCall) != 1 || !slices.Equal(d.OnCall, d.Named) || !d.Until.Equal(handoff) || len(d.Next) != 1 || slices.Equal(d.Next, d.Named) {
			t.Errorf("%+v", d)
		}
		p := h.catalog(t).People[d.Named[0]]
		p.Absent, p.Deputy = []catalog.Absence{{From: now, Until: now.Add(time.Minute)}}, "sarah.liu"
		h.put(t, p)
		if got := duty(); !slices.Equal(got.OnCall, []string{"sarah.liu"}) || !slices.Equal(got.Named, d.Named) {
			t.Errorf("with the deputy: %+v", got)
		}
	})
}

func TestCover(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		who := func(at time.Time) []string { return h.catalog(t).Schedules["primary"].At(at) }
		before := who(now.Add(time.Hour))
		o := oncall.Override{From: now, Until: now.Add(2 * time.Hour), Person: "sarah.liu"}
		for _, a := range []authz.Actor{follower, auditor} {
			_, err := h.Cover(bg, a, "primary", o, now)
			wantKind(t, err, fault.Refused)
			_, err = h.Uncover(bg, a, "primary", o, now)
			wantKind(t, err, fault.Refused)
		}
		if _, err := h.Cover(bg, responder, "primary", o, now); err != nil {
			t.Fatal(err)
		}
		if got := who(now.Add(time.Hour)); !slices.Equal(got, []string{"sarah.liu"}) {
			t.Errorf("on call: %v", got)
		}
		rota, err := h.Rota(bg, follower, "primary", now, now.Add(4*time.Hour))
		if err != nil || len(rota.Shifts) != 2 || rota.Shifts[0].Override != 0 || rota.Shifts[0].Person != "sarah.liu" || len(rota.Gaps) != 0 {
			t.Errorf("%+v, %v", rota, err)
		}
		if _, err := h.Uncover(bg, responder, "primary", o, now); err != nil || !slices.Equal(who(now.Add(time.Hour)), before) {
			t.Errorf("%v, on call %v", err, who(now.Add(time.Hour)))
		}
		_, err = h.Uncover(bg, responder, "primary", o, now)
		wantKind(t, err, fault.NotFound)
		_, err = h.Cover(bg, responder, "no-such", o, now)
		wantKind(t, err, fault.NotFound)
		o.Person = "ghost"
		_, err = h.Cover(bg, responder, "primary", o, now)
		wantKind(t, err, fault.Invalid, "ghost")
		_, err = h.Cover(bg, responder, "primary", oncall.Override{From: now.Add(-2 * time.Hour), Until: now, Person: "bo"}, now)
		wantKind(t, err, fault.Invalid, "over already")
		_, err = h.Cover(bg, responder, "primary", oncall.Override{From: now.Add(2 * time.Hour), Until: now.Add(time.Hour), Person: "bo"}, now)
		wantKind(t, err, fault.Invalid, "must be after from")
		_, err = h.Rota(bg, follower, "primary", now, now.Add(admin.MaxRange+1))
		wantKind(t, err, fault.Invalid)
	})
}
