package mentions_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/mentions"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, mentions.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

func TestMentionsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := &mentions.Mention{
			Feed: "f", GUID: "g", Service: "api", State: mentions.New, Complaint: true, Incident: 7, At: now, FoundAt: now, Source: "x", Title: "t", Text: "x",
			Link: "https://a.example", Author: "kim", Score: 3, Words: []string{"down"}, By: "ana", DecidedBy: "bo", DecidedAt: now, Reason: "r",
		}
		update(t, db, func(tx *store.Tx) error {
			if fresh, err := mentions.Insert(tx, want); err != nil || !fresh {
				t.Errorf("%v, %v", fresh, err)
			}
			again := *want
			if fresh, err := mentions.Insert(tx, &again); err != nil || fresh {
				t.Errorf("twice: %v, %v", fresh, err)
			}
			old := mentions.Mention{Feed: "f", GUID: "undated", State: mentions.New, Complaint: true, Service: "api", FoundAt: now}
			_, err := mentions.Insert(tx, &old)
			return err
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := mentions.Get(tx, want.ID)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, want)
			}
			if got, err := mentions.Complaints(tx, "api", now.Add(-time.Hour), now); err != nil || len(got) != 1 {
				t.Errorf("complaints %v, %v", got, err)
			}
			for n, f := range map[int]mentions.Filter{2: {State: mentions.New, Feed: "f", Complaints: true, Limit: 5}, 1: {Incident: 7, Limit: 5}, 0: {Before: want.ID, Limit: 5}} {
				if got, err := mentions.List(tx, f); err != nil || len(got) != n {
					t.Errorf("%+v: %d, %v", f, len(got), err)
				}
			}
			got.State = mentions.Dismissed
			if err := mentions.Update(tx, got); err != nil {
				return err
			}
			if got, err := mentions.Complaints(tx, "api", now.Add(-time.Hour), now); err != nil || len(got) != 0 {
				t.Errorf("dismissed and counted: %v, %v", got, err)
			}
			if err := mentions.Forget(tx, now.Add(time.Second)); err != nil {
				return err
			}
			if got, err := mentions.List(tx, mentions.Filter{Limit: 5}); err != nil || len(got) != 0 {
				t.Errorf("left %v, %v", got, err)
			}
			return nil
		})
	})
}

func TestFeedsAreClaimedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := &mentions.Feed{ID: "f", DueAt: now.Add(time.Hour), Config: "c", ETag: "e", Modified: "m", Newest: "9", ReadAt: now, SucceededAt: now, FailingSince: now, Error: "e"}
		update(t, db, func(tx *store.Tx) error {
			if err := mentions.AddFeed(tx, "f", now); err != nil {
				return err
			}
			due, err := mentions.Claim(tx, now, now.Add(time.Minute), 5)
			again, also := mentions.Claim(tx, now, now.Add(time.Minute), 5)
			if len(due) != 1 || len(again) != 0 || err != nil || also != nil {
				t.Errorf("%v %v %v %v", due, again, err, also)
			}
			return mentions.SaveFeed(tx, want)
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := mentions.LockFeed(tx, "f")
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v", got, err)
			}
			if err := mentions.DropFeed(tx, "f"); err != nil {
				return err
			}
			all, err := mentions.Feeds(tx)
			if len(all) != 0 {
				t.Errorf("left %v", all)
			}
			return err
		})
	})
}
