package admin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/flow/admin"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	bg        = context.Background()
	now       = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	boss      = authz.Actor{ID: "boss", Role: authz.Admin, Via: "session"}
	responder = authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}
	follower  = authz.Actor{ID: "sue", Role: authz.Stakeholder, Via: "session"}
	auditor   = authz.Actor{ID: "aud", Role: authz.Auditor, Via: "token"}
)

// house is an admin over a database with its bus.
type house struct {
	*admin.Admin
	db  *store.DB
	bus *jobs.Bus
}

func open(db *store.DB) *house {
	bus := jobs.NewBus()
	return &house{Admin: admin.New(db, bus), db: db, bus: bus}
}

// each runs a test on both engines with a small company.
func each(t *testing.T, run func(t *testing.T, h *house)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := open(db)
		h.load(t, world(40)...)
		run(t, h)
	})
}

func (h *house) load(t *testing.T, entities ...catalog.Entity) admin.Plan {
	t.Helper()
	plan, err := h.Load(bg, boss, entities, now)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// catalog reads the catalogue as intake does.
func (h *house) catalog(t *testing.T) (cat *catalog.Catalog) {
	t.Helper()
	err := h.db.View(bg, func(tx *store.Tx) (err error) {
		cat, err = h.Catalog(tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func (h *house) put(t *testing.T, e catalog.Entity) admin.Item {
	t.Helper()
	item, err := h.Put(bg, boss, e, admin.Whatever, now)
	if err != nil {
		t.Fatal(err)
	}
	return item
}

// record lists what was recorded about the catalogue.
func (h *house) record(t *testing.T) (out []event.Event) {
	t.Helper()
	err := h.db.View(bg, func(tx *store.Tx) (err error) {
		out, err = events.After(tx, 0, 1000)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func wantKind(t *testing.T, err error, want fault.Kind, words ...string) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("got %v, want an error of kind %v", err, want)
		return
	}
	text := err.Error()
	var f *fault.Error
	if errors.As(err, &f) {
		text += fmt.Sprint(f.Details)
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%q does not say %q", text, w)
		}
	}
}

func TestTheSameVersionIsTheSameCatalogue(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		first := h.catalog(t)
		if h.catalog(t) != first {
			t.Error("read again although nothing changed")
		}
		h.put(t, catalog.Team{ID: "new", Name: "New"})
		second := h.catalog(t)
		if second == first || second.Teams["new"].Name != "New" || second.Version <= first.Version {
			t.Errorf("the change is not seen: version %d after %d", second.Version, first.Version)
		}
		if _, ok := first.Teams["new"]; ok {
			t.Error("a catalogue in use has changed")
		}
		if err := h.Delete(bg, boss, catalog.KindTeam, "new", admin.Whatever, now); err != nil {
			t.Fatal(err)
		}
		if _, ok := h.catalog(t).Teams["new"]; ok {
			t.Error("the deletion is not seen")
		}
	})
}

// Until a change is committed it is nobody else's; the transaction that made
// it, or sees it first, still reads it once.
func TestATransactionReadsAVersionOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := open(h.db) // has not read yet
		err := h.db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
			first, err := other.Catalog(tx)
			if err != nil {
				return err
			}
			if second, err := other.Catalog(tx); err != nil || second != first {
				t.Errorf("read again: %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Two nodes share a database: each sees what the other one did.
func TestNodesSeeEachOthersChanges(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		other := open(h.db)
		if other.catalog(t).Version != h.catalog(t).Version {
			t.Fatal("the nodes differ at the start")
		}
		other.put(t, catalog.Team{ID: "a", Name: "A"})
		h.put(t, catalog.Team{ID: "b", Name: "B"})
		if err := other.Delete(bg, boss, catalog.KindTeam, "b", admin.Whatever, now); err != nil {
			t.Fatal(err)
		}
		for name, node := range map[string]*house{"first": h, "second": other} {
			cat := node.catalog(t)
			if _, gone := cat.Teams["b"]; gone || cat.Teams["a"].Name != "A" || len(cat.Customers) != 40 {
				t.Errorf("%s node: %v, %d customers", name, cat.Teams, len(cat.Customers))
			}
		}
	})
}

// A transaction that changes the catalogue and then fails must not leave its
// version in the heads of others: the next change takes the same number.
func TestWhatIsRolledBackIsNeverSeen(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		before := h.catalog(t)
		fail := errors.New("stop")
		h.bus.On(event.CatalogChanged, func(tx *store.Tx, e *event.Event) error {
			if !slices.Contains(e.Data.Targets, "ghost") {
				return nil
			}
			if cat, err := h.Catalog(tx); err != nil || cat.Teams["ghost"].Name != "Ghost" {
				t.Errorf("a handler does not see its own transaction: %v", err)
			}
			return fail
		})
		if _, err := h.Put(bg, boss, catalog.Team{ID: "ghost", Name: "Ghost"}, admin.Whatever, now); !errors.Is(err, fail) {
			t.Fatalf("got %v", err)
		}
		if h.catalog(t) != before {
			t.Error("the catalogue changed")
		}
		real := h.put(t, catalog.Team{ID: "real", Name: "Real"})
		cat := h.catalog(t)
		if _, ghost := cat.Teams["ghost"]; ghost || cat.Teams["real"].Name != "Real" || cat.Version != real.Version {
			t.Errorf("version %d: %v", cat.Version, cat.Teams)
		}
	})
}

func TestReadersAndWritersAtOnce(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		var all sync.WaitGroup
		for w := range 4 {
			all.Go(func() {
				for n := range 5 {
					id := fmt.Sprintf("team-%d-%d", w, n)
					if _, err := h.Put(bg, boss, catalog.Team{ID: id, Name: id}, admin.Absent, now); err != nil {
						t.Error(err)
					}
				}
			})
			all.Go(func() {
				last := int64(0)
				for range 50 {
					err := h.db.View(bg, func(tx *store.Tx) error {
						cat, err := h.Catalog(tx)
						if err != nil {
							return err
						}
						if cat.Version < last {
							t.Errorf("version %d after %d", cat.Version, last)
						}
						last = cat.Version
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		if n := len(h.catalog(t).Teams); n != count(world(0), catalog.KindTeam)+20 {
			t.Errorf("%d teams", n)
		}
	})
}
