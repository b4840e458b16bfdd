package runs_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/remedy"
	"allclear/internal/store"
	"allclear/internal/store/runs"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, runs.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

func TestRunsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		code := 3
		want := &remedy.Run{
			IncidentID: 7, Number: 4, State: remedy.Approved, Lane: remedy.Runner, Action: remedy.Action{ID: "roll", Type: remedy.AppRollback, Command: "roll"},
			Values: map[string]string{"A": "b"}, By: "ana", At: now, Approvals: []remedy.Approval{{By: "bo", Role: "technical_lead", At: now}}, Code: &code, StartedAt: now,
		}
		update(t, db, func(tx *store.Tx) error { return runs.Add(tx, want, now) })
		update(t, db, func(tx *store.Tx) error {
			if any, err := runs.Any(tx, remedy.Runner); err != nil || !any {
				t.Errorf("any %v, %v", any, err)
			}
			if none, err := runs.Waiting(tx, remedy.Server, 5); err != nil || len(none) != 0 {
				t.Errorf("another lane: %v, %v", none, err)
			}
			all, err := runs.Waiting(tx, remedy.Runner, 5)
			if err != nil || len(all) != 1 || !reflect.DeepEqual(all[0], want) {
				t.Fatalf("got %+v, %v", all, err)
			}
			want = all[0]
			if err := want.Start("r", "token:r", now); err != nil {
				return err
			}
			return runs.Save(tx, want)
		})
		update(t, db, func(tx *store.Tx) error {
			if any, err := runs.Any(tx, remedy.Runner); err != nil || any {
				t.Errorf("still waiting: %v, %v", any, err)
			}
			got, err := runs.Lock(tx, want.ID)
			of, also := runs.Of(tx, 7)
			if err != nil || also != nil || !reflect.DeepEqual(got, want) || len(of) != 1 || got.Fence != 1 {
				t.Errorf("got %+v, %v %v", got, err, also)
			}
			if _, err := runs.Get(tx, 99); !fault.Is(err, fault.NotFound) {
				t.Errorf("a run that is not: %v", err)
			}
			for i, body := range []string{"one", "two", "again"} {
				if err := runs.Write(tx, want.ID, int64(min(i+1, 2)), body); err != nil {
					return err
				}
			}
			out, err := runs.Output(tx, want.ID, 1, 10)
			if err != nil || len(out) != 1 || out[0] != (runs.Chunk{Seq: 2, Body: "two"}) {
				t.Errorf("output %v, %v", out, err)
			}
			return nil
		})
	})
}

func TestBoardAndBackups(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := &remedy.Recovery{IncidentID: 7, Service: "auth", State: remedy.InWork, Worker: "ana", By: "bo", At: now, StartedAt: now}
		update(t, db, func(tx *store.Tx) error {
			for range 2 {
				if err := runs.Recover(tx, want); err != nil {
					return err
				}
			}
			if err := runs.Over(tx, "cdn", 5, now); err != nil {
				return err
			}
			return runs.Over(tx, "cdn", 6, now.Add(time.Hour)) // it has failed over already
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := runs.Recoveries(tx, 7)
			if err != nil || len(got) != 1 || !reflect.DeepEqual(got["auth"], want) {
				t.Errorf("got %+v, %v", got, err)
			}
			all, err := runs.Backups(tx)
			if err != nil || all["cdn"] != (runs.Backup{Vendor: "cdn", Since: now, Run: 5}) {
				t.Errorf("backups %v, %v", all, err)
			}
			return runs.Primary(tx, "cdn")
		})
		update(t, db, func(tx *store.Tx) error {
			all, err := runs.Backups(tx)
			if len(all) != 0 {
				t.Errorf("left %v", all)
			}
			return err
		})
	})
}
