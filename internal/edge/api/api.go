// Package api owns the native REST interface below /api/v1: which routes there
// are, who may call them, how input is checked and how answers and problems
// look. It holds no rules of incidents or people; every handler asks a flow. It
// must not touch the database.
package api

//go:generate go run ./gen

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/edge/api/credits"
	"allclear/internal/edge/api/desk"
	evidenceapi "allclear/internal/edge/api/evidence"
	"allclear/internal/edge/api/figures"
	"allclear/internal/edge/api/hall"
	inquiryapi "allclear/internal/edge/api/inquiry"
	"allclear/internal/edge/api/live"
	"allclear/internal/edge/api/outward"
	"allclear/internal/edge/api/review"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/statuspage"
	"allclear/internal/edge/api/subscribers"
	"allclear/internal/edge/api/wall"
	"allclear/internal/edge/authn"
	"allclear/internal/flow/absence"
	"allclear/internal/flow/access"
	"allclear/internal/flow/admin"
	"allclear/internal/flow/audit"
	"allclear/internal/flow/board"
	"allclear/internal/flow/check"
	"allclear/internal/flow/command"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/consent"
	"allclear/internal/flow/continuity"
	"allclear/internal/flow/credit"
	"allclear/internal/flow/detect"
	"allclear/internal/flow/follow"
	"allclear/internal/flow/inapp"
	"allclear/internal/flow/inquiry"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/listen"
	"allclear/internal/flow/lookout"
	"allclear/internal/flow/outreach"
	"allclear/internal/flow/partners"
	"allclear/internal/flow/reach"
	"allclear/internal/flow/remedy"
	reviews "allclear/internal/flow/review"
	"allclear/internal/flow/room"
	"allclear/internal/flow/rota"
	"allclear/internal/flow/sources"
	"allclear/internal/flow/subscribe"
	"allclear/internal/flow/success"
	"allclear/internal/flow/thirdparty"
	"allclear/internal/flow/tickets"
	"allclear/internal/flow/told"
	"allclear/internal/flow/vault"
)

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
	Wall       *Wall                  // signs read-only addresses of incidents
	Command    *command.Command       // what people do to them
	InApp      *inapp.InApp           // what users of customers are shown
	Consent    *consent.Consent       // what customers say of being told
	Comms      *comms.Comms           // what customers are told
	Outreach   *outreach.Outreach     // whom people tell by hand
	Told       *told.Told             // who was told in time
	Intake     *intake.Intake         // what people do to alerts
	Detect     *detect.Detect         // what is measured, and its limits
	Tickets    *tickets.Tickets       // what customers write to support
	Room       *room.Room             // the war room of an incident
	Remedy     *remedy.Remedy         // runs of runbook actions
	Checks     *check.Checks          // synthetic checks, and how they stand
	Reach      *reach.Reach           // how the caller can be reached
	Lookout    *lookout.Lookout       // where nobody can be reached
	Rota       *rota.Rota             // schedules in life
	Absences   *absence.Absences      // when people are away
	ThirdParty *thirdparty.ThirdParty // how vendors are
	Continuity *continuity.Continuity // other ways of delivery, revenue at risk
	Partners   *partners.Partners     // who helps from outside, and the cases with them
	Inquiry    *inquiry.Inquiry       // how causes are looked for
	Vault      *vault.Vault           // evidence
	Success    *success.Success       // how much customers use the product
	Reviews    *reviews.Reviews       // how incidents are looked back on, and what follows
	Credits    *credit.Credits        // what customers are credited, and what incidents cost
	Listen     *listen.Listen         // what the public says
	Subscribe  *subscribe.Subscribe   // who is told of what the status page publishes
	Follow     *follow.Follow         // how its components follow alerts
	Changes    *live.Changes          // wakes the streams; make it with live.NewChanges
	Sources    *sources.Sources       // where events come from, and how they fare
	Audit      *audit.Audit           // the seals over the record
	AuditKey   note.Verifier          // of the signatures on its checkpoints
}

// Wall is what read-only addresses are made of.
type Wall struct {
	Key []byte // signs them
	URL string // of the console
}

// API is the native interface. Make it with New.
type API struct {
	opt   Options
	table *route.Table
}

// New registers all routes. It panics on a route that is declared wrongly, as
// http.ServeMux does.
func New(o Options) *API {
	a := &API{opt: o, table: route.New(route.Options{Log: o.Log, Now: o.Now, Authn: o.Authn, Access: o.Access})}
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
	a.stakeholderRoutes()
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
	desk.Routes(a.table, desk.Flows{Comms: o.Comms, Outreach: o.Outreach, Told: o.Told})
	a.wallRoutes()
	a.metricRoutes()
	a.traceRoutes()
	figures.Routes(a.table, o.Board)
	a.vendorRoutes()
	a.partnerRoutes()
	a.componentRoutes()
	statuspage.Routes(a.table, a.opt.Comms)
	a.mentionRoutes()
	subscribers.Routes(a.table, a.opt.Subscribe)
	subscribers.FollowRoutes(a.table, a.opt.Follow)
	a.maintenanceRoutes()
	a.ticketRoutes()
	a.checkRoutes()
	a.conferenceRoutes()
	hall.Routes(a.table, o.Room)
	a.actionRoutes()
	review.Routes(a.table, o.Reviews)
	credits.Routes(a.table, o.Credits)
	outward.Routes(a.table, o.Consent, o.InApp)
	inquiryapi.Routes(a.table, o.Inquiry)
	evidenceapi.Routes(a.table, o.Vault)
	a.nowRoutes()
	a.streamRoutes()

	a.table.Finish()
	return a
}

// Handler serves the routes. Wrap it with the middleware of the console's
// listener; it checks credentials and policies itself.
func (a *API) Handler() http.Handler { return a.table }

// Document returns the OpenAPI 3.1 document, indented, as committed.
func (a *API) Document() []byte { return a.table.Document() }

func (a *API) wallRoutes() {
	o := wall.Options{Board: a.opt.Board, Command: a.opt.Command}
	if a.opt.Wall != nil {
		o.Key, o.URL = a.opt.Wall.Key, a.opt.Wall.URL
	}
	wall.Routes(a.table, o)
}
