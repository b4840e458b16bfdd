package events

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// envelope is the event object as it is sent. An alert event and a change
// event differ in what they need, not in what they may carry.
type envelope struct {
	key, action, dedup string
	client, clientURL  string
	links              []alert.Link
	images             []alert.Image
	payload
	hasPayload bool
}

type payload struct {
	summary, source, severity string
	component, group, class   string
	timestamp                 time.Time
	details                   json.RawMessage
}

func (e *envelope) read(j *plug.JSON) error {
	if !j.Object(func(name []byte) { e.field(j, string(name)) }) {
		j.Fail("must be an object")
	}
	return j.End()
}

func (e *envelope) field(j *plug.JSON, name string) {
	switch name {
	case "routing_key":
		e.key = strings.TrimSpace(j.Text())
	case "event_action":
		e.action = j.Text()
	case "dedup_key":
		e.dedup = j.Text()
	case "payload":
		e.payload = payload{} // a second payload replaces the first, it does not mix with it
		e.hasPayload = j.Object(func(name []byte) { e.payload.field(j, string(name)) })
	case "client":
		e.client = j.Text()
	case "client_url":
		e.clientURL = j.Text()
	case "links":
		e.links = nil
		j.Array(plug.MaxItems, func(int) { e.link(j) })
	case "images":
		e.images = nil
		j.Array(plug.MaxItems, func(int) { e.image(j) })
	}
}

func (p *payload) field(j *plug.JSON, name string) {
	switch name {
	case "summary":
		p.summary = j.Text()
	case "source":
		p.source = j.Text()
	case "severity":
		p.severity = j.Text()
	case "component":
		p.component = j.Text()
	case "group":
		p.group = j.Text()
	case "class":
		p.class = j.Text()
	case "timestamp":
		p.timestamp = j.Time()
	case "custom_details":
		p.details = j.Raw()
	}
}

// link keeps what can be followed; an event is not refused for its ornaments.
func (e *envelope) link(j *plug.JSON) {
	var href, text string
	j.Object(func(name []byte) {
		switch string(name) {
		case "href":
			href = j.Text()
		case "text":
			text = j.Text()
		}
	})
	e.links = plug.AddLink(e.links, href, text)
}

func (e *envelope) image(j *plug.JSON) {
	var img alert.Image
	j.Object(func(name []byte) {
		switch string(name) {
		case "src":
			img.Src = j.Text()
		case "href":
			img.Href = j.Text()
		case "alt":
			img.Alt = j.Text()
		}
	})
	img.Src, img.Href, img.Alt = plug.WebURL(img.Src), plug.WebURL(img.Href), plug.Line(img.Alt, plug.MaxWord)
	if img.Src != "" && len(e.images) < plug.MaxLinks {
		e.images = append(e.images, img)
	}
}

func (e *envelope) signal() alert.Signal {
	s := alert.Signal{
		Source: Name, Action: alert.Action(e.action), DedupKey: e.dedup,
		Summary: plug.Line(e.summary, plug.MaxSummary), Origin: plug.Line(e.source, plug.MaxWord),
		Component: plug.Line(e.component, plug.MaxWord), Group: plug.Line(e.group, plug.MaxWord), Class: plug.Line(e.class, plug.MaxWord),
		Links: e.links, Images: e.images, Client: plug.Line(e.client, plug.MaxWord), ClientURL: plug.WebURL(e.clientURL),
		StartedAt: e.timestamp,
	}
	if severities(e.severity) {
		s.Severity = e.severity
	}
	if e.details != nil {
		s.Details = e.details
	}
	if strings.TrimSpace(s.DedupKey) == "" {
		s.DedupKey = ""
	}
	return s
}

func (e *envelope) change() alert.Change {
	c := alert.Change{
		Source: Name, Summary: plug.Line(e.summary, plug.MaxSummary), Origin: plug.Line(e.source, plug.MaxWord),
		At: e.timestamp, Links: e.links,
	}
	if e.details != nil {
		c.Details = e.details
	}
	return c
}

// processed is the answer to an event that was taken.
func processed(key string) []byte {
	const head = `{"status":"success","message":"Event processed","dedup_key":`
	for i := range len(key) {
		if c := key[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(key)
			return append(append([]byte(head), quoted...), '}')
		}
	}
	return []byte(head + `"` + key + `"}`)
}

// Refuse implements plug.Refuser.
func (source) Refuse(err error) plug.Reply {
	kind := fault.KindOf(err)
	status, word, message := 500, "error", "The event was not stored. Send it again."
	switch kind {
	case fault.Invalid, fault.NotFound, fault.Unauthenticated, fault.Refused:
		status, word, message = 400, "invalid event", "Event object is invalid"
	case fault.TooLarge:
		status, word, message = 413, "invalid event", "Event object is too large"
	case fault.Busy:
		status, word, message = 429, "throttle exceeded", "Events arrive faster than they can be stored. Send it again shortly."
	case fault.Unavailable, fault.Conflict:
		status = 503
	case fault.Internal:
	}
	body := struct {
		Status  string   `json:"status"`
		Message string   `json:"message"`
		Errors  []string `json:"errors,omitempty"`
	}{Status: word, Message: message}
	if status < 429 {
		body.Errors = sentences(err)
	}
	doc, _ := json.Marshal(body)
	return plug.Reply{Status: status, Body: doc}
}

// sentences are the reasons, one each. What a check of ours says names its
// field already; what the JSON reader says gets the pointer in front.
func sentences(err error) []string {
	var e *fault.Error
	if !errors.As(err, &e) {
		return []string{"the event was refused"}
	}
	if len(e.Details) == 0 {
		return []string{e.Message}
	}
	out := make([]string, len(e.Details))
	for i, d := range e.Details {
		out[i] = d.What
		if !strings.HasPrefix(d.What, "'") && d.Where != "" {
			out[i] = d.Where + " " + d.What
		}
	}
	return out
}
