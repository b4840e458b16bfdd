package app

import (
	"context"
	"net/mail"
	"os"
	"strings"

	"allclear/internal/base/secret"
	"allclear/internal/flow/continuity"
	"allclear/internal/flow/credit"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/partners"
	"allclear/internal/flow/success"
	"allclear/internal/flow/thirdparty"
	"allclear/internal/plug"
	"allclear/internal/plug/billing"
)

// searchToken is what the recent search of X signs in with.
func searchToken() secret.String {
	return secret.String(strings.TrimSpace(os.Getenv("ALLCLEAR_X_BEARER_TOKEN")))
}

// mailFrom is whom mail comes from, as those know it who are asked to a meeting.
func mailFrom() string {
	a, err := mail.ParseAddress(os.Getenv("ALLCLEAR_EMAIL_FROM"))
	if err != nil {
		return ""
	}
	return a.Address
}

// credits makes the flow of service credits. Billing is a channel like any other; in
// a demo the outbox stands in for it.
func (e *Engine) credits(o EngineOptions) *credit.Credits {
	return credit.New(e.DB, e.Bus, credit.Options{Shelf: e.Shelf, Catalog: e.Admin.Catalog, Billing: func() bool {
		_, ok := o.Channels(billing.Channel)
		return ok
	}})
}

// outside wires the flows that listen to what others say.
func (e *Engine) outside(o EngineOptions) {
	var fetch func(context.Context, secret.String, plug.Seen) (plug.Fetched, error)
	if o.Web != nil {
		fetch = func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error) {
			return o.Web(ctx, address, "", seen)
		}
	}
	e.Success = success.New(e.DB, e.Bus, success.Options{Shelf: e.Shelf, Catalog: e.Admin.Catalog, Usable: func(name string) bool {
		_, ok := o.Channels(name)
		return ok
	}})
	e.Continuity = continuity.New(e.DB, e.Bus, e.Admin.Catalog)
	e.Continuity.Wire()
	e.ThirdParty = thirdparty.New(e.DB, e.Bus, thirdparty.Options{Catalog: e.Admin.Catalog, Fetch: fetch})
	e.ThirdParty.Wire()
	e.Partners = partners.New(e.DB, e.Bus, partners.Options{Catalog: e.Admin.Catalog, Desks: o.Desks})
	e.Partners.Wire(e.Timers)
	e.Listen = listen.New(e.DB, e.Bus, listen.Options{Catalog: e.Admin.Catalog, Raise: e.Intake.Raise, Fetch: o.Web, Token: o.SearchToken, ServiceOf: e.Comms.ServiceOf, Key: o.SubsKey})
}
