package demo_test

import (
	"context"
	"testing"
	"time"

	"allclear/internal/app/demo"
	"allclear/internal/domain/authz"
	"allclear/internal/flow/admin"
	"allclear/internal/jobs"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

// The whole demonstration, 1,200 customers, is loaded in well under a second,
// and loading it again changes nothing.
func TestItIsLoadedQuickly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a := admin.New(db, jobs.NewBus())
		boss := authz.Actor{ID: "boss", Role: authz.Admin}
		now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
		all := demo.Entities()
		start := time.Now()
		plan, err := a.Load(context.Background(), boss, all, now)
		took := time.Since(start)
		if err != nil || plan.Count(admin.Create) != len(all) {
			t.Fatalf("%v, created %d of %d", err, plan.Count(admin.Create), len(all))
		}
		t.Logf("%d entities in %v", len(all), took)
		if took > 3*time.Second { // 300 ms on a machine of its own; the suite shares it
			t.Errorf("loading took %v", took)
		}
		if again, err := a.Load(context.Background(), boss, all, now); err != nil || again.Count(admin.Unchanged) != len(all) {
			t.Errorf("the second time: %v, %d of %d are unchanged", err, again.Count(admin.Unchanged), len(all))
		}
	})
}
