package rooms_test

import (
	"reflect"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/room"
	"allclear/internal/store"
	"allclear/internal/store/rooms"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestEveryQueryFitsBothEngines(t *testing.T) { storetest.PrepareAll(t, rooms.Queries()) }

var now = time.Date(2026, 3, 2, 3, 0, 0, 123000, time.UTC)

func update(t *testing.T, db *store.DB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Update(t.Context(), store.PriorityRest, fn); err != nil {
		t.Fatal(err)
	}
}

func TestPartsComeBackAsTheyWere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		want := &room.Part{
			IncidentID: 7, Kind: room.Chat, State: room.Wanted, DueAt: now, Name: "inc-1", Title: "t", Private: true, By: "ana", WantedAt: now,
			Instead: &room.Instead{What: "page", URL: "https://a.example"}, Lines: []room.Line{{Key: "1", Text: "x"}}, Present: []room.Presence{{Name: "Ana", Since: now}},
		}
		update(t, db, func(tx *store.Tx) error {
			ok, err := rooms.Add(tx, want, now)
			if err != nil || !ok {
				t.Errorf("add: %v, %v", ok, err)
			}
			if ok, err := rooms.Add(tx, &room.Part{IncidentID: 7, Kind: room.Chat}, now); err != nil || ok {
				t.Errorf("added twice: %v, %v", ok, err)
			}
			return err
		})
		update(t, db, func(tx *store.Tx) error {
			got, err := rooms.Find(tx, 7, room.Chat, "")
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, want)
			}
			if at, ok, err := rooms.Next(tx); err != nil || !ok || !at.Equal(now) {
				t.Errorf("next %v %v %v", at, ok, err)
			}
			due, err := rooms.Claim(tx, now, now.Add(time.Minute), 5)
			if err != nil || len(due) != 1 || due[0].Fence != 1 {
				t.Errorf("due %+v, %v", due, err)
			}
			if again, err := rooms.Claim(tx, now, now.Add(time.Minute), 5); err != nil || len(again) != 0 {
				t.Errorf("claimed twice: %+v, %v", again, err)
			}
			due[0].State, due[0].Provider, due[0].Ref, due[0].DueAt = room.Open, "slack", "C1", time.Time{}
			return rooms.Save(tx, due[0])
		})
		update(t, db, func(tx *store.Tx) error {
			if p, err := rooms.ByRef(tx, "slack", "C1"); err != nil || p == nil || p.IncidentID != ident.ID(7) || p.Fence != 1 || p.State != room.Open {
				t.Errorf("by ref: %+v, %v", p, err)
			}
			for _, ref := range []string{"", "C2"} {
				if p, err := rooms.ByRef(tx, "slack", ref); err != nil || p != nil {
					t.Errorf("%q: %+v, %v", ref, p, err)
				}
			}
			if _, ok, err := rooms.Next(tx); err != nil || ok {
				t.Errorf("something is due: %v", err)
			}
			all, err := rooms.Of(tx, 7)
			if err != nil || len(all) != 1 {
				t.Errorf("%v, %v", all, err)
			}
			if p, err := rooms.Lock(tx, all[0].ID); err != nil || p == nil {
				t.Errorf("%v, %v", p, err)
			}
			return nil
		})
	})
}

// The end of a claim is told as it is read back, however fine the clock is: who has the
// part sees by it whether somebody stirred it meanwhile.
func TestAClaimEndsWhenTheStoreSaysSo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		fine := now.Add(123 * time.Nanosecond)
		update(t, db, func(tx *store.Tx) error {
			_, err := rooms.Add(tx, &room.Part{IncidentID: 7, Kind: room.Chat, State: room.Wanted, DueAt: fine}, fine)
			if err != nil {
				return err
			}
			due, err := rooms.Claim(tx, fine, fine.Add(time.Minute), 5)
			if err != nil || len(due) != 1 {
				t.Fatalf("due %+v, %v", due, err)
			}
			p, err := rooms.Lock(tx, due[0].ID)
			if err != nil || !p.DueAt.Equal(due[0].DueAt) {
				t.Errorf("claimed until %v, stored %v, %v", due[0].DueAt, p.DueAt, err)
			}
			return err
		})
	})
}

// WAR-PHY-ROOM: a conference room is taken by one incident at a time.
func TestARoomIsTakenOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		steps := []struct {
			what string
			do   func(tx *store.Tx) (bool, error)
			want bool
		}{
			{"free", func(tx *store.Tx) (bool, error) { return rooms.Book(tx, "blue", 1, now) }, true},
			{"taken", func(tx *store.Tx) (bool, error) { return rooms.Book(tx, "blue", 2, now) }, false},
			{"another", func(tx *store.Tx) (bool, error) { return rooms.Book(tx, "red", 2, now) }, true},
			{"not theirs", func(tx *store.Tx) (bool, error) { return rooms.Release(tx, "blue", 2, now) }, false},
			{"given back", func(tx *store.Tx) (bool, error) { return rooms.Release(tx, "blue", 1, now) }, true},
			{"given back twice", func(tx *store.Tx) (bool, error) { return rooms.Release(tx, "blue", 1, now) }, false},
			{"free again", func(tx *store.Tx) (bool, error) { return rooms.Book(tx, "blue", 3, now) }, true},
		}
		for _, s := range steps {
			update(t, db, func(tx *store.Tx) error {
				if ok, err := s.do(tx); ok != s.want || err != nil {
					t.Errorf("%s: %v, %v", s.what, ok, err)
				}
				return nil
			})
		}
		update(t, db, func(tx *store.Tx) error {
			held, err := rooms.Held(tx)
			want := []rooms.Booking{{"blue", 3, now}, {"red", 2, now}}
			if !reflect.DeepEqual(held, want) {
				t.Errorf("held %+v", held)
			}
			return err
		})
	})
}

// Every version stays; the same one cannot be written twice.
func TestNotesKeepEveryVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			if n, err := rooms.Latest(tx, 1); err != nil || n != (rooms.Notes{}) {
				t.Errorf("%+v, %v", n, err)
			}
			for i, body := range []string{"one", "two"} {
				if ok, err := rooms.Write(tx, 1, rooms.Notes{Version: int64(i + 1), Author: "ana", At: now, Body: body}); !ok || err != nil {
					t.Errorf("%s: %v, %v", body, ok, err)
				}
			}
			if ok, err := rooms.Write(tx, 1, rooms.Notes{Version: 2, Author: "bo", At: now, Body: "lost"}); ok || err != nil {
				t.Errorf("written over: %v, %v", ok, err)
			}
			if n, err := rooms.Latest(tx, 1); err != nil || n != (rooms.Notes{2, "ana", now, "two"}) {
				t.Errorf("%+v, %v", n, err)
			}
			if n, err := rooms.Version(tx, 1, 1); err != nil || n.Body != "one" {
				t.Errorf("%+v, %v", n, err)
			}
			if _, err := rooms.Version(tx, 1, 3); !fault.Is(err, fault.NotFound) {
				t.Errorf("%v", err)
			}
			if all, err := rooms.Versions(tx, 1, 2, 10); err != nil || len(all) != 1 || all[0].Body != "" || all[0].Version != 1 {
				t.Errorf("%+v, %v", all, err)
			}
			return nil
		})
	})
}

func TestACallIsHeardOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		update(t, db, func(tx *store.Tx) error {
			for i, want := range []bool{true, false} {
				if ok, err := rooms.Hear(tx, "slack", "Ev1", now); ok != want || err != nil {
					t.Errorf("%d: %v, %v", i, ok, err)
				}
			}
			if err := rooms.Forget(tx, now.Add(time.Second)); err != nil {
				return err
			}
			ok, err := rooms.Hear(tx, "slack", "Ev1", now)
			if !ok {
				t.Error("not forgotten")
			}
			return err
		})
	})
}
