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
	if s, n := c.writer(func(k *Customer) (string, bool) {
		i := slices.IndexFunc(k.Contacts, func(p CustomerContact) bool { return strings.EqualFold(p.Email, address) })
		if i < 0 {
			return "", false
		}
		return k.Contacts[i].Name, true
	}); n > 0 {
		return s
	}
	for domain := address[at+1:]; strings.Contains(domain, "."); _, domain, _ = strings.Cut(domain, ".") {
		if s, n := c.writer(func(k *Customer) (string, bool) {
			return "", slices.ContainsFunc(k.Domains, func(d string) bool { return strings.EqualFold(d, domain) })
		}); n > 0 {
			return s
		}
	}
	return Sender{}
}

// writer is the customer that fits, with the name of its contact, and how many
// fit; nobody when several do.
func (c *Catalog) writer(fits func(*Customer) (contact string, ok bool)) (s Sender, n int) {
	for _, k := range c.Customers {
		if contact, ok := fits(&k); ok {
			n++
			s = Sender{Customer: k.ID, Name: cmp.Or(contact, "somebody") + " of " + k.Name}
		}
	}
	if n > 1 {
		return Sender{}, n
	}
	return s, n
}
