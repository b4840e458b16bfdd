// Package calendar owns the addresses that calendar programs subscribe to: one
// turn, one event, as RFC 5545 text. It must not know accounts: the secret in
// the address is the right to read, and it opens nothing but turns.
package calendar

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/base/fault"
	"allclear/internal/flow/rota"
)

// Source reads the calendar behind an address.
type Source interface {
	Calendar(ctx context.Context, token string, now time.Time) (rota.Calendar, error)
}

// Calendar serves /calendar/{token}.ics.
type Calendar struct {
	source Source
	log    *slog.Logger
	now    func() time.Time
}

// New returns the handler.
func New(s Source, log *slog.Logger, now func() time.Time) *Calendar {
	return &Calendar{source: s, log: log, now: now}
}

// Register adds the route.
func (c *Calendar) Register(mux *http.ServeMux) { mux.HandleFunc("GET /calendar/{file}", c.serve) }

func (c *Calendar) serve(w http.ResponseWriter, r *http.Request) {
	token, ok := strings.CutSuffix(r.PathValue("file"), ".ics")
	now := c.now()
	var cal rota.Calendar
	err := error(fault.New(fault.NotFound, "there is no such calendar"))
	if ok {
		cal, err = c.source.Calendar(r.Context(), token, now)
	}
	switch {
	case fault.Is(err, fault.NotFound):
		http.Error(w, "There is no such calendar.", http.StatusNotFound)
	case err != nil:
		c.log.ErrorContext(r.Context(), "read a calendar", "error", err)
		http.Error(w, "The calendar cannot be read now.", http.StatusServiceUnavailable)
	default:
		w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
		w.Header().Set("Cache-Control", "private, max-age=300")
		_, _ = w.Write([]byte(Text(cal, now)))
	}
}

// Text writes the calendar. Every instant is in UTC, so that no reader needs a
// table of zones.
func Text(cal rota.Calendar, now time.Time) string {
	out := ics.NewCalendarFor("Allclear")
	out.SetMethod(ics.MethodPublish)
	out.SetXWRCalName(cal.Name)
	out.SetRefreshInterval("PT1H", ics.WithValue("DURATION"))
	for _, e := range cal.Events {
		v := out.AddEvent(e.UID)
		v.SetDtStampTime(now)
		v.SetStartAt(e.From)
		v.SetEndAt(e.Until)
		v.SetSummary(e.Summary)
		v.SetProperty(ics.ComponentPropertyTransp, "TRANSPARENT")
	}
	return out.Serialize(ics.WithNewLineWindows)
}
