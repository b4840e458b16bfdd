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

const example = `{
  "routing_key": "0123456789abcdef0123456789abcdef", "event_action": "trigger", "dedup_key": "db-1/disk",
  "payload": {"summary": "The disk of db-1 is full", "source": "db-1", "severity": "critical", "component": "postgres", "group": "storage", "class": "disk", "timestamp": "2026-03-02T03:04:05Z", "custom_details": {"free": "1 %"}},
  "links": [{"href": "https://runbook.example.net/disk", "text": "Runbook"}], "client": "Probe"
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "events", Title: "Events API v2", Source: Name, Path: "/v2/enqueue", Docs: "docs/integrations/events-v2.md", Sample: example,
			Setup: []string{
				"Where your tool has PagerDuty as an integration, choose that, or set it up as the contact point for PagerDuty.",
				"Integration key, or routing key: {key}",
				"The address of the API, in place of https://events.pagerduty.com/v2/enqueue: {url}",
				"To try it from a terminal:\ncurl -sS {url} -H 'Content-Type: application/json' -d '{\"routing_key\":\"{key}\",\"event_action\":\"trigger\",\"dedup_key\":\"test\",\"payload\":{\"summary\":\"A test\",\"source\":\"terminal\",\"severity\":\"info\"}}'",
			},
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	var e envelope
	err := e.read(in.JSON())
	if e.key == "" && in.KeyInBody { // where PagerDuty's own Python client has put it
		e.key = strings.TrimSpace(in.Header.Get("X-Routing-Key"))
	}
	if err != nil {
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
