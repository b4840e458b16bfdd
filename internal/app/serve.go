package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/app/demo"
	"allclear/internal/app/outbound"
	"allclear/internal/app/settle"
	"allclear/internal/app/steady"
	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/status"
	"allclear/internal/edge/answer"
	"allclear/internal/edge/api"
	"allclear/internal/edge/api/live"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/authn"
	"allclear/internal/edge/calendar"
	"allclear/internal/edge/console"
	"allclear/internal/edge/health"
	"allclear/internal/edge/hooks"
	"allclear/internal/edge/middleware"
	"allclear/internal/edge/page"
	"allclear/internal/edge/telemetry"
	"allclear/internal/flow/access"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/consent"
	"allclear/internal/flow/inapp"
	"allclear/internal/flow/mirror"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
)

// server is the running program: engine, edges, loops.
type server struct {
	c        Config
	log      *slog.Logger
	time     *steady.Clock
	engine   *Engine
	channels *channels
	hooks    []plug.Hook // the ways in that are open
	board    *comms.Board
	page     *page.Handler
	slips    *jobs.Slips
	changes  *live.Changes
	auditKey note.Verifier
	wallKey  []byte
	ready    atomic.Bool
	redrawn  func(time.Time) // says that the status page's loop is alive
	consoleL net.Listener
	pageL    net.Listener
	mailL    net.Listener // nil: no mail comes in
}

const (
	sendWorkers  = 16 // of each lane; a channel that hangs has a quarter of those for pages
	shutdownWait = 10 * time.Second
)

// clock is the time of day as the machine has it, in UTC. What runs for long asks
// a steady clock instead.
func clock() time.Time { return machineTime().UTC() }

// Serve runs the server until ctx ends.
func Serve(ctx context.Context, c Config) error {
	s := &server{c: c, log: newLog(c)}
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return fault.New(fault.Invalid, "data folder: %s", err)
	}
	if err := s.listen(ctx); err != nil {
		return err
	}
	defer s.unlisten()
	db, err := store.Open(ctx, c.Options())
	if err != nil {
		return err
	}
	defer func() {
		if err := db.Close(); err != nil {
			s.log.Error("close database", "error", err)
		}
	}()
	if s.time, err = steady.New(ctx, steady.Unsettable(), steady.Of(db, clock)); err != nil {
		return fault.Wrap(fault.Unavailable, err, "read the time of day")
	}
	if err := s.build(ctx, db); err != nil {
		return err
	}
	defer func() { _ = s.slips.Close() }()
	defer func() {
		if err := s.channels.Close(); err != nil {
			s.log.Warn("close channels", "error", err)
		}
	}()
	return s.run(ctx)
}

func newLog(c Config) *slog.Logger {
	w := c.Log
	if w == nil {
		w = io.Discard
	}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, nil))
	}
	return slog.New(slog.NewTextHandler(w, nil))
}

// listen takes the addresses first, so that a second start fails at once and
// port 0 has a number when the addresses are told.
func (s *server) listen(ctx context.Context) (err error) {
	var lc net.ListenConfig
	if s.consoleL, err = lc.Listen(ctx, "tcp", s.c.Listen); err != nil {
		return fault.New(fault.Unavailable, "listen on %s: %s", s.c.Listen, err)
	}
	if s.pageL, err = lc.Listen(ctx, "tcp", s.c.PageListen); err != nil {
		return fault.New(fault.Unavailable, "listen on %s: %s", s.c.PageListen, errors.Join(err, s.consoleL.Close()))
	}
	if err := s.listenMail(ctx); err != nil {
		return fault.New(fault.KindOf(err), "%s", errors.Join(err, s.consoleL.Close(), s.pageL.Close()))
	}
	if s.c.PublicURL == "" {
		s.c.PublicURL = "http://" + s.consoleL.Addr().String()
	}
	if s.c.PagePublicURL == "" {
		s.c.PagePublicURL = "http://" + s.pageL.Addr().String()
	}
	s.c.PublicURL, s.c.PagePublicURL = strings.TrimSuffix(s.c.PublicURL, "/"), strings.TrimSuffix(s.c.PagePublicURL, "/")
	return nil
}

// unlisten gives the addresses back; the servers have closed them already, if
// they came to be.
func (s *server) unlisten() {
	_, _ = s.consoleL.Close(), s.pageL.Close()
	if s.mailL != nil {
		_ = s.mailL.Close()
	}
}

func (s *server) build(ctx context.Context, db *store.DB) error {
	ks, err := openKeys(s.c.Dir)
	if err != nil {
		return err
	}
	s.auditKey = ks.open
	s.wallKey = ks.wall
	reg, err := plug.NewRegistry(Plugins()...)
	if err != nil {
		return err
	}
	if s.channels, err = openChannels(reg, s.c, ks); err != nil {
		return err
	}
	if s.hooks, err = reg.Hooks(s.channels.plugin); err != nil {
		return err
	}
	asks, err := s.channels.pulls()
	if err != nil {
		return err
	}
	rooms, err := s.channels.rooms(s.c.PublicURL)
	if err != nil {
		return err
	}
	mapper, err := mapperOf(reg)
	if err != nil {
		return err
	}
	self, err := s.watchOptions()
	if err != nil {
		return fault.New(fault.Invalid, "%s", err)
	}
	guard, err := outbound.Guard(s.c.AllowOutbound)
	if err != nil {
		return err
	}
	if s.slips, err = jobs.OpenSlips(filepath.Join(s.c.Dir, "sent.slips")); err != nil {
		return err
	}
	s.engine = NewEngine(db, EngineOptions{
		Fetch: outbound.Calendars(guard, s.c.Version), Try: outbound.Checks(guard, s.c.Scripts, s.c.Version), Load: outbound.Load(guard, s.c.Version),
		Pulls: asks.sources, Queriers: asks.queriers, Doers: asks.doers,
		Web: outbound.Web(guard, s.c.Version), SearchToken: searchToken(), MailFrom: mailFrom(),
		Channels: s.channels.get, Kept: s.channels.kept, AckKey: ks.ack, AckURL: s.c.PublicURL + "/ack", Box: ks.box, Mapper: mapper, Hooks: s.hooks, Seal: ks.seal, Workers: sendWorkers, Slips: s.slips, Log: s.log,
		Page:    comms.Page{Name: "Status", URL: s.c.PagePublicURL, Key: ks.page, Copies: s.channels.pages, Serves: s.channels.serves},
		Consent: consent.Options{Key: ks.outward, URL: s.c.PagePublicURL, Domain: s.c.MailIn.domain()}, MostSMS: s.c.CustomerSMS, InApp: inapp.Options{Lasting: s.c.InAppLasting, Page: s.c.PagePublicURL, Origins: s.c.InAppOrigins},
		SubsKey: ks.subs,
		Watch:   self,
		Skew:    s.time.Skew,
		Ends:    s.channels.ends,
		Rooms:   rooms,
		Mirror:  mirror.Options{Channels: s.channels.mirrors, URL: s.c.PublicURL + "/incidents/"}, Tickets: s.channels.tickets, Desks: s.channels.desks,
	})
	now := s.time.Now()
	if err := s.doubt(ctx, db, now); err != nil {
		return err
	}
	settled, err := s.engine.Settle(ctx, now)
	if err != nil {
		return err
	}
	if settled > 0 {
		s.log.Info("the last run had sent what it could not write down", "deliveries", settled)
	}
	if db.Engine() == "sqlite" {
		// One process has the folder: whoever held a lease is gone.
		if err := s.engine.Release(ctx, now); err != nil {
			return err
		}
	}
	dir := s.c.Dir
	s.board = &comms.Board{
		Comms: s.engine.Comms, Log: s.log,
		Load: func() (*status.Snapshot, error) { return page.Load(dir) },
		Save: func(snap *status.Snapshot) error {
			told := *snap // whoever reads the file asks the machine how old it is
			told.GeneratedAt = clock()
			return page.Save(dir, &told)
		},
		SaveTenants: page.NewTenantFiles(dir).Save,
	}
	s.engine.Bus.Watch(s.board.Listen)
	s.changes = live.NewChanges()
	s.engine.Bus.Watch(s.changes.Tell)
	return s.prepare(ctx, now)
}

// prepare fills an empty installation and tells how to begin.
func (s *server) prepare(ctx context.Context, now time.Time) error {
	out := s.c.Out
	if out == nil {
		out = io.Discard
	}
	if s.c.Demo {
		d, err := s.engine.seedDemo(ctx, s.c.Dir, demoFile{ConsoleURL: s.c.PublicURL, PageURL: s.c.PagePublicURL}, demo.Entities(), now)
		if err != nil {
			return err
		}
		if err := s.engine.procedureInForce(ctx, s.c.Procedure, now); err != nil {
			return err
		}
		welcome(out, d)
		return nil
	}
	if err := s.engine.procedureInForce(ctx, s.c.Procedure, now); err != nil {
		return err
	}
	email, password, err := s.engine.firstAccount(ctx, now)
	if err != nil {
		return err
	}
	if email != "" {
		_, _ = fmt.Fprintf(out, "First start: sign in at %s as %s with the password %s, shown this once.\n", s.c.PublicURL, email, password)
	}
	return nil
}

func welcome(out io.Writer, d demoFile) {
	_, _ = fmt.Fprintf(out, `
Console      %s
Status page  %s
Sign in      %s
Password     %s

Raise a P1 (in another terminal):

curl -sS %s/v2/enqueue -H 'Content-Type: application/json' -d '{"routing_key":"%s","event_action":"trigger","dedup_key":"sign-in","payload":{"summary":"Sign-in fails for all users","source":"probe-1","severity":"critical"}}'

`, d.ConsoleURL, d.PageURL, d.SignIn.Email, d.SignIn.Password, d.ConsoleURL, d.IntegrationKey)
}

// routes puts every surface on the console's listener.
func (s *server) routes() (http.Handler, error) {
	e := s.engine
	who := authn.New(e.Access, strings.HasPrefix(s.c.PublicURL, "https://"))
	mux := http.NewServeMux()
	native := api.New(s.apiOptions(who))
	mux.Handle(route.Prefix+"/", native.Handler())
	hooks.New(hooks.Options{
		Sources: s.hooks, Intake: e.Intake, Answers: e.Paging, Mirror: e.Mirror, Rooms: e.Room, Orders: e.Chatops, Outside: e.Consent, Tickets: e.Tickets, Silences: e.Intake, Keys: keyFinder{e.Access, s.time.Now}, Health: e.Sources,
		Log: s.log, PublicURL: s.c.PublicURL, Now: s.time.Now, Version: s.c.Version,
	}).Register(mux)
	telemetry.New(telemetry.Options{Metrics: e.Detect, Keys: keyFinder{e.Access, s.time.Now}, Health: e.Sources, Token: s.token, Log: s.log, Now: s.time.Now}).Register(mux)
	answer.New(e.Paging, s.log, s.time.Now).Register(mux)
	routes := health.NewRoutes()
	health.Register(mux, health.Options{Ping: e.DB.Ping, Ready: s.ready.Load, Version: s.c.Version, Figures: s.figures, Routes: routes})
	calendar.New(e.Rota, s.log, s.time.Now).Register(mux)
	ui, err := console.New()
	if err != nil {
		return nil, err
	}
	mux.Handle("/", ui)
	return middleware.Console(mux, s.log, s.time.Now, middleware.Measure(routes.Observe, s.time.Now)), nil
}

// token says who an API token speaks for.
func (s *server) token(ctx context.Context, token string, now time.Time) (authz.Actor, error) {
	who, err := s.engine.Access.ByToken(ctx, now, token)
	return who.Actor, err
}

// keyFinder finds integration keys for the ways in.
type keyFinder struct {
	access *access.Access
	now    func() time.Time
}

func (k keyFinder) Find(ctx context.Context, kind, key string) (*access.Key, error) {
	return k.access.FindKey(ctx, k.now(), kind, key)
}

// run starts loops and listeners and waits for the end.
func (s *server) run(ctx context.Context) error {
	if err := s.board.Tick(ctx, s.time.Now()); err != nil {
		s.log.Error("draw the status page", "error", err)
	}
	s.page = page.New(page.Options{Source: s.board.Source, Tenant: s.board.Tenant, Desk: pageDesk{s.engine.Subscribe, s.engine.Listen}, BaseURL: s.c.PagePublicURL, Now: s.time.Now})
	handler, err := s.routes()
	if err != nil {
		return err
	}
	if err := s.engine.Rota.Start(ctx, s.time.Now()); err != nil {
		return err
	}
	list, err := s.allowList()
	if err != nil {
		return err
	}
	loops, stop := context.WithCancel(ctx)
	defer stop()
	s.register(loops, s.time.Now())
	var wg sync.WaitGroup
	wg.Go(func() { s.time.Run(loops, s.log) })
	wg.Go(func() { s.engine.Watch.Run(loops, s.time.Now) })
	for _, run := range []func(context.Context) error{
		func(ctx context.Context) error { return s.engine.Timers.Run(ctx, s.time.Now) },
		func(ctx context.Context) error { return s.engine.Pager.Run(ctx, s.time.Now) },
		func(ctx context.Context) error { return s.engine.Mailer.Run(ctx, s.time.Now) },
		func(ctx context.Context) error { return s.board.Run(ctx, s.time.Now) },
		func(ctx context.Context) error {
			return s.engine.InApp.Run(ctx, s.time.Now, func(err error) { s.log.Error("look at notices in the product", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Lookout.Run(ctx, s.time.Now, func(err error) { s.log.Error("look for dead ends", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Absences.Run(ctx, s.time.Now, func(err error) { s.log.Error("read absence calendars", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.ThirdParty.Run(ctx, s.time.Now, func(err error) { s.log.Error("read the state of vendors", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Partners.Run(ctx, s.time.Now, func(err error) { s.log.Error("ask how cases with partners are", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Listen.Run(ctx, s.time.Now, func(err error) { s.log.Error("read what the public says", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Detect.Run(ctx, s.time.Now, func(err error) { s.log.Error("judge metrics", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Subscribe.Run(ctx, s.time.Now, func(err error) { s.log.Error("tell subscribers of the status page", "error", err) })
		},
		func(ctx context.Context) error { return s.engine.Pull.Run(ctx, s.time.Now) },
		func(ctx context.Context) error {
			return s.engine.Room.Run(ctx, s.time.Now, func(err error) { s.log.Error("open war rooms", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Remedy.Run(ctx, s.time.Now, func(err error) { s.log.Error("run actions", "error", err) })
		},
		s.ownRunner(list),
		func(ctx context.Context) error {
			return s.engine.Success.Run(ctx, s.time.Now, func(err error) { s.log.Error("look at the health checks of customers", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Inquiry.Run(ctx, s.time.Now, func(err error) { s.log.Error("measure the network", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Checks.Run(ctx, s.time.Now, func(err error) { s.log.Error("make synthetic checks", "error", err) })
		},
		func(ctx context.Context) error {
			return s.engine.Sources.Run(ctx, s.time.Now, func(err error) { s.log.Error("write down what came in", "error", err) })
		},
		s.tidy,
	} {
		wg.Go(func() {
			if err := run(loops); err != nil && loops.Err() == nil {
				s.log.Error("a loop ended", "error", err)
			}
		})
	}
	settle.Down()
	s.ready.Store(true)
	err = s.serveUntil(ctx, handler)
	s.ready.Store(false)
	stop()
	wg.Wait()
	return err
}

// serveUntil answers on both listeners until ctx ends or one fails.
func (s *server) serveUntil(ctx context.Context, handler http.Handler) error {
	servers := []*http.Server{middleware.Server(handler), middleware.Server(s.pageRoutes())}
	failed := make(chan error, len(servers)+1)
	stopMail, err := s.serveMail(failed)
	if err != nil {
		return err
	}
	for i, l := range []net.Listener{s.consoleL, s.pageL} {
		go func() { failed <- servers[i].Serve(l) }()
	}
	s.log.Info("ready", "console", s.c.PublicURL, "page", s.c.PagePublicURL, "version", s.c.Version)
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownWait)
	defer cancel()
	stopMail(end)
	for _, srv := range servers {
		if e := srv.Shutdown(end); e != nil {
			s.log.Warn("not every connection ended by itself", "error", errors.Join(e, srv.Close()))
		}
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

const tidyEvery = time.Minute

// tidy forgets sessions that are over, and redraws the page's age.
func (s *server) tidy(ctx context.Context) error {
	pages, minutes := time.NewTicker(time.Second), time.NewTicker(tidyEvery)
	defer pages.Stop()
	defer minutes.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-pages.C:
			s.redrawn(s.time.Now())
			if err := s.page.Tick(s.time.Now()); err != nil {
				s.log.Error("draw the status page", "error", err)
			}
		case <-minutes.C:
			if err := s.engine.Access.Tick(ctx, s.time.Now()); err != nil && ctx.Err() == nil {
				s.log.Error("tidy", "error", err)
			}
			if err := s.engine.Audit.Tick(ctx, s.time.Now()); err != nil && ctx.Err() == nil {
				s.log.Error("seal the record", "error", err)
			}
		}
	}
}
