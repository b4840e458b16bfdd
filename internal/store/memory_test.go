package store_test

import (
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

// Flows run their real loops in a bubble: everything the engine waits for must
// be inside, in memory and on a file.
func TestEngineLivesInASynctestBubble(t *testing.T) {
	for name, memory := range map[string]bool{"memory": true, "file": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := store.Options{Memory: memory, Schema: testSchema(1)}
				if !memory {
					o.Dir = t.TempDir()
				}
				db := storetest.Open(t, o)
				g := store.NewGroup(db, store.PriorityIntake, 8, 50*time.Millisecond, addAll)
				var committed atomic.Int32
				start := time.Now()
				for i := range 30 {
					go func() {
						time.Sleep(time.Duration(i%5) * time.Hour) // virtual
						if _, err := g.Submit(bg, "g"+ident.ID(i+1).String()); err == nil {
							committed.Add(1)
						}
						if err := db.View(bg, func(tx *store.Tx) error { return tx.QueryRow("select 1").Scan(new(int)) }); err != nil {
							t.Error(err)
						}
					}()
				}
				time.Sleep(5 * time.Hour)
				if committed.Load() != 30 || time.Since(start) != 5*time.Hour {
					t.Errorf("%d of 30 after %v", committed.Load(), time.Since(start))
				}
			})
		})
	}
}

func TestMemoryRefusesAViewInsideAnUpdate(t *testing.T) {
	db := storetest.Open(t, store.Options{Memory: true, Schema: testSchema(1)})
	update(t, db, func(tx *store.Tx) error {
		if db.View(tx.Context(), func(*store.Tx) error { return nil }) == nil {
			t.Error("a view inside an update was let in")
		}
		return add(tx, "x")
	})
	err := db.View(bg, func(tx *store.Tx) error {
		rows, err := tx.Query("insert into things(name) values('sly') returning name")
		if err == nil {
			return errors.Join(rows.Close(), errors.New("a view could write"))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	update(t, db, func(tx *store.Tx) error { return add(tx, "y") }) // writing is back after a view
	if got := names(t, db); got != "x y" {
		t.Errorf("rows %q", got)
	}
}

func TestHooksCrashAroundTheCommit(t *testing.T) {
	var before, after error
	hooks := store.Hooks{BeforeCommit: func() error { return before }, AfterCommit: func() error { return after }}
	storetest.EachWith(t, store.Options{Schema: testSchema(1), Hooks: hooks}, func(t *testing.T, db *store.DB) {
		power := errors.New("power")
		told := false
		crash := func(name string) {
			t.Helper()
			err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
				tx.AfterCommit(func() { told = true })
				return add(tx, name)
			})
			if !errors.Is(err, store.ErrCrashed) || !errors.Is(err, power) || told {
				t.Errorf("%s: %v, after-commit ran: %v", name, err, told)
			}
		}
		before, after = power, nil
		crash("lost")
		before, after = nil, power
		crash("kept")
		g := store.NewGroup(db, store.PriorityIntake, 8, time.Second, addAll)
		before, after = power, nil
		if _, err := g.Submit(bg, "grouped"); !errors.Is(err, store.ErrCrashed) {
			t.Errorf("group: %v", err)
		}
		before, after = nil, nil
		if got := names(t, db); got != "kept" {
			t.Errorf("rows %q: a crash before the commit loses, one after it keeps", got)
		}
	})
}

func TestIDsGoOnWithTheSameSource(t *testing.T) {
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	source := ident.NewSource(3)
	seen := map[ident.ID]bool{}
	for range 2 { // the second database is the "restarted" process
		db := storetest.Open(t, store.Options{Memory: true, IDs: source, Schema: testSchema(1)})
		update(t, db, func(tx *store.Tx) error { seen[tx.NewID(now)] = true; return nil })
	}
	if len(seen) != 2 {
		t.Errorf("ids repeat: %v", seen)
	}
}
