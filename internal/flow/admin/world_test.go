package admin_test

import (
	"fmt"
	"slices"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
)

// world is a company of a few people, six services and n customers.
func world(n int) []catalog.Entity {
	all := []catalog.Entity{
		catalog.Person{ID: "sue", Name: "Sue", Contacts: []catalog.Contact{{Channel: "sms", Address: "+15550100099", Verified: true}}},
		catalog.Person{ID: "amanda.rodriguez", Name: "Amanda Rodriguez", Title: "VP of Customer Success"},
		catalog.Person{ID: "sarah.liu", Name: "Sarah Liu", Level: 2, Area: "platform", Roles: []string{catalog.RoleManager}},
		catalog.Person{ID: "michael.chen", Name: "Michael Chen", Level: 3, Roles: []string{"cto"}, Deputy: "rachel.torres"},
		catalog.Person{ID: "rachel.torres", Name: "Rachel Torres", Level: 3},
		catalog.Team{ID: "platform", Name: "Platform", Lead: "sarah.liu", Members: []string{"ana", "bo"}},
		catalog.Team{ID: "applications", Name: "Applications", Lead: "sarah.liu"},
		weekly("primary", "ana", "bo"), weekly("secondary", "bo", "ana"), weekly("legal", "rachel.torres"),
		weekly("vip-account-managers", "account-manager-1", "account-manager-2"),
	}
	for _, id := range []string{"ana", "bo", "account-manager-1", "account-manager-2"} {
		all = append(all, catalog.Person{
			ID: id, Name: id, Level: 1, Email: id + "@firm.example", Deputy: "sarah.liu",
			Contacts: []catalog.Contact{{Channel: "sms", Address: "+15550120001", Verified: true}},
		})
	}
	for i, id := range []string{"auth", "dashboard", "ingestion", "api", "reporting", "admin"} {
		s := catalog.Service{ID: id, Name: id, RestorationRank: i + 1, OwnerTeam: "platform", Area: "platform", Regions: []string{"us", "eu"}, Products: []string{id + "-product"}}
		if i%2 == 1 && id != "admin" || id == "reporting" {
			s.OwnerTeam, s.Area, s.DependsOn = "applications", "applications", []string{"auth"}
		}
		all = append(all, s)
	}
	for i := range n {
		id := fmt.Sprintf("customer-%04d", i+1)
		c := catalog.Customer{
			ID: id, Name: fmt.Sprintf("Customer %04d", i+1), Tier: catalog.Enterprise, VIP: i%33 == 0, Region: []string{"us", "eu"}[i%2],
			Products: []string{"dashboard-product"}, Domains: []string{id + ".example"}, AccountManager: fmt.Sprintf("account-manager-%d", i%2+1),
			Contacts: []catalog.CustomerContact{{Name: "Operations", Email: "operations@" + id + ".example", Phone: "+15550121111", Channels: []string{"email"}}},
			Contract: catalog.Contract{UptimePercent: 99.95}, ARR: 24000,
		}
		if i%3 == 0 {
			c.Products = append(slices.Clone(c.Products), "reporting-product")
		}
		all = append(all, c)
	}
	return all
}

func count(all []catalog.Entity, kind catalog.Kind) (n int) {
	for _, e := range all {
		if e.Kind() == kind {
			n++
		}
	}
	return n
}

func weekly(id string, members ...string) catalog.Schedule {
	doc := &oncall.Schedule{TimeZone: "UTC", Layers: []oncall.Layer{{Members: members, Start: "2015-01-05T09:00", Every: 1, Unit: "week"}}}
	if err := doc.Prepare(); err != nil {
		panic(err)
	}
	return catalog.Schedule{ID: id, Document: doc}
}
