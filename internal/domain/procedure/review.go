package procedure

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/recur"
)

// Review says how an incident is looked back on (PIR-MTG, PIR-P-*, PIR-A-*).
// Which severities need one is said with the severities; what is to be done for
// it are tasks of the rules.
type Review struct {
	Clauses    []string     `yaml:"clauses" json:"clauses,omitempty"`
	From       recur.Span   `yaml:"from" json:"from"`                 // the window of the formal review, after resolution, elapsed
	Until      recur.Span   `yaml:"until" json:"until"`               // its end
	Length     recur.Span   `yaml:"length" json:"length"`             // of the meeting
	Invite     recur.Span   `yaml:"invite_after" json:"invite_after"` // after resolution the invitations go out by themselves
	Text       string       `yaml:"invitation_text" json:"invitation_text"`
	Invited    []Invited    `yaml:"invited" json:"invited"`
	Agenda     []AgendaItem `yaml:"agenda" json:"agenda"`
	Gap        recur.Span   `yaml:"gap" json:"gap"`                 // a timeline that is silent for longer has a gap
	LossFactor float64      `yaml:"loss_factor" json:"loss_factor"` // share of the revenue of the time of impact that is at risk
}

// Invited are people who are asked to the review, by the highest severity held.
type Invited struct {
	Clauses    []string `yaml:"clauses" json:"clauses,omitempty"`
	As         string   `yaml:"as" json:"as"` // what they are there for
	To         []string `yaml:"to" json:"to"` // targets
	Severities Set      `yaml:"severities" json:"severities,omitempty"`
}

// AgendaItem is one point of the formal review, in order.
type AgendaItem struct {
	ID     string `yaml:"id" json:"id"`
	Clause string `yaml:"clause" json:"clause"`
	Title  string `yaml:"title" json:"title"`
	Shows  string `yaml:"shows" json:"shows"` // see Shows
}

// Shows are the parts of a review that an item of the agenda is about.
var Shows = []string{"timeline", "cause", "response", "impact", "actions", "recommendations", "follow_up"}

// Actions says how what follows from incidents is seen through (ACT-OWN-*).
type Actions struct {
	Clauses  []string     `yaml:"clauses" json:"clauses,omitempty"`
	CheckIn  recur.Span   `yaml:"check_in" json:"check_in"` // after the last sign of life the owner is asked, elapsed
	CheckFor []string     `yaml:"check_in_clauses" json:"check_in_clauses,omitempty"`
	Text     string       `yaml:"check_in_text" json:"check_in_text"`
	LateText string       `yaml:"late_text" json:"late_text"`
	Late     []ActionStep `yaml:"late" json:"late"` // who hears that one is overdue or blocked
}

// ActionStep is one step of what becomes of an action item that is overdue or
// blocked.
type ActionStep struct {
	Clauses []string   `yaml:"clauses" json:"clauses,omitempty"`
	After   recur.Span `yaml:"after" json:"after"` // that it is late or blocked, elapsed
	To      []string   `yaml:"to" json:"to"`       // targets, or OwnersManager
}

// OwnersManager names the manager of an action item's owner.
const OwnersManager = "owners_manager"

const (
	maxReviewSpan = 60 * 24 * time.Hour
	maxActionSpan = 366 * 24 * time.Hour
)

func (c *checker) review() {
	r := c.p.Review
	if r == nil {
		return
	}
	c.clauses("review.clauses", r.Clauses)
	c.text("review.invitation_text", r.Text, usedNotice)
	c.elapsed("review.from", r.From, 0, maxReviewSpan)
	c.elapsed("review.until", r.Until, r.From.Elapsed()+time.Minute, maxReviewSpan)
	c.elapsed("review.length", r.Length, time.Minute, 24*time.Hour)
	c.elapsed("review.invite_after", r.Invite, 0, r.From.Elapsed())
	c.elapsed("review.gap", r.Gap, time.Minute, 24*time.Hour)
	if r.LossFactor < 0 || r.LossFactor > 1 {
		c.err("bad-number", "review.loss_factor", "Give a share from 0 to 1.", "%g of the revenue cannot be at risk", r.LossFactor)
	}
	for i, v := range r.Invited {
		at := fmt.Sprintf("review.invited[%d]", i)
		c.clauses(at+".clauses", v.Clauses)
		if v.As == "" || len(v.To) == 0 {
			c.err("missing", at, "Say what they are there for, and name targets.", "nobody is invited as %q", v.As)
		}
		for k, t := range v.To {
			c.target(fmt.Sprintf("%s.to[%d]", at, k), t)
		}
	}
	seen := map[string]bool{}
	for i, a := range r.Agenda {
		at := fmt.Sprintf("review.agenda[%d]", i)
		c.clauses(at+".clause", []string{a.Clause})
		c.word(at+".shows", "unknown-word", "part of a review", a.Shows, Shows)
		if a.ID == "" || seen[a.ID] || a.Title == "" {
			c.err("missing", at, "Give each item an id of its own and a title.", "item %q of the agenda cannot be told from others", a.ID)
		}
		seen[a.ID] = true
	}
	if len(r.Agenda) == 0 {
		c.warn("nothing", "review.agenda", "Write what the review talks about.", "the review has no agenda")
	}
}

func (c *checker) actions() {
	a := c.p.Actions
	if a == nil {
		return
	}
	c.clauses("actions.clauses", a.Clauses)
	c.clauses("actions.check_in_clauses", a.CheckFor)
	c.elapsed("actions.check_in", a.CheckIn, time.Hour, maxActionSpan)
	c.text("actions.check_in_text", a.Text, usedNotice)
	c.text("actions.late_text", a.LateText, usedNotice)
	var before time.Duration
	for i, s := range a.Late {
		at := fmt.Sprintf("actions.late[%d]", i)
		c.clauses(at+".clauses", s.Clauses)
		c.elapsed(at+".after", s.After, before, maxActionSpan)
		before = s.After.Elapsed()
		if len(s.To) == 0 {
			c.err("nobody", at+".to", "Name targets, or "+OwnersManager+".", "nobody hears of it")
		}
		for k, t := range s.To {
			if t != OwnersManager {
				c.target(fmt.Sprintf("%s.to[%d]", at, k), t)
			}
		}
	}
	if len(a.Late) == 0 {
		c.warn("nobody", "actions.late", "Name who hears of it.", "nobody hears of an action item that is late")
	}
}

// elapsed refuses a span that is business time or out of bounds.
func (c *checker) elapsed(path string, s recur.Span, from, to time.Duration) {
	if e := s.Elapsed(); s.Business() || e < from || e > to {
		c.err("bad-span", path, fmt.Sprintf("Count elapsed time from %s to %s.", from, to), "%q is not a time that fits here", s)
	}
}

// Asks reports whether the people are invited to the review of an incident whose
// highest severity was s.
func (i Invited) Asks(s Severity) bool { return i.Severities.Has(s) }

func (w *page) review(p *Procedure) {
	if r := p.Review; r != nil {
		w.heading("The review")
		w.line("The formal review is held from %s to %s after resolution, in business hours where there are any. %s", short(r.From), short(r.Until), r.Clauses)
		for _, v := range r.Invited {
			when := ""
			if len(v.Severities) > 0 {
				when = fmt.Sprintf(" (%v only)", v.Severities)
			}
			w.line("- %s: %s%s. %s", v.As, strings.Join(v.To, ", "), when, v.Clauses)
		}
		w.line("Its agenda:")
		for i, a := range r.Agenda {
			w.line("%d. %s %s", i+1, a.Title, slices.DeleteFunc([]string{a.Clause}, func(s string) bool { return s == "" }))
		}
	}
	if a := p.Actions; a != nil {
		w.heading("Action items")
		w.line("The owner is asked every %s. %s", short(a.CheckIn), a.CheckFor)
		for _, s := range a.Late {
			w.line("- %s after one is overdue or blocked: %s. %s", short(s.After), strings.Join(s.To, ", "), s.Clauses)
		}
	}
}
