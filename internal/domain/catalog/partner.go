package catalog

import (
	"time"

	"allclear/internal/base/recur"
)

// Partner is a company that helps us in an incident: its contact card, and how a
// case is opened with it (ESC-EXT-*). How its own service is, its vendor says.
type Partner struct {
	ID         string     `json:"id" yaml:"id"`
	Name       string     `json:"name" yaml:"name"`
	Role       string     `json:"role" yaml:"role"`                           // see PartnerRoles
	For        string     `json:"for,omitempty" yaml:"for"`                   // what it is asked for
	Vendor     string     `json:"vendor,omitempty" yaml:"vendor"`             // whose state it has; none: unknown
	Desk       string     `json:"desk,omitempty" yaml:"desk"`                 // integration through which a case is opened; none: by hand
	Plan       string     `json:"support_plan,omitempty" yaml:"support_plan"` // that we have with it
	Contract   string     `json:"contract,omitempty" yaml:"contract"`         // number to name
	Phone      string     `json:"phone,omitempty" yaml:"phone"`               // E.164
	Email      string     `json:"email,omitempty" yaml:"email"`
	Portal     string     `json:"portal_url,omitempty" yaml:"portal_url"` // where a case is opened by hand
	Hours      string     `json:"hours,omitempty" yaml:"hours"`           // in which it answers
	Escalation string     `json:"escalation,omitempty" yaml:"escalation"` // how to get somebody higher up
	Engage     string     `json:"engage,omitempty" yaml:"engage"`         // EngageRestricted; none: by hand
	Within     recur.Span `json:"within,omitzero" yaml:"within"`          // in which it must be engaged; zero: DefaultEngage
	Privy      []string   `json:"privy,omitempty" yaml:"privy"`           // targets who read privileged notes, beside their writer
}

// PartnerRoles are what a partner is for.
var PartnerRoles = []string{"infrastructure", "network", "security", "legal", "other"}

// EngageRestricted has a partner engaged by itself when an incident becomes
// restricted.
const EngageRestricted = "restricted"

// DefaultEngage is the time in which a partner is engaged that says nothing else.
const DefaultEngage = time.Hour

const (
	minEngage = time.Minute
	maxEngage = 7 * 24 * time.Hour
)

// Kind is KindPartner.
func (Partner) Kind() Kind { return KindPartner }

// Key is the partner's id.
func (p Partner) Key() string { return p.ID }

// EngageWithin is the time in which it must be engaged.
func (p *Partner) EngageWithin() time.Duration {
	if p.Within.Duration == 0 {
		return DefaultEngage
	}
	return p.Within.Duration
}

func (p Partner) check(c *checker, look Lookup) {
	c.text("/name", p.Name, true)
	c.oneOf("/role", p.Role, PartnerRoles)
	c.optionalRef(look, KindVendor, "/vendor", p.Vendor)
	c.optionalSlug("/desk", p.Desk)
	for where, s := range map[string]string{"/for": p.For, "/support_plan": p.Plan, "/contract": p.Contract, "/hours": p.Hours} {
		c.text(where, s, false)
	}
	if p.Phone != "" {
		c.phone("/phone", p.Phone)
	}
	if p.Email != "" {
		c.address("/email", p.Email)
	}
	if p.Portal != "" {
		c.link("/portal_url", p.Portal)
	}
	c.prose("/escalation", p.Escalation)
	if p.Engage != "" && p.Engage != EngageRestricted {
		c.add("/engage", "%q is not %s", p.Engage, EngageRestricted)
	}
	c.between("/within", p.Within, minEngage, maxEngage)
	c.each("/privy", p.Privy, func(where, t string) { c.target(where, t, look, "") })
}
