package absence_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/flow/absence"
	"allclear/internal/store"
	"allclear/internal/store/absences"
)

const byHand = "20T00-21T00 by hand"

// serve answers as a server of calendars does, with a validator.
func serve(text, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", "text/calendar")
		_, _ = w.Write([]byte(text))
	}
}

func (w *world) add(path string) absence.Calendar {
	w.t.Helper()
	c, err := w.a.Add(w.t.Context(), ana, "ana", absence.NewCalendar{Address: secret.String(w.url + path)}, t0)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// A calendar is read when it is added and every quarter of an hour; what it says
// no more ends, what was written by hand stays.
func TestCalendarIsFollowed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.host.says(serve(days(10, 11, 15), `"1"`))
		c := w.add("/private-0123456789abcdef0123/basic.ics")
		if c.Label != "127.0.0.1" || c.Error != "" || c.Away != 2 || !c.SucceededAt.Equal(t0) {
			t.Errorf("added: %+v", c)
		}
		w.wantAway("added", byHand+", 9T23-11T23 calendar, 14T23-15T23 calendar")
		if got := w.outcomes(); got != "added changed" {
			t.Errorf("told %q", got)
		}
		w.tick(t0.Add(14 * time.Minute))
		if len(w.host.requests) != 1 {
			t.Errorf("read %d times within a quarter of an hour", len(w.host.requests))
		}
		w.tick(t0.Add(15 * time.Minute))
		if c := w.only(); len(w.host.requests) != 2 || !c.SucceededAt.Equal(t0.Add(15*time.Minute)) || w.outcomes() != "" {
			t.Errorf("unchanged: %d requests, %+v", len(w.host.requests), c)
		}
		w.host.says(serve(days(15, 16), `"2"`))
		w.tick(t0.Add(30 * time.Minute))
		w.wantAway("one has gone, one has grown", byHand+", 14T23-16T23 calendar")
		// A day later the events are laid out anew although nothing has changed.
		w.host.says(serve(days(15, 16), `"2"`))
		w.tick(t0.Add(24*time.Hour + 31*time.Minute))
		if got := w.host.requests[0].Header.Get("If-None-Match"); got != "" {
			t.Errorf("asked with %q", got)
		}
		if err := w.a.Remove(t.Context(), ana, "ana", c.ID, t0.Add(25*time.Hour)); err != nil {
			t.Fatal(err)
		}
		w.wantAway("removed", byHand)
	})
}

// Whatever a server does, the last good absences hold, the owner sees why, and
// no error repeats the address.
func TestReadingFails(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.host.says(serve(days(10), `"1"`))
		w.add("/private-0123456789abcdef0123/basic.ics")
		now := t0
		for _, c := range []struct {
			what, says string
			does       http.HandlerFunc
		}{
			{"gone", "404 Not Found", func(w http.ResponseWriter, r *http.Request) { http.Error(w, "no "+r.URL.Path, http.StatusNotFound) }},
			{"a page", "web page", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Sign in</html>")) }},
			{"nothing", "no calendar", func(http.ResponseWriter, *http.Request) {}},
			{"huge", "longer than", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(days(10) + strings.Repeat("X-FILL:"+strings.Repeat("x", 60)+"\r\n", 40_000)))
			}},
			{"torn", "broke off", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "5000")
				_, _ = w.Write([]byte(days(11)))
			}},
			{"to plain HTTP", "redirect from https to http", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "http://127.0.0.1/"+r.URL.Path, http.StatusFound)
			}},
			{"in a ring", "more than 3 redirects", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, r.URL.Path, http.StatusFound) }},
			{"inside", "not allowed", func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://169.254.169.254/latest", http.StatusFound)
			}},
			{"silent", "no answer in time", func(_ http.ResponseWriter, r *http.Request) {
				<-r.Context().Done()
				panic(http.ErrAbortHandler) // an empty answer may overtake the end of the connection
			}},
		} {
			now = now.Add(15 * time.Minute)
			w.host.says(c.does)
			w.tick(now)
			got := w.only()
			if !strings.Contains(got.Error, c.says) || strings.Contains(got.Error, "0123456789abcdef") || !got.ReadAt.Equal(now) || !got.SucceededAt.Equal(t0) {
				t.Errorf("%s: %+v", c.what, got)
			}
			w.wantAway(c.what, byHand+", 9T23-10T23 calendar")
		}
		w.outcomes()
		first := t0.Add(15 * time.Minute)
		w.host.says(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
		for now.Before(first.Add(26 * time.Hour)) {
			now = now.Add(15 * time.Minute)
			w.tick(now)
		}
		if len(w.seen) != 1 || w.seen[0].Data.Outcome != event.CalendarUnread || !w.seen[0].At.Equal(first.Add(24*time.Hour)) || !strings.Contains(w.seen[0].Data.Text, "502 Bad Gateway") {
			t.Errorf("told %+v", w.seen)
		}
		w.host.says(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/moved" {
				http.Redirect(w, r, "/moved", http.StatusMovedPermanently)
				return
			}
			_, _ = w.Write([]byte(days(12)))
		})
		w.tick(now.Add(15 * time.Minute))
		if c := w.only(); c.Error != "" || !c.FailingSince.IsZero() {
			t.Errorf("mended: %+v", c)
		}
		w.wantAway("mended, after a redirect", byHand+", 11T23-12T23 calendar")
	})
}

// A file is kept and laid out again as time goes on. One that cannot be read is
// refused and leaves nothing.
func TestFile(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if _, err := w.a.Add(t.Context(), ana, "ana", absence.NewCalendar{File: "<html>", Name: "x.ics"}, t0); err == nil || !strings.Contains(err.Error(), "web page") {
			t.Errorf("a page: %v", err)
		}
		late := strings.Replace(days(1), "20260301", "20261201", 1)
		c, err := w.a.Add(t.Context(), ana, "ana", absence.NewCalendar{File: late, Name: "leave.ics"}, t0)
		if err != nil || c.Label != "leave.ics" || c.Kind != "file" || c.Away != 0 {
			t.Fatalf("added %+v, %v", c, err)
		}
		w.tick(time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC))
		if c := w.only(); c.Away != 1 {
			t.Errorf("in October: %+v", c)
		}
	})
}

// What is secret is in no column of the table, nor in the record.
func TestAddressIsSealed(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.host.says(serve(days(10), `"1"`))
		w.add("/private-0123456789abcdef0123/basic.ics")
		err := w.db.View(t.Context(), func(tx *store.Tx) error {
			rows, err := absences.Of(tx, "ana")
			if len(rows) != 1 || rows[0].Sealed == "" {
				t.Fatalf("rows %+v", rows)
			}
			if all := fmt.Sprintf("%+v", *rows[0]); strings.Contains(all, "basic.ics") || strings.Contains(all, "0123456789abcdef") || strings.Contains(all, "private matter") {
				t.Errorf("the table holds %q", all)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if all := fmt.Sprintf("%+v", w.seen); strings.Contains(all, "basic.ics") || strings.Contains(all, "private matter") {
			t.Errorf("the record says %s", all)
		}
	})
}

// Whoever leaves the catalogue takes the calendars along.
func TestOwnerLeaves(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.host.says(serve(days(10), `"1"`))
		w.add("/a")
		w.cat = w.cat.Without(catalog.KindPerson, "ana")
		w.tick(t0.Add(15 * time.Minute))
		w.cat = w.cat.With(catalog.Person{ID: "ana"})
		if s, err := w.a.Of(t.Context(), ana, "ana"); err != nil || len(s.Calendars) != 0 {
			t.Errorf("%+v, %v", s, err)
		}
	})
}
