package measures_test

import (
	"context"
	"reflect"
	"testing"
	"time"

	"allclear/internal/domain/continuity"
	"allclear/internal/store"
	"allclear/internal/store/measures"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, measures.Queries()) }

func TestAnAccountIsAtRiskOnce(t *testing.T) {
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	risk := func() *continuity.Measure {
		return &continuity.Measure{Kind: continuity.Retention, Customer: "acme", At: now, Record: continuity.Record{Score: 70, Why: []string{"3 incidents"}, Numbers: []int64{1, 2}, Due: now.Add(time.Hour)}}
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		do := func(f func(tx *store.Tx) error) error { return db.Update(context.Background(), store.PriorityRest, f) }
		first := risk()
		if err := do(func(tx *store.Tx) error { return measures.Insert(tx, first) }); err != nil {
			t.Fatal(err)
		}
		if err := do(func(tx *store.Tx) error { return measures.Insert(tx, risk()) }); err == nil {
			t.Error("a second one stands")
		}
		first.EndedAt, first.End = now.Add(time.Minute), "over"
		err := do(func(tx *store.Tx) error {
			if err := measures.Save(tx, first); err != nil {
				return err
			}
			return measures.Insert(tx, risk())
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.View(context.Background(), func(tx *store.Tx) error {
			open, err := measures.Open(tx, continuity.Retention)
			if err != nil || len(open) != 1 || open[0].ID == first.ID {
				t.Errorf("open %+v, %v", open, err)
			}
			all, err := measures.On(tx, "acme", continuity.Retention)
			if err != nil || len(all) != 2 || !reflect.DeepEqual(all[1], first) {
				t.Errorf("all %+v, want the last %+v, %v", all, first, err)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
