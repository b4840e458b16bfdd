package comms

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
)

// Proof is a message as it would go out now: on each channel its final words, who
// gets it, and who does not and why. It is made of the deliveries themselves.
type Proof struct {
	Message  *message.Message
	Warnings []string // what is better not said outside
	Unripe   string   // why it cannot be approved yet; empty when it can
	Ways     []Way
}

// Way is one channel of a proof.
type Way struct {
	Channel string
	Subject string
	Text    string // as the first of its readers gets it
	Weight  int    // of a post that has a limit; else 0
	Limit   int    // of Weight; else 0
	Count   int    // of readers who are addressed one by one
	Readers []Reader
	Skipped []Reader
	Missed  int    // how many are skipped
	ByHand  bool   // no provider serves it: a person posts it and records where
	Nowhere string // why it goes nowhere; empty when it does
}

// Reader is one address of a way.
type Reader struct {
	ID      string // of the customer, or of one of our own people
	Name    string // of the customer
	Contact string
	Address string // empty for those who may not read customers' contacts
	Why     string // of being skipped
}

// shownReaders bounds the lists of a proof; its numbers are of all.
const shownReaders = 500

// ProofOf shows a message that was written.
func (c *Comms) ProofOf(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (out *Proof, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		m, inc, err := c.find(tx, a, authz.Read, id)
		if err != nil {
			return err
		}
		out, err = c.proof(tx, a, inc, m, now)
		return err
	})
	return out, err
}

// Proof shows what a text would become, without keeping it.
func (c *Comms) Proof(ctx context.Context, a authz.Actor, number int64, content message.Content, now time.Time) (out *Proof, err error) {
	if err := authz.Can(a, authz.Draft, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		inc, err := c.open(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		if err := c.mayDraft(tx, inc, cat, a); err != nil {
			return err
		}
		m, err := c.compose(tx, inc, a, content, now)
		if err != nil {
			return err
		}
		out, err = c.proof(tx, a, inc, m, now)
		return err
	})
	return out, err
}

func (c *Comms) proof(tx *store.Tx, a authz.Actor, inc *incident.Incident, m *message.Message, now time.Time) (*Proof, error) {
	cat, err := c.catalog(tx)
	if err != nil {
		return nil, err
	}
	inside, err := c.insiders(tx, inc, cat, m, now)
	if err != nil {
		return nil, err
	}
	private := m.Private || inc.Tenant != ""
	shown := *m
	shown.Private = private
	queue, _, err := c.envelopes(tx, inc, cat, &shown, inside, now)
	if err != nil {
		return nil, err
	}
	out := &Proof{Message: m}
	for _, w := range message.InternalOf(inc, cat).Leaks(m.Subject + "\n" + m.Text) {
		out.Warnings = append(out.Warnings, "names something internal: "+w)
	}
	if err := c.ripe(inc, cat, m); err != nil {
		out.Unripe = err.Error()
	}
	see := authz.Can(a, authz.ReadCustomers, authz.Resource{}) == nil
	for _, ch := range m.Ways() {
		w := c.way(inc, cat, &shown, ch, queue, inside, see)
		if !m.Has(ch) && w.Count+w.Missed == 0 {
			continue // nobody has such a chat
		}
		out.Ways = append(out.Ways, w)
	}
	return out, nil
}

func (c *Comms) way(inc *incident.Incident, cat *catalog.Catalog, m *message.Message, channel string, queue []*message.Delivery, inside []catalog.Person, see bool) Way {
	w := Way{Channel: channel, Subject: m.Headed(m.Subject), Text: m.Words("")}
	open := slices.Contains(message.OpenChannels, channel)
	switch {
	case m.Private && open:
		w.Nowhere = "it concerns one customer alone"
	case channel == message.InApp && inc.InApp.Stands():
		w.Nowhere = "the notice in the product is skipped: " + inc.InApp.Reason
	case m.Private && inc.Tenant == "" && message.Addressed(channel):
		w.Nowhere = "it is for one customer, and nobody has said which"
	case slices.Contains(c.page.Copies, channel):
		w.Nowhere = "the copy follows the status page by itself"
	}
	if open {
		w.Text, w.ByHand = c.linked(m, w.Text), !c.served(channel)
	}
	if channel == "social" {
		w.Text = message.FitPost(w.Text)
		w.Weight, w.Limit = message.PostWeight(w.Text), message.PostLimit
	}
	if !message.Addressed(channel) {
		return w
	}
	w.Subject = subjectOf(inc, cat, m)
	for _, d := range queue {
		if d.Channel != channel {
			continue
		}
		if w.Count++; w.Count == 1 {
			w.Text = d.Body
		}
		r := Reader{ID: d.Recipient, Name: nameOf(cat, d.Recipient), Contact: d.Headers.Name}
		if see {
			r.Address = d.Address
		}
		if len(w.Readers) < shownReaders {
			w.Readers = append(w.Readers, r)
		}
	}
	missed := skipped
	if message.Shared(channel) {
		missed = c.unshared
	}
	for _, r := range missed(inc, cat, m, channel, inside) {
		if w.Missed++; len(w.Skipped) < shownReaders {
			w.Skipped = append(w.Skipped, r)
		}
	}
	return w
}

func nameOf(cat *catalog.Catalog, id string) string {
	if k, ok := cat.Customers[id]; ok {
		return k.Name
	}
	return cat.People[id].Name
}

// skipped are those who belong to the audience, or are touched, and get nothing on
// the channel.
func skipped(inc *incident.Incident, cat *catalog.Catalog, m *message.Message, channel string, inside []catalog.Person) []Reader {
	var out []Reader
	for i := range inside {
		if addressInside(&inside[i], channel) == "" {
			out = append(out, Reader{ID: inside[i].ID, Contact: inside[i].Name, Why: "has no address for " + channel})
		}
	}
	if message.Inside(m.Audience) {
		return out
	}
	customers := message.Asked(cat, inc, m.Audience)
	for i := range customers {
		k := &customers[i]
		if !message.Includes(m.Audience, k) {
			out = append(out, Reader{ID: k.ID, Name: k.Name, Why: "is touched, but not of the audience " + m.Audience})
			continue
		}
		if len(k.Contacts) == 0 {
			out = append(out, Reader{ID: k.ID, Name: k.Name, Why: "has no contact"})
		}
		for n := range k.Contacts {
			if message.AddressOf(&k.Contacts[n], channel) == "" {
				out = append(out, Reader{ID: k.ID, Name: k.Name, Contact: k.Contacts[n].Name, Why: whyNot(&k.Contacts[n], channel)})
			}
		}
	}
	return out
}

// unshared are those of the audience whose chat gets no post because nothing carries it
// there. That most customers share none goes without saying.
func (c *Comms) unshared(inc *incident.Incident, cat *catalog.Catalog, m *message.Message, channel string, _ []catalog.Person) []Reader {
	if c.served(channel) || message.Inside(m.Audience) {
		return nil
	}
	var out []Reader
	customers := message.Asked(cat, inc, m.Audience)
	for i := range customers {
		if k := &customers[i]; k.Chat(channel) != "" && message.Includes(m.Audience, k) {
			out = append(out, Reader{ID: k.ID, Name: k.Name, Why: channel + " is not set up"})
		}
	}
	return out
}

func whyNot(k *catalog.CustomerContact, channel string) string {
	if len(k.Channels) > 0 && !slices.Contains(k.Channels, channel) {
		return "wants " + strings.Join(k.Channels, ", ") + " instead"
	}
	return "has no address for " + channel
}

// Template is an approved text of the procedure with its words filled in, to begin a
// message with.
type Template struct {
	Name string
	message.Content
}

// Templates lists the texts that the incident's procedure has for customers and the
// public, in the order of its rules.
func (c *Comms) Templates(ctx context.Context, a authz.Actor, number int64, now time.Time) (out []Template, err error) {
	if err := authz.Can(a, authz.Draft, authz.Resource{}); err != nil {
		return nil, err
	}
	err = c.db.View(ctx, func(tx *store.Tx) error {
		inc, err := c.open(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		cat, err := c.catalog(tx)
		if err != nil {
			return err
		}
		proc, err := c.shelf.Get(tx, inc.Procedure)
		if err != nil {
			return err
		}
		w, err := c.words(tx, inc, cat, now)
		if err != nil {
			return err
		}
		w["name"] = "{{name}}"
		out = templates(proc, inc, w)
		return nil
	})
	return out, err
}

func templates(proc *procedure.Procedure, inc *incident.Incident, words map[string]string) []Template {
	var out []Template
	for _, r := range proc.Rules {
		m := r.Message
		if m == nil || !r.Severities.Has(inc.Severity) && !r.Severities.Has(inc.Highest) ||
			slices.ContainsFunc(out, func(t Template) bool { return t.Name == m.Text }) {
			continue
		}
		t := Template{Name: m.Text, Content: message.Content{Audience: m.Audience, Channels: m.Channels, Status: m.Status}}
		t.Subject, t.Text = proc.Texts[m.Text].Fill(words)
		out = append(out, t)
	}
	return out
}
