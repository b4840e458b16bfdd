package change

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"allclear/internal/base/recur"
	"allclear/internal/domain/procedure"
)

// meaning says what a difference at the path means for people.
func meaning(path string, a, b *procedure.Procedure) string {
	area, rest, _ := strings.Cut(path, ".")
	name, id := indexed(area)
	switch name {
	case "clocks":
		return clockMeaning(id, rest, a, b)
	case "rules":
		return ruleMeaning(id, a, b)
	case "levels":
		return levelMeaning(id, rest, a, b)
	case "chain":
		return chainMeaning(rest, a, b)
	case "texts":
		text, _, _ := strings.Cut(rest, ".")
		return "People read other words: " + strings.Join(append(b.Users(text), missing(a.Users(text), b.Users(text))...), ", ") + "."
	}
	if s, ok := areaMeaning[name]; ok {
		return s
	}
	return "See docs/procedure.md."
}

var areaMeaning = map[string]string{
	"schema":         "The form of the file.",
	"name":           "The procedure appears under another name.",
	"document":       "The control sheet says something else; incidents run as before.",
	"context":        "What customers were promised by default changes, and with it the error budget.",
	"business_hours": "P3 and P4 times and business-hours teams follow other hours.",
	"severities":     "Incidents are described or classified in another way.",
	"matrix":         "Impact and urgency propose another severity.",
	"hints":          "A source's severity word suggests another severity.",
	"suspicion":      "A suspicion nobody judged becomes an incident at another time.",
	"roles":          "A duty is named in another way; check who holds it in the catalogue.",
	"schedules":      "The procedure counts on other schedules; check that they exist.",
	"teams":          "The procedure counts on other teams; check that they exist.",
	"areas":          "Managers are looked for in other areas.",
	"paging":         "People are reached on other channels, in another order, or somebody else catches what is undeliverable.",
	"mailboxes":      "Mail to an emergency address is taken in, or wakes people, in another way.",
	"noise":          "Alerts are grouped, or held back, in another way.",
	"metric_rules":   "A metric raises its alert at another limit, or suggests another severity.",
	"tickets":        "Customers' tickets are judged in another way, page for others, or are told elsewhere.",
	"health_checks":  "Other customers are looked at, or at other times, or others are asked and told.",
	"war_room":       "Holders of a role are shown other duties, or teams that are called in read other words.",
	"aftermath":      "A resolved incident is watched for another time, or others hear that it may be back.",
	"review":         "Reviews are held at another time, with other people, or about other things.",
	"actions":        "Owners of action items are asked at other times, or others hear of what is late.",
	"kpis":           "A figure is computed or judged in another way.",
	"words":          "A loose word is explained in another way; nothing behaves differently.",
	"readings":       "An explanation changes; nothing behaves differently.",
}

// indexed splits rules[x] into rules and x.
func indexed(s string) (name, id string) {
	name, id, _ = strings.Cut(s, "[")
	return name, strings.TrimSuffix(id, "]")
}

func clockMeaning(id, rest string, a, b *procedure.Procedure) string {
	old, was := a.Clock(id)
	now, is := b.Clock(id)
	switch {
	case !was:
		return fmt.Sprintf("A new promise is measured: %s.", now.Name)
	case !is:
		return fmt.Sprintf("%s is no longer measured.", old.Name)
	}
	parts := strings.Split(rest, ".")
	if len(parts) < 2 || parts[0] != "by" {
		return fmt.Sprintf("%s starts, ends or reads differently.", now.Name)
	}
	x, had := old.By[parts[1]]
	y, has := now.By[parts[1]]
	switch {
	case !had:
		return fmt.Sprintf("%s of a %s is now measured: due after %s.", now.Name, parts[1], y.Within)
	case !has:
		return fmt.Sprintf("%s of a %s is no longer measured.", now.Name, parts[1])
	case x.Within != y.Within:
		return fmt.Sprintf("%s of a %s is due after %s instead of %s%s.", now.Name, parts[1], y.Within, x.Within, tendency(x.Within, y.Within))
	}
	return fmt.Sprintf("Warnings or clauses of %s change for a %s.", now.Name, parts[1])
}

func tendency(old, now recur.Span) string {
	switch {
	case old.Business() != now.Business() || (old.BusinessDays != 0) != (now.BusinessDays != 0):
		return ", counted in another way"
	case procedure.Longer(old, now):
		return ": less time"
	}
	return ": more time"
}

func ruleMeaning(id string, a, b *procedure.Procedure) string {
	_, was := ruleOf(a, id)
	now, is := ruleOf(b, id)
	switch {
	case !was:
		return "This happens from now on."
	case !is:
		return "This no longer happens."
	}
	return "Now: " + now.Describe()
}

func ruleOf(p *procedure.Procedure, id string) (procedure.Rule, bool) {
	for _, r := range p.Rules {
		if r.ID == id {
			return r, true
		}
	}
	return procedure.Rule{}, false
}

func levelMeaning(id, rest string, a, b *procedure.Procedure) string {
	n, _ := strconv.Atoi(id)
	old, was := a.LevelOf(n)
	now, is := b.LevelOf(n)
	field, sev, _ := strings.Cut(rest, ".")
	if !was || !is || field != "response" {
		return fmt.Sprintf("Other people, or another name, stand on level %s.", id)
	}
	return fmt.Sprintf("A person of level %d who is paged for a %s has %s instead of %s to answer.", n, sev, spanOr(now.Response, sev), spanOr(old.Response, sev))
}

func spanOr(m map[string]recur.Span, key string) string {
	if s, ok := m[key]; ok {
		return s.String()
	}
	return "no limit"
}

func chainMeaning(rest string, a, b *procedure.Procedure) string {
	field, _, _ := strings.Cut(rest, ".")
	name, id := indexed(field)
	if name != "steps" {
		return "Everyone on the chain is paged or told differently, or again after another time."
	}
	n, _ := strconv.Atoi(id)
	old, now := stepOf(a, n), stepOf(b, n)
	switch {
	case old == "":
		return fmt.Sprintf("New step %d: %s.", n, now)
	case now == "":
		return fmt.Sprintf("Step %d is gone: %s.", n, old)
	}
	return fmt.Sprintf("Step %d is now %s (was %s).", n, now, old)
}

func stepOf(p *procedure.Procedure, n int) string {
	if n < 1 || n > len(p.Chain.Steps) {
		return ""
	}
	return p.Chain.Steps[n-1].Describe()
}

// missing lists what stands in a and not in b.
func missing(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}
