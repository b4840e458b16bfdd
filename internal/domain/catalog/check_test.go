package catalog_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
)

func places(t *testing.T, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		t.Fatalf("%v is not fault.Invalid", err)
	}
	var out []string
	for _, d := range f.Details {
		out = append(out, d.Where)
		if d.What == "" {
			t.Errorf("%s: nothing said", d.Where)
		}
	}
	return out
}

func TestCheck(t *testing.T) {
	c := firm(t)
	good := catalog.Person{ID: "new.one", Name: "New One"}
	for _, tc := range []struct {
		name string
		e    catalog.Entity
		want []string
	}{
		{"smallest person", good, nil},
		{"person without anything", catalog.Person{}, []string{"/id", "/name"}},
		{"id with capitals", catalog.Person{ID: "Ana", Name: "A"}, []string{"/id"}},
		{"id of dots", catalog.Person{ID: "..", Name: "A"}, []string{"/id"}},
		{"id too long", catalog.Person{ID: strings.Repeat("a", 65), Name: "A"}, []string{"/id"}},
		{"person with everything wrong", catalog.Person{
			ID: "ana", Name: "A\x00", Email: "no", Level: 4, TimeZone: "Mars/Base", Teams: []string{"no"}, Roles: []string{"Boss", "x", "x"},
			Deputy: "ana", Manager: "nobody",
			Contacts: []catalog.Contact{
				{Channel: "pigeon", Address: "x"},
				{Channel: "sms", Address: "0555"},
				{Channel: "voice", Address: "+1555010000199999"},
				{Channel: "email", Address: "Ana <ana@x.example>"},
				{Channel: "webhook", Address: "ftp://x.example"},
				{Channel: "slack"},
			},
			Absent: away(-1),
		}, []string{
			"/name", "/email", "/level", "/time_zone", "/teams/0", "/roles/0", "/roles/2", "/deputy", "/manager", "/contacts/0/channel",
			"/contacts/1/address", "/contacts/2/address", "/contacts/3/address", "/contacts/4/address", "/contacts/5/address", "/absent/0/until",
		}},
		{"team with unknown people", catalog.Team{ID: "t", Name: "T", Lead: "no", Members: []string{"ana", "no", "ana"}, Availability: "sometimes"}, []string{"/lead", "/members/1", "/members/2", "/availability"}},
		{"team passing to itself", catalog.Team{ID: "t", Name: "T", Otherwise: "team:t"}, []string{"/otherwise"}},
		{"team passing to nothing", catalog.Team{ID: "t", Name: "T", Otherwise: "schedule:no"}, []string{"/otherwise"}},
		{"team passing to a role", catalog.Team{ID: "t", Name: "T", Otherwise: "role:approver"}, nil},
		{"team passing to nonsense", catalog.Team{ID: "t", Name: "T", Otherwise: "level:7"}, []string{"/otherwise"}},
		{"service rank 0", catalog.Service{ID: "s", Name: "S"}, []string{"/restoration_rank"}},
		{"service rank 7", catalog.Service{ID: "s", Name: "S", RestorationRank: 7}, []string{"/restoration_rank"}},
		{"service with unknown references", catalog.Service{ID: "s", Name: "S", RestorationRank: 3, OwnerTeam: "no", DependsOn: []string{"no"}}, []string{"/owner_team", "/depends_on/0"}},
		{"service depending on itself", catalog.Service{ID: "s", Name: "S", RestorationRank: 3, DependsOn: []string{"s"}}, []string{"/depends_on/0"}},
		{"service in a cycle of three", catalog.Service{ID: "auth", Name: "S", RestorationRank: 3, DependsOn: []string{"lost", "odd"}}, []string{"/depends_on/1"}},
		{"customer", catalog.Customer{ID: "c", Name: "C", Tier: "enterprise", Services: []string{"auth"}, AccountManager: "ana", Contacts: []catalog.CustomerContact{{Name: "N", Phone: "+15550100001", Channels: []string{"sms"}}}}, nil},
		{"customer with everything wrong", catalog.Customer{
			ID: "c", Name: "C", Tier: "gold", Region: "E U", Services: []string{"no"}, Domains: []string{"a@b.example"}, AccountManager: "no", ARR: -1,
			Contacts: []catalog.CustomerContact{{Name: ""}, {Name: "N", Email: "@", Phone: "1", Channels: []string{"fax"}}},
			Contract: catalog.Contract{UptimePercent: 101, Regimes: []string{"A B"}},
		}, []string{
			"/tier", "/region", "/services/0", "/domains/0", "/account_manager", "/contract/uptime_percent", "/contract/regimes/0", "/arr_usd",
			"/contacts/0/name", "/contacts/0", "/contacts/1/email", "/contacts/1/phone", "/contacts/1/channels/0",
		}},
		{"customer with chats", catalog.Customer{ID: "c", Name: "C", Tier: "standard", Slack: "C024BE7LR", Teams: "acme.uk"}, nil},
		{"customer in our own chats", catalog.Customer{ID: "c", Name: "C", Tier: "standard", Slack: "#incidents", Teams: "default"}, []string{"/slack_channel", "/teams_workflow"}},
		{"customer in a person's chat and at a secret address", catalog.Customer{ID: "c", Name: "C", Tier: "standard", Slack: "U024BE7LH", Teams: "https://prod.example/w?sig=1"}, []string{"/slack_channel", "/teams_workflow"}},
		{"schedule", schedule(t, "s", "ana"), nil},
		{"schedule with somebody unknown", schedule(t, "s", "ana", "zoe"), []string{"/layers/0/members/1"}},
		{"schedule with an unknown override", catalog.Schedule{ID: "s", Document: &oncall.Schedule{TimeZone: "UTC", Overrides: []oncall.Override{{From: noon, Until: noon.AddDate(0, 0, 1), Person: "zoe"}}}}, []string{"/overrides/0/person"}},
		{"schedule in no zone", catalog.Schedule{ID: "s", Document: &oncall.Schedule{TimeZone: "Mars/Base"}}, []string{"/time_zone"}},
		{"schedule without a document", catalog.Schedule{ID: "s"}, []string{""}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := places(t, catalog.Check(tc.e, c)); !slices.Equal(got, tc.want) {
				t.Errorf("got %v\nwant %v", got, tc.want)
			}
		})
	}
}

func TestACycleIsSpeltOut(t *testing.T) {
	err := catalog.Check(catalog.Service{ID: "auth", Name: "S", RestorationRank: 3, DependsOn: []string{"odd"}}, firm(t))
	if err == nil || !strings.Contains(err.Error(), "auth -> odd -> api -> auth") {
		t.Errorf("got %v", err)
	}
}

func TestEncodeDecodeKeepEverything(t *testing.T) {
	c := firm(t).With(catalog.Customer{ID: "c", Name: "C", Tier: "standard"})
	for _, e := range c.Entities() {
		doc, err := catalog.Encode(e)
		if err != nil {
			t.Fatal(err)
		}
		back, err := catalog.Decode(e.Kind(), e.Key(), doc)
		if err != nil {
			t.Fatalf("%s %s: %v", e.Kind(), e.Key(), err)
		}
		again, err := catalog.Encode(back)
		if err != nil || string(again) != string(doc) || back.Key() != e.Key() {
			t.Errorf("%s %s: %s became %s (%v)", e.Kind(), e.Key(), doc, again, err)
		}
	}
}

func TestDecodeIsStrict(t *testing.T) {
	for doc, kind := range map[string]catalog.Kind{
		`{"id":"a","name":"A","nmae":"B"}`:                 catalog.KindPerson,
		`{"id":"b","name":"A"}`:                            catalog.KindPerson,
		`{"name":"A"} {}`:                                  catalog.KindTeam,
		`{"name":"A","restoration_rank":"1"}`:              catalog.KindService,
		`{"name":"A","max_severity":"P9"}`:                 catalog.KindService,
		`{"name":"A","contract":{"notify_within":"soon"}}`: catalog.KindCustomer,
		`{"time_zone":"UTC","id":"b"}`:                     catalog.KindSchedule,
		`{"time_zone":"UTC","name":"a"}`:                   catalog.KindSchedule,
		`{}`:                                               "dragon",
	} {
		if e, err := catalog.Decode(kind, "a", []byte(doc)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s %s: got %v, %v", kind, doc, e, err)
		}
	}
	e, err := catalog.Decode(catalog.KindPerson, "a", []byte(`{"name":"A"}`))
	if err != nil || e.Key() != "a" {
		t.Errorf("a document without an id: %v, %v", e, err)
	}
	e, err = catalog.Decode(catalog.KindSchedule, "a", []byte(`{"kind":"schedule","id":"a","time_zone":"UTC"}`))
	if err != nil || e.Key() != "a" {
		t.Errorf("a schedule that says which it is: %v, %v", e, err)
	}
}

func TestWithAndWithoutLeaveTheOriginalAlone(t *testing.T) {
	c := firm(t)
	before := len(c.Entities())
	more := c.With(catalog.Person{ID: "new", Name: "New"}, catalog.Customer{ID: "c", Name: "C"})
	less := c
	for _, kind := range catalog.Kinds {
		for _, e := range c.Entities() {
			if e.Kind() == kind {
				less = less.Without(kind, e.Key())
			}
		}
	}
	if len(c.Entities()) != before || len(more.Entities()) != before+2 || len(less.Entities()) != 0 || len(more.CustomerList()) != 1 {
		t.Errorf("%d, with %d, without %d", len(c.Entities()), len(more.Entities()), len(less.Entities()))
	}
}
