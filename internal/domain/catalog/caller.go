package catalog

import "slices"

// Caller finds the customer behind a call: by the code that was typed, else by
// the number among the customers' contacts. ok is false when none or several
// come into question.
func (c *Catalog) Caller(code, phone string) (found Customer, ok bool) {
	if code != "" {
		if found, n := c.fitting(func(k *Customer) bool { return k.Code == code }); n == 1 {
			return found, true
		}
	}
	if phone == "" {
		return Customer{}, false
	}
	found, n := c.fitting(func(k *Customer) bool {
		return slices.ContainsFunc(k.Contacts, func(p CustomerContact) bool { return p.Phone == phone })
	})
	return found, n == 1
}

// fitting is a customer that fits, and how many do.
func (c *Catalog) fitting(is func(*Customer) bool) (one Customer, n int) {
	for _, k := range c.Customers {
		if is(&k) {
			one, n = k, n+1
		}
	}
	return one, n
}
