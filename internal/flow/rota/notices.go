package rota

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// A notice of this flow is a delivery of its own kind that belongs to no
// incident. Its key says about what and to whom, so that it goes out once.

// notice is one text to some people.
type notice struct {
	key, subject, body string
	ref                ident.ID
	clauses            []string
}

// tell queues the notice to each person on the first channel they have.
func (v *view) tell(n notice, people ...string) error {
	seen := map[string]bool{"": true}
	for _, id := range people {
		if seen[id] {
			continue
		}
		seen[id] = true
		ladder := v.ladder(id)
		if len(ladder) == 0 {
			if err := v.untold(id, n.subject, "has no contact that a notice can reach"); err != nil {
				return err
			}
			continue
		}
		if err := v.queue(n, id, ladder[0]); err != nil {
			return err
		}
	}
	return nil
}

// ladder is how a person is told: the channels of notices, then those of pages.
func (v *view) ladder(person string) []catalog.Contact {
	channels := append(append([]string{}, v.proc.Paging.Notices...), v.proc.Paging.Channels...)
	if len(channels) == 0 {
		channels = catalog.Channels
	}
	var out []catalog.Contact
	for _, c := range catalog.ContactsFor(v.cat.People[person], channels) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}

func (v *view) queue(n notice, person string, c catalog.Contact) error {
	return deliveries.Queue(v.tx, &message.Delivery{
		Key: fmt.Sprintf("rota/%s/%s/%s/%s", n.key, person, c.Channel, c.Address), Kind: message.KindDuty, RefID: n.ref, Recipient: person,
		Channel: c.Channel, Address: c.Address, Subject: n.subject, Body: n.body, Priority: 1, DueAt: v.now, CreatedAt: v.now, Clauses: n.clauses,
		Headers: message.Headers{Rule: n.key, Name: v.name(person)},
	})
}

func (v *view) untold(person, subject, why string) error {
	return v.r.bus.Emit(v.tx, v.now, event.Event{Kind: event.RotaUntold, Source: "rota", Data: event.Data{To: person, Subject: subject, Outcome: "failed", Text: v.name(person) + ": " + why}})
}

// Wanted lets every notice of this flow out; the sender asks.
func (r *Rota) Wanted(*store.Tx, *message.Delivery, time.Time) (ok bool, why string, err error) {
	return true, "", nil
}

// Outcome goes on to the next contact when one refuses.
func (r *Rota) Outcome(tx *store.Tx, d *message.Delivery, now time.Time) error {
	if d.State != message.Failed {
		return nil
	}
	v, err := r.look(tx, r.desk.Read, now)
	if err != nil {
		return err
	}
	ladder := v.ladder(d.Recipient)
	at := slices.IndexFunc(ladder, func(c catalog.Contact) bool { return c.Channel == d.Channel && c.Address == d.Address })
	if at < 0 || at+1 >= len(ladder) {
		return v.untold(d.Recipient, d.Subject, "no channel is left")
	}
	return v.queue(notice{key: d.Headers.Rule, ref: d.RefID, subject: d.Subject, body: d.Body, clauses: d.Clauses}, d.Recipient, ladder[at+1])
}

// tellAsked tells whose answer is wanted.
func (v *view) tellAsked(q *oncall.Request) error {
	n := v.about(q, "asks")
	n.subject = "On call: your answer is wanted"
	if who := q.Answerer(); who != "" {
		return v.tell(n, who)
	}
	return v.tell(n, v.others(q)...)
}

// others are those who take turns in the schedule and could take the stretch.
func (v *view) others(q *oncall.Request) []string {
	var out []string
	for _, l := range v.cat.Schedules[q.Schedule].Layers {
		for _, m := range l.Members {
			if m != q.Holder && v.cat.MayTake(q.Schedule, m, q.Span, v.outlook(q.Span.From, q.Span.Until)) == nil {
				out = append(out, m)
			}
		}
	}
	return out
}

// tellDone tells both people that the schedule has changed.
func (v *view) tellDone(q *oncall.Request) error {
	n := v.about(q, "done")
	n.subject = "On call: the schedule has changed"
	return v.tell(n, q.Holder, q.Taker)
}

// tellRefused tells the other side that nothing changes.
func (v *view) tellRefused(q *oncall.Request) error {
	n := v.about(q, string(q.State))
	n.subject = "On call: request " + string(q.State)
	if q.Reason != "" {
		n.body += " " + q.Reason
	}
	if q.State == oncall.RequestWithdrawn {
		if q.Answerer() == "" {
			return nil // nobody in particular waits for it
		}
		return v.tell(n, q.Answerer())
	}
	return v.tell(n, q.Asker())
}

func (v *view) about(q *oncall.Request, key string) notice {
	body := v.sentence(q)
	if q.Note != "" {
		body += " " + q.Note
	}
	return notice{key: "request/" + q.ID.String() + "/" + key, ref: q.ID, body: body, clauses: []string{"TEAM-ROTATION"}}
}

// sentence says in words what a request is about and where it stands.
func (v *view) sentence(q *oncall.Request) string {
	holder, taker, doc := v.name(q.Holder), v.name(q.Taker), v.cat.Schedules[q.Schedule]
	span := v.between(doc, q.Span)
	if q.Taker == "" {
		taker = "anybody"
	}
	var text string
	switch q.Kind {
	case oncall.AskCover:
		text = fmt.Sprintf("%s asks %s to take %s, %s", holder, taker, q.Schedule, span)
	case oncall.OfferCover:
		text = fmt.Sprintf("%s offers %s to take %s, %s", taker, holder, q.Schedule, span)
	case oncall.SwapTurns:
		text = fmt.Sprintf("%s would give %s %s, %s, for %s", holder, taker, q.Schedule, span, v.between(doc, q.Back))
	case oncall.TakeNow:
		text = fmt.Sprintf("%s takes over %s, %s", taker, q.Schedule, span)
		if q.Holder != "" {
			text += ", from " + holder
		}
	}
	if q.State == oncall.RequestOpen || q.Kind == oncall.TakeNow {
		return text + "."
	}
	return text + ": " + string(q.State) + " by " + v.name(q.AnsweredBy) + "."
}

// between writes a stretch in the schedule's zone, which is named.
func (v *view) between(doc *oncall.Schedule, s oncall.Stretch) string {
	loc := time.UTC
	if doc != nil {
		loc = doc.Location()
	}
	const layout = "Mon 2 Jan 15:04"
	zone := strings.ReplaceAll(loc.String(), "_", " ")
	return fmt.Sprintf("%s to %s (%s)", s.From.In(loc).Format(layout), s.Until.In(loc).Format(layout), zone)
}
