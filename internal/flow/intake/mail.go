package intake

import (
	"context"
	"maps"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/letter"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/incidents"
)

// Mailed is what became of a mail.
type Mailed struct {
	Kept string // why it was only kept and woke nobody; empty: it did what mail does
}

// posted is a mail on its way through a batch.
type posted struct {
	*letter.Letter
	claim   catalog.Sender
	box     procedure.Mailbox      // the one that is being served
	replies map[*alert.Signal]bool // signals that go on about an incident
}

// Mailboxes are the emergency addresses of the procedure in force.
func (i *Intake) Mailboxes(ctx context.Context) (all []procedure.Mailbox, err error) {
	err = i.db.View(ctx, func(tx *store.Tx) error {
		hash, err := i.shelf.Active(tx)
		if err != nil {
			return err
		}
		proc, err := i.shelf.Get(tx, hash)
		if err != nil {
			return err
		}
		all = proc.Mailboxes
		return nil
	})
	return all, err
}

// Mailbox reports whether the procedure in force takes mail for a part before
// the @.
func (i *Intake) Mailbox(ctx context.Context, local string) (bool, error) {
	all, err := i.Mailboxes(ctx)
	return slices.ContainsFunc(all, func(m procedure.Mailbox) bool { return m.Takes(local) }), err
}

// Mail returns when a mail is durable with everything that follows from it, in
// one transaction (INV-I1): it opens an incident on the service, joins the one
// that is open there, or goes on about one. Mail of programs, and mail that came
// before, is kept and wakes nobody. Nothing in it is believed: its writer acts on
// nothing.
func (i *Intake) Mail(ctx context.Context, service string, l *letter.Letter, now time.Time) (out Mailed, err error) {
	if why := l.Automatic(); why != "" {
		return Mailed{Kept: why}, i.file(ctx, service, l, why, now)
	}
	about, err := i.answered(ctx, l)
	if err != nil {
		return out, err
	}
	err = i.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error {
		out = Mailed{} // fn may run again
		b, err := i.begin(tx, now)
		if err != nil {
			return err
		}
		b.letter = &posted{Letter: l, claim: b.cat.Sender(l.From), replies: map[*alert.Signal]bool{}}
		fresh, err := b.mail(service, about)
		if err != nil {
			return err
		}
		if !fresh {
			out.Kept = "the same mail came before"
			return alerts.Keep(tx, []alerts.Raw{{Source: alert.Mail, ServiceID: service, ReceivedAt: now, Body: l.Raw, Problem: out.Kept}})
		}
		return b.finish()
	})
	if err == nil {
		i.totals.accepted.Add(1)
	}
	return out, err
}

// file keeps a mail that wakes nobody.
func (i *Intake) file(ctx context.Context, service string, l *letter.Letter, why string, now time.Time) error {
	return i.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		return alerts.Keep(tx, []alerts.Raw{{Source: alert.Mail, ServiceID: service, ReceivedAt: now, Body: l.Raw, Problem: "nobody is paged: " + why}})
	})
}

// openAtOnce bounds the incidents whose mail is looked through.
const openAtOnce = 200

// answered finds the open incident of a mail of ours that the letter answers. It
// reads beside the writer, which has pages to write: an incident may have many
// thousand mails.
func (i *Intake) answered(ctx context.Context, l *letter.Letter) (id ident.ID, err error) {
	if len(l.References) == 0 {
		return 0, nil
	}
	err = i.db.View(ctx, func(tx *store.Tx) error {
		open, err := incidents.List(tx, incidents.Filter{Statuses: incident.OpenStatuses(), Limit: openAtOnce})
		if err != nil {
			return err
		}
		ids := make([]ident.ID, len(open))
		for n, inc := range open {
			ids[n] = inc.ID
		}
		id, err = deliveries.Answered(tx, ids, l.References)
		return err
	})
	return id, err
}

// mail brings the letter to bear, once for each mailbox it came to. fresh is
// false when all of it came before.
func (b *batch) mail(service string, about ident.ID) (fresh bool, err error) {
	var boxes []procedure.Mailbox
	for _, local := range b.letter.To {
		box, ok := b.proc.Mailbox(local)
		if ok && !slices.ContainsFunc(boxes, func(o procedure.Mailbox) bool { return o.ID == box.ID }) {
			boxes = append(boxes, box)
		}
	}
	if len(boxes) == 0 {
		return false, fault.New(fault.NotFound, "there is no such mailbox")
	}
	on := service
	for _, box := range boxes {
		b.letter.box = box
		key, came, err := b.recall(service)
		if err != nil {
			return false, err
		}
		if came {
			continue
		}
		fresh = true
		st, err := b.goesOn(about)
		if err != nil {
			return false, err
		}
		s := b.signal(key)
		if st != nil {
			on, b.letter.replies[s] = st.inc.ServiceID, true
			err = b.reply(st, service, s)
		} else {
			err = b.take(&Arrival{ServiceID: service, Now: b.now}, s)
		}
		if err != nil {
			return false, err
		}
		b.enter(service, key)
	}
	if !fresh {
		return false, nil
	}
	// The payload is hidden with the service of the incident that it is about.
	return true, alerts.Keep(b.tx, []alerts.Raw{{Source: alert.Mail, ServiceID: on, ReceivedAt: b.now, Body: b.letter.Raw}})
}

// recall finds the key of the letter in its mailbox, and whether it has come.
func (b *batch) recall(service string) (key string, came bool, err error) {
	key, again := b.letter.Key(b.letter.box.ID, b.now)
	slices.Sort(again)
	keys := make([]alerts.Key, len(again))
	for n, k := range again {
		keys[n] = alerts.Key{ServiceID: service, DedupKey: k}
	}
	found, err := alerts.Find(b.tx, keys)
	if err != nil {
		return "", false, err
	}
	for _, a := range found {
		came = came || b.letter.Resent(a.FirstAt, b.now)
	}
	if b.alerts == nil {
		b.alerts = map[alerts.Key]*alert.Alert{}
	}
	maps.Copy(b.alerts, found)
	return key, came, nil
}

// goesOn is the open incident that the letter goes on about; nil without one.
// An answer to a mail of ours is always about its incident. A number in the
// subject anybody can write: it neither reaches a restricted incident nor keeps
// a mail that asks for a page with an incident that pages nobody.
func (b *batch) goesOn(about ident.ID) (*standing, error) {
	if about != 0 {
		st, err := b.standing(about)
		if err != nil || st.inc.Status.Open() {
			return st, err
		}
	}
	number := b.letter.Incident()
	if number == 0 {
		return nil, nil
	}
	inc, err := incidents.ByNumber(b.tx, number)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	asks := b.proc.Suggest(b.letter.box.Says, b.cat.Services[inc.ServiceID].CriticalFunction)
	if !inc.Status.Open() || inc.Restricted || asks.Pages() && !inc.Severity.Pages() {
		return nil, nil
	}
	return b.standing(inc.ID)
}

// reply puts the letter on the incident. Its alert is over at once: it counts as
// no trouble of its own, and is there to be known again.
func (b *batch) reply(st *standing, service string, s *alert.Signal) error {
	al := &alert.Alert{ID: b.tx.NewID(b.now), ServiceID: service, DedupKey: s.DedupKey}
	al.Apply(s, st.inc.Severity, b.now)
	al.Apply(&alert.Signal{Action: alert.Resolve}, 0, b.now)
	al.IncidentID = st.inc.ID
	b.alerts[alerts.Key{ServiceID: service, DedupKey: s.DedupKey}] = al
	b.touch(al)
	st.calls = append(st.calls, s)
	return b.describe(al, s, b.now)
}

// enter writes what the letter says on the timeline of its incident.
func (b *batch) enter(service, key string) {
	al := b.alerts[alerts.Key{ServiceID: service, DedupKey: key}]
	st := b.byID[al.IncidentID]
	if st == nil {
		return // a silence holds it back
	}
	b.entries = append(b.entries, &event.Event{
		IncidentID: st.inc.ID, Kind: event.Noted, Actor: "source:" + alert.Mail, Source: alert.Mail, At: b.now, RecordedAt: b.now, Restricted: st.inc.Restricted,
		Data: event.Data{Text: b.letter.Entry(b.letter.box.Name, b.letter.claim.Name), Clauses: b.letter.box.Clauses, Alert: al.ID.String(), Number: st.inc.Number},
	})
}

// written says what kind of call a mail is.
func (b *batch) written(e *event.Event, s *alert.Signal) {
	if b.letter != nil && b.letter.replies[s] {
		e.Data.Status = event.Reply
		return
	}
	for _, box := range b.proc.Mailboxes {
		if box.Fact == s.Class && box.On == "escalated" {
			e.Kind = event.Escalated
		}
	}
}

// signal is the letter as a source would put it.
func (b *batch) signal(key string) *alert.Signal {
	l := b.letter
	labels := map[string]string{"channel": "email", "mailbox": l.box.ID, "sender": l.From}
	if l.claim.Customer != "" {
		labels[labelCustomer] = l.claim.Customer
	}
	details := map[string]any{"subject": l.Subject, "text": l.Text, "sender_verified": false, "sender_name": l.FromName, "return_path": l.ReturnPath, "message_id": l.MessageID, "peer": l.Peer}
	if l.claim.Name != "" {
		details["claims_to_be"] = l.claim.Name
	}
	if l.claim.Person != "" {
		details["claims_to_be_person"] = l.claim.Person
	}
	if len(l.Attachments) > 0 {
		details["attachments_not_kept"] = l.Attachments
	}
	return &alert.Signal{
		Source: alert.Mail, Action: alert.Trigger, DedupKey: key, Summary: l.Summary(l.box.Name, l.claim.Name), Severity: l.box.Says,
		Origin: l.From, Component: l.box.Name, Class: l.box.Fact, Labels: labels, Details: details,
	}
}
