package catalog

import (
	"cmp"
	"slices"
)

// Component is a part of the product as the status page shows it (PLT-SP-RT).
// Services name theirs by its id or its name; a service that names none that is here
// has its word as a component of its own, with nothing else to say of it.
type Component struct {
	ID          string `json:"id" yaml:"id"`
	Name        string `json:"name" yaml:"name"` // what the public reads
	Description string `json:"description,omitempty" yaml:"description"`
	Group       string `json:"group,omitempty" yaml:"group"`       // the component it stands below, which is a group thereby
	Position    int    `json:"position,omitempty" yaml:"position"` // 1 is first; without one after the others, by restoration
	// Showcase says whether its days of uptime are drawn; absent: they are.
	Showcase           *bool `json:"showcase,omitempty" yaml:"showcase"`
	OnlyShowIfDegraded bool  `json:"only_show_if_degraded,omitempty" yaml:"only_show_if_degraded"`
	Hidden             bool  `json:"hidden,omitempty" yaml:"hidden"` // neither it nor what is below it is public
}

const maxPosition = 10_000

// Kind is KindComponent.
func (Component) Kind() Kind { return KindComponent }

// Key is the component's id.
func (p Component) Key() string { return p.ID }

// Shows reports whether the days of uptime are drawn.
func (p Component) Shows() bool { return p.Showcase == nil || *p.Showcase }

func (p Component) check(c *checker, look Lookup) {
	c.text("/name", p.Name, true)
	c.prose("/description", p.Description)
	if p.Position < 0 || p.Position > maxPosition {
		c.add("/position", "must be from 1 to %d, or absent", maxPosition)
	}
	if p.Group == "" {
		return
	}
	if p.Group == p.ID {
		c.add("/group", "a component cannot stand below itself")
		return
	}
	c.ref(look, KindComponent)("/group", p.Group)
}

// PublicOf is the component that a service shows on the status page; ok is false
// where it shows none. What is found has no id where the service just has a word
// for it that no component has.
func (c *Catalog) PublicOf(service string) (p Component, ok bool) {
	word := c.Services[service].Component
	if word == "" {
		return p, false
	}
	if p, ok = c.Components[word]; !ok {
		if p, ok = c.componentNamed(word); !ok {
			return Component{Name: word}, true
		}
	}
	return p, !p.Hidden && !c.Components[p.Group].Hidden
}

// componentNamed is the component with the public name, so that what a service called
// by a word becomes a component without a change of the service. Of two it is the one
// whose id comes first.
func (c *Catalog) componentNamed(name string) (p Component, ok bool) {
	for _, x := range c.Components {
		if x.Name == name && (!ok || x.ID < p.ID) {
			p, ok = x, true
		}
	}
	return p, ok
}

// Part is a component of the page with the services that it tells of, in order of
// restoration, or a group with those below it.
type Part struct {
	Component
	Services []string
	Members  []Part
}

// IsGroup reports whether the part only holds others.
func (p *Part) IsGroup() bool { return len(p.Members) > 0 }

// PublicParts lists what the status page shows, in its order: by position, then by
// restoration. A component that no service tells of is left out unless others
// stand below it; groups do not nest, so what is below a component that has a
// group itself stands beside it.
func (c *Catalog) PublicParts() []Part {
	services := make([]Service, 0, len(c.Services))
	for _, s := range c.Services {
		services = append(services, s)
	}
	var parts []Part
	for _, s := range ByRestoration(services) {
		p, ok := c.PublicOf(s.ID)
		if !ok {
			continue
		}
		at := slices.IndexFunc(parts, func(x Part) bool { return x.ID == p.ID && (p.ID != "" || x.Name == p.Name) })
		if at < 0 {
			at, parts = len(parts), append(parts, Part{Component: p})
		}
		parts[at].Services = append(parts[at].Services, s.ID)
	}
	return c.grouped(parts)
}

func (c *Catalog) grouped(parts []Part) []Part {
	var out []Part
	for _, p := range parts {
		g, ok := c.Components[p.Group]
		if !ok || g.Group != "" {
			if at := slices.IndexFunc(out, func(x Part) bool { return x.ID != "" && x.ID == p.ID }); at >= 0 {
				out[at].Services = p.Services // others stand below it
				continue
			}
			out = append(out, p)
			continue
		}
		at := slices.IndexFunc(out, func(x Part) bool { return x.ID == g.ID })
		if at < 0 {
			at, out = len(out), append(out, Part{Component: g})
		}
		out[at].Members = append(out[at].Members, p)
	}
	for i := range out {
		// A service may tell of a component that others stand below: it leads them.
		if own := &out[i]; own.IsGroup() && len(own.Services) > 0 {
			lead := Part{Component: Component{Name: own.Name, Description: own.Description, Position: 1}, Services: own.Services}
			own.Services, own.Members = nil, append([]Part{lead}, own.Members...)
		}
	}
	byPosition(out)
	for i := range out {
		byPosition(out[i].Members)
	}
	return out
}

func byPosition(parts []Part) {
	slices.SortStableFunc(parts, func(a, b Part) int {
		return cmp.Compare(cmp.Or(a.Position, maxPosition+1), cmp.Or(b.Position, maxPosition+1))
	})
}
