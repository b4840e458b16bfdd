// Package events reads the PagerDuty Events API v2, alert events and change
// events, and answers in its words, so that what sends to PagerDuty sends here
// by changing a URL. It must not know keys, store anything or judge severities.
//
// Sources: developer.pagerduty.com, "Events API v2 Overview", "Send an Alert
// Event", "Send a Change Event".
package events

import (
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "events"

// Change is the endpoint of change events; the empty one takes alert events.
const Change = "change"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{Name: "events", Title: "Events API v2", Source: Name, Docs: "docs/integrations/events-v2.md"},
		Open:     func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	var e envelope
	if err := e.read(in.Body); err != nil {
		return plug.Received{Key: e.key}, err
	}
	var p problems
	if in.KeyInBody && e.key == "" {
		p.add("routing_key", "is missing or blank")
	}
	out := plug.Received{Key: e.key}
	if in.Endpoint == Change {
		p.checkChange(&e)
		if p.err != nil {
			return out, p.err
		}
		out.Changes = []alert.Change{e.change()}
		out.Reply = plug.Reply{Status: 202, Body: []byte(`{"status":"success","message":"Change event processed"}`)}
		return out, nil
	}
	p.check(&e)
	if p.err != nil {
		return out, p.err
	}
	s := e.signal()
	if s.DedupKey == "" {
		s.DedupKey = in.ID
	}
	out.Signals = []alert.Signal{s}
	out.Reply = plug.Reply{Status: 202, Body: processed(s.DedupKey)}
	return out, nil
}

// problems collects what is wrong, as the original does: all of it at once.
type problems struct{ err *fault.Error }

func (p *problems) add(field, what string) {
	if p.err == nil {
		p.err = fault.New(fault.Invalid, "Event object is invalid")
	}
	p.err = p.err.With("/"+strings.ReplaceAll(field, ".", "/"), "'"+field+"' "+what)
}

func (p *problems) need(field, value string) bool {
	if strings.TrimSpace(value) != "" {
		return true
	}
	p.add(field, "is missing or blank")
	return false
}

func (p *problems) check(e *envelope) {
	if p.need("event_action", e.action) {
		switch alert.Action(e.action) {
		case alert.Trigger:
			p.checkTrigger(e)
		case alert.Acknowledge, alert.Resolve:
			p.need("dedup_key", e.dedup)
		default:
			p.add("event_action", "is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')")
		}
	}
	if plug.TooLong(e.dedup, plug.MaxDedup) {
		p.add("dedup_key", "is too long (maximum is 255 characters)")
	}
}

func (p *problems) checkTrigger(e *envelope) {
	if !e.hasPayload {
		p.add("payload", "is missing or blank")
		return
	}
	p.need("payload.summary", e.summary)
	p.need("payload.source", e.source)
	if p.need("payload.severity", e.severity) && !severities(e.severity) {
		p.add("payload.severity", "is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')")
	}
}

// checkChange asks for less: the source is optional for a change.
func (p *problems) checkChange(e *envelope) {
	if !e.hasPayload {
		p.add("payload", "is missing or blank")
		return
	}
	p.need("payload.summary", e.summary)
}

func severities(word string) bool {
	switch word {
	case "critical", "error", "warning", "info":
		return true
	}
	return false
}
