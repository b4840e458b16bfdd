package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/store"
)

func addAll(tx *store.Tx, in []string) ([]string, error) {
	for _, s := range in {
		if err := add(tx, s); err != nil {
			return nil, err
		}
		if strings.HasPrefix(s, "panic") {
			panic("run cannot digest " + s)
		}
	}
	return in, nil
}

func TestGroupIsolatesPoison(t *testing.T) {
	each(t, func(t *testing.T, db *store.DB) {
		g := store.NewGroup(db, store.PriorityIntake, 64, time.Second, addAll)
		update(t, db, func(tx *store.Tx) error { return add(tx, "poison") })
		var wg sync.WaitGroup
		var unique, thrown, fine atomic.Int32
		for i := range 40 {
			wg.Go(func() {
				defer func() {
					if recover() != nil {
						thrown.Add(1)
					}
				}()
				name := fmt.Sprintf("n%02d", i)
				switch i {
				case 7:
					name = "poison"
				case 23:
					name = "panic"
				}
				out, err := g.Submit(bg, name)
				if store.IsUnique(err) {
					unique.Add(1)
				} else if err == nil && out == name {
					fine.Add(1)
				}
			})
		}
		wg.Wait()
		if unique.Load() != 1 || thrown.Load() != 1 || fine.Load() != 38 {
			t.Errorf("%d unique, %d thrown, %d fine", unique.Load(), thrown.Load(), fine.Load())
		}
		if got := len(strings.Fields(names(t, db))); got != 39 {
			t.Errorf("%d rows, want 39", got)
		}
		if out, err := g.SubmitNow(bg, "now"); err != nil || out != "now" {
			t.Errorf("SubmitNow: %q, %v", out, err)
		}
	})
}

func TestGroupTakesWhateverWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sqliteFile(t)
		hold := make(chan struct{})
		var sizes []int
		g := store.NewGroup(db, store.PriorityIntake, 10, 0, func(_ *store.Tx, in []int) ([]int, error) {
			sizes = append(sizes, len(in))
			return in, nil
		})
		go db.Update(bg, store.PriorityRest, func(*store.Tx) error { <-hold; return nil }) //nolint:errcheck // holds the writer
		synctest.Wait()
		var wrong atomic.Int32
		for i := range 14 {
			go func() {
				if out, err := g.Submit(bg, i); err != nil || out != i {
					wrong.Add(1)
				}
			}()
			synctest.Wait()
		}
		ctx, cancel := context.WithCancel(bg)
		var gone error
		go func() { _, gone = g.Submit(ctx, 99) }()
		synctest.Wait()
		cancel()
		synctest.Wait()
		if !errors.Is(gone, context.Canceled) {
			t.Errorf("cancelled: %v", gone)
		}
		close(hold)
		synctest.Wait()
		if fmt.Sprint(sizes) != "[10 4]" || wrong.Load() != 0 {
			t.Errorf("batches %v, want [10 4]; %d wrong answers", sizes, wrong.Load())
		}
	})
}

func TestGroupRefusesBeyondItsBacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sqliteFile(t)
		hold := make(chan struct{})
		g := store.NewGroup(db, store.PriorityIntake, 2, 0, addAll)
		go db.Update(bg, store.PriorityRest, func(*store.Tx) error { <-hold; return nil }) //nolint:errcheck // holds the writer
		synctest.Wait()
		var busy, fine atomic.Int32
		for i := range 40 {
			go func() {
				_, err := g.Submit(bg, fmt.Sprint(i))
				switch {
				case err == nil:
					fine.Add(1)
				case fault.Is(err, fault.Busy):
					busy.Add(1)
				}
			}()
			synctest.Wait()
		}
		close(hold)
		synctest.Wait()
		if fine.Load() != 32 || busy.Load() != 8 {
			t.Errorf("%d committed, %d refused; want 32 and 8", fine.Load(), busy.Load())
		}
	})
}

func TestGroupShrinksBatchesThatHoldTheWriterTooLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := sqliteFile(t)
		hold := make(chan struct{})
		var sizes []int
		g := store.NewGroup(db, store.PriorityIntake, 8, 50*time.Millisecond, func(_ *store.Tx, in []int) ([]int, error) {
			sizes = append(sizes, len(in))
			time.Sleep(time.Duration(len(in)) * 20 * time.Millisecond) // virtual: 8 take 160 ms
			return in, nil
		})
		go db.Update(bg, store.PriorityRest, func(*store.Tx) error { <-hold; return nil }) //nolint:errcheck // holds the writer
		synctest.Wait()
		for i := range 24 {
			go g.Submit(bg, i) //nolint:errcheck // only the batches count
		}
		synctest.Wait()
		close(hold)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := fmt.Sprint(sizes); !strings.HasPrefix(got, "[8 4 2 3 1") {
			t.Errorf("batches %s", got)
		}
	})
}
