package watch

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/pages"
	"allclear/internal/store/timers"
)

// chainsAtOnce bounds how many chains without a timer are read on one look.
const chainsAtOnce = 500

// The lanes of the outbox: pages with notices, and messages.
var (
	urgentLane = deliveries.Lane{From: 0, To: 1}
	mailLane   = deliveries.Lane{From: 2, To: 9}
)

// rows finds in the database what the loops should have done. It reads over the
// connections of paging: where these do not answer, paging gets no answer either.
// What is only a backlog is apart: it may be gone on the next look.
func (w *Watch) rows(ctx context.Context, now time.Time) (backlog, rest []Finding, err error) {
	ctx, cancel := context.WithTimeout(store.Urgent(ctx), patience)
	defer cancel()
	var n numbers
	err = w.db.View(ctx, func(tx *store.Tx) error {
		backlog, rest, n = nil, nil, numbers{}
		for _, look := range []func(*store.Tx, time.Time, *numbers) ([]Finding, error){w.timers, w.outbox, w.adrift, w.chains} {
			found, err := look(tx, now, &n)
			if err != nil {
				return err
			}
			backlog = append(backlog, found...)
		}
		found, err := w.probed(tx, now, &n)
		if err != nil {
			return err
		}
		rest = found
		return w.learn(tx, now)
	})
	if err != nil {
		return nil, nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	n.diskUsed, n.clockOff, n.heartbeats = w.numbers.diskUsed, w.numbers.clockOff, w.numbers.heartbeats
	w.numbers = n
	return backlog, rest, nil
}

func (w *Watch) timers(tx *store.Tx, now time.Time, n *numbers) (out []Finding, err error) {
	late, oldest, failed, err := timers.Overdue(tx, now.Add(-margin), failing)
	if err != nil {
		return nil, err
	}
	n.timersOverdue, n.timersFailing = late, failed
	if late > 0 {
		out = append(out, Finding{Key: "timers", Critical: true, Text: fmt.Sprintf("%s overdue, the oldest by %s: steps of the chain and clocks are late", count(late, "timer is", "timers are"), round(now.Sub(oldest)))})
	}
	if failed > 0 {
		out = append(out, Finding{Key: "timers:failing", Text: count(failed, "timer fails", "timers fail") + " again and again; the log says why"})
	}
	return out, nil
}

// outbox finds sends that nobody takes up, and leases that ended without an
// answer and were not taken over.
func (w *Watch) outbox(tx *store.Tx, now time.Time, n *numbers) (out []Finding, err error) {
	for _, lane := range []struct {
		lane     deliveries.Lane
		margin   time.Duration
		name     string
		what     [2]string
		critical bool
	}{
		{urgentLane, margin, "pages", [2]string{"page or notice is", "pages or notices are"}, true},
		{mailLane, mailMargin, "messages", [2]string{"message to customers is", "messages to customers are"}, false},
	} {
		bs, err := deliveries.BacklogOf(tx, lane.lane, now.Add(-lane.margin))
		if err != nil {
			return nil, err
		}
		for _, b := range bs {
			n.backlog = append(n.backlog, laneBacklog{lane: lane.name, Backlog: b})
			if b.Late == 0 {
				continue
			}
			f := Finding{Key: lane.name + ":unclaimed", Critical: lane.critical, Text: fmt.Sprintf("%s due for %s and nobody sends", count(b.Late, lane.what[0], lane.what[1]), round(now.Sub(b.OldestDue)))}
			if b.State == message.Attempting {
				f.Key = lane.name + ":lease"
				f.Text = fmt.Sprintf("%s under way without an answer, and the lease ended %s ago", count(b.Late, lane.what[0], lane.what[1]), round(now.Sub(b.OldestDue)))
			}
			out = append(out, f)
		}
	}
	n.pagesFailed, err = deliveries.FailedPages(tx, now.Add(-keepEnded))
	return out, err
}

// adrift finds pages that wait for nothing (B10).
func (w *Watch) adrift(tx *store.Tx, now time.Time, n *numbers) (out []Finding, err error) {
	n.pagesAdrift, err = pages.Adrift(tx, now.Add(-margin))
	if n.pagesAdrift > 0 {
		out = append(out, Finding{Key: "pages:adrift", Critical: true, Text: count(n.pagesAdrift, "page waits", "pages wait") + " although nothing is being sent and no provider has it"})
	}
	return out, err
}

// chains finds escalation chains with a step to come and no timer to take it.
func (w *Watch) chains(tx *store.Tx, now time.Time, n *numbers) (out []Finding, err error) {
	all, err := pages.Unwatched(tx, w.o.ChainTimer, chainsAtOnce)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		proc, err := w.shelf.Get(tx, c.Procedure)
		if err != nil {
			return nil, err
		}
		if _, more := c.Run.DueAt(proc, now); more {
			n.chainsAdrift++
		}
	}
	if n.chainsAdrift > 0 {
		out = append(out, Finding{Key: "chains:adrift", Critical: true, Text: count(n.chainsAdrift, "escalation has", "escalations have") + " a step to come and no timer that takes it"})
	}
	return out, nil
}

// write has the writer take an empty transaction: one that is stuck shows here.
func (w *Watch) write(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return w.db.Update(ctx, store.PriorityPage, func(*store.Tx) error { return nil })
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
