package checks_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/domain/check"
	"allclear/internal/store"
	"allclear/internal/store/checks"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, checks.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func TestRowsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		r := checks.Row{
			Check: "login", Service: "auth", DueAt: now, Took: 1500 * time.Microsecond, SucceededAt: now, FailedAt: now.Add(-time.Hour),
			Standing: check.Standing{Probe: "local", Up: true, At: now, Streak: 2, Why: "503", Until: now.Add(time.Hour), ExpectedAt: now.Add(time.Minute)},
		}
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			if err := checks.Insert(tx, &r); err != nil {
				return err
			}
			other := r
			other.Service = "api"
			if err := checks.Insert(tx, &other); err != nil { // there already
				return err
			}
			got, err := checks.Claim(tx, "local", now, 5)
			if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], r) {
				t.Errorf("got %+v, %v, want %+v", got, err, r)
			}
			if err := checks.Move(tx, "login", "local", now.Add(time.Minute)); err != nil {
				return err
			}
			if some, err := checks.Any(tx, "local", now); some || err != nil {
				t.Errorf("due twice: %v", err)
			}
			r.Up, r.Streak, r.Until, r.DueAt = false, 3, time.Time{}, now.Add(2*time.Minute)
			if err := checks.Save(tx, &r); err != nil {
				return err
			}
			if got, err = checks.Lock(tx, "login"); err != nil || len(got) != 1 || !reflect.DeepEqual(got[0], r) {
				t.Errorf("saved: got %+v, %v, want %+v", got, err, r)
			}
			if err := checks.Drop(tx, "login", "local"); err != nil {
				return err
			}
			if got, err = checks.All(tx); len(got) != 0 {
				t.Errorf("dropped: %+v", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
