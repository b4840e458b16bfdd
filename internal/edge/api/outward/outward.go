// Package outward owns how the channels to customers look on the wire: what is known
// of their contacts' addresses, and the keys of in-app notices. It must not decide
// who is told.
package outward

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/consent"
	"allclear/internal/flow/inapp"
)

// CustomerAddress is one way to a contact of a customer, or a chat of the customer's.
type CustomerAddress struct {
	Contact    string    `json:"contact" doc:"Name of the contact; of a chat the name of the customer."`
	Channel    string    `json:"channel" enum:"email,sms,slack,teams"`
	Address    string    `json:"address"`
	Wanted     bool      `json:"wanted" doc:"The contact is told on this channel: by text message only who opted in."`
	OptedOut   bool      `json:"opted_out" doc:"Whoever has it wants no more messages; only what Legal has approved and what is contractual goes there."`
	OptedOutAt time.Time `json:"opted_out_at,omitzero"`
	OptedOutBy string    `json:"opted_out_by,omitempty" doc:"reader: by a link or a reply. provider: the provider heard it. Else the person who wrote it down."`
	Bounces    bool      `json:"bounces" doc:"Messages come back. Each new one is tried all the same."`
	BouncedAt  time.Time `json:"bounced_at,omitzero"`
	Bounce     string    `json:"bounce,omitempty" doc:"Why, in the words of the provider."`
}

// AddressChange is what somebody here has learned of an address.
type AddressChange struct {
	Channel  string `json:"channel" enum:"email,sms,slack,teams"`
	Address  string `json:"address" minLength:"1" maxLength:"254"`
	OptedOut *bool  `json:"opted_out,omitempty" doc:"true: wants no more messages. false: wants them again."`
	Bounces  *bool  `json:"bounces,omitempty" doc:"false: it works again."`
}

// CustomerPath names a customer.
type CustomerPath struct {
	ID string `path:"id" maxLength:"64"`
}

type listInput struct {
	CustomerPath
	route.Page
}

type changeInput struct {
	CustomerPath
	Body AddressChange
}

type addressList = route.Reply[route.List[CustomerAddress]]

// Routes registers the routes.
func Routes(t *route.Table, flow *consent.Consent, app *inapp.InApp) {
	keyRoutes(t, app)
	const path = "/customers/{id}/addresses"
	route.Register(t, route.Route{Method: http.MethodGet, Path: path, Summary: "List the addresses of a customer's contacts: who wants no messages, and where they come back", Tag: "customers"}, route.Needs(authz.ReadCustomers),
		func(ctx context.Context, c route.Call, in *listInput) (*addressList, error) {
			all, err := flow.Of(ctx, c.Actor, in.ID)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, addressOf), in.Page, func(a CustomerAddress) string { return a.Channel + " " + a.Address })
		})
	route.Register(t, route.Route{Method: http.MethodPatch, Path: path, Summary: "Write down what a contact said of an address", Tag: "customers", Detail: "By telephone, for instance. It is on the record who wrote it down."}, route.Needs(authz.ManageCatalog),
		func(ctx context.Context, c route.Call, in *changeInput) (*addressList, error) {
			b := in.Body
			if b.OptedOut == nil && b.Bounces == nil {
				return nil, wire.InBody(fault.New(fault.Invalid, "nothing changes").With("opted_out", "say true or false, or set bounces to false"))
			}
			all, err := flow.Change(ctx, c.Actor, in.ID, b.Channel, b.Address, consent.Change{OptedOut: b.OptedOut, Bounces: b.Bounces}, c.Now)
			if err != nil {
				return nil, wire.InBody(err)
			}
			return route.Items(wire.Each(all, addressOf), ""), nil
		})
}

func addressOf(a consent.Address) CustomerAddress {
	return CustomerAddress{
		Contact: a.Name, Channel: a.Channel, Address: a.Address, Wanted: a.Wanted,
		OptedOut: a.OptedOut(), OptedOutAt: a.OptedOutAt, OptedOutBy: a.OptedOutBy, Bounces: a.Bounces(), BouncedAt: a.BouncedAt, Bounce: a.Bounce,
	}
}
