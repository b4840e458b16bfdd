package page

import (
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/domain/brand"
	"allclear/internal/domain/status"
)

// tongue says what is ours in one language.
type tongue string

const english tongue = "en"

// t is the text in the language, with its blanks filled in.
func (l tongue) t(text string, args ...any) string {
	if at := slices.Index(brand.Languages[1:], string(l)); at >= 0 {
		if w, ok := words[text]; ok {
			text = w[at]
		}
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// tt is t where blanks are filled with HTML.
func (l tongue) tt(text string, args ...template.HTML) template.HTML {
	all := make([]any, 0, len(args))
	for _, a := range args {
		all = append(all, a)
	}
	return template.HTML(l.t(template.HTMLEscapeString(text), all...)) //nolint:gosec // our own texts around what is HTML already
}

// The forms of a date. Short ones have short months; the day, the year and the time
// are left out where the form does not name them.
type form int

const (
	longDay   form = iota // 2 January
	longDate              // 2 January 2006
	longMonth             // January 2006
	midMonth              // Jan 2006
	bareMonth             // Jan
	shortTime             // 2 Jan, 15:04 UTC
	fullTime              // 2 Jan 2006, 15:04 UTC
	clock                 // 15:04 UTC
)

// date writes an instant in UTC.
func (l tongue) date(t time.Time, f form) string {
	t = t.UTC()
	names, ok := months[string(l)]
	if !ok {
		l, names = english, months[string(english)]
	}
	month := names[0][t.Month()-1]
	if f == midMonth || f == bareMonth || f == shortTime || f == fullTime {
		month = names[1][t.Month()-1]
	}
	year, at := strconv.Itoa(t.Year()), t.Format("15:04 UTC")
	day := l.day(t.Day()) + " " + month
	of := " "
	if l == "es" && (f == longDay || f == longDate || f == longMonth) {
		day, of = l.day(t.Day())+" de "+month, " de "
	}
	switch f {
	case longDay:
		return day
	case longDate:
		return day + of + year
	case bareMonth:
		return month
	case longMonth, midMonth:
		return month + of + year
	case shortTime:
		return day + ", " + at
	case fullTime:
		return day + of + year + ", " + at
	case clock:
	}
	return at
}

func (l tongue) day(n int) string {
	switch {
	case l == "de":
		return strconv.Itoa(n) + "."
	case l == "fr" && n == 1:
		return "1er"
	}
	return strconv.Itoa(n)
}

func (l tongue) when(t time.Time) template.HTML { return l.tag(t, fullTime) }

func (l tongue) short(t time.Time) template.HTML { return l.tag(t, shortTime) }

func (l tongue) tag(t time.Time, f form) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + l.date(t, f) + `</time>`) //nolint:gosec // digits and month names only
}

// window writes a time span; the date is not repeated within a day.
func (l tongue) window(from, until time.Time) template.HTML {
	end := clock
	if from.UTC().Format(time.DateOnly) != until.UTC().Format(time.DateOnly) {
		end = fullTime
	}
	return l.tt("%s to %s", l.when(from), l.tag(until, end))
}

// span writes "3 November" or "3 to 9 November" or "28 October to 9 November".
func (l tongue) span(from, to time.Time) string {
	switch {
	case from.Equal(to):
		return l.date(to, longDay)
	case from.Month() == to.Month():
		return l.t("%s to %s", l.day(from.Day()), l.date(to, longDay))
	default:
		return l.t("%s to %s", l.date(from, longDay), l.date(to, longDay))
	}
}

// took writes a duration the way people say it.
func (l tongue) took(d time.Duration) string {
	m := int(d.Round(time.Minute) / time.Minute)
	switch {
	case m < 1:
		return l.t("under 1 min")
	case m < 60:
		return l.t("%d min", m)
	case m < 24*60 && m%60 == 0:
		return l.t("%d h", m/60)
	case m < 24*60:
		return l.t("%d h %d min", m/60, m%60)
	case m%(24*60) < 60:
		return l.t("%d d", m/(24*60))
	default:
		return l.t("%d d %d h", m/(24*60), m/60%24)
	}
}

// spell writes minutes, "" for none.
func (l tongue) spell(minutes int) string {
	if minutes == 0 {
		return ""
	}
	return l.took(time.Duration(minutes) * time.Minute)
}

func (l tongue) count(n int) string {
	if n == 1 {
		return l.t("1 day")
	}
	return l.t("%d days", n)
}

// number writes a decimal number of ours the way the language does.
func (l tongue) number(s string) string {
	if l == english {
		return s
	}
	return strings.Replace(s, ".", ",", 1)
}

// percent writes a share of time, a dash where nothing is known.
func (l tongue) percent(u status.Uptime) string {
	if !u.Known() {
		return "–"
	}
	return l.number(u.String()) + " %"
}

// dayText is a day with trouble in words.
func (l tongue) dayText(d status.Day) string {
	t, _ := time.Parse(time.DateOnly, d.Date) // validated with the snapshot
	var parts []string
	if d.DownMinutes > 0 {
		parts = append(parts, l.t("down %s", l.spell(d.DownMinutes)))
	}
	if d.DegradedMinutes > 0 {
		parts = append(parts, l.t("degraded %s", l.spell(d.DegradedMinutes)))
	}
	return l.date(t, longDate) + ": " + strings.Join(parts, ", ")
}

// choose is the language of those offered that a reader wants most, by the header
// Accept-Language (RFC 9110 12.5.4); the first when none is wanted.
func choose(offered []string, header []string) string {
	best, weight := offered[0], 0.0
	for _, h := range header {
		if len(h) > 1000 {
			continue
		}
		for part := range strings.SplitSeq(h, ",") {
			name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
			q := 1.0
			if v, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q="); ok {
				q, _ = strconv.ParseFloat(v, 64) // what is no number weighs nothing
			}
			name, _, _ = strings.Cut(strings.ToLower(name), "-")
			if name == "*" {
				name = offered[0]
			}
			if q > weight && q <= 1 && slices.Contains(offered, name) {
				best, weight = name, q
			}
		}
	}
	return best
}
