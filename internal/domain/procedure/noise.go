package procedure

import (
	"fmt"
	"regexp"
	"slices"

	"allclear/internal/base/recur"
)

// Noise says how one trouble is kept from being told many times.
type Noise struct {
	Flapping Flapping   `yaml:"flapping" json:"flapping"`
	Topology Topology   `yaml:"topology" json:"topology"`
	Grouping []Grouping `yaml:"grouping" json:"grouping,omitempty"`
	Inhibit  []Inhibit  `yaml:"inhibit" json:"inhibit,omitempty"`
}

// Flapping keeps an alert open that comes and goes: one that began Changes times
// Within ends only when it has been over for Hold.
type Flapping struct {
	Changes int        `yaml:"changes" json:"changes,omitempty"` // zero: never
	Within  recur.Span `yaml:"within" json:"within,omitzero"`
	Hold    recur.Span `yaml:"hold" json:"hold,omitzero"`
}

// Topology says what becomes of an alert on a service that depends on another
// one which has had an open incident for at most Window.
type Topology struct {
	Mode   string     `yaml:"mode" json:"mode,omitempty"` // see TopologyModes; empty: off
	Window recur.Span `yaml:"window" json:"window,omitzero"`
}

// The modes of Topology.
const (
	TopologyOff  = "off"
	TopologyLink = "link" // it has an incident of its own, which names the other as its likely cause
	TopologyJoin = "join" // it joins that incident, unless it suggests a higher severity
)

// TopologyModes lists the modes of Topology.
var TopologyModes = []string{TopologyOff, TopologyLink, TopologyJoin}

// Grouping cuts the incidents of a service finer: alerts whose labels By differ
// have incidents of their own (reading 5).
type Grouping struct {
	ID       string            `yaml:"id" json:"id"`
	Services []string          `yaml:"services" json:"services,omitempty"` // empty: all
	Match    map[string]string `yaml:"match" json:"match,omitempty"`       // label: regular expression over its whole value; empty: every alert
	By       []string          `yaml:"by" json:"by"`
}

// Inhibit holds alerts back for as long as another one stands on the same
// service, or on one that it depends on.
type Inhibit struct {
	ID    string            `yaml:"id" json:"id"`
	When  map[string]string `yaml:"when" json:"when"`             // of the alert that stands
	Then  map[string]string `yaml:"then" json:"then"`             // of the alert that is held back
	Equal []string          `yaml:"equal" json:"equal,omitempty"` // labels that must be the same on both
}

// MatchesAll reports whether the labels satisfy every condition; patterns were
// checked when the procedure was read.
func MatchesAll(conditions map[string]*regexp.Regexp, labels map[string]string) bool {
	for name, re := range conditions {
		if !re.MatchString(labels[name]) {
			return false
		}
	}
	return true
}

// Whole compiles a pattern that must match a whole value.
func Whole(pattern string) (*regexp.Regexp, error) { return regexp.Compile("^(?s:" + pattern + ")$") }

// noise checks how alerts are kept quiet.
func (c *checker) noise() {
	n := &c.p.Noise
	c.optional("noise.topology.mode", "unknown-mode", "mode", n.Topology.Mode, TopologyModes)
	c.notNegative("noise.topology.window", n.Topology.Window)
	if f := n.Flapping; f.Changes != 0 && (f.Changes < 2 || f.Within.IsZero() || f.Hold.IsZero() || f.Within.Business() || f.Hold.Business()) {
		c.err("incomplete", "noise.flapping", "Give changes of at least 2, and within and hold as times on the wall.", "flapping alerts cannot be recognised")
	}
	for i, g := range n.Grouping {
		path := fmt.Sprintf("noise.grouping[%d]", i)
		if g.ID == "" || len(g.By) == 0 {
			c.err("incomplete", path, "Give it an id, and the labels by which incidents are cut.", "the grouping cuts nothing")
		}
		c.patterns(path+".match", g.Match)
	}
	for i, h := range n.Inhibit {
		path := fmt.Sprintf("noise.inhibit[%d]", i)
		if h.ID == "" || len(h.When) == 0 || len(h.Then) == 0 {
			c.err("incomplete", path, "Give it an id, and conditions for both alerts.", "the inhibition would hold back everything, or nothing")
		}
		c.patterns(path+".when", h.When)
		c.patterns(path+".then", h.Then)
	}
}

func (c *checker) patterns(path string, all map[string]string) {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if _, err := Whole(all[name]); err != nil {
			c.err("bad-pattern", path+"."+name, "Write a regular expression (RE2), or the value itself.", "%q: %s", all[name], err)
		}
	}
}
