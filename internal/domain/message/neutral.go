package message

import (
	"regexp"
	"slices"
	"strings"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
)

// Internal is what of an incident must not be read outside: the words of its
// alerts, its number and who works on it.
type Internal struct {
	title  string
	names  []string
	public string // what to say instead of the title
}

// InternalOf collects the internal words of an incident.
func InternalOf(i *incident.Incident, c *catalog.Catalog) Internal {
	in := Internal{public: ComponentName(c, i.ServiceID)}
	if telling(i.Title) && !strings.Contains(in.public, i.Title) {
		in.title = i.Title
	}
	add := func(person string) {
		if person == "" || person == "allclear" {
			return
		}
		if p := c.People[person]; p.Name != "" && !strings.Contains(ourTeam, p.Name) {
			in.names = append(in.names, p.Name)
		}
		if strings.ContainsAny(person, ".@-_") { // an id that cannot be a plain word
			in.names = append(in.names, person)
		}
	}
	add(i.DeclaredBy)
	add(i.AcknowledgedBy)
	add(i.EngagedBy)
	add(i.ResolvedBy)
	for _, r := range i.Responders {
		add(r.Person)
	}
	for _, p := range i.Roles {
		add(p)
	}
	slices.Sort(in.names)
	in.names = slices.Compact(in.names)
	// A longer name first, so that no half of it stays behind.
	slices.SortStableFunc(in.names, func(a, b string) int { return len(b) - len(a) })
	return in
}

// ourTeam is what outsiders read instead of a name.
const ourTeam = "our team"

// passes bounds how often a text is gone through: what is taken out can leave
// a new internal word behind ("[IN[INC-1]C-2]").
const passes = 64

// telling reports whether a title is more than a word that any text may hold.
func telling(title string) bool {
	return len(title) >= 12 || len(strings.Fields(title)) > 1
}

// ComponentName is a service's name on the status page, in a sentence.
func ComponentName(c *catalog.Catalog, service string) string {
	if p, ok := c.PublicOf(service); ok {
		return p.Name
	}
	return "our service"
}

var (
	number = regexp.MustCompile(`(?i)[\[(]?\bINC-\d+\b[\])]?:?`)
	blanks = regexp.MustCompile(`[ \t]{2,}`)
)

// Leaks lists the internal words a text contains, for whoever approves it.
func (in Internal) Leaks(text string) []string {
	var out []string
	if in.title != "" && strings.Contains(text, in.title) {
		out = append(out, in.title)
	}
	for _, n := range in.names {
		if strings.Contains(text, n) {
			out = append(out, n)
		}
	}
	return append(out, number.FindAllString(text, -1)...)
}

// Neutral takes the internal words out of a text that nobody will read before
// it is published.
func (in Internal) Neutral(text string) string {
	for n := 0; n < passes && len(in.Leaks(text)) > 0; n++ {
		if in.title != "" {
			text = strings.ReplaceAll(text, in.title, in.public)
		}
		for _, n := range in.names {
			text = strings.ReplaceAll(text, n, ourTeam)
		}
		text = strings.TrimSpace(blanks.ReplaceAllString(number.ReplaceAllString(text, ""), " "))
	}
	return text
}
