package api

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/live"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	"allclear/internal/edge/authn"
	"allclear/internal/edge/middleware"
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
	"allclear/internal/flow/paging"
	"allclear/internal/flow/partners"
	"allclear/internal/flow/reach"
	"allclear/internal/flow/remedy"
	"allclear/internal/flow/review"
	"allclear/internal/flow/room"
	"allclear/internal/flow/rota"
	"allclear/internal/flow/sources"
	"allclear/internal/flow/subscribe"
	"allclear/internal/flow/success"
	"allclear/internal/flow/thirdparty"
	"allclear/internal/flow/tickets"
	"allclear/internal/flow/told"
	"allclear/internal/flow/vault"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const pass = "correct horse battery"

var start = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// world is the whole interface on a real database, behind the middleware of the
// console's listener, at a time that a test sets.
type world struct {
	timers  *jobs.Timers
	t       *testing.T
	db      *store.DB
	bus     *jobs.Bus
	command *command.Command
	intake  *intake.Intake
	vault   *vault.Vault
	inquiry *inquiry.Inquiry
	tickets *tickets.Tickets
	fares   *sources.Sources
	pulls   []sources.Pull
	desks   map[string]plug.CaseDesk
	doers   map[string]plug.Doer
	access  *access.Access
	audit   *audit.Audit
	inapp   *inapp.InApp
	checks  *check.Checks
	api     *API
	http    http.Handler
	now     time.Time
	log     bytes.Buffer

	accounts map[authz.Role]access.Account
	sessions map[authz.Role]string
	tokens   map[authz.Role]string
}

func both(t *testing.T, run func(t *testing.T, w *world)) {
	t.Helper()
	storetest.Parted(t, func(t *testing.T, db *store.DB) { run(t, newWorld(t, db)) })
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	box, err := secret.NewBox(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, now: start, doers: map[string]plug.Doer{}, accounts: map[authz.Role]access.Account{}, sessions: map[authz.Role]string{}, tokens: map[authz.Role]string{}}
	w.access = access.New(db, jobs.NewBus(), access.Options{Cost: access.Cost{Memory: 64, Passes: 1, Threads: 1}, Box: box, Mapper: byTitle{}})
	log := slog.New(slog.NewTextHandler(&w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	now := func() time.Time { return w.now }
	w.bus = jobs.NewBus()
	catalogue := admin.New(db, w.bus)
	versions := admin.NewProcedures(db, nil, catalogue)
	shelf := versions.Shelf()
	w.command = command.New(db, w.bus, shelf, catalogue.Catalog)
	w.intake = intake.New(db, w.bus, shelf, catalogue.Catalog)
	w.tickets = tickets.New(db, w.bus, shelf, catalogue.Catalog, tickets.Options{Raise: w.intake.Raise})
	w.tickets.Wire()
	ask := paging.New(db, w.bus, shelf, catalogue.Catalog, paging.Options{})
	timers := jobs.NewTimers(db, log)
	looks := review.New(db, w.bus, review.Options{Shelf: shelf, Catalog: catalogue.Catalog})
	looks.Wire(timers)
	w.command.Wire(timers)
	w.timers = timers
	money := credit.New(db, w.bus, credit.Options{Shelf: shelf, Catalog: catalogue.Catalog})
	money.Wire(timers)
	ask.Wire(timers)
	talk := comms.New(db, w.bus, shelf, catalogue.Catalog, comms.Page{Name: "Acme", URL: "https://status.example", Key: []byte("a key for tests")})
	talk.Wire()
	calls := outreach.New(db, w.bus, outreach.Options{Shelf: shelf, Catalog: catalogue.Catalog})
	calls.Wire()
	heard := told.New(db, w.bus, told.Options{Shelf: shelf, Catalog: catalogue.Catalog})
	heard.Wire(timers)
	w.inapp = inapp.New(db, w.bus, inapp.Options{Box: box, Catalog: catalogue.Catalog})
	w.inapp.Wire()
	changes := live.NewChanges()
	w.bus.Watch(changes.Tell)
	measured := detect.New(db, detect.Options{Shelf: shelf, Catalog: catalogue.Catalog, Raise: w.intake.Raise})
	w.checks = check.New(db, check.Options{Catalog: catalogue.Catalog, Push: measured.Push, Ask: measured.Ask, Try: refused})
	signer, key := auditKey(t)
	w.audit = audit.New(db, signer)
	w.fares = sources.New(sources.Options{DB: db, Hooks: trySources(), Pulls: func() []sources.Pull { return w.pulls }, Test: func(ctx context.Context, a authz.Actor, key ident.ID, service string, s alert.Signal, now time.Time) (*alert.Alert, error) {
		return w.intake.Test(ctx, a, intake.Test{Key: key, ServiceID: service, Signal: s}, now)
	}})
	war := room.New(db, w.bus, room.Options{Shelf: shelf, Catalog: catalogue.Catalog, URL: "https://allclear.example/incidents/"})
	war.Wire()
	w.desks = map[string]plug.CaseDesk{}
	w.vault = vault.New(db, w.bus, vault.Options{})
	w.inquiry = inquiry.New(db, w.bus, inquiry.Options{Shelf: shelf, Catalog: catalogue.Catalog, Tell: w.intake.Tell, Page: talk.Snapshot, Keep: w.vault.KeepIn})
	w.api = New(Options{
		Log: log, Now: now, Authn: authn.New(w.access, false), Access: w.access,
		Admin: catalogue, Procedures: versions,
		Board: board.New(db, shelf, catalogue.Catalog), Command: w.command, Comms: talk, Outreach: calls, Told: heard, Intake: w.intake, Changes: changes, Detect: measured, Checks: w.checks,
		Reach:   reach.New(db, w.bus, reach.Options{Box: box, Key: []byte("key"), Channels: channels, Catalog: catalogue.Catalog, Edit: catalogue.EditPerson}),
		Lookout: lookout.New(db, w.bus, shelf, catalogue.Catalog, func(string) bool { return true }),
		Rota:    rota.New(db, w.bus, shelf, rota.Desk{Read: catalogue.Catalog, Lock: catalogue.LockIn, Cover: catalogue.CoverIn}),
		Tickets: w.tickets,
		Inquiry: w.inquiry, Vault: w.vault,
		Absences:   absence.New(db, w.bus, absence.Options{Box: box, Catalog: catalogue.Catalog, Edit: catalogue.EditPerson}),
		Continuity: continuity.New(db, w.bus, catalogue.Catalog),
		Success:    success.New(db, w.bus, success.Options{Shelf: shelf, Catalog: catalogue.Catalog, Usable: func(string) bool { return true }}),
		Listen:     listen.New(db, w.bus, listen.Options{Catalog: catalogue.Catalog}),
		Subscribe:  subscribe.New(db, w.bus, subscribe.Options{Key: []byte("a key for tests"), Name: "Acme", URL: "https://status.example", Offered: talk.Offered, Told: talk.Told, ToldWork: talk.ToldWork, Tenant: talk.TenantBy, Usable: func(string) bool { return true }}),
		Consent:    consent.New(db, w.bus, consent.Options{Key: []byte("a key for tests"), URL: "https://status.example", Catalog: catalogue.Catalog}),
		InApp:      w.inapp,
		Follow:     follow.New(db, w.bus, catalogue.Catalog),
		Partners:   partners.New(db, w.bus, partners.Options{Catalog: catalogue.Catalog, Desks: w.desks}),
		ThirdParty: thirdparty.New(db, w.bus, thirdparty.Options{Catalog: catalogue.Catalog}),
		Room:       war,
		Remedy:     remedy.New(db, w.bus, remedy.Options{Catalog: catalogue.Catalog, Doers: w.doers}),
		Reviews:    looks,
		Credits:    money,
		Sources:    w.fares,
		Wall:       &Wall{Key: []byte("a key for walls"), URL: "https://console.example"},
		Audit:      w.audit, AuditKey: key,
	})
	w.http = middleware.Console(w.api.Handler(), log, now)
	for _, role := range authz.Roles {
		w.person(role)
	}
	return w
}

func (w *world) person(role authz.Role) {
	w.t.Helper()
	ctx := w.t.Context()
	in := access.NewAccount{Email: string(role) + "@example.com", PersonID: string(role), Role: role, Password: pass}
	var acc access.Account
	var err error
	if role == authz.Admin {
		acc, err = w.access.Bootstrap(ctx, w.now, in)
	} else {
		acc, err = w.access.CreateAccount(ctx, w.now, w.who(authz.Admin), in)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	w.accounts[role] = acc
	w.sessions[role] = w.signIn(acc.Email)
	_, plain, err := w.access.CreateToken(ctx, w.now, w.who(role), access.NewToken{Name: "t", Account: acc.ID, Role: role})
	if err != nil {
		w.t.Fatal(err)
	}
	w.tokens[role] = plain.Reveal()
}

func (w *world) signIn(email string) string {
	w.t.Helper()
	s, err := w.access.SignIn(w.t.Context(), w.now, email, pass, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return s.Token.Reveal()
}

func (w *world) who(role authz.Role) access.Identity {
	w.t.Helper()
	who, err := w.access.BySession(w.t.Context(), w.now, w.sessions[role])
	if err != nil {
		w.t.Fatal(err)
	}
	return who
}

// channels has only a way to devices, which carries nothing.
func channels(name string) (plug.Channel, bool) { return pusher{}, name == reach.Push }

type pusher struct{ plug.Push }

func (pusher) PublicKey() string {
	return "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
}

// credential adds to a request who makes it.
type credential func(r *http.Request)

func anonymous(*http.Request) {}

func bearer(token string) credential {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func cookie(token string) credential {
	return func(r *http.Request) { r.AddCookie(&http.Cookie{Name: authn.Cookie, Value: token}) }
}

func header(name, value string) credential {
	return func(r *http.Request) { r.Header.Set(name, value) }
}

// answer is what came back.
type got struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (w *world) do(method, path, body string, more ...credential) got {
	w.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(w.t.Context(), method, path, in)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, m := range more {
		m(r)
	}
	rec := httptest.NewRecorder()
	var out http.ResponseWriter = rec
	if strings.HasPrefix(path, route.Prefix+"/stream") {
		ctx, cancel := context.WithCancel(r.Context())
		defer cancel()
		r, out = r.WithContext(ctx), &glimpse{rec, cancel}
	}
	w.http.ServeHTTP(out, r)
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") {
		asDocumented(w.t, method, path, rec.Code, rec.Body.Bytes())
	}
	return got{rec, w.t}
}

// glimpse is a reader of a stream that goes away after the first bytes.
type glimpse struct {
	*httptest.ResponseRecorder
	leave func()
}

func (g *glimpse) Flush() {
	g.ResponseRecorder.Flush()
	g.leave()
}

// status fails the test unless the answer has the status; a problem is checked
// for its shape on the way.
func (g got) status(want int, what string) got {
	g.t.Helper()
	if g.Code != want {
		g.t.Errorf("%s: status %d, want %d: %s", what, g.Code, want, clip2(g.Body.String()))
	}
	if g.Code >= 400 {
		g.problem(what)
	}
	return g
}

func (g got) problem(what string) wire.Problem {
	g.t.Helper()
	var p wire.Problem
	d := json.NewDecoder(bytes.NewReader(g.Body.Bytes()))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		g.t.Errorf("%s: the problem is not one: %v: %s", what, err, clip2(g.Body.String()))
		return p
	}
	if ct := g.Header().Get("Content-Type"); ct != wire.ProblemType {
		g.t.Errorf("%s: a problem of type %q", what, ct)
	}
	if p.Status != g.Code || p.Type != "about:blank" || p.Title == "" || p.Code == "" || p.Request == "" || (p.Request != g.Header().Get("X-Request-Id") && g.Header().Get(route.ReplayedHeader) == "") {
		g.t.Errorf("%s: incomplete problem %+v", what, p)
	}
	return p
}

func decode[T any](g got) T {
	g.t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(g.Body.Bytes()))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		g.t.Errorf("decode: %v: %s", err, clip2(g.Body.String()))
	}
	return v
}

func clip2(s string) string {
	if len(s) > 300 {
		return s[:300] + "..."
	}
	return s
}
