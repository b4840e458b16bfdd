package documents_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/documents"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var (
	bg  = context.Background()
	now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)
)

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, documents.Queries()) }

func change(t *testing.T, db *store.DB, put []catalog.Entity, remove ...documents.Key) (version int64) {
	t.Helper()
	err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
		if _, err := documents.Lock(tx); err != nil {
			return err
		}
		var err error
		version, err = documents.Change(tx, put, remove, now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return version
}

func since(t *testing.T, db *store.DB, version int64) (rows []documents.Row, standing int) {
	t.Helper()
	err := db.View(bg, func(tx *store.Tx) (err error) {
		rows, standing, err = documents.Since(tx, version)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return rows, standing
}

func TestDocumentsComeBackAsTheyWere(t *testing.T) {
	rota := &oncall.Schedule{
		TimeZone: "Europe/Berlin", Layers: []oncall.Layer{{Members: []string{"ana"}, Start: "2026-01-05T09:00", Every: 1, Unit: "week"}},
		Overrides: []oncall.Override{{From: now, Until: now.Add(time.Hour), Person: "bo"}},
	}
	if err := rota.Prepare(); err != nil {
		t.Fatal(err)
	}
	all := []catalog.Entity{
		catalog.Customer{ID: "c1", Name: "Éé \"quoted\" & <b>", Tier: catalog.Enterprise, VIP: true, ARR: 1 << 52},
		catalog.Person{ID: "ana", Name: "Ana", Absent: []catalog.Absence{{From: now, Until: now.Add(time.Hour)}}},
		catalog.Schedule{ID: "primary", Document: rota},
		catalog.Service{ID: "api", Name: "API", RestorationRank: 4, MaxSeverity: 2},
		catalog.Team{ID: "ring", Name: "Ring"},
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		version := change(t, db, all)
		rows, standing := since(t, db, 0)
		if version != 1 || standing != len(all) || len(rows) != len(all) {
			t.Fatalf("version %d, %d rows of %d", version, len(rows), standing)
		}
		for i, r := range rows {
			if !reflect.DeepEqual(r.Entity, all[i]) || r.Version != 1 || !r.UpdatedAt.Equal(now) {
				t.Errorf("got %+v, want %+v", r, all[i])
			}
		}
	})
}

func TestOnlyWhatChangedIsReadAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		team := func(id string) catalog.Entity { return catalog.Team{ID: id, Name: id} }
		v1 := change(t, db, []catalog.Entity{team("a"), team("b"), team("c")})
		v2 := change(t, db, []catalog.Entity{team("b")}, documents.Key{Kind: catalog.KindTeam, ID: "c"})
		if v2 != v1+1 {
			t.Errorf("versions %d then %d", v1, v2)
		}
		rows, standing := since(t, db, v1)
		if len(rows) != 1 || rows[0].Entity.Key() != "b" || rows[0].Version != v2 || standing != 2 {
			t.Errorf("%d rows of %d: %+v", len(rows), standing, rows)
		}
		// One that is deleted and made again is not the one it was.
		change(t, db, nil, documents.Key{Kind: catalog.KindTeam, ID: "a"})
		v4 := change(t, db, []catalog.Entity{team("a")})
		if rows, _ := since(t, db, v2); len(rows) != 1 || rows[0].Version != v4 {
			t.Errorf("made again: %+v, want version %d", rows, v4)
		}
	})
}

func TestRemovingWhatIsNotThereUndoesTheChange(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
			if _, err := documents.Lock(tx); err != nil {
				return err
			}
			_, err := documents.Change(tx, []catalog.Entity{catalog.Team{ID: "a"}}, []documents.Key{{Kind: catalog.KindTeam, ID: "no"}}, now)
			return err
		})
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v", err)
		}
		if rows, _ := since(t, db, 0); len(rows) != 0 {
			t.Errorf("something stayed: %+v", rows)
		}
	})
}

// Two writers on PostgreSQL: the second sees what the first one left.
func TestLockKeepsChangesInLine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		const writers = 8
		done := make(chan error)
		for range writers {
			go func() {
				done <- db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
					before, err := documents.Lock(tx)
					if err != nil {
						return err
					}
					rows, _, err := documents.Since(tx, 0)
					if err != nil {
						return err
					}
					if int64(len(rows)) != before {
						return fmt.Errorf("at version %d there are %d rows", before, len(rows))
					}
					_, err = documents.Change(tx, []catalog.Entity{catalog.Team{ID: fmt.Sprintf("t%d", before)}}, nil, now)
					return err
				})
			}()
		}
		for range writers {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		if rows, _ := since(t, db, 0); len(rows) != writers {
			t.Errorf("%d rows of %d writers", len(rows), writers)
		}
	})
}
