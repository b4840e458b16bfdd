package inquiry

import (
	"slices"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
)

func TestRank(t *testing.T) {
	all := []Change{
		{Change: alert.Change{Summary: "after, late"}, Before: -time.Hour},
		{Change: alert.Change{Summary: "long before"}, Before: 5 * time.Hour},
		{Change: alert.Change{Summary: "far, same instant"}, Before: time.Minute, Hops: 2},
		{Change: alert.Change{Summary: "near, same instant"}, Before: time.Minute},
		{Change: alert.Change{Summary: "after, soon"}, Before: -time.Minute},
		{Change: alert.Change{Summary: "at once"}},
	}
	Rank(all)
	var got []string
	for _, c := range all {
		got = append(got, c.Summary)
	}
	if want := []string{"at once", "near, same instant", "far, same instant", "long before", "after, soon", "after, late"}; !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestHopsFollowTheMapOnce(t *testing.T) {
	cat := catalog.New(1, catalog.Service{ID: "web", DependsOn: []string{"api", "db"}}, catalog.Service{ID: "api", DependsOn: []string{"db", "web"}}, catalog.Service{ID: "db"}, catalog.Service{ID: "mail"})
	if got := Hops(cat, "web"); len(got) != 3 || got["web"] != 0 || got["api"] != 1 || got["db"] != 1 {
		t.Errorf("%v", got)
	}
}

func TestGather(t *testing.T) {
	up := func(ms int) check.Result { return check.Result{Up: true, Took: time.Duration(ms) * time.Millisecond} }
	m := Gather("a", "tcp", []check.Result{up(5), {Why: "refused", Took: time.Hour}, up(1), up(3), up(100)})
	if m.Times != 5 || m.Failed != 1 || m.Why != "refused" || m.Min != time.Millisecond || m.Median != 3*time.Millisecond || m.P95 != 100*time.Millisecond || m.Max != 100*time.Millisecond {
		t.Errorf("%+v", m)
	}
	if m := Gather("a", "tcp", []check.Result{{Why: "refused"}}); m.Failed != 1 || m.Max != 0 || m.Sentence() != "a tcp: failed (refused)" {
		t.Errorf("%+v %s", m, m.Sentence())
	}
	if m := Gather("a", "tcp", nil); m.Sentence() != "a tcp: not tried" {
		t.Error(m.Sentence())
	}
}

// What may be measured is what the catalogue names, and each is taken apart into its
// steps.
func TestTargets(t *testing.T) {
	cat := catalog.New(
		1, catalog.Service{ID: "web", Probes: []string{"https://www.example.com/health", "db.internal:5432", "no port"}}, catalog.Service{ID: "other", Probes: []string{"other:1"}},
		catalog.SyntheticCheck{ID: "a", Service: "web", Type: check.HTTP, Target: "http://www.example.com"}, catalog.SyntheticCheck{ID: "b", Service: "web", Type: check.Script, Target: "x.sh"},
	)
	steps := map[string][]string{}
	for _, target := range Targets(cat, []string{"web"}) {
		for _, s := range target.Steps() {
			steps[target.Address] = append(steps[target.Address], s.Type+" "+s.Target)
		}
	}
	want := map[string][]string{
		"https://www.example.com/health": {"dns www.example.com", "tcp www.example.com:443", "tls www.example.com:443", "http https://www.example.com/health"},
		"db.internal:5432":               {"dns db.internal", "tcp db.internal:5432"},
		"http://www.example.com":         {"dns www.example.com", "tcp www.example.com:80", "http http://www.example.com"},
	}
	if len(steps) != len(want) {
		t.Errorf("%v", steps)
	}
	for address, s := range want {
		if !slices.Equal(steps[address], s) {
			t.Errorf("%s: %q", address, steps[address])
		}
	}
	if s := (Target{Address: "https://[::1]:8443/"}).Steps(); len(s) != 3 || s[0].Target != "[::1]:8443" {
		t.Errorf("%+v", s)
	}
}

func TestSimilarNeedsSomethingInCommon(t *testing.T) {
	hops := map[string]int{"web": 0, "db": 1}
	past := []Past{
		{Number: 1, Service: "web", Title: "Pages are slow", Reason: "restarted"},
		{Number: 2, Service: "db", Title: "Replica lag", Reason: "rebuilt"},
		{Number: 3, Service: "mail", Title: "Replica lag of the primary database", Reason: "rebuilt"},
		{Number: 4, Service: "mail", Title: "Queue", Reason: "x"},
		{Number: 5, Service: "web", Title: "Replica lag: database pages stall"},
		{Number: 6, Service: "web", Title: "Replica lag on the database", Solutions: []*Solution{{Title: "no", State: Rejected}, {Title: "yes", State: Applied}}},
	}
	var got []int64
	for _, p := range Similar(hops, "The database has a replica lag", past, 10) {
		got = append(got, p.Number)
		if p.Number == 6 && (len(p.Solutions) != 1 || p.Solutions[0].Title != "yes") {
			t.Errorf("%+v", p.Solutions)
		}
	}
	if want := []int64{6, 2, 3, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
