package app

import (
	"context"
	"time"

	"allclear/internal/store"
	"allclear/internal/store/events"
)

// timeOfDay is what the watch compares the server's time with.
func (s *server) timeOfDay(ctx context.Context) (at time.Time, ok bool, err error) {
	at, err = s.time.TimeOfDay(ctx)
	return at, err == nil, err
}

// doubt says aloud when the record knows a later time than the server begins at:
// then the time of day was wrong, before or now.
func (s *server) doubt(ctx context.Context, db *store.DB, now time.Time) error {
	var newest time.Time
	err := db.View(ctx, func(tx *store.Tx) error {
		id, err := events.Last(tx)
		newest = id.Time()
		return err
	})
	if by := newest.Sub(now); by > time.Minute {
		s.log.Error("the newest entry of the record is later than now: the time of day was set wrong, before or at this start", "by", by.Round(time.Second), "now", now)
	}
	return err
}
