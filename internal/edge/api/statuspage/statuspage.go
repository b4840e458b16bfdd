// Package statuspage owns how the status page's looks and its announced maintenances
// are read and changed through the API. It must not judge either.
package statuspage

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/brand"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/comms"
)

// Picture is a logo or icon.
type Picture struct {
	Type string `json:"type" enum:"image/svg+xml,image/png"`
	Data []byte `json:"data" maxLength:"90000" doc:"Base64, up to 64 KB. SVG is reduced to shapes, PNG is drawn anew."`
}

// Look is how the status page looks. What is left out is as shipped.
type Look struct {
	Name       string   `json:"name,omitempty" maxLength:"100" doc:"Absent: as the installation is configured."`
	Logo       *Picture `json:"logo,omitempty"`
	Favicon    *Picture `json:"favicon,omitempty" doc:"Absent: a dot in the colour of the present state."`
	Accent     string   `json:"accent,omitempty" example:"#1f51c0" maxLength:"7" doc:"Of links, on light. Refused with less contrast than 4.5 to 1."`
	AccentDark string   `json:"accent_dark,omitempty" example:"#93b5ff" maxLength:"7" doc:"Of links, on dark."`
	Band       string   `json:"band,omitempty" example:"#12324a" maxLength:"7" doc:"Of the head of the page."`
	BandText   string   `json:"band_text,omitempty" example:"#ffffff" maxLength:"7" doc:"On the head; goes with band."`
	Support    string   `json:"support,omitempty" maxLength:"500" example:"https://support.example.com" doc:"Address with https: or mailto:."`
	Footer     string   `json:"footer,omitempty" maxLength:"1000" doc:"Plain text."`
	Languages  []string `json:"languages,omitempty" maxItems:"4" enum:"en,de,fr,es" doc:"Offered to readers. Absent: all."`
	Language   string   `json:"language,omitempty" enum:"en,de,fr,es" doc:"Of readers who ask for none that is offered."`
}

func picture(p *Picture) brand.Picture {
	if p == nil {
		return brand.Picture{}
	}
	return brand.Picture(*p)
}

func shown(p brand.Picture) *Picture {
	if len(p.Data) == 0 {
		return nil
	}
	return (*Picture)(&p)
}

func (l *Look) brand() brand.Brand {
	return brand.Brand{
		Name: l.Name, Logo: picture(l.Logo), Favicon: picture(l.Favicon), Accent: l.Accent, AccentDark: l.AccentDark, Band: l.Band, BandText: l.BandText,
		Support: l.Support, Footer: l.Footer, Languages: l.Languages, Language: l.Language,
	}
}

func lookOf(b brand.Brand) Look {
	return Look{
		Name: b.Name, Logo: shown(b.Logo), Favicon: shown(b.Favicon), Accent: b.Accent, AccentDark: b.AccentDark, Band: b.Band, BandText: b.BandText,
		Support: b.Support, Footer: b.Footer, Languages: b.Languages, Language: b.Language,
	}
}

// Announced is one time of a maintenance as the status page tells it.
type Announced struct {
	ID          string    `json:"id" doc:"Part of its public address /incidents/{id}."`
	Maintenance string    `json:"maintenance"`
	Title       string    `json:"title"`
	Status      string    `json:"status" enum:"scheduled,in_progress,verifying,completed"`
	From        time.Time `json:"scheduled_for"`
	To          time.Time `json:"scheduled_until"`
	Automatic   bool      `json:"automatic" doc:"It begins and ends by itself."`
	BegunAt     time.Time `json:"begun_at,omitzero"`
	EndedAt     time.Time `json:"ended_at,omitzero"`
	Updates     []Said    `json:"updates" doc:"Oldest first."`
}

// Said is one published text.
type Said struct {
	At     time.Time `json:"at"`
	Status string    `json:"status"`
	Text   string    `json:"text"`
}

func announced(w *message.Work) Announced {
	return Announced{
		ID: w.ID, Maintenance: w.Maintenance, Title: w.Title, Status: string(w.State()), From: w.From, To: w.To, Automatic: !w.ByHand, BegunAt: w.BegunAt, EndedAt: w.EndedAt,
		Updates: wire.Each(w.Turns, func(t message.Turn) Said { return Said{t.At, string(t.Status), t.Body} }),
	}
}

type lookInput struct{ Body Look }

type updateInput struct {
	ID   string `path:"id" maxLength:"40"`
	Body struct {
		Status string `json:"status,omitempty" enum:"scheduled,in_progress,verifying,completed" doc:"Absent: as it is."`
		Text   string `json:"text" minLength:"1" maxLength:"25000"`
	}
}

// Routes adds the routes.
func Routes(t *route.Table, flow *comms.Comms) {
	tag := "status page"
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/status-page", Summary: "Read how the status page looks", Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, _ *struct{}) (*route.Reply[Look], error) {
			b, err := flow.Brand(ctx, c.Actor)
			return route.One(lookOf(b)), err
		})
	route.Register(t, route.Route{Method: http.MethodPut, Path: "/status-page", Summary: "Change how the status page looks", Tag: tag, Detail: "As a whole: what is left out is as shipped. Colours that cannot be read are refused with the reason."},
		route.Needs(authz.ManageCatalog), func(ctx context.Context, c route.Call, in *lookInput) (*route.Reply[Look], error) {
			b, err := flow.SetBrand(ctx, c.Actor, in.Body.brand(), c.Now)
			return route.One(lookOf(b)), err
		})
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/maintenances/announced", Summary: "List what the status page tells of maintenances: open, and of the last 90 days", Tag: "maintenance"}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[Announced]], error) {
			all, err := flow.Works(ctx, c.Actor, c.Now)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, announced), *in, func(a Announced) string { return a.ID })
		})
	route.Register(t, route.Route{
		Method: http.MethodPost, Path: "/maintenances/{id}/updates", Summary: "Tell on the status page how a maintenance goes", Tag: "maintenance", Status: http.StatusCreated,
		Detail: "Completed before its end: nothing is held back for it any more.",
	}, route.Needs(authz.Command), func(ctx context.Context, c route.Call, in *updateInput) (*route.Reply[Announced], error) {
		w, err := flow.TellWork(ctx, c.Actor, in.ID, status.IncidentStatus(in.Body.Status), in.Body.Text, c.Now)
		if err != nil {
			return nil, err
		}
		return route.One(announced(w)), nil
	})
}
