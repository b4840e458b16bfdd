package catalog

import "slices"

// Caller finds the customer behind a call: by the code that was typed, else by
// the number among the customers' contacts. ok is false when none or several
// come into question.
func (c *Catalog) Caller(code, phone string) (found Customer, ok bool) {
	pick := func(is func(*Customer) bool) (Customer, bool) {
		var one Customer
		n := 0
		for _, k := range c.Customers {
			if is(&k) {
				one, n = k, n+1
			}
		}
		return one, n == 1
	}
	if code != "" {
		if found, ok = pick(func(k *Customer) bool { return k.Code == code }); ok {
			return found, true
		}
	}
	if phone == "" {
		return Customer{}, false
	}
	return pick(func(k *Customer) bool {
		return slices.ContainsFunc(k.Contacts, func(p CustomerContact) bool { return p.Phone == phone })
	})
}
