package reach_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/escalation"
	"allclear/internal/domain/oncall"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/reach"
)

var configs = flag.Int("configs", 400, "random companies the oracle judges")

var monday = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

var people = []string{"a", "b", "c", "d"}

// draw makes a company whose every boundary lies on a whole hour.
func draw(r *rand.Rand) reach.World {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	hour := func() time.Time { return monday.Add(time.Duration(r.IntN(14*24)) * time.Hour) }
	var all []catalog.Entity
	for _, id := range people {
		p := catalog.Person{ID: id, Name: id, Deputy: pick("", "", "a", "b")}
		if p.Deputy == id {
			p.Deputy = ""
		}
		if r.IntN(3) == 0 {
			p.Roles = []string{"boss"}
		}
		if r.IntN(3) == 0 {
			p.Skills = []string{"db"}
		}
		for range r.IntN(3) {
			p.Contacts = append(p.Contacts, catalog.Contact{Channel: pick("sms", "voice", "push"), Address: "x"})
		}
		if r.IntN(3) == 0 {
			from := hour()
			p.Absent = []catalog.Absence{{From: from, Until: from.Add(time.Duration(1+r.IntN(100)) * time.Hour)}}
		}
		all = append(all, p)
	}
	for _, id := range []string{"primary", "secondary"} {
		s := &oncall.Schedule{TimeZone: "UTC"}
		for range r.IntN(3) {
			l := oncall.Layer{Members: []string{pick(people...), pick(people...)}, Start: "2026-03-0" + pick("1", "2", "5") + "T0" + pick("0", "8") + ":00", Every: 1 + r.IntN(9), Unit: pick("hour", "day", "week")}
			if r.IntN(2) == 0 {
				l.Only = []oncall.Restriction{{Days: []string{"mon", "tue", "wed", "sat"}, From: "09:00", To: pick("17:00", "09:00", "03:00")}}
			}
			s.Layers = append(s.Layers, l)
		}
		all = append(all, catalog.Schedule{ID: id, Document: s})
	}
	all = append(all, catalog.Team{ID: "t", Name: "T", Members: []string{pick(people...)}, Availability: pick("", catalog.BusinessHours), Otherwise: pick("", "schedule:secondary")})
	p := catalog.Policy{ID: "own", Name: "Own"}
	for range 1 + r.IntN(3) {
		s := escalation.Rise{To: []string{pick("schedule:primary", "schedule:secondary", "schedule:gone", "team:t", "role:boss", "person:c", "person:gone", "sme:db")}}
		if r.IntN(3) == 0 {
			s.To = append(s.To, "person:d")
		}
		switch r.IntN(4) {
		case 0:
			s.Only.Severity = []procedure.Severity{procedure.P1}
		case 1:
			yes := r.IntN(2) == 0
			s.Only.BusinessHours = &yes
		case 2:
			s.Only.Days, s.Only.Hours = []string{pick("mon", "sun")}, escalation.Hours{From: "20:00", To: "06:00"}
		}
		p.Steps = append(p.Steps, s)
	}
	all = append(all, p, catalog.Service{ID: "svc", Name: "S", RestorationRank: 1, EscalationPolicy: "own"})
	proc := &procedure.Procedure{Paging: procedure.Paging{Channels: []string{"sms", "voice"}, Fallback: "role:boss"}}
	proc.Chain.Steps = []procedure.Step{{Target: "schedule:primary", By: map[string]procedure.StepRule{"P1": {}, "P2": {}}}}
	usable := pick("sms", "voice")
	return reach.World{Catalog: catalog.New(1, all...), Procedure: proc, Usable: func(c string) bool { return c == usable }}
}

// naive answers, the slow and simple way, whether a target reaches anybody.
func naive(w reach.World, target string, at time.Time) bool {
	form, name, _ := strings.Cut(target, ":")
	var who []string
	weekday := at.Weekday() != time.Sunday && at.Weekday() != time.Saturday
	office := weekday && at.Hour() >= 9 && at.Hour() < 17
	for _, id := range people {
		p := w.Catalog.People[id]
		if form == "role" && slices.Contains(p.Roles, name) || form == "sme" && slices.Contains(p.Skills, name) || form == "person" && id == name {
			who = append(who, id)
		}
	}
	if form == "schedule" && w.Catalog.Schedules[name] != nil {
		who = w.Catalog.Schedules[name].At(at)
	}
	if form == "team" {
		t := w.Catalog.Teams[name]
		if t.Availability == catalog.BusinessHours && !office && t.Otherwise != "" {
			return naive(w, t.Otherwise, at)
		}
		who = t.Members
	}
	for _, id := range who {
		for seen := 0; w.Catalog.People[id].Absent != nil && absent(w, id, at) && seen < 5; seen++ {
			if next := w.Catalog.People[id].Deputy; next != "" {
				id = next
			}
		}
		if absent(w, id, at) {
			continue
		}
		for _, c := range w.Catalog.People[id].Contacts {
			if c.Channel != "push" && w.Usable(c.Channel) {
				return true
			}
		}
	}
	return false
}

func absent(w reach.World, id string, at time.Time) bool {
	for _, a := range w.Catalog.People[id].Absent {
		if !at.Before(a.From) && at.Before(a.Until) {
			return true
		}
	}
	return false
}

func naiveOpen(o escalation.Only, at time.Time) bool {
	weekday := at.Weekday() != time.Sunday && at.Weekday() != time.Saturday
	office := weekday && at.Hour() >= 9 && at.Hour() < 17
	if o.BusinessHours != nil && *o.BusinessHours != office {
		return false
	}
	if len(o.Days) == 0 {
		return true
	}
	day := map[string]time.Weekday{"mon": time.Monday, "sun": time.Sunday}[o.Days[0]]
	return at.Weekday() == day && at.Hour() >= 20 || at.Add(-24*time.Hour).Weekday() == day && at.Hour() < 6
}

// dead says, hour by hour, which places the oracle calls dead ends.
func dead(w reach.World, at time.Time) map[string]bool {
	out := map[string]bool{}
	note := func(where string, alive bool) {
		if !alive {
			out[where] = true
		}
	}
	for _, id := range []string{"primary", "secondary"} {
		note("schedule:"+id, naive(w, "schedule:"+id, at))
	}
	first, second := w.Catalog.Schedules["primary"].At(at), w.Catalog.Schedules["secondary"].At(at)
	note("same", len(first) == 0 || len(second) == 0 || first[0] != second[0])
	note("chain/step 1", naive(w, "schedule:primary", at))
	note("fallback", naive(w, "role:boss", at))
	for _, sev := range []procedure.Severity{procedure.P1, procedure.P2} {
		some := false
		for i, s := range w.Catalog.Policies["own"].Steps {
			any := slices.ContainsFunc(s.To, func(t string) bool { return naive(w, t, at) })
			open := naiveOpen(s.Only, at)
			note(fmt.Sprintf("policy:own/step %d", i+1), any || !open)
			some = some || any && open && (len(s.Only.Severity) == 0 || slices.Contains(s.Only.Severity, sev))
		}
		note("service:svc/"+sev.String(), some)
	}
	return out
}

// What is found is what a naive oracle finds by asking at every hour: nothing
// less (a silent dead end) and nothing more (a false alarm). Run with
// -configs 100000 for the full number.
//
// Clauses: ESC-L1-PRIMARY, ESC-L1-SECONDARY
// B34
func TestDeadEndsAreWhatTheOracleFinds(t *testing.T) {
	const shards = 8 // beside each other, where the machine can
	var ends atomic.Int64
	t.Run("shards", func(t *testing.T) {
		for shard := range shards {
			t.Run(strconv.Itoa(shard), func(t *testing.T) {
				t.Parallel()
				for seed := shard; seed < *configs; seed += shards {
					ends.Add(int64(judge(t, seed)))
				}
			})
		}
	})
	t.Logf("%d configurations, %d dead ends", *configs, ends.Load())
}

// judge compares one configuration hour by hour; it returns how many dead ends
// were found.
func judge(t *testing.T, seed int) int {
	t.Helper()
	w := draw(rand.New(rand.NewPCG(1, uint64(seed))))
	found := reach.Find(w, monday, monday.Add(reach.Horizon))
	for h := range 14 * 24 {
		at := monday.Add(time.Duration(h) * time.Hour)
		got := map[string]bool{}
		for _, f := range found {
			if at.Before(f.From) || !at.Before(f.Until) {
				continue
			}
			if f.What == reach.Same {
				got["same"] = true
			} else {
				got[f.Where] = true
			}
		}
		want := dead(w, at)
		for place := range want {
			if !got[place] {
				t.Fatalf("seed %d, %s: %s is a dead end and was not found", seed, at, place)
			}
		}
		for place := range got {
			if !want[place] {
				t.Fatalf("seed %d, %s: %s is called a dead end and is none", seed, at, place)
			}
		}
	}
	return len(found)
}

func TestStretchesOfOneDeadEndAreOne(t *testing.T) {
	ana := catalog.Person{ID: "ana", Name: "Ana", Contacts: []catalog.Contact{{Channel: "push", Address: "x"}}}
	s := &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: []string{"ana"}, Start: "2026-03-02T00:00", Every: 1, Unit: "day"}}}
	w := reach.World{
		Catalog: catalog.New(1, ana, catalog.Schedule{ID: "primary", Document: s}), Procedure: &procedure.Procedure{Paging: procedure.Paging{Channels: []string{"push"}}},
		Usable: func(string) bool { return false },
	}
	found := reach.Find(w, monday, monday.Add(reach.Horizon))
	if len(found) != 1 || found[0].What != reach.Unreachable || found[0].Until.Sub(found[0].From) != reach.Horizon || found[0].People[0] != "ana" {
		t.Errorf("%+v", found)
	}
}
