package absences_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/absences"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, absences.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func TestCalendarsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		c := &absences.Calendar{
			Person: "ana", Kind: "address", Label: "calendar.example", Words: "vacation", Sealed: "s", Zone: "Europe/Berlin", ETag: `W/"1"`, Modified: "m",
			Away: []oncall.Stretch{{From: now, Until: now.Add(time.Hour)}}, Notes: []string{"n"}, Error: "e", AddedBy: "max",
			CreatedAt: now, DueAt: now, WholeAt: now, ReadAt: now, SucceededAt: now, FailingSince: now, ToldAt: now,
		}
		update(t, db, func(tx *store.Tx) error {
			c.ID = tx.NewID(now)
			return absences.Insert(tx, c)
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := absences.Lock(tx, "ana")
			if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], c) {
				t.Errorf("got %+v, %v, want %+v", got, err, c)
			}
			c.Error, c.Away, c.FailingSince = "", nil, time.Time{}
			return absences.Save(tx, c)
		})
		update(t, db, func(tx *store.Tx) error {
			due, err := absences.Claim(tx, now, now.Add(time.Hour), 5)
			if err != nil || len(due) != 1 || due[0].Error != "" || len(due[0].Away) != 0 || !due[0].FailingSince.IsZero() {
				t.Errorf("due %+v, %v", due, err)
			}
			again, err := absences.Claim(tx, now, now.Add(time.Hour), 5)
			if len(again) != 0 {
				t.Errorf("claimed twice: %+v", again)
			}
			return err
		})
		update(t, db, func(tx *store.Tx) error {
			if err := absences.DropOf(tx, "bo"); err != nil {
				return err
			}
			if all, err := absences.Of(tx, "ana"); err != nil || len(all) != 1 {
				t.Errorf("%d calendars, %v", len(all), err)
			}
			return absences.Drop(tx, c.ID)
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := absences.Of(tx, "ana")
			if len(got) != 0 {
				t.Errorf("still there: %+v", got)
			}
			return err
		})
	})
}

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}
