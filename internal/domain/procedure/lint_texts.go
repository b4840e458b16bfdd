package procedure

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// use is what a text is used for.
type use uint8

const (
	usedPage use = 1 << iota
	usedNotice
	usedCustomers
)

// usage remembers how each text is used, and first where.
type usage map[string]struct {
	as   use
	path string
}

// text checks a reference to a text and remembers it.
func (c *checker) text(path, name string, as use) {
	if _, ok := c.p.Texts[name]; !ok {
		known := slices.Sorted(maps.Keys(c.p.Texts))
		c.err("unknown-text", path, "Add it under texts, or correct the name.", "there is no text %q%s", name, suggestion(name, known))
		return
	}
	if c.used == nil {
		c.used = usage{}
	}
	u := c.used[name]
	if u.as|as == usedPage|usedNotice && u.as != as {
		c.warn("mixed-tracks", path, "Write one that asks and one that tells (reading 12).", "text %q is used for a page at %s and for a notice", name, u.path)
	}
	if u.path == "" {
		u.path = path
	}
	u.as |= as
	c.used[name] = u
}

var placeholder = regexp.MustCompile(`\{\{([^{}]*)\}\}`)

// afterwards are words that only messages to customers and the public have.
var afterwards = []string{"started", "ended", "duration", "story"}

// internalWords must not stand in what customers read.
var internalWords = []string{"title", "reason", "commander", "clock", "due"}

// texts checks the wording itself.
func (c *checker) texts() {
	for _, name := range slices.Sorted(maps.Keys(c.p.Texts)) {
		t, path := c.p.Texts[name], join("texts", name)
		if strings.TrimSpace(t.Body) == "" {
			c.err("empty-text", path, "Write what people should read.", "text %q has no body", name)
		}
		if strings.TrimSpace(t.Subject) == "" {
			c.warn("no-subject", path, "Write a short subject: it is the first thing a phone shows.", "text %q has no subject", name)
		}
		u, used := c.used[name]
		if !used {
			c.warn("unused-text", path, "Remove it, or name it in a rule.", "text %q is not used", name)
		}
		c.placeholders(path+".subject", t.Subject, u.as)
		c.placeholders(path+".body", t.Body, u.as)
	}
}

func (c *checker) placeholders(path, s string, as use) {
	for _, m := range placeholder.FindAllStringSubmatch(s, -1) {
		if c.word(path, "unknown-placeholder", "placeholder", m[1], Placeholders) && as&usedCustomers != 0 && slices.Contains(internalWords, m[1]) {
			c.warn("internal-detail", path, "Say it in words a customer understands.", "customers would read {{%s}}, which is internal", m[1])
		}
		if as != 0 && as&usedCustomers == 0 && slices.Contains(afterwards, m[1]) {
			c.err("no-word", path, "Leave it out: only messages to customers and the public have it.", "{{%s}} would be empty here", m[1])
		}
	}
	if rest := placeholder.ReplaceAllString(s, ""); strings.Contains(rest, "{{") || strings.Contains(rest, "}}") {
		c.err("open-placeholder", path, "Close every {{ with }}.", "a placeholder is not closed")
	}
}
