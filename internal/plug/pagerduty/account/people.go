package account

import (
	"cmp"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
)

func (c *carrier) carryPeople() {
	for _, u := range byID(c.from.Users, func(u User) string { return u.ID }) {
		if a, err := mail.ParseAddress(u.Email); err != nil || a.Address != u.Email {
			c.left("user", cmp.Or(u.Name, u.ID), "has no mail address that people could be told apart by")
			continue
		}
		p := c.person(u)
		c.people[u.ID] = p.ID
		c.out.Users[u.ID] = cmp.Or(p.Email, u.Email)
		p.Title = cmp.Or(p.Title, line(u.JobTitle))
		if p.TimeZone == "" && u.TimeZone != "" {
			if _, err := time.LoadLocation(u.TimeZone); err == nil && u.TimeZone != "Local" {
				p.TimeZone = u.TimeZone
			} else {
				c.left("user", u.Name, "time zone %q is no IANA name", u.TimeZone)
			}
		}
		c.contacts(&p, u)
		c.rules(&p, u)
		c.put(p)
	}
}

// person is who stands with the user's mail address, else somebody new.
func (c *carrier) person(u User) catalog.Person {
	var found []string
	for id, p := range c.stands.People {
		if strings.EqualFold(p.Email, u.Email) || slices.ContainsFunc(p.Contacts, func(k catalog.Contact) bool {
			return k.Channel == "email" && strings.EqualFold(k.Address, u.Email)
		}) {
			found = append(found, id)
		}
	}
	slices.Sort(found)
	if len(found) > 1 {
		c.left("user", u.Name, "%s all have the mail address %s: taken for the first", strings.Join(found, ", "), u.Email)
	}
	if len(found) > 0 {
		c.taken[string(catalog.KindPerson)+" "+found[0]] = true
		return c.stands.People[found[0]]
	}
	name, _, _ := strings.Cut(u.Email, "@")
	for id := range c.stands.People { // an id of somebody else is no id for a newcomer
		c.taken[string(catalog.KindPerson)+" "+id] = true
	}
	id := c.id(catalog.KindPerson, name, u.ID)
	return catalog.Person{ID: id, Name: cmp.Or(line(u.Name), id), Email: u.Email}
}

// channels by type of contact method; push is a device that nobody can register
// for somebody else.
var channels = map[string]string{"email_contact_method": "email", "phone_contact_method": "voice", "sms_contact_method": "sms"}

// contacts adds what the person does not have yet, unverified: that PagerDuty could
// reach somebody does not say that we can.
func (c *carrier) contacts(p *catalog.Person, u User) {
	for _, m := range u.Contacts {
		channel, address := channels[m.Type], strings.TrimSpace(m.Address)
		what := u.Name + ", " + cmp.Or(line(m.Label), m.Type)
		switch {
		case strings.HasPrefix(m.Type, "push"):
			c.left("contact method", what, "a device is turned on by its owner, under My contacts")
			continue
		case channel == "":
			c.left("contact method", what, "the type %s has no channel here", m.Type)
			continue
		case m.Blacklisted:
			c.left("contact method", what, "PagerDuty no longer sends there")
			continue
		}
		if channel != "email" {
			var ok bool
			if address, ok = e164(m); !ok {
				c.left("contact method", what, "country code %d and number make no number in E.164 form", m.CountryCode)
				continue
			}
		} else if a, err := mail.ParseAddress(address); err != nil || a.Address != address {
			c.left("contact method", what, "is no mail address")
			continue
		}
		if channel == "email" && strings.EqualFold(address, p.Email) {
			continue // it is reached without a contact of its own
		}
		add(p, catalog.Contact{Channel: channel, Address: address, Label: line(m.Label)})
	}
}

// add adds a contact the person does not have. Whoever has a contact for mail is no
// longer reached by their own address, so that one becomes a contact too.
func add(p *catalog.Person, k catalog.Contact) {
	has := func(channel, address string) bool {
		return slices.ContainsFunc(p.Contacts, func(o catalog.Contact) bool {
			return o.Channel == channel && (address == "" || strings.EqualFold(o.Address, address))
		})
	}
	if k.Channel == "email" && p.Email != "" && !has("email", "") {
		p.Contacts = append(p.Contacts, catalog.Contact{Channel: "email", Address: p.Email, Verified: true})
	}
	if !has(k.Channel, k.Address) {
		p.Contacts = append(p.Contacts, k)
	}
}

// e164 joins country code and national number.
func e164(m ContactMethod) (string, bool) {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, m.Address)
	number := fmt.Sprintf("+%d%s", m.CountryCode, digits)
	return number, m.CountryCode > 0 && digits != "" && len(number) >= 8 && len(number) <= 16
}

// rules takes over how the user wants to be told, unless the person has said so
// here.
func (c *carrier) rules(p *catalog.Person, u User) {
	if len(p.Rules.High)+len(p.Rules.Low) > 0 {
		if len(u.Rules) > 0 {
			c.left("notification rules", u.Name, "has contact rules here already: they stay")
		}
		return
	}
	high, moved := c.urgency(*p, u, "high"), false
	if len(high) > 0 && !high[0].After.IsZero() {
		high[0].After, moved = recur.Span{}, true
	}
	if moved {
		c.left("notification rules", u.Name, "the first one that is carried over goes at once: a page of high urgency does not wait")
	}
	p.Rules = catalog.ContactRules{High: high, Low: c.urgency(*p, u, "low")}
}

func (c *carrier) urgency(p catalog.Person, u User, urgency string) []catalog.ContactRule {
	var out []catalog.ContactRule
	for _, r := range slices.SortedStableFunc(slices.Values(u.Rules), func(a, b Rule) int { return a.Delay - b.Delay }) {
		if r.Urgency != urgency {
			continue
		}
		channel := channels[strings.TrimSuffix(r.Contact.Type, "_reference")]
		after := time.Duration(r.Delay) * time.Minute
		what := fmt.Sprintf("%s, %s urgency after %d min", u.Name, urgency, r.Delay)
		switch {
		case channel == "" || len(catalog.ContactsFor(p, []string{channel})) == 0:
			c.left("notification rule", what, "its contact method is not carried over")
			continue
		case after > catalog.MaxRuleDelay || len(out) == catalog.MaxRules:
			c.left("notification rule", what, "a person has at most %d rules within %s", catalog.MaxRules, catalog.MaxRuleDelay)
			continue
		case len(catalog.ContactsFor(p, []string{channel})) > 1:
			c.left("notification rule", what, "rules name a channel here: of several contacts the first is meant")
		}
		out = with(out, catalog.ContactRule{Channel: channel, After: recur.Span{Duration: after}})
	}
	return out
}
