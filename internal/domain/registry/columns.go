// Package registry owns the customer registry as a table: its columns, how a file
// is read line by line, what a line makes of a customer, and the same table
// written again (OBJ-CTX-CUST, INT-CRM). It must not store anything, and leaves it to the
// catalogue to say whether a customer is valid.
package registry

import (
	"fmt"
	"strconv"
	"strings"

	"allclear/internal/base/recur"
	"allclear/internal/domain/catalog"
)

// separator is between the entries of a list in one cell.
const separator = ";"

// column is one column of the table: how a customer fills it, and what a cell
// does to a customer. where is the JSON pointer it stands for in the document.
type column struct {
	name  string
	where string
	get   func(c *catalog.Customer) string
	set   func(c *catalog.Customer, cell string) error
}

// columns are those of an account, in the order of an export. What is not among
// them is not changed by an import.
var columns = []column{
	{"external_id", "/external_id", func(c *catalog.Customer) string { return c.External }, func(c *catalog.Customer, s string) error {
		if s != "" { // without one, the line goes by id
			c.External = s
		}
		return nil
	}},
	{"id", "/id", func(c *catalog.Customer) string { return c.ID }, func(*catalog.Customer, string) error { return nil }},
	text("name", func(c *catalog.Customer) *string { return &c.Name }),
	word("tier", func(c *catalog.Customer) *string { return &c.Tier }),
	word("status", func(c *catalog.Customer) *string { return &c.Status }),
	word("churn_risk", func(c *catalog.Customer) *string { return &c.ChurnRisk }),
	flag("vip", "/vip", func(c *catalog.Customer) *bool { return &c.VIP }),
	flag("major_account", "/major_account", func(c *catalog.Customer) *bool { return &c.MajorAccount }),
	word("region", func(c *catalog.Customer) *string { return &c.Region }),
	list("products", "/products", func(c *catalog.Customer) *[]string { return &c.Products }),
	list("services", "/services", func(c *catalog.Customer) *[]string { return &c.Services }),
	list("domains", "/domains", func(c *catalog.Customer) *[]string { return &c.Domains }),
	text("code", func(c *catalog.Customer) *string { return &c.Code }),
	text("slack_channel", func(c *catalog.Customer) *string { return &c.Slack }),
	word("teams_workflow", func(c *catalog.Customer) *string { return &c.Teams }),
	text("account_manager", func(c *catalog.Customer) *string { return &c.AccountManager }),
	{"arr_usd", "/arr_usd", func(c *catalog.Customer) string { return number(c.ARR) }, func(c *catalog.Customer, s string) (err error) {
		if c.ARR = 0; s == "" {
			return nil
		}
		if c.ARR, err = strconv.ParseInt(s, 10, 64); err != nil {
			return fmt.Errorf("%q is not a whole number of US dollars, such as 48000", s)
		}
		return nil
	}},
	{"uptime_percent", "/contract/uptime_percent", func(c *catalog.Customer) string {
		if c.Contract.UptimePercent == 0 {
			return ""
		}
		return strconv.FormatFloat(c.Contract.UptimePercent, 'f', -1, 64)
	}, func(c *catalog.Customer, s string) (err error) {
		if c.Contract.UptimePercent = 0; s == "" {
			return nil
		}
		if c.Contract.UptimePercent, err = strconv.ParseFloat(s, 64); err != nil {
			return fmt.Errorf("%q is not a number, such as 99.95", s)
		}
		return nil
	}},
	{"notify_within", "/contract/notify_within", func(c *catalog.Customer) string {
		if c.Contract.NotifyWithin.IsZero() {
			return ""
		}
		return c.Contract.NotifyWithin.String()
	}, func(c *catalog.Customer, s string) (err error) {
		if c.Contract.NotifyWithin = (recur.Span{}); s == "" {
			return nil
		}
		if c.Contract.NotifyWithin, err = recur.ParseSpan(s); err != nil {
			return fmt.Errorf("%q is not a time such as 15m, 4h or 1d", s)
		}
		return nil
	}},
	flag("custom_contract", "/contract/custom", func(c *catalog.Customer) *bool { return &c.Contract.Custom }),
	list("regimes", "/contract/regimes", func(c *catalog.Customer) *[]string { return &c.Contract.Regimes }),
}

// The columns of a contact. A file that has one of them says all contacts of each
// of its accounts, one for each line.
const (
	contactName     = "contact_name"
	contactEmail    = "contact_email"
	contactPhone    = "contact_phone"
	contactChannels = "contact_channels"
)

var contactColumns = []string{contactName, contactEmail, contactPhone, contactChannels}

// Columns lists the names of all columns, in the order of an export.
func Columns() []string {
	out := make([]string, 0, len(columns)+len(contactColumns))
	for i := range columns {
		out = append(out, columns[i].name)
	}
	return append(out, contactColumns...)
}

func text(name string, field func(*catalog.Customer) *string) column {
	return column{
		name, "/" + name, func(c *catalog.Customer) string { return *field(c) },
		func(c *catalog.Customer, s string) error { *field(c) = s; return nil },
	}
}

// word is text that is lower case in the catalogue.
func word(name string, field func(*catalog.Customer) *string) column {
	c := text(name, field)
	set := c.set
	c.set = func(k *catalog.Customer, s string) error { return set(k, strings.ToLower(s)) }
	return c
}

func flag(name, where string, field func(*catalog.Customer) *bool) column {
	return column{
		name, where, func(c *catalog.Customer) string { return strconv.FormatBool(*field(c)) },
		func(c *catalog.Customer, s string) error {
			switch strings.ToLower(s) {
			case "true", "yes", "y", "1":
				*field(c) = true
			case "", "false", "no", "n", "0":
				*field(c) = false
			default:
				return fmt.Errorf("%q is neither true nor false", s)
			}
			return nil
		},
	}
}

func list(name, where string, field func(*catalog.Customer) *[]string) column {
	return column{
		name, where, func(c *catalog.Customer) string { return strings.Join(*field(c), separator) },
		func(c *catalog.Customer, s string) error { *field(c) = entries(s); return nil },
	}
}

// entries are the entries of a cell, in lower case: all of them are ids, words or
// domains.
func entries(cell string) (out []string) {
	for _, e := range strings.Split(cell, separator) {
		if e = strings.ToLower(strings.TrimSpace(e)); e != "" {
			out = append(out, e)
		}
	}
	return out
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
