package comms

import (
	"fmt"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/messages"
)

// words are what the texts for customers may name, see message.Known: from what was
// told in public and the times of the impact, never from the internal record.
func (c *Comms) words(tx *store.Tx, inc *incident.Incident, cat *catalog.Catalog, now time.Time) (map[string]string, error) {
	w := map[string]string{"service": message.ComponentName(cat, inc.ServiceID), "status": string(wordFor(inc))}
	if inc.Restricted {
		w["service"] = "our service"
		w["started"], w["ended"], w["duration"], w["story"] = "", "", "", ""
		return w, nil
	}
	p, err := messages.PostOf(tx, inc.ID)
	if err != nil {
		return nil, err
	}
	from, to := inc.DetectedAt, inc.ResolvedAt
	if p != nil {
		from = p.StartedAt
	}
	w["started"], w["ended"] = clockWords(from), "not yet"
	if !to.IsZero() {
		w["ended"] = clockWords(to)
		now = to
	}
	if !from.IsZero() {
		w["duration"] = message.Lasting(now.Sub(from))
	}
	w["story"] = story(p, inc.Tenant != "")
	return w, nil
}

func clockWords(t time.Time) string {
	if t.IsZero() {
		return "an unknown time"
	}
	return t.UTC().Format("15:04 UTC on 2 January 2006")
}

// storyLines bounds a story: a long outage has many updates, and a summary is short.
const storyLines = 20

// story is what was told of it on the page, a line each.
func story(p *message.Post, own bool) string {
	if p == nil {
		return "Nothing was posted on the status page."
	}
	var lines []string
	for _, t := range p.Turns {
		if t.Body == "" || t.Private && !own || t.Status == status.Postmortem {
			continue
		}
		first, _, _ := strings.Cut(strings.TrimSpace(t.Body), "\n")
		lines = append(lines, fmt.Sprintf("%s, %s: %s", t.At.UTC().Format("15:04 UTC"), t.Status, first))
	}
	if n := len(lines) - storyLines; n > 0 {
		lines = append(lines[:storyLines/2:storyLines/2], append([]string{fmt.Sprintf("(%d more)", n)}, lines[len(lines)-storyLines/2:]...)...)
	}
	return strings.Join(lines, "\n")
}

// fill puts the words into what a person wrote.
func (c *Comms) fill(tx *store.Tx, inc *incident.Incident, content *message.Content, now time.Time) error {
	if !strings.Contains(content.Subject+content.Text, "{{") {
		return nil
	}
	cat, err := c.catalog(tx)
	if err != nil {
		return err
	}
	w, err := c.words(tx, inc, cat, now)
	if err != nil {
		return err
	}
	content.Subject, content.Text = message.Fill(content.Subject, w), message.Fill(content.Text, w)
	return nil
}

// correct reads what a message corrects, and has it go where that one went unless
// the writer says otherwise.
func (c *Comms) correct(tx *store.Tx, inc *incident.Incident, content *message.Content) (time.Time, error) {
	if content.Corrects == "" {
		if content.Retracts {
			return time.Time{}, fault.New(fault.Invalid, "what is taken back is not named").With("corrects", "give the id of the message")
		}
		return time.Time{}, nil
	}
	id, err := ident.Parse(content.Corrects)
	if err != nil {
		return time.Time{}, fault.New(fault.Invalid, "message %q is not known", content.Corrects).With("corrects", "give the id of a message of this incident")
	}
	was, err := messages.Peek(tx, id)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return time.Time{}, err
	}
	if err != nil || was.IncidentID != inc.ID || was.State != message.Published {
		return time.Time{}, fault.New(fault.Invalid, "message %s has not gone out about this incident", content.Corrects).With("corrects", "give the id of a message that has; one that waits is changed or cancelled")
	}
	if content.Audience == "" {
		content.Audience = was.Audience
	}
	if len(content.Channels) == 0 {
		content.Channels = was.Channels
	}
	if content.Subject == "" {
		content.Subject = was.Subject
	}
	return was.PublishedAt, nil
}

// ripe refuses to approve what is not finished, and a report that names something
// internal: it stays on the page (FUP-FU-REPORT).
func (c *Comms) ripe(inc *incident.Incident, cat *catalog.Catalog, m *message.Message) error {
	if err := m.Finished(); err != nil {
		return err
	}
	if m.Status != string(status.Postmortem) {
		return nil
	}
	if leaks := message.InternalOf(inc, cat).Leaks(m.Subject + "\n" + m.Text); len(leaks) > 0 {
		return fault.New(fault.Refused, "the report names something internal").With("text", "take out: "+strings.Join(leaks, ", "))
	}
	return nil
}

// byChannel are the moments reached when something is out on a channel.
var byChannel = map[string]string{"social": "social_posted", "forum": "forum_posted", "press": "press_issued", message.SMS: "customers_texted"}

// reached tells of the moments that a published message is.
func (c *Comms) reached(tx *store.Tx, inc *incident.Incident, m *message.Message, now time.Time) error {
	var all []string
	if m.Reaches != "" && (!tellsCustomers(m) || !m.MailedAt.IsZero()) {
		all = append(all, m.Reaches) // with mails: when the last of them is out
	}
	for _, ch := range m.Channels {
		if k := byChannel[ch]; k != "" && (!m.Private || message.Personal(ch)) {
			all = append(all, k)
		}
	}
	if m.Status == string(status.Postmortem) && m.Has(message.StatusPage) {
		k, err := c.reportMoment(tx, inc, m)
		if err != nil {
			return err
		}
		all = append(all, k)
	}
	for _, k := range all {
		if err := c.moment(tx, inc, m, k, now); err != nil {
			return err
		}
	}
	return nil
}

// reportMoment tells the first report from the one that follows the review.
func (c *Comms) reportMoment(tx *store.Tx, inc *incident.Incident, m *message.Message) (string, error) {
	all, err := messages.Of(tx, inc.ID)
	if err != nil {
		return "", err
	}
	for _, o := range all {
		if o.ID != m.ID && o.State == message.Published && o.Status == m.Status && o.Has(message.StatusPage) {
			return "report_completed", nil
		}
	}
	return "report_published", nil
}

func (c *Comms) moment(tx *store.Tx, inc *incident.Incident, m *message.Message, moment string, now time.Time) error {
	return c.emit(tx, now, event.Moment, inc, m, m.PublishedBy, "message", func(d *event.Data) {
		d.Reaches, d.Text = moment, strings.ReplaceAll(moment, "_", " ")+": message "+m.ID.String()
	})
}
