package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"
)

// course is what one seed draws. Drawing does not depend on how it then goes,
// so a seed always means the same course.
type course struct {
	seed      uint64
	start     time.Time
	primary   string
	secondary string // empty: nobody
	absent    []string
	mute      []string // people without any contact
	length    time.Duration
	acts      []act
	outages   []outage
	unheard   []string // channels of which nobody says whether a page arrived
	crashes   []crash
	downs     []time.Duration // how long the process stays down, per crash
	hasty     []bool          // per crash: what waited outside comes in before anything else
}

// act is something from outside, At after the start.
type act struct {
	at       time.Duration
	kind     string // event ack link engage severity resolve dismiss declare
	service  string
	signals  []signal
	incident int64
	by       string
	severity string
	pick     int // which of the waiting pages a link answers
}

type signal struct{ action, key, severity string }

// outage is a time in which a channel fails, half-open, after the start.
type outage struct {
	channel     string
	from, until time.Duration
	fails       string // retry | unknown | permanent
}

// crash ends the process at the nth passing of a place, counted from the last
// start of the process.
type crash struct {
	where string // before_commit | after_commit | before_send | after_send
	nth   int
}

var (
	serviceIDs = []string{"auth", "api", "ingestion", "vendor"}
	mayAct     = []string{"ana", "bo", "sarah.liu", "marcus.johnson", "david.kim", "rachel.torres", "platform-lead-1"}
	mayMiss    = []string{"ana", "bo", "sarah.liu", "marcus.johnson", "david.kim", "rachel.torres"}
	channels   = []string{"push", "sms", "voice", "email", "slack", "in_app"}
	allPlaces  = []string{"before_commit", "after_commit", "before_send", "after_send"}
	downtimes  = []time.Duration{0, 0, time.Second, 20 * time.Second, 90 * time.Second, 6 * time.Minute, 17 * time.Minute}
)

// epoch is a Monday; seeds are spread over days and hours of the week.
var epoch = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func one[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

func draw(seed uint64) course {
	r := rand.New(rand.NewPCG(seed, 0x5eed))
	c := course{seed: seed, start: epoch.Add(time.Duration(r.IntN(7*24*60)) * time.Minute), primary: "ana", secondary: "bo"}
	if r.IntN(4) == 0 {
		c.primary, c.secondary = "bo", "ana"
	}
	if r.IntN(12) == 0 {
		c.secondary = ""
	}
	for range r.IntN(3) {
		c.absent = append(c.absent, one(r, mayMiss))
	}
	if r.IntN(3) == 0 {
		c.mute = append(c.mute, one(r, mayMiss))
	}
	c.length = time.Duration(20+r.IntN(80)) * time.Minute
	services := slices.Clone(serviceIDs)
	r.Shuffle(len(services), func(i, j int) { services[i], services[j] = services[j], services[i] })
	services = services[:1+r.IntN(2)]
	c.acts = append(c.acts, act{kind: "event", service: services[0], signals: []signal{{"trigger", "k1", one(r, []string{"critical", "critical", "error"})}}})
	for range 1 + r.IntN(8) {
		c.acts = append(c.acts, drawEvent(r, c.length, services))
	}
	for range r.IntN(6) {
		c.acts = append(c.acts, drawPerson(r, c.length, services))
	}
	slices.SortStableFunc(c.acts, func(a, b act) int { return int(a.at/time.Millisecond) - int(b.at/time.Millisecond) })
	c.drawTroubles(r)
	if r.IntN(3) == 0 {
		for range 1 + r.IntN(2) {
			c.unheard = append(c.unheard, one(r, []string{"push", "sms", "voice"}))
		}
	}
	return c
}

// moment is mostly any second, sometimes a full minute at which steps fall due.
func moment(r *rand.Rand, length time.Duration) time.Duration {
	minutes := int(length / time.Minute)
	if r.IntN(5) == 0 {
		return time.Duration(r.IntN(minutes)) * time.Minute
	}
	return time.Duration(r.IntN(minutes*60))*time.Second + time.Duration(1+r.IntN(900))*time.Millisecond
}

func drawEvent(r *rand.Rand, length time.Duration, services []string) act {
	a := act{at: moment(r, length), kind: "event", service: one(r, services)}
	n := 1
	if r.IntN(5) == 0 {
		n = 2 + r.IntN(3)
	}
	for range n {
		a.signals = append(a.signals, signal{
			action:   one(r, []string{"trigger", "trigger", "trigger", "resolve", "resolve", "acknowledge"}),
			key:      fmt.Sprintf("k%d", 1+r.IntN(3)),
			severity: one(r, []string{"critical", "error", "error", "warning", "info", "odd"}),
		})
	}
	return a
}

func drawPerson(r *rand.Rand, length time.Duration, services []string) act {
	a := act{at: moment(r, length), by: one(r, mayAct), service: one(r, services), pick: r.IntN(8), incident: int64(1 + r.IntN(2))}
	a.kind = one(r, []string{"ack", "ack", "link", "link", "engage", "severity", "severity", "resolve", "dismiss", "declare"})
	a.severity = one(r, []string{"P1", "P1", "P2", "P2", "P3", "P4"})
	return a
}

func (c *course) drawTroubles(r *rand.Rand) {
	if r.IntN(3) == 0 {
		for range 1 + r.IntN(2) {
			from := moment(r, c.length)
			if r.IntN(2) == 0 {
				from = 0
			}
			c.outages = append(c.outages, outage{
				channel: one(r, channels), from: from, until: from + time.Duration(10+r.IntN(1200))*time.Second,
				fails: one(r, []string{"retry", "unknown", "permanent"}),
			})
		}
	}
	if r.IntN(4) == 0 {
		return // no crash: exactly once is asked for
	}
	for range 1 + r.IntN(3) {
		k := crash{where: one(r, allPlaces), nth: 1 + r.IntN(60)}
		if k.where == "before_send" || k.where == "after_send" {
			k.nth = 1 + r.IntN(15)
		}
		if r.IntN(3) == 0 {
			k.nth = 1 + r.IntN(6)
		}
		c.crashes = append(c.crashes, k)
		c.downs = append(c.downs, one(r, downtimes))
		c.hasty = append(c.hasty, r.IntN(3) == 0)
	}
}
