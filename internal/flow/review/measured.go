package review

import (
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/metric"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/review"
	"allclear/internal/store/mentions"
	"allclear/internal/store/samples"
	"allclear/internal/store/tickets"
)

// maxMeasured bounds how many values one rule reads for a review; a rule that needs
// more is left out.
const maxMeasured = 200_000

// longest is the longest stretch of which metrics are read.
const longest = 7 * 24 * time.Hour

// technical measures the metrics of the touched services before, during and after
// (PIR-IMM-IMP-3).
func (s *scene) technical(spans review.Spans) ([]review.Degradation, error) {
	if spans.During.Until.Sub(spans.During.From) > longest {
		spans.During.From = spans.During.Until.Add(-longest)
	}
	return review.Degradations(s.proc.Metrics, spans, func(r *procedure.MetricRule, in incident.Span) ([]metric.Series, error) {
		names := []string{r.Metric}
		if r.Total != "" {
			names = append(names, r.Total)
		}
		var out []metric.Series
		for _, service := range s.inc.Services() {
			all, err := samples.Read(s.tx, samples.Filter{Names: names, Service: service, Most: maxMeasured}, in.From.Add(-metric.Reach(r)), in.Until)
			if fault.Is(err, fault.Refused) {
				continue // it reads too much: nothing is said of it
			}
			if err != nil {
				return nil, err
			}
			out = append(out, all...)
		}
		return out, nil
	})
}

// maxSaid bounds what is read of what was said from outside.
const maxSaid = 500

// mood listens to tickets, mentions and feedback before, during and after
// (PIR-IMM-IMP-4).
func (s *scene) mood(in incident.Span) (review.Moods, error) {
	var said []review.Said
	end := in.Until.Add(review.MoodSpan(in))
	about := func(service string, incident ident.ID) bool { // what names no service may be about any
		return incident == s.inc.ID || incident == 0 && (service == "" || slices.Contains(s.inc.Services(), service))
	}
	written, err := mentions.List(s.tx, mentions.Filter{Before: ident.At(end), Limit: maxSaid})
	if err != nil {
		return review.Moods{}, err
	}
	for _, m := range written {
		if m.State == mentions.Dismissed || !about(m.Service, m.Incident) {
			continue
		}
		at := m.At
		if at.IsZero() {
			at = m.FoundAt
		}
		said = append(said, review.Said{At: at, Kind: "mention", Text: m.Title + " " + m.Text})
	}
	asked, err := tickets.List(s.tx, tickets.Filter{Before: ident.At(end), Limit: maxSaid})
	if err != nil {
		return review.Moods{}, err
	}
	for _, t := range asked {
		if about(t.ServiceID, t.IncidentID) {
			said = append(said, review.Said{At: t.CreatedAt, Kind: "ticket", Text: t.Subject + " " + t.Text})
		}
	}
	for _, f := range s.rev.Feedback {
		said = append(said, review.Said{At: f.At, Kind: "feedback", Text: f.Good + " " + f.Bad})
	}
	return review.Listen(said, in), nil
}
