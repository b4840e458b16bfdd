package subscribers_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
	"allclear/internal/domain/subscription"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
	"allclear/internal/store/subscribers"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, subscribers.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

func TestSubscribersComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := &subscription.Subscriber{
			Page: "acme", Channel: subscription.Email, Address: "ana@x.example", State: subscription.Pending, CreatedAt: now, ExpiresAt: now.Add(time.Hour),
			Choice: subscription.Choice{Components: []string{"c1"}, Kinds: []subscription.Kind{subscription.Incidents}, Lang: "de"},
			Asks:   2, Failures: 1, Problem: "p", PausedAt: now, Imported: true,
		}
		update(t, db, func(tx *store.Tx) error { return subscribers.Insert(tx, want) })
		update(t, db, func(tx *store.Tx) error {
			again := *want
			if err := tx.Savepoint(func() error { return subscribers.Insert(tx, &again) }); !fault.Is(err, fault.Conflict) {
				t.Errorf("the same address twice: %v", err)
			}
			for name, read := range map[string]func() (*subscription.Subscriber, error){
				"get": func() (*subscription.Subscriber, error) { return subscribers.Get(tx, want.ID) },
				"find": func() (*subscription.Subscriber, error) {
					return subscribers.Find(tx, "acme", subscription.Email, want.Address)
				},
			} {
				if got, err := read(); err != nil || !reflect.DeepEqual(got, want) {
					t.Errorf("%s: %+v, %v\nwant %+v", name, got, err, want)
				}
			}
			if all, err := subscribers.Next(tx, "acme", 0, 5); err != nil || len(all) != 0 {
				t.Errorf("nobody has confirmed: %v, %v", all, err)
			}
			want.Confirm(now)
			if err := subscribers.Update(tx, want); err != nil {
				return err
			}
			for page, n := range map[string]int{"acme": 1, "": 1, "bolt": 0} {
				all, err := subscribers.Next(tx, page, 0, 5)
				some, err2 := subscribers.Any(tx, page)
				if err != nil || err2 != nil || len(all) != n || some != (n > 0) {
					t.Errorf("page %q: %v, %v, %v, %v", page, all, some, err, err2)
				}
			}
			if all, err := subscribers.List(tx, subscribers.Filter{Channel: subscription.Email, State: subscription.Confirmed, Limit: 5}); err != nil || len(all) != 1 {
				t.Errorf("list: %v, %v", all, err)
			}
			counts, err := subscribers.Counts(tx)
			if err != nil || !reflect.DeepEqual(counts, []subscribers.Count{{subscription.Email, subscription.Confirmed, 1}}) {
				t.Errorf("counts %v, %v", counts, err)
			}
			if n, err := subscribers.DeleteOf(tx, "acme"); err != nil || n != 1 {
				t.Errorf("delete of page: %d, %v", n, err)
			}
			if was, err := subscribers.Delete(tx, want.ID); err != nil || was {
				t.Errorf("delete what is gone: %v, %v", was, err)
			}
			return nil
		})
	})
}

func TestANoticeIsKeptOnceAndForgotten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := &subscription.Notice{Kind: subscription.Incidents, ID: "u1", Post: "p1", Name: "n", Status: status.Investigating, Body: "b", At: now, StartedAt: now}
		update(t, db, func(tx *store.Tx) error {
			for _, want := range []bool{true, false} {
				if fresh, err := subscribers.AddNotice(tx, n, now); err != nil || fresh != want {
					t.Errorf("add: %v, %v, want %v", fresh, err, want)
				}
			}
			if err := subscribers.Move(tx, n, 7); err != nil {
				return err
			}
			if got, after, err := subscribers.Notice(tx, "", "u1"); err != nil || after != 7 || !reflect.DeepEqual(got, n) {
				t.Errorf("got %+v after %d, %v", got, after, err)
			}
			if got, after, err := subscribers.Untold(tx); err != nil || after != 7 || got == nil {
				t.Errorf("untold %+v after %d, %v", got, after, err)
			}
			if err := subscribers.Move(tx, n, subscribers.Done); err != nil {
				return err
			}
			if got, _, err := subscribers.Untold(tx); err != nil || got != nil {
				t.Errorf("told already: %+v, %v", got, err)
			}
			if err := subscribers.Forget(tx, now.Add(time.Second)); err != nil {
				return err
			}
			if got, _, err := subscribers.Notice(tx, "", "u1"); err != nil || got != nil {
				t.Errorf("kept: %v, %v", got, err)
			}
			return nil
		})
	})
}
