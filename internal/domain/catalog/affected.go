package catalog

import (
	"cmp"
	"maps"
	"slices"
)

// Affected selects, by id, the customers an incident touches: those who use
// one of the services, directly or through a product, in one of the regions.
// A customer who lists neither services nor products uses everything; no
// regions means everywhere. A tenant is touched alone, whatever else is said.
// Who is a customer no longer is touched by nothing.
func Affected(customers []Customer, services []Service, regions []string, tenant string) []Customer {
	touched := reach(services)
	var out []Customer
	for i := range customers {
		c := &customers[i]
		switch {
		case c.Status == Lost:
			continue
		case tenant != "":
			if c.ID != tenant {
				continue
			}
		case len(regions) > 0 && c.Region != "" && !slices.Contains(regions, c.Region),
			!touched.customer(c):
			continue
		}
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Customer) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

type touch struct{ services, products map[string]bool }

func reach(services []Service) touch {
	t := touch{services: map[string]bool{}, products: map[string]bool{}}
	for _, s := range services {
		t.services[s.ID] = true
		for _, p := range s.Products {
			t.products[p] = true
		}
	}
	return t
}

func (t touch) customer(c *Customer) bool {
	if len(t.services) == 0 {
		return false
	}
	return len(c.Products) == 0 && len(c.Services) == 0 ||
		slices.ContainsFunc(c.Services, func(s string) bool { return t.services[s] }) ||
		slices.ContainsFunc(c.Products, func(p string) bool { return t.products[p] })
}

// AffectedBy is Affected over the whole catalogue for services by id, with
// whatever depends on them when dependents is set.
func (c *Catalog) AffectedBy(services []string, dependents bool, regions []string, tenant string) []Customer {
	if dependents {
		services = c.Dependents(services)
	}
	list := make([]Service, 0, len(services))
	for _, id := range services {
		if s, ok := c.Services[id]; ok {
			list = append(list, s)
		}
	}
	return Affected(c.CustomerList(), list, regions, tenant)
}

// Buys reports whether the customer has one of the products; who names none has
// them all.
func (k *Customer) Buys(products []string) bool {
	return len(k.Products) == 0 || slices.ContainsFunc(products, func(p string) bool { return slices.Contains(k.Products, p) })
}

// CustomerList lists the customers by id.
func (c *Catalog) CustomerList() []Customer {
	list := make([]Customer, len(c.order))
	for i, id := range c.order {
		list[i] = c.Customers[id]
	}
	return list
}

// Dependents returns the services and everything that depends on them, however
// far removed, by id.
func (c *Catalog) Dependents(services []string) []string {
	found := map[string]bool{}
	todo := slices.Clone(services)
	for len(todo) > 0 {
		id := todo[0]
		todo = todo[1:]
		if found[id] {
			continue
		}
		found[id] = true
		for _, s := range c.Services {
			if slices.Contains(s.DependsOn, id) {
				todo = append(todo, s.ID)
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Upstream lists what a service depends on, however far, the nearest first.
func (c *Catalog) Upstream(service string) []string {
	seen := map[string]bool{service: true}
	var out []string
	for todo := []string{service}; len(todo) > 0; todo = todo[1:] {
		for _, on := range c.Services[todo[0]].DependsOn {
			if !seen[on] {
				seen[on] = true
				out, todo = append(out, on), append(todo, on)
			}
		}
	}
	return out
}

// Downstream lists what depends on a service, however far, by id.
func (c *Catalog) Downstream(service string) []string {
	return slices.DeleteFunc(c.Dependents([]string{service}), func(id string) bool { return id == service })
}

// ByRestoration sorts services into the order they are restored in
// (RES-PRIO-1..6): by rank, then id.
func ByRestoration(services []Service) []Service {
	out := slices.Clone(services)
	slices.SortFunc(out, func(a, b Service) int {
		return cmp.Or(cmp.Compare(a.RestorationRank, b.RestorationRank), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// OutOfTurn lists the services, in order of restoration, that should be
// restored before the one being worked on.
func OutOfTurn(working Service, open []Service) []Service {
	return slices.DeleteFunc(ByRestoration(open), func(s Service) bool {
		return s.RestorationRank >= working.RestorationRank || s.ID == working.ID
	})
}
