package catalog_test

import (
	"slices"
	"testing"

	"allclear/internal/domain/catalog"
)

func ids(list []catalog.Customer) []string {
	out := []string{}
	for _, c := range list {
		out = append(out, c.ID)
	}
	return out
}

func TestAffected(t *testing.T) {
	services := []catalog.Service{{ID: "api", Products: []string{"developer-api"}}}
	customers := []catalog.Customer{
		{ID: "d-direct", Services: []string{"api"}, Region: "eu"},
		{ID: "c-product", Products: []string{"reports", "developer-api"}, Region: "us"},
		{ID: "b-other", Products: []string{"reports"}, Region: "us"},
		{ID: "a-everything", Region: "uk"},
		{ID: "e-nowhere", Products: []string{"developer-api"}},
	}
	for _, tc := range []struct {
		name     string
		services []catalog.Service
		regions  []string
		tenant   string
		want     []string
	}{
		{"by service and product, sorted", services, nil, "", []string{"a-everything", "c-product", "d-direct", "e-nowhere"}},
		{"in one region; a customer of no region is everywhere", services, []string{"us"}, "", []string{"c-product", "e-nowhere"}},
		{"in two regions", services, []string{"us", "eu"}, "", []string{"c-product", "d-direct", "e-nowhere"}},
		{"one tenant, whatever it uses", services, []string{"eu"}, "b-other", []string{"b-other"}},
		{"a tenant nobody knows", services, nil, "zz", []string{}},
		{"no service", nil, nil, "", []string{}},
		{"a service nobody uses but who uses all", []catalog.Service{{ID: "admin"}}, nil, "", []string{"a-everything"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := ids(catalog.Affected(customers, tc.services, tc.regions, tc.tenant)); !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestAffectedByFollowsDependents(t *testing.T) {
	c := firm(t).With(
		catalog.Customer{ID: "on-odd", Name: "On odd", Services: []string{"odd"}},
		catalog.Customer{ID: "on-auth", Name: "On auth", Services: []string{"auth"}},
	)
	if got := c.Dependents([]string{"auth"}); !slices.Equal(got, []string{"api", "auth", "odd"}) {
		t.Errorf("dependents: %v", got)
	}
	if got := ids(c.AffectedBy([]string{"auth"}, true, nil, "")); !slices.Equal(got, []string{"on-auth", "on-odd"}) {
		t.Errorf("with dependents: %v", got)
	}
	if got := ids(c.AffectedBy([]string{"auth", "unknown"}, false, nil, "")); !slices.Equal(got, []string{"on-auth"}) {
		t.Errorf("alone: %v", got)
	}
}

// Clauses: RES-PRIO-1, RES-PRIO-6
func TestOutOfTurnNamesWhatComesFirst(t *testing.T) {
	auth := catalog.Service{ID: "auth", RestorationRank: 1}
	api := catalog.Service{ID: "api", RestorationRank: 4}
	admin := catalog.Service{ID: "admin", RestorationRank: 6}
	open := []catalog.Service{admin, api, auth}
	if got := catalog.OutOfTurn(admin, open); len(got) != 2 || got[0].ID != "auth" || got[1].ID != "api" {
		t.Errorf("working on rank 6: %v", got)
	}
	if got := catalog.OutOfTurn(auth, open); len(got) != 0 {
		t.Errorf("working on rank 1: %v", got)
	}
}
