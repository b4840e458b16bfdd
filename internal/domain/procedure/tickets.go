package procedure

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"allclear/internal/base/recur"
)

// Tickets says how customers' tickets are judged and who hears of them (reading 19).
type Tickets struct {
	Clauses      []string        `yaml:"clauses" json:"clauses,omitempty"`
	Keywords     []Keyword       `yaml:"keywords" json:"keywords"`
	Strong       int             `yaml:"strong" json:"strong"`                         // a keyword of this weight or more can page
	Except       []string        `yaml:"except" json:"except"`                         // phrases in which no keyword counts
	Negations    []string        `yaml:"negations" json:"negations"`                   // before a keyword they take it back
	Everybody    []string        `yaml:"everybody" json:"everybody"`                   // words for everybody
	Accounts     []string        `yaml:"accounts" json:"accounts"`                     // whose strong tickets page
	Suggests     map[string]Hint `yaml:"suggests" json:"suggests"`                     // severity by sort of ticket
	Within       recur.Span      `yaml:"within" json:"within"`                         // tickets of one service so close are about one trouble
	Chat         string          `yaml:"chat" json:"chat,omitempty"`                   // target of the notice about urgent ones, as chat:NAME
	Text         string          `yaml:"text" json:"text,omitempty"`                   // of that notice
	DeclaredText string          `yaml:"declared_text" json:"declared_text,omitempty"` // internal comment on linked tickets
	ResolvedText string          `yaml:"resolved_text" json:"resolved_text,omitempty"` // when it is over; the customer reads it if ResolvedStatus is set

	// ResolvedStatus is what linked tickets are set to with it, pending or solved; empty:
	// left alone (FUP-IMM-TICKETS).
	ResolvedStatus string `yaml:"resolved_status" json:"resolved_status,omitempty"`
}

// Keyword is a word that makes a ticket urgent.
type Keyword struct {
	Word   string `yaml:"word" json:"word"`
	Weight int    `yaml:"weight" json:"weight"` // 1 to 9
}

// TicketAccounts are the sorts of customers whose strong tickets may page.
var TicketAccounts = []string{"vip", "major_account", "enterprise"}

// The sorts of tickets that Suggests has a severity for.
const (
	TicketEverybody  = "everybody"  // pages: a strong keyword and a word for everybody
	TicketAccount    = "account"    // pages: a strong keyword and an account
	TicketEscalation = "escalation" // pages: a person escalates for a customer
	TicketUrgent     = "urgent"     // waits in the urgent queue
	TicketNormal     = "normal"     // waits in the normal queue
)

// TicketSorts are the keys of Suggests.
var TicketSorts = []string{TicketEverybody, TicketAccount, TicketEscalation, TicketUrgent, TicketNormal}

// Of is what a sort of ticket suggests on a service. What the file does not say
// is a P2 where somebody is paged, else P3 or P4.
func (t *Tickets) Of(sort string, criticalFunction bool) Severity {
	h := t.Suggests[sort]
	s := h.Other
	if criticalFunction {
		s = h.Critical
	}
	switch {
	case s != 0:
		return s
	case sort == TicketNormal:
		return P4
	case sort == TicketUrgent:
		return P3
	}
	return P2
}

// phrase is the shape of words and phrases: they are looked for word by word.
var phrase = regexp.MustCompile(`^[\p{L}\p{N}'’]+( [\p{L}\p{N}'’]+)*$`)

// tickets checks the section; a procedure without one judges no tickets.
func (c *checker) tickets() {
	t := c.p.Tickets
	if t == nil {
		return
	}
	c.clauses("tickets.clauses", t.Clauses)
	c.keywords(t)
	for _, l := range []struct {
		path  string
		words []string
	}{{"tickets.except", t.Except}, {"tickets.negations", t.Negations}, {"tickets.everybody", t.Everybody}} {
		seen := map[string]bool{}
		for i, w := range l.words {
			c.phrase(fmt.Sprintf("%s[%d]", l.path, i), w, seen)
		}
	}
	for i, a := range t.Accounts {
		c.word(fmt.Sprintf("tickets.accounts[%d]", i), "unknown-word", "account", a, TicketAccounts)
	}
	for sort, h := range t.Suggests {
		path := join("tickets.suggests", sort)
		if !c.word(path, "unknown-word", "sort of ticket", sort, TicketSorts) {
			continue
		}
		pages := sort != TicketUrgent && sort != TicketNormal
		for _, s := range []Severity{h.Critical, h.Other} {
			if pages && !s.Pages() {
				c.err("nobody", path, "Say P1 or P2: these tickets page (reading 19).", "a ticket of the sort %s suggests %s, which pages nobody", sort, s)
			} else if !pages && s.Pages() {
				c.err("pages-queue", path, "Say P3 or P4: what waits in a queue pages nobody (reading 19).", "a ticket in the %s queue suggests %s, which pages", sort, s)
			}
		}
	}
	if t.Within.Business() {
		c.err("bad-span", "tickets.within", "Count elapsed time, such as 30m.", "tickets are not compared in business time")
	}
	c.ticketTexts(t)
}

func (c *checker) keywords(t *Tickets) {
	seen, strong := map[string]bool{}, false
	for i, k := range t.Keywords {
		path := fmt.Sprintf("tickets.keywords[%d]", i)
		c.phrase(path+".word", k.Word, seen)
		if k.Weight < 1 || k.Weight > 9 {
			c.err("bad-weight", path+".weight", "Give a weight from 1 to 9.", "keyword %q weighs %d", k.Word, k.Weight)
		}
		strong = strong || k.Weight >= t.Strong
	}
	if t.Strong < 1 {
		c.err("bad-weight", "tickets.strong", "Give the least weight of a keyword that can page, such as 2.", "every keyword would be strong")
	}
	if !strong {
		c.warn("nobody", "tickets.keywords", "Give one keyword the weight of strong.", "no keyword is strong: no ticket pages")
	}
}

func (c *checker) phrase(path, w string, seen map[string]bool) {
	switch {
	case !phrase.MatchString(w) || w != strings.ToLower(w):
		c.err("bad-phrase", path, "Write words in small letters with one space between, such as: drill down.", "%q is not looked for word by word", w)
	case seen[w]:
		c.warn("duplicate-word", path, "Remove one of the two.", "%q stands twice", w)
	}
	seen[w] = true
}

func (c *checker) ticketTexts(t *Tickets) {
	if t.Chat != "" {
		if !strings.HasPrefix(t.Chat, "chat:") || t.Chat == "chat:" {
			c.err("bad-target", "tickets.chat", "Write chat: and the name of the channel, such as chat:support-escalations.", "%q is not a chat channel", t.Chat)
		}
		c.text("tickets.text", t.Text, usedNotice)
	}
	c.optional("tickets.resolved_status", "unknown-status", "status", t.ResolvedStatus, []string{"pending", "solved"})
	if t.DeclaredText != "" {
		c.text("tickets.declared_text", t.DeclaredText, usedNotice)
	}
	if t.ResolvedText != "" {
		as := usedNotice
		if t.ResolvedStatus != "" {
			as = usedCustomers
		}
		c.text("tickets.resolved_text", t.ResolvedText, as)
	}
}

// Channel is where the notice goes, as chat platforms write it; empty without one.
func (t *Tickets) Channel() string {
	name, _ := strings.CutPrefix(t.Chat, "chat:")
	if name == "" {
		return ""
	}
	return "#" + name
}

// Takes reports whether strong tickets of an account of the sort page.
func (t *Tickets) Takes(account string) bool { return slices.Contains(t.Accounts, account) }

func (w *page) tickets(p *Procedure) {
	t := p.Tickets
	if t == nil {
		return
	}
	w.heading("Customers' tickets")
	words := make([]string, len(t.Keywords))
	for i, k := range t.Keywords {
		words[i] = fmt.Sprintf("%s (%d)", k.Word, k.Weight)
	}
	w.line("Keywords: %s; strong from %d. %s", strings.Join(words, ", "), t.Strong, t.Clauses)
	w.line("Not counted in: %s; nor after: %s.", strings.Join(t.Except, ", "), strings.Join(t.Negations, ", "))
	w.line("Words for everybody: %s.", strings.Join(t.Everybody, ", "))
	w.line("A strong keyword pages with one of them, or from: %s.", strings.Join(t.Accounts, ", "))
	for _, s := range TicketSorts {
		w.line("    %s suggests %s, on a critical function %s", s, t.Of(s, false), t.Of(s, true))
	}
	w.line("Tickets of one service within %s are about one trouble. Urgent ones are told to %s.", t.Within, t.Chat)
}
