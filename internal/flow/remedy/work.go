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
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/remedy"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/runs"
	"allclear/internal/store/timers"
)

// Lease is how long a runner may be silent before it is given up. It says something
// every few seconds, also where the program it runs says nothing.
const Lease = 45 * time.Second

// Work is what a runner is to run, once.
type Work struct {
	Run      ident.ID
	Fence    int64
	Incident string
	Action   string // id
	Commands []string
	Dry      bool
	Plan     bool // the whole output is hashed: people agree to it
	Values   map[string]string
	Timeout  time.Duration
}

// Claim gives a runner one run whose commands it has; nil when there is none.
func (f *Remedy) Claim(ctx context.Context, a authz.Actor, runner string, has []string, now time.Time) (out *Work, err error) {
	if err := authz.Can(a, authz.Run, authz.Resource{Kind: "run"}); err != nil {
		return nil, err
	}
	some := false
	err = f.db.View(ctx, func(tx *store.Tx) error {
		some, err = runs.Any(tx, remedy.Runner)
		return err
	})
	if err != nil || !some { // mostly: the writer is left alone
		return nil, err
	}
	const look = 50
	err = f.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		out = nil
		all, err := runs.Waiting(tx, remedy.Runner, look)
		if err != nil {
			return err
		}
		for _, r := range all {
			w := workOf(r)
			if slices.ContainsFunc(w.Commands, func(c string) bool { return !slices.Contains(has, c) }) {
				continue
			}
			if err := f.start(tx, r, runner, a, now); err != nil {
				return err
			}
			w.Fence = r.Fence
			out = w
			return nil
		}
		return nil
	})
	return out, err
}

func workOf(r *remedy.Run) *Work {
	w := &Work{Run: r.ID, Incident: incident.Ref(r.Number), Action: r.Action.ID, Dry: r.Dry, Plan: r.Stage == remedy.StagePlan, Timeout: r.Action.Limit(), Values: map[string]string{"RUN": r.ID.String()}}
	for k, v := range r.Values {
		w.Values[k] = v
	}
	switch {
	case r.Stage == remedy.StageApply:
		w.Commands = []string{r.Action.Apply}
		w.Values["PLAN_SHA256"] = r.PlanHash
	default:
		w.Commands = []string{r.Action.Command}
	}
	if r.Action.Verify != "" && !w.Dry && !w.Plan {
		w.Commands = append(w.Commands, r.Action.Verify)
	}
	return w
}

func (f *Remedy) start(tx *store.Tx, r *remedy.Run, runner string, by authz.Actor, now time.Time) error {
	inc, err := incidents.Peek(tx, r.IncidentID)
	if err != nil {
		return err
	}
	if err := r.Start(runner, by.ID, now); err != nil {
		return err
	}
	if err := f.hold(tx, r, now); err != nil {
		return err
	}
	s := &step{f, tx, inc, r, by, now}
	text := r.Action.Name + s.told() + " runs on " + runner
	if r.Stage != "" {
		text = "The " + r.Stage + " of " + text
	}
	return s.emit(event.ActionStarted, text)
}

// hold saves a run and has its lease begin anew.
func (f *Remedy) hold(tx *store.Tx, r *remedy.Run, now time.Time) error {
	if err := runs.Save(tx, r); err != nil {
		return err
	}
	return timers.Set(tx, timers.Timer{Kind: TimerLease, Ref: r.ID.String(), IncidentID: r.IncidentID, DueAt: now.Add(Lease)}, now)
}

// Heard takes a piece of output, which may be empty, and reports whether the run is
// to be ended. fault.Conflict says that the runner does not have it any more.
func (f *Remedy) Heard(ctx context.Context, a authz.Actor, id ident.ID, fence int64, text string, now time.Time) (end bool, err error) {
	if err := authz.Can(a, authz.Run, authz.Resource{Kind: "run"}); err != nil {
		return false, err
	}
	if len(text) > remedy.MaxChunk {
		return false, fault.New(fault.TooLarge, "a piece of output has at most %d bytes", remedy.MaxChunk)
	}
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		r, err := runs.Lock(tx, id)
		if err != nil {
			return err
		}
		if err := r.HeldBy(a.ID, fence); err != nil {
			return err
		}
		late := r.State == remedy.Lost && r.SettledBy == "" // nobody has looked yet, and it is there after all
		if r.State != remedy.Running && !late {
			return fault.New(fault.Conflict, "the run is not yours any more: it is %s", r.State)
		}
		if err := keep(tx, r, text); err != nil {
			return err
		}
		if end = r.KillBy != ""; late {
			return runs.Save(tx, r)
		}
		return f.hold(tx, r, now)
	})
	return end, err
}

func keep(tx *store.Tx, r *remedy.Run, text string) error {
	if text = r.Wrote(text); text == "" {
		return nil
	}
	return runs.Write(tx, r.ID, r.Chunks, text)
}

// Finish takes the word of whoever ran it.
func (f *Remedy) Finish(ctx context.Context, a authz.Actor, id ident.ID, fence int64, res remedy.Result, now time.Time) error {
	if err := authz.Can(a, authz.Run, authz.Resource{Kind: "run"}); err != nil {
		return err
	}
	return f.db.Update(ctx, store.PriorityAck, func(tx *store.Tx) error {
		r, err := runs.Lock(tx, id)
		if err != nil {
			return err
		}
		return f.finish(tx, r, a, fence, res, now)
	})
}

func (f *Remedy) finish(tx *store.Tx, r *remedy.Run, by authz.Actor, fence int64, res remedy.Result, now time.Time) error {
	inc, err := incidents.Peek(tx, r.IncidentID)
	if err != nil {
		return err
	}
	if err := r.Finish(by.ID, fence, res, now); err != nil {
		return err
	}
	if err := runs.Save(tx, r); err != nil {
		return err
	}
	if err := timers.Cancel(tx, TimerLease, r.ID.String()); err != nil {
		return err
	}
	s := &step{f, tx, inc, r, by, now}
	if r.State != remedy.Planned {
		return s.over()
	}
	if err := s.emit(event.ActionPlanned, fmt.Sprintf("The plan of %s%s is made, and waits for agreement (%s)%s", r.Action.Name, s.told(), short(r.PlanHash), last(r.Tail))); err != nil {
		return err
	}
	s.by = authz.Actor{ID: r.By, Via: by.Via}
	return s.askApproval()
}

// leaseOver gives up a runner that is not heard of any more. What it ran may have
// been done, half or whole: people look, and nothing is run again by itself.
func (f *Remedy) leaseOver(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	r, err := runs.Lock(tx, id)
	if err != nil {
		return err
	}
	if !r.Lose(r.Runner+" is not heard of any more: look whether it was done", now) {
		return nil
	}
	inc, err := incidents.Peek(tx, r.IncidentID)
	if err != nil {
		return err
	}
	if err := runs.Save(tx, r); err != nil {
		return err
	}
	s := &step{f, tx, inc, r, authz.Software("timer"), now}
	return s.over()
}

// ending is how a run ended, in words, with the last of what it wrote.
func (s *step) ending() string {
	r := s.run
	how := map[remedy.State]string{
		remedy.Succeeded: "succeeded", remedy.Failed: "failed", remedy.TimedOut: "was ended after " + r.Action.Limit().String(), remedy.Killed: "was ended", remedy.Lost: "is lost",
	}[r.State]
	text := r.Action.Name + s.told() + " " + how
	if r.Code != nil {
		text += fmt.Sprintf(" with exit code %d", *r.Code)
	}
	if d := r.Took(); d > 0 {
		text += " after " + d.Round(time.Second).String()
	}
	if r.Why != "" {
		text += ": " + r.Why
	}
	if r.Ref != "" {
		text += ". It made " + r.Ref
	}
	return text + last(r.Tail)
}

func last(tail string) string {
	if tail = strings.TrimSpace(tail); tail == "" {
		return ""
	}
	return "\n" + tail
}
