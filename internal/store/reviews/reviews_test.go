package reviews_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/review"
	"allclear/internal/store"
	"allclear/internal/store/reviews"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, reviews.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

// An incident has one review, which comes back as it was; open ones can be listed.
func TestReviewsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			one := &review.Review{IncidentID: 7, OpenedAt: now, Record: review.Record{
				Owner: "ana", Cause: review.Cause{Text: "é", ValidatedAt: now}, Impact: map[string]review.Assessment{"technical": {Text: "x", At: now}},
				Rounds: []review.Round{{ReopenedAt: now}},
			}}
			if ok, err := reviews.Insert(tx, one); err != nil || !ok {
				t.Fatal(ok, err)
			}
			if ok, err := reviews.Insert(tx, &review.Review{IncidentID: 7, OpenedAt: now}); err != nil || ok {
				t.Errorf("a second one: %v %v", ok, err)
			}
			if ok, err := reviews.Insert(tx, &review.Review{IncidentID: 8, OpenedAt: now.Add(time.Second)}); err != nil || !ok {
				t.Fatal(ok, err)
			}
			one.SignedAt, one.Signed = now.Add(time.Hour), "ana"
			if err := reviews.Update(tx, one); err != nil {
				return err
			}
			got, err := reviews.Lock(tx, 7)
			if err != nil || !reflect.DeepEqual(got, one) {
				t.Errorf("%+v, want %+v, %v", got, one, err)
			}
			if none, err := reviews.Of(tx, 99); none != nil || err != nil {
				t.Errorf("%+v, %v", none, err)
			}
			all, err := reviews.List(tx, 0, false, 10)
			if err != nil || len(all) != 2 || all[0].IncidentID != 8 {
				t.Errorf("%d, %v", len(all), err)
			}
			open, err := reviews.List(tx, 0, true, 10)
			if err != nil || len(open) != 1 || open[0].IncidentID != 8 {
				t.Errorf("%d open, %v", len(open), err)
			}
			below, err := reviews.List(tx, all[0].ID, false, 10)
			if err != nil || len(below) != 1 {
				t.Errorf("%d below, %v", len(below), err)
			}
			if _, err := reviews.Get(tx, ident.ID(5)); !fault.Is(err, fault.NotFound) {
				t.Errorf("%v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
