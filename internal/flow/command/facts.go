package command

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
)

// reachCount is how many customers an incident touches, by sort.
type reachCount struct {
	All, Enterprise, VIP, Major, Custom, Total int
	Regimes                                    map[string]bool // that their contracts name
}

// touching counts the customers an incident touches. Counts are kept for one
// version of the catalogue, since rules ask often and customers change rarely.
func (c *Command) touching(cat *catalog.Catalog, inc *incident.Incident) reachCount {
	key := inc.ScopeKey()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of != cat {
		c.of, c.touched = cat, map[string]reachCount{}
	}
	if n, ok := c.touched[key]; ok {
		return n
	}
	n := reachCount{Total: len(cat.Customers), Regimes: map[string]bool{}}
	for _, k := range message.Affected(cat, inc) {
		n.All++
		n.Enterprise += one(k.Tier == catalog.Enterprise)
		n.VIP += one(k.VIP)
		n.Major += one(k.MajorAccount)
		n.Custom += one(k.Contract.Custom)
		for _, r := range k.Contract.Regimes {
			n.Regimes[r] = true
		}
	}
	c.touched[key] = n
	return n
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// facts are what the rules may ask about the incident now.
func (s *scene) facts() map[string]bool {
	n := s.c.touching(s.cat, s.inc)
	f := map[string]bool{
		"declared":                 s.inc.Declared,
		"restricted":               s.inc.Restricted,
		"single_tenant":            s.inc.Tenant != "",
		"customers_affected":       n.All > 0,
		"enterprise_affected":      n.Enterprise > 0,
		"vip_affected":             n.VIP > 0,
		"major_account_affected":   n.Major > 0,
		"custom_contract_affected": n.Custom > 0,
		"in_business_hours":        s.proc.Calendar().Open(s.now),
		"alerts":                   s.inc.AlertCount > 0,
		"acknowledged":             s.inc.Acked(),
		"widespread":               s.proc.Widespread(n.All, n.Total),
	}
	for _, m := range []string{"status_posted", "customers_mailed", "customers_texted", "social_posted", "forum_posted"} {
		_, f[m] = s.inc.Reached[m]
	}
	if s.call != "" {
		f[s.call] = true
	}
	if s.more {
		f["mail_reply"] = true
	}
	for _, flag := range s.inc.Flags {
		if slices.Contains(procedure.Facts, flag) {
			f[flag] = true
		}
	}
	for r := range n.Regimes {
		f[procedure.RegimeFact(r)], f[procedure.RegimeFact(procedure.AnyRegime)] = true, true
	}
	return f
}

// words are what texts may say about the incident.
func (s *scene) words() map[string]string {
	service := s.inc.ServiceID
	if svc, ok := s.cat.Services[s.inc.ServiceID]; ok {
		service = svc.Name
	}
	w := map[string]string{
		"title": s.inc.Title, "service": service, "severity": s.inc.Severity.String(), "number": s.inc.Ref(),
		"status": string(s.inc.Status), "commander": s.name(s.inc.Commander()), "reason": s.inc.Reason,
		"name":  "{{name}}", // filled in when it is known whom the text goes to
		"count": strconv.Itoa(s.c.touching(s.cat, s.inc).All),
	}
	if s.news != "" {
		w["reason"] = s.news
	}
	if s.of != nil {
		w["clock"], w["due"] = s.of.Clock, instant(s.of.DueAt)
		if c, ok := s.proc.Clock(s.of.Clock); ok && c.Name != "" {
			w["clock"] = c.Name
		}
	}
	if s.inc.Restricted { // pages and notices leave the house: they say nothing of it
		w["title"], w["service"], w["reason"] = message.RestrictedTitle, message.RestrictedService, ""
	}
	return w
}

// instant is how texts give a time.
func instant(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

func (s *scene) name(person string) string {
	if p, ok := s.cat.People[person]; ok {
		return p.Name
	}
	if person == "" {
		return "nobody yet"
	}
	return person
}

// text fills a named text; a missing one is an error, because somebody waits
// for it. A text for customers calls the service what they call it.
func (s *scene) text(name string, more map[string]string) (subject, body string, err error) {
	t, ok := s.proc.Texts[name]
	if !ok {
		return "", "", fmt.Errorf("text %q is not in the procedure", name)
	}
	w := s.words()
	for k, v := range more {
		w[k] = v
	}
	subject, body = t.Fill(w)
	return subject, body, nil
}

// targets is the situation in which targets are resolved.
func (s *scene) targets() catalog.TargetContext { return Targets(s.inc, s.proc, s.now) }

// Targets is the situation in which an incident's targets are resolved.
func Targets(inc *incident.Incident, proc *procedure.Procedure, now time.Time) catalog.TargetContext {
	t := catalog.TargetContext{ServiceID: inc.ServiceID, At: now, OutOfHours: !proc.Calendar().Open(now), Commander: inc.Commander(), TechLead: inc.Roles[incident.TechLead], Scribe: inc.Roles[incident.Scribe], Standby: proc.Standby(inc.Restricted)}
	for _, r := range inc.Responders {
		if r.State == "joined" {
			t.Responders = append(t.Responders, r.Person)
		}
	}
	return t
}
