// Package board owns reading: incidents with their clocks, timeline, pages,
// alerts, tasks and deliveries, as one person may see them. A restricted
// incident does not exist for those outside its circle, in no list, count or
// stream (reading 18, INV-A3). It must not change anything.
package board

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/procedures"
)

// Board reads. Make it with New; it is safe for concurrent use.
type Board struct {
	db      *store.DB
	shelf   *procedures.Shelf
	catalog func(*store.Tx) (*catalog.Catalog, error)

	mu      sync.Mutex
	touched map[string]Affected // by what decides it, for one catalogue
	of      *catalog.Catalog
}

// New returns a board.
func New(db *store.DB, shelf *procedures.Shelf, cat func(*store.Tx) (*catalog.Catalog, error)) *Board {
	return &Board{db: db, shelf: shelf, catalog: cat}
}

// Names says what people and services are called, at the time of reading. The
// zero value knows nobody.
type Names struct{ cat *catalog.Catalog }

// NamesOf returns the names of a catalogue.
func NamesOf(c *catalog.Catalog) Names { return Names{cat: c} }

// Person returns the name, or the id of somebody the catalogue does not know
// (any more). Tokens and sources lose what marks them.
func (n Names) Person(id string) string {
	if n.cat != nil {
		if p, ok := n.cat.People[id]; ok {
			return p.Name
		}
	}
	if id == "allclear" {
		return "Allclear"
	}
	if kind, rest, ok := strings.Cut(id, ":"); ok && rest != "" && (kind == "token" || kind == "source") {
		return rest
	}
	return id
}

// Service returns the name, or the id of an unknown one.
func (n Names) Service(id string) string {
	if n.cat != nil {
		return cmp.Or(n.cat.Services[id].Name, id)
	}
	return id
}

// Numbers are the numbers of incidents by id.
type Numbers map[ident.ID]int64

// Ref is how people call the incident, "INC-42"; empty for none.
func (n Numbers) Ref(id ident.ID) string {
	if number, ok := n[id]; ok {
		return incident.Ref(number)
	}
	return ""
}

// Page is part of a list with what its items refer to.
type Page[T any] struct {
	Items   []T
	Names   Names
	Numbers Numbers
}

// sight is what one actor may see in one transaction.
type sight struct {
	b      *Board
	tx     *store.Tx
	actor  authz.Actor
	cat    *catalog.Catalog
	hidden []ident.ID // incidents that do not exist for the actor
}

// look authorises and opens the transaction in which the actor reads.
func (b *Board) look(ctx context.Context, a authz.Actor, read func(*sight) error) error {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return err
	}
	return b.db.View(ctx, func(tx *store.Tx) error {
		cat, err := b.catalog(tx)
		if err != nil {
			return err
		}
		s := &sight{b: b, tx: tx, actor: a, cat: cat}
		restricted, err := incidents.Restricted(tx)
		if err != nil {
			return err
		}
		for _, i := range restricted {
			if !s.sees(i) {
				s.hidden = append(s.hidden, i.ID)
			}
		}
		return read(s)
	})
}

func (s *sight) sees(i *incident.Incident) bool {
	return s.actor.Role == authz.System || s.actor.ID != "" && i.VisibleTo(s.actor.ID) || !i.Restricted
}

// incident finds one that the actor may know of.
func (s *sight) incident(number int64) (*incident.Incident, error) {
	i, err := incidents.ByNumber(s.tx, number)
	if err != nil {
		return nil, err
	}
	if !s.sees(i) {
		return nil, fault.New(fault.NotFound, "there is no such incident") // in the words of ByNumber
	}
	return i, nil
}

func (s *sight) names() Names { return NamesOf(s.cat) }

// numbers looks up the incidents that items refer to.
func numbersOf[T any](s *sight, items []T, of func(T) ident.ID) (Numbers, error) {
	var ids []ident.ID
	for _, v := range items {
		if id := of(v); id != 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return incidents.Numbers(s.tx, slices.Compact(ids))
}

func (s *sight) procedure(i *incident.Incident) (*procedure.Procedure, error) {
	return s.b.shelf.Get(s.tx, i.Procedure)
}
