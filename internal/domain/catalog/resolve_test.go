package catalog_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func schedule(t testing.TB, id string, members ...string) catalog.Schedule {
	t.Helper()
	doc := &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: members, Start: "2026-01-05T09:00", Every: 1, Unit: "week"}}}
	if err := doc.Prepare(); err != nil {
		t.Fatal(err)
	}
	return catalog.Schedule{ID: id, Document: doc}
}

func away(hours int) []catalog.Absence {
	return []catalog.Absence{{From: noon.Add(-time.Hour), Until: noon.Add(time.Duration(hours) * time.Hour)}}
}

func firm(t testing.TB) *catalog.Catalog {
	return catalog.New(1,
		catalog.Person{ID: "ana", Name: "Ana", Level: 1, Deputy: "bo"},
		catalog.Person{ID: "bo", Name: "Bo", Level: 1, Teams: []string{"platform"}},
		catalog.Person{ID: "cy", Name: "Cy", Level: 1, Deputy: "dee", Absent: away(1)},
		catalog.Person{ID: "dee", Name: "Dee", Level: 2, Deputy: "cy"},
		catalog.Person{ID: "eve", Name: "Eve", Absent: away(2)},
		catalog.Person{ID: "liu", Name: "Liu", Level: 2, Area: "platform", Roles: []string{catalog.RoleManager}},
		catalog.Person{ID: "kit", Name: "Kit", Level: 2, Area: "applications", Roles: []string{catalog.RoleManager, "approver"}, Deputy: "liu"},
		catalog.Person{ID: "fay", Name: "Fay", Absent: away(1), Deputy: "gus"},
		catalog.Person{ID: "gus", Name: "Gus", Absent: away(1), Deputy: "hal"},
		catalog.Person{ID: "hal", Name: "Hal"},
		catalog.Team{ID: "platform", Name: "Platform", Lead: "cy", Members: []string{"ana", "cy", "eve"}},
		catalog.Team{ID: "leaderless", Name: "Leaderless", Members: []string{"hal"}},
		catalog.Team{ID: "office", Name: "Office", Members: []string{"ana"}, Availability: catalog.BusinessHours, Otherwise: "role:approver"},
		catalog.Team{ID: "ring", Name: "Ring", Availability: catalog.BusinessHours, Otherwise: "team:gnir"},
		catalog.Team{ID: "gnir", Name: "Gnir", Availability: catalog.BusinessHours, Otherwise: "team:ring"},
		catalog.Service{ID: "auth", Name: "Auth", OwnerTeam: "platform", Area: "platform", RestorationRank: 1},
		catalog.Service{ID: "api", Name: "API", OwnerTeam: "leaderless", Area: "applications", RestorationRank: 4, DependsOn: []string{"auth"}},
		catalog.Service{ID: "lost", Name: "Lost", RestorationRank: 6},
		catalog.Service{ID: "odd", Name: "Odd", Area: "basement", RestorationRank: 6, DependsOn: []string{"api"}},
		schedule(t, "primary", "ana", "bo"),
		schedule(t, "absent", "fay"),
		catalog.Schedule{ID: "empty", Document: &oncall.Schedule{TimeZone: "UTC"}},
	)
}

func TestResolve(t *testing.T) {
	c := firm(t)
	for _, tc := range []struct {
		name, target string
		in           catalog.TargetContext
		want         []string
	}{
		{"on call", "schedule:primary", catalog.TargetContext{At: noon}, []string{"ana"}},
		{"on call at the handoff", "schedule:primary", catalog.TargetContext{At: time.Date(2026, 3, 9, 9, 0, 0, 0, time.UTC)}, []string{"bo"}},
		{"on call just before it", "schedule:primary", catalog.TargetContext{At: time.Date(2026, 3, 9, 8, 59, 59, 0, time.UTC)}, []string{"ana"}},
		{"nobody on call", "schedule:empty", catalog.TargetContext{At: noon}, []string{}},
		{"deputy of a deputy", "schedule:absent", catalog.TargetContext{At: noon}, []string{"hal"}},
		{"team: lead first, absent replaced, members by themselves", "team:platform", catalog.TargetContext{At: noon}, []string{"dee", "ana", "eve", "bo"}},
		{"team when everybody is there", "team:platform", catalog.TargetContext{At: noon.AddDate(0, 0, 1)}, []string{"cy", "ana", "eve", "bo"}},
		{"business team in hours", "team:office", catalog.TargetContext{At: noon}, []string{"ana"}},
		{"business team out of hours", "team:office", catalog.TargetContext{At: noon, OutOfHours: true}, []string{"kit"}},
		{"role", "role:engineering-manager", catalog.TargetContext{At: noon}, []string{"kit", "liu"}},
		{"role nobody has", "role:wizard", catalog.TargetContext{At: noon}, []string{}},
		{"level", "level:1", catalog.TargetContext{At: noon}, []string{"ana", "bo", "dee"}},
		{"manager of the area", "manager:area", catalog.TargetContext{At: noon, ServiceID: "auth"}, []string{"liu"}},
		{"manager of the other area", "manager:area", catalog.TargetContext{At: noon, ServiceID: "api"}, []string{"kit"}},
		{"both managers without an area", "manager:area", catalog.TargetContext{At: noon, ServiceID: "lost"}, []string{"kit", "liu"}},
		{"both managers without a service", "manager:area", catalog.TargetContext{At: noon}, []string{"kit", "liu"}},
		{"both managers for an area nobody manages", "manager:area", catalog.TargetContext{At: noon, ServiceID: "odd"}, []string{"kit", "liu"}},
		{"manager of a named area", "manager:platform", catalog.TargetContext{At: noon, ServiceID: "api"}, []string{"liu"}},
		{"lead of the owner, absent", "lead:owner", catalog.TargetContext{At: noon, ServiceID: "auth"}, []string{"dee"}},
		{"no lead: the area's manager", "lead:owner", catalog.TargetContext{At: noon, ServiceID: "api"}, []string{"kit"}},
		{"no owner: both managers", "lead:owner", catalog.TargetContext{At: noon, ServiceID: "lost"}, []string{"kit", "liu"}},
		{"commander", "commander", catalog.TargetContext{At: noon, Commander: "cy"}, []string{"cy"}},
		{"no commander", "commander", catalog.TargetContext{At: noon}, []string{}},
		{"responders once each", "responders", catalog.TargetContext{At: noon, Responders: []string{"bo", "ana", "bo"}}, []string{"bo", "ana"}},
		{"person", "person:ana", catalog.TargetContext{At: noon}, []string{"ana"}},
		{"absent person", "person:cy", catalog.TargetContext{At: noon}, []string{"dee"}},
		{"absent person without a deputy", "person:eve", catalog.TargetContext{At: noon}, []string{"eve"}},
		{"back from absence at its end", "person:cy", catalog.TargetContext{At: noon.Add(time.Hour)}, []string{"cy"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := c.Resolve(tc.target, tc.in)
			if err != nil || !slices.Equal(got, tc.want) {
				t.Errorf("%s: got %v, %v; want %v", tc.target, got, err, tc.want)
			}
		})
	}
}

func TestResolveRefusesWhatItDoesNotKnow(t *testing.T) {
	c := firm(t)
	for target, want := range map[string]fault.Kind{
		"": fault.Invalid, "ana": fault.Invalid, "schedule:": fault.Invalid, "boss:ana": fault.Invalid, "level:9": fault.Invalid,
		"level:0": fault.Invalid, "level:x": fault.Invalid, "lead:somebody": fault.Invalid, "team:ring": fault.Invalid,
		"schedule:no": fault.NotFound, "team:no": fault.NotFound, "person:no": fault.NotFound,
	} {
		got, err := c.Resolve(target, catalog.TargetContext{At: noon, OutOfHours: true})
		if err == nil || !fault.Is(err, want) {
			t.Errorf("%q: got %v, %v; want %v", target, got, err, want)
		}
	}
}

func TestResolveIsStableAndNeverRepeats(t *testing.T) {
	c := firm(t)
	targets := []string{"schedule:primary", "team:platform", "role:engineering-manager", "level:1", "level:2", "manager:area", "lead:owner", "responders"}
	rapid.Check(t, func(t *rapid.T) {
		in := catalog.TargetContext{
			ServiceID:  rapid.SampledFrom([]string{"", "auth", "api", "lost", "odd"}).Draw(t, "service"),
			At:         noon.Add(time.Duration(rapid.IntRange(-3, 3).Draw(t, "hours")) * time.Hour),
			Responders: rapid.SliceOf(rapid.SampledFrom(slices.Sorted(maps.Keys(c.People)))).Draw(t, "responders"),
		}
		target := rapid.SampledFrom(targets).Draw(t, "target")
		first, err1 := c.Resolve(target, in)
		again, err2 := c.Resolve(target, in)
		if err1 != nil || err2 != nil || !slices.Equal(first, again) {
			t.Fatalf("%s: %v %v, then %v %v", target, first, err1, again, err2)
		}
		for i, id := range first {
			if slices.Contains(first[:i], id) {
				t.Fatalf("%s: %s twice in %v", target, id, first)
			}
		}
	})
}

func TestDeputy(t *testing.T) {
	c := firm(t)
	for id, want := range map[string]string{"ana": "bo", "fay": "hal", "dee": "", "eve": "", "bo": "", "no": ""} {
		if got, ok := c.Deputy(id, noon); got != want || ok != (want != "") {
			t.Errorf("%s: got %q, %v; want %q", id, got, ok, want)
		}
	}
}

func TestContactsFor(t *testing.T) {
	p := catalog.Person{ID: "ana", Email: "ana@firm.example", Contacts: []catalog.Contact{
		{Channel: "sms", Address: "+15550100001"},
		{Channel: "voice", Address: "+15550100002", Verified: true},
		{Channel: "sms", Address: "+15550100003", Verified: true},
		{Channel: "slack", Address: "U1", Verified: true},
	}}
	var got []string
	for _, k := range catalog.ContactsFor(p, []string{"push", "sms", "email", "voice"}) {
		got = append(got, k.Address)
	}
	if want := []string{"+15550100003", "+15550100001", "ana@firm.example", "+15550100002"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	p.Contacts = append(p.Contacts, catalog.Contact{Channel: "email", Address: "home@ana.example", Verified: true})
	if got := catalog.ContactsFor(p, []string{"email"}); len(got) != 1 || got[0].Address != "home@ana.example" {
		t.Errorf("a listed address comes instead of the implied one: %v", got)
	}
}
