package findings

import (
	"testing"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestFindingComesAndGoes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		at := func(d time.Duration, fn func(tx *store.Tx, now time.Time) error) {
			t.Helper()
			err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error { return fn(tx, t0.Add(d)) })
			if err != nil {
				t.Fatal(err)
			}
		}
		saw := func(key string, critical bool) func(*store.Tx, time.Time) error {
			return func(tx *store.Tx, now time.Time) error {
				return Saw(tx, Finding{Key: key, Text: "something is wrong", Critical: critical}, now)
			}
		}
		standing := func() (out []Finding) {
			t.Helper()
			err := db.View(t.Context(), func(tx *store.Tx) (err error) { out, err = Standing(tx); return err })
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		claim := func(d time.Duration) (ok bool) {
			at(d, func(tx *store.Tx, now time.Time) (err error) {
				ok, err = Claim(tx, "timers", now.Add(-10*time.Minute), now)
				return err
			})
			return ok
		}
		at(0, saw("disk", false))
		at(time.Second, saw("timers", true))
		at(5*time.Second, saw("timers", true))
		got := standing()
		if len(got) != 2 || got[0].Key != "timers" || !got[0].FirstAt.Equal(t0.Add(time.Second)) || !got[0].LastAt.Equal(t0.Add(5*time.Second)) {
			t.Fatalf("standing: %+v", got)
		}
		if !claim(6*time.Second) || claim(7*time.Second) {
			t.Error("the telling is not claimed exactly once")
		}
		at(8*time.Second, func(tx *store.Tx, now time.Time) error { return End(tx, "timers", now) })
		at(9*time.Second, saw("timers", true))
		if got := standing(); len(got) != 2 || !got[0].FirstAt.Equal(t0.Add(9*time.Second)) {
			t.Errorf("a finding that came back began at its first time: %+v", got)
		}
		if claim(10 * time.Second) {
			t.Error("a finding that comes and goes is told each time")
		}
		if !claim(11 * time.Minute) {
			t.Error("a standing finding is not told again")
		}
		at(12*time.Minute, func(tx *store.Tx, now time.Time) error { return Expire(tx, now.Add(-time.Minute), now) })
		if got := standing(); len(got) != 0 {
			t.Errorf("unconfirmed findings stand: %+v", got)
		}
		at(13*time.Minute, func(tx *store.Tx, now time.Time) error { return Forget(tx, now) })
		if !func() bool { at(14*time.Minute, saw("timers", true)); return claim(14 * time.Minute) }() {
			t.Error("a forgotten finding is not told")
		}
	})
}
