package demo_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"allclear/internal/app/demo"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
)

func TestEveryEntityIsValid(t *testing.T) {
	all := demo.Entities()
	c := catalog.New(1, all...)
	if n := len(c.Entities()); n != len(all) {
		t.Errorf("%d entities under distinct ids, want %d", n, len(all))
	}
	for _, e := range all {
		if err := catalog.Check(e, c); err != nil {
			t.Error(err)
		}
	}
}

// Clauses: ESC-L2-DIR, ESC-L2-EMPLAT, ESC-L2-EMAPP, ESC-L3-VP, ESC-L3-CTO, ESC-L3-CEO, ESC-XF-CSVP, ESC-XF-SALESVP, ESC-XF-MKTVP
func TestThePeopleOfTheProcedureAreExact(t *testing.T) {
	c := catalog.New(1, demo.Entities()...)
	for _, want := range []catalog.Person{
		{ID: "david.kim", Name: "David Kim", Title: "Director of Platform Operations", Email: "david.kim@techflowsolutions.com", Level: 2},
		{ID: "sarah.liu", Name: "Sarah Liu", Title: "Engineering Manager - Platform", Email: "sarah.liu@techflowsolutions.com", Level: 2, Area: "platform"},
		{ID: "marcus.johnson", Name: "Marcus Johnson", Title: "Engineering Manager - Applications", Email: "marcus.johnson@techflowsolutions.com", Level: 2, Area: "applications"},
		{ID: "rachel.torres", Name: "Rachel Torres", Title: "VP of Engineering", Email: "rachel.torres@techflowsolutions.com", Level: 3},
		{ID: "michael.chen", Name: "Michael Chen", Title: "CTO", Email: "michael.chen@techflowsolutions.com", Level: 3},
		{ID: "jennifer.walsh", Name: "Jennifer Walsh", Title: "CEO", Email: "jennifer.walsh@techflowsolutions.com", Level: 3},
		{ID: "amanda.rodriguez", Name: "Amanda Rodriguez", Title: "VP of Customer Success", Email: "amanda.rodriguez@techflowsolutions.com"},
		{ID: "robert.park", Name: "Robert Park", Title: "VP of Sales", Email: "robert.park@techflowsolutions.com"},
		{ID: "sarah.chen", Name: "Sarah Chen", Title: "VP of Marketing", Email: "sarah.chen@techflowsolutions.com"},
	} {
		got := c.People[want.ID]
		if got.Name != want.Name || got.Title != want.Title || got.Email != want.Email || got.Level != want.Level || got.Area != want.Area {
			t.Errorf("%s: got %+v, want %+v", want.ID, got, want)
		}
	}
}

func TestTheLevelsAndRolesOfTheChainNameTheRightPeople(t *testing.T) {
	c := catalog.New(1, demo.Entities()...)
	for target, want := range map[string][]string{
		"level:2":                           {"david.kim", "marcus.johnson", "sarah.liu"},
		"level:3":                           {"jennifer.walsh", "michael.chen", "rachel.torres"},
		"role:executive":                    {"jennifer.walsh", "michael.chen", "rachel.torres"},
		"role:director-platform-operations": {"david.kim"},
		"role:vp-engineering":               {"rachel.torres"},
		"role:cto":                          {"michael.chen"},
		"role:ceo":                          {"jennifer.walsh"},
		"role:vp-customer-success":          {"amanda.rodriguez"},
		"role:vp-sales":                     {"robert.park"},
		"role:vp-marketing":                 {"sarah.chen"},
	} {
		if got, err := c.Resolve(target, catalog.TargetContext{}); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v; want %v", target, got, err, want)
		}
	}
}

// Clauses: ESC-L1-PRIMARY, ESC-L1-SECONDARY
func TestPrimaryAndSecondaryAreAlwaysTwoPeople(t *testing.T) {
	c := catalog.New(1, demo.Entities()...)
	from := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	until := from.AddDate(3, 0, 0)
	for _, id := range []string{"primary", "secondary"} {
		if gaps := c.Schedules[id].Gaps(from, until); len(gaps) > 0 {
			t.Errorf("%s: nobody on call: %v", id, gaps[0])
		}
	}
	if same := oncall.Same(c.Schedules["primary"], c.Schedules["secondary"], from, until); len(same) > 0 {
		t.Errorf("the same person twice: %v", same[0])
	}
	week := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	first, second := c.Schedules["primary"].At(week), c.Schedules["primary"].At(week.AddDate(0, 0, 7))
	if slices.Equal(first, second) || !slices.Equal(first, c.Schedules["secondary"].At(week.AddDate(0, 0, 7))) {
		t.Errorf("primary %v, a week later %v: want them to alternate", first, second)
	}
	for _, id := range []string{"ana", "bo"} {
		var channels []string
		for _, k := range catalog.ContactsFor(c.People[id], []string{"voice", "email", "sms"}) {
			channels = append(channels, k.Channel)
		}
		if !slices.Equal(channels, []string{"voice", "email", "sms"}) {
			t.Errorf("%s has %v", id, channels)
		}
	}
}

func TestOnCallPutsTheGivenPeopleOnCall(t *testing.T) {
	at := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	for _, second := range []string{"bo", ""} {
		c := catalog.New(1, demo.Entities()...)
		for _, s := range demo.OnCall("ana", second) {
			c = c.With(s)
		}
		one, err1 := c.Resolve("schedule:primary", catalog.TargetContext{At: at})
		two, err2 := c.Resolve("schedule:secondary", catalog.TargetContext{At: at})
		if err1 != nil || err2 != nil || !slices.Equal(one, []string{"ana"}) || len(two) > 1 || len(two) == 1 && two[0] != second {
			t.Errorf("%q: %v %v, %v %v", second, one, err1, two, err2)
		}
	}
}

// Clauses: RES-PRIO-1, RES-PRIO-2, RES-PRIO-3, RES-PRIO-4, RES-PRIO-5, RES-PRIO-6
func TestTheBuiltInServicesAreRestoredInTheOrderOfTheProcedure(t *testing.T) {
	mixed := demo.Services()
	slices.Reverse(mixed)
	var order []string
	for i, s := range catalog.ByRestoration(mixed) {
		order = append(order, s.ID)
		if s.RestorationRank != i+1 || s.Area == "" || s.CriticalFunction != (s.ID == "auth") {
			t.Errorf("%+v", s)
		}
	}
	if want := []string{"auth", "dashboard", "ingestion", "api", "reporting", "admin"}; !slices.Equal(order, want) {
		t.Errorf("got %v, want %v", order, want)
	}
}

func TestTheCustomerBaseHasTheSizeAndMixOfTheProcedure(t *testing.T) {
	list := demo.Customers()
	vip, regions, reached := 0, map[string]int{}, 0
	for _, c := range list {
		if c.VIP {
			vip++
		}
		if c.Tier == catalog.Enterprise {
			regions[c.Region]++
		}
		reached += len(c.Contacts)
	}
	if len(list) != 1200 || vip < 24 || vip > 48 || reached < 1800 || reached > 3000 {
		t.Errorf("%d customers, %d VIP, %d contacts", len(list), vip, reached)
	}
	for _, r := range demo.Regions() {
		if regions[r] < 60 {
			t.Errorf("region %s has %d customers", r, regions[r])
		}
	}
}

func TestTheDataIsTheSameOnEveryRun(t *testing.T) {
	first, err1 := json.Marshal(demo.Customers())
	second, err2 := json.Marshal(demo.Customers())
	if err1 != nil || err2 != nil || string(first) != string(second) {
		t.Error("two runs differ")
	}
}
