package board

import (
	"context"
	"regexp"
	"strings"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
)

// PayloadFilter narrows a list of payloads; empty fields do not.
type PayloadFilter struct {
	Source  string
	Service string
	Refused bool     // only those nothing could be made of
	Before  ident.ID // ids below this one; 0 for the newest
	Limit   int
}

// Payload is what came in by a hook, fit to show.
type Payload struct {
	ID                          ident.ID
	Source, ServiceID, DedupKey string
	ReceivedAt                  time.Time
	Problem                     string
	Text                        string
	Altered                     bool // Text is not the body, byte for byte
}

// Payloads lists payloads as they came in, newest first, for whoever sets up
// sources. next goes on where the list ended; it is zero at the end. What came
// in for a service since it has an incident that the actor may not know of is
// left out: it would tell what the incident is about.
func (b *Board) Payloads(ctx context.Context, a authz.Actor, f PayloadFilter) (out []Payload, next ident.ID, err error) {
	if err := authz.Can(a, authz.ManageAccess, authz.Resource{Kind: "payload"}); err != nil {
		return nil, 0, err
	}
	err = b.look(ctx, a, func(s *sight) error {
		since, err := s.hiddenSince()
		if err != nil {
			return err
		}
		found, end, err := alerts.Payloads(s.tx, alerts.PayloadFilter{Source: f.Source, Service: f.Service, Refused: f.Refused, Hidden: since, Before: f.Before, Limit: f.Limit})
		for _, r := range found {
			out = append(out, shown(r))
		}
		next = end
		return err
	})
	return out, next, err
}

// hiddenSince says from when on payloads of a service are not for the actor.
func (s *sight) hiddenSince() (map[string]time.Time, error) {
	since := map[string]time.Time{}
	if len(s.hidden) == 0 {
		return since, nil
	}
	earlier := func(service string, at time.Time) {
		if was, ok := since[service]; !ok || at.Before(was) {
			since[service] = at
		}
	}
	for _, id := range s.hidden {
		i, err := incidents.Peek(s.tx, id)
		if err != nil {
			return nil, err
		}
		earlier(i.ServiceID, i.DetectedAt)
	}
	first, err := alerts.FirstOf(s.tx, s.hidden)
	for service, at := range first {
		earlier(service, at)
	}
	return since, err
}

// credential finds integration keys that a protocol carries in its body
// (INV-A5).
var credential = regexp.MustCompile(`(?i)("(?:routing_key|service_key|integration_key|api_key|token|secret|password)"\s*:\s*")[^"]*"`)

func shown(r alerts.Stored) Payload {
	body := string(r.Body)
	text := strings.ToValidUTF8(strings.ReplaceAll(body, "\x00", ""), "")
	text = credential.ReplaceAllString(text, `$1••••"`)
	return Payload{
		ID: r.ID, Source: r.Source, ServiceID: r.ServiceID, DedupKey: r.DedupKey, ReceivedAt: r.ReceivedAt, Problem: r.Problem,
		Text: text, Altered: text != body,
	}
}
