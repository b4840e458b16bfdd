package catalog_test

import (
	"testing"

	"allclear/internal/domain/catalog"
)

// Clauses: ESC-CUST-LINE
func TestCaller(t *testing.T) {
	customer := func(id, code, phone string) catalog.Customer {
		return catalog.Customer{ID: id, Code: code, Contacts: []catalog.CustomerContact{{Phone: phone}}}
	}
	c := catalog.New(1, customer("acme", "0042", "+15550001"), customer("bolt", "0043", "+15550002"), customer("coop", "", "+15550003"), customer("dune", "7", "+15550004"), customer("echo", "7", "+15550004"))
	for name, k := range map[string]struct{ code, phone, want string }{
		"by code":                {"0042", "+15559999", "acme"},
		"by number":              {"", "+15550002", "bolt"},
		"the code counts more":   {"0042", "+15550002", "acme"},
		"a wrong code":           {"9999", "+15550003", "coop"},
		"nobody":                 {"", "+15559999", ""},
		"no number and no code":  {"", "", ""},
		"two with the same code": {"7", "+15550004", ""},
	} {
		got, ok := c.Caller(k.code, k.phone)
		if got.ID != k.want && ok || ok != (k.want != "") {
			t.Errorf("%s: %q %v, want %q", name, got.ID, ok, k.want)
		}
	}
}
