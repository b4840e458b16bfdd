package page

import (
	"cmp"
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

func (b *book) one(i status.Incident, m *status.Maintenance) oneView {
	v := oneView{b.chrome("/incidents/" + i.ID), b.incident(i, m)}
	v.About = b.l.t("What happened and when: %s", i.Name)
	return v
}

// frontMonths is how many months the first page of the history tells of, maxMonths
// how many have a page.
const (
	frontMonths = 3
	maxMonths   = 25
)

type historyView struct {
	chrome
	Heading        string
	Months         []monthView
	Heads          []string // the months of the uptime table, newest first, then all
	Uptime         []uptimeView
	Pages          []yearLinks
	Earlier, Later *monthLink
}

type monthView struct {
	Name, Anchor string
	Incidents    []incidentView
}

type monthLink struct {
	Name, Label, Short, Path string
	Current                  bool
}

type yearLinks struct {
	Year   string
	Months []monthLink
}

type uptimeView struct {
	ID, Name string
	Cells    []string // one per head
	Bad      []string // days
}

const monthForm = "2006-01"

// months lists the months that have a page of history, newest first: from the
// page's beginning, or the oldest that is told, to now.
func (b *builder) months() []string {
	now := b.snap.GeneratedAt.UTC()
	first := cmp.Or(b.snap.Page.Since, now)
	for _, i := range b.snap.Incidents {
		first = earlier(first, i.StartedAt)
	}
	for i := range b.snap.Maintenances {
		first = earlier(first, b.snap.Maintenances[i].ScheduledFor)
	}
	at := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	var out []string
	for len(out) < maxMonths && (len(out) == 0 || at.AddDate(0, 1, 0).After(first)) {
		out = append(out, at.Format(monthForm))
		at = at.AddDate(0, -1, 0)
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (b *book) monthName(m string, f form) string {
	t, _ := time.Parse(monthForm, m) // made by months
	return b.l.date(t, f)
}

// history is the page of a month, or the front of the history: the newest months,
// with the uptime of each.
func (b *book) history(month string) historyView {
	all := b.months()
	shown, path := all[:min(frontMonths, len(all))], "/history"
	heading := b.l.t("Incident history")
	if month != "" {
		shown, path = []string{month}, "/history/"+month
		heading = b.l.t("Incidents of %s", b.monthName(month, longMonth))
	}
	v := historyView{chrome: b.chrome(path), Heading: heading}
	v.About = heading + " – " + v.Title
	told := b.byMonth()
	for _, m := range shown {
		in := told[m]
		if len(in) == 0 && month == "" {
			continue // the front tells of what was
		}
		v.Months = append(v.Months, monthView{Name: b.monthName(m, longMonth), Anchor: m, Incidents: in})
	}
	for n, m := range all {
		l := monthLink{Name: b.monthName(m, longMonth), Label: b.monthName(m, midMonth), Short: b.monthName(m, bareMonth), Path: b.root() + "/history/" + m, Current: m == month}
		if k := len(v.Pages); k == 0 || v.Pages[k-1].Year != m[:4] {
			v.Pages = append(v.Pages, yearLinks{Year: m[:4]})
		}
		last := &v.Pages[len(v.Pages)-1]
		last.Months = append(last.Months, l)
		switch {
		case month == "" && n == len(shown), month != "" && n > 0 && all[n-1] == month:
			v.Earlier = &l
		case month != "" && n+1 < len(all) && all[n+1] == month:
			v.Later = &l
		}
	}
	b.uptime(&v, month)
	return v
}

// byMonth are incidents and work that was done, by the month they began in, newest
// first. Work to come stands under its own month.
func (b *book) byMonth() map[string][]incidentView {
	var all []incidentView
	for _, i := range b.snap.Incidents {
		all = append(all, b.incident(i, nil))
	}
	for i := range b.snap.Maintenances {
		m := &b.snap.Maintenances[i]
		all = append(all, b.incident(m.Incident, m))
	}
	slices.SortStableFunc(all, func(x, y incidentView) int { return y.Started.Compare(x.Started) })
	out := map[string][]incidentView{}
	newest := b.months()[0]
	for _, i := range all {
		m := min(i.Started.UTC().Format(monthForm), newest)
		out[m] = append(out[m], i)
	}
	return out
}

// uptime fills the table of monthly uptime and, under it, the days that were
// not clean: what the bars of the front page show, as text.
func (b *book) uptime(v *historyView, month string) {
	var months []string
	for _, c := range b.snap.Components {
		for _, d := range c.Days {
			if m := d.Date[:7]; !slices.Contains(months, m) && (month == "" || m == month) {
				months = append(months, m)
			}
		}
	}
	if len(months) == 0 {
		return // older than what is counted by the day
	}
	slices.Sort(months)
	slices.Reverse(months)
	for _, m := range months {
		v.Heads = append(v.Heads, b.monthName(m, midMonth))
	}
	if month == "" {
		v.Heads, months = append(v.Heads, b.l.t("90 days")), append(months, "")
	}
	for _, g := range b.groups() {
		for _, cv := range g.Components {
			c := b.snap.Component(cv.ID)
			u := uptimeView{ID: c.ID, Name: c.Name}
			for _, m := range months {
				u.Cells = append(u.Cells, b.l.percent(c.Uptime(m, b.snap.GeneratedAt)))
			}
			for _, d := range slices.Backward(c.Days) {
				if c.Counts(d) && d.DownMinutes+d.DegradedMinutes > 0 && strings.HasPrefix(d.Date, month) {
					u.Bad = append(u.Bad, b.l.dayText(d))
				}
			}
			v.Uptime = append(v.Uptime, u)
		}
	}
}

// bars draws the days as a small chart. Clean days are one path; a day with
// trouble is a bar of its own, taller as well as of another colour, with its
// text.
func (l tongue) bars(c status.Component, u status.Uptime) template.HTML {
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
			fmt.Fprintf(&bad, `<path class="b-down" d="M%d 0h3v32h-3z"><title>%s</title></path>`, x, l.dayText(days[k]))
		case days[k].DegradedMinutes > 0:
			slowDays++
			fmt.Fprintf(&bad, `<path class="b-slow" d="M%d 0h3v28h-3z"><title>%s</title></path>`, x, l.dayText(days[k]))
		default:
			fmt.Fprintf(&clean, "M%d 4h3v24h-3z", x)
		}
	}
	label := l.t("%s: %s uptime over %d days, %s with downtime, %s degraded", c.Name, l.percent(u), len(days), l.count(downDays), l.count(slowDays))
	return template.HTML(fmt.Sprintf( //nolint:gosec // numbers, dates and the escaped name
		`<svg class="bars" viewBox="0 0 448 32" preserveAspectRatio="none" role="img" aria-label="%s"><path class="b-none" d="%s"/><path class="b-up" d="%s"/>%s</svg>`,
		html.EscapeString(label), blank.String(), clean.String(), bad.String()))
}
