package demo

import (
	"fmt"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
)

// EnterpriseCustomers is how many customers there are (OBJ-CTX-CUST).
const EnterpriseCustomers = 1200

// Customers returns the customer base, the same on every run: about 3 % VIP,
// four regions, one to three contacts each.
func Customers() []catalog.Customer {
	list := make([]catalog.Customer, EnterpriseCustomers)
	for i := range list {
		list[i] = customer(i + 1)
	}
	return list
}

func customer(n int) catalog.Customer {
	d := dice(n)
	id := fmt.Sprintf("customer-%04d", n)
	vip := n%33 == 1
	c := catalog.Customer{
		ID: id, Code: fmt.Sprintf("%04d", n), Name: fmt.Sprintf("Customer %04d", n), Tier: catalog.Enterprise, VIP: vip, MajorAccount: vip || n%20 == 0,
		Region:         region(d.roll(10)),
		Products:       products(&d),
		Domains:        []string{id + ".example"},
		AccountManager: fmt.Sprintf("account-manager-%d", n%accountManagers+1),
		Contract:       contract(&d, vip),
		ARR:            int64(24+d.roll(96)) * 1000,
	}
	if c.MajorAccount {
		c.ARR *= 5
	}
	c.Contract.MonthlyFee = c.ARR * 100 / 12
	for i := range 1 + d.roll(3) {
		c.Contacts = append(c.Contacts, contact(id, n, i))
	}
	return c
}

func region(roll int) string {
	switch {
	case roll < 5:
		return "us"
	case roll < 7:
		return "eu"
	case roll < 8:
		return "uk"
	}
	return "apac"
}

// products always has dashboards; the rest is a matter of taste.
func products(d *dice) []string {
	out := Products()[:1:1]
	for _, p := range Products()[1:] {
		if d.roll(5) < 3 {
			out = append(out, p)
		}
	}
	return out
}

func contract(d *dice, vip bool) catalog.Contract {
	c := catalog.Contract{UptimePercent: 99.95}
	if vip {
		c.NotifyWithin = recur.Span{Duration: 15 * time.Minute}
	}
	switch d.roll(25) {
	case 0:
		c.Custom, c.UptimePercent = true, 99.99
	case 1:
		c.Regimes = []string{"hipaa"}
	case 2, 3:
		c.Regimes = []string{"gdpr"}
	}
	return c
}

func contact(id string, n, i int) catalog.CustomerContact {
	kind := [...]string{"operations", "support", "management"}[i]
	c := catalog.CustomerContact{
		Name:     fmt.Sprintf("Customer %04d %s", n, kind),
		Email:    kind + "@" + id + ".example",
		Channels: []string{"email", "in_app"},
	}
	if i == 0 {
		c.Phone = fmt.Sprintf("+1555012%04d", n)
	}
	return c
}

// dice is a small generator of our own (splitmix64), because the same customer
// must come out whatever the Go release.
type dice uint64

func (d *dice) roll(sides int) int {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int((z ^ z>>31) % uint64(sides))
}
