package catalog_test

import (
	"testing"

	"allclear/internal/domain/catalog"
)

// Clauses: ESC-CUST-MAIL
func TestSender(t *testing.T) {
	customer := func(id, contact string, domains ...string) catalog.Customer {
		return catalog.Customer{ID: id, Name: "The " + id, Domains: domains, Contacts: []catalog.CustomerContact{{Name: "Ann", Email: contact}, {Name: "No Mail"}}}
	}
	c := catalog.New(1,
		catalog.Person{ID: "bo", Name: "Bo", Email: "bo@us.example", Contacts: []catalog.Contact{{Channel: "email", Address: "bo@home.example"}, {Channel: "sms", Address: "+1555"}}},
		customer("acme", "ann@acme.example", "acme.example"), customer("bolt", "ann@mailer.example", "bolt.example"),
		customer("twin", "both@shared.example", "shared.example"), customer("twin2", "both@shared.example", "shared.example"),
	)
	for address, want := range map[string]catalog.Sender{
		"bo@us.example":           {Person: "bo", Name: "Bo"},
		"BO@Home.example":         {Person: "bo", Name: "Bo"},
		"ann@acme.example":        {Customer: "acme", Name: "Ann of The acme"},
		"new@acme.example":        {Customer: "acme", Name: "somebody of The acme"},
		"new@eu.ACME.example":     {Customer: "acme", Name: "somebody of The acme"},
		"ann@mailer.example":      {Customer: "bolt", Name: "Ann of The bolt"},
		"both@shared.example":     {},
		"x@shared.example":        {},
		"x@notacme.example":       {},
		"x@example":               {},
		"":                        {},
		"@":                       {},
		"ann@acme.example@x.test": {},
	} {
		if got := c.Sender(address); got != want {
			t.Errorf("%q: %+v, want %+v", address, got, want)
		}
	}
}
