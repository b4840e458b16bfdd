package usage_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/storetest"
	"allclear/internal/store/usage"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, usage.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

func TestHoursAndWarnings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := &usage.Warning{Customer: "acme", Metric: "logins", Kind: "drop", Since: now, Value: 1.5, Usual: 10, Change: -0.85, Score: -5, Text: "t", Told: []string{"ana"}}
		update(t, db, func(tx *store.Tx) error {
			for _, v := range []float64{1, 2.5} { // the second takes the place of the first
				if err := usage.Put(tx, "acme", []usage.Hour{{Metric: "logins", At: now, Value: v}, {Metric: "exports", At: now, Value: v}}); err != nil {
					return err
				}
			}
			return usage.Warn(tx, want, now)
		})
		update(t, db, func(tx *store.Tx) error {
			hours, err := usage.Hours(tx, "acme", now, now.Add(time.Hour))
			if err != nil || len(hours) != 2 || hours[1] != (usage.Hour{Metric: "logins", At: now, Value: 2.5}) {
				t.Errorf("hours %+v, %v", hours, err)
			}
			same, err := usage.Same(tx, "acme", "logins", []time.Time{now, now, now, now, now, now, now, now.Add(time.Hour)})
			if n, e := usage.Metrics(tx, "acme"); err != nil || e != nil || len(same) != 1 || n != 2 {
				t.Errorf("same %v, %d metrics, %v %v", same, n, err, e)
			}
			got, err := usage.Standing(tx, "acme", "logins")
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v", got, err)
			}
			got.EndedAt = now.Add(time.Hour)
			if err := usage.Save(tx, got); err != nil {
				return err
			}
			stands, err := usage.Warnings(tx, "")
			of, also := usage.Warnings(tx, "acme")
			if len(stands) != 0 || len(of) != 1 || also != nil {
				t.Errorf("stands %v, of acme %v", stands, of)
			}
			if err != nil {
				return err
			}
			return usage.Forget(tx, now.Add(time.Second))
		})
		update(t, db, func(tx *store.Tx) error {
			n, err := usage.Metrics(tx, "acme")
			if n != 0 {
				t.Errorf("%d metrics left", n)
			}
			return err
		})
	})
}
