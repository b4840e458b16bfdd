package vendors_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/vendor"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
	"allclear/internal/store/vendors"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, vendors.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

func TestStatesComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := &vendors.Status{
			ID: "cdn", State: vendor.Outage, Since: now, DueAt: now.Add(time.Minute), Read: vendor.Outage, What: "down", Troubles: []vendor.Trouble{{What: "x", State: vendor.Outage, Link: "https://a.example"}},
			Missing: []string{"m"}, Config: "c", ETag: `"1"`, Modified: "m", ReadAt: now, SucceededAt: now, FailingSince: now, RedSince: now, Error: "e",
		}
		update(t, db, func(tx *store.Tx) error {
			for range 2 { // the second changes nothing
				if err := vendors.Add(tx, "cdn", now); err != nil {
					return err
				}
			}
			due, err := vendors.Claim(tx, now, now.Add(time.Minute), 5)
			if err != nil || len(due) != 1 || due[0].State != vendor.Unknown {
				t.Errorf("due %+v, %v", due, err)
			}
			if again, err := vendors.Claim(tx, now, now, 5); err != nil || len(again) != 0 {
				t.Errorf("claimed twice: %+v, %v", again, err)
			}
			return vendors.Save(tx, want)
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := vendors.Lock(tx, "cdn")
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v", got, err)
			}
			if red, err := vendors.Red(tx); err != nil || len(red) != 1 {
				t.Errorf("red %v, %v", red, err)
			}
			for i, want := range []bool{true, false} {
				if ok, err := vendors.Note(tx, "cdn", ident.ID(7), now); ok != want || err != nil {
					t.Errorf("note %d: %v, %v", i, ok, err)
				}
			}
			if told, err := vendors.Noted(tx, "cdn", now); err != nil || len(told) != 1 || told[0] != 7 {
				t.Errorf("noted %v, %v", told, err)
			}
			return vendors.Drop(tx, "cdn")
		})
		update(t, db, func(tx *store.Tx) error {
			all, err := vendors.All(tx)
			told, also := vendors.Noted(tx, "cdn", now)
			if len(all)+len(told) != 0 || also != nil {
				t.Errorf("left %v %v", all, told)
			}
			return err
		})
	})
}
