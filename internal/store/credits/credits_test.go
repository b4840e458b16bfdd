package credits_test

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/credit"
	"allclear/internal/store"
	"allclear/internal/store/credits"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, credits.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

func memo(tx *store.Tx, slot, customer string, state credit.State, incidents ...ident.ID) *credit.Memo {
	m := &credit.Memo{ID: tx.NewID(now), Slot: slot, Customer: customer, Month: "2026-03", Sort: credit.ByContract, State: state, Cents: 12_345, Currency: "USD"}
	for _, id := range incidents {
		m.Inputs.Hits = append(m.Inputs.Hits, credit.Hit{Incident: id, Spans: []credit.Span{{From: now, Until: now.Add(time.Hour)}}})
		m.Incident = id
	}
	m.Name = "Acme"
	m.Note("ana", "made", now)
	return m
}

func TestMemosAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			a, b := memo(tx, "a", "acme", credit.Calculated, 1, 2), memo(tx, "b", "bolt", credit.Processed, 2)
			for _, m := range []*credit.Memo{a, b} {
				if err := credits.Insert(tx, m); err != nil {
					return err
				}
			}
			a.State, a.Cents, a.Inputs.Hits = credit.Pending, -7, a.Inputs.Hits[1:]
			if err := credits.Save(tx, a); err != nil {
				return err
			}
			back, err := credits.Take(tx, a.ID)
			if err != nil || back.State != credit.Pending || back.Cents != -7 || back.Name != "Acme" || len(back.Steps) != 1 || !back.Inputs.Hits[0].Spans[0].From.Equal(now) || back.Slot != "a" {
				t.Errorf("%+v %v", back, err)
			}
			for what, c := range map[string]struct {
				want int
				f    credits.Filter
			}{
				"all": {2, credits.Filter{}}, "month": {2, credits.Filter{Month: "2026-03"}}, "another month": {0, credits.Filter{Month: "2026-04"}},
				"state": {1, credits.Filter{State: credit.Processed}}, "customer": {1, credits.Filter{Customer: "acme"}},
				"incident": {2, credits.Filter{Incident: 2}}, "one it is about no more": {0, credits.Filter{Incident: 1}}, "before": {1, credits.Filter{Before: b.ID}},
			} {
				c.f.Limit = 10
				if got, err := credits.List(tx, c.f); err != nil || len(got) != c.want {
					t.Errorf("%s: %d, want %d, %v", what, len(got), c.want, err)
				}
			}
			if got, err := credits.Standing(tx); err != nil || len(got) != 1 || got[0].ID != a.ID {
				t.Errorf("standing: %v %v", got, err)
			}
			if got, err := credits.OfCustomer(tx, "bolt", "2026-03"); err != nil || len(got) != 1 || got[0].ID != b.ID {
				t.Errorf("of a customer: %v %v", got, err)
			}
			if _, err := credits.Get(tx, 99); !fault.Is(err, fault.NotFound) {
				t.Errorf("missing: %v", err)
			}
			twice := tx.Savepoint(func() error { return credits.Insert(tx, memo(tx, "a", "acme", credit.Calculated)) })
			if twice == nil {
				t.Error("a second memo took the slot of the first")
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestLedgerVerdictsAndConfirmationsAreKept(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			e := &credit.Entry{ID: tx.NewID(now), Incident: 1, EntryRecord: credit.EntryRecord{Sort: credit.Refund, Cents: 5, Currency: "EUR", Text: "t", By: "ana", At: now}}
			if err := credits.AddEntry(tx, e); err != nil {
				return err
			}
			e.VoidBy = "bo"
			if err := credits.SaveEntry(tx, e); err != nil {
				return err
			}
			back, err := credits.TakeEntry(tx, e.ID)
			all, err2 := credits.Entries(tx, 1)
			if err != nil || err2 != nil || len(all) != 1 || back.VoidBy != "bo" || back.Cents != 5 || back.Incident != 1 {
				t.Errorf("%+v %v %v", back, err, err2)
			}
			if _, err := credits.TakeEntry(tx, 99); !fault.Is(err, fault.NotFound) {
				t.Errorf("missing: %v", err)
			}
			for _, kind := range []credit.Kind{credit.Outage, credit.None} {
				if err := credits.SetVerdict(tx, 1, credit.Verdict{Kind: kind, Until: now}); err != nil {
					return err
				}
			}
			if v, err := credits.Verdicts(tx); err != nil || len(v) != 1 || v[1].Kind != credit.None || !v[1].Until.Equal(now) {
				t.Errorf("verdicts: %v %v", v, err)
			}
			for _, by := range []string{"ana", "bo"} {
				if err := credits.Confirm(tx, "h", credits.Confirmation{By: by, At: now}); err != nil {
					return err
				}
			}
			if c, err := credits.Confirmations(tx); err != nil || c["h"].By != "ana" {
				t.Errorf("confirmations: %v %v", c, err)
			}
			if err := credits.Withdraw(tx, "h"); err != nil {
				return err
			}
			if c, err := credits.Confirmations(tx); err != nil || len(c) != 0 {
				t.Errorf("withdrawn: %v %v", c, err)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
