package remedy

import (
	"context"
	"fmt"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/remedy"
	"allclear/internal/store"
	"allclear/internal/store/runs"
)

// here is who runs what needs no program, whichever node it is: the fence tells them
// apart.
var here = authz.Software("server")

// Poke hints that something waits.
func (f *Remedy) Poke() {
	select {
	case f.poke <- struct{}{}:
	default:
	}
}

// Tick makes every run of our own that waits at now, and returns how many.
func (f *Remedy) Tick(ctx context.Context, now time.Time) (int, error) {
	return f.crew.Drain(func(failed func(error)) (int, error) {
		return f.round(ctx, func() time.Time { return now }, failed)
	})
}

// pause is how late a lost hint can make us.
const pause = 2 * time.Second

// Run works until ctx ends, and waits for what is under way.
func (f *Remedy) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	return f.crew.Run(ctx, pause, f.poke, func(failed func(error)) (int, error) { return f.round(ctx, now, failed) }, failed)
}

// lanes are those whose runs this node makes itself.
func (f *Remedy) lanes() (out []remedy.Lane) {
	if f.o.Try != nil {
		out = append(out, remedy.Server)
	}
	if len(f.o.Doers) > 0 {
		out = append(out, remedy.Vendor)
	}
	return out
}

// round starts what waits, as far as there is room.
func (f *Remedy) round(ctx context.Context, now func() time.Time, failed func(error)) (n int, err error) {
	for _, lane := range f.lanes() {
		some, err := f.take(ctx, lane, now, failed)
		if n += some; err != nil {
			return n, err
		}
	}
	return n, nil
}

func (f *Remedy) take(ctx context.Context, lane remedy.Lane, now func() time.Time, failed func(error)) (int, error) {
	room := f.crew.Room()
	if room == 0 {
		return 0, nil
	}
	some := false
	err := f.db.View(ctx, func(tx *store.Tx) (err error) {
		some, err = runs.Any(tx, lane)
		return err
	})
	if err != nil || !some {
		return 0, err
	}
	var taken []*remedy.Run
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		taken = taken[:0]
		all, err := runs.Waiting(tx, lane, room)
		if err != nil {
			return err
		}
		for _, r := range all {
			if _, ok := f.offer(r.Action.Deed); lane == remedy.Vendor && !ok {
				continue // another node has its credentials
			}
			if err := f.start(tx, r, "the server", here, now()); err != nil {
				return err
			}
			taken = append(taken, r)
		}
		return nil
	})
	if err != nil {
		return 0, err // nothing was taken: what is not on the record is not done
	}
	work := f.make
	if lane == remedy.Vendor {
		work = f.perform
	}
	for _, r := range taken {
		f.crew.Go(func() {
			if err := work(ctx, r, now); err != nil && ctx.Err() == nil {
				failed(fmt.Errorf("run %s: %w", r.ID, err))
			}
		})
	}
	return len(taken), nil
}

// listen is how often a run of our own asks whether it is to end.
const listen = 5 * time.Second

// attended does work outside of any transaction, for as long as the run may take,
// keeps its lease and hears whether it is to end.
func (f *Remedy) attended(ctx context.Context, r *remedy.Run, now func() time.Time, work func(ctx context.Context, say func(string)) remedy.Result) (res remedy.Result, killed, late bool) {
	bounded, cancel := context.WithTimeout(ctx, r.Action.Limit())
	defer cancel()
	ended := make(chan struct{})
	var once sync.Once
	say := func(text string) {
		end, err := f.Heard(ctx, here, r.ID, r.Fence, text, now())
		if end || fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) { // of other errors the lease takes care
			once.Do(func() { close(ended); cancel() })
		}
	}
	done := make(chan struct{})
	var beat sync.WaitGroup
	beat.Go(func() { // keeps the lease, and hears of an end
		t := time.NewTicker(listen)
		defer t.Stop()
		for {
			select {
			case <-done:
				return
			case <-t.C:
				say("")
			}
		}
	})
	res = work(bounded, say)
	late = bounded.Err() != nil
	close(done)
	beat.Wait()
	select {
	case <-ended:
		killed = true
	default:
	}
	return res, killed, late
}

// make makes the requests of a run.
func (f *Remedy) make(ctx context.Context, r *remedy.Run, now func() time.Time) error {
	res, killed, late := f.attended(ctx, r, now, func(ctx context.Context, say func(string)) remedy.Result { return f.requests(ctx, r, now, say) })
	switch {
	case killed:
		res.State = remedy.Killed
	case ctx.Err() != nil:
		return ctx.Err() // we are stopping: nobody knows what the rest would have said
	case late:
		res = remedy.Result{State: remedy.TimedOut}
	}
	return f.Finish(ctx, here, r.ID, r.Fence, res, now())
}

func (f *Remedy) requests(ctx context.Context, r *remedy.Run, now func() time.Time, say func(string)) remedy.Result {
	a := &r.Action
	if p := a.Probe; p != nil {
		if f.o.Load == nil {
			return remedy.Result{State: remedy.Failed, Why: "this node makes no requests"}
		}
		line, ok := p.Judge(f.o.Load(ctx, *p))
		say(line + "\n")
		if !ok {
			return remedy.Result{State: remedy.Failed, Why: line}
		}
		return remedy.Result{State: remedy.Succeeded}
	}
	red, first := 0, ""
	for i := range a.Steps {
		s := &a.Steps[i]
		if ctx.Err() != nil {
			break
		}
		got := f.o.Try(ctx, s.Check(a), now())
		line := fmt.Sprintf("ok: %s, %s", s.Name, got.Took.Round(time.Millisecond))
		if !got.Up {
			line = fmt.Sprintf("FAILED: %s: %s", s.Name, got.Why)
			if red++; first == "" {
				first = s.Name + ": " + got.Why
			}
		}
		say(line + "\n")
	}
	if red > 0 {
		return remedy.Result{State: remedy.Failed, Why: fmt.Sprintf("%d of %d steps failed. %s", red, len(a.Steps), first)}
	}
	return remedy.Result{State: remedy.Succeeded}
}
