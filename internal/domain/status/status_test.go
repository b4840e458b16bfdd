package status

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
)

var now = time.Date(2026, 5, 14, 10, 14, 0, 0, time.UTC)

func small() *Snapshot {
	c := func(id string, st ComponentStatus) Component {
		return Component{ID: id, Name: strings.ToUpper(id), Status: st, CreatedAt: now, UpdatedAt: now}
	}
	return &Snapshot{
		Page:        Page{ID: "p", Name: "TechFlow", UpdatedAt: now.Add(-time.Hour)},
		Components:  []Component{c("api", Operational), c("web", Operational), {ID: "g", Name: "G", Group: true, Status: Operational}},
		GeneratedAt: now.Add(-time.Minute),
	}
}

func TestIndicator(t *testing.T) {
	for _, c := range []struct {
		name  string
		edit  func(*Snapshot)
		want  Indicator
		words string
	}{
		{"calm", func(*Snapshot) {}, None, "All Systems Operational"},
		{"work", func(s *Snapshot) { s.Components[0].Status = UnderMaintenance }, Maintaining, "Service Under Maintenance"},
		{"running work", func(s *Snapshot) { s.Maintenances = []Maintenance{{Incident: Incident{Status: InProgress}}} }, Maintaining, "Service Under Maintenance"},
		{"planned work", func(s *Snapshot) { s.Maintenances = []Maintenance{{Incident: Incident{Status: Scheduled}}} }, None, "All Systems Operational"},
		{"slow", func(s *Snapshot) { s.Components[0].Status = DegradedPerformance }, Minor, "Partially Degraded Service"},
		{"minor incident", func(s *Snapshot) { s.Incidents = []Incident{{Status: Monitoring, Impact: ImpactMinor}} }, Minor, "Minor Service Outage"},
		{"part", func(s *Snapshot) {
			s.Components[0].Status, s.Components[1].Status = PartialOutage, UnderMaintenance
		}, Major, "Partial System Outage"},
		{"down", func(s *Snapshot) { s.Components[1].Status = MajorOutage }, Critical, "Major Service Outage"},
		{"critical incident", func(s *Snapshot) { s.Incidents = []Incident{{Status: Investigating, Impact: ImpactCritical}} }, Critical, "Major Service Outage"},
		{"over", func(s *Snapshot) { s.Incidents = []Incident{{Status: Resolved, Impact: ImpactCritical}} }, None, "All Systems Operational"},
		{"stored group status is not believed", func(s *Snapshot) { s.Components[2].Status = MajorOutage }, None, "All Systems Operational"},
	} {
		s := small()
		c.edit(s)
		if got, words := s.Indicator(); got != c.want || words != c.words {
			t.Errorf("%s: %s %q, want %s %q", c.name, got, words, c.want, c.words)
		}
	}
}

func TestDaysFrom(t *testing.T) {
	d := func(h, m int) time.Time { return time.Date(2026, 5, 13, h, m, 0, 0, time.UTC) }
	spans := []Span{
		{d(23, 30), d(24, 30), MajorOutage},                     // over midnight
		{d(23, 0), d(24, 10), DegradedPerformance},              // half of it hidden by the outage
		{d(23, 45), d(24, 15), PartialOutage},                   // inside the outage
		{d(34, 10), time.Time{}, MajorOutage},                   // since 10:10 today, still on
		{d(5, 0), d(6, 0), UnderMaintenance},                    // announced work
		{d(8, 0), d(8, 0).Add(10 * time.Second), PartialOutage}, // a started minute
	}
	want := []Day{{"2026-05-12", 0, 0}, {"2026-05-13", 31, 30}, {"2026-05-14", 34, 0}}
	if got := DaysFrom(spans, now, 3); !reflect.DeepEqual(got, want) {
		t.Errorf("DaysFrom = %v, want %v", got, want)
	}
}

// TestUptimeProperty compares the days with a count minute by minute, and the
// percentage with the minutes. Clauses: PLT-SP-HIST
func TestUptimeProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const minutes = 4 * dayMinutes
		midnight := now.Truncate(24*time.Hour).AddDate(0, 0, -3)
		elapsed := rapid.IntRange(3*dayMinutes, minutes-1).Draw(t, "elapsed")
		until := midnight.Add(time.Duration(elapsed) * time.Minute)
		states := []ComponentStatus{Operational, UnderMaintenance, DegradedPerformance, PartialOutage, MajorOutage}
		worst, work := make([]int, minutes), make([]bool, minutes)
		var spans []Span
		for range rapid.IntRange(0, 8).Draw(t, "spans") {
			a := rapid.IntRange(0, minutes-1).Draw(t, "from")
			b := rapid.IntRange(a, minutes).Draw(t, "to")
			st := rapid.SampledFrom(states).Draw(t, "status")
			spans = append(spans, Span{midnight.Add(time.Duration(a) * time.Minute), midnight.Add(time.Duration(b) * time.Minute), st})
			for m := a; m < min(b, elapsed); m++ {
				worst[m] = max(worst[m], st.Rank())
				work[m] = work[m] || st == UnderMaintenance
			}
		}
		c := Component{Days: DaysFrom(spans, until, 4)}
		total := 0
		for n, d := range c.Days {
			down, slow := 0, 0
			for m, w := range worst[n*dayMinutes : (n+1)*dayMinutes] {
				if work[n*dayMinutes+m] {
					continue
				}
				if w >= PartialOutage.Rank() {
					down++
				} else if w == DegradedPerformance.Rank() {
					slow++
				}
			}
			if d.DownMinutes != down || d.DegradedMinutes != slow {
				t.Fatalf("%s: %d down and %d degraded, want %d and %d", d.Date, d.DownMinutes, d.DegradedMinutes, down, slow)
			}
			total += down
		}
		u := c.Uptime("", until)
		if u.Down != total || u.Total != elapsed+1 {
			t.Fatalf("uptime %+v, want %d of %d", u, total, elapsed+1)
		}
		if (u.String() == "100.000") != (total == 0) {
			t.Fatalf("%d minutes down read %s", total, u)
		}
	})
}

func TestUptimeStartsWithTheComponent(t *testing.T) {
	c := Component{StartDate: "2026-05-13", Days: DaysFrom([]Span{{now.AddDate(0, 0, -3), now.AddDate(0, 0, -2), MajorOutage}}, now, 90)}
	if u := c.Uptime("", now); u.Down != 0 || u.Total != dayMinutes+10*60+15 {
		t.Errorf("uptime %+v; want nothing from before the start", u)
	}
	if u := c.Uptime("2026-04", now); u.Known() || u.String() != "no data" {
		t.Errorf("a month before the start is %s", u)
	}
}

func TestPostLifeOfAnIncident(t *testing.T) {
	s := small()
	step := func(id string, p Post, at time.Time) {
		t.Helper()
		p.IncidentID, p.UpdateID = "abc", id
		before, _ := json.Marshal(s)
		next, err := s.Post(p, at)
		if err != nil {
			t.Fatal(err)
		}
		if after, _ := json.Marshal(s); string(after) != string(before) {
			t.Fatal("Post changed the snapshot it was given")
		}
		s = next
	}
	in := now.Add(30 * time.Minute)
	step("1", Post{Name: "API fails", Status: Investigating, Impact: ImpactMajor, Body: "Looking.", Components: map[string]ComponentStatus{"api": MajorOutage}, NextUpdate: &in}, now)
	i := s.Incidents[0]
	if s.Component("api").Status != MajorOutage || i.Impact != ImpactMajor || i.NextUpdateAt == nil || !s.Page.UpdatedAt.Equal(now) || !s.GeneratedAt.Equal(now.Add(-time.Minute)) {
		t.Fatalf("after opening: %+v", s)
	}
	if want := []Change{{"api", "API", Operational, MajorOutage}}; !reflect.DeepEqual(i.Updates[0].Affected, want) {
		t.Errorf("affected %v, want %v", i.Updates[0].Affected, want)
	}
	step("2", Post{Status: Monitoring, Body: "A fix is out."}, now.Add(time.Minute))
	step("3", Post{Status: Resolved, Body: "Over."}, now.Add(2*time.Minute))
	i = s.Incidents[0]
	if s.Component("api").Status != Operational || i.ResolvedAt == nil || !i.MonitoringAt.Equal(now.Add(time.Minute)) || i.Name != "API fails" || i.NextUpdateAt != nil || i.Active() {
		t.Errorf("after resolving: %+v", i)
	}
	if got := i.Latest()[0].ID; got != "3" {
		t.Errorf("latest update %s, want 3", got)
	}
}

func TestResolvingLeavesWhatOthersHold(t *testing.T) {
	s := small()
	for _, id := range []string{"one", "two"} {
		var err error
		s, err = s.Post(Post{IncidentID: id, UpdateID: id + "1", Name: id, Status: Investigating, Body: "x", Components: map[string]ComponentStatus{"web": PartialOutage}}, now)
		if err != nil {
			t.Fatal(err)
		}
	}
	s, err := s.Post(Post{IncidentID: "one", UpdateID: "one2", Status: Resolved, Body: "x"}, now)
	if err != nil || s.Component("web").Status != PartialOutage {
		t.Fatalf("web is %s (%v); incident two still holds it", s.Component("web").Status, err)
	}
	s, err = s.Post(Post{IncidentID: "two", UpdateID: "two2", Status: Resolved, Body: "x"}, now)
	if err != nil || s.Component("web").Status != Operational {
		t.Fatalf("web is %s (%v); want operational", s.Component("web").Status, err)
	}
}

func TestPostRefuses(t *testing.T) {
	ok := Post{IncidentID: "a", UpdateID: "u", Name: "n", Status: Investigating, Body: "b"}
	for name, c := range map[string]struct {
		edit func(*Post)
		kind fault.Kind
	}{
		"no id":              {func(p *Post) { p.IncidentID = "" }, fault.Invalid},
		"id with a slash":    {func(p *Post) { p.IncidentID = "../x" }, fault.Invalid},
		"no text":            {func(p *Post) { p.Body = "" }, fault.Invalid},
		"long text":          {func(p *Post) { p.Body = strings.Repeat("x", MaxBody+1) }, fault.Invalid},
		"maintenance status": {func(p *Post) { p.Status = Scheduled }, fault.Invalid},
		"unknown impact":     {func(p *Post) { p.Impact = "bad" }, fault.Invalid},
		"unknown incident":   {func(p *Post) { p.Name = "" }, fault.NotFound},
		"unknown component":  {func(p *Post) { p.Components = map[string]ComponentStatus{"x": MajorOutage} }, fault.NotFound},
		"group":              {func(p *Post) { p.Components = map[string]ComponentStatus{"g": MajorOutage} }, fault.NotFound},
		"unknown state":      {func(p *Post) { p.Components = map[string]ComponentStatus{"api": "broken"} }, fault.Invalid},
	} {
		p := ok
		c.edit(&p)
		if _, err := small().Post(p, now); err == nil || fault.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
	if _, err := small().Post(ok, now); err != nil {
		t.Errorf("a good post was refused: %v", err)
	}
}

func TestCarryKeepsWhatWasPostedByHand(t *testing.T) {
	base, err := small().Post(Post{IncidentID: "known", UpdateID: "k1", Name: "Known", Status: Investigating, Body: "x"}, now)
	if err != nil {
		t.Fatal(err)
	}
	hand, err := base.Post(Post{IncidentID: "known", UpdateID: "k2", Status: Resolved, Body: "Over.", ByHand: true}, now.Add(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	hand, err = hand.Post(Post{IncidentID: "fresh", UpdateID: "f1", Name: "By hand", Status: Investigating, Body: "y", ByHand: true}, now.Add(2*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	got := Carry(base, hand)
	if len(got.Incidents) != 2 || len(got.Incidents[0].Updates) != 2 || got.Incidents[0].Status != Resolved || got.Incidents[0].ResolvedAt == nil || !got.Page.UpdatedAt.Equal(hand.Page.UpdatedAt) {
		t.Errorf("carried %+v", got.Incidents)
	}
	if again := Carry(got, hand); !reflect.DeepEqual(again, got) {
		t.Error("carrying twice is not carrying once")
	}
	if got := Carry(small(), base); len(got.Incidents) != 0 {
		t.Error("an incident that the application withdrew came back")
	}
	if !reflect.DeepEqual(Carry(base, nil), base) {
		t.Error("nothing published changed something")
	}
}

func TestValidate(t *testing.T) {
	inc := Incident{ID: "i", Name: "n", Status: Investigating, Impact: ImpactMinor, CreatedAt: now, UpdatedAt: now, StartedAt: now}
	for name, edit := range map[string]func(*Snapshot){
		"no page name":     func(s *Snapshot) { s.Page.Name = "" },
		"zone":             func(s *Snapshot) { s.Page.TimeZone = "UTC; rm" },
		"no heartbeat":     func(s *Snapshot) { s.GeneratedAt = time.Time{} },
		"component status": func(s *Snapshot) { s.Components[0].Status = "fine" },
		"same id twice":    func(s *Snapshot) { s.Components[1].ID = "api" },
		"group of nothing": func(s *Snapshot) { s.Components[0].GroupID = "web" },
		"days out of order": func(s *Snapshot) {
			s.Components[0].Days = []Day{{Date: "2026-05-02"}, {Date: "2026-05-01"}}
		},
		"too long a day":     func(s *Snapshot) { s.Components[0].Days = []Day{{Date: "2026-05-02", DownMinutes: 1500}} },
		"address":            func(s *Snapshot) { i := inc; i.ID = "a/b"; s.Incidents = []Incident{i} },
		"maintenance status": func(s *Snapshot) { i := inc; i.Status = Completed; s.Incidents = []Incident{i} },
		"update status": func(s *Snapshot) {
			i := inc
			i.Updates = []Update{{ID: "u", Status: Scheduled, DisplayAt: now}}
			s.Incidents = []Incident{i}
		},
		"window": func(s *Snapshot) {
			i := inc
			i.Status = Scheduled
			s.Maintenances = []Maintenance{{Incident: i, ScheduledFor: now, ScheduledUntil: now}}
		},
	} {
		s := small()
		s.Incidents = []Incident{}
		if err := s.Validate(); err != nil {
			t.Fatal(err)
		}
		edit(s)
		if err := s.Validate(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func TestGroupStatusAndJSON(t *testing.T) {
	s := small()
	s.Components[0].GroupID, s.Components[0].Status = "g", PartialOutage
	s.Maintenances = []Maintenance{{Incident: Incident{ID: "m", Name: "m"}, ScheduledFor: now, ScheduledUntil: now.Add(time.Hour)}}
	if got := s.GroupStatus("g"); got != PartialOutage {
		t.Errorf("group is %s", got)
	}
	b, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var back Snapshot
	if err := json.Unmarshal(b, &back); err != nil || !reflect.DeepEqual(&back, s) {
		t.Errorf("JSON does not come back the same: %v\n%s", err, b)
	}
	if !strings.Contains(string(b), fmt.Sprintf(`"scheduled_for":%q`, now.Format(time.RFC3339))) {
		t.Errorf("maintenance window missing in %s", b)
	}
}

// Maintenance is no downtime, whatever else the component was meanwhile, and time
// around it is (reading 21).
func TestMaintenanceIsNoDowntime(t *testing.T) {
	day := time.Date(2026, 5, 4, 0, 0, 0, 0, time.UTC)
	at := func(h, m int) time.Time { return day.Add(time.Duration(h)*time.Hour + time.Duration(m)*time.Minute) }
	days := DaysFrom([]Span{
		{Start: at(1, 0), End: at(4, 0), Status: MajorOutage},
		{Start: at(6, 0), End: at(7, 0), Status: DegradedPerformance},
		{Start: at(2, 0), End: at(3, 0), Status: UnderMaintenance},
		{Start: at(2, 30), End: at(3, 30), Status: UnderMaintenance},
		{Start: at(6, 30), Status: UnderMaintenance},
	}, at(12, 0), 1)
	if d := days[0]; d.DownMinutes != 90 || d.DegradedMinutes != 30 {
		t.Errorf("down %d and degraded %d minutes, want 90 and 30", d.DownMinutes, d.DegradedMinutes)
	}
}

func TestLatestOfOneInstant(t *testing.T) {
	at := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	i := Incident{Updates: []Update{
		{ID: "first", DisplayAt: at.Add(-time.Hour)}, {ID: "announced", DisplayAt: at}, {ID: "begun", DisplayAt: at}, {ID: "shown earlier", DisplayAt: at.Add(-2 * time.Hour)},
	}}
	var got []string
	for _, u := range i.Latest() {
		got = append(got, u.ID)
	}
	if want := []string{"begun", "announced", "first", "shown earlier"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
