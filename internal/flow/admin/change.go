package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/store"
	"allclear/internal/store/documents"
	"allclear/internal/store/incidents"
)

// Values of ifVersion that are not a version.
const (
	Whatever = 0  // change it whatever its version, or make it
	Absent   = -1 // make it; a conflict when it is there
)

// ErrChanged is in the error of a change that was made to another version than
// the one that stands.
var ErrChanged = errors.New("it has changed since it was read")

// Put makes or replaces an entity and returns it as it stands. People may
// change their own contacts, contact rules, quiet hours and absences; everything else takes an
// administrator. A document equal to what stands changes nothing. Errors:
// fault.Refused, fault.Invalid with JSON pointers, fault.Conflict when the
// version is another.
func (a *Admin) Put(ctx context.Context, actor authz.Actor, e catalog.Entity, ifVersion int64, now time.Time) (Item, error) {
	own, err := mayPut(actor, e)
	if err != nil {
		return Item{}, err
	}
	var item Item
	err = a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		s, err := a.locked(tx)
		if err != nil {
			return err
		}
		key := keyOf(e)
		if err := s.expect(key, ifVersion); err != nil {
			return err
		}
		e := e
		if own {
			if e, err = ownChange(s.cat, e); err != nil {
				return err
			}
		}
		e = keepCalendars(s.cat, e)
		before, _ := s.cat.Get(key.Kind, key.ID)
		diff, err := fieldsBetween(before, e)
		if err != nil {
			return err
		}
		stands := s.rows[key]
		if before == nil || len(diff) > 0 {
			version, err := a.write(tx, actor, s, set{put: []catalog.Entity{e}, fields: paths(diff)}, now)
			if err != nil {
				return err
			}
			stands = stamp{version: version, at: now}
		}
		item = Item{Entity: redact(actor, e), Version: stands.version, UpdatedAt: stands.at}
		return nil
	})
	return item, err
}

// Delete removes an entity that nothing refers to. Errors: fault.Refused,
// fault.NotFound, fault.Conflict with who refers to it or when the version is
// another.
func (a *Admin) Delete(ctx context.Context, actor authz.Actor, kind catalog.Kind, id string, ifVersion int64, now time.Time) error {
	if err := authz.Can(actor, authz.ManageCatalog, authz.Resource{Kind: string(kind), ID: id}); err != nil {
		return err
	}
	return a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		s, err := a.locked(tx)
		if err != nil {
			return err
		}
		key := documents.Key{Kind: kind, ID: id}
		if _, ok := s.rows[key]; !ok {
			return authz.NotFound(string(kind), id)
		}
		if err := s.expect(key, ifVersion); err != nil {
			return err
		}
		_, err = a.write(tx, actor, s, set{remove: []documents.Key{key}}, now)
		return err
	})
}

// mayPut authorises; own says that only contacts and absences may differ.
func mayPut(actor authz.Actor, e catalog.Entity) (own bool, err error) {
	r := authz.Resource{Kind: string(e.Kind()), ID: e.Key()}
	err = authz.Can(actor, authz.ManageCatalog, r)
	if err == nil {
		return false, nil
	}
	if e.Kind() == catalog.KindPerson && authz.Can(actor, authz.EditContacts, r) == nil {
		return true, nil
	}
	return false, err
}

// ownChange takes from a person's own document what is theirs to say. That a
// contact is verified is not: it holds as long as the address stays.
func ownChange(cat *catalog.Catalog, e catalog.Entity) (catalog.Entity, error) {
	wanted, _ := e.(catalog.Person)
	stands, ok := cat.People[wanted.ID]
	if !ok {
		return nil, authz.NotFound(string(catalog.KindPerson), wanted.ID)
	}
	next := stands
	next.Absent, next.Contacts = wanted.Absent, slices.Clone(wanted.Contacts)
	next.Rules, next.QuietHours = wanted.Rules, wanted.QuietHours
	next.NoHandoverNotices = wanted.NoHandoverNotices
	for i := range next.Contacts {
		c := &next.Contacts[i]
		c.Verified = slices.ContainsFunc(stands.Contacts, func(o catalog.Contact) bool {
			return o.Verified && o.Channel == c.Channel && o.Address == c.Address
		})
	}
	rest := wanted
	rest.Absent, rest.Contacts, rest.NoHandoverNotices = next.Absent, next.Contacts, next.NoHandoverNotices
	rest.Rules, rest.QuietHours = next.Rules, next.QuietHours
	diff, err := fieldsBetween(next, rest)
	if err != nil {
		return nil, err
	}
	if len(diff) > 0 {
		return nil, fault.New(fault.Refused, "change person %s: %s: only contacts, contact rules, quiet hours and absences are one's own to change", wanted.ID, diff[0].Path)
	}
	return next, nil
}

// locked reads the catalogue after taking the right to change it.
func (a *Admin) locked(tx *store.Tx) (*snapshot, error) {
	if _, err := documents.Lock(tx); err != nil {
		return nil, err
	}
	return a.snapshot(tx)
}

func (s *snapshot) expect(key documents.Key, ifVersion int64) error {
	have, ok := s.rows[key]
	switch {
	case ifVersion == Whatever:
		return nil
	case ifVersion == Absent && ok:
		return fault.New(fault.Conflict, "there is a %s %q already", key.Kind, key.ID)
	case ifVersion == Absent:
		return nil
	case !ok:
		return authz.NotFound(string(key.Kind), key.ID)
	case have.version != ifVersion:
		return fault.Wrap(fault.Conflict, ErrChanged, fmt.Sprintf("change %s %s: it is at version %d, not %d", key.Kind, key.ID, have.version, ifVersion))
	}
	return nil
}

// set is what one change consists of.
type set struct {
	put    []catalog.Entity
	remove []documents.Key
	fields []string // what differs, when one entity is put
}

// write checks the change as a whole, stores it and records it. Hold the lock.
func (a *Admin) write(tx *store.Tx, actor authz.Actor, s *snapshot, c set, now time.Time) (int64, error) {
	next := s.after(c)
	for _, e := range c.put {
		if err := catalog.Check(e, next); err != nil {
			return 0, err
		}
	}
	if err := a.unneeded(tx, s.cat, next, c.remove); err != nil {
		return 0, err
	}
	return a.keep(tx, actor, s, c, now)
}

// keep stores a change that has been checked, and records it.
func (a *Admin) keep(tx *store.Tx, actor authz.Actor, s *snapshot, c set, now time.Time) (int64, error) {
	version, err := documents.Change(tx, c.put, c.remove, now)
	if err != nil {
		return 0, err
	}
	for _, e := range entries(s, c) {
		e.Actor, e.Source = actor.ID, actor.Via
		e.Data.From, e.Data.Ref = fmt.Sprint(s.cat.Version), fmt.Sprint(version)
		if err := a.bus.Emit(tx, now, e); err != nil {
			return 0, err
		}
	}
	return version, nil
}

// after is the catalogue as the change leaves it.
func (s *snapshot) after(c set) *catalog.Catalog {
	next := s.cat.With(c.put...)
	for _, k := range c.remove {
		next = next.Without(k.Kind, k.ID)
	}
	return next
}

// unneeded refuses to remove what something that stays refers to.
func (a *Admin) unneeded(tx *store.Tx, cat, next *catalog.Catalog, remove []documents.Key) error {
	if len(remove) == 0 {
		return nil
	}
	conflict := fault.New(fault.Conflict, "delete %s: something refers to it", named(remove))
	for _, e := range next.Entities() {
		for _, d := range broken(e, cat, next) {
			conflict = conflict.With(string(e.Kind())+"/"+e.Key(), d.Where+": "+d.What)
		}
	}
	for _, k := range remove {
		for _, ask := range a.referrers {
			who, err := ask(tx, k.Kind, k.ID)
			if err != nil {
				return err
			}
			for _, w := range who {
				conflict = conflict.With(w, fmt.Sprintf("refers to %s %s", k.Kind, k.ID))
			}
		}
	}
	if len(conflict.Details) == 0 {
		return nil
	}
	conflict.Message += ", first " + conflict.Details[0].Where
	return conflict
}

// broken lists what is wrong with e by the next catalogue and was not before.
func broken(e catalog.Entity, cat, next *catalog.Catalog) []fault.Detail {
	now, was := wrong(e, next), []fault.Detail(nil)
	if len(now) > 0 {
		was = wrong(e, cat)
	}
	return slices.DeleteFunc(now, func(d fault.Detail) bool { return slices.Contains(was, d) })
}

func wrong(e catalog.Entity, look catalog.Lookup) []fault.Detail {
	var bad *fault.Error
	if errors.As(catalog.Check(e, look), &bad) {
		return bad.Details
	}
	return nil
}

// entries describes the change: one entry for each kind and sort of change,
// with the ids. What a field held stays out of the record: it may be personal.
func entries(s *snapshot, c set) []event.Event {
	ids := map[catalog.Kind]map[string][]string{}
	add := func(k documents.Key, outcome string) {
		if ids[k.Kind] == nil {
			ids[k.Kind] = map[string][]string{}
		}
		ids[k.Kind][outcome] = append(ids[k.Kind][outcome], k.ID)
	}
	for _, e := range c.put {
		outcome := "created"
		if _, ok := s.rows[keyOf(e)]; ok {
			outcome = "updated"
		}
		add(keyOf(e), outcome)
	}
	for _, k := range c.remove {
		add(k, "deleted")
	}
	var out []event.Event
	for _, kind := range catalog.Kinds {
		for _, outcome := range []string{"created", "updated", "deleted"} {
			list := ids[kind][outcome]
			if len(list) == 0 {
				continue
			}
			data := event.Data{Subject: string(kind), Outcome: outcome, Targets: list}
			data.Text = fmt.Sprintf("%s %d of kind %s", outcome, len(list), kind)
			if len(list) == 1 {
				data.Text = fmt.Sprintf("%s %s %s", outcome, kind, list[0])
			}
			out = append(out, event.Event{Kind: event.CatalogChanged, Data: data})
		}
	}
	if len(out) == 1 && len(c.fields) > 0 && out[0].Data.Outcome == "updated" {
		out[0].Data.Text += ": " + join(c.fields, 12)
	}
	return out
}

func named(keys []documents.Key) string {
	words := make([]string, len(keys))
	for i, k := range keys {
		words[i] = string(k.Kind) + " " + k.ID
	}
	return join(words, 3)
}

// openIncidents keeps a service from being deleted under its incidents.
func openIncidents(tx *store.Tx, kind catalog.Kind, id string) ([]string, error) {
	if kind != catalog.KindService {
		return nil, nil
	}
	list, err := incidents.List(tx, incidents.Filter{Service: id, Statuses: incident.OpenStatuses(), Limit: 10})
	if err != nil {
		return nil, err
	}
	var out []string
	for _, i := range list {
		who := "an open incident"
		if !i.Restricted { // which one, only its circle may know
			who = fmt.Sprintf("incident/INC-%d", i.Number)
		}
		out = append(out, who)
	}
	return out, nil
}
