package absence

import (
	"bytes"
	"strings"

	ics "github.com/arran4/golang-ical"

	"allclear/internal/base/fault"
)

const (
	maxDepth = 8
	// maxHead bounds name and parameters of one line, whose number costs the
	// parser its square.
	maxHead = 1 << 10
	maxLine = 256 << 10
)

// kept are the components and properties that say when somebody is away.
var (
	keptComponents = set("VCALENDAR", "VEVENT", "VTIMEZONE", "STANDARD", "DAYLIGHT")
	keptProperties = set("UID", "DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "SUMMARY", "CATEGORIES", "STATUS", "TRANSP",
		"X-MICROSOFT-CDO-BUSYSTATUS", "X-MICROSOFT-CDO-ALLDAYEVENT", "TZID", "TZOFFSETFROM", "TZOFFSETTO", "X-LIC-LOCATION")
)

func set(words ...string) map[string]bool {
	out := map[string]bool{}
	for _, w := range words {
		out[w] = true
	}
	return out
}

// parse reads what is kept of a calendar. Everything else is dropped before the
// parser sees it: descriptions, attachments and alarms are the larger part of
// a calendar and no business of ours, and a mistake in them harms nobody.
func parse(body []byte) (*ics.Calendar, error) {
	if len(body) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "the calendar is larger than %d bytes", MaxBytes)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) < 15 || !strings.EqualFold(string(text[:15]), "BEGIN:VCALENDAR") {
		if bytes.HasPrefix(text, []byte("<")) {
			return nil, fault.New(fault.Invalid, "this is a web page, no calendar: the address may ask for a sign-in")
		}
		return nil, fault.New(fault.Invalid, "this is no calendar: it does not begin with BEGIN:VCALENDAR")
	}
	slim, err := slimmed(text)
	if err != nil {
		return nil, err
	}
	cal, err := ics.ParseCalendar(strings.NewReader(slim))
	if err != nil {
		// The parser's words may repeat a line of the calendar.
		return nil, fault.New(fault.Invalid, "the calendar is malformed and cannot be read")
	}
	return cal, nil
}

// slimmed writes the kept lines, unfolded. Several calendars in one file are
// one.
func slimmed(text []byte) (string, error) {
	var out strings.Builder
	out.WriteString("BEGIN:VCALENDAR\r\n")
	depth, dropped, events := 0, 0, 0
	for _, line := range unfold(text) {
		head, value, ok := cut(line)
		if !ok {
			continue
		}
		name, _, _ := strings.Cut(head, ";")
		name = strings.ToUpper(name)
		component := strings.ToUpper(strings.TrimSpace(value))
		switch {
		case name == "BEGIN":
			if depth++; depth > maxDepth {
				return "", fault.New(fault.Invalid, "the calendar is nested too deep")
			}
			if dropped > 0 || !keptComponents[component] {
				dropped++
				continue
			}
			if component == "VEVENT" {
				if events++; events > MaxEvents {
					return "", fault.New(fault.TooLarge, "the calendar has more than %d events", MaxEvents)
				}
			}
			if component != "VCALENDAR" {
				out.WriteString("BEGIN:" + component + "\r\n")
			}
		case name == "END":
			depth--
			if dropped > 0 {
				dropped--
				continue
			}
			if component != "VCALENDAR" {
				out.WriteString("END:" + component + "\r\n")
			}
		case dropped == 0 && depth > 1 && keptProperties[name]:
			if len(head) > maxHead || len(line) > maxLine {
				return "", fault.New(fault.TooLarge, "a line of the calendar is too long")
			}
			out.WriteString(name + line[len(name):] + "\r\n")
		}
	}
	if depth != 0 {
		return "", fault.New(fault.Invalid, "the calendar ends before its end")
	}
	return out.String() + "END:VCALENDAR\r\n", nil
}

// unfold joins lines that were folded and drops empty ones.
func unfold(text []byte) []string {
	var out []string
	var line []byte
	flush := func() {
		if len(line) > 0 {
			out = append(out, strings.ToValidUTF8(string(line), "?"))
		}
		line = line[:0]
	}
	for l := range bytes.Lines(text) {
		l = bytes.TrimRight(l, "\r\n")
		if len(l) > 0 && (l[0] == ' ' || l[0] == '\t') {
			line = append(line, l[1:]...)
			continue
		}
		flush()
		line = append(line, l...)
	}
	flush()
	return out
}

// cut splits a line at the colon that ends name and parameters.
func cut(line string) (head, value string, ok bool) {
	quoted := false
	for i := range len(line) {
		switch line[i] {
		case '"':
			quoted = !quoted
		case ':':
			if !quoted {
				return line[:i], line[i+1:], true
			}
		}
	}
	return "", "", false
}
