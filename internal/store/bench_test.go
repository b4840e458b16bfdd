package store_test

import (
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"allclear/internal/store"
)

// BenchmarkGroup is 64 callers inserting one row each through group commit on
// a SQLite file with synchronous=FULL.
func BenchmarkGroup(b *testing.B) {
	db := sqliteFile(b)
	g := store.NewGroup(db, store.PriorityIntake, 256, 50*time.Millisecond, func(tx *store.Tx, in []int64) ([]int64, error) {
		rows := make([][]any, len(in))
		for i, n := range in {
			rows[i] = []any{strconv.FormatInt(n, 10), n}
		}
		return in, tx.InsertMany("things", []string{"name", "n"}, rows, "")
	})
	var next atomic.Int64
	b.SetParallelism(32) // times GOMAXPROCS 2 = 64 callers
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := g.Submit(bg, next.Add(1)); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkUpdate is the same row in a transaction of its own.
func BenchmarkUpdate(b *testing.B) {
	db := sqliteFile(b)
	n := 0
	b.ReportAllocs()
	for b.Loop() {
		n++
		if err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error { return add(tx, strconv.Itoa(n)) }); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkExec is one prepared insert inside an open transaction.
func BenchmarkExec(b *testing.B) {
	db := sqliteFile(b)
	b.ReportAllocs()
	err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error {
		for n := 0; b.Loop(); n++ {
			if err := add(tx, strconv.Itoa(n)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// BenchmarkView is a view with one lookup, with and without a context that can
// end.
func BenchmarkView(b *testing.B) {
	db := sqliteFile(b)
	if err := db.Update(bg, store.PriorityRest, func(tx *store.Tx) error { return add(tx, "x") }); err != nil {
		b.Fatal(err)
	}
	for name, ctx := range map[string]bool{"endless": false, "cancellable": true} {
		b.Run(name, func(b *testing.B) {
			c := bg
			if ctx {
				c = b.Context()
			}
			b.ReportAllocs()
			for b.Loop() {
				err := db.View(c, func(tx *store.Tx) error {
					return tx.QueryRow("select n from things where name = $1", "x").Scan(new(int))
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
