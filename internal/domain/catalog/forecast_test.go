package catalog

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
)

func rota(t *testing.T, start string, members ...string) *oncall.Schedule {
	t.Helper()
	s := &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: members, Start: start, Every: 1, Unit: "day"}}}
	if err := s.Prepare(); err != nil {
		t.Fatal(err)
	}
	return s
}

func march(day int) time.Time { return time.Date(2026, 3, day, 9, 0, 0, 0, time.UTC) }

func watched(t *testing.T) (*Catalog, Outlook) {
	t.Helper()
	phone := []Contact{{Channel: "sms", Address: "+15550100001"}}
	c := New(1,
		Person{ID: "ana", Name: "Ana", Deputy: "di", Contacts: phone, Absent: []Absence{{From: march(4), Until: march(4).Add(6 * time.Hour)}}},
		Person{ID: "bo", Name: "Bo", Manager: "max", Contacts: phone}, Person{ID: "di", Name: "Di"}, Person{ID: "max", Name: "Max"},
		Team{ID: "core", Name: "Core", Lead: "max", Members: []string{"ana", "bo"}},
		Schedule{ID: "primary", Document: rota(t, "2026-03-02T09:00", "ana", "bo")},
		Schedule{ID: "secondary", Document: rota(t, "2026-03-03T09:00", "bo", "bo", "ana")},
		Schedule{ID: "legal", Document: rota(t, "2026-03-02T09:00", "bo")},
	)
	return c, Outlook{From: march(2), Until: march(6), Backups: []string{"primary", "secondary"}, Channels: []string{"sms", "voice"}}
}

// Clauses: ESC-L1-PRIMARY, ESC-L1-SECONDARY
func TestForecastB30B33(t *testing.T) {
	c, o := watched(t)
	want := []Finding{
		{Kind: NobodyOnCall, Schedule: "secondary", From: march(2), Until: march(3)},
		{Kind: SamePerson, Schedule: "primary", Other: "secondary", Person: "bo", From: march(3), Until: march(4)},
		{Kind: Unreachable, Schedule: "primary", Person: "di", From: march(4), Until: march(4).Add(6 * time.Hour)},
		{Kind: AbsentOnCall, Schedule: "primary", Person: "ana", Deputy: "di", From: march(4), Until: march(4).Add(6 * time.Hour)},
	}
	got := c.Forecast(o)
	if len(got) != len(want) {
		t.Fatalf("found %+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("finding %d is %+v, want %+v", i, got[i], want[i])
		}
	}
	ghost := c.With(Schedule{ID: "primary", Document: rota(t, "2026-03-02T09:00", "ghost")})
	if all := ghost.Forecast(Outlook{From: march(2), Until: march(3), Channels: o.Channels}); len(all) != 2 || all[0].Kind != NobodyOnCall || all[1].Kind != Unreachable || all[1].Person != "ghost" {
		t.Errorf("somebody unknown on call: %+v", all)
	}
}

// Clauses: ESC-L1-SECONDARY
func TestMayTake(t *testing.T) {
	c, o := watched(t)
	for _, test := range []struct {
		schedule, person string
		from, until      int
		want             bool
	}{
		{"primary", "bo", 2, 3, true},
		{"primary", "bo", 2, 4, false}, // secondary from the 3rd
		{"legal", "ana", 2, 4, true},   // no backup of the chain
		{"legal", "ana", 3, 5, false},  // away on the 4th
		{"primary", "di", 2, 3, false}, // no contact
		{"primary", "ghost", 2, 3, false},
	} {
		err := c.MayTake(test.schedule, test.person, oncall.Stretch{From: march(test.from), Until: march(test.until)}, o)
		if (err == nil) != test.want || err != nil && !fault.Is(err, fault.Conflict) {
			t.Errorf("%s for %s from %d to %d: %v", test.person, test.schedule, test.from, test.until, err)
		}
	}
}

func TestActsFor(t *testing.T) {
	c, _ := watched(t)
	for _, test := range []struct {
		actor, person string
		want          bool
	}{{"ana", "ana", true}, {"max", "bo", true}, {"max", "ana", true}, {"ana", "bo", false}, {"max", "ghost", false}, {"", "ana", false}} {
		if c.ActsFor(test.actor, test.person) != test.want {
			t.Errorf("%s for %s: want %v", test.actor, test.person, test.want)
		}
	}
	if leads := c.LeadsOf("primary"); len(leads) != 1 || leads[0] != "max" {
		t.Errorf("leads are %v", leads)
	}
}
