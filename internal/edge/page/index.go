package page

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"allclear/internal/domain/status"
)

// pastDays is how far back the front page tells of incidents.
const pastDays = 14

type indexView struct {
	chrome
	Single   *incidentView // the one active incident, told in the banner
	Active   []incidentView
	Troubled []componentView
	Groups   []groupView
	Running  []incidentView
	Coming   []incidentView
	Past     []pastView
}

type incidentView struct {
	ID, Name, Took string
	Path           string
	Status         status.IncidentStatus
	Impact         status.Impact
	Started        time.Time
	Ended, Next    *time.Time
	From, Until    time.Time // a maintenance's window
	Work, Active   bool
	Affects        []string
	Latest         *updateView
	Earlier        []updateView // everything but Latest, newest first
}

type updateView struct {
	Status  status.IncidentStatus
	At      time.Time
	Body    template.HTML
	Changes []status.Change
	Fixed   *time.Time // when a later update corrected it
	Taken   bool       // or took it back
}

type groupView struct {
	Name       string
	Status     status.ComponentStatus
	Open       bool
	Components []componentView
}

type componentView struct {
	ID, Name, Description string
	Months                string // where its uptime by month is
	Status                status.ComponentStatus
	Bars                  template.HTML
	Uptime                string
	Known                 bool
}

// pastView is one day with incidents, or a run of days without.
type pastView struct {
	Label     string
	Incidents []incidentView
}

func (b *book) incident(i status.Incident, m *status.Maintenance) incidentView {
	v := incidentView{
		ID: i.ID, Name: i.Name, Path: b.root() + "/incidents/" + i.ID, Status: i.Status, Impact: i.Impact, Started: i.StartedAt,
		Ended: i.ResolvedAt, Active: i.Active(),
	}
	if v.Active {
		v.Next = i.NextUpdateAt
	}
	if i.ResolvedAt != nil {
		v.Took = b.l.took(i.ResolvedAt.Sub(i.StartedAt))
	}
	if m != nil {
		v.Work, v.From, v.Until, v.Took = true, m.ScheduledFor, m.ScheduledUntil, b.l.took(m.ScheduledUntil.Sub(m.ScheduledFor))
		v.Started = m.ScheduledFor
	}
	for _, id := range i.ComponentIDs {
		if c := b.snap.Component(id); c != nil {
			v.Affects = append(v.Affects, c.Name)
		}
	}
	for n, u := range i.Latest() {
		uv := updateView{Status: u.Status, At: u.DisplayAt, Body: b.prose(u.Body), Changes: u.Affected, Fixed: u.CorrectedAt, Taken: u.Withdrawn}
		if n == 0 {
			v.Latest = &uv
			continue
		}
		v.Earlier = append(v.Earlier, uv)
	}
	return v
}

func (b *book) index() indexView {
	v := indexView{chrome: b.chrome("/"), Groups: b.groups(), Past: b.past()}
	for _, i := range byStart(b.snap.Incidents) {
		if i.Active() {
			v.Active = append(v.Active, b.incident(i, nil))
		}
	}
	slices.SortStableFunc(v.Active, func(x, y incidentView) int { return y.Impact.Rank() - x.Impact.Rank() })
	if len(v.Active) == 1 {
		v.Single, v.Active = &v.Active[0], nil
	}
	if v.Single == nil && len(v.Active) == 0 {
		for _, x := range b.snap.Components {
			if !x.Group && x.Status != status.Operational {
				v.Troubled = append(v.Troubled, componentView{Name: x.Name, Status: x.Status})
			}
		}
	}
	works := byWindow(b.snap.Maintenances)
	slices.Reverse(works) // the next one first
	for i := range works {
		switch {
		case works[i].Active():
			v.Running = append(v.Running, b.incident(works[i].Incident, &works[i]))
		case works[i].Status == status.Scheduled:
			v.Coming = append(v.Coming, b.incident(works[i].Incident, &works[i]))
		}
	}
	return v
}

// groups puts the components in page order; those outside a group stand in
// nameless groups between the named ones.
func (b *book) groups() []groupView {
	all := slices.Clone(b.snap.Components)
	slices.SortStableFunc(all, func(x, y status.Component) int { return cmp.Compare(x.Position, y.Position) })
	var out []groupView
	for _, c := range all {
		if c.GroupID != "" {
			continue
		}
		if c.Group {
			g := groupView{Name: c.Name, Status: b.snap.GroupStatus(c.ID)}
			for _, m := range all {
				if m.GroupID == c.ID && shown(m) {
					g.Components = append(g.Components, b.component(m))
				}
			}
			g.Open = g.Status != status.Operational
			if len(g.Components) > 0 {
				out = append(out, g)
			}
			continue
		}
		if !shown(c) {
			continue
		}
		if n := len(out); n == 0 || out[n-1].Name != "" {
			out = append(out, groupView{})
		}
		last := &out[len(out)-1]
		last.Components = append(last.Components, b.component(c))
	}
	return out
}

func shown(c status.Component) bool {
	return !c.OnlyShowIfDegraded || c.Status != status.Operational
}

func (b *book) component(c status.Component) componentView {
	u := c.Uptime("", b.snap.GeneratedAt)
	v := componentView{
		ID: c.ID, Name: c.Name, Description: c.Description, Months: b.root() + "/history#uptime-" + c.ID, Status: c.Status,
		Uptime: b.l.number(u.String()), Known: u.Known() && c.Showcase,
	}
	if c.Showcase {
		v.Bars = b.l.bars(c, u)
	}
	return v
}

// past tells the last days, newest first; days without incidents that follow
// each other share a line.
func (b *book) past() []pastView {
	today := b.snap.GeneratedAt.UTC().Truncate(24 * time.Hour)
	byDay := map[string][]incidentView{}
	for _, i := range byStart(b.snap.Incidents) {
		day := i.StartedAt.UTC().Format(time.DateOnly)
		byDay[day] = append(byDay[day], b.outcome(i))
	}
	for i := range b.snap.Maintenances {
		if m := &b.snap.Maintenances[i]; m.Status == status.Completed {
			day := m.ScheduledFor.UTC().Format(time.DateOnly)
			byDay[day] = append(byDay[day], b.incident(m.Incident, m))
		}
	}
	var out []pastView
	var quietTo time.Time
	flush := func(from time.Time) {
		if !quietTo.IsZero() {
			out = append(out, pastView{Label: b.l.span(from, quietTo)})
			quietTo = time.Time{}
		}
	}
	for n := range pastDays {
		day := today.AddDate(0, 0, -n)
		if in := byDay[day.Format(time.DateOnly)]; len(in) > 0 {
			flush(day.AddDate(0, 0, 1))
			out = append(out, pastView{Label: b.l.date(day, longDate), Incidents: in})
		} else if quietTo.IsZero() {
			quietTo = day
		}
	}
	flush(today.AddDate(0, 0, 1-pastDays))
	return out
}

// outcome tells how an incident ended: its report stands on its own page.
func (b *book) outcome(i status.Incident) incidentView {
	v := b.incident(i, nil)
	for n := range v.Earlier {
		if v.Latest.Status != status.Postmortem {
			break
		}
		v.Latest = &v.Earlier[n]
	}
	return v
}
