package account

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/plug"
)

// Carried is an account in the words of the catalogue.
type Carried struct {
	Entities []catalog.Entity
	Left     []Left            // what is not carried over, or not as it was
	Users    map[string]string // mail address by user id there
}

// Left is something that is not carried over, or not as it was.
type Left struct {
	Kind   string // as PagerDuty calls it
	Name   string
	Reason string
}

// carrier carries one account over.
type carrier struct {
	from   *Account
	stands *catalog.Catalog
	now    time.Time
	out    Carried
	taken  map[string]bool // kind and id of what has been carried

	people    map[string]string // id by user id
	teams     map[string]string
	schedules map[string]string
	policies  map[string]string
}

// Carry writes an account as entities beside what stands. People are the same when
// their mail address is, everything else when its id is; nothing that stands is
// taken from anybody: contacts, members and overrides are added.
func Carry(a *Account, stands *catalog.Catalog, now time.Time) Carried {
	c := &carrier{
		from: a, stands: stands, now: now, out: Carried{Users: map[string]string{}}, taken: map[string]bool{},
		people: map[string]string{}, teams: map[string]string{}, schedules: map[string]string{}, policies: map[string]string{},
	}
	c.carryPeople()
	c.carryTeams()
	c.carrySchedules()
	c.carryPolicies()
	c.carryServices()
	return c.out
}

func (c *carrier) put(e catalog.Entity) { c.out.Entities = append(c.out.Entities, e) }

func (c *carrier) left(kind, name, format string, args ...any) {
	c.out.Left = append(c.out.Left, Left{Kind: kind, Name: line(name), Reason: fmt.Sprintf(format, args...)})
}

// line is a name as the catalogue takes it.
func line(s string) string { return strings.TrimSpace(plug.Line(s, 200)) }

// id makes an id of a name. Two of one kind and name get a number, in the order
// of their ids there, so that the next import finds the same.
func (c *carrier) id(kind catalog.Kind, name, there string) string {
	base := slug(name)
	if base == "" {
		base = slug(there)
	}
	id := base
	for n := 2; c.taken[string(kind)+" "+id]; n++ {
		id = fmt.Sprintf("%s-%d", base, n)
	}
	c.taken[string(kind)+" "+id] = true
	return id
}

// maxSlug leaves room for a number behind it.
const maxSlug = 60

func slug(name string) string {
	out := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '.', r == '_':
			return r
		}
		return '-'
	}, strings.ToLower(name))
	for strings.Contains(out, "--") {
		out = strings.ReplaceAll(out, "--", "-")
	}
	out = strings.Trim(out, "-._")
	return strings.Trim(out[:min(len(out), maxSlug)], "-._")
}

// byID sorts what was read, so that numbers behind ids do not depend on the order
// of an answer.
func byID[T any](list []T, id func(T) string) []T {
	return slices.SortedFunc(slices.Values(list), func(a, b T) int { return cmp.Compare(id(a), id(b)) })
}

// with adds what is not in the list yet, in its order.
func with[T comparable](list []T, more ...T) []T {
	out := slices.Clone(list)
	for _, m := range more {
		if !slices.Contains(out, m) {
			out = append(out, m)
		}
	}
	return out
}

func (c *carrier) carryTeams() {
	for _, t := range byID(c.from.Teams, func(t Team) string { return t.ID }) {
		id := c.id(catalog.KindTeam, t.Name, t.ID)
		c.teams[t.ID] = id
		e := c.stands.Teams[id]
		e.ID, e.Name, e.Description = id, cmp.Or(e.Name, line(t.Name), id), cmp.Or(e.Description, strings.TrimSpace(t.Description))
		var managers []string
		for _, m := range t.Members {
			who, ok := c.people[m.User.ID]
			if !ok {
				c.left("team", t.Name, "its member %s is no user that could be read", line(m.User.Summary))
				continue
			}
			e.Members = with(e.Members, who)
			if m.Role == "manager" {
				managers = append(managers, who)
			}
		}
		switch {
		case e.Lead == "" && len(managers) == 1:
			e.Lead = managers[0]
		case e.Lead == "" && len(managers) > 1:
			c.left("team", t.Name, "has %d managers: a team has one lead here, name one", len(managers))
		}
		if t.Parent != nil {
			c.left("team", t.Name, "stands below the team %s: teams have no parents here", line(t.Parent.Summary))
		}
		c.put(e)
	}
}

func (c *carrier) carryServices() {
	for _, s := range byID(c.from.Services, func(s Service) string { return s.ID }) {
		if s.Status == "disabled" {
			c.left("service", s.Name, "is disabled")
			continue
		}
		id := c.id(catalog.KindService, s.Name, s.ID)
		e, stood := c.stands.Services[id]
		e.ID, e.Name, e.Description = id, cmp.Or(e.Name, line(s.Name), id), cmp.Or(e.Description, strings.TrimSpace(s.Description))
		if !stood {
			e.RestorationRank = catalog.LastRank
			c.left("service", s.Name, "has no restoration rank and no critical function there: it gets the last rank, set both")
		}
		if policy, ok := c.policies[s.Policy.ID]; ok {
			e.EscalationPolicy = policy
		}
		if len(s.Teams) == 1 {
			e.OwnerTeam = cmp.Or(e.OwnerTeam, c.teams[s.Teams[0].ID])
		} else if len(s.Teams) > 1 {
			c.left("service", s.Name, "belongs to %d teams: a service has one owner here", len(s.Teams))
		}
		c.leftOf(s)
		c.put(e)
	}
}

// leftOf lists what a service has there and not here.
func (c *carrier) leftOf(s Service) {
	if n := len(s.Integrations); n > 0 {
		c.left("service", s.Name, "has %d integrations: make a key under Ways in for each and change the address at the sender", n)
	}
	if s.AutoResolve != nil && *s.AutoResolve > 0 {
		c.left("service", s.Name, "resolves by itself after %s: here alerts end by their source, incidents by a person", time.Duration(*s.AutoResolve)*time.Second)
	}
	if s.AckTimeout != nil && *s.AckTimeout > 0 {
		c.left("service", s.Name, "acknowledgements end after %s: set ack_expires of its escalation policy", time.Duration(*s.AckTimeout)*time.Second)
	}
	if s.Urgency.Type != "constant" || s.Urgency.Urgency != "high" {
		c.left("service", s.Name, "has urgency %s: here the severity decides what pages; max_severity limits it", cmp.Or(s.Urgency.Urgency, s.Urgency.Type, "unknown"))
	}
}

// Addresses are the user ids with their mail addresses, in the form of the
// setting that tells who acknowledged there.
func (r Carried) Addresses() string {
	var out []string
	for _, id := range slices.Sorted(maps.Keys(r.Users)) {
		out = append(out, id+"="+r.Users[id])
	}
	return strings.Join(out, " ")
}
