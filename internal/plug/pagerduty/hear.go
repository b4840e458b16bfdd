package pagerduty

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// webhook is the part of a webhook v3 event that is read.
type webhook struct {
	id, kind string
	at       time.Time
	agent    string // name of who did it
	agentID  string
	incident
}

type incident struct {
	id, key, title, status, link string
	urgency, priority, service   string
}

func (w *webhook) read(j *plug.JSON) error {
	found := false
	ok := j.Object(func(name []byte) {
		if string(name) == "event" {
			found = j.Object(func(name []byte) { w.field(j, string(name)) })
		}
	})
	if !ok {
		j.Fail("must be an object")
	}
	if err := j.End(); err != nil {
		return err
	}
	if !found || w.kind == "" {
		return fault.New(fault.Invalid, "the body is no webhook v3 event of PagerDuty").With("/event/event_type", "is missing")
	}
	if _, tells := actions[w.kind]; tells && w.incident.id == "" {
		return fault.New(fault.Invalid, "the event is about no incident").With("/event/data/id", "is missing")
	}
	return nil
}

func (w *webhook) field(j *plug.JSON, name string) {
	switch name {
	case "id":
		w.id = j.Text()
	case "event_type":
		w.kind = j.Text()
	case "occurred_at":
		w.at = j.Time()
	case "agent":
		w.agentID, w.agent = reference(j)
	case "data":
		w.incident = incident{}
		members(j, func(name []byte) { w.incident.field(j, string(name)) })
	}
}

func (i *incident) field(j *plug.JSON, name string) {
	switch name {
	case "id":
		i.id = word(j)
	case "incident_key":
		i.key = word(j)
	case "title":
		i.title = word(j)
	case "status":
		i.status = word(j)
	case "html_url":
		i.link = plug.WebURL(word(j))
	case "urgency":
		i.urgency = word(j)
	case "priority":
		_, i.priority = reference(j)
	case "service":
		_, i.service = reference(j)
	case "incident": // of annotations and status updates: a reference
		members(j, func(name []byte) {
			switch string(name) {
			case "id":
				i.id = word(j)
			case "summary":
				i.title = word(j)
			}
		})
	}
}

// reference reads the id and the name in a reference.
func reference(j *plug.JSON) (id, name string) {
	members(j, func(key []byte) {
		switch string(key) {
		case "id":
			id = word(j)
		case "summary":
			name = word(j)
		}
	})
	return id, name
}

// word and members read what is as documented and pass over anything else: events
// that are not read at all must not be refused for it.
func word(j *plug.JSON) string {
	if j.Kind() != '"' {
		return ""
	}
	return j.Text()
}

func members(j *plug.JSON, field func(name []byte)) {
	if j.Kind() == '{' {
		j.Object(field)
	}
}

// by is who did it, as well as can be told: webhooks carry no mail address.
func (p *PagerDuty) by(w *webhook) string {
	if address, ok := p.users[w.agentID]; ok {
		return address
	}
	return plug.Line(w.agent, plug.MaxWord)
}

// Hear implements plug.Callback.
func (p *PagerDuty) Hear(in plug.Inbound) (plug.Heard, error) {
	signed, err := p.check(in)
	if err != nil {
		return plug.Heard{}, err
	}
	var w webhook
	if err := w.read(in.JSON()); err != nil {
		return plug.Heard{}, err
	}
	token, page := p.paged(&w.incident)
	ref, ours := p.ours(&w.incident)
	switch {
	case (page || ours) && !signed: // anybody could have sent it
		return plug.Heard{}, nil
	case page:
		return plug.Heard{Answers: w.answer(token, p.by(&w))}, nil
	case ours:
		return plug.Heard{Words: w.word(ref, p.by(&w))}, nil
	}
	return plug.Heard{Signals: w.signals()}, nil
}

// Respond implements plug.Callback: PagerDuty wants any 2xx.
func (p *PagerDuty) Respond(plug.Heard, []plug.Result) plug.Reply {
	return plug.Reply{Status: 202, Body: []byte(`{"status":"success"}`)}
}

// check looks for one good signature among those of the header (two during a
// rotation of the secret there). signed is false where no secret is known.
func (p *PagerDuty) check(in plug.Inbound) (signed bool, err error) {
	secrets := append(in.Secrets(), p.signing...)
	if len(secrets) == 0 {
		return false, nil
	}
	for _, given := range strings.Split(in.Header.Get("X-PagerDuty-Signature"), ",") {
		text, ok := strings.CutPrefix(strings.TrimSpace(given), "v1=")
		want, err := hex.DecodeString(text)
		if !ok || err != nil {
			continue
		}
		for _, s := range secrets {
			mac := hmac.New(sha256.New, []byte(s.Reveal()))
			mac.Write(in.Body)
			signed = hmac.Equal(want, mac.Sum(nil)) || signed
		}
	}
	if !signed {
		return false, fault.New(fault.Unauthenticated, "the signature of this webhook is missing or wrong")
	}
	return true, nil
}

// ours is the incident a copy belongs to: by its key, or by its title where an
// account keeps the key with the alert.
func (p *PagerDuty) ours(i *incident) (ref string, ok bool) {
	if ref, ok = strings.CutPrefix(i.key, p.prefix); ok {
		return ref, isRef(ref)
	}
	if i.key != "" {
		return "", false
	}
	ref, _, ok = strings.Cut(i.title, ": ")
	return ref, ok && isRef(ref)
}

func isRef(s string) bool {
	digits, ok := strings.CutPrefix(s, "INC-")
	return ok && digits != "" && len(digits) < 18 && strings.Trim(digits, "0123456789") == ""
}

// told are the events of a copy that belong on our timeline, in our words.
var told = map[string]string{
	"incident.acknowledged":   "acknowledged",
	"incident.unacknowledged": "acknowledgement ended",
	"incident.resolved":       "resolved",
	"incident.reopened":       "reopened",
	"incident.escalated":      "escalated",
	"incident.delegated":      "handed to another escalation policy",
	"incident.reassigned":     "reassigned",
}

// word is what a webhook says of a copy. A resolve there ends nothing here: a
// person resolves, with the reason the procedure asks for.
func (w *webhook) word(ref, by string) []plug.Word {
	what, ok := told[w.kind]
	if !ok {
		return nil
	}
	text := what + " in PagerDuty"
	if name := plug.Line(w.agent, plug.MaxWord); name != "" {
		text += " by " + name
	}
	return []plug.Word{{Incident: ref, Acked: w.kind == "incident.acknowledged", By: by, Text: text, Link: w.link}}
}

// actions are the events of an incident of PagerDuty's own that change an alert.
var actions = map[string]alert.Action{
	"incident.triggered":        alert.Trigger,
	"incident.reopened":         alert.Trigger,
	"incident.unacknowledged":   alert.Trigger,
	"incident.priority_updated": alert.Trigger,
	"incident.acknowledged":     alert.Acknowledge,
	"incident.resolved":         alert.Resolve,
}

// signals make an alert of an incident of PagerDuty's own; what does not change
// it makes none.
func (w *webhook) signals() []alert.Signal {
	action, ok := actions[w.kind]
	if !ok || w.incident.id == "" {
		return nil
	}
	if w.kind == "incident.priority_updated" && w.status == "resolved" {
		return nil
	}
	s := alert.Signal{
		Source: Name, Action: action, DedupKey: Name + "/" + w.incident.id, Summary: plug.Line(w.title, plug.MaxSummary),
		Severity: w.severity(), Origin: plug.Line(w.service, plug.MaxWord), Client: "PagerDuty", ClientURL: w.link, StartedAt: w.at,
		Labels: plug.AddLabel(plug.AddLabel(nil, "urgency", w.urgency), "priority", w.priority),
	}
	if s.Summary == "" {
		s.Summary = "PagerDuty incident " + plug.Line(w.incident.id, plug.MaxWord)
	}
	return []alert.Signal{s}
}

// severity is the priority where the account uses P1 to P5, else the urgency.
func (w *webhook) severity() string {
	switch strings.ToUpper(w.priority) {
	case "P1", "SEV-1", "SEV1":
		return "critical"
	case "P2", "SEV-2", "SEV2":
		return "error"
	case "P3", "SEV-3", "SEV3":
		return "warning"
	case "P4", "P5", "SEV-4", "SEV4", "SEV-5", "SEV5":
		return "info"
	}
	if w.urgency == "low" {
		return "warning"
	}
	return "critical"
}
