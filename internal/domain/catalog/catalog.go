package catalog

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
)

// Catalog is everything at one version. It is shared between readers, so
// nobody changes it after loading; With and Without return changed copies.
type Catalog struct {
	Resolver
	Customers    map[string]Customer
	Policies     map[string]Policy
	Checks       map[string]SyntheticCheck
	Vendors      map[string]Vendor
	Feeds        map[string]Feed
	Rooms        map[string]Room
	Partners     map[string]Partner
	Actions      map[string]Action
	Stakeholders map[string]Stakeholder
	Components   map[string]Component // what the status page shows, by id
	Version      int64                // grows with every change

	order []string // customer ids, sorted
}

// New makes a catalogue of the entities; a later one with the same kind and id
// replaces an earlier one.
func New(version int64, entities ...Entity) *Catalog {
	c := &Catalog{
		Resolver: Resolver{
			People: map[string]Person{}, Teams: map[string]Team{}, Services: map[string]Service{},
			Schedules: map[string]*oncall.Schedule{},
		},
		Customers: make(map[string]Customer, len(entities)), Policies: map[string]Policy{}, Checks: map[string]SyntheticCheck{},
		Vendors: map[string]Vendor{}, Feeds: map[string]Feed{}, Rooms: map[string]Room{}, Partners: map[string]Partner{}, Actions: map[string]Action{}, Components: map[string]Component{}, Stakeholders: map[string]Stakeholder{}, Version: version,
	}
	for _, e := range entities {
		c.put(e)
	}
	c.order = sortedKeys(c.Customers)
	return c
}

func (c *Catalog) put(e Entity) {
	switch e := e.(type) {
	case Person:
		c.People[e.ID] = e
	case Team:
		c.Teams[e.ID] = e
	case Service:
		c.Services[e.ID] = e
	case Customer:
		c.Customers[e.ID] = e
	case Schedule:
		c.Schedules[e.ID] = e.Document
	case Policy:
		c.Policies[e.ID] = e
	case SyntheticCheck:
		c.Checks[e.ID] = e
	case Vendor:
		c.Vendors[e.ID] = e
	case Feed:
		c.Feeds[e.ID] = e
	case Room:
		c.Rooms[e.ID] = e
	case Partner:
		c.Partners[e.ID] = e
	case Action:
		c.Actions[e.ID] = e
	case Component:
		c.Components[e.ID] = e
	case Stakeholder:
		c.Stakeholders[e.ID] = e
	}
}

// With returns a copy in which the entities stand.
func (c *Catalog) With(entities ...Entity) *Catalog {
	n := c.clone()
	for _, e := range entities {
		n.put(e)
	}
	n.order = sortedKeys(n.Customers)
	return n
}

// Without returns a copy that lacks the entity.
func (c *Catalog) Without(kind Kind, id string) *Catalog {
	n := c.clone()
	switch kind {
	case KindPerson:
		delete(n.People, id)
	case KindTeam:
		delete(n.Teams, id)
	case KindService:
		delete(n.Services, id)
	case KindCustomer:
		delete(n.Customers, id)
	case KindSchedule:
		delete(n.Schedules, id)
	case KindPolicy:
		delete(n.Policies, id)
	case KindCheck:
		delete(n.Checks, id)
	case KindVendor:
		delete(n.Vendors, id)
	case KindFeed:
		delete(n.Feeds, id)
	case KindRoom:
		delete(n.Rooms, id)
	case KindPartner:
		delete(n.Partners, id)
	case KindAction:
		delete(n.Actions, id)
	case KindComponent:
		delete(n.Components, id)
	case KindStakeholder:
		delete(n.Stakeholders, id)
	}
	n.order = sortedKeys(n.Customers)
	return n
}

func (c *Catalog) clone() *Catalog {
	return &Catalog{
		Resolver: Resolver{
			People: maps.Clone(c.People), Teams: maps.Clone(c.Teams), Services: maps.Clone(c.Services),
			Schedules: maps.Clone(c.Schedules),
		},
		Customers: maps.Clone(c.Customers), Policies: maps.Clone(c.Policies), Checks: maps.Clone(c.Checks),
		Vendors: maps.Clone(c.Vendors), Feeds: maps.Clone(c.Feeds), Rooms: maps.Clone(c.Rooms), Partners: maps.Clone(c.Partners), Actions: maps.Clone(c.Actions), Components: maps.Clone(c.Components), Stakeholders: maps.Clone(c.Stakeholders), Version: c.Version,
	}
}

// Get finds an entity.
func (c *Catalog) Get(kind Kind, id string) (Entity, bool) {
	var e Entity
	var ok bool
	switch kind {
	case KindPerson:
		e, ok = pick(c.People, id)
	case KindTeam:
		e, ok = pick(c.Teams, id)
	case KindService:
		e, ok = pick(c.Services, id)
	case KindCustomer:
		e, ok = pick(c.Customers, id)
	case KindSchedule:
		var doc *oncall.Schedule
		if doc, ok = c.Schedules[id]; ok {
			e = Schedule{ID: id, Document: doc}
		}
	case KindPolicy:
		e, ok = pick(c.Policies, id)
	case KindCheck:
		e, ok = pick(c.Checks, id)
	case KindVendor:
		e, ok = pick(c.Vendors, id)
	case KindFeed:
		e, ok = pick(c.Feeds, id)
	case KindRoom:
		e, ok = pick(c.Rooms, id)
	case KindPartner:
		e, ok = pick(c.Partners, id)
	case KindAction:
		e, ok = pick(c.Actions, id)
	case KindComponent:
		e, ok = pick(c.Components, id)
	case KindStakeholder:
		e, ok = pick(c.Stakeholders, id)
	}
	return e, ok
}

func pick[E Entity](m map[string]E, id string) (Entity, bool) {
	e, ok := m[id]
	return e, ok
}

// Entities lists everything by kind, then id.
func (c *Catalog) Entities() []Entity {
	var all []Entity
	for _, kind := range Kinds {
		for _, id := range c.ids(kind) {
			e, _ := c.Get(kind, id)
			all = append(all, e)
		}
	}
	return all
}

func (c *Catalog) ids(kind Kind) []string {
	switch kind {
	case KindPerson:
		return sortedKeys(c.People)
	case KindTeam:
		return sortedKeys(c.Teams)
	case KindService:
		return sortedKeys(c.Services)
	case KindCustomer:
		return sortedKeys(c.Customers)
	case KindSchedule:
		return sortedKeys(c.Schedules)
	case KindPolicy:
		return sortedKeys(c.Policies)
	case KindCheck:
		return sortedKeys(c.Checks)
	case KindVendor:
		return sortedKeys(c.Vendors)
	case KindFeed:
		return sortedKeys(c.Feeds)
	case KindRoom:
		return sortedKeys(c.Rooms)
	case KindPartner:
		return sortedKeys(c.Partners)
	case KindAction:
		return sortedKeys(c.Actions)
	case KindComponent:
		return sortedKeys(c.Components)
	case KindStakeholder:
		return sortedKeys(c.Stakeholders)
	}
	return nil
}

// Exists implements Lookup.
func (c *Catalog) Exists(kind Kind, id string) bool {
	_, ok := c.Get(kind, id)
	return ok
}

// DependsOn implements Lookup.
func (c *Catalog) DependsOn(service string) []string { return c.Services[service].DependsOn }

// Encode writes the entity's document as it is kept and exported.
func Encode(e Entity) ([]byte, error) {
	if s, ok := e.(Schedule); ok {
		return json.Marshal(s.Document)
	}
	return json.Marshal(e)
}

// Decode reads what Encode wrote, or what a client sent: an unknown field is
// refused (fault.Invalid). A document without an id gets the given one; one
// with another id is refused.
func Decode(kind Kind, id string, doc []byte) (Entity, error) {
	switch kind {
	case KindPerson:
		v, err := decode[Person](doc)
		return named(kind, v, &v.ID, id, err)
	case KindTeam:
		v, err := decode[Team](doc)
		return named(kind, v, &v.ID, id, err)
	case KindService:
		v, err := decode[Service](doc)
		return named(kind, v, &v.ID, id, err)
	case KindCustomer:
		v, err := decode[Customer](doc)
		return named(kind, v, &v.ID, id, err)
	case KindSchedule:
		s, err := oncall.Parse(doc)
		if err != nil {
			return nil, err
		}
		v := Schedule{Document: s}
		var says struct{ ID string } // Parse has read it strictly and does not keep it
		err = json.Unmarshal(doc, &says)
		v.ID = says.ID
		return named(kind, &v, &v.ID, id, err)
	case KindPolicy:
		v, err := decode[Policy](doc)
		return named(kind, v, &v.ID, id, err)
	case KindCheck:
		v, err := decode[SyntheticCheck](doc)
		return named(kind, v, &v.ID, id, err)
	case KindVendor:
		v, err := decode[Vendor](doc)
		return named(kind, v, &v.ID, id, err)
	case KindFeed:
		v, err := decode[Feed](doc)
		return named(kind, v, &v.ID, id, err)
	case KindRoom:
		v, err := decode[Room](doc)
		return named(kind, v, &v.ID, id, err)
	case KindPartner:
		v, err := decode[Partner](doc)
		return named(kind, v, &v.ID, id, err)
	case KindAction:
		v, err := decode[Action](doc)
		return named(kind, v, &v.ID, id, err)
	case KindComponent:
		v, err := decode[Component](doc)
		return named(kind, v, &v.ID, id, err)
	case KindStakeholder:
		v, err := decode[Stakeholder](doc)
		return named(kind, v, &v.ID, id, err)
	}
	return nil, fault.New(fault.Invalid, "kind %q is not part of the catalogue", kind)
}

// At notes the version at which the entity last changed, where runs are to name
// it.
func At(e Entity, version int64) Entity {
	if p, ok := e.(Policy); ok {
		p.Version = version
		return p
	}
	return e
}

func decode[E any](doc []byte) (*E, error) {
	v := new(E)
	d := json.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return v, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return v, errors.New("there is more after the document")
	}
	return v, nil
}

func named[E Entity](kind Kind, v *E, have *string, want string, err error) (Entity, error) {
	if err != nil {
		return nil, fault.New(fault.Invalid, "read %s %s: %v", kind, want, err)
	}
	if *have == "" {
		*have = want
	}
	if *have != want {
		return nil, fault.New(fault.Invalid, "read %s %s: the document's id is %q", kind, want, *have).With("/id", "must be "+want)
	}
	return *v, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
