package consent

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
)

// Address is one way to a contact, with what is known of it.
type Address struct {
	Name    string // of the contact
	Address string
	Wanted  bool // the contact's channels name it: for text messages, who opted in
	message.Standing
}

func ofCustomer(id string) authz.Resource {
	return authz.Resource{Kind: string(catalog.KindCustomer), ID: id}
}

// Of lists the mail addresses and numbers of a customer's contacts, and the chats that
// the customer shares with us.
func (c *Consent) Of(ctx context.Context, a authz.Actor, customer string) (out []Address, err error) {
	if err := authz.Can(a, authz.ReadCustomers, ofCustomer(customer)); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) (err error) {
		out, err = c.of(tx, customer)
		return err
	})
	return out, err
}

func (c *Consent) of(tx *store.Tx, customer string) ([]Address, error) {
	cat, err := c.o.Catalog(tx)
	if err != nil {
		return nil, err
	}
	k, ok := cat.Customers[customer]
	if !ok {
		return nil, authz.NotFound(string(catalog.KindCustomer), customer)
	}
	out := []Address{}
	for i := range k.Contacts {
		p := &k.Contacts[i]
		for _, w := range []struct{ channel, address string }{{message.Email, p.Email}, {message.SMS, p.Phone}} {
			if w.address == "" {
				continue
			}
			s, err := addresses.Get(tx, w.channel, message.AddressHash(w.channel, w.address))
			if err != nil {
				return nil, err
			}
			out = append(out, Address{Name: p.Name, Address: w.address, Wanted: message.AddressOf(p, w.channel) != "", Standing: s})
		}
	}
	for _, channel := range catalog.CustomerChats {
		to := k.Chat(channel)
		if to == "" {
			continue
		}
		s, err := addresses.Get(tx, channel, message.AddressHash(channel, to))
		if err != nil {
			return nil, err
		}
		out = append(out, Address{Name: k.Name, Address: to, Wanted: true, Standing: s})
	}
	return out, nil
}

// Change is what a person here says of an address; nil leaves it as it is.
type Change struct {
	OptedOut *bool
	Bounces  *bool // false only: somebody has found out that it works
}

// Change writes down what the customer said to a person here, by telephone for
// instance. The address must be one of the customer's.
func (c *Consent) Change(ctx context.Context, a authz.Actor, customer, channel, address string, ch Change, now time.Time) (out []Address, err error) {
	if err := authz.Can(a, authz.ManageCatalog, ofCustomer(customer)); err != nil {
		return nil, err
	}
	if ch.Bounces != nil && *ch.Bounces {
		return nil, fault.New(fault.Invalid, "only a provider can say that messages come back").With("bounces", "set it to false when the address works again")
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		all, err := c.of(tx, customer)
		if err != nil {
			return err
		}
		hash := message.AddressHash(channel, address)
		i := slices.IndexFunc(all, func(x Address) bool { return x.Channel == channel && x.Hash == hash })
		if i < 0 {
			return fault.New(fault.NotFound, "no contact of the customer has this address").With("address", "write one that the list of addresses has")
		}
		if ch.OptedOut != nil {
			if err := c.set(tx, channel, hash, *ch.OptedOut, a.ID, a.Via, now); err != nil {
				return err
			}
		}
		if ch.Bounces != nil && all[i].Bounces() {
			s, err := addresses.Get(tx, channel, hash)
			if err != nil {
				return err
			}
			if err := c.clear(tx, s, a.ID, a.Via, now); err != nil {
				return err
			}
		}
		out, err = c.of(tx, customer)
		return err
	})
	return out, err
}
