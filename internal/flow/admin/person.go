package admin

import (
	"slices"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/store"
	"allclear/internal/store/documents"
)

// EditPerson changes one person inside the caller's transaction, checked and
// recorded as every change of the catalogue. The caller has authorised it.
func (a *Admin) EditPerson(tx *store.Tx, actor authz.Actor, id string, now time.Time, change func(*catalog.Person) error) error {
	s, err := a.locked(tx)
	if err != nil {
		return err
	}
	stands, ok := s.cat.People[id]
	if _, row := s.rows[documents.Key{Kind: catalog.KindPerson, ID: id}]; !ok || !row {
		return authz.NotFound(string(catalog.KindPerson), id)
	}
	next := stands
	next.Contacts = slices.Clone(stands.Contacts) // the snapshot is shared
	if err := change(&next); err != nil {
		return err
	}
	diff, err := fieldsBetween(stands, next)
	if err != nil || len(diff) == 0 {
		return err
	}
	_, err = a.write(tx, actor, s, set{put: []catalog.Entity{next}, fields: paths(diff)}, now)
	return err
}

// keepCalendars leaves a person's absences that calendars say as they stand,
// whatever a document says of them: only a calendar begins and ends them. Else
// whoever writes back what was read an hour ago would bring ended ones back.
func keepCalendars(cat *catalog.Catalog, e catalog.Entity) catalog.Entity {
	p, ok := e.(catalog.Person)
	if !ok {
		return e
	}
	stands := cat.People[p.ID]
	if len(p.FromCalendars()) == 0 && len(stands.FromCalendars()) == 0 {
		return e
	}
	p.Absent = append(p.Written(), stands.FromCalendars()...)
	return p
}

// withoutCalendars is the person as somebody wrote it.
func withoutCalendars(e catalog.Entity) catalog.Entity {
	return keepCalendars(&catalog.Catalog{}, e)
}
