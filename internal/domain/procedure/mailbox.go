package procedure

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Mailbox is an emergency address of the document. A mail to it is a signal
// that says Says, and sets off the rules on On with Fact.
type Mailbox struct {
	ID        string   `yaml:"id" json:"id"`
	Name      string   `yaml:"name" json:"name"`
	Clauses   []string `yaml:"clauses" json:"clauses,omitempty"`
	Addresses []string `yaml:"addresses" json:"addresses"` // the part before the @, in each of its spellings
	Says      string   `yaml:"says" json:"says"`           // a severity word, see hints
	On        string   `yaml:"on" json:"on"`               // the trigger of its rules: called or escalated
	Fact      string   `yaml:"fact" json:"fact"`           // by which rules know it
}

// MailTriggers are the triggers a mailbox can set off.
var MailTriggers = []string{"called", "escalated"}

// MailFacts are the facts that tell one mailbox from another.
var MailFacts = []string{"operations_mail", "success_mail", "executive_mail"}

// localPart is the shape of a part before the @ that needs no quotes.
var localPart = regexp.MustCompile(`^[a-z0-9]+([._-][a-z0-9]+)*$`)

// Takes reports whether mail for a local part goes to the mailbox, in whatever
// case it is written.
func (m Mailbox) Takes(local string) bool {
	return slices.Contains(m.Addresses, strings.ToLower(local))
}

// Mailbox finds the mailbox that mail for a local part goes to.
func (p *Procedure) Mailbox(local string) (Mailbox, bool) {
	i := slices.IndexFunc(p.Mailboxes, func(m Mailbox) bool { return m.Takes(local) })
	if i < 0 {
		return Mailbox{}, false
	}
	return p.Mailboxes[i], true
}

// mailboxes checks the emergency addresses.
func (c *checker) mailboxes() {
	ids, taken := map[string]bool{}, map[string]string{}
	for i, m := range c.p.Mailboxes {
		path := fmt.Sprintf("mailboxes[%d]", i)
		switch {
		case m.ID == "":
			c.err("no-id", path, "Give it a short id of its own.", "the mailbox has no id")
		case ids[m.ID]:
			c.err("duplicate-id", path+".id", "Rename one of the two.", "mailbox %q stands twice", m.ID)
		}
		ids[m.ID] = true
		c.clauses(path+".clauses", m.Clauses)
		c.word(path+".on", "unknown-trigger", "trigger", m.On, MailTriggers)
		c.word(path+".fact", "unknown-fact", "fact", m.Fact, MailFacts)
		if _, ok := c.p.Hints[m.Says]; !ok {
			c.err("unknown-hint", path+".says", "Use a word that stands under hints.", "mailbox %q says %q, which suggests no severity", m.ID, m.Says)
		}
		if len(m.Addresses) == 0 {
			c.err("nobody", path, "Name at least one address.", "mailbox %q has no address", m.ID)
		}
		for j, a := range m.Addresses {
			here := fmt.Sprintf("%s.addresses[%d]", path, j)
			if !localPart.MatchString(a) {
				c.err("bad-address", here, "Write the part before the @ in small letters, such as ops-emergency.", "%q is not the part before the @", a)
			}
			if other := taken[a]; other != "" {
				c.err("duplicate-address", here, "Leave it with one mailbox.", "%q belongs to mailbox %q already", a, other)
			}
			taken[a] = m.ID
		}
		c.heard(path, m)
	}
}

// heard reports a mailbox that nobody is paged for: not by the chain, and by no
// rule.
func (c *checker) heard(path string, m Mailbox) {
	h := c.p.Hints[m.Says]
	if h.Critical.Pages() && h.Other.Pages() {
		return
	}
	pages := func(r Rule) bool {
		return r.Page != nil && r.On == m.On && !slices.Contains(r.When, "not "+m.Fact) && !slices.ContainsFunc(MailFacts, func(f string) bool {
			return f != m.Fact && slices.Contains(r.When, f)
		})
	}
	if !slices.ContainsFunc(c.p.Rules, pages) {
		c.err("nobody", path, "Add a rule on "+m.On+" that pages somebody when "+m.Fact+".", "mail to mailbox %q pages nobody", m.ID)
	}
}
