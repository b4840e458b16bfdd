// Package vendor owns what other companies say about the state of their services
// (INV-TRI-3P, INT-CHANGE-STATUS). It reads their documents: summary.json of
// Statuspage (doers.statuspage.io, "Summary"), incidents.json of Google Cloud
// (status.cloud.google.com/incidents.schema.json), the current events of the AWS
// Health Dashboard, and feeds. It must not fetch anything, nor say what follows
// for our services.
package vendor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/feed"
)

// State is how a vendor is.
type State string

// The states, from good to bad. Unknown is what nobody could read lately.
const (
	Unknown     State = "unknown"
	OK          State = "ok"
	Maintenance State = "maintenance"
	Degraded    State = "degraded"
	Outage      State = "outage"
)

// States lists the states.
var States = []State{Unknown, OK, Maintenance, Degraded, Outage}

// Red reports whether what depends on the vendor may suffer now. Maintenance was
// announced, and is not red.
func (s State) Red() bool { return s == Degraded || s == Outage }

func (s State) rank() int { return slices.Index(States, s) }

// Worse is the worse of two states.
func Worse(a, b State) State {
	if b.rank() > a.rank() {
		return b
	}
	return a
}

// Trouble is one thing a vendor says is wrong or under maintenance.
type Trouble struct {
	What  string `json:"what"`
	State State  `json:"state"`
	Link  string `json:"link,omitempty"`
}

// Report is what a document says.
type Report struct {
	State    State
	What     string    // in one line; empty when all is well
	Troubles []Trouble // the worst first
	Missing  []string  // components asked for that the document does not know
}

// Limits on a report.
const (
	maxTroubles = 20
	maxWhat     = 300
)

// Read reads a document of one of the forms statuspage, gcp, aws and rss. Only
// what concerns the components counts; without any, everything does.
func Read(form string, body []byte, from string, components []string, now time.Time) (Report, error) {
	w := wanted{all: components, met: map[string]bool{}}
	switch form {
	case "statuspage":
		return readStatuspage(body, &w, now)
	case "gcp":
		return readGCP(body, &w)
	case "aws":
		return readAWS(body, from, &w, now)
	case "rss":
		return readFeed(body, from, &w, now)
	}
	return Report{}, fault.New(fault.Invalid, "form %q is not one of statuspage, gcp, aws and rss", form)
}

// wanted are the components of interest, and which of them were met.
type wanted struct {
	all []string
	met map[string]bool
}

// has reports whether one of the names is of interest, in whatever case.
func (w *wanted) has(names ...string) bool {
	found := len(w.all) == 0
	for _, c := range w.all {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(strings.TrimSpace(n), c) }) {
			w.met[c], found = true, true
		}
	}
	return found
}

// within is has for names that stand in running text.
func (w *wanted) within(text string) bool {
	found := len(w.all) == 0
	lower := strings.ToLower(text)
	for _, c := range w.all {
		if strings.Contains(lower, strings.ToLower(c)) {
			w.met[c], found = true, true
		}
	}
	return found
}

func (w *wanted) missing() (out []string) {
	for _, c := range w.all {
		if !w.met[c] {
			out = append(out, c)
		}
	}
	return out
}

// report sums troubles up; floor is what the document says as a whole.
func report(floor State, all []Trouble) Report {
	slices.SortStableFunc(all, func(a, b Trouble) int { return cmp.Compare(b.State.rank(), a.State.rank()) })
	r := Report{State: floor}
	for i, t := range all {
		t.What = feed.Plain(t.What, maxWhat)
		r.State = Worse(r.State, t.State)
		if i < maxTroubles && t.What != "" {
			r.Troubles = append(r.Troubles, t)
		}
	}
	switch n := len(r.Troubles); {
	case n == 1:
		r.What = r.Troubles[0].What
	case n > 1:
		r.What = feed.Plain(fmt.Sprintf("%s (and %d more)", r.Troubles[0].What, len(all)-1), maxWhat+20)
	}
	return r
}
