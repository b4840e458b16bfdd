package duty

import (
	"bytes"
	"context"
	"encoding/csv"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/sheet"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/rota"
)

// Finding is something weak about who will be on call.
type Finding struct {
	Kind       string    `json:"kind" enum:"gap,unreachable,absent,same" doc:"gap: nobody. unreachable: no contact that a page can reach. absent: the person is away. same: one person by two schedules of the chain."`
	Schedule   string    `json:"schedule"`
	Other      string    `json:"other,omitempty" doc:"The second schedule of same."`
	Person     string    `json:"person,omitempty"`
	Name       string    `json:"name,omitempty"`
	Deputy     string    `json:"deputy,omitempty" doc:"Who stands in for somebody away; absent: nobody."`
	DeputyName string    `json:"deputy_name,omitempty"`
	From       time.Time `json:"from"`
	Until      time.Time `json:"until"`
}

// Forecast lists what is weak in the coming days.
func (d *Desk) Forecast(ctx context.Context, a authz.Actor, now time.Time, in *route.Whole) (*route.Reply[route.List[Finding]], error) {
	found, err := d.Rota.Forecast(ctx, a, now)
	if err != nil {
		return nil, err
	}
	name, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	called := func(id string) string {
		if id == "" {
			return ""
		}
		return name(id)
	}
	return route.Of(*in, found, func(f catalog.Finding) Finding {
		return Finding{
			Kind: string(f.Kind), Schedule: f.Schedule, Other: f.Other, Person: f.Person, Name: called(f.Person),
			Deputy: f.Deputy, DeputyName: called(f.Deputy), From: f.From, Until: f.Until,
		}
	}, func(f Finding) string {
		return strings.Join([]string{f.Kind, f.Schedule, f.Other, f.Person, f.From.String()}, " ")
	})
}

// PersonLoad is how much one person was on call and interrupted.
type PersonLoad struct {
	Person   string  `json:"person"`
	Name     string  `json:"name"`
	Hours    float64 `json:"hours" doc:"On call; turns in two schedules at once count for each."`
	Nights   int     `json:"nights" doc:"Of an hour or more between 22:00 and 06:00 in the person's zone."`
	Weekend  float64 `json:"weekend_hours" doc:"Of the hours, on days that are never business days."`
	Holiday  float64 `json:"holiday_hours" doc:"Of the hours, on holidays of the business calendar."`
	Pages    int     `json:"pages"`
	OffHours int     `json:"pages_off_hours" doc:"Of the pages, outside business hours."`
}

// Load reports the load of a stretch of time.
func (d *Desk) Load(ctx context.Context, a authz.Actor, now time.Time, in *RangePage) (*route.Reply[route.List[PersonLoad]], error) {
	found, err := d.Rota.Load(ctx, a, in.From, in.Until, now)
	if err != nil {
		return nil, err
	}
	name, err := d.Names(ctx)
	if err != nil {
		return nil, err
	}
	return route.Of(in.Whole, found, func(l rota.PersonLoad) PersonLoad {
		return PersonLoad{
			Person: l.Person, Name: name(l.Person), Hours: l.OnCall.Hours(), Nights: l.Nights, Weekend: l.Weekends.Hours(),
			Holiday: l.Holidays.Hours(), Pages: l.Pages, OffHours: l.OffHours,
		}
	}, func(l PersonLoad) string { return l.Person })
}

// LoadTable is Load as a table for a spreadsheet.
func (d *Desk) LoadTable(ctx context.Context, a authz.Actor, now time.Time, from, until string) ([]byte, error) {
	in := &RangePage{}
	for _, q := range []struct {
		text string
		to   *time.Time
	}{{from, &in.From}, {until, &in.Until}} {
		if err := q.to.UnmarshalText([]byte(q.text)); err != nil {
			return nil, fault.New(fault.Invalid, "validation failed").With("query", "from and until are instants such as 2026-03-01T00:00:00Z")
		}
	}
	loads, err := d.Load(ctx, a, now, in)
	if err != nil {
		return nil, err
	}
	rows := [][]string{{"person", "name", "hours", "nights", "weekend_hours", "holiday_hours", "pages", "pages_off_hours"}}
	number := func(f float64) string { return strconv.FormatFloat(f, 'f', 2, 64) }
	for _, l := range loads.Body.Items {
		rows = append(rows, []string{l.Person, sheet.Guard(l.Name), number(l.Hours), strconv.Itoa(l.Nights), number(l.Weekend), number(l.Holiday), strconv.Itoa(l.Pages), strconv.Itoa(l.OffHours)})
	}
	var out bytes.Buffer
	err = csv.NewWriter(&out).WriteAll(rows)
	return out.Bytes(), err
}

// CalendarFeed is a calendar that can be subscribed to.
type CalendarFeed struct {
	ID        string    `json:"id"`
	Kind      string    `json:"kind" enum:"person,schedule"`
	Subject   string    `json:"subject" doc:"Whose turns it shows."`
	CreatedAt time.Time `json:"created_at"`
	Path      string    `json:"path,omitempty" doc:"Of the calendar on this server. It is a secret, shown this once."`
}

func feedOf(f rota.Feed) CalendarFeed {
	return CalendarFeed{ID: f.ID.String(), Kind: f.Kind, Subject: f.Subject, CreatedAt: f.CreatedAt}
}

// Feeds lists the caller's calendars, without their addresses.
func (d *Desk) Feeds(ctx context.Context, a authz.Actor, _ time.Time, in *route.Whole) (*route.Reply[route.List[CalendarFeed]], error) {
	found, err := d.Rota.Feeds(ctx, a)
	if err != nil {
		return nil, err
	}
	return route.Of(*in, found, feedOf, func(f CalendarFeed) string { return f.ID })
}

// NewFeedInput is what a calendar is made from.
type NewFeedInput struct {
	Body struct {
		Kind    string `json:"kind" enum:"person,schedule"`
		Subject string `json:"subject" minLength:"1" maxLength:"64" doc:"Id of the person or schedule."`
	}
}

// NewFeed makes a calendar address.
func (d *Desk) NewFeed(ctx context.Context, a authz.Actor, now time.Time, in *NewFeedInput) (*route.Reply[CalendarFeed], error) {
	f, token, err := d.Rota.NewFeed(ctx, a, in.Body.Kind, in.Body.Subject, now)
	if err != nil {
		return nil, err
	}
	out := feedOf(f)
	out.Path = "/calendar/" + token.Reveal() + ".ics"
	return route.One(out), nil
}

// FeedPath names a calendar.
type FeedPath struct {
	ID string `path:"id" maxLength:"40"`
}

// EndFeed ends a calendar address.
func (d *Desk) EndFeed(ctx context.Context, a authz.Actor, now time.Time, in *FeedPath) (*struct{}, error) {
	id, err := ident.Parse(in.ID)
	if err != nil {
		return nil, authz.NotFound("calendar", in.ID)
	}
	return nil, d.Rota.EndFeed(ctx, a, id, now)
}
