package comms

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/messages"
	"allclear/internal/store/silences"
	"allclear/internal/store/timers"
)

// TimerWork fires when announced work begins or ends by itself; its reference is
// the work's public id.
const TimerWork = "page_work"

// The words of steps that nobody wrote a text for.
const (
	workBegins  = "The announced maintenance has begun."
	workEnds    = "The maintenance is completed."
	workCalled  = "The maintenance is called off."
	workChanged = "The maintenance has changed: it is now from %s to %s."
)

// onMaintenance follows a maintenance that was planned, changed or ended: what the
// page tells of it changes in the same transaction.
func (c *Comms) onMaintenance(tx *store.Tx, e *event.Event) error {
	now := e.At
	m, err := silences.Maintenance(tx, e.Data.Ref)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	w, err := openWork(tx, m.ID)
	if err != nil {
		return err
	}
	o, comes := m.At(now)
	switch {
	case w == nil && (m.Public == nil || !comes):
		return nil
	case w == nil:
		return c.announce(tx, m, o, e.Actor, now)
	case m.Public == nil || !comes:
		text := workCalled
		if w.Running() {
			text = workEnds
		}
		return c.tellWork(tx, w, status.Completed, text, e.Actor, now)
	}
	return c.follow(tx, m, w, o, e.Actor, now)
}

func openWork(tx *store.Tx, maintenance string) (*message.Work, error) {
	all, err := messages.OpenWorks(tx)
	if err != nil {
		return nil, err
	}
	for _, w := range all {
		if w.Maintenance == maintenance {
			return messages.Work(tx, w.ID)
		}
	}
	return nil, nil
}

// announce puts one time of a maintenance on the page.
func (c *Comms) announce(tx *store.Tx, m *alert.Maintenance, o alert.Occurrence, by string, now time.Time) error {
	w := &message.Work{
		ID: newID(), Maintenance: m.ID, Title: m.Public.Title, Text: m.Public.Text, Services: slices.Sorted(slices.Values(m.Services)),
		From: o.From, To: o.To, ByHand: m.Public.ByHand, Mail: m.Public.Mail, CreatedAt: now,
	}
	if err := c.tellWork(tx, w, status.Scheduled, w.Text, by, now); err != nil {
		return err
	}
	return c.workOn(tx, w, now)
}

// follow tells what has changed of announced work.
func (c *Comms) follow(tx *store.Tx, m *alert.Maintenance, w *message.Work, o alert.Occurrence, by string, now time.Time) error {
	services := slices.Sorted(slices.Values(m.Services))
	moved := !w.From.Equal(o.From) && !w.Running() || !w.To.Equal(o.To)
	reworded := w.Text != m.Public.Text
	if !moved && !reworded && w.Title == m.Public.Title && slices.Equal(w.Services, services) && w.ByHand == m.Public.ByHand && w.Mail == m.Public.Mail {
		return nil
	}
	var said []string
	if moved {
		said = append(said, fmt.Sprintf(workChanged, spoken(o.From), spoken(o.To)))
	}
	if reworded {
		said = append(said, m.Public.Text)
	}
	w.Title, w.Text, w.Services, w.ByHand, w.Mail, w.To = m.Public.Title, m.Public.Text, services, m.Public.ByHand, m.Public.Mail, o.To
	if !w.Running() {
		w.From = o.From
	}
	if len(said) == 0 {
		if err := messages.SaveWork(tx, w, now); err != nil {
			return err
		}
		if err := c.copyWork(tx, w, now); err != nil {
			return err
		}
	} else if err := c.tellWork(tx, w, w.State(), strings.Join(said, "\n\n"), by, now); err != nil {
		return err
	}
	return c.workOn(tx, w, now)
}

func spoken(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// WorkDue is the handler of TimerWork.
func (c *Comms) WorkDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	w, err := messages.Work(tx, t.Ref)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.workOn(tx, w, now)
}

// workOn does what is due of announced work and comes back for the rest. When it is
// completed, the next time of its maintenance is announced.
func (c *Comms) workOn(tx *store.Tx, w *message.Work, now time.Time) error {
	s, next, ok := w.Due(now)
	if ok {
		text := workBegins
		if s == status.Completed {
			text = workEnds
		}
		if err := c.tellWork(tx, w, s, text, event.System, now); err != nil {
			return err
		}
		if s == status.Completed {
			return c.again(tx, w, now)
		}
	}
	if next.IsZero() {
		return timers.Cancel(tx, TimerWork, w.ID)
	}
	return timers.Set(tx, timers.Timer{Kind: TimerWork, Ref: w.ID, DueAt: next}, now)
}

// again announces the next time of a maintenance that repeats.
func (c *Comms) again(tx *store.Tx, w *message.Work, now time.Time) error {
	m, err := silences.Maintenance(tx, w.Maintenance)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || m.Public == nil || m.Repeat == "" {
		return err
	}
	o, ok := m.At(now)
	if !ok || !o.From.After(w.From) {
		return nil
	}
	return c.announce(tx, m, o, event.System, now)
}

// tellWork adds an update to announced work: the page, its copies, the mails and the
// record of it are one transaction. What hears it of others (mirrors, subscribers) hears
// event.MaintenanceTold.
func (c *Comms) tellWork(tx *store.Tx, w *message.Work, s status.IncidentStatus, text, by string, now time.Time) error {
	update := newID()
	if err := w.Tell(s, text, update, now); err != nil {
		return err
	}
	if err := messages.SaveWork(tx, w, now); err != nil {
		return err
	}
	page := c.letter(tx, w, update, text, now)
	page.Channel, page.Address, page.Recipient, page.Receipt = message.StatusPage, "/incidents/"+w.ID, message.Public, "on the built-in status page"
	page.Key += message.StatusPage
	if err := deliveries.Record(tx, page); err != nil {
		return err
	}
	if err := c.copyWork(tx, w, now); err != nil {
		return err
	}
	channels := []string{message.StatusPage}
	n := 0
	if w.Mail {
		letters, err := c.letters(tx, w, update, text, now)
		if err != nil {
			return err
		}
		if err := deliveries.Queue(tx, letters...); err != nil {
			return err
		}
		channels, n = append(channels, message.Email), len(letters)
		posts, err := c.posts(tx, w, update, text, now)
		if err != nil {
			return err
		}
		if err := deliveries.Queue(tx, posts...); err != nil {
			return err
		}
	}
	if w.State() == status.Completed {
		if err := timers.Cancel(tx, TimerWork, w.ID); err != nil {
			return err
		}
	}
	return c.bus.Emit(tx, now, event.Event{Kind: event.MaintenanceTold, Actor: by, Source: "page", Data: event.Data{
		Ref: w.ID, Rule: w.Maintenance, Status: string(s), Subject: w.Title, Text: text, Channels: channels, Number: int64(n), Audience: message.Public,
	}})
}

func (c *Comms) letter(tx *store.Tx, w *message.Work, update, text string, now time.Time) *message.Delivery {
	return &message.Delivery{
		Key: "maintenance/" + w.ID + "/" + update + "/", Kind: message.KindWork, RefID: tx.NewID(now), Channel: message.Email,
		Subject: w.Title, Body: text, Priority: priority, DueAt: now, CreatedAt: now,
	}
}

// letters are the mails to the customers who use the services and did not decline mail.
func (c *Comms) letters(tx *store.Tx, w *message.Work, update, text string, now time.Time) ([]*message.Delivery, error) {
	cat, err := c.catalog(tx)
	if err != nil {
		return nil, err
	}
	refused, err := addresses.OptedOut(tx, message.Email)
	if err != nil {
		return nil, err
	}
	var out []*message.Delivery
	for _, cust := range cat.AffectedBy(w.Services, false, nil, "") {
		for n := range cust.Contacts {
			to := message.AddressOf(&cust.Contacts[n], message.Email)
			if to == "" || len(refused) > 0 && refused[message.AddressHash(message.Email, to)] {
				continue
			}
			d := c.letter(tx, w, update, text, now)
			d.Key += fmt.Sprintf("%s/%d", cust.ID, n)
			d.Recipient, d.Address, d.Headers.Name = cust.ID, to, cust.Contacts[n].Name
			d.Subject = workSubject(w)
			d.Body = workWords(w, text)
			if c.page.URL != "" {
				d.Body += "\n" + c.page.URL + "/incidents/" + w.ID
			}
			out = append(out, d)
		}
	}
	return out, nil
}

// posts are the words of letters in the chats of customers who use the services and do
// not decline them there.
func (c *Comms) posts(tx *store.Tx, w *message.Work, update, text string, now time.Time) ([]*message.Delivery, error) {
	cat, err := c.catalog(tx)
	if err != nil {
		return nil, err
	}
	var out []*message.Delivery
	more := ""
	if c.page.URL != "" {
		more = c.page.URL + "/incidents/" + w.ID
	}
	for _, ch := range catalog.CustomerChats {
		if !c.served(ch) {
			continue
		}
		refused, err := addresses.OptedOut(tx, ch)
		if err != nil {
			return nil, err
		}
		for _, cust := range cat.AffectedBy(w.Services, false, nil, "") {
			to := cust.Chat(ch)
			if to == "" || refused[message.AddressHash(ch, to)] {
				continue
			}
			d := c.letter(tx, w, update, "", now)
			d.Key += ch + "/" + cust.ID
			d.Channel, d.Recipient, d.Address = ch, cust.ID, to
			d.Subject = workSubject(w)
			d.Body = chatWords(workWords(w, text), more)
			out = append(out, d)
		}
	}
	return out, nil
}

func workSubject(w *message.Work) string {
	return "Maintenance " + strings.ToLower(w.State().Label()) + ": " + w.Title
}

func workWords(w *message.Work, text string) string {
	return fmt.Sprintf("%s\n\nFrom %s to %s.", text, spoken(w.From), spoken(w.To))
}

// Works lists what the page tells of maintenances, open and of the last 90 days.
func (c *Comms) Works(ctx context.Context, a authz.Actor, now time.Time) (out []*message.Work, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "maintenance"}); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		out, err = messages.Works(tx, now.AddDate(0, 0, -status.HistoryDays))
		return err
	})
	return out, err
}

// TellWork adds a person's update about a maintenance that is announced: that it
// begins, is being verified, is completed, or just a text. When it is completed
// before its end, nothing is held back for it any more.
func (c *Comms) TellWork(ctx context.Context, a authz.Actor, maintenance string, s status.IncidentStatus, text string, now time.Time) (out *message.Work, err error) {
	if err := authz.Can(a, authz.Command, authz.Resource{Kind: "maintenance"}); err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" || len(text) > status.MaxBody {
		return nil, fault.New(fault.Invalid, "the update has no text or too much").With("/text", fmt.Sprintf("must have 1 to %d bytes", status.MaxBody))
	}
	if s != "" && !s.ForMaintenance() {
		return nil, fault.New(fault.Invalid, "%q is not a status of a maintenance", s).With("/status", "must be scheduled, in_progress, verifying or completed")
	}
	err = c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		w, err := openWork(tx, maintenance)
		if err != nil {
			return err
		}
		if w == nil {
			return fault.New(fault.NotFound, "nothing of this maintenance is announced on the status page")
		}
		if s == "" {
			s = w.State()
		}
		if err := c.tellWork(tx, w, s, text, a.ID, now); err != nil {
			return err
		}
		out = w
		if s == status.Completed {
			return c.again(tx, w, now)
		}
		return c.workOn(tx, w, now)
	})
	return out, err
}
