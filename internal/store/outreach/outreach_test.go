package outreach_test

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/outreach"
	"allclear/internal/store"
	rows "allclear/internal/store/outreach"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, rows.Queries()) }

func TestContactsAreKept(t *testing.T) {
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			a := &outreach.Contact{Incident: 1, Task: 7, Owner: "kai", DueAt: now, Kind: outreach.Account, Party: "acme", Name: "Acme", OpenedAt: now}
			b := &outreach.Contact{Incident: 1, Kind: outreach.Press, Party: "Reuters", Name: "Reuters", OpenedAt: now}
			if err := rows.Insert(tx, []*outreach.Contact{a, b}, now); err != nil {
				return err
			}
			if err := a.Record(outreach.Try{At: now, By: "kai", Outcome: outreach.Reached, Note: "calm"}); err != nil {
				return err
			}
			if err := rows.Save(tx, a); err != nil {
				return err
			}
			got, err := rows.Get(tx, a.ID)
			if err != nil || !got.Done || got.Owner != "kai" || !got.DueAt.Equal(now) || got.Last().Note != "calm" || got.Name != "Acme" || got.Task != 7 {
				t.Errorf("%+v %v", got, err)
			}
			if of, err := rows.OfTask(tx, 7); err != nil || len(of) != 1 {
				t.Errorf("of the task %+v %v", of, err)
			}
			if of, err := rows.OfTask(tx, 0); err != nil || len(of) != 0 {
				t.Errorf("of no task %+v %v", of, err)
			}
			if err := rows.Move(tx, 1, 2); err != nil {
				return err
			}
			if of, err := rows.Of(tx, 2); err != nil || len(of) != 2 || of[1].Done {
				t.Errorf("moved %+v %v", of, err)
			}
			if _, err := rows.Get(tx, 99); !fault.Is(err, fault.NotFound) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
