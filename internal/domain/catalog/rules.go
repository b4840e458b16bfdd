package catalog

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"allclear/internal/base/fault"
)

func (p Person) check(c *checker, look Lookup) {
	c.text("/name", p.Name, true)
	c.text("/title", p.Title, false)
	if p.Email != "" {
		c.address("/email", p.Email)
	}
	if p.Level < 0 || p.Level > MaxLevel {
		c.add("/level", "must be from 0 to %d", MaxLevel)
	}
	c.optionalSlug("/area", p.Area)
	c.zone("/time_zone", p.TimeZone)
	c.each("/teams", p.Teams, c.ref(look, KindTeam))
	c.slugs("/roles", p.Roles)
	c.slugs("/skills", p.Skills)
	c.colleague(look, "/deputy", p.Deputy, p.ID)
	c.colleague(look, "/manager", p.Manager, p.ID)
	if len(p.Contacts) > MaxList || len(p.Absent) > MaxList {
		c.add("/contacts", "at most %d contacts and absences are allowed", MaxList)
		return
	}
	for i, k := range p.Contacts {
		c.contact(fmt.Sprintf("/contacts/%d", i), k)
	}
	for i, a := range p.Absent {
		if !a.From.Before(a.Until) {
			c.add(fmt.Sprintf("/absent/%d/until", i), "must be after from")
		}
		if a.Source != "" && a.Source != FromCalendar {
			c.add(fmt.Sprintf("/absent/%d/source", i), "must be %s or absent", FromCalendar)
		}
	}
	p.checkRules(c)
}

// colleague is a reference to another person; oneself is no deputy.
func (c *checker) colleague(look Lookup, where, id, self string) {
	if id != "" && id == self {
		c.add(where, "must be another person")
		return
	}
	c.optionalRef(look, KindPerson, where, id)
}

func (c *checker) contact(at string, k Contact) {
	c.oneOf(at+"/channel", k.Channel, Channels)
	c.text(at+"/label", k.Label, false)
	switch k.Channel {
	case "email":
		c.address(at+"/address", k.Address)
	case "sms", "voice":
		c.phone(at+"/address", k.Address)
	case "webhook":
		c.link(at+"/address", k.Address)
	default:
		if len(k.Address) > 4096 || strings.TrimSpace(k.Address) == "" {
			c.add(at+"/address", "is missing or longer than 4096 bytes")
		}
	}
}

func (t Team) check(c *checker, look Lookup) {
	c.text("/name", t.Name, true)
	c.prose("/description", t.Description)
	c.optionalSlug("/area", t.Area)
	c.optionalRef(look, KindPerson, "/lead", t.Lead)
	c.each("/members", t.Members, c.ref(look, KindPerson))
	c.oneOf("/availability", t.Availability, Availabilities)
	if t.Otherwise != "" {
		c.target("/otherwise", t.Otherwise, look, t.ID)
	}
}

// target checks the form of a target and what it refers to.
func (c *checker) target(where, target string, look Lookup, self string) {
	form, name, _ := strings.Cut(target, ":")
	switch form {
	case "schedule", "team", "person":
		if form == "team" && name == self {
			c.add(where, "must be another team")
			return
		}
		c.ref(look, Kind(form))(where, name)
	case "role", "sme":
		c.slug(where, name)
	case "level", "manager", "lead", "commander", "technical_lead", "responders":
		if _, err := (&Resolver{}).Resolve(target, TargetContext{}); err != nil {
			c.add(where, "%v", err)
		}
	default:
		c.add(where, "%v", badTarget(target))
	}
}

func (s Service) check(c *checker, look Lookup) {
	c.text("/name", s.Name, true)
	c.prose("/description", s.Description)
	c.text("/component", s.Component, false)
	c.optionalRef(look, KindTeam, "/owner_team", s.OwnerTeam)
	c.optionalRef(look, KindPolicy, "/escalation_policy", s.EscalationPolicy)
	c.optionalSlug("/area", s.Area)
	if s.RestorationRank < FirstRank || s.RestorationRank > LastRank {
		c.add("/restoration_rank", "must be from %d to %d", FirstRank, LastRank)
	}
	c.slugs("/regions", s.Regions)
	c.slugs("/products", s.Products)
	s.checkWays(c)
	s.checkAlternatives(c)
	c.each("/depends_on", s.DependsOn, func(where, id string) {
		if id == s.ID {
			c.add(where, "a service cannot depend on itself")
			return
		}
		c.ref(look, KindService)(where, id)
		if path := pathTo(look, id, s.ID); path != nil {
			c.add(where, "makes a cycle: %s -> %s", s.ID, strings.Join(path, " -> "))
		}
	})
}

// pathTo finds how from depends on to, however far removed.
func pathTo(look Lookup, from, to string) []string {
	cameFrom := map[string]string{from: ""}
	todo := []string{from}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		for _, next := range look.DependsOn(at) {
			if next == to {
				path := []string{to}
				for step := at; step != ""; step = cameFrom[step] {
					path = append([]string{step}, path...)
				}
				return path
			}
			if _, seen := cameFrom[next]; !seen {
				cameFrom[next] = at
				todo = append(todo, next)
			}
		}
	}
	return nil
}

// maxCode is how many digits somebody can be asked to type.
const maxCode = 20

func (k Customer) check(c *checker, look Lookup) {
	c.text("/name", k.Name, true)
	c.text("/external_id", k.External, false)
	c.oneOf("/tier", k.Tier, []string{Enterprise, Standard})
	c.oneOf("/status", k.Status, CustomerStatuses)
	c.oneOf("/churn_risk", k.ChurnRisk, ChurnRisks)
	if len(k.Code) > maxCode || strings.Trim(k.Code, "0123456789") != "" {
		c.add("/code", "must be at most %d digits", maxCode)
	}
	c.optionalSlug("/region", k.Region)
	c.slugs("/products", k.Products)
	c.each("/services", k.Services, c.ref(look, KindService))
	c.each("/domains", k.Domains, func(where, d string) {
		if len(d) > 253 || !strings.Contains(d, ".") || strings.ContainsAny(d, "@/ ") || strings.ToLower(d) != d {
			c.add(where, "%q is not a mail domain in lower case", d)
		}
	})
	c.optionalRef(look, KindPerson, "/account_manager", k.AccountManager)
	if k.Slack != "" && !slackID.MatchString(k.Slack) {
		c.add("/slack_channel", "must be the id of a channel, such as C024BE7LR, and not its name: names are not unique across workspaces")
	}
	if k.Teams != "" && (!IsSlug(k.Teams) || k.Teams == ownWorkflow) {
		c.add("/teams_workflow", "must be the name that the settings of Teams give a workflow of this customer, never its URL, which is a secret")
	}
	if p := k.Contract.UptimePercent; !(p >= 0 && p <= 100) {
		c.add("/contract/uptime_percent", "must be from 0 to 100")
	}
	c.slugs("/contract/regimes", k.Contract.Regimes)
	k.Contract.fees(c)
	if k.ARR < 0 {
		c.add("/arr_usd", "must not be negative")
	}
	if len(k.Contacts) > MaxList {
		c.add("/contacts", "at most %d entries are allowed", MaxList)
		return
	}
	for i, p := range k.Contacts {
		c.customerContact(fmt.Sprintf("/contacts/%d", i), p)
	}
}

// slackID is the id of a channel or a private channel; one that is shared keeps it in
// our workspace.
var slackID = regexp.MustCompile(`^[CG][A-Z0-9]{6,30}$`)

// ownWorkflow names the workflow of our own team, where no customer reads.
const ownWorkflow = "default"

func (c *checker) customerContact(at string, p CustomerContact) {
	c.text(at+"/name", p.Name, true)
	if p.Email == "" && p.Phone == "" {
		c.add(at, "needs a mail address or a phone number")
	}
	if p.Email != "" {
		c.address(at+"/email", p.Email)
	}
	if p.Phone != "" {
		c.phone(at+"/phone", p.Phone)
	}
	c.each(at+"/channels", p.Channels, func(where, v string) { c.oneOf(where, v, CustomerChannels) })
}

func (s Schedule) check(c *checker, look Lookup) {
	if s.Document == nil {
		c.add("", "is empty")
		return
	}
	doc := *s.Document // Prepare writes, and the document may be shared
	var bad *fault.Error
	if errors.As(doc.Prepare(), &bad) {
		c.wrong = append(c.wrong, bad.Details...)
	}
	known := c.ref(look, KindPerson)
	for i, l := range s.Document.Layers {
		for j, m := range l.Members {
			known(fmt.Sprintf("/layers/%d/members/%d", i, j), m)
		}
	}
	for i, o := range s.Document.Overrides {
		known(fmt.Sprintf("/overrides/%d/person", i), o.Person)
	}
}
