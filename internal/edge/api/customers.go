package api

import (
	"context"
	"net/http"

	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/edge/api/tenant"
	"allclear/internal/edge/api/usage"
	"allclear/internal/flow/admin"
)

// CustomerFields are what is known of a customer. Contacts, contract and
// revenue are left out for those who may not read them.
type CustomerFields struct {
	Name           string            `json:"name" maxLength:"500"`
	Tier           string            `json:"tier" enum:"enterprise,standard"`
	VIP            bool              `json:"vip" required:"false"`
	MajorAccount   bool              `json:"major_account" required:"false"`
	Code           string            `json:"code,omitempty" maxLength:"20" pattern:"^[0-9]*$" doc:"Digits to type on the emergency line."`
	Region         string            `json:"region,omitempty" maxLength:"64"`
	Products       []string          `json:"products,omitempty" maxItems:"200" doc:"Neither products nor services: everything."`
	Services       []string          `json:"services,omitempty" maxItems:"200" doc:"Used directly, beside what the products need."`
	Domains        []string          `json:"domains,omitempty" maxItems:"200" doc:"Mail domains, to know a sender by."`
	Contacts       []CustomerContact `json:"contacts,omitempty" maxItems:"200"`
	AccountManager string            `json:"account_manager,omitempty" maxLength:"64" doc:"Person."`
	Contract       Contract          `json:"contract,omitzero"`
	ARR            int64             `json:"arr_usd,omitempty" minimum:"0" doc:"Yearly revenue in whole US dollars."`
}

// CustomerContact is a person at a customer.
type CustomerContact struct {
	Name     string   `json:"name" maxLength:"500"`
	Email    string   `json:"email,omitempty" maxLength:"254"`
	Phone    string   `json:"phone,omitempty" maxLength:"16" doc:"E.164."`
	Channels []string `json:"channels,omitempty" maxItems:"4" enum:"email,sms,in_app,phone" doc:"Wanted ways; none: e-mail."`
}

// Contract is what was promised to a customer.
type Contract struct {
	UptimePercent float64    `json:"uptime_percent,omitempty" minimum:"0" maximum:"100" doc:"Per month."`
	NotifyWithin  recur.Span `json:"notify_within,omitzero" maxLength:"40" doc:"Of declaration, such as 15m; absent: as the procedure says."`
	Custom        bool       `json:"custom,omitempty"`
	Regimes       []string   `json:"regimes,omitempty" maxItems:"200" doc:"Such as gdpr or hipaa."`
}

// Customer is a customer of the catalogue.
type Customer struct {
	ID string `json:"id"`
	CustomerFields
	Stamp
}

// NewCustomer is what a customer is made or replaced with.
type NewCustomer struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	CustomerFields
}

// ListCustomers narrows a list of customers.
type ListCustomers struct {
	Page
	Query          string `query:"q" maxLength:"200" doc:"Part of the id, name, domain or, for those who may read it, contact."`
	Region         string `query:"region" maxLength:"64"`
	Tier           string `query:"tier" maxLength:"64"`
	VIP            string `query:"vip" enum:"true,false"`
	Service        string `query:"service" maxLength:"64" doc:"Who uses a service, directly or through a product."`
	AccountManager string `query:"account_manager" maxLength:"64"`
}

func (a *API) customerRoutes() {
	f := family[Customer, NewCustomer]{
		kind: catalog.KindCustomer, path: "/customers", tag: "customers", noun: "a customer", may: authz.ManageCatalog,
		show: func(_ context.Context, _ Call, i admin.Item) (Customer, error) {
			return document(i, func(w *Customer, s Stamp) { w.Stamp = s })
		},
		read: func(in *NewCustomer, id string) (catalog.Entity, error) {
			return entity(catalog.KindCustomer, in, in.ID, id)
		},
	}
	Register(a, Route{Method: http.MethodGet, Path: f.path, Summary: "List customers", Tag: f.tag}, Needs(authz.Read),
		func(ctx context.Context, c Call, in *ListCustomers) (*Reply[List[Customer]], error) {
			filter := admin.Filter{Query: in.Query, Region: in.Region, Tier: in.Tier, Service: in.Service, AccountManager: in.AccountManager}
			if in.VIP != "" {
				vip := in.VIP == "true"
				filter.VIP = &vip
			}
			return f.page(ctx, a, c, in.Page, filter)
		})
	f.one(a)
	f.changes(a)
	private := &tenant.Desk{Comms: a.opt.Comms}
	const path = "/customers/{id}/status-page"
	Register(a, Route{Method: http.MethodGet, Path: path, Summary: "Read the address of a customer's private status page", Tag: f.tag}, Needs(authz.ReadCustomers), asked(private.Read))
	Register(a, Route{
		Method: http.MethodPost, Path: path, Summary: "Make an address for a customer's private status page", Tag: f.tag, Status: http.StatusCreated, Secret: true,
		Detail: "Whoever has the address can read the page. Making another ends the one before within a second.",
	}, Needs(authz.ManageCatalog), asked(private.Renew))
	Register(a, Route{Method: http.MethodDelete, Path: path, Summary: "End the address of a customer's private status page", Tag: f.tag}, Needs(authz.ManageCatalog), asked(private.End))
	used := &usage.Desk{Flow: a.opt.EarlyWarning}
	Register(a, Route{Method: http.MethodPost, Path: "/customers/{id}/usage", Summary: "Push how much a customer used the product, by hour", Tag: f.tag, Status: http.StatusNoContent}, Needs(authz.Respond), asked(used.Push))
	Register(a, Route{Method: http.MethodGet, Path: "/customers/{id}/usage", Summary: "Show how much a customer uses the product, and what is usual", Tag: f.tag}, Needs(authz.ReadCustomers), asked(used.Read))
	Register(a, Route{Method: http.MethodGet, Path: "/early-warnings", Summary: "List customers who use the product unlike before", Tag: f.tag}, Needs(authz.ReadCustomers), asked(used.Warned))
}
