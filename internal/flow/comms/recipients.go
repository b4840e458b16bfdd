package comms

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/addresses"
	"allclear/internal/store/deliveries"
)

// served reports whether the channel to the public has a provider.
func (c *Comms) served(channel string) bool { return c.page.Serves == nil || c.page.Serves(channel) }

// envelopes makes the deliveries of a message and counts the mails among them.
func (c *Comms) envelopes(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, inside []catalog.Person, now time.Time) (all []*message.Delivery, mails int, err error) {
	m.OptedOut, m.Beyond = 0, 0
	for _, ch := range m.Ways() {
		open := slices.Contains(message.OpenChannels, ch)
		switch {
		case ch == message.StatusPage, m.Private && open, slices.Contains(c.page.Copies, ch):
		case open && !c.served(ch): // a person posts it
		case message.Shared(ch):
			posts, err := c.shared(tx, inc, cat, m, ch, now)
			if err != nil {
				return nil, 0, err
			}
			all = append(all, posts...)
		case message.Personal(ch):
			letters := internal(inc, cat, m, ch, inside, now)
			if !message.Inside(m.Audience) {
				if letters, err = c.personal(tx, inc, cat, m, ch, now); err != nil {
					return nil, 0, err
				}
			}
			if ch == message.Email {
				mails = len(letters)
			}
			all = append(all, letters...)
		default:
			d := envelope(inc, m, ch, now)
			if open {
				d.Body = c.linked(m, m.Words(""))
			}
			all = append(all, d)
		}
	}
	return all, mails, nil
}

// storyAt is where the whole story is and goes on; empty for what concerns one customer
// alone, of which the public page says nothing.
func (c *Comms) storyAt(m *message.Message) string {
	if m.Private {
		return ""
	}
	return c.page.URL
}

// linked are the words with where the whole story is.
func (c *Comms) linked(m *message.Message, words string) string {
	if at := c.storyAt(m); at != "" {
		return words + "\n" + at
	}
	return words
}

// personal makes one delivery per contact of each affected customer of the
// audience who wants the channel and has not opted out.
func (c *Comms) personal(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, channel string, now time.Time) ([]*message.Delivery, error) {
	if m.Private && inc.Tenant == "" {
		return nil, nil // for one tenant, and nobody has said which
	}
	if channel == message.SMS && !critical(inc) {
		return nil, nil
	}
	refused, err := addresses.OptedOut(tx, channel)
	if err != nil {
		return nil, err
	}
	var out []*message.Delivery
	customers := message.Asked(cat, inc, m.Audience)
	prefix := fmt.Sprintf("%s/m%s/%s/", inc.Ref(), m.ID, channel)
	subject := subjectOf(inc, cat, m)
	for i := range customers {
		cust := &customers[i]
		if !message.Includes(m.Audience, cust) {
			continue
		}
		for n := range cust.Contacts {
			to := message.AddressOf(&cust.Contacts[n], channel)
			if to == "" {
				continue
			}
			if declined(m, refused, channel, to) {
				continue
			}
			d := envelope(inc, m, channel, now)
			d.Key = fmt.Sprintf("%s%s/%d", prefix, cust.ID, n)
			d.Recipient, d.Address, d.Subject = cust.ID, to, subject
			d.Headers.Name, d.Body = cust.Contacts[n].Name, m.Words(cust.Contacts[n].Name)
			if channel == message.SMS {
				d.Body = c.linked(m, d.Body)
			}
			out = append(out, d)
		}
	}
	if channel == message.SMS {
		return c.affordable(tx, inc, m, out)
	}
	return out, nil
}

// declined reports whether whoever has the address wants no such message, and counts
// that it was left out.
func declined(m *message.Message, refused map[string]bool, channel, to string) bool {
	if m.Binding() || len(refused) == 0 || !refused[message.AddressHash(channel, to)] {
		return false
	}
	m.OptedOut++
	return true
}

// shared makes one delivery for each affected customer of the audience whose chat is
// reached over the channel and who has not said that nothing should be posted there.
func (c *Comms) shared(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, channel string, now time.Time) ([]*message.Delivery, error) {
	if m.Private && inc.Tenant == "" || message.Inside(m.Audience) || !c.served(channel) {
		return nil, nil
	}
	refused, err := addresses.OptedOut(tx, channel)
	if err != nil {
		return nil, err
	}
	var out []*message.Delivery
	customers := message.Asked(cat, inc, m.Audience)
	subject, more := subjectOf(inc, cat, m), c.storyAt(m)
	for i := range customers {
		cust := &customers[i]
		to := cust.Chat(channel)
		if to == "" || !message.Includes(m.Audience, cust) {
			continue
		}
		if declined(m, refused, channel, to) {
			continue
		}
		d := envelope(inc, m, channel, now)
		d.Key = fmt.Sprintf("%s/m%s/%s/%s", inc.Ref(), m.ID, channel, cust.ID)
		d.Recipient, d.Address, d.Subject, d.Body = cust.ID, to, subject, chatWords(m.Words(""), more)
		out = append(out, d)
	}
	return out, nil
}

// maxPost is how much of a text stands in a chat; what is longer is cut there by the
// platforms, which would name a place where customers cannot read on.
const maxPost = 2500

// chatWords are the words of a post to customers, and where they read on.
func chatWords(text, more string) string {
	if runes := []rune(text); len(runes) > maxPost {
		text = strings.TrimSpace(string(runes[:maxPost])) + "…"
	}
	if more == "" {
		return text
	}
	return strings.TrimRight(text, "\n") + "\n\n" + more
}

// critical reports whether the incident is or was a P1: text messages are for those
// alone (PLT-CN-SMS), and who was told of one hears of its end.
func critical(inc *incident.Incident) bool {
	return inc.Severity == procedure.P1 || inc.Highest == procedure.P1
}

// affordable leaves out the text messages that go beyond what the incident may
// send, and counts them.
func (c *Comms) affordable(tx *store.Tx, inc *incident.Incident, m *message.Message, all []*message.Delivery) ([]*message.Delivery, error) {
	sent, err := deliveries.CountOn(tx, message.KindMessage, inc.ID, message.SMS)
	if err != nil {
		return nil, err
	}
	room := max(cmp.Or(c.MostSMS, DefaultSMS)-sent, 0)
	if len(all) <= room {
		return all, nil
	}
	m.Beyond = len(all) - room
	return all[:room], nil
}

// insiders are our own people whom a message is for. Of a restricted incident
// nobody outside its circle hears.
func (c *Comms) insiders(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, now time.Time) ([]catalog.Person, error) {
	if !message.Inside(m.Audience) {
		return nil, nil
	}
	proc, err := c.shelf.Get(tx, inc.Procedure)
	if err != nil {
		return nil, err
	}
	at := catalog.TargetContext{ServiceID: inc.ServiceID, At: now, OutOfHours: !proc.Calendar().Open(now), Commander: inc.Commander()}
	var ids []string
	for _, t := range proc.Insiders(m.Audience) {
		who, err := cat.Resolve(t, at)
		if err != nil {
			continue // a target without people is told by lint; the others still hear
		}
		ids = append(ids, who...)
	}
	slices.Sort(ids)
	var out []catalog.Person
	for _, id := range slices.Compact(ids) {
		if p, ok := cat.People[id]; ok && (!inc.Restricted || inc.VisibleTo(id)) {
			out = append(out, p)
		}
	}
	return out, nil
}

// internal makes one delivery for each of our own people who can be reached so.
func internal(inc *incident.Incident, cat *catalog.Catalog, m *message.Message, channel string, people []catalog.Person, now time.Time) []*message.Delivery {
	var out []*message.Delivery
	for i := range people {
		to := addressInside(&people[i], channel)
		if to == "" {
			continue
		}
		d := envelope(inc, m, channel, now)
		d.Key += "/" + people[i].ID
		d.Recipient, d.Address, d.Subject = people[i].ID, to, subjectOf(inc, cat, m)
		d.Headers.Name, d.Body = people[i].Name, m.Words(people[i].Name)
		out = append(out, d)
	}
	return out
}

func addressInside(p *catalog.Person, channel string) string {
	if channel == message.Email {
		return message.MailOf(p)
	}
	for _, k := range p.Contacts {
		if k.Channel == channel {
			return k.Address
		}
	}
	return ""
}
