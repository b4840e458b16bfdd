package comms

import (
	"context"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/store"
)

// Reach is how many customers an incident touches, in numbers alone.
type Reach struct {
	Customers     int            `json:"customers"`
	Contacts      int            `json:"contacts"` // who would be mailed
	VIP           int            `json:"vip"`
	MajorAccounts int            `json:"major_accounts"`
	ByTier        map[string]int `json:"by_tier"`
	ByRegion      map[string]int `json:"by_region"`
}

// PreviewAffected counts the customers a message about the incident would
// reach.
func (c *Comms) PreviewAffected(ctx context.Context, a authz.Actor, number int64) (r Reach, err error) {
	err = c.affected(ctx, a, authz.Read, number, func(customers []catalog.Customer) { r = reach(customers) })
	return r, err
}

// AffectedCustomers lists the customers the incident touches, by id, with
// their contacts.
func (c *Comms) AffectedCustomers(ctx context.Context, a authz.Actor, number int64) (out []catalog.Customer, err error) {
	if err := authz.Can(a, authz.ReadCustomers, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.affected(ctx, a, authz.Read, number, func(customers []catalog.Customer) { out = customers })
	return out, err
}

func (c *Comms) affected(ctx context.Context, a authz.Actor, v authz.Verb, number int64, do func([]catalog.Customer)) error {
	if err := authz.Can(a, v, authz.Resource{}); err != nil {
		return err
	}
	return c.db.View(ctx, func(tx *store.Tx) error {
		inc, err := c.open(tx, a, v, number)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		do(message.Affected(cat, inc))
		return nil
	})
}

func reach(customers []catalog.Customer) Reach {
	r := Reach{Customers: len(customers), ByTier: map[string]int{}, ByRegion: map[string]int{}}
	for i := range customers {
		k := &customers[i]
		r.ByTier[k.Tier]++
		r.ByRegion[k.Region]++
		if k.VIP {
			r.VIP++
		}
		if k.MajorAccount {
			r.MajorAccounts++
		}
		for n := range k.Contacts {
			if message.AddressOf(&k.Contacts[n], message.Email) != "" {
				r.Contacts++
			}
		}
	}
	return r
}
