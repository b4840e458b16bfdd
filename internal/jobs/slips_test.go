package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

// wantsAll wants everything and counts outcomes.
type wantsAll struct{ outcomes map[string]int }

func (wantsAll) Wanted(*store.Tx, *message.Delivery, time.Time) (bool, string, error) {
	return true, "", nil
}

func (w wantsAll) Outcome(_ *store.Tx, d *message.Delivery, _ time.Time) error {
	w.outcomes[d.Key]++
	return nil
}

// A process that dies after a provider has accepted and before the database knows
// does not send it once more; what is torn, or of another attempt, is sent again.
//
// Clauses: INT-EMAIL-MASS
// INV-P2
func TestWhatWasAcceptedIsNotSentAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
			for i := range 4 {
				if err := deliveries.Queue(tx, &message.Delivery{Key: fmt.Sprint("mail/", i), Kind: message.KindMessage, Channel: message.Email, Priority: 2, DueAt: now, CreatedAt: now}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "slips")
		slips, err := OpenSlips(path)
		if err != nil {
			t.Fatal(err)
		}
		sent := map[string]int{}
		mind := wantsAll{map[string]int{}}
		s := &Sender{
			DB: db, Log: slog.New(slog.DiscardHandler), Lane: deliveries.Lane{From: 2, To: 2}, Workers: 4, Lease: time.Minute, Mind: mind, Slips: slips,
			Carry: func(_ context.Context, d *message.Delivery) Carried {
				sent[d.Key]++
				return Carried{Receipt: "<" + d.Key + ">\n250 \"ok\""}
			},
		}
		// It dies when all four were accepted: one slip was still to be written.
		died := errors.New("killed")
		n := 0
		s.AfterSend = func() error {
			if n++; n == 4 {
				return died
			}
			return nil
		}
		if _, err := s.Tick(t.Context(), now); !errors.Is(err, died) {
			t.Fatal(err)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b[:len(b)-3], "\nrubbish\n00000000 1 2 \"x\"\n"...), 0o600); err != nil { // the third is torn
			t.Fatal(err)
		}
		if slips, err = OpenSlips(path); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = slips.Close() }()
		for want := 2; want >= 0; want -= 2 {
			if n, err := slips.Settle(t.Context(), db, mind, now); err != nil || n != want {
				t.Fatalf("settled %d, want %d: %v", n, want, err)
			}
		}
		s.Slips, s.AfterSend = slips, nil
		err = db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error { return deliveries.Release(tx, now) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Tick(t.Context(), now); err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			key := fmt.Sprint("mail/", i)
			if again := map[bool]int{true: 1, false: 2}[i < 2]; sent[key] != again || mind.outcomes[key] != 1 {
				t.Errorf("%s was sent %d times with %d outcomes", key, sent[key], mind.outcomes[key])
			}
		}
	})
}

// A slip of an attempt that another worker has taken over says nothing.
func TestASlipOfAnotherAttempt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		now := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
		d := &message.Delivery{Key: "mail", Kind: message.KindMessage, Channel: message.Email, Priority: 2, DueAt: now, CreatedAt: now}
		err := db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error { return deliveries.Queue(tx, d) })
		for i := range 2 {
			err = errors.Join(err, db.Update(t.Context(), store.PriorityRest, func(tx *store.Tx) error {
				at := now.Add(time.Duration(i) * time.Hour)
				_, err := deliveries.Claim(tx, deliveries.Lane{From: 2, To: 2}, at, deliveries.Term{Lease: time.Minute, Shared: at}, 1)
				return err
			}))
		}
		slips, err2 := OpenSlips(filepath.Join(t.TempDir(), "slips"))
		if err = errors.Join(err, err2); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = slips.Close() }()
		d.Fence = 1
		if err := slips.note(d); err != nil {
			t.Fatal(err)
		}
		if n, err := slips.Settle(t.Context(), db, wantsAll{map[string]int{}}, now); err != nil || n != 0 {
			t.Errorf("settled %d: %v", n, err)
		}
	})
}
