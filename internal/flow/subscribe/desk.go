package subscribe

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/sheet"
	"allclear/internal/domain/subscription"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/subscribers"
)

// What those may do who run the page. Addresses belong to their holders: a list shows
// them masked, whoever knows one finds it, and all of them leave only by an export.

var resource = authz.Resource{Kind: "subscriber"}

// Count is how many subscribers there are of a kind.
type Count = subscribers.Count

// Counts is how many subscribers there are.
func (s *Subscribe) Counts(ctx context.Context, a authz.Actor) (out []Count, err error) {
	if err := authz.Can(a, authz.ReadCustomers, resource); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		out, err = subscribers.Counts(tx)
		return err
	})
	return out, err
}

// Filter narrows a list; empty fields do not.
type Filter struct {
	Address string // exact; the rest does not count then
	Channel subscription.Channel
	State   subscription.State
	Before  ident.ID
	Limit   int
}

// List returns subscribers, the newest first.
func (s *Subscribe) List(ctx context.Context, a authz.Actor, f Filter) (out []*subscription.Subscriber, err error) {
	if err := authz.Can(a, authz.ReadCustomers, resource); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		if f.Address != "" {
			out, err = about(tx, f.Address)
			return err
		}
		out, err = subscribers.List(tx, subscribers.Filter{Channel: f.Channel, State: f.State, Before: f.Before, Limit: f.Limit})
		return err
	})
	return out, err
}

// about finds every subscription of an address, however it was typed.
func about(tx *store.Tx, address string) (out []*subscription.Subscriber, err error) {
	for _, c := range subscription.Channels {
		known, err := subscription.Normalise(c, address)
		if err != nil {
			continue
		}
		all, err := subscribers.About(tx, known)
		if err != nil {
			return nil, err
		}
		out = append(out, all...)
	}
	return out, nil
}

// Sent lists what one subscriber was sent, the newest first.
func (s *Subscribe) Sent(ctx context.Context, a authz.Actor, id ident.ID) (out []*message.Delivery, err error) {
	if err := authz.Can(a, authz.ReadCustomers, resource); err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(tx *store.Tx) error {
		if sub, err := subscribers.Peek(tx, id); err != nil || sub == nil {
			return orMissing(err)
		}
		for _, kind := range []string{message.KindSubscription, message.KindUpdate} {
			all, err := deliveries.Of(tx, kind, id)
			if err != nil {
				return err
			}
			out = append(out, all...)
		}
		slices.SortFunc(out, func(x, y *message.Delivery) int { return cmp.Compare(y.ID, x.ID) })
		return nil
	})
	return out, err
}

func orMissing(err error) error {
	if err == nil {
		err = fault.New(fault.NotFound, "there is no such subscriber")
	}
	return err
}

// Remove ends a subscription and forgets its address.
func (s *Subscribe) Remove(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) error {
	if err := authz.Can(a, authz.ManageCatalog, resource); err != nil {
		return err
	}
	return s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		sub, err := subscribers.Get(tx, id)
		if err != nil || sub == nil {
			return orMissing(err)
		}
		return s.forget(tx, a, sub, "removed", now)
	})
}

// Erase forgets an address wherever it subscribed (GDPR, article 17), and returns how
// many subscriptions that ended.
func (s *Subscribe) Erase(ctx context.Context, a authz.Actor, address string, now time.Time) (n int, err error) {
	if err := authz.Can(a, authz.ManageCatalog, resource); err != nil {
		return 0, err
	}
	err = s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		all, err := about(tx, address)
		if err != nil {
			return err
		}
		n = len(all)
		for _, sub := range all {
			if err := s.forget(tx, a, sub, "erased", now); err != nil {
				return err
			}
		}
		return nil
	})
	return n, err
}

// forget removes the row, and what of the address stands with what was sent.
func (s *Subscribe) forget(tx *store.Tx, a authz.Actor, sub *subscription.Subscriber, outcome string, now time.Time) error {
	if _, err := subscribers.Delete(tx, sub.ID); err != nil {
		return err
	}
	for _, kind := range []string{message.KindSubscription, message.KindUpdate} {
		if err := deliveries.Nameless(tx, kind, sub.ID); err != nil {
			return err
		}
	}
	return s.emit(tx, a, sub, outcome, now)
}

// The columns of an export, which an import takes in any order.
var columns = []string{"channel", "address", "state", "page", "components", "kinds", "language", "created_at", "confirmed_at"}

const (
	exportPage = 500
	maxImport  = 10_000
)

// Export writes every subscriber as CSV (RFC 4180). A cell that a spreadsheet would
// take for a formula begins with an apostrophe; an import takes it off again.
func (s *Subscribe) Export(ctx context.Context, a authz.Actor, to io.Writer, now time.Time) error {
	if err := authz.Can(a, authz.Export, resource); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	if err := w.Write(columns); err != nil {
		return err
	}
	n, before := 0, ident.ID(0)
	for {
		var all []*subscription.Subscriber
		err := s.db.View(ctx, func(tx *store.Tx) (err error) {
			all, err = subscribers.List(tx, subscribers.Filter{Before: before, Limit: exportPage})
			return err
		})
		if err != nil {
			return err
		}
		for _, sub := range all {
			before = sub.ID
			if err := w.Write(row(sub)); err != nil {
				return err
			}
		}
		if n += len(all); len(all) < exportPage {
			break
		}
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return err
	}
	return s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		return s.bus.Emit(tx, now, event.Event{Kind: event.SubscriberSet, Actor: a.ID, Source: a.Via, Data: event.Data{
			Outcome: "exported", Number: int64(n), Text: fmt.Sprintf("the addresses of %d subscribers of the status page were exported", n),
		}})
	})
}

func row(s *subscription.Subscriber) []string {
	kinds := make([]string, len(s.Kinds))
	for i, k := range s.Kinds {
		kinds[i] = string(k)
	}
	confirmed := ""
	if !s.ConfirmedAt.IsZero() {
		confirmed = s.ConfirmedAt.UTC().Format(time.RFC3339)
	}
	return sheet.Row(string(s.Channel), s.Address, string(s.State), s.Page, strings.Join(s.Components, " "), strings.Join(kinds, " "), s.Lang, s.CreatedAt.UTC().Format(time.RFC3339), confirmed)
}

// Imported is what came of an import.
type Imported struct {
	Added, Known int
	Problems     []fault.Detail // by line; what is right is taken
}

// Import takes subscribers of elsewhere from CSV with a header: channel (email when
// absent), address (or email, phone, endpoint as others write it), components, kinds,
// language. With consent somebody answers for each having agreed, and they are told from
// now on; without, each is asked first.
func (s *Subscribe) Import(ctx context.Context, a authz.Actor, from io.Reader, consent bool, now time.Time) (out Imported, err error) {
	if err := authz.Can(a, authz.ManageCatalog, resource); err != nil {
		return out, err
	}
	lines, err := readImport(from)
	if err != nil {
		return out, err
	}
	err = s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		out = Imported{}
		ids, err := s.offeredIDs(tx)
		if err != nil {
			return err
		}
		for _, l := range lines {
			added, err := s.importOne(tx, l, ids, consent, now)
			switch {
			case fault.Is(err, fault.Invalid):
				out.Problems = append(out.Problems, fault.Detail{Where: fmt.Sprintf("line %d", l.line), What: why(err)})
			case err != nil:
				return err
			case added:
				out.Added++
			default:
				out.Known++
			}
		}
		return s.bus.Emit(tx, now, event.Event{Kind: event.SubscriberSet, Actor: a.ID, Source: a.Via, Data: event.Data{
			Outcome: "imported", Number: int64(out.Added), Text: fmt.Sprintf("%d subscribers of the status page were imported", out.Added),
		}})
	})
	return out, err
}

func (s *Subscribe) importOne(tx *store.Tx, l line, offered []string, consent bool, now time.Time) (added bool, err error) {
	address, err := subscription.Normalise(l.channel, l.address)
	if err != nil {
		return false, err
	}
	choice, err := l.Clean(offered)
	if err != nil {
		return false, err
	}
	known, err := subscribers.Find(tx, "", l.channel, address)
	if err != nil || known != nil {
		return false, err
	}
	sub := &subscription.Subscriber{
		Channel: l.channel, Address: address, State: subscription.Pending, CreatedAt: now, ExpiresAt: now.Add(subscription.ConfirmWithin),
		Choice: choice, Imported: true,
	}
	if consent {
		sub.Confirm(now)
		return true, subscribers.Insert(tx, sub)
	}
	sub.Asks, sub.AskedAt = 1, now.UTC()
	if err := subscribers.Insert(tx, sub); err != nil {
		return false, err
	}
	if err := s.await(tx, sub, now); err != nil {
		return false, err
	}
	return true, deliveries.Queue(tx, s.letter(sub, now))
}

// why is what is wrong with a line.
func why(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && len(f.Details) > 0 {
		return f.Details[0].What
	}
	return err.Error()
}
