package sim

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

var (
	seeds = flag.Int("sim.seeds", 200, "how many seeds to try")
	first = flag.Int64("sim.first", 0, "the seed to begin with")
	only  = flag.Int64("sim.seed", -1, "try this seed alone and print its trace")
)

// try runs one seed and judges it.
func try(p *paper, seed uint64, b bug) (*world, error) {
	ctx := context.Background()
	w, err := newWorld(ctx, draw(seed), p, b)
	if err != nil {
		return nil, err
	}
	defer func() { _ = w.db.Close() }() // in memory: nothing is lost
	if err := w.run(ctx); err != nil {
		return w, err
	}
	return w, w.judge(ctx)
}

func report(t *testing.T, seed uint64, w *world, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("seed %d: %v", seed, err)
	}
	if w != nil && len(w.wrong) > 0 {
		t.Errorf("seed %d:\n  %s", seed, strings.Join(w.wrong, "\n  "))
	}
	if t.Failed() {
		t.Logf("replay: go test ./test/sim -run TestSeeds -args -sim.seed=%d", seed)
	}
}

// Every seed keeps the promise: INV-P1 INV-P2 INV-P3 INV-P6 INV-T1 INV-T2
// INV-T3 INV-T4 INV-I1 INV-I3 INV-I4 INV-R3.
//
// Clauses: ESC-CHAIN-1, ESC-CHAIN-2, ESC-CHAIN-3, ESC-CHAIN-4, ESC-CHAIN-5, SEV-P1-ACK, SEV-P2-ACK
func TestSeeds(t *testing.T) {
	p, err := newPaper()
	if err != nil {
		t.Fatal(err)
	}
	if *only >= 0 {
		w, err := try(p, uint64(*only), bug{})
		if w != nil {
			fmt.Fprintf(os.Stderr, "%+v\n%s\n", w.c, strings.Join(w.trace, "\n"))
		}
		report(t, uint64(*only), w, err)
		return
	}
	var next, failed, crashes, sends atomic.Int64
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for failed.Load() < 10 {
				n := next.Add(1) - 1
				if n >= int64(*seeds) {
					return
				}
				seed := uint64(*first + n)
				w, err := try(p, seed, bug{})
				if w != nil {
					crashes.Add(int64(w.down))
					sends.Add(int64(len(w.led.keys)))
				}
				if err != nil || len(w.wrong) > 0 {
					failed.Add(1)
					report(t, seed, w, err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d seeds, %d crashes, %d messages", *seeds, crashes.Load(), sends.Load())
	if failed.Load() == 0 && (crashes.Load() == 0 || sends.Load() == 0) {
		t.Error("nothing crashed or nothing was sent: this proves nothing")
	}
}

// A seed gives the same course twice: INV-T8.
func TestASeedRepeats(t *testing.T) {
	p, err := newPaper()
	if err != nil {
		t.Fatal(err)
	}
	const repeated = 20
	for seed := range uint64(repeated) {
		first, err := try(p, seed, bug{})
		if err != nil {
			t.Fatal(err)
		}
		second, err := try(p, seed, bug{})
		if err != nil {
			t.Fatal(err)
		}
		if first.hash() != second.hash() {
			t.Errorf("seed %d took another course the second time", seed)
		}
	}
	t.Logf("%d seeds took the same course twice", repeated)
}
