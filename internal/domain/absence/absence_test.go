package absence_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/absence"
)

// t0 is a Monday, four weeks before the clocks of Europe change.
var t0 = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

func calendar(events ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Test//EN\r\n" + strings.Join(events, "") + "END:VCALENDAR\r\n"
}

func event(lines ...string) string {
	return "BEGIN:VEVENT\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT\r\n"
}

// read returns the absences as the person's own clock shows them.
func read(t *testing.T, text, in, words string) []string {
	t.Helper()
	loc := zone(t, in)
	found, err := absence.Read([]byte(text), absence.Rule{Zone: loc, Words: words}, t0, t0.Add(absence.Horizon))
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, s := range found.Away {
		out = append(out, s.From.In(loc).Format("0102T1504-0700")+" "+s.Until.In(loc).Format("0102T1504-0700"))
	}
	return out
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

const google = `BEGIN:VCALENDAR
PRODID:-//Google Inc//Google Calendar 70.9054//EN
VERSION:2.0
CALSCALE:GREGORIAN
METHOD:PUBLISH
X-WR-CALNAME:ana@firm.example
X-WR-TIMEZONE:Europe/Berlin
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260327
DTEND;VALUE=DATE:20260331
DTSTAMP:20260201T101500Z
UID:0a1b@google.com
CREATED:20260110T120000Z
DESCRIPTION:Skiing with a very long description that is folded by
  the writer\, and has a colon: here
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:Vacation
TRANSP:OPAQUE
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:This is an event reminder
TRIGGER:-P0DT0H30M0S
END:VALARM
END:VEVENT
BEGIN:VEVENT
DTSTART;VALUE=DATE:20260410
DTEND;VALUE=DATE:20260411
UID:birthday@google.com
SUMMARY:Birthday of a colleague
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VEVENT
DTSTART:20260415T070000Z
DTEND:20260415T150000Z
UID:ooo@google.com
SUMMARY:Out of office
STATUS:CONFIRMED
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART:20260416T070000Z
DTEND:20260416T080000Z
UID:meeting@google.com
SUMMARY:Weekly meeting on capacity
TRANSP:OPAQUE
END:VEVENT
BEGIN:VEVENT
DTSTART:20260417T070000Z
DTEND:20260417T150000Z
UID:off@google.com
SUMMARY:Out of office
STATUS:CANCELLED
END:VEVENT
END:VCALENDAR
`

// The spring change of the clock lies inside the vacation: it ends at midnight
// by the new offset.
func TestGoogle(t *testing.T) {
	want(t, read(t, google, "Europe/Berlin", ""), "0327T0000+0100 0331T0000+0200", "0415T0900+0200 0415T1700+0200")
	want(t, read(t, google, "Asia/Kolkata", ""), "0327T0000+0530 0331T0000+0530", "0415T1230+0530 0415T2030+0530")
	want(t, read(t, google, "Europe/Berlin", "capacity, vacation"), "0327T0000+0100 0331T0000+0200", "0416T0900+0200 0416T1000+0200")
	want(t, read(t, google, "Europe/Berlin", "sabbatical"))
}

// As Outlook and Exchange write: names of Windows for zones, whole days with
// times, a busy status, an exception of a series.
const outlook = `BEGIN:VCALENDAR
METHOD:PUBLISH
PRODID:Microsoft Exchange Server 2010
VERSION:2.0
BEGIN:VTIMEZONE
TZID:W. Europe Standard Time
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:040000008200E00074C5B7101A82E008
SUMMARY:Away
DTSTART;TZID=W. Europe Standard Time:20260323T000000
DTEND;TZID=W. Europe Standard Time:20260324T000000
CLASS:PUBLIC
PRIORITY:5
TRANSP:OPAQUE
STATUS:CONFIRMED
X-MICROSOFT-CDO-BUSYSTATUS:OOF
X-MICROSOFT-CDO-ALLDAYEVENT:TRUE
END:VEVENT
BEGIN:VEVENT
UID:fridays
SUMMARY:Parents' day
RRULE:FREQ=WEEKLY;UNTIL=20260417T100000Z;INTERVAL=1;BYDAY=FR;WKST=MO
EXDATE;TZID=W. Europe Standard Time:20260403T120000
DTSTART;TZID=W. Europe Standard Time:20260320T120000
DTEND;TZID=W. Europe Standard Time:20260320T170000
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
UID:fridays
SUMMARY:Parents' day
RECURRENCE-ID;TZID=W. Europe Standard Time:20260327T120000
DTSTART;TZID=W. Europe Standard Time:20260326T120000
DTEND;TZID=W. Europe Standard Time:20260326T170000
X-MICROSOFT-CDO-BUSYSTATUS:OOF
END:VEVENT
BEGIN:VEVENT
UID:fridays
SUMMARY:Parents' day
RECURRENCE-ID:20260410T100000Z
DTSTART;TZID=W. Europe Standard Time:20260410T120000
DTEND;TZID=W. Europe Standard Time:20260410T170000
X-MICROSOFT-CDO-BUSYSTATUS:FREE
END:VEVENT
BEGIN:VEVENT
UID:elsewhere
SUMMARY:At home
DTSTART;VALUE=DATE:20260505
DTEND;VALUE=DATE:20260506
X-MICROSOFT-CDO-BUSYSTATUS:WORKINGELSEWHERE
END:VEVENT
END:VCALENDAR
`

// One Friday moved to Thursday, one is excepted, one is free after all; noon
// stays noon when the clocks change.
func TestOutlookWithExceptions(t *testing.T) {
	want(t, read(t, outlook, "Europe/Berlin", ""),
		"0320T1200+0100 0320T1700+0100", "0323T0000+0100 0324T0000+0100", "0326T1200+0100 0326T1700+0100", "0417T1200+0200 0417T1700+0200")
	want(t, read(t, outlook, "America/New_York", "OOF")[:1], "0320T0700-0400 0320T1200-0400")
}

// A zone with a name that nobody knows is what the calendar says it is.
func TestDescribedZone(t *testing.T) {
	text := strings.ReplaceAll(outlook, "W. Europe Standard Time", "Customized Time Zone 1")
	want(t, read(t, text, "Europe/Berlin", ""), read(t, outlook, "Europe/Berlin", "")...)
	foreign := strings.ReplaceAll(outlook, "TZID=W. Europe", "TZID=Nowhere")
	found, err := absence.Read([]byte(foreign), absence.Rule{Zone: time.UTC}, t0, t0.Add(absence.Horizon))
	if err != nil || len(found.Notes) != 1 || !strings.Contains(found.Notes[0], "4 of the events: its time zone is not known") {
		t.Errorf("notes %q, %v", found.Notes, err)
	}
}

func TestApple(t *testing.T) {
	text := calendar(
		"BEGIN:VTIMEZONE\r\nTZID:Asia/Kolkata\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0630\r\nDTSTART:19451015T000000\r\nTZNAME:IST\r\nTZOFFSETTO:+0530\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n",
		event("UID:1", "SUMMARY:Diwali", "DTSTART;VALUE=DATE:20260312", "DURATION:P2D"),
		event("UID:2", "SUMMARY:OOO", "DTSTART;TZID=Asia/Kolkata:20260318T093000", "DURATION:PT4H30M", "TRANSP:OPAQUE"),
		event("UID:3", "SUMMARY:ooo\\, dentist", "DTSTART;TZID=\"/mozilla.org/20050126_1/Asia/Kathmandu\":20260320T100000", "DTEND;TZID=\"/mozilla.org/20050126_1/Asia/Kathmandu\":20260320T110000"),
		event("UID:4", "SUMMARY:Vacation, floating", "DTSTART:20260325T090000", "DTEND:20260325T100000"),
		event("UID:5", "SUMMARY:zoology and cooology", "DTSTART:20260326T090000", "DTEND:20260326T100000"),
	)
	want(t, read(t, text, "Asia/Kolkata", ""), "0312T0000+0530 0314T0000+0530", "0318T0930+0530 0318T1400+0530", "0320T0945+0530 0320T1045+0530", "0325T0900+0530 0325T1000+0530")
	want(t, read(t, text, "Australia/Lord_Howe", "")[0:1], "0312T0000+1100 0314T0000+1100")
}

func TestRepeats(t *testing.T) {
	for _, c := range []struct {
		rule string
		want []string
	}{
		{"RRULE:FREQ=DAILY;COUNT=3", []string{"0304 0307"}},
		{"RRULE:FREQ=DAILY;INTERVAL=2;UNTIL=20260308", []string{"0304 0305", "0306 0307", "0308 0309"}},
		{"RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;WKST=SU;BYDAY=WE,FR", []string{"0304 0305", "0306 0307", "0318 0319", "0320 0321"}},
		{"RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", []string{"0327 0328", "0424 0425"}},
		{"RRULE:FREQ=MONTHLY;BYMONTHDAY=31;COUNT=2", []string{"0331 0401", "0531 0601"}},
		{"RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=1", []string{"0331 0401"}},
		{"RRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=2SU", []string{"0510 0511"}},
		{"RRULE:FREQ=YEARLY;COUNT=5", []string{"0304 0305"}},
		{"RRULE:FREQ=MONTHLY;COUNT=2\r\nRDATE;VALUE=DATE:20260309,20260311\r\nEXDATE;VALUE=DATE:20260404", []string{"0304 0305", "0309 0310", "0311 0312"}},
		{"RRULE:FREQ=MONTHLY;BYMONTHDAY=30;BYMONTH=2", nil},
		{"RRULE:FREQ=HOURLY", []string{"0304 0305"}},
		{"RRULE:FREQ=YEARLY;BYWEEKNO=20", []string{"0304 0305"}},
	} {
		text := calendar(event("UID:1", "SUMMARY:Away", "DTSTART;VALUE=DATE:20260304", c.rule))
		got := read(t, text, "UTC", "")
		for i, g := range got {
			from, until, _ := strings.Cut(g, " ")
			got[i] = from[:4] + " " + until[:4]
		}
		if strings.Join(got, ",") != strings.Join(c.want, ",") {
			t.Errorf("%s: got %q, want %q", c.rule, got, c.want)
		}
	}
}

// A series that began long ago costs no more than a new one; one that is counted
// ends by its number.
func TestOldSeries(t *testing.T) {
	old := calendar(event("UID:1", "SUMMARY:Away", "DTSTART;VALUE=DATE:19990104", "RRULE:FREQ=WEEKLY;INTERVAL=4"))
	if got := read(t, old, "UTC", ""); len(got) != 6 || !strings.HasPrefix(got[0], "0323T") {
		t.Errorf("got %q", got)
	}
	counted := calendar(event("UID:1", "SUMMARY:Away", "DTSTART;VALUE=DATE:19990104", "RRULE:FREQ=WEEKLY;COUNT=1000"))
	want(t, read(t, counted, "UTC", ""))
	running := calendar(event("UID:1", "SUMMARY:Leave", "DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20270101"))
	want(t, read(t, running, "UTC", ""), "0101T0000+0000 0101T0000+0000")
}

func TestRefused(t *testing.T) {
	many := make([]string, absence.MaxEvents+1)
	for i := range many {
		many[i] = event(fmt.Sprintf("UID:%d", i), "DTSTART;VALUE=DATE:20260304")
	}
	crowd := make([]string, absence.MaxInstances/100)
	for i := range crowd {
		crowd[i] = event(fmt.Sprintf("UID:%d", i), "DTSTART;VALUE=DATE:20260302", "RRULE:FREQ=DAILY")
	}
	long := make([]string, 200)
	for i := range long {
		long[i] = event(fmt.Sprintf("UID:%d", i), "DTSTART;VALUE=DATE:16010101", "RRULE:FREQ=DAILY;COUNT=100000")
	}
	for name, c := range map[string]struct {
		text string
		kind fault.Kind
		says string
	}{
		"a page":       {"\n<!doctype html><html><title>Sign in</title></html>", fault.Invalid, "web page"},
		"nothing":      {"", fault.Invalid, "no calendar"},
		"JSON":         {`{"error":"not found"}`, fault.Invalid, "no calendar"},
		"half of one":  {google[:len(google)-40], fault.Invalid, "ends before"},
		"large":        {google + strings.Repeat(" ", absence.MaxBytes), fault.TooLarge, "larger"},
		"many events":  {calendar(many...), fault.TooLarge, "more than 5000 events"},
		"many times":   {calendar(crowd...), fault.TooLarge, "more than 2000"},
		"endless":      {calendar(long...), fault.TooLarge, "repeats too much"},
		"deep":         {strings.Repeat("BEGIN:VCALENDAR\r\n", 20), fault.Invalid, "too deep"},
		"parameters":   {calendar(event("DTSTART" + strings.Repeat(";A=B", 1000) + ":20260304")), fault.TooLarge, "too long"},
		"unclosed":     {"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n", fault.Invalid, "ends before"},
		"out of place": {"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n", fault.Invalid, "malformed"},
	} {
		_, err := absence.Read([]byte(c.text), absence.Rule{}, t0, t0.Add(absence.Horizon))
		if !fault.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", name, err, c.says)
		}
	}
}
