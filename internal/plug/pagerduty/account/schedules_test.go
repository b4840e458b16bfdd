package account_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/oncall"
	"allclear/internal/plug/pagerduty/account"
	"allclear/internal/plug/pagerduty/account/accounttest"
)

const (
	newYork = "America/New_York"
	berlin  = "Europe/Berlin"
	week    = 7 * 24 * 3600
	day     = 24 * 3600
)

func when(t *testing.T, zone, text string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("2006-01-02 15:04", text, loc)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// carried carries one schedule over and returns its document with what was left.
func carried(t *testing.T, s account.Schedule, inOrder bool) (*oncall.Schedule, []account.Left) {
	t.Helper()
	a := accounttest.Acme()
	s.ID, s.Name = "S1", "Primary"
	a.Schedules, a.InOrder = []account.Schedule{s}, inOrder
	got, cat := carry(t, a)
	if cat.Schedules["primary"] == nil {
		t.Fatalf("nothing was carried over: %v", got.Left)
	}
	var about []account.Left
	for _, l := range got.Left {
		if strings.HasPrefix(l.Kind, "schedule") {
			about = append(about, l)
		}
	}
	return cat.Schedules["primary"], about
}

// Our resolver names whom PagerDuty's rules name, every quarter of an hour for ten
// weeks, over the day the clocks are set: rotations of days, weeks and hours, a
// virtual start far off, before and after the layer's own, windows over midnight and
// over days, layers above each other, and layers that begin in the middle of a turn.
//
// Clauses: PLT-PD-SCHED, INT-PAGERDUTY
func TestSchedulesSayTheSamePersonAcrossAChangeOfTheClock(t *testing.T) {
	base := func(zone string) account.Layer {
		start := when(t, zone, "2026-01-05 09:00")
		return account.Layer{ID: "L1", Start: start, VirtualStart: start, TurnSeconds: week, Users: accounttest.Users("PANA", "PBO", "PCY")}
	}
	with := func(l account.Layer, change func(*account.Layer)) account.Layer {
		change(&l)
		return l
	}
	on := func(kind, from string, startDay, hours int) []account.Restriction {
		return []account.Restriction{{Type: kind + "_restriction", StartTime: from + ":00", StartDay: startDay, Seconds: hours * 3600}}
	}
	top := func(zone string, r []account.Restriction) account.Layer {
		return with(base(zone), func(l *account.Layer) {
			l.ID, l.TurnSeconds, l.Users, l.Restrictions = "L2", day, accounttest.Users("PCY", "PBO"), r
		})
	}
	for name, layers := range map[string]func(zone string) []account.Layer{
		"weekly": func(z string) []account.Layer { return []account.Layer{base(z)} },
		"daily, handed over at midnight": func(z string) []account.Layer {
			return []account.Layer{with(base(z), func(l *account.Layer) {
				l.TurnSeconds, l.Start, l.VirtualStart = day, when(t, z, "2026-01-05 00:00"), when(t, z, "2026-01-05 00:00")
			})}
		},
		"every three days": func(z string) []account.Layer {
			return []account.Layer{with(base(z), func(l *account.Layer) { l.TurnSeconds = 3 * day })}
		},
		"every twelve hours": func(z string) []account.Layer {
			return []account.Layer{with(base(z), func(l *account.Layer) { l.TurnSeconds = 12 * 3600 })}
		},
		"a virtual start long before": func(z string) []account.Layer {
			return []account.Layer{with(base(z), func(l *account.Layer) { l.VirtualStart = when(t, z, "2024-07-01 17:00") })}
		},
		"a virtual start to come": func(z string) []account.Layer {
			return []account.Layer{with(base(z), func(l *account.Layer) { l.VirtualStart = when(t, z, "2026-06-01 17:00") })}
		},
		"begins in the middle of a turn": func(z string) []account.Layer {
			return []account.Layer{base(z), with(top(z, on("daily", "08:00", 0, 12)), func(l *account.Layer) {
				l.TurnSeconds, l.Start, l.VirtualStart = week, when(t, z, "2026-03-11 13:15"), when(t, z, "2026-01-05 09:00")
			})}
		},
		"begins at a handover to come": func(z string) []account.Layer {
			return []account.Layer{with(base(z), func(l *account.Layer) { l.Start = when(t, z, "2026-03-16 09:00") })}
		},
		"nights above weeks":   func(z string) []account.Layer { return []account.Layer{base(z), top(z, on("daily", "20:00", 0, 10))} },
		"weekends above weeks": func(z string) []account.Layer { return []account.Layer{base(z), top(z, on("weekly", "17:30", 5, 62))} },
		"office hours only": func(z string) []account.Layer {
			var all []account.Restriction
			for d := 1; d <= 5; d++ {
				all = append(all, on("weekly", "09:00", d, 8)...)
			}
			return []account.Layer{with(base(z), func(l *account.Layer) { l.Restrictions = all })}
		},
		"a window as long as its period": func(z string) []account.Layer { return []account.Layer{base(z), top(z, on("daily", "07:00", 0, 24))} },
	} {
		for _, zone := range []string{newYork, berlin, "UTC"} {
			for _, inOrder := range []bool{false, true} {
				s := account.Schedule{TimeZone: zone, Layers: layers(zone), Overrides: []account.Override{
					{ID: "O1", Start: when(t, zone, "2026-03-07 22:00"), End: when(t, zone, "2026-03-08 10:00"), User: account.Reference{ID: "PANA"}},
				}}
				doc, left := carried(t, s, inOrder)
				if len(left) > 0 {
					t.Errorf("%s in %s: %v", name, zone, left)
				}
				same(t, name+" in "+zone, s, doc)
			}
		}
	}
}

// same compares on a grid of ten weeks from now on.
func same(t *testing.T, name string, s account.Schedule, doc *oncall.Schedule) {
	t.Helper()
	ids := map[string]string{"PANA": "ana", "PBO": "bo", "PCY": "cy", "": ""}
	bad, there := 0, accounttest.OnCall(s)
	for at := accounttest.Now; at.Before(accounttest.Now.AddDate(0, 0, 70)); at = at.Add(15 * time.Minute) {
		got := strings.Join(doc.At(at), "")
		if want := ids[there(at)]; got != want {
			if bad++; bad == 1 {
				t.Errorf("%s: at %s %q, PagerDuty has %q", name, at, got, want)
			}
		}
	}
}

// A month laid out by hand, from what the vendor writes about its schedules: the
// week is handed over on Mondays at nine on the wall, before and after the clocks
// of New York are set forward on 8 March; nights from eight to six alternate daily
// and lie above.
//
// Clauses: PLT-PD-SCHED
func TestAScheduleLaidOutByHand(t *testing.T) {
	_, cat := carry(t, accounttest.Acme())
	doc := cat.Schedules["primary"]
	for _, c := range []struct{ from, until, who string }{
		{"2026-03-02 07:00", "2026-03-02 09:00", "bo"}, // the week that began on 23 February
		{"2026-03-02 09:00", "2026-03-02 20:00", "cy"},
		{"2026-03-02 20:00", "2026-03-03 06:00", "bo"},
		{"2026-03-03 20:00", "2026-03-04 06:00", "cy"},
		{"2026-03-04 08:00", "2026-03-04 16:00", "ana"}, // the override
		{"2026-03-07 20:00", "2026-03-08 06:00", "cy"},
		{"2026-03-08 20:00", "2026-03-09 06:00", "bo"}, // after the change, still at eight on the wall
		{"2026-03-09 09:00", "2026-03-09 20:00", "ana"},
		{"2026-03-16 09:00", "2026-03-16 20:00", "bo"},
	} {
		from, until := when(t, newYork, c.from), when(t, newYork, c.until).Add(-time.Second)
		for _, at := range []time.Time{from, until} {
			if got := strings.Join(doc.At(at), ""); got != c.who {
				t.Errorf("at %s: %q, want %q", at, got, c.who)
			}
		}
	}
}

// What a layer cannot say here is told, and so is a schedule that does not come out
// as PagerDuty lays it out.
//
// Clauses: PLT-PD-SCHED
func TestLayersThatAreNotCarriedOver(t *testing.T) {
	start, end := when(t, newYork, "2026-01-05 09:00"), when(t, newYork, "2026-03-20 09:00")
	layer := func(change func(*account.Layer)) account.Layer {
		l := account.Layer{ID: "L2", Start: start, VirtualStart: start, TurnSeconds: week, Users: accounttest.Users("PBO")}
		change(&l)
		return l
	}
	for want, l := range map[string]account.Layer{
		"ends at 2026-03-20T13:00:00Z": layer(func(l *account.Layer) { l.End = &end }),
		"a turn of 1h30m0s is neither": layer(func(l *account.Layer) { l.TurnSeconds = 5400 }),
		"PGONE is no user":             layer(func(l *account.Layer) { l.Users = accounttest.Users("PGONE", "PBO") }),
		"of the type \"moon_restriction\"": layer(func(l *account.Layer) {
			l.Restrictions = []account.Restriction{{Type: "moon_restriction", StartTime: "01:00:00", Seconds: 60}}
		}),
		"says another person than PagerDuty at": layer(func(l *account.Layer) { l.TurnSeconds = 5400 }),
	} {
		base := layer(func(l *account.Layer) { l.ID, l.Users = "L1", accounttest.Users("PANA") })
		_, left := carried(t, account.Schedule{TimeZone: newYork, Layers: []account.Layer{base, l}}, false)
		found := false
		for _, l := range left {
			found = found || strings.Contains(l.Reason, want)
		}
		if !found {
			t.Errorf("%s is not told: %v", want, left)
		}
	}
}
