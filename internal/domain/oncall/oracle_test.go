package oncall

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/recur"
)

var (
	sweepInstants = flag.Int("oncall.instants", 400_000, "instants the schedule sweep compares with the oracle")
	sweepStride   = flag.Int("oncall.stride", 97, "the sweep of transitions takes one of so many; 1 takes every one")
)

// walker answers who is on call by walking minute by minute and looking at the
// clock on the wall. It knows nothing of offsets or of the package under test:
// a wall-clock time has come when a clock that is never set back reaches it.
// That is the rule for gaps and repeated hours in other words. It walks in
// minutes, or in seconds where a schedule has them.
type walker struct {
	doc  *Schedule
	loc  *time.Location
	now  time.Time
	per  int64 // steps in a minute: 1 or 60
	mark int64 // the furthest the wall clock has been, in steps of no zone
	// first is when each layer's first handoff came, for turns of elapsed hours.
	first []time.Time
	turns [][]int64 // wall-clock handoffs of each layer, in steps, ascending
}

// tester is what testing.T and rapid.T share.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// steps counts what the wall shows at t.
func steps(t time.Time, per int64) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), 0, time.UTC).Unix() * per / 60
}

// newWalker stands at from, having looked two days back.
func newWalker(t tester, doc *Schedule, from, until time.Time, per int64) *walker {
	t.Helper()
	loc, err := time.LoadLocation(doc.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{doc: doc, loc: loc, per: per, now: from.Add(-48 * time.Hour)}
	for _, l := range doc.Layers {
		layout := "2006-01-02T15:04:05"
		start, err := time.Parse(layout[:len(l.Start)], l.Start)
		if err != nil {
			t.Fatal(err)
		}
		w.first = append(w.first, firstReached(loc, start, per))
		w.turns = append(w.turns, handoffs(l, start, until, per))
	}
	for w.mark = steps(w.now.In(loc), per); w.now.Before(from); {
		w.step()
	}
	return w
}

func (w *walker) step() {
	w.now = w.now.Add(time.Minute / time.Duration(w.per))
	w.mark = max(w.mark, steps(w.now.In(w.loc), w.per))
}

// firstReached walks to the first step at which the wall shows start or more.
func firstReached(loc *time.Location, start time.Time, per int64) time.Time {
	at := start.Add(-27 * time.Hour)
	for steps(at.In(loc), per) < steps(start, per) {
		at = at.Add(time.Minute / time.Duration(per))
	}
	return at
}

// handoffs lists the wall-clock handoffs of a layer one after the other.
func handoffs(l Layer, start, until time.Time, per int64) []int64 {
	var out []int64
	limit := (until.Unix()/60 + 3*1440) * per
	for k := 0; ; k++ {
		var at time.Time
		switch l.Unit {
		case "day":
			at = start.AddDate(0, 0, k*l.Every)
		case "week":
			at = start.AddDate(0, 0, 7*k*l.Every)
		case "month":
			at = start.AddDate(0, k*l.Every, 0)
			if at.Day() != start.Day() { // ran over the end of a short month
				at = at.AddDate(0, 0, -at.Day())
			}
		default:
			return nil
		}
		if steps(at, per) > limit {
			return out
		}
		out = append(out, steps(at, per))
	}
}

func (w *walker) who() string {
	for i := len(w.doc.Overrides) - 1; i >= 0; i-- {
		if o := w.doc.Overrides[i]; !w.now.Before(o.From) && w.now.Before(o.Until) {
			return o.Person
		}
	}
	for i := len(w.doc.Layers) - 1; i >= 0; i-- {
		if p := w.layer(i); p != "" {
			return p
		}
	}
	return ""
}

func (w *walker) layer(i int) string {
	l := w.doc.Layers[i]
	if w.now.Before(w.first[i]) || len(l.Only) > 0 && !w.inside(l.Only) {
		return ""
	}
	if l.Unit == "hour" {
		passed := int(w.now.Sub(w.first[i])/time.Hour) / l.Every
		return l.Members[passed%len(l.Members)]
	}
	n := 0
	for n < len(w.turns[i]) && w.turns[i][n] <= w.mark {
		n++
	}
	return l.Members[(n-1)%len(l.Members)]
}

// inside asks of every window that started in the last days whether its start
// has come on the wall and its end has not.
func (w *walker) inside(only []Restriction) bool {
	day := 1440 * w.per
	names := [...]string{"thu", "fri", "sat", "sun", "mon", "tue", "wed"} // 1970-01-01 was a Thursday
	for d := w.mark/day - 3; d <= w.mark/day; d++ {
		for _, r := range only {
			from, to := clockMinutes(r.From)*w.per, clockMinutes(r.To)*w.per
			if to <= from {
				to += day
			}
			if strings.Contains(strings.Join(r.Days, " "), names[d%7]) && d*day+from <= w.mark && w.mark < d*day+to {
				return true
			}
		}
	}
	return false
}

func clockMinutes(s string) int64 {
	return int64(s[0]-'0')*600 + int64(s[1]-'0')*60 + int64(s[3]-'0')*10 + int64(s[4]-'0')
}

func zoneNames(t testing.TB) []string {
	t.Helper()
	data, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(data))
}

// transitions lists when the offset of a zone changes from 2015 to 2037.
func transitions(loc *time.Location) []time.Time {
	var out []time.Time
	end := time.Date(2038, 1, 1, 0, 0, 0, 0, time.UTC)
	at := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	for at.Before(end) {
		next := at.Add(12 * time.Hour)
		if offset(at, loc) == offset(next, loc) {
			at = next
			continue
		}
		for next.Sub(at) > time.Minute {
			if mid := at.Add(next.Sub(at) / 2).Truncate(time.Minute); offset(at, loc) == offset(mid, loc) {
				at = mid
			} else {
				next = mid
			}
		}
		out = append(out, next)
		at = next
	}
	return out
}

func offset(t time.Time, loc *time.Location) int {
	_, o := t.In(loc).Zone()
	return o
}

// chooser draws the numbers of a random schedule, from rapid or from a seed.
type chooser func(low, high int) int

func pick[T any](c chooser, from ...T) T { return from[c(0, len(from)-1)] }

// randomSchedule makes a schedule whose handoffs, windows and overrides crowd
// around the instant near.
func randomSchedule(c chooser, zone string, loc *time.Location, near time.Time) *Schedule {
	s := &Schedule{TimeZone: zone}
	people := []string{"ana", "bo", "cy", "di", "ed"}
	wall := recur.CivilOf(near, loc)
	for range c(1, 3) {
		l := Layer{Unit: pick(c, "hour", "day", "day", "week", "month"), Every: c(1, 3)}
		l.Members = people[:c(1, len(people))]
		start := wall.AddDays(-pick(c, 0, 1, 6, 7, 8, 30, 31, 59, 364, 365, 366, 900, -1))
		start.Second = clampDay(wall.Second/60+c(-200, 200)) * 60
		l.Start = start.String()
		for range pick(c, 0, 0, 1, 1, 2, 3) {
			l.Only = append(l.Only, randomWindow(c, wall))
		}
		s.Layers = append(s.Layers, l)
	}
	for range pick(c, 0, 0, 1, 2) {
		from := near.Add(time.Duration(c(-600, 600)) * time.Minute)
		s.Overrides = append(s.Overrides, Override{From: from, Until: from.Add(time.Duration(c(1, 400)) * time.Minute), Person: pick(c, people...)})
	}
	return s
}

func randomWindow(c chooser, wall recur.Civil) Restriction {
	clock := func() string {
		m := clampDay(wall.Second/60 + c(-240, 240))
		return recur.Civil{Second: m * 60}.String()[len("0000-00-00T"):]
	}
	r := Restriction{From: clock(), To: clock()}
	if c(0, 3) == 0 {
		r.To = r.From
	}
	for _, d := range [...]string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		if c(0, 3) > 0 {
			r.Days = append(r.Days, d)
		}
	}
	if len(r.Days) == 0 {
		r.Days = []string{"sun"}
	}
	return r
}

func clampDay(minute int) int { return (minute + 1440) % 1440 }

// compare walks [from, until) with both, minute by minute, and reports the
// first difference.
func compare(t tester, s *Schedule, from, until time.Time) (instants int) {
	t.Helper()
	return compareBy(t, s, from, until, 1)
}

func compareBy(t tester, s *Schedule, from, until time.Time, per int64) (instants int) {
	t.Helper()
	if err := s.Prepare(); err != nil {
		t.Fatalf("random schedule refused: %v\n%+v", err, s)
	}
	w := newWalker(t, s, from, until, per)
	next, stop := pull(s, from, until)
	defer stop()
	piece := next()
	for ; w.now.Before(until); w.step() {
		want := w.who()
		got := ""
		if on := s.At(w.now); len(on) == 1 {
			got = on[0]
		}
		if !w.now.Before(piece.End) {
			last := piece
			piece = next()
			if !piece.Start.Equal(last.End) || piece.Person == last.Person && piece.Layer == last.Layer && piece.Override == last.Override {
				t.Fatalf("timeline goes from %+v to %+v\n%+v", last, piece, s)
			}
		}
		if got != want || piece.Person != want {
			t.Fatalf("%v (%v): at says %q, timeline says %q (%+v), the wall clock says %q\n%+v",
				w.now, w.now.In(w.loc), got, piece.Person, piece, want, s)
		}
		instants++
	}
	if !piece.End.Equal(until) {
		t.Fatalf("timeline ends %v, want %v", piece.End, until)
	}
	return instants
}

// The sweep takes every transition of every zone in turn, in an order that a
// seed fixes, until it has compared as many instants as the flag asks for.
// Clauses: TEAM-ROTATION, ESC-L1-PRIMARY
func TestSweepOfZones(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 26))
	names := zoneNames(t)
	rng.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	choose := func(low, high int) int { return low + rng.IntN(high-low+1) }
	done := 0
	for round := 0; done < *sweepInstants; round++ {
		zone := names[round%len(names)]
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatalf("zone %s: %v", zone, err)
		}
		changes := transitions(loc)
		near := time.Date(2015+rng.IntN(23), time.Month(1+rng.IntN(12)), 28+rng.IntN(4), rng.IntN(24), 30, 0, 0, time.UTC)
		if len(changes) > 0 {
			near = changes[(round/len(names))%len(changes)]
		}
		s := randomSchedule(choose, zone, loc, near)
		done += compare(t, s, near.Add(-9*time.Hour), near.Add(27*time.Hour))
	}
	t.Logf("%d instants", done)
}

// Every transition of every zone from 2015 to 2037 when the stride is 1.
// Clauses: TEAM-ROTATION, PLT-PD-SCHED
func TestSweepOfTransitionsB29(t *testing.T) {
	rng := rand.New(rand.NewPCG(15, 37))
	choose := func(low, high int) int { return low + rng.IntN(high-low+1) }
	seen, changed, done := 0, 0, 0
	for _, zone := range zoneNames(t) {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatalf("zone %s: %v", zone, err)
		}
		for _, near := range transitions(loc) {
			if seen++; seen%*sweepStride != 0 {
				continue
			}
			changed++
			done += compare(t, randomSchedule(choose, zone, loc, near), near.Add(-3*time.Hour), near.Add(5*time.Hour))
		}
	}
	if changed == 0 {
		t.Fatal("no transition was looked at")
	}
	t.Logf("%d of %d transitions, %d instants", changed, seen, done)
}

// Turns and overrides at odd seconds, second by second around a change of the
// clock, in the zones that are hardest.
// Clauses: TEAM-ROTATION
func TestSecondsOfTheWallClockB29(t *testing.T) {
	rng := rand.New(rand.NewPCG(60, 60))
	choose := func(low, high int) int { return low + rng.IntN(high-low+1) }
	for _, zone := range []string{"Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo", "Pacific/Apia", "Pacific/Chatham", "Asia/Kathmandu"} {
		loc, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		near := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
		if changes := transitions(loc); len(changes) > 0 {
			near = changes[rng.IntN(len(changes))]
		}
		for range 3 {
			s := randomSchedule(choose, zone, loc, near)
			for i := range s.Layers {
				s.Layers[i].Start = s.Layers[i].Start[:len("2006-01-02T15:04")] + fmt.Sprintf(":%02d", choose(1, 59))
			}
			for i := range s.Overrides {
				s.Overrides[i].From = s.Overrides[i].From.Add(time.Duration(choose(1, 59)) * time.Second)
			}
			compareBy(t, s, near.Add(-20*time.Minute), near.Add(70*time.Minute), 60)
		}
	}
}
