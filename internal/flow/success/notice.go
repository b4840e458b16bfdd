package success

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// The names under which notices from here stand on the record.
const (
	rule       = "early-warning"
	healthRule = "health-check"
	lateRule   = "health-check-late"
)

// send queues a notice to each of the people.
func (w *Success) send(tx *store.Tx, cat *catalog.Catalog, order, to []string, d message.Delivery, now time.Time) error {
	for _, id := range to {
		one := d
		one.Recipient, one.Headers.Name, one.Priority, one.DueAt, one.CreatedAt = id, cat.People[id].Name, 1, now, now
		if _, err := w.queue(tx, cat, order, &one, 0); err != nil {
			return err
		}
	}
	return nil
}

// inForce is the procedure in force; nil before there is one.
func (w *Success) inForce(tx *store.Tx) (*procedure.Procedure, error) {
	if w.o.Shelf == nil {
		return nil, nil
	}
	hash, err := w.o.Shelf.Active(tx)
	if fault.Is(err, fault.Conflict) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return w.o.Shelf.Get(tx, hash)
}

// order is how the procedure sends notices; by mail before there is one.
func (w *Success) order(tx *store.Tx) ([]string, error) {
	p, err := w.inForce(tx)
	if err != nil {
		return nil, err
	}
	if p == nil {
		return []string{"email"}, nil
	}
	return append(slices.Clone(p.Paging.Notices), p.Paging.Channels...), nil
}

// queue sends on the person's nth contact that has a provider; ok is false when
// there is none. It wakes nobody: the contacts are those of low urgency.
func (w *Success) queue(tx *store.Tx, cat *catalog.Catalog, order []string, d *message.Delivery, n int) (ok bool, err error) {
	who := cat.People[d.Recipient]
	rungs := catalog.Ladder(catalog.Person{ID: who.ID, Email: who.Email, Contacts: who.Contacts}, catalog.Low, order)
	rungs = slices.DeleteFunc(rungs, func(r catalog.Rung) bool { return !w.o.Usable(r.Channel) })
	if n >= len(rungs) {
		return false, nil
	}
	d.Channel, d.Address, d.Headers.Rung = rungs[n].Channel, rungs[n].Address, n
	d.Key = fmt.Sprintf("%s/%s/%s/%d", d.Headers.Rule, d.RefID, d.Recipient, n+1)
	return true, deliveries.Queue(tx, d)
}

// Wanted is what a sender asks before a notice goes out.
func (w *Success) Wanted(*store.Tx, *message.Delivery, time.Time) (ok bool, why string, err error) {
	return true, "", nil
}

// Outcome goes to the next contact when one refuses.
func (w *Success) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	if d.State != message.Failed {
		return nil
	}
	cat, err := w.o.Catalog(tx)
	if err != nil {
		return err
	}
	order, err := w.order(tx)
	if err != nil {
		return err
	}
	next := *d
	next.State, next.Attempts, next.LastError, next.DueAt, next.CreatedAt, next.DoneAt = message.Queued, 0, "", now, now, time.Time{}
	ok, err := w.queue(tx, cat, order, &next, d.Headers.Rung+1)
	if err != nil || ok {
		return err
	}
	return w.bus.Emit(tx, now, event.Event{Kind: event.Undelivered, Source: d.Headers.Rule, Data: event.Data{To: d.Recipient, Rule: d.Headers.Rule, Outcome: "failed", Text: d.Recipient + ": no channel is left", Phase: d.Kind}})
}
