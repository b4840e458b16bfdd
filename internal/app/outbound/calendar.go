package outbound

import (
	"context"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/absence"
	"allclear/internal/plug"
)

// calendarTime is longer than a page may take: a calendar of years is put
// together by its server while we wait, and nobody else does.
const calendarTime = 20 * time.Second

// Calendars reads absence calendars.
func Calendars(guard *plug.Guard, version string) func(context.Context, secret.String, plug.Seen) (plug.Fetched, error) {
	client := plug.NewHTTP(plug.HTTPOptions{Guard: guard, Version: version, Timeout: calendarTime, Answer: absence.MaxBytes})
	return func(ctx context.Context, address secret.String, seen plug.Seen) (plug.Fetched, error) {
		return client.Fetch(ctx, address, "text/calendar", seen)
	}
}
