// Package quiet owns the shapes of what keeps alerts quiet, as the API shows it.
// It holds no routes, and must not judge an alert.
package quiet

import (
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/edge/api/wire"
)

// Matcher is a condition on a label, or on service, source, severity, component,
// group, class or origin.
type Matcher struct {
	Name    string `json:"name" minLength:"1" maxLength:"1024"`
	Value   string `json:"value" maxLength:"1024"`
	IsRegex bool   `json:"is_regex,omitempty" doc:"The value is a regular expression over the whole label."`
	IsEqual *bool  `json:"is_equal,omitempty" doc:"false: it must not match. Absent is true."`
}

// Plan is a maintenance as it is planned.
type Plan struct {
	Title    string    `json:"title" minLength:"1" maxLength:"1024"`
	Services []string  `json:"services" minItems:"1" maxItems:"200"`
	Matchers []Matcher `json:"matchers,omitempty" maxItems:"64" doc:"None: every alert of the services."`
	StartsAt time.Time `json:"starts_at"`
	EndsAt   time.Time `json:"ends_at" doc:"Of the first time, where it repeats; at most 14 days after starts_at."`
	Repeat   string    `json:"repeat,omitempty" enum:"daily,weekly,monthly" doc:"By the wall clock of time_zone."`
	TimeZone string    `json:"time_zone,omitempty" maxLength:"64" example:"Europe/Paris" doc:"Needed where it repeats."`
	Until    time.Time `json:"until,omitzero" doc:"No time begins at or after it."`
	Reason   string    `json:"reason" minLength:"1" maxLength:"1024"`
	Public   *Notice   `json:"public,omitempty" doc:"What the status page tells of it. Absent: nothing."`
}

// Notice is a maintenance in words for the public.
type Notice struct {
	Title  string `json:"title" minLength:"1" maxLength:"300"`
	Text   string `json:"text" minLength:"1" maxLength:"25000" doc:"Plain text or a small Markdown subset."`
	ByHand bool   `json:"by_hand,omitempty" doc:"A person says on the page that it begins and ends. Otherwise the page follows the times."`
	Mail   bool   `json:"mail,omitempty" doc:"The customers of the services are mailed when it is announced, changed, begun and completed."`
}

// Maintenance is a time in which alerts of services are expected.
type Maintenance struct {
	ID string `json:"id"`
	Plan
	State     string    `json:"state" enum:"planned,active,over"`
	NextFrom  time.Time `json:"next_from,omitzero" doc:"Of the time that is on now, or comes next."`
	NextTo    time.Time `json:"next_to,omitzero"`
	CreatedBy string    `json:"created_by"`
	CreatedAt time.Time `json:"created_at"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	EndedBy   string    `json:"ended_by,omitempty"`
}

// Of turns a plan into the domain's.
func (p Plan) Of(id string) alert.Maintenance {
	return alert.Maintenance{
		ID: id, Title: p.Title, Services: p.Services, StartsAt: p.StartsAt, EndsAt: p.EndsAt, Repeat: p.Repeat, Zone: p.TimeZone, Until: p.Until, Reason: p.Reason, Public: (*alert.Announcement)(p.Public),
		Matchers: wire.Each(p.Matchers, func(m Matcher) alert.Matcher {
			return alert.Matcher{Name: m.Name, Value: m.Value, Regex: m.IsRegex, Not: m.IsEqual != nil && !*m.IsEqual}
		}),
	}
}

// Show is a maintenance as it is shown at now.
func Show(now time.Time) func(*alert.Maintenance) Maintenance {
	return func(m *alert.Maintenance) Maintenance {
		out := Maintenance{
			ID: m.ID, CreatedBy: m.CreatedBy, CreatedAt: m.CreatedAt, EndedAt: m.EndedAt, EndedBy: m.EndedBy, State: "over",
			Plan: Plan{
				Title: m.Title, Services: m.Services, StartsAt: m.StartsAt, EndsAt: m.EndsAt, Repeat: m.Repeat, TimeZone: m.Zone, Until: m.Until, Reason: m.Reason, Public: (*Notice)(m.Public),
				Matchers: wire.Each(m.Matchers, func(x alert.Matcher) Matcher {
					equal := !x.Not
					return Matcher{Name: x.Name, Value: x.Value, IsRegex: x.Regex, IsEqual: &equal}
				}),
			},
		}
		if o, ok := m.At(now); ok {
			out.State, out.NextFrom, out.NextTo = "planned", o.From, o.To
			if !now.Before(o.From) {
				out.State = "active"
			}
		}
		return out
	}
}
