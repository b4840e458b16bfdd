package jobs_test

import (
	"fmt"
	"testing"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/storetest"
)

// BenchmarkPastAHangingChannel is a look for what is due behind 10,000 pages of a
// channel that has its share of the workers.
func BenchmarkPastAHangingChannel(b *testing.B) {
	const backlog = 10_000
	db := storetest.SQLite(b)
	err := db.Update(b.Context(), store.PriorityPage, func(tx *store.Tx) error {
		ds := make([]*message.Delivery, backlog)
		for n := range ds {
			ds[n] = &message.Delivery{Key: fmt.Sprint(n), Kind: message.KindPage, Channel: "sms", Address: "a", DueAt: judged, CreatedAt: judged}
		}
		return deliveries.Queue(tx, ds...)
	})
	if err != nil {
		b.Fatal(err)
	}
	lane, now := deliveries.Lane{From: 0, To: 1}, judged.Add(time.Hour)
	b.Run("read", func(b *testing.B) {
		for b.Loop() {
			err := db.View(b.Context(), func(tx *store.Tx) error {
				_, ok, err := deliveries.Next(tx, lane, "sms", "voice")
				if ok {
					b.Error("something is due over another channel")
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("claim", func(b *testing.B) {
		for b.Loop() {
			err := db.Update(b.Context(), store.PriorityPage, func(tx *store.Tx) error {
				ds, err := deliveries.Claim(tx, lane, now, deliveries.Term{Lease: time.Minute, Shared: now}, 4, "sms", "voice")
				if len(ds) > 0 {
					b.Error("it claimed what it was to leave alone")
				}
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}
