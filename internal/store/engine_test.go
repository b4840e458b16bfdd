package store_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var bg = context.Background()

// testSchema is a schema of the engine's tests, in n versions.
func testSchema(n int) fs.FS {
	files := fstest.MapFS{}
	for _, engine := range []string{"sqlite", "postgres"} {
		files[engine+"/00001_start.sql"] = &fstest.MapFile{Data: []byte("-- +goose Up\ncreate table things(name text primary key, at bigint, n bigint not null default 0, ok boolean, doc text);\n")}
		for v := 2; v <= n; v++ {
			files[fmt.Sprintf("%s/%05d_more.sql", engine, v)] = &fstest.MapFile{Data: fmt.Appendf(nil, "-- +goose Up\ncreate table more%d(name text primary key);\n", v)}
		}
	}
	return files
}

func each(t *testing.T, run func(t *testing.T, db *store.DB)) {
	t.Helper()
	storetest.EachWith(t, store.Options{Schema: testSchema(1)}, run)
}

func sqliteFile(t testing.TB) *store.DB {
	t.Helper()
	return storetest.Open(t, store.Options{Dir: t.TempDir(), Schema: testSchema(1)})
}

func add(tx *store.Tx, name string) error {
	_, err := tx.Exec("insert into things(name) values($1)", name)
	return err
}

func names(t *testing.T, db *store.DB) string {
	t.Helper()
	var out []string
	err := db.View(bg, func(tx *store.Tx) error {
		rows, err := tx.Query("select name from things order by name")
		if err != nil {
			return err
		}
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				return err
			}
			out = append(out, s)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, " ")
}

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(bg, store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

type mood string

// String differs from the text on purpose: what is bound is the kind's value.
func (m mood) String() string { return "mood:" + string(m) }

func TestValuesComeBackAsTheyWent(t *testing.T) {
	at := time.Date(2026, 3, 29, 1, 59, 59, 123456789, time.FixedZone("", 3600))
	type doc struct{ A []string }
	each(t, func(t *testing.T, db *store.DB) {
		var id ident.ID
		update(t, db, func(tx *store.Tx) error {
			id = tx.NewID(at)
			// Parameters out of order and repeated.
			_, err := tx.Exec("insert into things(doc, ok, n, at, name) values($5, $4, $3, $2, $1)",
				mood("calm"), store.Micros(at), id, true, store.J(doc{A: []string{"x"}}))
			if err != nil {
				return err
			}
			_, err = tx.Exec("insert into things(name, at) values($1, $2)", "never", store.NullMicros(time.Time{}))
			return err
		})
		err := db.View(bg, func(tx *store.Tx) error {
			var gotAt int64
			var gotID ident.ID
			var ok bool
			var name string
			d := store.J(doc{A: []string{"stale", "stale"}})
			if err := tx.QueryRow("select name, at, n, ok, doc from things where name = $1 or (name = $1 and n = $2)", "calm", id).Scan(&name, &gotAt, &gotID, &ok, &d); err != nil {
				return err
			}
			if !store.Time(gotAt).Equal(at.Truncate(time.Microsecond)) || gotID != id || !ok || len(d.V.A) != 1 || d.V.A[0] != "x" {
				t.Errorf("read back %v %v %v %v", store.Time(gotAt), gotID, ok, d.V)
			}
			var null *int64
			if err := tx.QueryRow("select at from things where name = $1", "never").Scan(&null); err != nil {
				return err
			}
			if null != nil {
				t.Errorf("the zero time is stored as %v, want NULL", *null)
			}
			return tx.QueryRow("select name from things where name = $1", "nobody").Scan(&name)
		})
		if !store.NotFound(err) {
			t.Errorf("missing row: got %v", err)
		}
		err = db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
			_, err := tx.Exec("insert into things(name, at) values($1, $2)", "clock", at)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "Micros") {
			t.Errorf("a bound time must be refused, got %v", err)
		}
	})
}

func TestUpdateCommitsOrRollsBack(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		boom := errors.New("boom")
		var after []string
		update(t, db, func(tx *store.Tx) error {
			tx.AfterCommit(func() { after = append(after, "a") })
			return add(tx, "a")
		})
		err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
			tx.AfterCommit(func() { after = append(after, "b") })
			return errors.Join(add(tx, "b"), boom)
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want boom", err)
		}
		func() {
			defer func() {
				if v := recover(); v != "dead" {
					t.Errorf("the panic came out as %v", v)
				}
			}()
			_ = db.Update(bg, store.PriorityRest, func(tx *store.Tx) error { _ = add(tx, "c"); panic("dead") })
		}()
		// The writer must still be there after the panic.
		dup := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error { return add(tx, "a") })
		if !store.IsUnique(dup) || store.NotFound(dup) {
			t.Errorf("duplicate key: got %v", dup)
		}
		swallowed := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error { _ = add(tx, "a"); return nil })
		if swallowed == nil {
			t.Error("a transaction with a failed statement was committed")
		}
		if got := names(t, db); got != "a" || !slices.Equal(after, []string{"a"}) {
			t.Errorf("rows %q, after commit %v", got, after)
		}
	})
}

func TestViewSeesOneCommittedState(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		err := db.View(bg, func(tx *store.Tx) error {
			count := func() (n int) {
				if err := tx.QueryRow("select count(*) from things").Scan(&n); err != nil {
					t.Error(err)
				}
				return n
			}
			before := count()
			update(t, db, func(w *store.Tx) error {
				if err := add(w, "new"); err != nil {
					return err
				}
				if got := names(t, db); got != "" {
					t.Errorf("another view sees uncommitted %q", got)
				}
				return nil
			})
			if now := count(); now != before {
				t.Errorf("the view changed from %d to %d rows", before, now)
			}
			if _, err := tx.Exec("delete from things"); err == nil {
				t.Error("a view could write")
			}
			rows, err := tx.Query("insert into things(name) values('sly') returning name")
			if err == nil {
				rows.Next()
				if rows.Err() == nil {
					t.Error("a view could write through a query")
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := names(t, db); got != "new" {
			t.Errorf("rows %q", got)
		}
	})
}

func TestNoTransactionInsideATransaction(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		nothing := func(*store.Tx) error { return nil }
		update(t, db, func(tx *store.Tx) error {
			if db.View(tx.Context(), nothing) == nil || db.Update(tx.Context(), store.PriorityPage, nothing) == nil {
				t.Error("nested transaction was let in")
			}
			return nil
		})
		if err := db.View(store.Urgent(bg), nothing); err != nil {
			t.Error(err)
		}
	})
}

func TestSavepointUndoesOnlyItsOwnWork(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		var after []string
		update(t, db, func(tx *store.Tx) error {
			note := func(s string) func() { return func() { after = append(after, s) } }
			if err := add(tx, "kept"); err != nil {
				return err
			}
			err := tx.Savepoint(func() error {
				tx.AfterCommit(note("gone"))
				return errors.Join(add(tx, "gone"), tx.Savepoint(func() error { return add(tx, "kept") }))
			})
			if !store.IsUnique(err) {
				t.Errorf("inner duplicate: %v", err)
			}
			func() {
				defer func() { _ = recover() }()
				_ = tx.Savepoint(func() error { _ = add(tx, "thrown"); panic("x") })
			}()
			return tx.Savepoint(func() error { tx.AfterCommit(note("too")); return add(tx, "too") })
		})
		if got := names(t, db); got != "kept too" || !slices.Equal(after, []string{"too"}) {
			t.Errorf("rows %q, after commit %v", got, after)
		}
	})
}

func TestInsertManyWritesEveryChunkSize(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for _, n := range []int{0, 1, 7, 8, 9, 63, 64, 65, 200} {
			rows := make([][]any, n)
			for i := range rows {
				rows[i] = []any{fmt.Sprintf("%d-%d", n, i), i}
			}
			update(t, db, func(tx *store.Tx) error {
				if err := tx.InsertMany("things", []string{"name", "n"}, rows, ""); err != nil {
					return err
				}
				if err := tx.InsertMany("things", []string{"name", "n"}, rows, "on conflict(name) do update set n = things.n + 1000"); err != nil {
					return err
				}
				var count, sum int
				err := tx.QueryRow("select count(*), coalesce(sum(n), 0) from things where name like $1", fmt.Sprintf("%d-%%", n)).Scan(&count, &sum)
				if want := n*(n-1)/2 + n*1000; count != n || sum != want {
					t.Errorf("%d rows: stored %d with sum %d, want sum %d", n, count, sum, want)
				}
				return err
			})
		}
		err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
			return tx.InsertMany("things", []string{"name", "n"}, [][]any{{"short"}}, "")
		})
		if err == nil {
			t.Error("a row with too few values was taken")
		}
	})
}

func TestIn(t *testing.T) {
	for _, c := range []struct {
		n, from int
		want    string
	}{{0, 1, "null"}, {1, 1, "$1"}, {3, 9, "$9,$10,$11"}} {
		if got := store.In(c.n, c.from); got != c.want {
			t.Errorf("In(%d, %d) = %q, want %q", c.n, c.from, got, c.want)
		}
	}
}

// Rows that fn forgot must not poison the prepared statement for the next one.
func TestForgottenRowsAreClosed(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error { return errors.Join(add(tx, "a"), add(tx, "b")) })
		for range 3 {
			forget := func(tx *store.Tx) error {
				rows, err := tx.Query("select name from things where name >= $1", "a") //nolint:sqlclosecheck // the point of the test
				if err == nil {
					rows.Next()
				}
				return err
			}
			update(t, db, forget)
			if err := db.View(bg, forget); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// Who waits at the only writer is served by priority and not by arrival.
//
// INV-P7
func TestUrgentWritersGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sqliteFile(t)
		hold := make(chan struct{})
		var order []string
		go db.Update(bg, store.PriorityRest, func(*store.Tx) error { <-hold; return nil }) //nolint:errcheck // holds the writer
		synctest.Wait()
		line := []store.Priority{store.PriorityRest, store.PriorityIntake, store.PriorityAck, store.PriorityPage}
		for i := range 8 { // each priority twice, least urgent first
			p := line[i%4]
			go db.Update(bg, p, func(*store.Tx) error { //nolint:errcheck // only the order counts
				order = append(order, fmt.Sprintf("%d.%d", p, i/4))
				return nil
			})
			synctest.Wait()
		}
		gone, leave := context.WithCancel(bg)
		var left error
		go func() { left = db.Update(gone, store.PriorityPage, func(*store.Tx) error { panic("must not run") }) }()
		synctest.Wait()
		if db.Waiting() != 9 {
			t.Errorf("%d wait, want 9", db.Waiting())
		}
		leave()
		synctest.Wait()
		if !errors.Is(left, context.Canceled) || db.Waiting() != 8 {
			t.Errorf("cancelled caller: %v, %d wait", left, db.Waiting())
		}
		close(hold)
		synctest.Wait()
		if got, want := strings.Join(order, " "), "0.0 0.1 1.0 1.1 2.0 2.1 3.0 3.1"; got != want {
			t.Errorf("order %s, want %s", got, want)
		}
	})
}

func TestCloseTurnsWaitersAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sqliteFile(t)
		hold := make(chan struct{})
		var inside, waiting error
		go func() {
			inside = db.Update(bg, store.PriorityRest, func(tx *store.Tx) error { <-hold; return add(tx, "x") })
		}()
		synctest.Wait()
		go func() { waiting = db.Update(bg, store.PriorityPage, func(*store.Tx) error { return nil }) }()
		synctest.Wait()
		go db.Close() //nolint:errcheck // the deferred Close of the test sees the outcome
		synctest.Wait()
		if !errors.Is(waiting, store.ErrClosed) {
			t.Errorf("waiting writer: %v", waiting)
		}
		close(hold)
		synctest.Wait()
		if inside != nil {
			t.Errorf("writer at work: %v", inside)
		}
		if err := db.View(bg, func(*store.Tx) error { return nil }); !errors.Is(err, store.ErrClosed) {
			t.Errorf("view after close: %v", err)
		}
	})
}

func TestCancelledViewStopsAndLeavesTheReaderUsable(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		for range 6 { // more often than there are readers
			ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
			err := db.View(ctx, func(tx *store.Tx) error {
				return tx.QueryRow("with recursive c(n) as (select 1 union all select n + 1 from c) select count(*) from c").Scan(new(int))
			})
			cancel()
			if err == nil {
				t.Fatal("an endless query ended")
			}
		}
		if err := db.Ping(bg); err != nil {
			t.Error(err)
		}
	})
}
