package comms

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

// Addresses of tenants' pages are derived instead of stored, as links in pages
// are (ADR 0009): whoever reads the database learns none of them. What is
// stored is the number of the address, so that a new one ends the one before.

const tokenBytes = 20 // 32 letters: beyond guessing

// TenantPage is the private page of a customer as those see it who look after
// the customer.
type TenantPage struct {
	URL   string    // empty: the page has no address
	Since time.Time // when the address was made or ended; zero: it never had one
}

func (c *Comms) token(p messages.TenantPage) string {
	m := hmac.New(sha256.New, c.page.Key)
	// The number comes first: it ends at the space, whatever the id holds.
	fmt.Fprintf(m, "tenant page %d %s", p.Number, p.Customer)
	return strings.ToLower(base32.StdEncoding.EncodeToString(m.Sum(nil)[:tokenBytes]))
}

func (c *Comms) shown(p messages.TenantPage) TenantPage {
	out := TenantPage{Since: p.Since}
	if p.Open && len(c.page.Key) > 0 {
		out.URL = c.page.URL + "/t/" + c.token(p)
	}
	return out
}

func ofCustomer(id string) authz.Resource {
	return authz.Resource{Kind: string(catalog.KindCustomer), ID: id}
}

// TenantPage reads the address of a customer's page.
func (c *Comms) TenantPage(ctx context.Context, a authz.Actor, customer string) (out TenantPage, err error) {
	if err := authz.Can(a, authz.ReadCustomers, ofCustomer(customer)); err != nil {
		return out, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		p, err := c.tenantPage(tx, customer)
		out = c.shown(p)
		return err
	})
	return out, err
}

// tenantPage reads the page of a customer that is in the catalogue.
func (c *Comms) tenantPage(tx *store.Tx, customer string) (p messages.TenantPage, err error) {
	cat, err := c.catalog(tx)
	if err != nil {
		return p, err
	}
	if _, ok := cat.Customers[customer]; !ok {
		return p, authz.NotFound(string(catalog.KindCustomer), customer)
	}
	return messages.TenantPageOf(tx, customer)
}

// NewTenantPage makes an address for a customer's page; the one before ends.
func (c *Comms) NewTenantPage(ctx context.Context, a authz.Actor, customer string, now time.Time) (TenantPage, error) {
	if err := authz.Can(a, authz.ManageCatalog, ofCustomer(customer)); err != nil {
		return TenantPage{}, err
	}
	if len(c.page.Key) == 0 {
		return TenantPage{}, fault.New(fault.Unavailable, "make a private page: this installation has no key for addresses")
	}
	return c.setTenantPage(ctx, a, customer, now, true)
}

// EndTenantPage ends the address of a customer's page. A page without an
// address stays as it is.
func (c *Comms) EndTenantPage(ctx context.Context, a authz.Actor, customer string, now time.Time) error {
	if err := authz.Can(a, authz.ManageCatalog, ofCustomer(customer)); err != nil {
		return err
	}
	_, err := c.setTenantPage(ctx, a, customer, now, false)
	return err
}

func (c *Comms) setTenantPage(ctx context.Context, a authz.Actor, customer string, now time.Time, open bool) (out TenantPage, err error) {
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		p, err := c.tenantPage(tx, customer)
		if err != nil {
			return err
		}
		p, err = c.turnTenantPage(tx, p, open, a.ID, a.Via, now)
		out = c.shown(p)
		return err
	})
	return out, err
}

// turnTenantPage gives a page its next address, or ends the one it has.
func (c *Comms) turnTenantPage(tx *store.Tx, p messages.TenantPage, open bool, by, source string, now time.Time) (messages.TenantPage, error) {
	outcome := "made"
	switch {
	case open && p.Open:
		outcome = "renewed"
	case !open && !p.Open:
		return p, nil
	case !open:
		outcome = "ended"
	}
	if p.Open, p.Since = open, now.UTC(); open {
		p.Number++
	}
	if err := messages.SaveTenantPage(tx, p); err != nil {
		return p, err
	}
	return p, c.bus.Emit(tx, now, event.Event{Kind: event.TenantPageSet, Actor: by, Source: source, Data: event.Data{
		Subject: p.Customer, Outcome: outcome, Number: p.Number, Text: outcome + " the address of the private page of customer " + p.Customer,
	}})
}

// onCatalog ends the pages of customers that were removed: another one with
// the same id must not be read at the old address.
func (c *Comms) onCatalog(tx *store.Tx, e *event.Event) error {
	if e.Data.Subject != string(catalog.KindCustomer) || e.Data.Outcome != "deleted" {
		return nil
	}
	for _, id := range e.Data.Targets {
		p, err := messages.TenantPageOf(tx, id)
		if err != nil {
			return err
		}
		if _, err := c.turnTenantPage(tx, p, false, e.Actor, e.Source, e.At); err != nil {
			return err
		}
	}
	return nil
}
