package cases_test

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/partner"
	"allclear/internal/store"
	"allclear/internal/store/cases"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, cases.Queries()) }

func TestCasesAreKept(t *testing.T) {
	now := time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			for i, state := range []partner.State{partner.Open, partner.Closed, partner.ToOpen} {
				c := &partner.Case{Incident: ident.ID(1 + i/2), Partner: "aws", Kind: partner.Support, State: state, Record: partner.Record{Subject: "s", Params: map[string]string{"a": "b"}, Notes: []partner.Note{{At: now, By: "ana", Text: "t"}}}}
				if state == partner.Open {
					c.LookAt = now
				}
				if err := cases.Insert(tx, c, now); err != nil {
					return err
				}
				back, err := cases.Take(tx, c.ID)
				if err != nil || back.Subject != "s" || back.Params["a"] != "b" || len(back.Notes) != 1 || back.State != state || !back.LookAt.Equal(c.LookAt) {
					t.Errorf("%+v %v", back, err)
				}
			}
			due, err := cases.Due(tx, now.Add(-time.Second))
			if err != nil || due {
				t.Errorf("due too early: %v %v", due, err)
			}
			claimed, err := cases.Claim(tx, now, now.Add(time.Minute), 8)
			if err != nil || len(claimed) != 1 || claimed[0].State != partner.Open {
				t.Errorf("claimed %+v %v", claimed, err)
			}
			if again, err := cases.Claim(tx, now, now.Add(time.Minute), 8); err != nil || len(again) != 0 {
				t.Errorf("claimed again %+v %v", again, err)
			}
			if standing, err := cases.Standing(tx, 9); err != nil || len(standing) != 2 || standing[0].State != partner.ToOpen {
				t.Errorf("standing %+v %v", standing, err)
			}
			if err := cases.Move(tx, 1, 2); err != nil {
				return err
			}
			if of, err := cases.Of(tx, 2); err != nil || len(of) != 3 {
				t.Errorf("moved %+v %v", of, err)
			}
			if _, err := cases.Get(tx, 99); !fault.Is(err, fault.NotFound) {
				t.Errorf("got %v", err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
