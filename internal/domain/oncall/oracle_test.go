package oncall

import (
	"flag"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/recur"
)

var sweepInstants = flag.Int("oncall.instants", 400_000, "instants the schedule sweep compares with the oracle")

// walker answers who is on call by walking minute by minute and looking at the
// clock on the wall. It knows nothing of offsets or of the package under test:
// a wall-clock time has come when a clock that is never set back reaches it.
// That is the rule for gaps and repeated hours in other words. Schedules it is
// given have whole minutes only.
type walker struct {
	doc  *Schedule
	loc  *time.Location
	now  time.Time
	mark int64 // the furthest the wall clock has been, in minutes of no zone
	// first is when each layer's first handoff came, for turns of elapsed hours.
	first []time.Time
	turns [][]int64 // wall-clock handoffs of each layer, ascending
}

// tester is what testing.T and rapid.T share.
type tester interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

func minutes(t time.Time) int64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), 0, 0, time.UTC).Unix() / 60
}

// newWalker stands at from, having looked two days back.
func newWalker(t tester, doc *Schedule, from, until time.Time) *walker {
	t.Helper()
	loc, err := time.LoadLocation(doc.TimeZone)
	if err != nil {
		t.Fatal(err)
	}
	w := &walker{doc: doc, loc: loc, now: from.Add(-48 * time.Hour)}
	for _, l := range doc.Layers {
		start, err := time.Parse("2006-01-02T15:04", l.Start)
		if err != nil {
			t.Fatal(err)
		}
		w.first = append(w.first, firstReached(loc, start))
		w.turns = append(w.turns, handoffs(l, start, until))
	}
	for w.mark = minutes(w.now.In(loc)); w.now.Before(from); {
		w.step()
	}
	return w
}

func (w *walker) step() {
	w.now = w.now.Add(time.Minute)
	w.mark = max(w.mark, minutes(w.now.In(w.loc)))
}

// firstReached walks to the first minute at which the wall shows start or more.
func firstReached(loc *time.Location, start time.Time) time.Time {
	at := start.Add(-27 * time.Hour)
	for minutes(at.In(loc)) < minutes(start) {
		at = at.Add(time.Minute)
	}
	return at
}

// handoffs lists the wall-clock handoffs of a layer one after the other.
func handoffs(l Layer, start, until time.Time) []int64 {
	var out []int64
	limit := until.Unix()/60 + 3*1440
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
		if minutes(at) > limit {
			return out
		}
		out = append(out, minutes(at))
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
	const day = 1440
	names := [...]string{"thu", "fri", "sat", "sun", "mon", "tue", "wed"} // 1970-01-01 was a Thursday
	for d := w.mark/day - 3; d <= w.mark/day; d++ {
		for _, r := range only {
			from, to := clockMinutes(r.From), clockMinutes(r.To)
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

// compare walks [from, until) with both and reports the first difference.
func compare(t tester, s *Schedule, from, until time.Time) (instants int) {
	t.Helper()
	if err := s.Prepare(); err != nil {
		t.Fatalf("random schedule refused: %v\n%+v", err, s)
	}
	w := newWalker(t, s, from, until)
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
