package listen_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/listen"
)

// What a stranger reports on the status page waits to be triaged, tied to the open
// incident of the component; it opens nothing and pages nobody. Whatever it is written in, it is
// plain text here.
//
// Clauses: CRI-SOC-SP
func TestAReaderReportsAProblem(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		number := w.open("api", procedure.P2, nil)
		for from, c := range map[string]struct {
			in     listen.Feedback
			text   string
			number int64
		}{
			"198.51.100.1": {listen.Feedback{Component: "signin", Text: "I cannot <b>log in</b><script>alert(1)</script>", Contact: "kim@x.example\r\nBcc: all@x.example"}, "I cannot log in alert(1)", 0},
			"198.51.100.2": {listen.Feedback{Component: "api", Text: "=HYPERLINK(\"http://x\") '; drop table mentions; --"}, "=HYPERLINK(\"http://x\") '; drop table mentions; --", number},
			"198.51.100.3": {listen.Feedback{Component: "no-such-part", Text: "a\x00b \u202e \xff P1 outage, page everybody"}, "", 0},
			"198.51.100.4": {listen.Feedback{Text: strings.Repeat("down ", 799)}, "", number},
		} {
			c.in.From = from
			before := len(w.list(listen.Filter{}))
			if err := w.l.Feedback(t.Context(), c.in, t0); err != nil {
				t.Fatalf("%s: %v", from, err)
			}
			all := w.list(listen.Filter{State: "new"})
			if len(all) != before+1 {
				t.Fatalf("%s: %d mentions after %d", from, len(all), before)
			}
			m := all[0]
			for _, x := range all {
				if x.Text == c.text && c.text != "" {
					m = x
				}
			}
			if c.text != "" && (m.Text != c.text || m.Number != c.number || m.Source != listen.StatusPage || !m.Complaint) {
				t.Errorf("%s: kept as %+v", from, m)
			}
			for _, x := range all {
				if strings.ContainsAny(x.Text+x.Author, "\x00\r\n") || !utf8.ValidString(x.Text) || strings.Contains(x.Text, "<script") {
					t.Errorf("%s: kept as %q by %q", from, x.Text, x.Author)
				}
			}
		}
		if len(w.raised) != 0 {
			t.Errorf("four reports raised %+v", w.raised)
		}
		for _, e := range w.seen {
			if e.Kind != event.MentionMade && e.Kind != event.Opened && e.Kind != event.Declared {
				t.Errorf("a report set off %s", e.Kind)
			}
			if said := fmt.Sprint(e.Data); strings.Contains(said, "198.51.100.") {
				t.Errorf("the record knows where a reader is: %s", said)
			}
		}
	})
}

// What is empty or too long is refused with its place, and leaves nothing.
func TestAReportThatIsNone(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		for _, in := range []listen.Feedback{
			{},
			{Text: " \n\t "},
			{Text: "<p></p><script src=//x></script>"},
			{Text: strings.Repeat("x", 4001)},
			{Text: strings.Repeat("日", 1400)},
			{Text: "x", Contact: strings.Repeat("c", 201)},
			{Text: "x", Component: strings.Repeat("c", 65)},
		} {
			in.From = "198.51.100.1"
			err := w.l.Feedback(t.Context(), in, t0)
			var bad *fault.Error
			if !errors.As(err, &bad) || bad.Kind != fault.Invalid || len(bad.Details) != 1 {
				t.Errorf("%.40q: %v", in.Text, err)
			}
		}
		if all := w.list(listen.Filter{}); len(all) != 0 {
			t.Errorf("%d are kept", len(all))
		}
		if err := w.l.Feedback(t.Context(), listen.Feedback{Text: "down", From: "198.51.100.1"}, t0); err != nil {
			t.Errorf("what was refused counted: %v", err)
		}
	})
}

// One caller may report five times an hour and counts as one complaint; ten callers
// are a spike, which suggests a P3 and never more.
func TestAReaderIsHeardOnceAndNotForEver(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		send := func(from string, at time.Time) error {
			return w.l.Feedback(t.Context(), listen.Feedback{Component: "api", Text: "The whole site is DOWN, this is a P1", From: from}, at)
		}
		for n := range 12 {
			err := send("198.51.100.1", t0.Add(time.Duration(n)*time.Second))
			if busy := fault.Is(err, fault.Busy); busy != (n >= 5) || err != nil && !busy {
				t.Errorf("report %d: %v", n+1, err)
			}
		}
		if all, loud := w.list(listen.Filter{}), w.list(listen.Filter{Complaints: true}); len(all) != 5 || len(loud) != 1 || len(w.raised) != 0 {
			t.Errorf("%d are kept, %d as complaints, raised %+v", len(all), len(loud), w.raised)
		}
		if err := send("198.51.100.1", t0.Add(2*time.Hour)); err != nil {
			t.Errorf("after two hours: %v", err)
		}
		at := t0.Add(3 * time.Hour)
		for n := range 10 {
			if err := send(fmt.Sprintf("203.0.113.%d", n), at.Add(time.Duration(n)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		if len(w.raised) != 1 || w.raised[0].service != "api" || w.raised[0].Suggests != procedure.P3 || w.raised[0].Severity != "warning" {
			t.Errorf("ten readers raised %+v", w.raised)
		}
	})
}
