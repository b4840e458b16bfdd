package listen

import (
	"fmt"
	"slices"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/event"
	"allclear/internal/domain/mention"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/mentions"
)

// Source is the source of every alert from here.
const Source = "mentions"

const (
	// fade ends the alert of a spike when no other has come.
	fade = time.Hour
	// late is how long ago something may have been written that is found now and
	// still says how things are.
	late     = 30 * time.Minute
	maxLinks = 20
)

// spike raises the one alert of a service when enough complain within a time of
// each other and one of them is fresh.
func (l *Listen) spike(tx *store.Tx, service string, n int, within time.Duration, fresh map[string]bool, now time.Time) error {
	if service == "" || len(fresh) == 0 {
		return nil
	}
	all, err := mentions.Complaints(tx, service, now.Add(-late-within), now)
	if err != nil {
		return err
	}
	seen := make([]mention.Seen, len(all))
	for i, m := range all {
		seen[i] = mention.Seen{At: m.At, Fresh: fresh[m.ID.String()] && now.Sub(m.At) <= late}
	}
	i, j, ok := mention.Spike(seen, n, within)
	if !ok {
		return nil
	}
	all = all[i:j]
	s := signal(service, all, within, now)
	if err := l.o.Raise(tx, service, Source, []alert.Signal{s}, now); err != nil {
		return fmt.Errorf("raise a spike of mentions of %s: %w", service, err)
	}
	key := alerts.Key{ServiceID: service, DedupKey: s.DedupKey}
	found, err := alerts.Find(tx, []alerts.Key{key})
	if err != nil || found[key] == nil || found[key].IncidentID == 0 { // held back: nobody is told
		return err
	}
	return l.told(tx, found[key], all, s.Summary, now)
}

// told ties the mentions to the incident, and lets the procedure say who hears of
// it, once for each run of the alert.
func (l *Listen) told(tx *store.Tx, a *alert.Alert, all []*mentions.Mention, text string, now time.Time) error {
	inc, err := incidents.Peek(tx, a.IncidentID)
	if err != nil {
		return err
	}
	for _, m := range all {
		if m.Incident == 0 {
			m.Incident = inc.ID
			if err := mentions.Update(tx, m); err != nil {
				return err
			}
		}
	}
	if a.Count > 1 && !a.FirstAt.Equal(now) {
		return nil
	}
	return l.bus.Emit(tx, now, event.Event{
		IncidentID: inc.ID, Kind: event.MentionSpike, Source: Source, Restricted: inc.Restricted,
		Data: event.Data{Text: text, Alert: a.ID.String(), Severity: inc.Severity.String(), Number: inc.Number, Clauses: []string{"CRI-SOC-TW"}},
	})
}

// signal puts a spike in the words of a source, with links to what was written.
func signal(service string, all []*mentions.Mention, within time.Duration, now time.Time) alert.Signal {
	s := alert.Signal{
		Source: Source, Action: alert.Trigger, DedupKey: "mentions/spike/" + service, Severity: "warning", Suggests: procedure.P3, Class: "mention_spike",
		Summary:   fmt.Sprintf("%d complaints in public within %s", len(all), span(within)),
		StartedAt: all[0].At, EndsAt: now.Add(fade), Labels: map[string]string{},
	}
	var sources, texts []string
	for _, m := range all {
		if !slices.Contains(sources, m.Source) {
			sources = append(sources, m.Source)
		}
		words := m.Title
		if words == "" {
			words = m.Text
		}
		if rs := []rune(words); len(rs) > 120 {
			words = string(rs[:120]) + "\u2026"
		}
		texts = append(texts, words)
		if m.Link != "" && len(s.Links) < maxLinks {
			s.Links = append(s.Links, alert.Link{Href: m.Link, Text: words})
		}
	}
	s.Labels["sources"] = fmt.Sprint(len(sources))
	s.Details = map[string]any{"sources": sources, "texts": texts[:min(len(texts), maxLinks)], "complaints": len(all)}
	return s
}

// span is a time in words.
func span(d time.Duration) string {
	if d%time.Minute == 0 {
		if d == time.Minute {
			return "a minute"
		}
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	}
	return d.String()
}
