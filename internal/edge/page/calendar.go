package page

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"allclear/internal/domain/status"
)

// calendar draws announced work as iCalendar (RFC 5545): a calendar program that
// subscribes to it follows a window that moves, because the UID stays and SEQUENCE
// grows with every update.
func (b *book) calendar() {
	var l icsLines
	l.add("BEGIN", "VCALENDAR")
	l.add("VERSION", "2.0")
	l.add("PRODID", "-//Allclear//Status page//EN")
	l.add("CALSCALE", "GREGORIAN")
	l.add("METHOD", "PUBLISH")
	l.text("X-WR-CALNAME", b.title()+" – "+b.l.t("maintenance"))
	l.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
	for _, m := range byWindow(b.snap.Maintenances) {
		b.event(&l, m)
	}
	l.add("END", "VCALENDAR")
	a := openAsset("text/calendar; charset=utf-8", []byte(l.String()))
	a.lang = []string{string(b.l)}
	b.put(b.at+"/maintenance.ics", a)
}

func (b *book) event(l *icsLines, m status.Maintenance) {
	_, host, _ := strings.Cut(strings.TrimSuffix(b.tagURI(), ",2026:"), ":")
	text := []string{}
	for _, u := range m.Latest() {
		text = append(text, b.l.t(u.Status.Label())+" ("+b.l.date(u.DisplayAt, fullTime)+")\n"+u.Body)
	}
	names := []string{}
	for _, id := range m.ComponentIDs {
		if c := b.snap.Component(id); c != nil {
			names = append(names, c.Name)
		}
	}
	until := m.ScheduledUntil
	if !until.After(m.ScheduledFor) {
		until = m.ScheduledFor.Add(time.Minute) // DTEND must be later (3.8.2.2)
	}
	l.add("BEGIN", "VEVENT")
	l.add("UID", m.ID+"@"+host)
	l.add("DTSTAMP", icsTime(m.UpdatedAt))
	l.add("LAST-MODIFIED", icsTime(m.UpdatedAt))
	l.number("SEQUENCE", max(len(m.Updates)-1, 0))
	l.add("DTSTART", icsTime(m.ScheduledFor))
	l.add("DTEND", icsTime(until))
	l.text("SUMMARY", m.Name)
	l.text("DESCRIPTION", strings.Join(text, "\n\n"))
	if len(names) > 0 {
		l.text("CATEGORIES", names...)
	}
	l.add("URL", b.link(m.ID))
	l.add("STATUS", "CONFIRMED")
	l.add("TRANSP", "TRANSPARENT") // it makes nobody busy
	l.add("END", "VEVENT")
}

func icsTime(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// icsLines are the content lines of a calendar.
type icsLines struct{ strings.Builder }

// icsWidth is the most octets of a line without its break (RFC 5545, section 3.1).
const icsWidth = 75

func (l *icsLines) add(name, value string) {
	line := name + ":" + value
	for first := true; ; first = false {
		room := icsWidth
		if !first {
			l.WriteString(" ")
			room--
		}
		if len(line) <= room {
			l.WriteString(line + "\r\n")
			return
		}
		for !utf8.RuneStart(line[room]) {
			room--
		}
		l.WriteString(line[:room] + "\r\n")
		line = line[room:]
	}
}

func (l *icsLines) number(name string, n int) { l.add(name, strconv.Itoa(n)) }

var icsEscapes = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// text adds values of the type TEXT (3.3.11): no line break and no separator of ours
// comes out of what somebody wrote.
func (l *icsLines) text(name string, values ...string) {
	for i, v := range values {
		values[i] = icsEscapes.Replace(strings.Map(func(r rune) rune {
			if r < 0x20 && r != '\n' && r != '\r' || r == 0x7f {
				return -1
			}
			return r
		}, v))
	}
	l.add(name, strings.Join(values, ","))
}
