package message

import (
	"maps"
	"slices"
	"strings"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
)

// Who a message speaks to. Customers who are addressed one by one are affected
// ones, but for All; a wider audience reads the status page. Executives and
// Stakeholders are people of our own, whom the procedure names (audiences).
const (
	Public       = "public"
	Customers    = "customers"
	Enterprise   = "enterprise"
	VIP          = "vip"
	All          = "all" // every customer, affected or not
	Executives   = "executives"
	Stakeholders = "stakeholders"
)

// Audiences lists the audiences.
var Audiences = []string{Public, Customers, Enterprise, VIP, All, Executives, Stakeholders}

// Inside reports whether the audience are people of our own.
func Inside(audience string) bool { return audience == Executives || audience == Stakeholders }

// Asked are the customers of an audience: the affected ones, or for All every one of the
// catalogue, by id. What concerns one tenant goes to no other (INV-S4).
func Asked(c *catalog.Catalog, i *incident.Incident, audience string) []catalog.Customer {
	if audience != All || i.Tenant != "" {
		return Affected(c, i)
	}
	out := make([]catalog.Customer, 0, len(c.Customers))
	for _, id := range slices.Sorted(maps.Keys(c.Customers)) {
		out = append(out, c.Customers[id])
	}
	return out
}

// Affected lists the customers an incident touches, by id: users of its
// services in its regions, of its products where some are named, or its one tenant. While a P1 takes a service away,
// what depends on that service is away too; a lesser incident touches the
// service's own users. The highest severity held decides, so that who was told
// of an outage also hears of its end.
func Affected(c *catalog.Catalog, i *incident.Incident) []catalog.Customer {
	highest := i.Highest
	if highest == 0 {
		highest = i.Severity
	}
	computed := c.AffectedBy(i.Services(), highest == procedure.P1, i.Regions, i.Tenant)
	if p := i.Scope.Products; len(p) > 0 && i.Tenant == "" {
		computed = slices.DeleteFunc(computed, func(k catalog.Customer) bool { return !k.Buys(p) })
	}
	return adjusted(c, i, computed)
}

// adjusted takes out who is spared and adds who is touched besides, by id, as
// people said with a reason (RSP-S2-SCOPE).
func adjusted(c *catalog.Catalog, i *incident.Incident, computed []catalog.Customer) []catalog.Customer {
	if len(i.Scope.Added)+len(i.Scope.Spared) == 0 {
		return computed
	}
	out := slices.DeleteFunc(computed, func(k catalog.Customer) bool { return slices.Contains(i.Scope.Spared, k.ID) })
	for _, id := range i.Scope.Added {
		at, there := slices.BinarySearchFunc(out, id, func(k catalog.Customer, id string) int { return strings.Compare(k.ID, id) })
		if k, ok := c.Customers[id]; ok && !there {
			out = slices.Insert(out, at, k)
		}
	}
	return out
}

// Includes reports whether an affected customer belongs to the audience.
func Includes(audience string, c *catalog.Customer) bool {
	switch audience {
	case Public, Customers, All:
		return true
	case Enterprise:
		return c.Tier == catalog.Enterprise
	case VIP:
		return c.VIP
	}
	return false
}

// AddressOf is where the contact wants messages of the channel, empty when
// there is no such wish. A contact without wishes gets e-mail.
func AddressOf(c *catalog.CustomerContact, channel string) string {
	switch channel {
	case Email:
		if len(c.Channels) == 0 || slices.Contains(c.Channels, Email) {
			return c.Email
		}
	case SMS:
		if slices.Contains(c.Channels, SMS) {
			return c.Phone
		}
	}
	return ""
}

// MailOf is where one of our own people reads mail, empty when nowhere.
func MailOf(p *catalog.Person) string {
	for _, c := range p.Contacts {
		if c.Channel == Email {
			return c.Address
		}
	}
	return p.Email
}

// OpenChannels speak to everybody; what concerns one tenant never goes there
// (INV-S4).
var OpenChannels = []string{"social", "forum", "press"}

// Personal reports whether the channel addresses contacts one by one.
func Personal(channel string) bool { return channel == Email || channel == SMS }

// Shared reports whether the channel reaches a chat that a customer shares with us: all
// who read there get one post.
func Shared(channel string) bool { return slices.Contains(catalog.CustomerChats, channel) }

// Addressed reports whether the channel addresses customers one by one.
func Addressed(channel string) bool { return Personal(channel) || Shared(channel) }

// Ways are the channels that the message goes out on: its own, and with the mails to
// customers the chats that they share with us.
func (c Content) Ways() []string {
	out := slices.Clone(c.Channels)
	if Inside(c.Audience) || !c.Has(Email) {
		return out
	}
	for _, ch := range catalog.CustomerChats {
		if !slices.Contains(out, ch) {
			out = append(out, ch)
		}
	}
	return out
}
