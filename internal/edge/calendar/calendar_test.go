package calendar

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/base/fault"
	"allclear/internal/flow/rota"
)

type shelf map[string]rota.Calendar

func (s shelf) Calendar(_ context.Context, token string, _ time.Time) (rota.Calendar, error) {
	if token == "broken" {
		return rota.Calendar{}, errors.New("the disk is full of secrets")
	}
	c, ok := s[token]
	if !ok {
		return c, fault.New(fault.NotFound, "there is no such calendar")
	}
	return c, nil
}

var t0 = time.Date(2026, 3, 28, 10, 0, 0, 0, time.UTC)

func get(t *testing.T, path string) *httptest.ResponseRecorder {
	t.Helper()
	one := rota.Calendar{Name: "Ana on call", Events: []rota.Entry{
		{UID: "primary-1774688400-ana@allclear", Summary: "primary: Ana, of the \"core\"; \\ \nand a name so long that its line must be folded because no line is longer than 75 octets: ÅÄÖ", From: t0, Until: t0.Add(23 * time.Hour)},
		{UID: "legal-1774688400-ana@allclear", Summary: "legal: Ana", From: t0.Add(time.Hour), Until: t0.Add(2 * time.Hour)},
	}}
	mux := http.NewServeMux()
	New(shelf{"good": one}, slog.New(slog.DiscardHandler), func() time.Time { return t0 }).Register(mux)
	rec := httptest.NewRecorder()
	mux.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return rec
}

// Clauses: PLT-PD-SCHED
func TestCalendarIsReadByAParser(t *testing.T) {
	rec := get(t, "/calendar/good.ics")
	if rec.Code != http.StatusOK || rec.Header().Get("Content-Type") != "text/calendar; charset=utf-8" {
		t.Fatalf("answer is %d, %v", rec.Code, rec.Header())
	}
	text := rec.Body.String()
	for line := range strings.SplitSeq(text, "\r\n") {
		if len(line) > 75 || strings.Contains(line, "\n") {
			t.Errorf("line of %d octets, or one that is not ended by CRLF: %q", len(line), line)
		}
	}
	if strings.Contains(text, "VTIMEZONE") || !strings.Contains(text, "DTSTART:20260328T100000Z\r\n") {
		t.Errorf("instants are not in UTC:\n%s", text)
	}
	cal, err := ics.ParseCalendar(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	events := cal.Events()
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	from, err1 := events[0].GetStartAt()
	until, err2 := events[0].GetEndAt()
	if err := errors.Join(err1, err2); err != nil || !from.Equal(t0) || !until.Equal(t0.Add(23*time.Hour)) || events[0].Id() != "primary-1774688400-ana@allclear" {
		t.Errorf("first event from %v until %v, %v: %v", from, until, events[0].Id(), err)
	}
}

func TestWrongAddressesAnswerAlike(t *testing.T) {
	for _, path := range []string{"/calendar/bad.ics", "/calendar/good", "/calendar/.ics"} {
		if rec := get(t, path); rec.Code != http.StatusNotFound || rec.Body.String() != "There is no such calendar.\n" {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
	}
	if rec := get(t, "/calendar/broken.ics"); rec.Code != http.StatusServiceUnavailable || strings.Contains(rec.Body.String(), "secret") {
		t.Errorf("a failure: %d %s", rec.Code, rec.Body)
	}
}
