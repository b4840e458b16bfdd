// Package remedy owns the runs of runbook actions in an incident: who asks, who
// agrees, who runs them, what they wrote and what they prove; and the board on which
// services are restored in order. It must not run a program: a runner does, which has
// its own list of what it may run. It must not decide what a proof leads to; the
// procedure does.
package remedy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/check"
	"allclear/internal/domain/event"
	"allclear/internal/domain/evidence"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/remedy"
	"allclear/internal/jobs"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/runs"
)

// Options are what the flow stands on.
type Options struct {
	Catalog func(*store.Tx) (*catalog.Catalog, error)
	// Try makes a check once, Load asks one address many times; nil: this node makes no
	// requests.
	Try  func(ctx context.Context, c check.Check, now time.Time) check.Result
	Load func(ctx context.Context, p remedy.Probe) remedy.Measured
	// Doers are the integrations that can do something at their vendors, by name.
	Doers map[string]plug.Doer
	// Keep keeps what a run wrote as evidence of its incident; nil: it is not kept.
	Keep func(tx *store.Tx, inc *incident.Incident, f evidence.File, data []byte) error
}

// Remedy is safe for concurrent use. Make it with New and wire it before use.
type Remedy struct {
	db   *store.DB
	bus  *jobs.Bus
	o    Options
	poke chan struct{}
	crew *jobs.Crew
}

// atOnce is how many runs of our own are under way at once.
const atOnce = 4

// New returns the flow.
func New(db *store.DB, bus *jobs.Bus, o Options) *Remedy {
	return &Remedy{db: db, bus: bus, o: o, poke: make(chan struct{}, 1), crew: jobs.NewCrew(atOnce)}
}

// TimerLease gives up whoever runs something and is not heard of; ref: the run.
const TimerLease = "run"

// Wire hangs the flow on the bus and the timers.
func (f *Remedy) Wire(timers *jobs.Timers) {
	f.bus.On(event.Mitigated, f.onMitigated)
	timers.Handle(TimerLease, f.leaseOver)
}

// NewRun is what somebody asks for.
type NewRun struct {
	Action string
	Values map[string]string
	Dry    bool
	Drill  bool // a test of a failover
	Reason string
}

const maxReason = 2000

// Request asks for a run. It starts at once where nobody has to agree.
func (f *Remedy) Request(ctx context.Context, a authz.Actor, number int64, n NewRun, now time.Time) (out *remedy.Run, err error) {
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := find(tx, a, authz.Respond, number)
		if err != nil {
			return err
		}
		if inc.Status == incident.Closed || inc.MergedInto != 0 {
			return fault.New(fault.Conflict, "%s is closed: nothing is run for it any more", inc.Ref())
		}
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		action, err := f.named(cat, n.Action)
		if err != nil {
			return err
		}
		r := &remedy.Run{Action: action, Dry: n.Dry, Drill: n.Drill, Reason: strings.TrimSpace(n.Reason), By: a.ID}
		bad := fault.New(fault.Invalid, "the run of %s cannot be asked for like this", action.Name)
		if len(r.Reason) > maxReason {
			bad = bad.With("reason", fmt.Sprintf("at most %d bytes", maxReason))
		}
		r.Vendor, r.Back = switches(cat, action.ID)
		if n.Drill && action.Type != remedy.Failover {
			bad = bad.With("drill", "only a failover can be tested")
		}
		r.Values = r.Action.Values(since(inc, &action, n.Values), now, func(name, why string) { bad = bad.With("values."+name, why) })
		if len(bad.Details) > 0 {
			return bad
		}
		out = r
		return f.begin(tx, inc, r, a, now)
	})
	return out, err
}

// switches finds the vendor whose provider the action changes, and whether back.
func switches(cat *catalog.Catalog, action string) (vendor string, back bool) {
	for id, v := range cat.Vendors {
		if v.Over == action || v.Back == action {
			return id, v.Back == action
		}
	}
	return "", false
}

func (f *Remedy) begin(tx *store.Tx, inc *incident.Incident, r *remedy.Run, by authz.Actor, now time.Time) error {
	r.IncidentID, r.Number = inc.ID, inc.Number
	if err := r.Begin(now); err != nil {
		return err
	}
	if err := runs.Add(tx, r, now); err != nil {
		return err
	}
	s := &step{f, tx, inc, r, by, now}
	text := "asks for " + r.Action.Name + s.told()
	if r.Reason != "" {
		text += ": " + r.Reason
	}
	if err := s.emit(event.ActionRequested, text); err != nil {
		return err
	}
	if r.State == remedy.Requested {
		return s.askApproval()
	}
	return s.ready()
}

// step is something that happens to a run.
type step struct {
	*Remedy
	tx  *store.Tx
	inc *incident.Incident
	run *remedy.Run
	by  authz.Actor
	now time.Time
}

// told are the values of a run in words.
func (s *step) told() string {
	var all []string
	for _, p := range s.run.Action.All() {
		if v, ok := s.run.Values[p.Name]; ok {
			all = append(all, p.Name+"="+v)
		}
	}
	out := ""
	if s.run.Dry {
		out = ", run dry"
	}
	if len(all) > 0 {
		out += " (" + strings.Join(all, ", ") + ")"
	}
	return out
}

// ready has whoever runs it learn of it.
func (s *step) ready() error {
	s.tx.AfterCommit(s.Poke)
	if s.run.State == remedy.Running { // by hand
		return s.emit(event.ActionStarted, s.run.Action.Name+" is done by hand by "+s.run.Runner)
	}
	return nil
}

// askApproval tells the technical lead and the commander that somebody waits.
func (s *step) askApproval() error {
	var to []string
	for _, role := range approvers {
		if p := s.inc.Roles[role]; p != "" && p != s.by.ID && !slices.Contains(to, "person:"+p) {
			to = append(to, "person:"+p)
		}
	}
	if len(to) == 0 {
		return nil
	}
	text := fmt.Sprintf("%s: %s asks for %s%s. %d more must agree: technical lead or incident commander.", s.inc.Ref(), s.by.ID, s.run.Action.Name, s.told(), s.run.Missing())
	return s.notice("approval", to, s.inc.Ref()+": your agreement is asked for", text)
}

func (s *step) notice(rule string, to []string, subject, text string) error {
	if s.inc.Restricted { // what leaves the house says nothing of it (reading 18)
		subject = s.inc.Ref() + ": there is news"
		text = "There is news on " + s.inc.Ref() + ". Sign in to read it."
	}
	return s.bus.Emit(s.tx, s.now, event.Event{
		IncidentID: s.inc.ID, Kind: event.NoticeWanted, Actor: s.by.ID, Source: s.by.Via, Restricted: s.inc.Restricted,
		Data: event.Data{Rule: rule, Ref: s.tx.NewID(s.now).String(), Targets: to, Subject: subject, Text: text, Number: s.inc.Number, Severity: s.inc.Severity.String(), Clauses: clauses(s.run)},
	})
}

// approvers are the roles whose holders may agree.
var approvers = []string{incident.TechLead, incident.Commander}

// holds is the role by which somebody may agree; empty: by none.
func holds(inc *incident.Incident, person string) string {
	for _, role := range approvers {
		if person != "" && inc.Roles[role] == person {
			return role
		}
	}
	return ""
}

// Approve agrees to a run, which only the technical lead and the incident commander
// can, whatever else they may do (RES-RB-APP).
func (f *Remedy) Approve(ctx context.Context, a authz.Actor, id ident.ID, plan string, now time.Time) (*remedy.Run, error) {
	return f.change(ctx, a, id, now, func(s *step) error {
		role := holds(s.inc, a.ID)
		if role == "" {
			return fault.New(fault.Refused, "only the technical lead and the incident commander of %s agree to actions", s.inc.Ref())
		}
		if err := s.run.Approve(a.ID, role, plan, now); err != nil {
			return err
		}
		text := "agrees to " + s.run.Action.Name + s.told()
		if plan != "" {
			text += ", with the plan " + short(plan)
		}
		if n := s.run.Missing(); n > 0 {
			text += fmt.Sprintf("; %d more must", n)
		}
		if err := s.emit(event.ActionApproved, text); err != nil || s.run.Missing() > 0 {
			return err
		}
		return s.ready()
	})
}

func short(hash string) string { return hash[:min(len(hash), 12)] }

// Kill ends a run: whoever may agree to it can, and who asked for it.
func (f *Remedy) Kill(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time) (*remedy.Run, error) {
	return f.change(ctx, a, id, now, func(s *step) error {
		if holds(s.inc, a.ID) == "" && s.run.By != a.ID {
			return fault.New(fault.Refused, "the technical lead, the incident commander and who asked for it can end it")
		}
		why := "ended by " + a.ID
		if reason = strings.TrimSpace(reason); reason != "" {
			why += ": " + reason[:min(len(reason), maxReason)]
		}
		ended, err := s.run.Kill(a.ID, strings.ToValidUTF8(why, ""), now)
		if err != nil || !ended {
			return err
		}
		return s.over()
	})
}

// Settle takes a person's word for how a run ended that was lost, or done by hand.
func (f *Remedy) Settle(ctx context.Context, a authz.Actor, id ident.ID, ok bool, what string, now time.Time) (*remedy.Run, error) {
	return f.change(ctx, a, id, now, func(s *step) error {
		if len(what) > maxReason {
			return fault.New(fault.Invalid, "the text is too long").With("text", fmt.Sprintf("at most %d bytes", maxReason))
		}
		if err := s.run.Settle(a.ID, ok, strings.TrimSpace(what), now); err != nil {
			return err
		}
		if o, known := f.offer(s.run.Action.Deed); known && ok {
			s.run.Undo = o.undo(s.run, s.run.Before)
		}
		return s.over()
	})
}

// change does something to a run of an incident that the actor may know of.
func (f *Remedy) change(ctx context.Context, a authz.Actor, id ident.ID, now time.Time, do func(*step) error) (out *remedy.Run, err error) {
	err = f.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		r, err := runs.Lock(tx, id)
		if err != nil {
			return err
		}
		inc, err := incidents.Peek(tx, r.IncidentID)
		if err != nil {
			return err
		}
		if err := may(a, authz.Respond, inc); err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return fault.New(fault.NotFound, "there is no such run")
			}
			return err
		}
		s := &step{f, tx, inc, r, a, now}
		if err := do(s); err != nil {
			return err
		}
		out = r
		return runs.Save(tx, r)
	})
	return out, err
}

func find(tx *store.Tx, a authz.Actor, v authz.Verb, number int64) (*incident.Incident, error) {
	inc, err := incidents.ByNumber(tx, number)
	if err != nil {
		return nil, err
	}
	return inc, may(a, v, inc)
}

// may refuses an actor who lacks the verb, or for whom the incident does not exist.
func may(a authz.Actor, v authz.Verb, inc *incident.Incident) error {
	if !inc.VisibleTo(a.ID) && a.Role != authz.System {
		return fault.New(fault.NotFound, "there is no such incident")
	}
	return authz.Can(a, v, authz.Resource{Kind: "incident", ID: inc.Ref()})
}

// emit puts an entry about the run on the record.
func (s *step) emit(k event.Kind, text string) error {
	r := s.run
	d := event.Data{
		Text: text, Ref: r.ID.String(), Subject: r.Action.ID, Outcome: string(r.State), Phase: string(r.Action.Type), Number: s.inc.Number, Severity: s.inc.Severity.String(),
		Owner: s.by.ID, Clauses: clauses(r),
	}
	return s.say(k, d)
}

func (s *step) say(k event.Kind, d event.Data) error {
	return s.bus.Emit(s.tx, s.now, event.Event{IncidentID: s.inc.ID, Kind: k, Actor: s.by.ID, Source: s.by.Via, Restricted: s.inc.Restricted, Data: d})
}

// clauses are those of the procedure that a run is about.
func clauses(r *remedy.Run) []string { return append(slices.Clone(r.Action.Clauses), ofType(r)...) }

func ofType(r *remedy.Run) []string {
	switch r.Action.Type {
	case remedy.AppRollback:
		return []string{"RES-RB-APP"}
	case remedy.PointInTime:
		return []string{"RES-RB-DB"}
	case remedy.IACRestore:
		return []string{"RES-RB-IAC"}
	case remedy.ConfigRollback:
		return []string{"RES-RB-CFG"}
	case remedy.Failover:
		if r.Drill {
			return []string{"MON-STAB-FAILOVER"}
		}
		return []string{"RES-RB-3P"}
	case remedy.Smoke:
		return []string{"RES-VAL-SMOKE"}
	case remedy.Check:
		return map[string][]string{remedy.Performance: {"RES-VAL-PERF"}, remedy.Load: {"MON-STAB-LOAD"}, remedy.Stress: {"MON-STAB-STRESS"}, remedy.Data: {"MON-STAB-DATA"}, remedy.Security: {"RES-VAL-SEC"}}[r.Action.Proves]
	case remedy.Diagnostic:
		return []string{"INV-RCA-DB"}
	case remedy.Custom:
	}
	return nil
}
