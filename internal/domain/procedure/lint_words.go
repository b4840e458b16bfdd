package procedure

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// clauseForm is the shape of a clause id, such as SEV-P1-ACK.
var clauseForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*(-[A-Z0-9]+)+$`)

// word checks a value against the words that are known.
func (c *checker) word(path, code, what, value string, known []string) bool {
	if slices.Contains(known, value) {
		return true
	}
	c.err(code, path, "Use one of: "+strings.Join(known, ", ")+".", "%s %q is not known%s", what, value, suggestion(value, known))
	return false
}

func (c *checker) optional(path, code, what, value string, known []string) {
	if value != "" {
		c.word(path, code, what, value, known)
	}
}

func (c *checker) clauses(path string, ids []string) {
	for i, id := range ids {
		c.clause(fmt.Sprintf("%s[%d]", path, i), id)
	}
}

func (c *checker) clause(path, id string) {
	if !clauseForm.MatchString(id) {
		c.err("bad-clause", path, "Write capital letters and digits in groups, such as SEV-P1-ACK.", "%q is not the id of a clause", id)
	}
}

// severityKeys checks the keys of a table per severity and returns the valid
// ones, most severe first.
func severityKeys[T any](c *checker, path string, by map[string]T) []Severity {
	for _, k := range slices.Sorted(maps.Keys(by)) {
		if _, err := ParseSeverity(k); err != nil {
			c.err("unknown-severity", join(path, k), "The severities are P1, P2, P3 and P4.", "severity %q is not known", k)
		}
	}
	var out []Severity
	for _, s := range Severities {
		if _, ok := by[s.String()]; ok {
			out = append(out, s)
		}
	}
	return out
}

// target checks that a target has a known form and names something the
// procedure lists.
func (c *checker) target(path, target string) {
	if target == "commander" || target == "technical_lead" || target == "scribe" || target == "responders" || target == AccountManager {
		return
	}
	form, name, named := strings.Cut(target, ":")
	if !named || name == "" || !slices.Contains(Forms, form) {
		c.err("bad-target", path, "Write schedule:, team:, role:, level:, manager:area, lead:owner, person:, commander, technical_lead, scribe, responders or, of a credit, account_manager; a notice may also go to chat:.", "%q names nobody%s", target, suggestion(form, Forms))
		return
	}
	switch form {
	case "schedule":
		c.listed(path, "unknown-schedule", "schedule", name, c.p.Schedules, "schedules")
	case "team":
		c.listed(path, "unknown-team", "team", name, c.p.Teams, "teams")
	case "role":
		c.listed(path, "unknown-role", "role", name, c.roleIDs(), "roles")
	case "manager":
		if name != "area" {
			c.listed(path, "unknown-area", "area", name, c.p.Areas, "areas")
		}
	case "lead":
		if name != "owner" {
			c.err("bad-target", path, "Write lead:owner: the lead of the team that owns the service.", "%q names nobody", target)
		}
	case "level":
		n, err := strconv.Atoi(name)
		if _, ok := c.p.LevelOf(n); err != nil || !ok {
			c.err("unknown-level", path, "Add the level under levels, or name one that is there.", "there is no level %q", name)
		}
	case "person":
		c.warn("person-named", path, "Name a role and let the catalogue say who holds it: replacing a leaver then needs no approval (reading 26).", "the procedure names a person, %q", name)
	}
}

func (c *checker) listed(path, code, what, name string, known []string, list string) {
	if !slices.Contains(known, name) {
		c.err(code, path, fmt.Sprintf("Add %q under %s, or correct the name.", name, list), "%s %q is not in the procedure's list%s", what, name, suggestion(name, known))
	}
}

func (c *checker) roleIDs() []string {
	ids := make([]string, len(c.p.Roles))
	for i, r := range c.p.Roles {
		ids[i] = r.ID
	}
	return ids
}

// lists checks that nothing is listed twice.
func (c *checker) lists() {
	c.twice("schedules", "schedule", c.p.Schedules, "")
	c.twice("teams", "team", c.p.Teams, "")
	c.twice("areas", "area", c.p.Areas, "")
	c.twice("roles", "role", c.roleIDs(), ".id")
}

// twice reports empty and repeated ids of a list.
func (c *checker) twice(path, what string, ids []string, key string) {
	seen := map[string]bool{}
	for i, id := range ids {
		at := fmt.Sprintf("%s[%d]%s", path, i, key)
		switch {
		case id == "":
			c.err("no-id", at, "Give it a short id of its own.", "a %s has no id", what)
		case seen[id]:
			c.err("duplicate-id", at, "Rename one of the two, or remove it.", "%s %q stands twice", what, id)
		}
		seen[id] = true
	}
}
