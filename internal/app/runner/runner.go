// Package runner is the process that runs what was agreed to in an incident: it takes
// one run after the other from a server, or from the process it is part of, has the
// executor do it, and tells what it writes and how it ended. What may run at all, its
// allow-list says. It must not decide who may run what, and runs nothing twice.
package runner

import (
	"context"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"allclear/internal/app/cli"
	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/remedy"
	"allclear/internal/plug"
	"allclear/internal/plug/execute"
	"allclear/internal/plug/github"
)

// Desk is where runs are taken from.
type Desk interface {
	Claim(ctx context.Context, commands []string) (*cli.Claimed, error)
	Report(ctx context.Context, run string, fence int64, text string) (end bool, err error)
	Finish(ctx context.Context, run string, fence int64, res remedy.Result) error
}

// Runner runs what a desk gives. Make it with New.
type Runner struct {
	desk  Desk
	exec  *execute.Executor
	log   *slog.Logger
	slots chan struct{}
	wg    sync.WaitGroup
}

// How often things happen.
const (
	atOnce  = 4
	ask     = 2 * time.Second // for a run, when there was none
	beat    = 5 * time.Second // a report, also of nothing
	again   = 3 * time.Second // after a server that does not answer
	patient = time.Hour       // with the word of how a run ended
)

// New returns a runner for a list.
func New(d Desk, list *execute.List, guard *plug.Guard, version string, log *slog.Logger) *Runner {
	const slow = 60 * time.Second
	web := plug.NewHTTP(plug.HTTPOptions{Guard: guard, Version: version, Timeout: slow})
	hub := github.Dispatcher{HTTP: web}
	start := func(ctx context.Context, w execute.Workflow, inputs map[string]string, token secret.String, say func(string)) remedy.Result {
		return hub.Run(ctx, github.Dispatch{API: w.API, Repo: w.Repo, File: w.File, Ref: w.Ref, Inputs: inputs, Token: token}, say)
	}
	return &Runner{desk: d, exec: &execute.Executor{List: list, HTTP: web, Workflow: start, Env: os.LookupEnv}, log: log, slots: make(chan struct{}, atOnce)}
}

// Run takes runs until ctx ends, and then ends those under way: what they did so far
// is told of.
func (r *Runner) Run(ctx context.Context) error {
	defer r.wg.Wait()
	for ctx.Err() == nil {
		wait := ask
		select {
		case <-ctx.Done():
			return nil
		case r.slots <- struct{}{}:
		}
		work, err := r.desk.Claim(ctx, r.exec.List.Names())
		switch {
		case fault.Is(err, fault.Refused), fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.Invalid):
			<-r.slots
			return err // it does not get better by asking again
		case err != nil:
			if ctx.Err() == nil {
				r.log.Warn("ask for a run", "error", err)
			}
		case work != nil:
			r.wg.Go(func() {
				defer func() { <-r.slots }()
				r.do(ctx, work)
			})
			continue
		}
		<-r.slots
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// Once takes one run, does it and reports whether there was one.
func (r *Runner) Once(ctx context.Context) (bool, error) {
	work, err := r.desk.Claim(ctx, r.exec.List.Names())
	if err != nil || work == nil {
		return false, err
	}
	r.do(ctx, work)
	return true, nil
}

// do runs one run and tells of it.
func (r *Runner) do(ctx context.Context, w *cli.Claimed) {
	log := r.log.With("run", w.ID, "action", w.Action)
	log.Info("run", "commands", w.Command, "dry", w.Dry)
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t := &teller{desk: r.desk, work: w, cancel: cancel, wake: make(chan struct{}, 1), done: make(chan struct{}), log: log}
	var wg sync.WaitGroup
	// The last words go out also when we are being stopped.
	words := context.WithoutCancel(ctx)
	wg.Go(func() { t.run(words) })
	res := r.exec.Do(running, execute.Job{ID: w.ID, Commands: w.Command, Dry: w.Dry, Plan: w.Plan, Values: w.Values, Timeout: w.Timeout}, t.say)
	close(t.done)
	wg.Wait()
	log.Info("ended", "state", res.State, "why", res.Why)
	const most = 2000
	res.Why = strings.ToValidUTF8(res.Why[:min(len(res.Why), most)], "")
	until := time.Now().Add(patient)
	if ctx.Err() != nil {
		until = time.Now().Add(again)
	}
	for {
		err := r.desk.Finish(words, w.ID, w.Fence, res)
		if err == nil {
			return
		}
		log.Warn("tell how it ended", "error", err)
		if final(err) || time.Now().After(until) {
			return
		}
		select {
		case <-ctx.Done():
			until = time.Now()
		case <-time.After(again):
		}
	}
}

// final reports whether the server has answered and will not answer otherwise.
func final(err error) bool {
	return fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Refused)
}

// teller tells the desk what a run writes, a piece at a time and in order.
type teller struct {
	desk   Desk
	work   *cli.Claimed
	cancel context.CancelCauseFunc
	wake   chan struct{}
	done   chan struct{}
	log    *slog.Logger

	mu  sync.Mutex
	buf string
}

// waiting is how much may wait for a server that does not answer.
const waiting = 1 << 20

func (t *teller) say(text string) {
	t.mu.Lock()
	if len(t.buf) > waiting {
		text = ""
	}
	t.buf += text
	t.mu.Unlock()
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *teller) run(ctx context.Context) {
	tick := time.NewTicker(beat)
	defer tick.Stop()
	for {
		select {
		case <-t.wake:
			if !t.tell(ctx, false) {
				return
			}
		case <-tick.C:
			if !t.tell(ctx, true) {
				return
			}
		case <-t.done:
			t.tell(ctx, false)
			return
		}
	}
}

// tell sends what is there, and something in any case where beat is set. It returns
// false when the run is not ours any more.
func (t *teller) tell(ctx context.Context, beat bool) bool {
	for {
		t.mu.Lock()
		n := min(len(t.buf), remedy.MaxChunk/2)
		for n < len(t.buf) && n > 0 && t.buf[n]&0xC0 == 0x80 {
			n--
		}
		text := t.buf[:n]
		t.mu.Unlock()
		if text == "" && !beat {
			return true
		}
		end, err := t.desk.Report(ctx, t.work.ID, t.work.Fence, text)
		switch {
		case final(err):
			t.log.Warn("the run is not ours any more", "error", err)
			t.cancel(execute.ErrKilled)
			return false
		case err != nil: // it is told with the next
			t.log.Warn("report", "error", err)
			return true
		case end:
			t.cancel(execute.ErrKilled)
		}
		t.mu.Lock()
		t.buf = t.buf[n:]
		t.mu.Unlock()
		beat = false
	}
}
