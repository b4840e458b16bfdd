package watch

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

const (
	probeEvery = 5 * time.Minute
	probeLate  = time.Minute    // after which a test page that no provider took has failed
	probeKept  = 3 * probeEvery // rows of older ones go
	probeGone  = probeEvery + probeLate
)

// Probe queues a test page to the test address of every channel, the way a page
// goes: claimed, leased, sent and committed by whichever node is first. Nodes
// that share a database queue one between them.
func (w *Watch) Probe(ctx context.Context, now time.Time) {
	slot := now.Truncate(probeEvery).Unix()
	err := w.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if err := deliveries.ForgetProbes(tx, now.Add(-probeKept)); err != nil {
			return err
		}
		for _, channel := range slices.Sorted(maps.Keys(w.o.Probes)) {
			err := deliveries.Queue(tx, &message.Delivery{
				Key: fmt.Sprintf("probe/%s/%d", channel, slot), Kind: message.KindProbe, Recipient: "watch", Channel: channel, Address: w.o.Probes[channel],
				Subject: "Allclear test page", Body: "This is the regular test of this channel. Nobody has to do anything.", DueAt: now, CreatedAt: now,
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		w.o.Log.Error("watch: queue test pages", "error", err)
		return
	}
	if w.o.Poke != nil {
		w.o.Poke()
	}
}

// Wanted ends test pages that are too old to tell anything.
func Wanted(d *message.Delivery, now time.Time) (ok bool, why string) {
	if now.Sub(d.CreatedAt) > probeEvery {
		return false, "a newer test page has taken its place"
	}
	return true, ""
}

// probe is the newest result of a channel.
type probe struct {
	ok      bool
	latency time.Duration // queued to accepted
}

// probed reads what became of the test pages.
func (w *Watch) probed(tx *store.Tx, now time.Time, n *numbers) (out []Finding, err error) {
	n.probes = map[string]probe{}
	if len(w.o.Probes) == 0 {
		return nil, nil
	}
	all, err := deliveries.Probes(tx)
	if err != nil {
		return nil, err
	}
	why := map[string]string{}
	for _, d := range all { // the newest last
		switch {
		case d.State == message.Accepted:
			n.probes[d.Channel] = probe{ok: true, latency: d.DoneAt.Sub(d.CreatedAt)}
			delete(why, d.Channel)
		case d.State == message.Failed, d.State == message.Cancelled, now.Sub(d.CreatedAt) > probeLate:
			n.probes[d.Channel] = probe{}
			why[d.Channel] = d.LastError
			if d.LastError == "" {
				why[d.Channel] = "nobody has sent it"
			}
		}
	}
	for _, channel := range slices.Sorted(maps.Keys(why)) {
		if _, still := w.o.Probes[channel]; still {
			out = append(out, Finding{Key: "probe:" + channel, Text: fmt.Sprintf("the test page over %s did not get through: %s", channel, why[channel])})
		}
	}
	return out, nil
}
