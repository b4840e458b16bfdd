package demo

import (
	"fmt"

	"allclear/internal/domain/catalog"
)

const accountManagers = 8

// leaders are the people the procedure names, with its exact names, titles and
// addresses (ESC-L2-*, ESC-L3-*, ESC-XF-*). Deputies are ours: an owner
// changes them in the catalogue.
func leaders() []catalog.Person {
	return []catalog.Person{
		{ID: "david.kim", Name: "David Kim", Title: "Director of Platform Operations", Level: 2, Roles: []string{"director-platform-operations", "document-owner"}, Deputy: "sarah.liu", Manager: "rachel.torres"},
		{ID: "sarah.liu", Name: "Sarah Liu", Title: "Engineering Manager - Platform", Level: 2, Area: "platform", Roles: []string{catalog.RoleManager}, Deputy: "marcus.johnson", Manager: "rachel.torres"},
		{ID: "marcus.johnson", Name: "Marcus Johnson", Title: "Engineering Manager - Applications", Level: 2, Area: "applications", Roles: []string{catalog.RoleManager}, Deputy: "sarah.liu", Manager: "rachel.torres"},
		{ID: "rachel.torres", Name: "Rachel Torres", Title: "VP of Engineering", Level: 3, Roles: []string{"vp-engineering", "executive"}, Deputy: "michael.chen", Manager: "michael.chen"},
		{ID: "michael.chen", Name: "Michael Chen", Title: "CTO", Level: 3, Roles: []string{"cto", "executive"}, Deputy: "rachel.torres", Manager: "jennifer.walsh"},
		{ID: "jennifer.walsh", Name: "Jennifer Walsh", Title: "CEO", Level: 3, Roles: []string{"ceo", "executive"}, Deputy: "michael.chen"},
		{ID: "amanda.rodriguez", Name: "Amanda Rodriguez", Title: "VP of Customer Success", Roles: []string{"vp-customer-success"}, Deputy: "customer-success-manager-1", Manager: "jennifer.walsh"},
		{ID: "robert.park", Name: "Robert Park", Title: "VP of Sales", Roles: []string{"vp-sales"}, Deputy: "enterprise-sales-director-1", Manager: "jennifer.walsh"},
		{ID: "sarah.chen", Name: "Sarah Chen", Title: "VP of Marketing", Roles: []string{"vp-marketing"}, Deputy: "public-relations-1", Manager: "jennifer.walsh"},
	}
}

// group is a number of generic colleagues with one duty.
type group struct {
	id, title, area, manager string
	level, count             int
	roles                    []string
}

func groups() []group {
	return []group{
		{id: "platform-lead", title: "Platform team lead", level: 1, area: "platform", manager: "sarah.liu", count: 1, roles: []string{"team-lead"}},
		{id: "applications-lead", title: "Applications team lead", level: 1, area: "applications", manager: "marcus.johnson", count: 1, roles: []string{"team-lead"}},
		{id: "platform-engineer", title: "Platform engineer", level: 1, area: "platform", manager: "sarah.liu", count: 3},
		{id: "application-engineer", title: "Application engineer", level: 1, area: "applications", manager: "marcus.johnson", count: 3},
		{id: "security-engineer", title: "Security engineer", area: "platform", manager: "david.kim", count: 2, roles: []string{"security"}},
		{id: "legal-counsel", title: "Legal counsel", manager: "jennifer.walsh", count: 2, roles: []string{"legal-counsel"}},
		{id: "communications-lead", title: "Communications lead", manager: "sarah.chen", count: 2, roles: []string{"communications-lead"}},
		{id: "customer-success-manager", title: "Customer success manager", manager: "amanda.rodriguez", count: 3, roles: []string{"customer-success-manager"}},
		{id: "account-manager", title: "Enterprise account manager", manager: "amanda.rodriguez", count: accountManagers, roles: []string{"account-manager"}},
		{id: "enterprise-sales-director", title: "Enterprise sales director", manager: "robert.park", count: 2, roles: []string{"enterprise-sales-director"}},
		{id: "sales-operations", title: "Sales operations", manager: "robert.park", count: 2, roles: []string{"sales-operations"}},
		{id: "public-relations", title: "Public relations", manager: "sarah.chen", count: 2, roles: []string{"public-relations"}},
		{id: "content", title: "Content", manager: "sarah.chen", count: 2, roles: []string{"content"}},
	}
}

// People returns everybody: the leaders, the on-call engineers ana and bo, and
// generic colleagues.
func People() []catalog.Person {
	people := append(leaders(),
		catalog.Person{ID: "ana", Name: "Ana", Title: "On-call engineer", Level: 1, Deputy: "bo", Manager: "sarah.liu"},
		catalog.Person{ID: "bo", Name: "Bo", Title: "On-call engineer", Level: 1, Deputy: "ana", Manager: "marcus.johnson"},
	)
	for _, g := range groups() {
		for i, id := range numbered(g.id, g.count) {
			people = append(people, catalog.Person{
				ID: id, Name: fmt.Sprintf("%s %d", g.title, i+1), Title: g.title, Level: g.level, Area: g.area, Roles: g.roles, Manager: g.manager,
			})
		}
	}
	for i := range people {
		reachable(&people[i], i+1)
	}
	return people
}

// reachable gives the person an address and a fictional number.
func reachable(p *catalog.Person, n int) {
	p.Email = p.ID + "@" + Domain
	p.TimeZone = "UTC"
	number := fmt.Sprintf("+1555010%04d", n)
	p.Contacts = []catalog.Contact{
		{Channel: "email", Address: p.Email, Verified: true, Label: "Work"},
		{Channel: "sms", Address: number, Verified: true, Label: "Mobile"},
		{Channel: "voice", Address: number, Verified: true, Label: "Mobile"},
	}
}

// Teams returns the teams and groups the procedure names.
func Teams() []catalog.Team {
	engineers := append(numbered("platform-engineer", 3), numbered("application-engineer", 3)...)
	return []catalog.Team{
		{ID: "platform", Name: "Platform Engineers", Description: "Infrastructure", Area: "platform", Lead: "platform-lead-1", Members: numbered("platform-engineer", 3)},
		{ID: "applications", Name: "Application Engineers", Description: "Software and application problems", Area: "applications", Lead: "applications-lead-1", Members: numbered("application-engineer", 3)},
		{ID: "security", Name: "Security", Lead: "security-engineer-1", Members: numbered("security-engineer", 2), Availability: catalog.OnCall},
		{ID: "customer-success-managers", Name: "Customer Success Managers", Members: numbered("customer-success-manager", 3), Availability: catalog.BusinessHours, Otherwise: "role:vp-customer-success"},
		{ID: "enterprise-account-managers", Name: "Enterprise Account Managers", Description: "On call for VIP customers", Members: numbered("account-manager", accountManagers), Availability: catalog.OnCall},
		{ID: "enterprise-sales-directors", Name: "Enterprise Sales Directors", Description: "Major account issues", Members: numbered("enterprise-sales-director", 2)},
		{ID: "sales-operations", Name: "Sales Operations", Description: "Billing and contract issues", Members: numbered("sales-operations", 2)},
		{ID: "public-relations", Name: "Public Relations Team", Description: "Crisis communication and media response", Members: numbered("public-relations", 2)},
		{ID: "content", Name: "Content Team", Description: "Status page and public communication", Members: numbered("content", 2)},
		{ID: "communications", Name: "Customer Communications", Members: numbered("communications-lead", 2)},
		{ID: "legal-counsel", Name: "Legal Counsel", Description: "Data breaches and compliance", Members: numbered("legal-counsel", 2)},
		{ID: "operations", Name: "Operations Team", Lead: "david.kim", Members: []string{"ana", "bo"}},
		{ID: "engineering", Name: "Engineering", Lead: "rachel.torres", Members: append([]string{"sarah.liu", "marcus.johnson", "platform-lead-1", "applications-lead-1"}, engineers...)},
		{ID: "customer-success", Name: "Customer Success", Lead: "amanda.rodriguez", Members: numbered("customer-success-manager", 3)},
		{ID: "executive-leadership", Name: "Executive Leadership", Members: []string{"rachel.torres", "michael.chen", "jennifer.walsh"}},
	}
}

func numbered(id string, n int) []string {
	ids := make([]string, n)
	for i := range ids {
		ids[i] = fmt.Sprintf("%s-%d", id, i+1)
	}
	return ids
}
