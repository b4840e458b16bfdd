package page

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/status"
)

// The shapes of the Statuspage public API v2 (https://metastatuspage.com/api):
// every key is always there, unknown is null, times are UTC with milliseconds.

type stamp time.Time

func (t stamp) MarshalJSON() ([]byte, error) {
	return []byte(time.Time(t).UTC().Format(`"2006-01-02T15:04:05.000Z"`)), nil
}

func maybe(t *time.Time) *stamp {
	if t == nil {
		return nil
	}
	s := stamp(*t)
	return &s
}

func orNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

type wirePage struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	URL       string `json:"url"`
	TimeZone  string `json:"time_zone"`
	UpdatedAt stamp  `json:"updated_at"`
}

type wireStatus struct {
	Indicator   status.Indicator `json:"indicator"`
	Description string           `json:"description"`
}

type wireComponent struct {
	ID                 string                 `json:"id"`
	Name               string                 `json:"name"`
	Status             status.ComponentStatus `json:"status"`
	CreatedAt          stamp                  `json:"created_at"`
	UpdatedAt          stamp                  `json:"updated_at"`
	Position           int                    `json:"position"`
	Description        *string                `json:"description"`
	Showcase           bool                   `json:"showcase"`
	StartDate          *string                `json:"start_date"`
	GroupID            *string                `json:"group_id"`
	PageID             string                 `json:"page_id"`
	Group              bool                   `json:"group"`
	OnlyShowIfDegraded bool                   `json:"only_show_if_degraded"`
	Components         []string               `json:"components,omitempty"` // groups only
}

type wireUpdate struct {
	ID                   string                `json:"id"`
	Status               status.IncidentStatus `json:"status"`
	Body                 string                `json:"body"`
	IncidentID           string                `json:"incident_id"`
	CreatedAt            stamp                 `json:"created_at"`
	UpdatedAt            stamp                 `json:"updated_at"`
	DisplayAt            stamp                 `json:"display_at"`
	AffectedComponents   []status.Change       `json:"affected_components"` // null when none
	DeliverNotifications bool                  `json:"deliver_notifications"`
	CustomTweet          *string               `json:"custom_tweet"`
	TweetID              *string               `json:"tweet_id"`
}

type wireIncident struct {
	ID              string                `json:"id"`
	Name            string                `json:"name"`
	Status          status.IncidentStatus `json:"status"`
	CreatedAt       stamp                 `json:"created_at"`
	UpdatedAt       stamp                 `json:"updated_at"`
	MonitoringAt    *stamp                `json:"monitoring_at"`
	ResolvedAt      *stamp                `json:"resolved_at"`
	Impact          status.Impact         `json:"impact"`
	Shortlink       string                `json:"shortlink"`
	StartedAt       stamp                 `json:"started_at"`
	PageID          string                `json:"page_id"`
	IncidentUpdates []wireUpdate          `json:"incident_updates"`
	Components      []wireComponent       `json:"components"`
}

type wireMaintenance struct {
	wireIncident
	ScheduledFor   stamp `json:"scheduled_for"`
	ScheduledUntil stamp `json:"scheduled_until"`
}

type wireAnswer struct {
	Page         wirePage           `json:"page"`
	Components   *[]wireComponent   `json:"components,omitempty"`
	Incidents    *[]wireIncident    `json:"incidents,omitempty"`
	Maintenances *[]wireMaintenance `json:"scheduled_maintenances,omitempty"`
	Status       *wireStatus        `json:"status,omitempty"`
}

// newest is how many incidents the public API lists.
const newest = 50

// api draws the eight JSON documents.
func (b *builder) api() error {
	s := b.snap
	p := wirePage{ID: s.Page.ID, Name: s.Page.Name, URL: b.base(), TimeZone: cmp.Or(s.Page.TimeZone, "Etc/UTC"), UpdatedAt: stamp(s.Page.UpdatedAt)}
	ind, words := s.Indicator()
	st := &wireStatus{ind, words}
	comps := b.wireComponents()
	incidents := b.wireIncidents(func(status.Incident) bool { return true })
	open := b.wireIncidents(status.Incident.Active)
	works := b.wireMaintenances(func(status.Maintenance) bool { return true })
	coming := b.wireMaintenances(func(m status.Maintenance) bool { return m.Status == status.Scheduled })
	running := b.wireMaintenances(func(m status.Maintenance) bool { return m.Active() })
	due := b.wireMaintenances(func(m status.Maintenance) bool { return m.Active() || m.Status == status.Scheduled })
	for path, v := range map[string]wireAnswer{
		"summary":                         {Page: p, Components: &comps, Incidents: &open, Maintenances: &due, Status: st},
		"status":                          {Page: p, Status: st},
		"components":                      {Page: p, Components: &comps},
		"incidents":                       {Page: p, Incidents: &incidents},
		"incidents/unresolved":            {Page: p, Incidents: &open},
		"scheduled-maintenances":          {Page: p, Maintenances: &works},
		"scheduled-maintenances/upcoming": {Page: p, Maintenances: &coming},
		"scheduled-maintenances/active":   {Page: p, Maintenances: &running},
	} {
		body, err := json.Marshal(v)
		if err != nil {
			return fault.Wrap(fault.Internal, err, "encode "+path)
		}
		b.put("/api/v2/"+path+".json", jsonAsset(body))
	}
	return nil
}

func (b *builder) wireComponent(c status.Component) wireComponent {
	w := wireComponent{
		ID: c.ID, Name: c.Name, Status: c.Status, CreatedAt: stamp(c.CreatedAt), UpdatedAt: stamp(c.UpdatedAt),
		Position: c.Position, Description: orNull(c.Description), Showcase: c.Showcase, StartDate: orNull(c.StartDate),
		GroupID: orNull(c.GroupID), PageID: b.snap.Page.ID, Group: c.Group, OnlyShowIfDegraded: c.OnlyShowIfDegraded,
	}
	if c.Group {
		w.Status = b.snap.GroupStatus(c.ID)
		for _, m := range b.snap.Components {
			if m.GroupID == c.ID {
				w.Components = append(w.Components, m.ID)
			}
		}
	}
	return w
}

func (b *builder) wireComponents() []wireComponent {
	out := make([]wireComponent, 0, len(b.snap.Components))
	for _, c := range b.snap.Components {
		out = append(out, b.wireComponent(c))
	}
	slices.SortStableFunc(out, func(a, b wireComponent) int { return cmp.Compare(a.Position, b.Position) })
	return out
}

func (b *builder) wireIncident(i status.Incident) wireIncident {
	w := wireIncident{
		ID: i.ID, Name: i.Name, Status: i.Status, CreatedAt: stamp(i.CreatedAt), UpdatedAt: stamp(i.UpdatedAt),
		MonitoringAt: maybe(i.MonitoringAt), ResolvedAt: maybe(i.ResolvedAt), Impact: i.Impact,
		Shortlink: cmp.Or(i.Shortlink, b.link(i.ID)), StartedAt: stamp(i.StartedAt), PageID: b.snap.Page.ID,
		IncidentUpdates: []wireUpdate{}, Components: []wireComponent{},
	}
	for _, u := range i.Latest() {
		w.IncidentUpdates = append(w.IncidentUpdates, wireUpdate{
			ID: u.ID, Status: u.Status, Body: u.Body, IncidentID: i.ID, CreatedAt: stamp(u.CreatedAt),
			UpdatedAt: stamp(u.UpdatedAt), DisplayAt: stamp(u.DisplayAt), AffectedComponents: u.Affected,
			DeliverNotifications: true,
		})
	}
	for _, id := range i.ComponentIDs {
		if c := b.snap.Component(id); c != nil {
			w.Components = append(w.Components, b.wireComponent(*c))
		}
	}
	return w
}

func (b *builder) wireIncidents(keep func(status.Incident) bool) []wireIncident {
	out := []wireIncident{}
	for _, i := range byStart(b.snap.Incidents) {
		if keep(i) && len(out) < newest {
			out = append(out, b.wireIncident(i))
		}
	}
	return out
}

func (b *builder) wireMaintenances(keep func(status.Maintenance) bool) []wireMaintenance {
	out := []wireMaintenance{}
	for _, m := range byWindow(b.snap.Maintenances) {
		if keep(m) && len(out) < newest {
			out = append(out, wireMaintenance{b.wireIncident(m.Incident), stamp(m.ScheduledFor), stamp(m.ScheduledUntil)})
		}
	}
	return out
}

// byStart orders incidents newest first.
func byStart(in []status.Incident) []status.Incident {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b status.Incident) int { return b.StartedAt.Compare(a.StartedAt) })
	return out
}

// byWindow orders maintenances latest window first.
func byWindow(in []status.Maintenance) []status.Maintenance {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b status.Maintenance) int { return b.ScheduledFor.Compare(a.ScheduledFor) })
	return out
}
