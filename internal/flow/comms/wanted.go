package comms

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/messages"
)

// onWanted answers a rule, or another flow, that wants something told.
func (c *Comms) onWanted(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Get(tx, e.IncidentID)
	if err != nil {
		return err
	}
	earlier, err := messages.Of(tx, inc.ID)
	if err != nil {
		return err
	}
	key := keyOf(&e.Data)
	if answered(earlier, key) || moot(inc, earlier, e.Data.Unless) {
		return nil
	}
	cat, err := c.catalog(tx)
	if err != nil {
		return err
	}
	now := e.RecordedAt
	m, err := c.written(tx, inc, cat, e, now)
	if err != nil {
		return err
	}
	if nobody, err := c.unasked(tx, inc, cat, m, now); nobody || err != nil {
		return err
	}
	held := holds(inc, m, e)
	if twin := sameDraft(earlier, m); twin != nil {
		// The draft that waited says the same: it is what goes out.
		twin.Keys = append(twin.Keys, key)
		if held == "" {
			twin.Clauses = m.Clauses // of the rule that lets it out, not of the draft
		}
		if held != "" {
			return messages.Update(tx, twin)
		}
		m = twin
	} else if err := c.file(tx, inc, m, held, now); err != nil || held != "" {
		return err
	}
	if m.State == message.Draft {
		if err := m.Approve(e.Actor, ""); err != nil {
			return err
		}
	}
	return c.publish(tx, inc, cat, m, e.Actor, "rule", now)
}

// unasked reports whether a rule would send text messages that no customer asked for:
// then there is nothing to approve and nothing to tell.
func (c *Comms) unasked(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, m *message.Message, now time.Time) (bool, error) {
	if len(m.Channels) != 1 || !m.Has(message.SMS) || message.Inside(m.Audience) {
		return false, nil
	}
	look := *m
	texts, err := c.personal(tx, inc, cat, &look, message.SMS, now)
	return len(texts) == 0 && look.OptedOut == 0 && look.Beyond == 0, err
}

// keyOf names one firing of a rule. A rule that runs every time gives each
// run a round or a reference.
func keyOf(d *event.Data) string {
	if d.Rule == "" {
		return ""
	}
	return fmt.Sprintf("%s/%d/%s", d.Rule, d.Round, d.Ref)
}

func answered(earlier []*message.Message, key string) bool {
	return key != "" && slices.ContainsFunc(earlier, func(m *message.Message) bool { return slices.Contains(m.Keys, key) })
}

// moot reports whether the moment that makes a message needless has come.
func moot(inc *incident.Incident, earlier []*message.Message, moment string) bool {
	if moment == "" {
		return false
	}
	if _, ok := inc.Reached[moment]; ok {
		return true
	}
	channel := map[string]string{"status_posted": message.StatusPage, "customers_mailed": message.Email}[moment]
	return channel != "" && slices.ContainsFunc(earlier, func(m *message.Message) bool {
		return m.State == message.Published && m.Has(channel)
	})
}

// written makes the message of an event. Nobody reads it before it goes out,
// so internal words are taken out here.
func (c *Comms) written(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, e *event.Event, now time.Time) (*message.Message, error) {
	in := message.InternalOf(inc, cat)
	d := &e.Data
	words, err := c.words(tx, inc, cat, now)
	if err != nil {
		return nil, err
	}
	m := &message.Message{
		IncidentID: inc.ID, State: message.Draft, Purpose: d.Rule, Author: e.Actor, CreatedAt: now, Clauses: d.Clauses,
		Private:     d.Private || inc.Tenant != "", // INV-S4
		Contractual: d.Contractual, Document: d.Document,
		Content: message.Content{
			Audience: d.Audience, Channels: slices.Clone(d.Channels), Status: d.Status,
			Subject: in.Neutral(message.Fill(d.Subject, words)), Text: in.Neutral(message.Fill(d.Text, words)),
		},
		Reaches: d.Reaches,
	}
	if m.Purpose == "" {
		m.Purpose = message.PurposeUpdate
	}
	if key := keyOf(d); key != "" {
		m.Keys = []string{key}
	}
	if m.Has(message.StatusPage) && m.Status == "" {
		m.Status = string(wordFor(inc))
	}
	return m, nil
}

// holds says why a message waits for a person, empty when it does not.
func holds(inc *incident.Incident, m *message.Message, e *event.Event) string {
	switch err := m.Validate(); {
	case inc.Restricted || e.Restricted:
		return "the incident is restricted: Legal approves and publishes"
	case err != nil:
		// One bad text of a procedure must not undo what the rule hangs on.
		return err.Error()
	case e.Data.Draft:
		return "waits for approval"
	}
	return nowhere(inc, m)
}

func sameDraft(earlier []*message.Message, m *message.Message) *message.Message {
	for _, o := range earlier {
		if o.Waiting() && o.Author == m.Author && o.Hash() == m.Hash() {
			return o
		}
	}
	return nil
}

// file writes a new message and, when it waits, says so.
func (c *Comms) file(tx *store.Tx, inc *incident.Incident, m *message.Message, held string, now time.Time) error {
	m.Held = held
	if err := messages.Insert(tx, m); err != nil || held == "" {
		return err
	}
	return c.emit(tx, now, event.MessageDrafted, inc, m, m.Author, "rule", func(d *event.Data) { d.Outcome, d.Draft = held, true })
}

// wordFor is the status page's word for where the incident is.
func wordFor(inc *incident.Incident) status.IncidentStatus {
	switch inc.Status {
	case incident.Mitigated, incident.Monitoring:
		return status.Monitoring
	case incident.Resolved, incident.Closed:
		return status.Resolved
	case incident.Triage, incident.Investigating:
	}
	return status.Investigating
}

// onSeverity moves the components of an open post to the new impact. Of a
// restricted incident nothing moves by itself.
func (c *Comms) onSeverity(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Get(tx, e.IncidentID)
	if err != nil || inc.Restricted {
		return err
	}
	p, err := messages.PostOf(tx, inc.ID)
	if err != nil || p == nil {
		return err
	}
	impact, err := c.impact(tx, inc, p)
	if err != nil || !p.Move(impact, e.RecordedAt) {
		return err
	}
	if err := messages.SavePost(tx, p, e.RecordedAt); err != nil {
		return err
	}
	return c.recopy(tx, inc, p, e.RecordedAt)
}

// onOver takes back what waited for approval and has been overtaken.
func (c *Comms) onOver(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Get(tx, e.IncidentID)
	if err != nil {
		return err
	}
	_, err = c.sweep(tx, inc, e.RecordedAt)
	return err
}

// sweep cancels the software's own waiting messages about an incident that is
// over, and those that people had scheduled; what else people wrote stays theirs. It returns all messages.
func (c *Comms) sweep(tx *store.Tx, inc *incident.Incident, now time.Time) ([]*message.Message, error) {
	all, err := messages.Of(tx, inc.ID)
	if err != nil {
		return nil, err
	}
	for _, m := range all {
		over := m.Status == string(status.Resolved) || m.Status == string(status.Postmortem)
		if !m.Waiting() || m.Author != event.System && m.PublishAt.IsZero() || over {
			continue
		}
		if err := c.discard(tx, inc, m, event.System, "rule", "the incident is over", now); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (c *Comms) discard(tx *store.Tx, inc *incident.Incident, m *message.Message, by, source, why string, now time.Time) error {
	if err := m.Cancel(); err != nil {
		return err
	}
	if err := c.unschedule(tx, m); err != nil {
		return err
	}
	if err := messages.Update(tx, m); err != nil {
		return err
	}
	return c.emit(tx, now, event.MessageCancelled, inc, m, by, source, func(d *event.Data) { d.Outcome = why })
}

// onMerged hands the post over to the incident that goes on, or closes it when
// that one has a post of its own.
func (c *Comms) onMerged(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Get(tx, e.IncidentID)
	if err != nil || inc.MergedInto == 0 {
		return err
	}
	if _, err := c.sweep(tx, inc, e.RecordedAt); err != nil {
		return err
	}
	p, err := messages.PostOf(tx, inc.ID)
	if err != nil || p == nil || !p.Open() {
		return err
	}
	other, err := messages.PostOf(tx, inc.MergedInto)
	if err != nil {
		return err
	}
	if other == nil {
		return messages.HandPost(tx, p, inc.MergedInto, e.RecordedAt)
	}
	text := fmt.Sprintf("We go on reporting about this under \"%s\".", other.Title)
	if other.Private && !p.Private {
		text = "We have closed this report."
	}
	return c.say(tx, inc, e.RecordedAt, message.PurposeMerged, message.Content{
		Audience: message.Public, Channels: []string{message.StatusPage}, Status: string(status.Resolved), Subject: p.Title, Text: text,
	})
}

// onDismissed corrects what customers were told about a false positive, unless
// the procedure has a rule of its own for it.
func (c *Comms) onDismissed(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Get(tx, e.IncidentID)
	if err != nil {
		return err
	}
	all, err := c.sweep(tx, inc, e.RecordedAt)
	if err != nil {
		return err
	}
	content := message.Content{Audience: message.Public, Status: string(status.Resolved)}
	for _, m := range all {
		if m.State != message.Published {
			continue
		}
		for _, ch := range m.Channels {
			if !slices.Contains(content.Channels, ch) {
				content.Channels = append(content.Channels, ch)
			}
		}
		if slices.ContainsFunc(m.Channels, message.Addressed) {
			content.Audience = m.Audience // those who were addressed hear the end of it
		}
	}
	proc, err := c.shelf.Get(tx, inc.Procedure)
	if err != nil || len(content.Channels) == 0 {
		return err
	}
	for _, r := range proc.Rules {
		if r.On == "dismissed" && r.Message != nil {
			return nil
		}
	}
	cat, err := c.catalog(tx)
	if err != nil {
		return err
	}
	component := message.ComponentName(cat, inc.ServiceID)
	content.Subject = "False alarm about " + component
	content.Text = "We reported a problem with " + component + ". It was a false alarm: there was none. We are sorry for the confusion."
	if t, ok := proc.Texts[message.PurposeRetraction]; ok {
		content.Subject, content.Text = t.Fill(map[string]string{"service": component, "status": content.Status})
	}
	return c.say(tx, inc, e.RecordedAt, message.PurposeRetraction, content)
}

// say publishes a text of the software itself, once per incident and purpose.
func (c *Comms) say(tx *store.Tx, inc *incident.Incident, now time.Time, purpose string, content message.Content) error {
	e := event.Event{
		IncidentID: inc.ID, Kind: event.MessageWanted, Actor: event.System, At: now, RecordedAt: now, Restricted: inc.Restricted,
		Data: event.Data{
			Rule: purpose, Audience: content.Audience, Channels: content.Channels, Status: content.Status,
			Subject: content.Subject, Text: content.Text,
		},
	}
	return fault.Wrap(fault.Internal, c.onWanted(tx, &e), "tell the "+purpose)
}
