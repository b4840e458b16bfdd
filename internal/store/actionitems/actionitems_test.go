package actionitems_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/action"
	"allclear/internal/store"
	"allclear/internal/store/actionitems"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, actionitems.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func TestItemsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			var all []*action.Item
			for k, c := range []string{"technical", "process", "training"} {
				i := &action.Item{ID: tx.NewID(now), IncidentID: 7, Owner: "ana", Category: c, DueAt: now.AddDate(0, 0, k+1), Record: action.Record{Title: "é", Milestones: []action.Milestone{{ID: 3, Title: "m", DueAt: now}}}}
				i.Begin("bo", now)
				if err := actionitems.Insert(tx, i); err != nil {
					return err
				}
				all = append(all, i)
			}
			if err := all[1].Move(action.Cancelled, "no longer needed", "bo", now.Add(time.Hour)); err != nil {
				return err
			}
			if err := actionitems.Update(tx, all[1]); err != nil {
				return err
			}
			got, err := actionitems.Lock(tx, all[1].ID)
			if err != nil || !reflect.DeepEqual(got, all[1]) {
				t.Errorf("%+v, want %+v, %v", got, all[1], err)
			}
			if _, err := actionitems.Get(tx, 5); !fault.Is(err, fault.NotFound) {
				t.Errorf("%v", err)
			}
			for name, c := range map[string]struct {
				f    actionitems.Filter
				want int
			}{
				"all": {actionitems.Filter{}, 3}, "category": {actionitems.Filter{Category: "training"}, 1}, "state": {actionitems.Filter{State: "cancelled"}, 1},
				"standing": {actionitems.Filter{Standing: true}, 2}, "owner": {actionitems.Filter{Owner: "bo"}, 0}, "due": {actionitems.Filter{DueBy: now.AddDate(0, 0, 1)}, 1},
				"below": {actionitems.Filter{Before: all[2].ID}, 2}, "all of them": {actionitems.Filter{Owner: "ana", Category: "technical", State: "open", Standing: true, DueBy: now.AddDate(1, 0, 0)}, 1},
			} {
				c.f.Limit = 10
				got, err := actionitems.List(tx, c.f)
				if err != nil || len(got) != c.want {
					t.Errorf("%s: %d, want %d, %v", name, len(got), c.want, err)
				}
			}
			of, err := actionitems.Of(tx, 7)
			if err != nil || len(of) != 3 || of[0].ID != all[0].ID {
				t.Errorf("%d, %v", len(of), err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
