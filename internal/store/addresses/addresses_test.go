package addresses_test

import (
	"testing"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func TestStandings(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		at := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		in := message.Standing{Channel: message.Email, Hash: message.AddressHash(message.Email, "A@b.example"), OptedOutAt: at, OptedOutBy: message.ByReader, BouncedAt: at, Bounce: "550 5.1.1 gone"}
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			if err := addresses.Save(tx, message.Standing{Channel: message.SMS, Hash: "x", OptedOutAt: at}, at); err != nil {
				return err
			}
			if err := addresses.Save(tx, message.Standing{Channel: message.Email, Hash: in.Hash}, at); err != nil {
				return err
			}
			if err := addresses.Save(tx, in, at); err != nil {
				return err
			}
			got, err := addresses.Get(tx, message.Email, message.AddressHash(message.Email, " a@B.example "))
			if err == nil && got != in {
				t.Errorf("got %+v", got)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.View(t.Context(), func(tx *store.Tx) error {
			none, err := addresses.Get(tx, message.Email, "nobody")
			if err != nil || none != (message.Standing{Channel: message.Email, Hash: "nobody"}) {
				t.Errorf("nobody: %+v %v", none, err)
			}
			out, err := addresses.OptedOut(tx, message.Email)
			if len(out) != 1 || !out[in.Hash] {
				t.Errorf("opted out %v", out)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
