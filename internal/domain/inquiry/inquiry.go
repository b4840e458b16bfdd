// Package inquiry owns how the cause of an incident is looked for and what is done
// about it: hypotheses, decisions, workstreams, solutions, findings, technical
// updates, measurements of the network, and which changes and earlier incidents are
// worth a look. It is pure: flows keep what it returns. It must not store or send
// anything, nor know the current time.
package inquiry

import (
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// Kind names a sort of entry.
type Kind string

// The kinds.
const (
	KindHypothesis Kind = "hypothesis"
	KindDecision   Kind = "decision"
	KindWorkstream Kind = "workstream"
	KindSolution   Kind = "solution"
	KindUpdate     Kind = "update"
	KindFinding    Kind = "finding"
	KindProbe      Kind = "probe"
	KindSnapshot   Kind = "snapshot" // of the metrics, as evidence
)

// Stamp is what every entry begins with: who wrote it down, and when.
type Stamp struct {
	ID         ident.ID  `json:"-"`
	IncidentID ident.ID  `json:"-"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
}

// Link leads to something that speaks for an entry.
type Link struct {
	Label string `json:"label,omitempty"`
	URL   string `json:"url"`
}

// Proof is what speaks for something: words, links, and files of the evidence vault.
type Proof struct {
	Text  string     `json:"text,omitempty"`
	Links []Link     `json:"links,omitempty"`
	Files []ident.ID `json:"files,omitempty"`
}

// Bounds of what people write.
const (
	maxLine  = 500
	maxText  = 10_000
	maxLinks = 20
	maxURL   = 2000
	maxSteps = 50
)

// bad collects what is wrong with what somebody wrote.
type bad struct{ err *fault.Error }

func (b *bad) add(where, format string, args ...any) {
	if b.err == nil {
		b.err = fault.New(fault.Invalid, "something is missing or wrong")
	}
	b.err = b.err.With(where, fmt.Sprintf(format, args...))
}

// result is nil where nothing is wrong.
func (b *bad) result() error {
	if b.err == nil {
		return nil
	}
	return b.err
}

// text checks a text of at most so many characters; what says what to write.
func (b *bad) text(where, s string, limit int, what string) {
	switch n := utf8.RuneCountInString(s); {
	case what != "" && strings.TrimSpace(s) == "":
		b.add(where, "%s", what)
	case n > limit:
		b.add(where, "it has %d characters, the limit is %d", n, limit)
	}
}

func (b *bad) oneOf(where, s string, all ...string) {
	for _, a := range all {
		if s == a {
			return
		}
	}
	b.add(where, "want one of %s", strings.Join(all, ", "))
}

// proof checks links and words; what says what to write where there must be
// something.
func (b *bad) proof(where string, p *Proof, what string) {
	b.text(where+"text", p.Text, maxText, what)
	if len(p.Links) > maxLinks {
		b.add(where+"links", "at most %d", maxLinks)
	}
	if len(p.Files) > maxLinks {
		b.add(where+"files", "at most %d", maxLinks)
	}
	for i, l := range p.Links {
		at := fmt.Sprintf("%slinks[%d].", where, i)
		b.text(at+"label", l.Label, maxLine, "")
		if !WebURL(l.URL) {
			b.add(at+"url", "want an http or https address")
		}
	}
}

// WebURL reports whether a text is an address that a browser may be led to.
func WebURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= maxURL && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// Head is the stamp of an entry, whatever its kind.
func (s *Stamp) Head() *Stamp { return s }
