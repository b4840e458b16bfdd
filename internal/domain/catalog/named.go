package catalog

import "strings"

// Named is the one person of that name or mail address, in any case of letters;
// ok is false where nobody or more than one person is.
func (c *Catalog) Named(by string) (id string, ok bool) {
	n := 0
	for key, p := range c.People {
		if by != "" && (strings.EqualFold(p.Name, by) || strings.EqualFold(p.Email, by)) {
			id, n = key, n+1
		}
	}
	if n != 1 {
		return "", false
	}
	return id, true
}
