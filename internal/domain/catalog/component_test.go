package catalog_test

import (
	"strings"
	"testing"

	"allclear/internal/domain/catalog"
)

func TestPublicParts(t *testing.T) {
	no := false
	c := catalog.New(1,
		catalog.Service{ID: "auth", Component: "sign-in", RestorationRank: 1}, catalog.Service{ID: "sso", Component: "sign-in", RestorationRank: 2},
		catalog.Service{ID: "api", Component: "Public API", RestorationRank: 3}, catalog.Service{ID: "batch", RestorationRank: 4}, catalog.Service{ID: "web", Component: "Sign-in", RestorationRank: 4},
		catalog.Service{ID: "eu", Component: "eu", RestorationRank: 5}, catalog.Service{ID: "us", Component: "us", RestorationRank: 6}, catalog.Service{ID: "lab", Component: "lab", RestorationRank: 6},
		catalog.Service{ID: "map", Component: "regions", RestorationRank: 6},
		catalog.Component{ID: "sign-in", Name: "Sign-in", Description: "Passwords and single sign-on", Position: 2},
		catalog.Component{ID: "regions", Name: "Regions", Position: 1}, catalog.Component{ID: "eu", Name: "Europe", Group: "regions", Position: 2, Showcase: &no},
		catalog.Component{ID: "us", Name: "America", Group: "regions", Position: 1, OnlyShowIfDegraded: true}, catalog.Component{ID: "lab", Name: "Laboratory", Hidden: true},
		catalog.Component{ID: "unused", Name: "Nobody tells of it"},
	)
	var got []string
	for _, p := range c.PublicParts() {
		got = append(got, p.Name+"("+strings.Join(p.Services, " ")+")")
		for _, m := range p.Members {
			got = append(got, "  "+m.Name+"("+strings.Join(m.Services, " ")+")")
		}
		if p.IsGroup() != (p.ID == "regions") {
			t.Errorf("%s is a group: %v", p.Name, p.IsGroup())
		}
	}
	want := "Regions(),   Regions(map),   America(us),   Europe(eu), Sign-in(auth sso web), Public API(api)"
	if s := strings.Join(got, ", "); s != want {
		t.Errorf("the page shows\n %s, want\n %s", s, want)
	}
	for service, want := range map[string]string{"sso": "Sign-in", "api": "Public API", "eu": "Europe", "lab": "", "batch": "", "nobody": ""} {
		if p, ok := c.PublicOf(service); ok != (want != "") || ok && p.Name != want {
			t.Errorf("%s shows %q, %v", service, p.Name, ok)
		}
	}
	if eu, _ := c.PublicOf("eu"); eu.Shows() {
		t.Error("Europe shows its uptime")
	}
	// What is hidden hides what is below it.
	hidden := c.With(catalog.Component{ID: "regions", Name: "Regions", Hidden: true})
	if got := hidden.PublicParts(); len(got) != 2 {
		t.Errorf("with a hidden group: %+v", got)
	}
	at := places(t, catalog.Check(catalog.Component{ID: "x", Name: "", Group: "gone", Position: -1}, c))
	if strings.Join(at, " ") != "/name /position /group" {
		t.Errorf("wrong places: %v", at)
	}
	if err := catalog.Check(catalog.Component{ID: "x", Name: "X", Group: "x"}, c); err == nil {
		t.Error("a component may stand below itself")
	}
}
