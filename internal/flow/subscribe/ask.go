package subscribe

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/message"
	"allclear/internal/domain/subscription"
	"allclear/internal/store"
	"allclear/internal/store/allowances"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/subscribers"
)

// Ask is what a stranger enters on the page. The one who enters an address need
// not be the one whose it is, so nothing of what is known of it is told here.
type Ask struct {
	Token   string // of the private page; empty for the public one
	Channel subscription.Channel
	Address string
	subscription.Choice
	From string // where the request came from: an address of the network
}

// Priorities in the outbox: behind messages to customers (2) and far behind pages
// (0), which have workers of their own besides.
const (
	askPriority    = 3
	updatePriority = 4
)

// How much may be tried. Beyond what an address, a country, a host or the whole
// installation may get, the answer is as ever and no letter goes out.
const (
	callerPerHour  = 12
	callerPerDay   = 40
	addressPerHour = 2
	addressPerDay  = 4
	countryPerHour = 30  // text messages to the numbers that begin alike
	hostPerHour    = 10  // posts to endpoints of one host
	domainPerHour  = 300 // mails to one domain
	guessesPerHour = 6   // codes tried for one number
)

// Enter takes an address (double opt-in: whoever reads there confirms it). Its
// answer is the same for one that is subscribed, waits, refuses our letters or was
// never seen, and so is the work: the same counters, one row and one letter.
func (s *Subscribe) Enter(ctx context.Context, in Ask, now time.Time) error {
	if err := s.usable(in.Channel); err != nil {
		return err
	}
	address, err := subscription.Normalise(in.Channel, in.Address)
	if err != nil {
		return err
	}
	tooOften := false
	err = s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		page, err := s.pageOf(tx, in.Token)
		if err != nil {
			return err
		}
		ids, err := s.offeredIDs(tx)
		if err != nil {
			return err
		}
		choice, err := in.Choice.Clean(ids)
		if err != nil {
			return err
		}
		if tooOften, err = s.spent(tx, now, budget{s.sign.Fingerprint("caller", in.From), time.Hour, callerPerHour}, budget{s.sign.Fingerprint("caller", in.From), 24 * time.Hour, callerPerDay}); err != nil || tooOften {
			return err
		}
		quiet, err := s.spent(tx, now, s.budgets(in.Channel, address)...)
		if err != nil {
			return err
		}
		return s.enter(tx, page, in.Channel, address, choice, quiet, now)
	})
	if err == nil && tooOften {
		err = fault.New(fault.Busy, "subscribe: too many tries from here; try again in an hour")
	}
	return err
}

func (s *Subscribe) pageOf(tx *store.Tx, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	customer, ok, err := s.o.Tenant(tx, token)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "there is no such page")
	}
	return customer, err
}

// enter writes the row and the letter.
func (s *Subscribe) enter(tx *store.Tx, page string, c subscription.Channel, address string, choice subscription.Choice, quiet bool, now time.Time) error {
	sub, err := subscribers.Find(tx, page, c, address)
	if err != nil {
		return err
	}
	fresh := sub == nil
	if fresh {
		sub = &subscription.Subscriber{Page: page, Channel: c, Address: address, State: subscription.Pending, CreatedAt: now}
	}
	if sub.State == subscription.Pending { // what is confirmed is changed by its holder alone
		sub.Choice = choice
		sub.ExpiresAt = now.Add(subscription.ConfirmWithin)
	}
	if !quiet {
		sub.Asks, sub.AskedAt = sub.Asks+1, now.UTC()
	}
	if fresh {
		err = subscribers.Insert(tx, sub)
	} else {
		err = subscribers.Update(tx, sub)
	}
	if err != nil {
		return err
	}
	if err := s.await(tx, sub, now); err != nil || quiet {
		return err
	}
	return deliveries.Queue(tx, s.letter(sub, now))
}

// letter is the delivery about a subscription. Links and code are put into it when
// it is sent, and stand in no row.
func (s *Subscribe) letter(sub *subscription.Subscriber, now time.Time) *message.Delivery {
	w := subscription.In(sub.Lang)
	return &message.Delivery{
		Key: fmt.Sprintf("subscription/%s/%d", sub.ID, sub.Asks), Kind: message.KindSubscription, RefID: sub.ID, Recipient: "subscriber",
		Channel: wire(sub.Channel), Address: sub.Masked(), Subject: w.ConfirmSubject(s.o.Name), Body: w.ConfirmSubject(s.o.Name),
		Priority: askPriority, DueAt: now, CreatedAt: now, Clauses: []string{"PLT-SP-SUBS"},
	}
}

type budget struct {
	bucket string
	span   time.Duration
	most   int
}

// spent uses one of each budget and reports whether one of them is used up. All of
// them are counted whatever the first says.
func (s *Subscribe) spent(tx *store.Tx, now time.Time, all ...budget) (bool, error) {
	over := false
	for _, b := range all {
		used, err := allowances.Take(tx, b.bucket, b.span, now)
		if err != nil {
			return false, err
		}
		over = over || used > b.most
	}
	return over, nil
}

// budgets are what one letter draws on.
func (s *Subscribe) budgets(c subscription.Channel, address string) []budget {
	own := s.sign.Fingerprint("address", string(c), address)
	all := []budget{{own, time.Hour, addressPerHour}, {own, 24 * time.Hour, addressPerDay}}
	group := s.sign.Fingerprint("group", subscription.Group(c, address))
	switch c {
	case subscription.SMS:
		all = append(all, budget{group, time.Hour, countryPerHour}, budget{"sms", 24 * time.Hour, s.o.SMSPerDay})
	case subscription.Webhook:
		all = append(all, budget{group, time.Hour, hostPerHour})
	case subscription.Email:
		all = append(all, budget{group, time.Hour, domainPerHour})
	}
	return all
}

// codeLasts is how long a code can be used.
const codeLasts = 30 * time.Minute

// Enters is a number and the code that was sent to it.
type Enters struct {
	Token, Address, Code, From string
}

// EnterCode confirms a number, and returns the link token under which its holder
// changes the choice. The answer to a wrong code, an old one and a number that was
// never entered is the same.
func (s *Subscribe) EnterCode(ctx context.Context, in Enters, now time.Time) (manage secret.String, err error) {
	wrong := fault.New(fault.Refused, "subscribe: the code is wrong or too old; ask for a new one")
	address, err := subscription.Normalise(subscription.SMS, in.Address)
	if err != nil {
		return "", err
	}
	err = s.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		page, err := s.pageOf(tx, in.Token)
		if err != nil {
			return err
		}
		guesses := s.sign.Fingerprint("guess", address)
		over, err := s.spent(tx, now, budget{guesses, time.Hour, guessesPerHour}, budget{s.sign.Fingerprint("guesser", in.From), time.Hour, 4 * guessesPerHour})
		if err != nil {
			return err
		}
		sub, err := subscribers.Find(tx, page, subscription.SMS, address)
		if err != nil {
			return err
		}
		known := sub != nil
		if !known {
			sub = &subscription.Subscriber{}
		}
		right := secret.String(s.sign.Code(sub.ID, sub.Asks)).Equal(in.Code)
		if over || !known || !right || now.Sub(sub.AskedAt) > codeLasts {
			return nil
		}
		manage = s.sign.Token(subscription.ToManage, sub.ID)
		sub.Asks++ // the code answers once
		return s.confirm(tx, sub, now)
	})
	if err == nil && manage == "" {
		err = wrong
	}
	return manage, err
}
