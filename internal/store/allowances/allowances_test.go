package allowances_test

import (
	"testing"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/allowances"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, allowances.Queries()) }

func TestABucketFillsAgain(t *testing.T) {
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			for _, c := range []struct {
				bucket string
				at     time.Time
				want   int
			}{{"a", now, 1}, {"a", now.Add(59 * time.Minute), 2}, {"b", now, 1}, {"a", now.Add(time.Hour), 1}} {
				if used, err := allowances.Take(tx, c.bucket, time.Hour, c.at); err != nil || used != c.want {
					t.Errorf("%+v: %d, %v", c, used, err)
				}
			}
			if err := allowances.Forget(tx, now.Add(time.Hour)); err != nil {
				return err
			}
			for bucket, want := range map[string]int{"a": 2, "b": 1} {
				if used, err := allowances.Take(tx, bucket, time.Hour, now.Add(time.Hour)); err != nil || used != want {
					t.Errorf("%s after forgetting: %d, %v", bucket, used, err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
