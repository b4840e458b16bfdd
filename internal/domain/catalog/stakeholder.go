package catalog

import (
	"fmt"
	"time"

	"allclear/internal/base/recur"
)

// Stakeholder is somebody outside who has to hear from us when it is serious, and
// is neither told as a customer nor as a partner who helps (DRB-BCP-STAKE).
type Stakeholder struct {
	ID       string            `json:"id" yaml:"id"`
	Name     string            `json:"name" yaml:"name"`
	Group    string            `json:"group" yaml:"group"`                 // see StakeholderGroups
	Owner    string            `json:"owner,omitempty" yaml:"owner"`       // target who keeps the relationship; none: as the procedure says
	Customer string            `json:"customer,omitempty" yaml:"customer"` // of a key account: told when it is affected
	Contacts []CustomerContact `json:"contacts,omitempty" yaml:"contacts"`
	Notes    string            `json:"notes,omitempty" yaml:"notes"`
	Plans    []StakeholderPlan `json:"plans,omitempty" yaml:"plans"` // one for each class
}

// StakeholderPlan is how a stakeholder is told of incidents of a class.
type StakeholderPlan struct {
	Class  string     `json:"class" yaml:"class"`            // see StakeholderClasses
	Within recur.Span `json:"within,omitzero" yaml:"within"` // of the moment the class applies; zero: as the procedure says
	How    string     `json:"how,omitempty" yaml:"how"`      // such as "by phone, then in writing"
}

// StakeholderGroups are who a stakeholder can be.
var StakeholderGroups = []string{"investor", "partner", "regulator", "key_account", "insurer", "other"}

// StakeholderClasses are the classes of incidents that a plan can be for.
var StakeholderClasses = []string{"critical", "extended", "security", "regulated"}

const maxWithin = 90 * 24 * time.Hour

// Kind is KindStakeholder.
func (Stakeholder) Kind() Kind { return KindStakeholder }

// Key is the stakeholder's id.
func (s Stakeholder) Key() string { return s.ID }

// Plan is the plan for a class.
func (s *Stakeholder) Plan(class string) (StakeholderPlan, bool) {
	for _, p := range s.Plans {
		if p.Class == class {
			return p, true
		}
	}
	return StakeholderPlan{}, false
}

func (s Stakeholder) check(c *checker, look Lookup) {
	c.text("/name", s.Name, true)
	c.oneOf("/group", s.Group, StakeholderGroups)
	if s.Owner != "" {
		c.target("/owner", s.Owner, look, "")
	}
	c.optionalRef(look, KindCustomer, "/customer", s.Customer)
	c.prose("/notes", s.Notes)
	if len(s.Contacts) > MaxList || len(s.Plans) > len(StakeholderClasses) {
		c.add("/plans", "at most %d contacts and one plan for each class are allowed", MaxList)
		return
	}
	for i, k := range s.Contacts {
		c.customerContact(fmt.Sprintf("/contacts/%d", i), k)
	}
	for i, p := range s.Plans {
		at := fmt.Sprintf("/plans/%d", i)
		c.oneOf(at+"/class", p.Class, StakeholderClasses)
		if first, _ := s.Plan(p.Class); first != p {
			c.add(at+"/class", "%q is given twice", p.Class)
		}
		c.text(at+"/how", p.How, false)
		if !p.Within.IsZero() {
			c.between(at+"/within", p.Within, time.Minute, maxWithin)
		}
	}
}

// maxAlternatives bounds the ways to deliver one service.
const maxAlternatives = 20

func (s *Service) checkAlternatives(c *checker) {
	if len(s.Alternatives) > maxAlternatives {
		c.add("/alternatives", "at most %d entries are allowed", maxAlternatives)
		return
	}
	for i, a := range s.Alternatives {
		at := fmt.Sprintf("/alternatives/%d", i)
		c.slug(at+"/id", a.ID)
		if first, _ := s.Alternative(a.ID); first != a {
			c.add(at+"/id", "%q is given twice", a.ID)
		}
		c.text(at+"/name", a.Name, true)
		c.prose(at+"/how", a.How)
		c.prose(at+"/text", a.Text)
		if a.Text == "" {
			c.add(at+"/text", "is missing: say what customers can do meanwhile")
		}
	}
}
