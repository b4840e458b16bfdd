package message

import (
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
)

func shop() *catalog.Catalog {
	service := func(id, component string, needs ...string) catalog.Service {
		return catalog.Service{ID: id, Name: "internal " + id, Component: component, Products: []string{id}, DependsOn: needs, RestorationRank: 1}
	}
	customer := func(id, tier, region string, vip bool, products ...string) catalog.Customer {
		return catalog.Customer{ID: id, Name: id, Tier: tier, Region: region, VIP: vip, Products: products}
	}
	return catalog.New(1,
		service("store", "Storage"), service("report", "Reports", "store"), service("batch", ""),
		catalog.Person{ID: "cy.dee", Name: "Cy Dee"},
		customer("acme", catalog.Enterprise, "us", true, "store"),
		customer("bolt", catalog.Standard, "eu", false, "report"),
		customer("coop", catalog.Enterprise, "eu", false, "store", "report"),
		customer("dune", catalog.Standard, "us", false, "batch"),
	)
}

func ids(customers []catalog.Customer) string {
	var out []string
	for _, c := range customers {
		out = append(out, c.ID)
	}
	return strings.Join(out, " ")
}

// Clauses: COM-CUST-EMAIL
func TestAffectedCustomers(t *testing.T) {
	for name, tc := range map[string]struct {
		inc  incident.Incident
		want string
	}{
		"outage reaches what depends on it": {incident.Incident{ServiceID: "store", Severity: procedure.P1}, "acme bolt coop"},
		"lesser trouble stays":              {incident.Incident{ServiceID: "store", Severity: procedure.P2, Highest: procedure.P2}, "acme coop"},
		"once an outage":                    {incident.Incident{ServiceID: "store", Severity: procedure.P3, Highest: procedure.P1}, "acme bolt coop"},
		"in one region":                     {incident.Incident{ServiceID: "store", Severity: procedure.P1, Regions: []string{"eu"}}, "bolt coop"},
		"one tenant":                        {incident.Incident{ServiceID: "store", Severity: procedure.P1, Tenant: "dune"}, "dune"},
		"unknown service":                   {incident.Incident{ServiceID: "none", Severity: procedure.P1}, ""},
	} {
		if got := ids(Affected(shop(), &tc.inc)); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
}

func TestAudiences(t *testing.T) {
	for audience, want := range map[string]string{
		Public: "acme bolt coop dune", Customers: "acme bolt coop dune", Enterprise: "acme coop", VIP: "acme", "board": "",
	} {
		all := slices.DeleteFunc(shop().CustomerList(), func(c catalog.Customer) bool { return !Includes(audience, &c) })
		if got := ids(all); got != want {
			t.Errorf("%s: %q, want %q", audience, got, want)
		}
	}
}

func TestAddressOfWishes(t *testing.T) {
	for name, tc := range map[string]struct {
		wishes     []string
		mail, text string
	}{
		"none":     {nil, "a@b.example", ""},
		"both":     {[]string{"email", "sms"}, "a@b.example", "+15550100"},
		"sms only": {[]string{"sms"}, "", "+15550100"},
		"in app":   {[]string{"in_app"}, "", ""},
	} {
		c := catalog.CustomerContact{Email: "a@b.example", Phone: "+15550100", Channels: tc.wishes}
		if got := AddressOf(&c, Email); got != tc.mail {
			t.Errorf("%s: mail to %q, want %q", name, got, tc.mail)
		}
		if got := AddressOf(&c, SMS); got != tc.text {
			t.Errorf("%s: text to %q, want %q", name, got, tc.text)
		}
	}
}

func disk() *incident.Incident {
	return &incident.Incident{
		Number: 42, ServiceID: "store", Title: "disk full on db-7", AcknowledgedBy: "cy.dee", DeclaredBy: "allclear",
		Roles: map[string]string{incident.Commander: "ana"},
	}
}

func TestNeutralTakesInternalWordsOut(t *testing.T) {
	inc := disk()
	in := InternalOf(inc, shop())
	for text, want := range map[string]string{
		"[INC-42] Trouble with disk full on db-7": "Trouble with Storage",
		"INC-42: we are on it":                    "we are on it",
		"[IN[INC-42]C-2] it is back":              "it is back",
		"Cy Dee (cy.dee) is on it":                "our team (our team) is on it",
		"We look into disk full on db-7  now":     "We look into Storage now",
		"We sail to Havana.":                      "We sail to Havana.", // an id that is a word stays
		"Reports  are slow":                       "Reports  are slow",  // nothing to take out, nothing touched
	} {
		if got := in.Neutral(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
		if left := in.Leaks(in.Neutral(text)); len(left) > 0 {
			t.Errorf("%q still holds %v", text, left)
		}
	}
	team := shop().With(catalog.Person{ID: "team", Name: "team"})
	if got := InternalOf(&incident.Incident{AcknowledgedBy: "team"}, team).Neutral("The team and INC-1"); got != "The team and" {
		t.Errorf("a person called team: %q", got)
	}
	inc.Title = "Storage" // a plain word says nothing
	if got := InternalOf(inc, shop()).Leaks("Storage is slow"); len(got) > 0 {
		t.Errorf("the public name counts as internal: %v", got)
	}
	inc.Title = "Reports"
	if got := InternalOf(inc, shop()).Leaks("Reports are slow"); len(got) > 0 {
		t.Errorf("a plain title counts as internal: %v", got)
	}
	if got := ComponentName(shop(), "batch"); got != "our service" {
		t.Errorf("a service without a public name is called %q", got)
	}
}

func FuzzNeutral(f *testing.F) {
	for _, text := range []string{"[INC-42] disk full on db-7", "Cy Dee  and cy.dee", "[IN[INC-1]C-2]", "disk INC-1 full on db-7", "\xff INC-1"} {
		f.Add(text)
	}
	in := InternalOf(disk(), shop())
	f.Fuzz(func(t *testing.T, text string) {
		once := in.Neutral(text)
		if left := in.Leaks(once); len(left) > 0 {
			t.Errorf("%q keeps %q", text, left)
		}
		if again := in.Neutral(once); again != once {
			t.Errorf("%q becomes %q, then %q", text, once, again)
		}
	})
}
