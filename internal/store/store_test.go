package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var bg = context.Background()

func count(t *testing.T, db *store.DB, query string, args ...any) (n int) {
	t.Helper()
	err := db.View(bg, func(tx *store.Tx) error { return tx.QueryRow(query, args...).Scan(&n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func insert(tx *store.Tx, name string) error {
	_, err := tx.Exec("insert into counters(name, value) values($1, $2)", name, 1)
	return err
}

func TestUpdateCommitsOrRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		if err := db.Update(bg, store.Rest, func(tx *store.Tx) error { return insert(tx, "a") }); err != nil {
			t.Fatal(err)
		}
		err := db.Update(bg, store.Rest, func(tx *store.Tx) error { return errors.Join(insert(tx, "b"), boom) })
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want boom", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = db.Update(bg, store.Rest, func(tx *store.Tx) error { _ = insert(tx, "c"); panic("dead") })
		}()
		if n := count(t, db, "select count(*) from counters"); n != 1 {
			t.Errorf("%d rows, want 1", n)
		}
		dup := db.Update(bg, store.Rest, func(tx *store.Tx) error { return insert(tx, "a") })
		if !store.IsUnique(dup) {
			t.Errorf("duplicate key: got %v", dup)
		}
	})
}

func TestSavepointUndoesOnlyItsOwnWork(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(bg, store.Rest, func(tx *store.Tx) error {
			if err := insert(tx, "kept"); err != nil {
				return err
			}
			if err := tx.Savepoint(func() error { return errors.Join(insert(tx, "gone"), errors.New("no")) }); err == nil {
				return errors.New("savepoint swallowed its error")
			}
			return tx.Savepoint(func() error { return insert(tx, "kept too") })
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, "select count(*) from counters where name like 'kept%'"); n != 2 {
			t.Errorf("%d rows, want 2", n)
		}
		if n := count(t, db, "select count(*) from counters"); n != 2 {
			t.Errorf("%d rows in all, want 2", n)
		}
	})
}

func TestGroupIsolatesPoison(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		g := store.NewGroup(db, store.Intake, 64, 1000, func(tx *store.Tx, in []string) ([]string, error) {
			for _, s := range in {
				if err := insert(tx, s); err != nil {
					return nil, err
				}
			}
			return in, nil
		})
		if err := db.Update(bg, store.Rest, func(tx *store.Tx) error { return insert(tx, "poison") }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var failed atomic.Int32
		for i := range 40 {
			wg.Go(func() {
				name := "poison"
				if i != 7 {
					name = string(rune('A'+i%26)) + string(rune('a'+i/26))
				}
				if out, err := g.Submit(bg, name); err != nil || out != name {
					failed.Add(1)
				}
			})
		}
		wg.Wait()
		if failed.Load() != 1 {
			t.Errorf("%d submits failed, want only the poisonous one", failed.Load())
		}
		if n := count(t, db, "select count(*) from counters"); n != 40 {
			t.Errorf("%d rows, want 40", n)
		}
	})
}

func TestGroupRefusesBeyondItsBacklog(t *testing.T) {
	db := storetest.SQLite(t)
	release := make(chan struct{})
	started := make(chan struct{}, 16)
	g := store.NewGroup(db, store.Intake, 1, 1, func(_ *store.Tx, in []int) ([]int, error) {
		started <- struct{}{}
		<-release
		return in, nil
	})
	go g.Submit(bg, 1) //nolint:errcheck // only there to occupy the writer
	<-started
	waiting := make(chan error, 1)
	ctx, cancel := context.WithCancel(bg)
	go func() { _, err := g.Submit(ctx, 2); waiting <- err }()
	for g.Waiting() == 0 {
		time.Sleep(time.Microsecond) // a goroutine's arrival in the queue has no other sign
	}
	_, err := g.Submit(bg, 3)
	if !fault.Is(err, fault.Busy) {
		t.Errorf("got %v, want busy", err)
	}
	cancel()
	if err := <-waiting; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled submit: %v", err)
	}
	close(release)
}

func TestUrgentWritersGoFirst(t *testing.T) {
	db := storetest.SQLite(t)
	hold, held := make(chan struct{}), make(chan struct{})
	go db.Update(bg, store.Rest, func(*store.Tx) error { close(held); <-hold; return nil }) //nolint:errcheck // holds the writer
	<-held
	var order []store.Priority
	var mu sync.Mutex
	var wg sync.WaitGroup
	for _, p := range []store.Priority{store.Rest, store.Intake, store.Ack, store.Page} {
		queued := db.Waiting()
		wg.Go(func() {
			_ = db.Update(bg, p, func(*store.Tx) error {
				mu.Lock()
				defer mu.Unlock()
				order = append(order, p)
				return nil
			})
		})
		for db.Waiting() == queued {
			time.Sleep(time.Microsecond) // a goroutine's arrival in the queue has no other sign
		}
	}
	close(hold)
	wg.Wait()
	want := []store.Priority{store.Page, store.Ack, store.Intake, store.Rest}
	for i := range want {
		if order[i] != want[i] {
			t.Fatalf("order %v, want %v", order, want)
		}
	}
}

func TestMemoryEngineLivesInASynctestBubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db, err := store.Open(bg, store.Options{Memory: true})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		err = db.Update(bg, store.Rest, func(tx *store.Tx) error {
			if err := db.View(tx.Context(), func(*store.Tx) error { return nil }); err == nil {
				return errors.New("a view inside an update must be refused")
			}
			return insert(tx, "x")
		})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour) // virtual
		if n := count(t, db, "select count(*) from counters"); n != 1 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestHooksCrashAroundTheCommit(t *testing.T) {
	var before, after error
	db, err := store.Open(bg, store.Options{Memory: true, Hooks: store.Hooks{
		BeforeCommit: func() error { return before }, AfterCommit: func() error { return after },
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	before = errors.New("power")
	if err := db.Update(bg, store.Rest, func(tx *store.Tx) error { return insert(tx, "lost") }); !errors.Is(err, store.ErrCrashed) {
		t.Errorf("before: %v", err)
	}
	before, after = nil, errors.New("power")
	if err := db.Update(bg, store.Rest, func(tx *store.Tx) error { return insert(tx, "kept") }); !errors.Is(err, store.ErrCrashed) {
		t.Errorf("after: %v", err)
	}
	if n := count(t, db, "select count(*) from counters where name = 'kept'"); n != 1 {
		t.Error("a crash after the commit lost the row")
	}
	if n := count(t, db, "select count(*) from counters"); n != 1 {
		t.Error("a crash before the commit kept the row")
	}
}

func TestBothEnginesHaveTheSameSchema(t *testing.T) {
	lite := columns(t, storetest.SQLite(t), "select m.name || '.' || p.name, p.\"notnull\" or p.pk > 0 from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table' and m.name not like 'goose%' and m.name not like 'sqlite%'")
	pg := columns(t, storetest.Postgres(t), "select table_name || '.' || column_name, is_nullable = 'NO' from information_schema.columns where table_schema = 'public' and table_name not like 'goose%'")
	if len(lite) < 50 {
		t.Fatalf("only %d columns seen", len(lite))
	}
	for c, notNull := range lite {
		if n, ok := pg[c]; !ok || n != notNull {
			t.Errorf("%s: sqlite not null %v; postgres has it %v, not null %v", c, notNull, ok, n)
		}
	}
	for c := range pg {
		if _, ok := lite[c]; !ok {
			t.Errorf("%s is only in postgres", c)
		}
	}
}

func columns(t *testing.T, db *store.DB, query string) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := db.View(bg, func(tx *store.Tx) error {
		rows, err := tx.Query(query)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			var notNull bool
			if err := rows.Scan(&name, &notNull); err != nil {
				return err
			}
			out[name] = notNull
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
