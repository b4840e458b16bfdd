package api

import (
	"context"
	"net/http"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/party"
	"allclear/internal/edge/api/route"
	"allclear/internal/flow/admin"
)

// ServiceFields are what is known of a service.
type ServiceFields struct {
	Name             string              `json:"name" maxLength:"500"`
	Description      string              `json:"description,omitempty" maxLength:"8000"`
	OwnerTeam        string              `json:"owner_team,omitempty" maxLength:"64"`
	Area             string              `json:"area,omitempty" maxLength:"64" doc:"Decides the engineering manager."`
	DependsOn        []string            `json:"depends_on,omitempty" maxItems:"200"`
	RestorationRank  int                 `json:"restoration_rank" minimum:"1" maximum:"6" doc:"1 is restored first."`
	CriticalFunction bool                `json:"critical_function" required:"false" doc:"Critical alerts suggest P1 instead of P2."`
	MaxSeverity      procedure.Severity  `json:"max_severity,omitzero" enum:"P1,P2,P3,P4" doc:"Alerts never suggest more; absent: no limit."`
	EscalationPolicy string              `json:"escalation_policy,omitempty" maxLength:"64" doc:"Who is paged when; absent: the procedure's chain."`
	Component        string              `json:"component,omitempty" maxLength:"500" doc:"Its name on the status page."`
	Regions          []string            `json:"regions,omitempty" maxItems:"200"`
	Products         []string            `json:"products,omitempty" maxItems:"200" doc:"What customers buy that needs it."`
	Links            []ServiceLink       `json:"links,omitempty" maxItems:"30" doc:"To its logs, traces and dashboards elsewhere."`
	Probes           []string            `json:"probes,omitempty" maxItems:"20" doc:"URLs and host:port that may be measured during an incident, beside those of its checks."`
	Alternatives     []party.Alternative `json:"alternatives,omitempty" maxItems:"20" doc:"Other ways to deliver it while it is out."`
}

// ServiceLink is an address elsewhere that is filled in for the time of an incident.
type ServiceLink struct {
	Name string `json:"name" maxLength:"500"`
	URL  string `json:"url" maxLength:"2000" doc:"With {{service}}, {{from}} and {{until}} (RFC 3339), {{from_s}}, {{until_s}}, {{from_ms}}, {{until_ms}}."`
}

// Service is a service of the catalogue.
type Service struct {
	ID string `json:"id"`
	ServiceFields
	Stamp
}

// NewService is what a service is made or replaced with.
type NewService struct {
	ID string `json:"id,omitempty" maxLength:"64" doc:"Needed where the path has none."`
	ServiceFields
}

// ListServices narrows a list of services.
type ListServices struct {
	route.Page
	Query  string `query:"q" maxLength:"200" doc:"Part of the id, name, description or component."`
	Area   string `query:"area" maxLength:"64"`
	Team   string `query:"team" maxLength:"64" doc:"Owned by a team."`
	Region string `query:"region" maxLength:"64"`
}

func (a *API) serviceRoutes() {
	f := family[Service, NewService]{
		kind: catalog.KindService, path: "/services", tag: "services", noun: "a service", may: authz.ManageCatalog,
		show: func(_ context.Context, _ route.Call, i admin.Item) (Service, error) {
			return document(i, func(w *Service, s Stamp) { w.Stamp = s })
		},
		read: func(in *NewService, id string) (catalog.Entity, error) {
			return entity(catalog.KindService, in, in.ID, id)
		},
	}
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: f.path, Summary: "List services", Tag: f.tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *ListServices) (*route.Reply[route.List[Service]], error) {
			return f.page(ctx, a, c, in.Page, admin.Filter{Query: in.Query, Area: in.Area, Team: in.Team, Region: in.Region})
		})
	f.one(a)
	f.changes(a)
}
