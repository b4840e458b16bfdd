package subscribe

import (
	"context"
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/subscription"
	"allclear/internal/store"
	"allclear/internal/store/allowances"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/subscribers"
)

const (
	// batch is how many subscribers are told in one transaction, so that pages
	// never wait long for the writer.
	batch = 250
	// Keep is how long a notice and the counters of tries are kept. A letter is
	// given up long before.
	Keep = 7 * 24 * time.Hour
)

// onPublished notes what there is to tell, in the transaction that publishes it.
func (s *Subscribe) onPublished(tx *store.Tx, e *event.Event) error {
	id, err := ident.Parse(e.Data.Ref)
	if err != nil {
		return nil //nolint:nilerr // of no message, which the event may say too
	}
	n, ok, err := s.o.Told(tx, id)
	if err != nil || !ok {
		return err
	}
	return s.Announce(tx, n, e.RecordedAt)
}

// onMaintenance is onPublished for announced work.
func (s *Subscribe) onMaintenance(tx *store.Tx, e *event.Event) error {
	n, ok, err := s.o.ToldWork(tx, e.Data.Ref)
	if err != nil || !ok {
		return err
	}
	return s.Announce(tx, n, e.RecordedAt)
}

// Announce has subscribers told of an update that was published, once, whoever
// published it: call it in the transaction that does. Those who are told are those
// who have subscribed when its turn comes.
func (s *Subscribe) Announce(tx *store.Tx, n subscription.Notice, now time.Time) error {
	some, err := subscribers.Any(tx, n.Page)
	if err != nil || !some {
		return err
	}
	if _, err := subscribers.AddNotice(tx, &n, now); err != nil {
		return err
	}
	tx.AfterCommit(s.Poke)
	return nil
}

// Poke hints that there is something to tell.
func (s *Subscribe) Poke() {
	select {
	case s.hint <- struct{}{}:
	default:
	}
}

// Tick writes the deliveries of what there is to tell and returns how many.
func (s *Subscribe) Tick(ctx context.Context, now time.Time) (n int, err error) {
	for {
		told, more, err := s.tell(ctx, now)
		n += told
		if err != nil || !more {
			return n, err
		}
	}
}

// tell writes one batch. A crash between two goes on behind the first.
func (s *Subscribe) tell(ctx context.Context, now time.Time) (n int, more bool, err error) {
	idle := false
	err = s.db.View(ctx, func(tx *store.Tx) error {
		some, _, err := subscribers.Untold(tx)
		idle = some == nil
		return err
	})
	if err != nil || idle { // most of the time: the writer is left alone
		return 0, false, err
	}
	err = s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		n = 0
		notice, after, err := subscribers.Untold(tx)
		if err != nil || notice == nil {
			more = false
			return err
		}
		more = true
		all, err := subscribers.Next(tx, notice.Page, after, batch)
		if err != nil {
			return err
		}
		var out []*message.Delivery
		for _, sub := range all {
			after = sub.ID
			if sub.Wants(notice) {
				out = append(out, s.envelope(sub, notice, now))
			}
		}
		if n = len(out); n > 0 {
			if err := deliveries.Queue(tx, out...); err != nil {
				return err
			}
		}
		if len(all) < batch {
			after = subscribers.Done
		}
		return subscribers.Move(tx, notice, after)
	})
	return n, more, err
}

// envelope is the delivery of a notice to one subscriber; its key makes it one.
func (s *Subscribe) envelope(sub *subscription.Subscriber, n *subscription.Notice, now time.Time) *message.Delivery {
	return &message.Delivery{
		Key: updateKey(n.Page, n.ID, sub.ID), Kind: message.KindUpdate, RefID: sub.ID, IncidentID: n.Incident, Recipient: "subscriber",
		Channel: wire(sub.Channel), Address: sub.Masked(), Subject: subscription.In(sub.Lang).Status(n.Status) + ": " + n.Name, Body: n.Body,
		Priority: updatePriority, DueAt: now, CreatedAt: now, Clauses: []string{"PLT-SP-SUBS"},
	}
}

func updateKey(page, update string, sub ident.ID) string {
	return fmt.Sprintf("update/%s/%s/%s", page, update, sub)
}

// keyed reads which notice a delivery is of.
func keyed(key string) (page, update string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 {
		return "", "", false
	}
	return parts[1], parts[2], true
}

// Wanted puts the letter together just before it is sent: where it goes, its links
// and, for an endpoint, the key it is signed with. None of that is in a row.
func (s *Subscribe) Wanted(tx *store.Tx, d *message.Delivery, _ time.Time) (ok bool, why string, err error) {
	sub, err := subscribers.Peek(tx, d.RefID)
	if err != nil {
		return false, "", err
	}
	if sub == nil {
		return false, "the subscription has ended", nil
	}
	p, err := s.page(tx)
	if err != nil {
		return false, "", err
	}
	d.Headers.Target, d.Headers.Sign = secret.String(sub.Address), ""
	if sub.Channel == subscription.Webhook {
		d.Headers.Sign = s.sign.Secret(sub.ID)
	}
	if d.Kind == message.KindSubscription {
		return true, "", s.write(d, sub, p, nil)
	}
	if sub.State != subscription.Confirmed {
		return false, "the subscription is " + string(sub.State), nil
	}
	page, update, ok := keyed(d.Key)
	if !ok {
		return false, "it is of no update", nil
	}
	n, _, err := subscribers.Notice(tx, page, update)
	if err != nil {
		return false, "", err
	}
	if n == nil {
		return false, "the update has grown too old", nil
	}
	return true, "", s.write(d, sub, p, n)
}

// write fills in the words; n is nil for a letter about the subscription itself.
func (s *Subscribe) write(d *message.Delivery, sub *subscription.Subscriber, p subscription.Page, n *subscription.Notice) error {
	w, l := subscription.In(sub.Lang), s.links(sub)
	confirmed := sub.State == subscription.Confirmed
	if sub.Channel == subscription.Webhook {
		var body []byte
		var err error
		if n != nil {
			body, err = subscription.UpdatePost(p, n, l)
		} else {
			body, err = subscription.VerifyPost(w, p, confirmed, l, d.CreatedAt)
		}
		d.Body = string(body)
		return err
	}
	var letter subscription.Letter
	switch {
	case n != nil:
		letter = subscription.Update(w, p, n, sub.Channel, l)
	case confirmed:
		letter = subscription.Already(w, p, sub.Channel, l)
	default:
		letter = subscription.Ask(w, p, sub.Channel, l)
	}
	d.Subject, d.Body, d.Headers.Headers = letter.Subject, letter.Text, letter.Headers
	return nil
}

// Outcome leaves an address alone that refuses what we send.
func (s *Subscribe) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	failed := d.State == message.Failed
	if !failed && d.State != message.Accepted || failed && !s.o.Usable(d.Channel) {
		return nil // it will be tried again, or it is us who cannot send
	}
	sub, err := subscribers.Peek(tx, d.RefID)
	if err != nil || sub == nil || !failed && sub.Failures == 0 {
		return err
	}
	if sub, err = subscribers.Get(tx, d.RefID); err != nil || sub == nil {
		return err
	}
	if !failed {
		sub.Failures = 0
		return subscribers.Update(tx, sub)
	}
	paused := sub.Failed(d.LastError, d.Gone, now)
	if err := subscribers.Update(tx, sub); err != nil || !paused {
		return err
	}
	return s.emit(tx, authz.Software("sender"), sub, "paused", now)
}

// Loop times.
const (
	pause       = 2 * time.Second
	forgetEvery = time.Hour
)

// Run tells until ctx ends, and forgets what is over.
func (s *Subscribe) Run(ctx context.Context, now func() time.Time, failed func(error)) error {
	t := time.NewTicker(pause)
	defer t.Stop()
	var forgot time.Time
	for {
		_, err := s.Tick(ctx, now())
		if err == nil && now().Sub(forgot) >= forgetEvery {
			forgot = now()
			err = s.Forget(ctx, forgot)
		}
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.C:
		case <-s.hint:
		}
	}
}

// Forget removes notices and counters older than Keep.
func (s *Subscribe) Forget(ctx context.Context, now time.Time) error {
	return s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		if err := allowances.Forget(tx, now.Add(-Keep)); err != nil {
			return err
		}
		return subscribers.Forget(tx, now.Add(-Keep))
	})
}
