// Package tenant owns how the private status page of a customer looks on the
// wire: its address, which is made, renewed and ended. It holds no rules and
// must not register routes; internal/edge/api does that.
package tenant

import (
	"context"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/flow/comms"
)

// Desk answers the routes.
type Desk struct{ Comms *comms.Comms }

// PrivatePage is a customer's private status page.
type PrivatePage struct {
	URL   string    `json:"url" doc:"Whoever has it can read the page. Empty: the page has no address."`
	Since time.Time `json:"since,omitzero" doc:"When the address was made or ended; absent: it never had one."`
}

// Answer is an answer that is a page.
type Answer struct{ Body PrivatePage }

// Input names the customer.
type Input struct {
	ID string `path:"id" maxLength:"64"`
}

func answer(p comms.TenantPage, err error) (*Answer, error) {
	if err != nil {
		return nil, err
	}
	return &Answer{Body: PrivatePage{URL: p.URL, Since: p.Since}}, nil
}

// Read reads the address.
func (d *Desk) Read(ctx context.Context, a authz.Actor, _ time.Time, in *Input) (*Answer, error) {
	return answer(d.Comms.TenantPage(ctx, a, in.ID))
}

// Renew makes an address; the one before ends.
func (d *Desk) Renew(ctx context.Context, a authz.Actor, now time.Time, in *Input) (*Answer, error) {
	return answer(d.Comms.NewTenantPage(ctx, a, in.ID, now))
}

// End ends the address.
func (d *Desk) End(ctx context.Context, a authz.Actor, now time.Time, in *Input) (*struct{}, error) {
	return nil, d.Comms.EndTenantPage(ctx, a, in.ID, now)
}
