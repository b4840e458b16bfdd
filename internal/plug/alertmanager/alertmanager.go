// Package alertmanager reads what Prometheus, vmalert and amtool post to an
// Alertmanager (API v2) and what Alertmanager itself posts to a webhook (version
// 4, and 3 before it). It must not keep alerts or silences: the edge answers
// questions about them from what intake has stored.
//
// Sources: prometheus/alertmanager api/v2/openapi.yaml and api/v2/api.go;
// prometheus.io, "Configuration", <webhook_config>.
package alertmanager

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "alertmanager"

// Alerts is the endpoint POST /api/v2/alerts; the empty one is the webhook.
const Alerts = "alerts"

const (
	// maxBody is larger than elsewhere: vmalert posts all alerts of a group in
	// one call, and a refused call is not sent again.
	maxBody = 4 << 20
	// resolveTimeout is how long an alert stands that was posted to the API
	// without an end and is not posted again (Alertmanager's default).
	resolveTimeout = 5 * time.Minute
)

const sample = `{
  "version": "4", "groupKey": "{}:{alertname=\"DiskFull\"}", "truncatedAlerts": 0, "status": "firing", "receiver": "allclear",
  "groupLabels": {"alertname": "DiskFull"}, "commonLabels": {"alertname": "DiskFull"}, "commonAnnotations": {}, "externalURL": "https://alertmanager.example.net",
  "alerts": [{
    "status": "firing", "labels": {"alertname": "DiskFull", "instance": "db-1:9100", "severity": "critical"}, "annotations": {"summary": "The disk of db-1 is full", "runbook_url": "https://runbook.example.net/disk"},
    "startsAt": "2026-03-02T03:04:05Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "https://prometheus.example.net/graph", "fingerprint": "57c6d9296de2ad39"
  }]
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Prometheus Alertmanager", Source: Name, MaxBody: maxBody, Docs: "docs/integrations/alertmanager.md", Sample: sample,
			Setup: []string{
				"In alertmanager.yml add a receiver:\nreceivers:\n- name: allclear\n  webhook_configs:\n  - url: {url}\n    send_resolved: true",
				"Where the hook has a secret, add to the webhook:\n    http_config: {authorization: {credentials: \"{secret}\"}}",
				"Route to it what is to arrive: receiver: allclear. Then reload Alertmanager.",
				"Without an Alertmanager: Prometheus and vmalert can take this installation for one, with the path prefix /alertmanager/{key} (docs/integrations/alertmanager.md).",
			},
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	if err := in.CheckShared(); err != nil {
		return plug.Received{}, err
	}
	p := parser{now: in.Now, api: in.Endpoint == Alerts}
	j := in.JSON()
	switch {
	case p.api, j.Kind() == '[':
		if !j.Array(plug.MaxItems, func(int) { p.take(j) }) {
			j.Fail("must be an array of alerts")
		}
	default:
		p.webhook(j)
	}
	if err := j.End(); err != nil {
		return plug.Received{}, err
	}
	return p.received()
}

// parser collects the alerts of one call.
type parser struct {
	now         time.Time
	api         bool // POST /api/v2/alerts: an alert without an end times out
	status      string
	externalURL string
	items       []item
	listed      bool // the webhook had a list of alerts
}

// webhook reads the envelope of version 3 and 4. A single alert without an
// envelope, which some forwarders send, is read as one.
func (p *parser) webhook(j *plug.JSON) {
	var bare item
	ok := j.Object(func(name []byte) {
		switch string(name) {
		case "alerts":
			p.items = nil
			p.listed = j.Array(plug.MaxItems, func(int) { p.take(j) })
		case "externalURL":
			p.externalURL = scalar(j)
		case "status":
			p.status = scalar(j)
			bare.status = p.status
		default:
			bare.loose(j, string(name))
		}
	})
	if !ok {
		j.Fail("must be an object or an array of alerts")
	}
	if !p.listed && j.Err() == nil {
		if bare.labels == nil {
			j.Fail("needs a list of alerts, or an alert's labels")
			return
		}
		p.items = []item{bare}
	}
}

func (p *parser) take(j *plug.JSON) {
	var it item
	field := it.loose
	if p.api {
		field = it.field
	}
	if !j.Object(func(name []byte) { field(j, string(name)) }) {
		j.Fail("must be an object")
	}
	p.items = append(p.items, it)
}

// received turns items into signals. One that is no use is refused alone and
// its neighbours stand (INV-I5), as in Alertmanager.
func (p *parser) received() (plug.Received, error) {
	out := plug.Received{Signals: make([]alert.Signal, 0, len(p.items))}
	for i := range p.items {
		it := &p.items[i]
		if what := it.settle(p); what != "" {
			out.Refused = append(out.Refused, fault.Detail{Where: p.where(i), What: what})
			continue
		}
		out.Signals = append(out.Signals, it.signal(p))
	}
	if len(out.Refused) > 0 && !p.api {
		if len(out.Signals) == 0 {
			e := fault.New(fault.Invalid, "no alert in the body can be used")
			e.Details = out.Refused
			return plug.Received{}, e
		}
		return out, nil
	}
	if p.api {
		out.Reply = reply(out.Refused)
	}
	return out, nil
}

func (p *parser) where(i int) string {
	if !p.api && !p.listed {
		return "/"
	}
	b := "/"
	if !p.api {
		b = "/alerts/"
	}
	return b + strconv.Itoa(i)
}

// reply is Alertmanager's: 200 without a body, or 400 with a JSON string that
// says what is wrong although the other alerts were taken.
func reply(refused []fault.Detail) plug.Reply {
	if len(refused) == 0 {
		return plug.Reply{Status: 200}
	}
	var b strings.Builder
	for i, d := range refused {
		const shown = 20
		if i == shown {
			b.WriteString("; and others")
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(d.Where + " " + d.What)
	}
	doc, _ := json.Marshal(b.String())
	return plug.Reply{Status: 400, Body: doc}
}
