// Package demo owns the data a demonstration starts with: the people the
// procedure names, plainly generic colleagues, six services, on-call rotas and
// a customer base of the size the procedure speaks of (OBJ-CTX-CUST). It is the
// same on every run. It must not store anything; the caller does.
package demo

import (
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
)

// Domain is where everybody of the demonstration has a mailbox.
const Domain = "techflowsolutions.com"

// Entities returns the whole catalogue in an order that can be stored as it is.
func Entities() []catalog.Entity {
	var all []catalog.Entity
	all = add(all, People())
	all = add(all, Teams())
	all = add(all, Services())
	all = add(all, Schedules())
	all = add(all, Partners())
	return add(all, Customers())
}

func add[E catalog.Entity](all []catalog.Entity, more []E) []catalog.Entity {
	for _, e := range more {
		all = append(all, e)
	}
	return all
}

// Services returns the six built-in services in order of restoration
// (RES-PRIO-1..6).
func Services() []catalog.Service {
	return []catalog.Service{
		{
			ID: "auth", Name: "Authentication", Description: "Sign-in and user access", Component: "Sign-in",
			OwnerTeam: "platform", Area: "platform", RestorationRank: 1, CriticalFunction: true,
			Regions: Regions(), Products: Products(),
		},
		{
			ID: "dashboard", Name: "Dashboards", Description: "Core dashboards and visualisation", Component: "Dashboards",
			OwnerTeam: "applications", Area: "applications", RestorationRank: 2, DependsOn: []string{"auth", "api"},
			Regions: Regions(), Products: []string{"dashboards"},
		},
		{
			ID: "ingestion", Name: "Data ingestion", Description: "Data ingestion and processing pipelines", Component: "Data pipelines",
			OwnerTeam: "platform", Area: "platform", RestorationRank: 3,
			Regions: Regions(), Products: []string{"pipelines"},
		},
		{
			ID: "api", Name: "API", Description: "API endpoints and integrations", Component: "API",
			OwnerTeam: "applications", Area: "applications", RestorationRank: 4, DependsOn: []string{"auth"},
			Regions: Regions(), Products: []string{"developer-api"},
		},
		{
			ID: "reporting", Name: "Reporting", Description: "Reporting and export", Component: "Reports and exports",
			OwnerTeam: "applications", Area: "applications", RestorationRank: 5, DependsOn: []string{"auth", "ingestion"},
			Regions: Regions(), Products: []string{"reports"},
		},
		{
			ID: "admin", Name: "Administration", Description: "Administrative and configuration tools", Component: "Administration",
			OwnerTeam: "platform", Area: "platform", RestorationRank: 6, DependsOn: []string{"auth"},
			Regions: Regions(), Products: []string{"admin-console"},
		},
	}
}

// Regions returns where customers are served from.
func Regions() []string { return []string{"us", "eu", "uk", "apac"} }

// Products returns what customers buy.
func Products() []string {
	return []string{"dashboards", "pipelines", "developer-api", "reports", "admin-console"}
}

// rotaStart is a Monday long before any demonstration or simulation.
const rotaStart = "2015-01-05T09:00"

// Schedules returns the rotas. Primary and secondary take the same people in
// opposite order, so the two never coincide (ESC-L1-SECONDARY).
func Schedules() []catalog.Schedule {
	return []catalog.Schedule{
		weekly("primary", "ana", "bo"),
		weekly("secondary", "bo", "ana"),
		weekly("vip-account-managers", numbered("account-manager", accountManagers)...),
		weekly("customer-success", numbered("customer-success-manager", 3)...),
		weekly("communications", numbered("communications-lead", 2)...),
		weekly("security", numbered("security-engineer", 2)...),
		weekly("legal", numbered("legal-counsel", 2)...),
		weekly("duty-executive", "rachel.torres", "michael.chen", "jennifer.walsh"),
	}
}

// OnCall returns schedules with the same two people on call for ever, for a
// trial of the procedure; an empty secondary leaves that schedule empty.
func OnCall(primary, secondary string) []catalog.Schedule {
	out := []catalog.Schedule{weekly("primary", primary), {ID: "secondary", Document: &oncall.Schedule{TimeZone: "UTC"}}}
	if secondary != "" {
		out[1] = weekly("secondary", secondary)
	}
	return out
}

func weekly(id string, members ...string) catalog.Schedule {
	doc := &oncall.Schedule{
		TimeZone: "UTC",
		Layers:   []oncall.Layer{{Members: members, Start: rotaStart, Every: 1, Unit: "week"}},
	}
	// Only a caller's own names can be wrong; catalog.Check tells of them.
	_ = doc.Prepare()
	return catalog.Schedule{ID: id, Document: doc}
}
