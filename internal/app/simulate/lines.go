package simulate

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
)

// line is one object of simulate's output. The order of the fields is part of
// "byte for byte the same".
type line struct {
	At       string   `json:"at"`
	Time     string   `json:"time"`
	Kind     string   `json:"kind"`
	Incident int64    `json:"incident,omitempty"`
	Alert    string   `json:"alert,omitempty"`
	Severity string   `json:"severity,omitempty"`
	To       string   `json:"to,omitempty"`
	Channel  string   `json:"channel,omitempty"`
	Step     int      `json:"step,omitempty"`
	Clock    string   `json:"clock,omitempty"`
	Due      string   `json:"due,omitempty"`
	Outcome  string   `json:"outcome,omitempty"`
	Text     string   `json:"text,omitempty"`
	Clauses  []string `json:"clauses,omitempty"`
}

const readAtOnce = 1000

// print writes what the record has gained.
func (t *trial) print(ctx context.Context) error {
	for {
		var es []event.Event
		err := t.db.View(ctx, func(tx *store.Tx) (err error) {
			if es, err = events.After(tx, t.seen, readAtOnce); err != nil {
				return err
			}
			return t.learn(tx, es)
		})
		if err != nil {
			return err
		}
		for i := range es {
			for _, l := range t.lines(&es[i]) {
				if err := t.out.Encode(l); err != nil {
					return err
				}
			}
			t.seen = es[i].ID
		}
		if len(es) < readAtOnce {
			return nil
		}
	}
}

// learn notes the numbers of incidents that entries are about: an entry of a
// message counts recipients where others carry the incident's number.
func (t *trial) learn(tx *store.Tx, es []event.Event) error {
	for i := range es {
		id := es[i].IncidentID
		if _, known := t.numbers[id]; known || id == 0 {
			continue
		}
		inc, err := incidents.Peek(tx, id)
		if err != nil {
			return err
		}
		t.numbers[id] = inc.Number
	}
	return nil
}

// lines turns an entry into what the contract prints; nothing for entries that
// only the console shows.
func (t *trial) lines(e *event.Event) []line {
	d := &e.Data
	l := line{
		At: e.At.Sub(t.s.Start).String(), Time: e.At.Format(time.RFC3339Nano), Incident: t.numbers[e.IncidentID], Severity: d.Severity,
		Step: d.Step, Text: d.Text, Clauses: d.Clauses,
	}
	as := func(kind string, change func(*line)) []line {
		l.Kind = kind
		if change != nil {
			change(&l)
		}
		return []line{l}
	}
	actor := func(l *line) { l.To = cmp.Or(d.Owner, e.Actor); l.Channel = d.Channel }
	switch e.Kind {
	case event.AlertTriggered, event.AlertRecovered, event.AlertAcknowledged:
		return as("alert", func(l *line) { l.Alert, l.Outcome = d.Alert, d.Status })
	case event.Opened:
		return as("incident", func(l *line) { l.Outcome = "triage" })
	case event.Declared:
		return as("incident", func(l *line) { l.Outcome = "declared" })
	case event.Mitigated:
		return as("incident", func(l *line) { l.Outcome = "mitigated" })
	case event.Monitoring:
		return as("incident", func(l *line) { l.Outcome = "monitoring" })
	case event.Closed, event.Dismissed, event.Merged:
		return as("incident", func(l *line) { l.Outcome = "closed" })
	case event.Acknowledged:
		if d.Outcome != "" {
			return nil
		}
		return as("ack", actor)
	case event.Engaged:
		return as("engage", actor)
	case event.SeverityChanged:
		return as("severity", func(l *line) { l.Outcome = d.From })
	case event.WarRoomActive:
		return as("war_room", func(l *line) { l.Outcome = "active" })
	case event.ResolvedKind:
		return as("resolve", actor)
	case event.DeadlineWarned, event.DeadlineMet, event.DeadlineBreached:
		return as(string(e.Kind), func(l *line) { l.To, l.Clock, l.Due = d.Subject, d.Clock, t.offset(d.Due) })
	case event.Paged:
		return as("page", func(l *line) { l.To, l.Channel, l.Text = d.To, d.Channel, d.Subject })
	case event.Delivered, event.Undelivered:
		return as("delivery", func(l *line) {
			outcome := "sent"
			if e.Kind == event.Undelivered {
				outcome = "failed"
			}
			l.To, l.Channel, l.Outcome = cmp.Or(d.To, d.Audience), d.Channel, cmp.Or(d.Outcome, outcome)
		})
	case event.PageFailed:
		return as("note", func(l *line) { l.To, l.Channel, l.Outcome = d.To, d.Channel, "undeliverable" })
	case event.Noticed:
		return as("notice", func(l *line) { l.To, l.Channel, l.Text = d.To, d.Channel, d.Subject })
	case event.TaskOpened:
		return as("task", func(l *line) {
			l.To = cmp.Or(d.To, d.Owner)
			if d.Due != 0 {
				l.Due = t.offset(d.Due)
			}
		})
	case event.Automatic, event.Restricted:
		return as("note", nil)
	case event.MessagePublished:
		return t.published(e, l)
	default:
		return nil
	}
}

// published is one line for each channel, after one for the person's update.
func (t *trial) published(e *event.Event, l line) []line {
	var out []line
	l.To = e.Data.Audience
	if e.Actor != event.System && e.Data.Rule == "" {
		u := l
		u.Kind = "update"
		out = append(out, u)
	}
	for _, ch := range e.Data.Channels {
		m := l
		m.Kind, m.Channel, m.Outcome = "message", ch, e.Data.Status
		out = append(out, m)
	}
	return out
}

func (t *trial) offset(us int64) string { return time.UnixMicro(us).Sub(t.s.Start).String() }

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
