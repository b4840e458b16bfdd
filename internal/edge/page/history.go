package page

import (
	"fmt"
	"html"
	"html/template"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/status"
)

type oneView struct {
	chrome
	incidentView
}

func (b *builder) one(c chrome, i status.Incident, m *status.Maintenance) oneView {
	return oneView{c, b.incident(i, m)}
}

type historyView struct {
	chrome
	Months []monthView
	Heads  []string // the months of the uptime table, newest first
	Uptime []uptimeView
}

type monthView struct {
	Name, Anchor string
	Incidents    []incidentView
}

type uptimeView struct {
	ID, Name string
	Cells    []string // one per head, then the whole time
	Bad      []badDay
}

type badDay struct {
	Date           time.Time
	Down, Degraded string
}

func (b *builder) history(c chrome) historyView {
	v := historyView{chrome: c}
	var all []incidentView
	for _, i := range b.snap.Incidents {
		all = append(all, b.incident(i, nil))
	}
	for i := range b.snap.Maintenances {
		m := &b.snap.Maintenances[i]
		all = append(all, b.incident(m.Incident, m))
	}
	slices.SortStableFunc(all, func(x, y incidentView) int { return y.Started.Compare(x.Started) })
	for _, i := range all {
		name := i.Started.UTC().Format("January 2006")
		if n := len(v.Months); n == 0 || v.Months[n-1].Name != name {
			v.Months = append(v.Months, monthView{Name: name, Anchor: i.Started.UTC().Format("2006-01")})
		}
		last := &v.Months[len(v.Months)-1]
		last.Incidents = append(last.Incidents, i)
	}
	b.uptime(&v)
	return v
}

// uptime fills the table of monthly uptime and, under it, the days that were
// not clean: what the bars of the front page show, as text.
func (b *builder) uptime(v *historyView) {
	var months []string
	for _, c := range b.snap.Components {
		for _, d := range c.Days {
			if !slices.Contains(months, d.Date[:7]) {
				months = append(months, d.Date[:7])
			}
		}
	}
	slices.Sort(months)
	slices.Reverse(months)
	for _, m := range months {
		t, _ := time.Parse("2006-01", m) // validated with the snapshot
		v.Heads = append(v.Heads, t.Format("Jan 2006"))
	}
	for _, g := range b.groups() {
		for _, cv := range g.Components {
			c := b.snap.Component(cv.ID)
			u := uptimeView{ID: c.ID, Name: c.Name}
			for _, m := range months {
				u.Cells = append(u.Cells, percent(c.Uptime(m, b.snap.GeneratedAt)))
			}
			u.Cells = append(u.Cells, percent(c.Uptime("", b.snap.GeneratedAt)))
			for _, d := range slices.Backward(c.Days) {
				if c.Counts(d) && d.DownMinutes+d.DegradedMinutes > 0 {
					t, _ := time.Parse(time.DateOnly, d.Date) // validated with the snapshot
					u.Bad = append(u.Bad, badDay{t, spell(d.DownMinutes), spell(d.DegradedMinutes)})
				}
			}
			v.Uptime = append(v.Uptime, u)
		}
	}
}

// Day writes the day's date.
func (d badDay) Day() template.HTML {
	return template.HTML(`<time datetime="` + d.Date.Format(time.DateOnly) + `">` + d.Date.Format("2 January 2006") + `</time>`) //nolint:gosec // a date
}

func percent(u status.Uptime) string {
	if !u.Known() {
		return "–"
	}
	return u.String() + " %"
}

// spell writes minutes, "" for none.
func spell(minutes int) string {
	if minutes == 0 {
		return ""
	}
	return took(time.Duration(minutes) * time.Minute)
}

// took writes a duration the way people say it.
func took(d time.Duration) string {
	m := int(d.Round(time.Minute) / time.Minute)
	switch {
	case m < 1:
		return "under 1 min"
	case m < 60:
		return fmt.Sprintf("%d min", m)
	case m < 24*60 && m%60 == 0:
		return fmt.Sprintf("%d h", m/60)
	case m < 24*60:
		return fmt.Sprintf("%d h %d min", m/60, m%60)
	case m%(24*60) < 60:
		return fmt.Sprintf("%d d", m/(24*60))
	default:
		return fmt.Sprintf("%d d %d h", m/(24*60), m/60%24)
	}
}

// bars draws the days as a small chart. Clean days are one path; a day with
// trouble is a bar of its own, taller as well as of another colour, with its
// text.
func bars(c status.Component, u status.Uptime) template.HTML {
	if len(c.Days) == 0 {
		return ""
	}
	days := c.Days[max(0, len(c.Days)-status.HistoryDays):]
	var clean, blank, bad strings.Builder
	downDays, slowDays := 0, 0
	for n := range status.HistoryDays {
		x := n * 5
		k := n - (status.HistoryDays - len(days))
		switch {
		case k < 0 || !c.Counts(days[k]):
			fmt.Fprintf(&blank, "M%d 4h3v24h-3z", x)
		case days[k].DownMinutes > 0:
			downDays++
			fmt.Fprintf(&bad, `<path class="b-down" d="M%d 0h3v32h-3z"><title>%s</title></path>`, x, dayText(days[k]))
		case days[k].DegradedMinutes > 0:
			slowDays++
			fmt.Fprintf(&bad, `<path class="b-slow" d="M%d 0h3v28h-3z"><title>%s</title></path>`, x, dayText(days[k]))
		default:
			fmt.Fprintf(&clean, "M%d 4h3v24h-3z", x)
		}
	}
	label := fmt.Sprintf("%s: %s uptime over %d days, %s with downtime, %s degraded", c.Name, percent(u), len(days), count(downDays), count(slowDays))
	return template.HTML(fmt.Sprintf( //nolint:gosec // numbers, dates and the escaped name
		`<svg class="bars" viewBox="0 0 448 32" preserveAspectRatio="none" role="img" aria-label="%s"><path class="b-none" d="%s"/><path class="b-up" d="%s"/>%s</svg>`,
		html.EscapeString(label), blank.String(), clean.String(), bad.String()))
}

func count(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

func dayText(d status.Day) string {
	t, _ := time.Parse(time.DateOnly, d.Date) // validated with the snapshot
	s := t.Format("2 January 2006") + ":"
	if d.DownMinutes > 0 {
		s += " down " + spell(d.DownMinutes)
	}
	if d.DownMinutes > 0 && d.DegradedMinutes > 0 {
		s += ","
	}
	if d.DegradedMinutes > 0 {
		s += " degraded " + spell(d.DegradedMinutes)
	}
	return s
}
