package paging

import (
	"fmt"

	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
)

// onNoticeWanted tells the people a rule names.
func (p *Paging) onNoticeWanted(tx *store.Tx, e *event.Event) error {
	s, err := p.scene(tx, e.IncidentID, e.RecordedAt)
	if err != nil {
		return err
	}
	return s.notify(e.Data)
}

// queueChannel carries silent notices inside the product (reading 8).
const queueChannel = "queue"

// notify tells people and chat channels once each, on the first channel they
// have. Everybody told is a moment of its own when the rule says so.
func (s *scene) notify(d event.Data) error {
	ids, chats, missing := s.people(d.Targets)
	ref := s.tx.NewID(s.now)
	channels := d.Channels
	if len(channels) == 0 {
		channels = s.proc.Paging.Notices
	}
	for _, id := range ids {
		c, ok := s.noticeContact(id, channels, "")
		if !ok { // told in another way rather than not at all
			c, ok = s.noticeContact(id, s.proc.Paging.Notices, "")
		}
		if !ok {
			if err := s.untold(id, d, "has no contact a notice can reach"); err != nil {
				return err
			}
			continue
		}
		if err := s.queueNotice(id, c, ref, d); err != nil {
			return err
		}
	}
	for _, chat := range chats {
		if err := s.queueNotice(chat, catalog.Contact{Channel: "slack", Address: chat}, ref, d); err != nil {
			return err
		}
	}
	for _, t := range missing {
		if err := s.untold(t, d, "nobody is behind it"); err != nil {
			return err
		}
	}
	return nil
}

// noticeContact picks the first contact in the order of channels, after the
// given one where a channel has failed.
func (s *scene) noticeContact(person string, channels []string, after string) (catalog.Contact, bool) {
	var all []catalog.Contact
	for _, ch := range channels {
		if ch == queueChannel {
			all = append(all, catalog.Contact{Channel: queueChannel, Address: person})
			continue
		}
		all = append(all, catalog.ContactsFor(s.cat.People[person], []string{ch})...)
	}
	for i, c := range all {
		if after == "" {
			return c, true
		}
		if c.Channel+c.Address == after && i+1 < len(all) {
			return all[i+1], true
		}
	}
	return catalog.Contact{}, false
}

func (s *scene) queueNotice(to string, c catalog.Contact, ref ident.ID, d event.Data) error {
	key := fmt.Sprintf("%s/notice/%s", s.inc.Ref(), d.Rule)
	if d.Ref != "" {
		key += "/" + d.Ref
	}
	key += fmt.Sprintf("/%s/%s", to, c.Channel)
	due := s.now
	if until, quiet := s.cat.People[to].QuietUntil(s.now); quiet && d.Reaches == "" {
		due = until // a clock waits for the others
	}
	err := deliveries.Queue(s.tx, &message.Delivery{
		Key: key, Kind: message.KindNotice, RefID: ref, IncidentID: s.inc.ID, Recipient: to, Channel: c.Channel, Address: c.Address,
		Subject: d.Subject, Body: s.address(d.Text, to), Priority: 1, DueAt: due, CreatedAt: s.now, Clauses: d.Clauses,
		Headers: message.Headers{Rule: d.Rule, Name: s.name(to), Reaches: d.Reaches},
	})
	if err != nil {
		return err
	}
	return s.emit(event.Noticed, event.Data{To: to, Channel: c.Channel, Rule: d.Rule, Clauses: d.Clauses, Subject: d.Subject, Text: d.Text, Step: d.Step, Ref: ref.String()})
}

func (s *scene) untold(who string, d event.Data, why string) error {
	return s.emit(event.Undelivered, event.Data{To: who, Rule: d.Rule, Clauses: d.Clauses, Outcome: "failed", Text: who + ": " + why, Phase: message.KindNotice})
}

// noticeOutcome goes to another channel when one refuses, and notes the moment
// when the last recipient has been told.
func (s *scene) noticeOutcome(d *message.Delivery) error {
	if d.State == message.Failed {
		return s.retell(d)
	}
	if d.State != message.Accepted || d.Headers.Reaches == "" {
		return nil
	}
	all, err := deliveries.Of(s.tx, message.KindNotice, d.RefID)
	if err != nil {
		return err
	}
	told, open := map[string]bool{}, map[string]bool{}
	for _, o := range all {
		open[o.Recipient] = true
		told[o.Recipient] = told[o.Recipient] || o.State == message.Accepted
	}
	for who := range open {
		if !told[who] {
			return nil
		}
	}
	return s.emit(event.Told, event.Data{Reaches: d.Headers.Reaches, Rule: d.Headers.Rule, Text: fmt.Sprintf("%d told", len(told)), Ref: d.RefID.String(), Clauses: d.Clauses})
}

func (s *scene) retell(d *message.Delivery) error {
	c, ok := s.noticeContact(d.Recipient, append(append([]string{}, s.proc.Paging.Notices...), s.proc.Paging.Channels...), d.Channel+d.Address)
	if !ok || c.Channel == d.Channel {
		return s.untold(d.Recipient, event.Data{Rule: d.Headers.Rule, Clauses: d.Clauses}, "no channel is left")
	}
	return s.queueNotice(d.Recipient, c, d.RefID, event.Data{Rule: d.Headers.Rule, Ref: d.RefID.String(), Subject: d.Subject, Text: d.Body, Clauses: d.Clauses, Reaches: d.Headers.Reaches})
}
