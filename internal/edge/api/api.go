// Package api owns the native REST interface below /api/v1: which routes there
// are, who may call them, how input is checked and how answers and problems
// look. It holds no rules of incidents or people; every handler asks a flow. It
// must not touch the database, and only route.go registers operations.
package api

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
	"golang.org/x/mod/sumdb/note"

	"allclear/internal/edge/api/live"
	"allclear/internal/edge/api/wire"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/absence"
	"allclear/internal/flow/access"
	"allclear/internal/flow/admin"
	"allclear/internal/flow/audit"
	"allclear/internal/flow/board"
	"allclear/internal/flow/check"
	"allclear/internal/flow/command"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/detect"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/lookout"
	"allclear/internal/flow/reach"
	"allclear/internal/flow/rota"
	"allclear/internal/flow/sources"
	"allclear/internal/flow/success"
	"allclear/internal/flow/thirdparty"
	"allclear/internal/flow/tickets"
)

// Prefix is where all routes live.
const Prefix = "/api/v1"

// revision is the version of the interface itself, not of the binary, so that
// the committed document changes only when the interface does.
const revision = "1.0.0"

// Options are what the routes stand on. A nil flow is fit for writing the
// document and for nothing else.
type Options struct {
	Log    *slog.Logger
	Now    func() time.Time // stamps each request once
	Authn  *authn.Authn     // says who asks
	Access *access.Access   // accounts, tokens, keys and kept answers
	// PersonName returns what a person of the catalogue is called, empty when
	// unknown. Nil knows nobody.
	PersonName func(ctx context.Context, person string) string
	Admin      *admin.Admin // the catalogue and who is on call by it
	// Procedures shows the procedure in force and those before it.
	Procedures *admin.Procedures
	Board      *board.Board           // what is known of incidents
	Command    *command.Command       // what people do to them
	Comms      *comms.Comms           // what customers are told
	Intake     *intake.Intake         // what people do to alerts
	Detect     *detect.Detect         // what is measured, and its limits
	Tickets    *tickets.Tickets       // what customers write to support
	Checks     *check.Checks          // synthetic checks, and how they stand
	Reach      *reach.Reach           // how the caller can be reached
	Lookout    *lookout.Lookout       // where nobody can be reached
	Rota       *rota.Rota             // schedules in life
	Absences   *absence.Absences      // when people are away
	ThirdParty *thirdparty.ThirdParty // how vendors are
	Success    *success.Success       // how much customers use the product
	Listen     *listen.Listen         // what the public says
	Changes    *live.Changes          // wakes the streams; make it with live.NewChanges
	Sources    *sources.Sources       // where events come from, and how they fare
	Audit      *audit.Audit           // the seals over the record
	AuditKey   note.Verifier          // of the signatures on its checkpoints
}

// API is the handler of everything below Prefix. Make it with New.
type API struct {
	opt      Options
	mux      *http.ServeMux
	huma     huma.API
	routes   map[string]*entry // by mux pattern
	order    []*entry          // as registered
	document []byte
	problem  *huma.Schema
}

// New registers all routes. It panics on a route that is declared wrongly, as
// http.ServeMux does.
func New(o Options) *API {
	a := &API{opt: o, mux: http.NewServeMux(), routes: map[string]*entry{}}
	config := huma.DefaultConfig("Allclear", revision)
	config.Info.Description = "Incidents from the first alert to the all-clear. Errors are application/problem+json (RFC 9457)."
	config.OpenAPIPath, config.DocsPath, config.SchemasPath = "", "", ""
	config.CreateHooks = nil // no $schema links in bodies
	config.RejectUnknownQueryParameters = true
	config.Transformers = []huma.Transformer{wire.PlainProblem}
	config.Formats = map[string]huma.Format{"application/json": wire.Strict(), "json": wire.Strict()}
	config.Components.SecuritySchemes = securitySchemes()
	a.huma = humago.New(a.mux, config)
	a.problem = wire.ProblemSchema(a.huma.OpenAPI().Components.Schemas)

	a.sessionRoutes()
	a.meRoutes()
	a.accountRoutes()
	a.tokenRoutes()
	a.keyRoutes()
	a.hookRoutes()
	a.peopleRoutes()
	a.teamRoutes()
	a.serviceRoutes()
	a.customerRoutes()
	a.scheduleRoutes()
	a.onCallRoutes()
	a.rotaRoutes()
	a.absenceRoutes()
	a.applyRoutes()
	a.procedureRoutes()
	a.policyRoutes()
	a.reachRoutes()
	a.incidentRoutes()
	a.incidentStepRoutes()
	a.recordRoutes()
	a.auditRoutes()
	a.messageRoutes()
	a.metricRoutes()
	a.traceRoutes()
	a.kpiRoutes()
	a.vendorRoutes()
	a.mentionRoutes()
	a.maintenanceRoutes()
	a.ticketRoutes()
	a.checkRoutes()
	a.nowRoutes()
	a.streamRoutes()

	a.finish()
	return a
}

// Handler serves the routes. Wrap it with the middleware of the console's
// listener; it checks credentials and policies itself.
func (a *API) Handler() http.Handler { return a }
