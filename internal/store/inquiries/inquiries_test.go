package inquiries_test

import (
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/store"
	"allclear/internal/store/inquiries"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, inquiries.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

// Entries come back as they were, of their own incident and kind; what is due goes to
// one who asks, and again when nothing came of it.
func TestEntriesComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		update := func(do func(tx *store.Tx) error) {
			t.Helper()
			if err := db.Update(t.Context(), store.PriorityRest, do); err != nil {
				t.Fatal(err)
			}
		}
		update(func(tx *store.Tx) error {
			for _, r := range []inquiries.Row{
				{ID: 1, IncidentID: 7, Kind: inquiry.KindHypothesis, Doc: []byte(`{"text":"a"}`)},
				{ID: 2, IncidentID: 7, Kind: inquiry.KindProbe, DueAt: now, Doc: []byte(`{}`)},
				{ID: 3, IncidentID: 8, Kind: inquiry.KindSolution, Doc: []byte(`{}`)},
			} {
				if err := inquiries.Add(tx, &r); err != nil {
					return err
				}
			}
			return nil
		})
		update(func(tx *store.Tx) error {
			r, err := inquiries.Lock(tx, 1, inquiry.KindHypothesis)
			if err != nil || r == nil || string(r.Doc) != `{"text":"a"}` || !r.DueAt.IsZero() {
				t.Errorf("%+v %v", r, err)
			}
			if other, err := inquiries.Get(tx, 1, inquiry.KindSolution); err != nil || other != nil {
				t.Errorf("a hypothesis is no solution: %+v %v", other, err)
			}
			r.Doc = []byte(`{"text":"b"}`)
			return inquiries.Save(tx, r)
		})
		update(func(tx *store.Tx) error {
			all, err := inquiries.Of(tx, 7)
			if err != nil || len(all) != 2 || string(all[0].Doc) != `{"text":"b"}` || !all[1].DueAt.Equal(now) {
				t.Errorf("%+v %v", all, err)
			}
			some, err := inquiries.OfAll(tx, []ident.ID{7, 8}, inquiry.KindHypothesis, inquiry.KindSolution)
			if err != nil || len(some) != 2 || some[0].ID != 1 || some[1].ID != 3 {
				t.Errorf("%+v %v", some, err)
			}
			for _, tt := range []struct {
				at   time.Time
				want int
			}{{now.Add(-time.Second), 0}, {now, 1}, {now, 0}, {now.Add(time.Minute), 1}} {
				if due, err := inquiries.Claim(tx, tt.at, tt.at.Add(time.Minute), 5); err != nil || len(due) != tt.want {
					t.Errorf("due at %s: %+v %v", tt.at, due, err)
				}
			}
			n, err := inquiries.Count(tx, 7)
			if n != 2 {
				t.Errorf("%d entries", n)
			}
			return err
		})
	})
}
