// Package simulate owns the trial of a procedure in virtual time: a scenario, the
// real engine on a database in memory, and one line for each thing that happens.
// It must not hold rules of its own.
package simulate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"allclear/internal/app"
	"allclear/internal/app/demo"
	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/flow/command"
	"allclear/internal/flow/comms"
	"allclear/internal/flow/intake"
	"allclear/internal/flow/tickets"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
)

// trial runs a scenario through the real engine on a virtual clock.
type trial struct {
	s       *Scenario
	db      *store.DB
	e       *app.Engine
	sources map[string]plug.Hook
	now     time.Time
	seen    ident.ID
	numbers map[ident.ID]int64 // of incidents, by id
	out     *json.Encoder
	calls   int
}

// Run tries a procedure in virtual time and prints one JSON object a
// line. path "-" is standard input.
func Run(ctx context.Context, path string, out io.Writer) error {
	data, err := readInput(path)
	if err != nil {
		return err
	}
	s, err := ParseScenario(data)
	if err != nil {
		return err
	}
	if beside := filepath.Join(filepath.Dir(path), s.Procedure); path != "-" && !there(s.Procedure) && there(beside) {
		s.Procedure = beside // it lies with the scenario that names it
	}
	t, err := newTrial(ctx, s, out)
	if err != nil {
		return err
	}
	defer func() { _ = t.db.Close() }() // in memory: nothing is lost
	return t.run(ctx)
}

func there(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

func readInput(path string) ([]byte, error) {
	var data []byte
	var err error
	if path == "-" {
		data, err = io.ReadAll(io.LimitReader(os.Stdin, maxScenario+1))
	} else {
		data, err = os.ReadFile(path)
	}
	if err != nil {
		return nil, fault.New(fault.NotFound, "read scenario: %s", err)
	}
	return data, nil
}

// mailsAtOnce is how many mails one claim takes: they are still sent one after
// the other.
const mailsAtOnce = 200

// trialNode is fixed, so that ids are the same on every run.
const trialNode = 1

func newTrial(ctx context.Context, s *Scenario, out io.Writer) (*trial, error) {
	db, err := store.Open(ctx, store.Options{Memory: true, Node: trialNode})
	if err != nil {
		return nil, err
	}
	t := &trial{s: s, db: db, now: s.Start, out: json.NewEncoder(out), sources: map[string]plug.Hook{}, numbers: map[ident.ID]int64{}}
	t.out.SetEscapeHTML(false)
	reg, err := plug.NewRegistry(app.Plugins()...)
	if err != nil {
		return nil, err
	}
	hooks, err := reg.Hooks(reg.Bare)
	if err != nil {
		return nil, err
	}
	for _, h := range hooks {
		t.sources[h.Name] = h
	}
	t.start()
	return t, t.prepare(ctx)
}

// start makes the process's own state; the database is what survives.
func (t *trial) start() {
	t.e = app.NewEngine(t.db, app.EngineOptions{
		Channels: t.channel, AckKey: []byte("a trial signs nothing that leaves it"), AckURL: "https://allclear.example/ack",
		Page: comms.Page{Name: "Status", URL: "https://status.example"}, Workers: 1, Mailers: mailsAtOnce, Log: slog.New(slog.DiscardHandler),
	})
}

func (t *trial) prepare(ctx context.Context) error {
	setup := authz.Actor{ID: "setup", Role: authz.Admin, Via: "setup"}
	if _, err := t.e.Admin.Load(ctx, setup, t.catalogue(), t.now); err != nil {
		return err
	}
	text, err := app.ProcedureText(t.s.Procedure)
	if err != nil {
		return err
	}
	if _, err := t.e.Procedures.Activate(ctx, setup, text, t.now); err != nil {
		return err
	}
	return t.db.View(ctx, func(tx *store.Tx) (err error) {
		t.seen, err = events.Last(tx)
		return err
	})
}

func (t *trial) catalogue() []catalog.Entity {
	all := demo.Entities()
	if t.s.OnCall != nil {
		for _, s := range demo.OnCall(t.s.OnCall.Primary, t.s.OnCall.Secondary) {
			all = replace(all, s)
		}
	}
	for _, id := range sortedKeys(t.s.Schedules) {
		all = replace(all, catalog.Schedule{ID: id, Document: t.s.Schedules[id].doc})
	}
	return all
}

func replace(all []catalog.Entity, e catalog.Entity) []catalog.Entity {
	for i, old := range all {
		if old.Kind() == e.Kind() && old.Key() == e.Key() {
			all[i] = e
			return all
		}
	}
	return append(all, e)
}

// run goes from one due instant to the next until the end.
func (t *trial) run(ctx context.Context) error {
	end := t.s.Start.Add(t.s.Duration)
	steps := t.s.Steps
	for {
		next, ok, err := t.e.Next(ctx)
		if err != nil {
			return err
		}
		due := ok && !next.After(end)
		acts := len(steps) > 0 && !t.s.Start.Add(steps[0].At).After(end)
		switch {
		case !due && !acts:
			return nil
		case acts && (!due || t.s.Start.Add(steps[0].At).Before(next)):
			t.now = t.s.Start.Add(steps[0].At)
			if err := t.act(ctx, &steps[0]); err != nil {
				return fmt.Errorf("step at %s: %w", steps[0].At, err)
			}
			steps = steps[1:]
		default:
			if next.After(t.now) {
				t.now = next
			}
		}
		if err := t.e.Tick(ctx, t.now); err != nil {
			return err
		}
		if err := t.print(ctx); err != nil {
			return err
		}
	}
}

func (t *trial) act(ctx context.Context, st *Step) error {
	if st.Restart != nil {
		t.start()
		return t.e.Release(ctx, t.now)
	}
	if st.Event != nil {
		return t.receive(ctx, st.Event)
	}
	if st.Declare != nil {
		return t.declare(ctx, st.Declare)
	}
	n, err := t.incident(ctx, st.Incident)
	if err != nil {
		return err
	}
	switch {
	case st.Ack != nil:
		_, err = t.e.Command.Acknowledge(ctx, person(st.Ack.By, st.Ack.Via), n, t.now)
	case st.Engage != nil:
		_, err = t.e.Command.Engage(ctx, person(st.Engage.By, st.Engage.Via), n, t.now)
	case st.Severity != nil:
		_, err = t.e.Command.SetSeverity(ctx, person(st.Severity.By, ""), n, st.Severity.To, st.Severity.Reason, t.now)
	case st.Update != nil:
		_, err = t.e.Comms.Update(ctx, person(st.Update.By, ""), n, message.Content{Audience: st.Update.Audience, Text: st.Update.Text}, true, t.now)
	case st.Resolve != nil:
		_, err = t.e.Command.Resolve(ctx, person(st.Resolve.By, st.Resolve.Via), n, command.Resolution{Reason: st.Resolve.Reason}, t.now)
	}
	return err
}

// person is somebody of the trial. Whoever a scenario names may act.
func person(id, via string) authz.Actor {
	if id == "" {
		id = "ana"
	}
	if via == "" {
		via = "api"
	}
	return authz.Actor{ID: id, Role: authz.Responder, Via: via}
}

func (t *trial) declare(ctx context.Context, d *StepDeclare) error {
	_, err := t.e.Command.Declare(ctx, person(d.By, ""), command.Declaration{
		Service: d.Service, Title: d.Title, Severity: d.Severity, Scenario: d.Scenario, Tenant: d.Tenant, Regions: d.Regions, Flags: d.Flags,
	}, t.now)
	return err
}

// incident is the one a step acts on: the named one, else the newest that is
// open, else the newest.
func (t *trial) incident(ctx context.Context, number int64) (int64, error) {
	if number != 0 {
		return number, nil
	}
	err := t.db.View(ctx, func(tx *store.Tx) error {
		for _, f := range []incidents.Filter{{Statuses: incident.OpenStatuses(), Limit: 1}, {Limit: 1}} {
			list, err := incidents.List(tx, f)
			if err != nil {
				return err
			}
			if len(list) > 0 {
				number = list[0].Number
				return nil
			}
		}
		return fault.New(fault.NotFound, "no incident has opened yet")
	})
	return number, err
}

func (t *trial) receive(ctx context.Context, ev *StepEvent) error {
	src, ok := t.sources[ev.Source]
	if !ok {
		return fault.New(fault.Invalid, "source %q is not one that opens alerts", ev.Source)
	}
	text, as := ev.Body.(string) // is sent as it stands
	body := []byte(text)
	if !as {
		var err error
		if body, err = json.Marshal(ev.Body); err != nil {
			return fault.New(fault.Invalid, "body: %s", err)
		}
	}
	t.calls++
	got, err := parse(src, plug.Inbound{Body: body, ContentType: "application/json", Now: t.now, ID: fmt.Sprintf("call-%d", t.calls)})
	if err != nil {
		return err
	}
	if len(got.Tickets) > 0 {
		return t.e.Tickets.TakeNow(ctx, tickets.Arrival{ServiceID: ev.Service, Source: ev.Source, Raw: body, Reports: got.Tickets, Now: t.now})
	}
	return t.e.Intake.AcceptNow(ctx, intake.Arrival{ServiceID: ev.Service, Source: ev.Source, Raw: body, Signals: got.Signals, Changes: got.Changes, Now: t.now})
}

// parse reads what came. Of a provider that calls back about pages and copies
// too, only what opens alerts is of use: a trial has no such provider.
func parse(src plug.Hook, in plug.Inbound) (plug.Received, error) {
	if src.Callback == nil {
		return src.Source.Parse(in)
	}
	heard, err := src.Callback.Hear(in)
	return plug.Received{Signals: heard.Signals}, err
}

// channel is the outbox, with the faults of the scenario.
func (t *trial) channel(name string) (plug.Channel, bool) { return faulty{t: t, name: name}, true }

type faulty struct {
	t    *trial
	name string
}

// Send fails as the scenario says, else it is kept in the outbox.
func (f faulty) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	offset := f.t.now.Sub(f.t.s.Start)
	for _, p := range f.t.s.Providers {
		if p.Channel != f.name || offset < p.From || p.Until > 0 && offset >= p.Until {
			continue
		}
		switch p.Fails {
		case "permanent":
			return plug.Receipt{}, plug.Fail(plug.Permanent, "the provider refuses the address")
		case "timeout":
			return plug.Receipt{}, plug.Fail(plug.Unknown, "the provider did not answer in time")
		default:
			return plug.Receipt{}, plug.Fail(plug.Retry, "the provider answered %s", p.Fails)
		}
	}
	return outbox.New().Send(ctx, m)
}
