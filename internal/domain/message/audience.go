package message

import (
	"slices"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
)

// Who a message speaks to. Everybody who is addressed one by one is an
// affected customer; a wider audience reads the status page.
const (
	Public     = "public"
	Customers  = "customers"
	Enterprise = "enterprise"
	VIP        = "vip"
)

// Audiences lists the audiences.
var Audiences = []string{Public, Customers, Enterprise, VIP}

// Affected lists the customers an incident touches, by id: users of its
// service in its regions, or its one tenant. While a P1 takes a service away,
// what depends on that service is away too; a lesser incident touches the
// service's own users. The highest severity held decides, so that who was told
// of an outage also hears of its end.
func Affected(c *catalog.Catalog, i *incident.Incident) []catalog.Customer {
	highest := i.Highest
	if highest == 0 {
		highest = i.Severity
	}
	return c.AffectedBy([]string{i.ServiceID}, highest == procedure.P1, i.Regions, i.Tenant)
}

// Includes reports whether an affected customer belongs to the audience.
func Includes(audience string, c *catalog.Customer) bool {
	switch audience {
	case Public, Customers:
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

// Personal reports whether the channel addresses contacts one by one.
func Personal(channel string) bool { return channel == Email || channel == SMS }
