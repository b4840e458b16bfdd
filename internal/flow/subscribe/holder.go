package subscribe

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/message"
	"allclear/internal/domain/subscription"
	"allclear/internal/store"
	"allclear/internal/store/subscribers"
)

// Held is a subscription as whoever has its link sees it.
type Held struct {
	State   subscription.State // empty: it has ended
	Channel subscription.Channel
	Masked  string
	subscription.Choice
	Components []message.Component // that can be chosen
	Manage     secret.String       // token
	Secret     secret.String       // what posts to the endpoint are signed with; of a confirmed one
}

var holder = authz.Actor{ID: "subscriber", Via: "status page"}

// noLink is the answer to a link that we have not made.
func noLink() error { return fault.New(fault.NotFound, "there is no such link") }

// Look reads the subscription of a link. It changes nothing, because programs
// follow the links in mails too.
func (s *Subscribe) Look(ctx context.Context, p subscription.Purpose, token string) (h Held, err error) {
	err = s.db.View(ctx, func(tx *store.Tx) error {
		sub, err := s.read(tx, p, token)
		if err != nil || sub == nil {
			return err
		}
		h, err = s.held(tx, sub)
		return err
	})
	return h, err
}

// read finds the subscription of a link; nil when it has ended.
func (s *Subscribe) read(tx *store.Tx, p subscription.Purpose, token string) (*subscription.Subscriber, error) {
	id, ok := s.sign.Read(p, token)
	if !ok || len(s.o.Key) == 0 {
		return nil, noLink()
	}
	return subscribers.Get(tx, id)
}

func (s *Subscribe) held(tx *store.Tx, sub *subscription.Subscriber) (Held, error) {
	all, err := s.o.Offered(tx)
	h := Held{
		State: sub.State, Channel: sub.Channel, Masked: sub.Masked(), Choice: sub.Choice, Components: all,
		Manage: s.sign.Token(subscription.ToManage, sub.ID),
	}
	if sub.Channel == subscription.Webhook && sub.State == subscription.Confirmed {
		h.Secret = s.sign.Secret(sub.ID)
	}
	return h, err
}

// Confirm says that whoever reads at the address wants to be told. Twice is once.
func (s *Subscribe) Confirm(ctx context.Context, token string, now time.Time) (h Held, err error) {
	err = s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		sub, err := s.read(tx, subscription.ToConfirm, token)
		if err != nil {
			return err
		}
		if sub == nil {
			return fault.New(fault.NotFound, "confirm: this subscription has ended or was not confirmed in time; enter your address again")
		}
		if err := s.confirm(tx, sub, now); err != nil {
			return err
		}
		h, err = s.held(tx, sub)
		return err
	})
	return h, err
}

func (s *Subscribe) confirm(tx *store.Tx, sub *subscription.Subscriber, now time.Time) error {
	was := sub.State
	sub.Confirm(now)
	if err := subscribers.Update(tx, sub); err != nil || was == subscription.Confirmed {
		return err
	}
	return s.emit(tx, holder, sub, "confirmed", now)
}

// Change sets what the holder wants to be told of. It confirms nothing.
func (s *Subscribe) Change(ctx context.Context, token string, c subscription.Choice, now time.Time) (h Held, err error) {
	err = s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		sub, err := s.read(tx, subscription.ToManage, token)
		if err != nil {
			return err
		}
		if sub == nil {
			return fault.New(fault.NotFound, "change a subscription: it has ended")
		}
		ids, err := s.offeredIDs(tx)
		if err != nil {
			return err
		}
		if sub.Choice, err = c.Clean(ids); err != nil {
			return err
		}
		if err := subscribers.Update(tx, sub); err != nil {
			return err
		}
		h, err = s.held(tx, sub)
		return err
	})
	return h, err
}

// End ends a subscription and forgets the address. A second time it has ended
// already, and the answer is the same.
func (s *Subscribe) End(ctx context.Context, p subscription.Purpose, token string, now time.Time) error {
	if p != subscription.ToEnd && p != subscription.ToManage {
		return noLink()
	}
	return s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		sub, err := s.read(tx, p, token)
		if err != nil || sub == nil {
			return err
		}
		return s.forget(tx, holder, sub, "ended", now)
	})
}
