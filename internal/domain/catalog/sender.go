package catalog

import (
	"cmp"
	"slices"
	"strings"
)

// Sender is whom a mail address belongs to. Anybody can write any address into
// a mail, so this is a claim and gives no rights.
type Sender struct {
	Person   string // id, of somebody of ours
	Customer string // id
	Name     string // as people read it; empty for an unknown address
}

// Sender finds whom the address belongs to: one of ours, else a contact of a
// customer, else a customer by the domain of the address or one above it. It is
// unknown when several customers come into question.
func (c *Catalog) Sender(address string) Sender {
	address = strings.ToLower(address)
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return Sender{}
	}
	mine := Sender{}
	for _, p := range c.People { // the smallest id, so that the answer is one
		has := strings.EqualFold(p.Email, address) || slices.ContainsFunc(p.Contacts, func(k Contact) bool { return k.Channel == "email" && strings.EqualFold(k.Address, address) })
		if has && (mine.Person == "" || p.ID < mine.Person) {
			mine = Sender{Person: p.ID, Name: p.Name}
		}
	}
	if mine.Person != "" {
		return mine
	}
	writes := func(p CustomerContact) bool { return strings.EqualFold(p.Email, address) }
	if k, n := c.fitting(func(k *Customer) bool { return slices.ContainsFunc(k.Contacts, writes) }); n == 1 {
		return of(k, k.Contacts[slices.IndexFunc(k.Contacts, writes)].Name)
	} else if n > 1 {
		return Sender{}
	}
	for domain := address[at+1:]; strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
		k, n := c.fitting(func(k *Customer) bool {
			return slices.ContainsFunc(k.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
		})
		if n == 1 {
			return of(k, "")
		} else if n > 1 {
			return Sender{}
		}
	}
	return Sender{}
}

func of(k Customer, contact string) Sender {
	return Sender{Customer: k.ID, Name: cmp.Or(contact, "somebody") + " of " + k.Name}
}
