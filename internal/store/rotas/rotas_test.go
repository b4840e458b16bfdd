package rotas_test

import (
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/rotas"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestQueries(t *testing.T) { storetest.PrepareAll(t, rotas.Queries()) }

var t0 = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func hours(n int) time.Time { return t0.Add(time.Duration(n) * time.Hour) }

func inside(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

func TestRequestsAreReadAsWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		inside(t, db, func(tx *store.Tx) error {
			a := &oncall.Request{
				Kind: oncall.SwapTurns, Schedule: "primary", Holder: "ana", Taker: "bo", State: oncall.RequestOpen, AskedAt: t0, Note: "dentist",
				Span: oncall.Stretch{From: hours(1), Until: hours(3)}, Back: oncall.Stretch{From: hours(5), Until: hours(7)},
			}
			b := &oncall.Request{Kind: oncall.AskCover, Schedule: "legal", Holder: "lea", State: oncall.RequestOpen, AskedAt: t0, Span: oncall.Stretch{From: hours(1), Until: hours(2)}}
			for _, r := range []*oncall.Request{a, b} {
				if err := rotas.Insert(tx, r); err != nil {
					return err
				}
			}
			got, err := rotas.Get(tx, a.ID)
			if err != nil {
				return err
			}
			if *got != *a {
				t.Errorf("wrote %+v, read %+v", a, got)
			}
			if open, err := rotas.Open(tx, "primary", t0); err != nil || len(open) != 1 || open[0].ID != a.ID {
				t.Errorf("open: %v, %v", open, err)
			}
			if open, err := rotas.Open(tx, "primary", hours(3)); err != nil || len(open) != 0 {
				t.Errorf("open when it is over: %v, %v", open, err)
			}
			a.State = oncall.RequestAccepted
			if err := rotas.Update(tx, a); err != nil {
				return err
			}
			if open, err := rotas.List(tx, rotas.Filter{Open: true, Limit: 10}, t0); err != nil || len(open) != 1 || open[0].ID != b.ID {
				t.Errorf("open of all: %v, %v", open, err)
			}
			if all, err := rotas.List(tx, rotas.Filter{Limit: 10}, t0); err != nil || len(all) != 2 || all[0].ID != b.ID {
				t.Errorf("all, newest first: %v, %v", all, err)
			}
			if _, err := rotas.Get(tx, 7); !fault.Is(err, fault.NotFound) {
				t.Errorf("a request nobody made: %v", err)
			}
			return nil
		})
	})
}

// A finding stays known while its edges move, and is forgotten when it is over.
func TestFindingsAreKnownOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		inside(t, db, func(tx *store.Tx) error {
			for i, c := range []struct {
				subject     string
				from, until int
				known       bool
			}{
				{"gap/primary", 0, 10, false},
				{"gap/primary", 1, 10, true},
				{"gap/primary", 1, 12, true},
				{"gap/primary", 20, 22, false},
				{"gap/secondary", 0, 10, false},
				{"gap/primary", 12, 20, true},
				{"gap/primary", 5, 21, true},
				{"gap/primary", 23, 24, false},
			} {
				known, err := rotas.Known(tx, c.subject, hours(c.from), hours(c.until))
				if err != nil {
					return err
				}
				if known != c.known {
					t.Errorf("step %d: known is %v", i, known)
				}
			}
			if err := rotas.Over(tx, hours(23)); err != nil {
				return err
			}
			if known, err := rotas.Known(tx, "gap/primary", hours(5), hours(6)); err != nil || known {
				t.Errorf("what is over is known: %v", err)
			}
			return nil
		})
	})
}

func TestOneFeedForASubject(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		inside(t, db, func(tx *store.Tx) error {
			one := &rotas.Feed{Hash: "h1", Kind: "person", Subject: "ana", Owner: "ana", CreatedAt: t0}
			two := &rotas.Feed{Hash: "h2", Kind: "person", Subject: "ana", Owner: "ana", CreatedAt: hours(1)}
			for _, f := range []*rotas.Feed{one, two} {
				if err := rotas.SetFeed(tx, f); err != nil {
					return err
				}
			}
			if _, err := rotas.FeedByHash(tx, "h1"); !fault.Is(err, fault.NotFound) {
				t.Errorf("an address that was replaced: %v", err)
			}
			if f, err := rotas.FeedByHash(tx, "h2"); err != nil || f != *two {
				t.Errorf("read %+v, %v", f, err)
			}
			if all, err := rotas.FeedsOf(tx, "ana"); err != nil || len(all) != 1 {
				t.Errorf("feeds are %v, %v", all, err)
			}
			if err := rotas.DropFeed(tx, two.ID); err != nil {
				return err
			}
			if _, err := rotas.GetFeed(tx, two.ID); !fault.Is(err, fault.NotFound) {
				t.Errorf("an address that was ended: %v", err)
			}
			return nil
		})
	})
}
