package app

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"allclear/internal/store/storetest"
)

// A record that is younger than the server's time is told at the start.
func TestARecordFromTheFutureIsDoubted(t *testing.T) {
	w := newPushWorld(t, storetest.Memory(t)) // its record is of pushStart
	for by, said := range map[time.Duration]bool{-time.Hour: true, -2 * time.Second: false, time.Hour: false} {
		var log strings.Builder
		s := &server{log: slog.New(slog.NewTextHandler(&log, nil))}
		if err := s.doubt(t.Context(), w.DB, pushStart.Add(by)); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(log.String(), "set wrong"); got != said {
			t.Errorf("begun %s after the newest entry: %q", by, log.String())
		}
	}
}
