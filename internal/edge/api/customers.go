package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/party"
	"allclear/internal/edge/api/registry"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/tenant"
	"allclear/internal/edge/api/usage"
	"allclear/internal/flow/admin"
)

// Customer is a customer of the catalogue.
type Customer struct {
	ID string `json:"id"`
	party.CustomerFields
	Stamp
}

// NewCustomer is what a customer is made or replaced with.
type NewCustomer struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	party.CustomerFields
}

// ListCustomers narrows a list of customers.
type ListCustomers struct {
	route.Page
	Query          string `query:"q" maxLength:"200" doc:"Part of the id, name, domain or, for those who may read it, contact."`
	Region         string `query:"region" maxLength:"64"`
	Tier           string `query:"tier" maxLength:"64"`
	VIP            string `query:"vip" enum:"true,false"`
	Service        string `query:"service" maxLength:"64" doc:"Who uses a service, directly or through a product."`
	AccountManager string `query:"account_manager" maxLength:"64"`
	Product        string `query:"product" maxLength:"64" doc:"Who uses it, or names no product."`
	State          string `query:"status" enum:"active,trial,leaving,lost"`
}

func (a *API) customerRoutes() {
	f := family[Customer, NewCustomer]{
		kind: catalog.KindCustomer, path: "/customers", tag: "customers", noun: "a customer", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (Customer, error) {
			return document(i, func(w *Customer, s Stamp) { w.Stamp = s })
		},
		read: func(in *NewCustomer, id string) (catalog.Entity, error) {
			return entity(catalog.KindCustomer, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List customers", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListCustomers) (*route.Reply[route.List[Customer]], error) {
			filter := admin.Filter{Query: in.Query, Region: in.Region, Tier: in.Tier, Service: in.Service, AccountManager: in.AccountManager, Product: in.Product, Status: in.State}
			if in.VIP != "" {
				vip := in.VIP == "true"
				filter.VIP = &vip
			}
			return f.page(ctx, a, c, in.Page, filter)
		})
	f.one(a)
	f.changes(a)
	registry.Routes(a.table, a.opt.Admin)
	(&registry.Keep{Flow: a.opt.Continuity, Success: a.opt.Success}).Routes(a.table)
	private := &tenant.Desk{Comms: a.opt.Comms}
	const path = "/customers/{id}/status-page"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: path, Summary: "Read the address of a customer's private status page", Tag: f.tag}, route.Needs(authz.ReadCustomers), asked(private.Read))
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: path, Summary: "Make an address for a customer's private status page", Tag: f.tag, Status: http.StatusCreated, Secret: true,
		Detail: "Whoever has the address can read the page. Making another ends the one before within a second.",
	}, route.Needs(authz.ManageCatalog), asked(private.Renew))
	route.Register(a.table, route.Route{Method: http.MethodDelete, Path: path, Summary: "End the address of a customer's private status page", Tag: f.tag}, route.Needs(authz.ManageCatalog), asked(private.End))
	used := &usage.Desk{Flow: a.opt.Success}
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/customers/{id}/usage", Summary: "Push how much a customer used the product, by hour", Tag: f.tag, Status: http.StatusNoContent}, route.Needs(authz.Respond), asked(used.Push))
	route.Register(a.table, route.Route{
		Method: http.MethodPost, Path: "/customers/{id}/usage/file", Summary: "Import how much a customer used the product from a CSV file", Tag: f.tag, Body: usage.MaxFile,
		Detail: "Rows that are of no use are named by their line and the others are kept. The same file again changes nothing.",
	}, route.Needs(authz.Respond), asked(used.Import))
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/customers/{id}/usage", Summary: "Show how much a customer uses the product, and what is usual", Tag: f.tag}, route.Needs(authz.ReadCustomers), asked(used.Read))
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/early-warnings", Summary: "List customers who use the product unlike before", Tag: f.tag}, route.Needs(authz.ReadCustomers), asked(used.Warned))
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/health-checks", Summary: "List the health checks of customers that are to be made, or those of one customer", Tag: f.tag}, route.Needs(authz.ReadCustomers), asked(used.Checks))
	route.Register(a.table, route.Route{Method: http.MethodPost, Path: "/customers/{id}/health-checks", Summary: "Write down a health check of a customer", Tag: f.tag, Status: http.StatusCreated}, route.Needs(authz.Respond), asked(used.Made))
}

// ListStakeholders narrows a list of stakeholders.
type ListStakeholders struct {
	route.Page
	Query string `query:"q" maxLength:"200" doc:"Part of the id or name."`
	Group string `query:"group" enum:"investor,partner,regulator,key_account,insurer,other"`
}

func (a *API) stakeholderRoutes() {
	f := family[party.Stakeholder, party.NewStakeholder]{
		kind: catalog.KindStakeholder, path: "/stakeholders", tag: "stakeholders", noun: "a stakeholder", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (party.Stakeholder, error) {
			return document(i, func(w *party.Stakeholder, s Stamp) { w.Stamp = s })
		},
		read: func(in *party.NewStakeholder, id string) (catalog.Entity, error) {
			return entity(catalog.KindStakeholder, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List who outside has to hear from us when it is serious", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListStakeholders) (*route.Reply[route.List[party.Stakeholder]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Group: in.Group})
		})
	f.one(a)
	f.changes(a)
}
