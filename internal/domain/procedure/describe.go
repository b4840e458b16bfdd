package procedure

import (
	"fmt"
	"slices"
	"strings"

	"allclear/internal/base/recur"
)

// Sentences about parts of a procedure, for Show and Diff.

// Describe says in one sentence what the rule does, when and on which
// incidents.
func (r Rule) Describe() string {
	var b strings.Builder
	b.WriteString(r.when())
	b.WriteString(": ")
	b.WriteString(r.does())
	if len(r.Clauses) > 0 {
		b.WriteString(" [" + strings.Join(r.Clauses, ", ") + "]")
	}
	return b.String()
}

func (r Rule) when() string {
	parts := []string{"on " + r.On}
	if r.Clock != "" {
		parts[0] += " of " + r.Clock
	}
	if !r.After.IsZero() {
		parts[0] = short(r.After) + " after " + r.On
	}
	if !r.Every.IsZero() {
		parts = append(parts, "then every "+short(r.Every))
	}
	if r.While != "" && r.While != Always {
		parts = append(parts, "while "+string(r.While))
	}
	sev := severities(r.Severities)
	if r.Highest {
		sev += " at its highest"
	}
	parts = append(parts, sev)
	if len(r.When) > 0 {
		parts = append(parts, "if "+strings.Join(r.When, " and "))
	}
	return strings.Join(parts, ", ")
}

func severities(set Set) string {
	if len(set) == 0 {
		return "any severity"
	}
	names := make([]string, len(set))
	for i, s := range set {
		names[i] = s.String()
	}
	return strings.Join(names, "+")
}

func (r Rule) does() string {
	switch {
	case r.Notice != nil:
		return r.Notice.describe("tells")
	case r.Page != nil:
		return r.Page.describe("pages")
	case r.Message != nil:
		return r.Message.describe()
	case r.Task != nil:
		return r.Task.describe()
	case r.Note != "":
		return "notes: " + r.Note
	}
	return "does nothing"
}

func (t Tell) describe(verb string) string {
	s := verb + " " + strings.Join(t.To, ", ") + " (" + t.Text
	if len(t.Channels) > 0 {
		s += " by " + strings.Join(t.Channels, ", ")
	}
	s += ")"
	if t.Answer != "" {
		s += ", asks who joins"
	}
	if t.Reaches != "" {
		s += ", reaches " + t.Reaches
	}
	return s
}

func (m Send) describe() string {
	s := "publishes "
	if m.Draft {
		s = "drafts "
	}
	s += m.Text + " to " + m.Audience + " by " + strings.Join(m.Channels, ", ") + map[bool]string{true: ", with a PDF"}[m.Document]
	if m.Contractual {
		s += ", also to those who declined"
	}
	if m.Unless != "" {
		s += ", unless " + m.Unless
	}
	if len(m.Private) > 0 {
		s += ", on the tenant's own page if " + strings.Join(m.Private, " or ")
	}
	return s
}

func (t Assign) describe() string {
	s := fmt.Sprintf("asks %s: %s", t.Owner, t.Title)
	if t.Per != "" {
		s += ", per " + strings.ReplaceAll(t.Per, "_", " ")
	}
	if !t.Due.IsZero() {
		s += ", due " + short(t.Due)
	}
	if len(t.Overdue) > 0 {
		s += ", when late tells " + strings.Join(t.Overdue, ", ")
	}
	if t.Gate != "" {
		s += ", holds up: " + t.Gate
	}
	return s
}

// Describe says whom the step asks, when, and under which condition.
func (s Step) Describe() string {
	var by []string
	for _, sev := range Severities {
		r, ok := s.By[sev.String()]
		if !ok {
			continue
		}
		text := sev.String() + " " + string(r.While)
		if r.Else != "" {
			text += ", else " + r.Else
		}
		by = append(by, text)
	}
	return fmt.Sprintf("%s after %s: %s", s.Target, short(s.After), strings.Join(by, "; "))
}

// Users lists what uses a text, for somebody who is about to change it.
func (p *Procedure) Users(text string) []string {
	var out []string
	for name, t := range map[string]string{
		"chain": p.Chain.Text, "chain notice": p.Chain.NoticeText, "fallback": p.Paging.FallbackText,
		"silent level": p.Paging.LevelText, "late task": p.Paging.OverdueText,
	} {
		if t == text {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	for _, r := range p.Rules {
		if r.Notice != nil && r.Notice.Text == text || r.Page != nil && r.Page.Text == text || r.Message != nil && r.Message.Text == text {
			out = append(out, r.ID)
		}
	}
	return out
}

// short writes zero as "at once" and leaves the rest as a file has it.
func short(s recur.Span) string {
	if s.IsZero() {
		return "0m"
	}
	return s.String()
}
