package store_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func pgTest(t *testing.T) *store.DB {
	t.Helper()
	return storetest.Open(t, store.Options{URL: storetest.Postgres(t), Schema: testSchema(1)})
}

func TestDeadlockIsRetried(t *testing.T) {
	db := pgTest(t)
	update(t, db, func(tx *store.Tx) error { return errors.Join(add(tx, "a"), add(tx, "b")) })
	var both sync.WaitGroup // both hold their first row: the deadlock is certain
	both.Add(2)
	var wg sync.WaitGroup
	var mu sync.Mutex
	runs, told := 0, 0
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		first := true
		wg.Go(func() {
			err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
				mu.Lock()
				runs++
				mu.Unlock()
				tx.AfterCommit(func() { mu.Lock(); told++; mu.Unlock() })
				for i, name := range order {
					if _, err := tx.Exec("update things set n = n + 1 where name = $1", name); err != nil {
						return err
					}
					if i == 0 && first {
						first = false
						both.Done()
						both.Wait()
					}
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	var sum int
	if err := db.View(bg, func(tx *store.Tx) error { return tx.QueryRow("select sum(n) from things").Scan(&sum) }); err != nil {
		t.Fatal(err)
	}
	if runs < 3 || told != 2 || sum != 4 {
		t.Errorf("%d runs (want 3 or more), after-commit %d times (want 2), sum %d (want 4)", runs, told, sum)
	}
}

// Paging keeps its connections when everything else has used up its own.
func TestPagingHasItsOwnConnections(t *testing.T) {
	db := pgTest(t)
	hold := make(chan struct{})
	var wg, in sync.WaitGroup
	block := func(*store.Tx) error { in.Done(); <-hold; return nil }
	const writers, readers = 8, 6
	in.Add(writers + readers)
	for range writers {
		wg.Go(func() { _ = db.Update(bg, store.PriorityRest, block) })
	}
	for range readers {
		wg.Go(func() { _ = db.View(bg, block) })
	}
	in.Wait()
	update := func(tx *store.Tx) error { return add(tx, "page") }
	if err := db.Update(bg, store.PriorityPage, update); err != nil {
		t.Error(err)
	}
	if err := db.View(store.Urgent(bg), func(tx *store.Tx) error { return tx.QueryRow("select 1").Scan(new(int)) }); err != nil {
		t.Error(err)
	}
	close(hold)
	wg.Wait()
}

func TestSessionsAreBounded(t *testing.T) {
	db := pgTest(t)
	check := func(tx *store.Tx) error {
		for name, want := range map[string]string{
			"synchronous_commit": "on", "timezone": "UTC", "idle_in_transaction_session_timeout": "10s", "statement_timeout": "10s",
			"transaction_isolation": "read committed",
		} {
			var got string
			if err := tx.QueryRow("select current_setting($1)", name).Scan(&got); err != nil {
				return err
			}
			if got != want {
				t.Errorf("%s = %s, want %s", name, got, want)
			}
		}
		return nil
	}
	if err := db.Update(bg, store.PriorityAck, check); err != nil {
		t.Fatal(err)
	}
}

func TestSkipLockedPassesOver(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error { return errors.Join(add(tx, "a"), add(tx, "b")) })
		update(t, db, func(tx *store.Tx) error {
			query := "select name from things order by name limit 1"
			var mine, other string
			if err := tx.QueryRow(query + tx.ForUpdate()).Scan(&mine); err != nil {
				return err
			}
			if db.Engine() == "sqlite" { // one writer: nobody else can be here
				return nil
			}
			err := db.Update(bg, store.PriorityPage, func(tx *store.Tx) error {
				return tx.QueryRow(query + tx.SkipLocked()).Scan(&other)
			})
			if mine != "a" || other != "b" {
				t.Errorf("claimed %q and %q", mine, other)
			}
			return err
		})
	})
}

func TestTimesAreUTC(t *testing.T) {
	if got := store.Time(store.Micros(time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("x", -3600)))); got.Location() != time.UTC || got.Hour() != 1 {
		t.Errorf("got %v", got)
	}
	if !store.Time(store.Micros(time.Time{})).IsZero() {
		t.Error("the zero time does not come back")
	}
}
