package admin

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/store"
)

// Item is an entity with the version at which it last changed.
type Item struct {
	Entity    catalog.Entity
	Version   int64
	UpdatedAt time.Time
}

// Filter narrows a list; empty fields do not. A field that a kind lacks
// matches nothing of it.
type Filter struct {
	Query  string // part of the id, name, title, address or domain, in any case
	Area   string // person, team, service
	Team   string // person: member; service: owner
	Role   string // person
	Level  int    // person
	Region string // service, customer
	Tier   string // customer
	// AccountManager and VIP are of customers; Service is used directly or
	// through a product.
	AccountManager string
	Service        string
	VIP            *bool
	Product        string // customer: who uses it, or everything
	Status         string // customer
	Group          string // stakeholder
	After          string // id of the last one of the page before
	Limit          int    // 1..MaxPage; 0 is DefaultPage
}

// Sizes of a page.
const (
	DefaultPage = 50
	MaxPage     = 500
)

// Page is part of a list, in order of id.
type Page struct {
	Items []Item
	Next  string // Filter.After of the next page; empty at the end
	Total int    // how many the filter matches
}

// Get returns an entity. Contacts, contracts and why somebody is absent are
// left out for those who may not read them.
func (a *Admin) Get(ctx context.Context, actor authz.Actor, kind catalog.Kind, id string) (Item, error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: string(kind), ID: id}); err != nil {
		return Item{}, err
	}
	s, err := a.committed(ctx)
	if err != nil {
		return Item{}, err
	}
	e, ok := s.cat.Get(kind, id)
	if !ok {
		return Item{}, authz.NotFound(string(kind), id)
	}
	return s.item(actor, e), nil
}

// List returns a page of the entities of a kind.
func (a *Admin) List(ctx context.Context, actor authz.Actor, kind catalog.Kind, f Filter) (Page, error) {
	if err := authz.Can(actor, authz.Read, authz.Resource{Kind: string(kind)}); err != nil {
		return Page{}, err
	}
	if f.Limit < 0 || f.Limit > MaxPage {
		return Page{}, fault.New(fault.Invalid, "list %s: limit must be from 1 to %d", kind, MaxPage)
	}
	if f.Limit == 0 {
		f.Limit = DefaultPage
	}
	s, err := a.committed(ctx)
	if err != nil {
		return Page{}, err
	}
	m := newMatcher(actor, f, s.cat)
	page := Page{Items: []Item{}}
	for _, e := range s.of(kind) {
		if !m.matches(e) {
			continue
		}
		page.Total++
		switch {
		case e.Key() <= f.After && f.After != "":
		case len(page.Items) < f.Limit:
			page.Items = append(page.Items, s.item(actor, e))
		case page.Next == "":
			page.Next = page.Items[f.Limit-1].Entity.Key()
		}
	}
	return page, nil
}

func (a *Admin) committed(ctx context.Context) (s *snapshot, err error) {
	err = a.db.View(ctx, func(tx *store.Tx) error {
		s, err = a.snapshot(tx)
		return err
	})
	return s, err
}

func (s *snapshot) item(actor authz.Actor, e catalog.Entity) Item {
	at := s.rows[keyOf(e)]
	return Item{Entity: redact(actor, e), Version: at.version, UpdatedAt: at.at}
}

// of lists the entities of a kind by id.
func (s *snapshot) of(kind catalog.Kind) []catalog.Entity {
	var ids []string
	for k := range s.rows {
		if k.Kind == kind {
			ids = append(ids, k.ID)
		}
	}
	slices.Sort(ids)
	out := make([]catalog.Entity, 0, len(ids))
	for _, id := range ids {
		if e, ok := s.cat.Get(kind, id); ok {
			out = append(out, e)
		}
	}
	return out
}

// redact leaves out what the actor may not read: everybody sees the directory,
// numbers and contracts take authz.ReadCustomers or being the person.
func redact(actor authz.Actor, e catalog.Entity) catalog.Entity {
	if authz.Can(actor, authz.ReadCustomers, authz.Resource{}) == nil {
		return e
	}
	switch e := e.(type) {
	case catalog.Person:
		if e.ID == actor.ID {
			return e
		}
		e.Contacts, e.Rules, e.QuietHours = nil, catalog.ContactRules{}, catalog.QuietHours{}
		e.Absent = slices.Clone(e.Absent)
		for i := range e.Absent {
			e.Absent[i].Reason = ""
		}
		return e
	case catalog.Customer:
		e.Contacts, e.Slack, e.Teams, e.Contract, e.ARR, e.ChurnRisk = nil, "", "", catalog.Contract{}, 0, ""
		return e
	case catalog.Stakeholder:
		e.Contacts, e.Notes = nil, ""
		return e
	}
	return e
}

type matcher struct {
	Filter
	cat      *catalog.Catalog
	contacts bool // the query may look into what redact hides
}

func newMatcher(actor authz.Actor, f Filter, cat *catalog.Catalog) *matcher {
	f.Query = strings.ToLower(strings.TrimSpace(f.Query))
	return &matcher{Filter: f, cat: cat, contacts: authz.Can(actor, authz.ReadCustomers, authz.Resource{}) == nil}
}

func (m *matcher) matches(e catalog.Entity) bool {
	switch e := e.(type) {
	case catalog.Person:
		return m.only("area", "team", "role", "level") && is(m.Area, e.Area) && (m.Level == 0 || m.Level == e.Level) &&
			(m.Role == "" || slices.Contains(e.Roles, m.Role)) &&
			(m.Team == "" || slices.Contains(e.Teams, m.Team) || slices.Contains(m.cat.Teams[m.Team].Members, e.ID) || m.cat.Teams[m.Team].Lead == e.ID) &&
			m.text(e.ID, e.Name, e.Title, e.Email)
	case catalog.Team:
		return m.only("area") && is(m.Area, e.Area) && m.text(e.ID, e.Name, e.Description)
	case catalog.Service:
		return m.only("area", "team", "region") && is(m.Area, e.Area) && is(m.Team, e.OwnerTeam) &&
			(m.Region == "" || slices.Contains(e.Regions, m.Region)) && m.text(e.ID, e.Name, e.Description, e.Component)
	case catalog.Customer:
		return m.only("region", "tier", "manager", "service", "vip", "product", "status") && m.has(e) && is(m.Region, e.Region) && is(m.Tier, e.Tier) &&
			is(m.AccountManager, e.AccountManager) && (m.VIP == nil || *m.VIP == e.VIP) && m.uses(e) && m.customerText(e)
	case catalog.Schedule:
		return m.only() && m.text(e.ID)
	case catalog.Policy:
		return m.only() && m.text(e.ID, e.Name, e.Description)
	case catalog.SyntheticCheck:
		return m.only("service") && is(m.Service, e.Service) && m.text(e.ID, e.Name, e.Target)
	case catalog.Vendor:
		return m.only("service") && (m.Service == "" || slices.Contains(e.Services, m.Service)) && m.text(e.ID, e.Name)
	case catalog.Feed:
		return m.only("service") && is(m.Service, e.Service) && m.text(e.ID, e.Name)
	case catalog.Room:
		return m.only() && m.text(e.ID, e.Name, e.Site)
	case catalog.Partner:
		return m.only() && m.text(e.ID, e.Name)
	case catalog.Stakeholder:
		return m.only("group") && is(m.Group, e.Group) && m.text(e.ID, e.Name)
	case catalog.Action:
		return m.only("service") && is(m.Service, e.Service) && m.text(e.ID, e.Name, string(e.Type))
	case catalog.Component:
		return m.only() && m.text(e.ID, e.Name, e.Description)
	}
	return false
}

// only reports whether every field of the filter that is set is among those.
func (m *matcher) only(fields ...string) bool {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"area", m.Area != ""},
		{"team", m.Team != ""},
		{"role", m.Role != ""},
		{"level", m.Level != 0},
		{"region", m.Region != ""},
		{"tier", m.Tier != ""},
		{"manager", m.AccountManager != ""},
		{"service", m.Service != ""},
		{"vip", m.VIP != nil},
		{"product", m.Product != ""},
		{"status", m.Status != ""},
		{"group", m.Group != ""},
	} {
		if f.set && !slices.Contains(fields, f.name) {
			return false
		}
	}
	return true
}

func is(wanted, have string) bool { return wanted == "" || wanted == have }

// has judges product and status; who names no product has them all.
func (m *matcher) has(c catalog.Customer) bool {
	return (m.Product == "" || len(c.Products)+len(c.Services) == 0 || slices.Contains(c.Products, m.Product)) && is(m.Status, cmp.Or(c.Status, "active"))
}

func (m *matcher) uses(c catalog.Customer) bool {
	if m.Service == "" {
		return true
	}
	s, ok := m.cat.Services[m.Service]
	return ok && len(catalog.Affected([]catalog.Customer{c}, []catalog.Service{s}, nil, "")) == 1
}

func (m *matcher) customerText(c catalog.Customer) bool {
	words := append([]string{c.ID, c.Name, c.External}, c.Domains...)
	if m.contacts {
		for _, k := range c.Contacts {
			words = append(words, k.Name, k.Email)
		}
	}
	return m.text(words...)
}

func (m *matcher) text(words ...string) bool {
	return m.Query == "" || slices.ContainsFunc(words, func(w string) bool { return strings.Contains(strings.ToLower(w), m.Query) })
}
