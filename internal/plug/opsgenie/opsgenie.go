// Package opsgenie reads what is meant for Opsgenie's Alert API, so that a sender
// changes its URL alone, and what Opsgenie itself posts to a webhook. It must not
// offer the rest of that API: it takes what creates, acknowledges or closes an alert.
//
// Sources: docs.opsgenie.com, "Alert API" (Create Alert, Close Alert, Acknowledge
// Alert); support.atlassian.com/opsgenie, "Integrate Opsgenie with Webhook",
// "Opsgenie Edge Connector alert action data".
package opsgenie

import (
	"bytes"
	"net/http"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "opsgenie"

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Opsgenie", Source: Name, Below: true, Docs: "docs/integrations/opsgenie.md",
			Setup: []string{
				"A tool that creates alerts by Opsgenie's Alert API: replace https://api.opsgenie.com/v2/alerts by {url} and, if the hook has a secret, the API key by {secret}.",
				"Where it asks for the address of the API and not for that of alerts, as Alertmanager's api_url does, that is {url}/ too: what it adds to it is known.",
				"Or have Opsgenie forward its own alerts: Settings, Integrations, Add integration, Webhook, with the URL {url} and, if the hook has a secret, the header Authorization: GenieKey {secret}. Tick Create, Acknowledge, UnAcknowledge, Close, Delete and UpdatePriority, and Add alert description.",
			},
			Sample: `{"message":"Disk of db-7 is full","alias":"db-7/disk","description":"97 % of /var","responders":[{"name":"storage","type":"team"}],"tags":["disk"],"details":{"mount":"/var"},"entity":"db-7","source":"nagios","priority":"P2"}`,
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// check accepts "Authorization: GenieKey <secret>" beside the proofs of every hook.
func check(in plug.Inbound) error {
	if scheme, key, ok := strings.Cut(in.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "GenieKey") {
		in.Header = in.Header.Clone()
		in.Header.Set("Authorization", "Bearer "+key)
	}
	return in.CheckShared()
}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	if err := check(in); err != nil {
		return plug.Received{}, err
	}
	word, key := called(in)
	var doc plug.Doc
	if len(bytes.TrimSpace(in.Body)) > 0 || word == "" { // a close by path or query needs no body
		var err error
		if doc, err = in.Doc(); err != nil {
			return plug.Received{}, err
		}
	}
	if doc.IsObject("alert") {
		return forwarded(doc, in.ID)
	}
	word = plug.First(word, doc.Text("action"), "create")
	return request(doc, in, strings.ToLower(word), plug.First(key, doc.Text("identifier"), in.Query.Get("alias"), doc.Text("alias")))
}

// called is what the address asks for and of which alert. The API has it in the
// path, v2/alerts/{identifier}/close, and senders put that behind the address they
// were given, or only what follows v2/alerts; an identifier may have slashes.
func called(in plug.Inbound) (action, identifier string) {
	path := strings.Trim(strings.TrimPrefix(strings.Trim(in.Endpoint, "/")+"/", "v2/alerts/"), "/")
	if path == "" {
		return in.Query.Get("action"), in.Query.Get("identifier")
	}
	i := strings.LastIndexByte(path, '/')
	return path[i+1:], path[:max(i, 0)]
}

// request is a call of the Alert API.
func request(doc plug.Doc, in plug.Inbound, word, key string) (plug.Received, error) {
	action, known := actions[word]
	idle := action == alert.Trigger && word != "create" && doc.Text("message") == "" // an escalation says nothing of the alert
	if !known || idle {
		return reply(in.ID, "nothing is made of the action "+plug.Line(word, 40)), nil
	}
	if action != alert.Trigger {
		kind := plug.First(in.Query.Get("identifierType"), doc.Text("identifierType"))
		if strings.EqualFold(kind, "tiny") {
			return plug.Received{}, plug.Unusable("/identifierType", "must be alias, or id with the requestId that was answered")
		}
		if strings.TrimSpace(key) == "" {
			return plug.Received{}, plug.Unusable("/identifier", "is missing: say which alert by ?identifierType=alias&identifier=... or alias")
		}
		s := signal(doc, action, key)
		out := reply(in.ID, "Request will be processed")
		out.Signals = []alert.Signal{s}
		return out, nil
	}
	if doc.Text("message") == "" {
		return plug.Received{}, plug.Unusable("/message", "is missing")
	}
	if word == "create" {
		key = doc.Text("alias")
	}
	out := reply(in.ID, "Request will be processed")
	out.Signals = []alert.Signal{signal(doc, alert.Trigger, plug.First(key, in.ID))}
	return out, nil
}

// actions are those that change an alert. Everything else, such as a note, changes
// none.
var actions = map[string]alert.Action{
	"create": alert.Trigger, "unacknowledge": alert.Trigger, "updatepriority": alert.Trigger, "updatemessage": alert.Trigger, "message": alert.Trigger, "escalate": alert.Trigger,
	"acknowledge": alert.Acknowledge, "ack": alert.Acknowledge,
	"close": alert.Resolve, "resolve": alert.Resolve, "delete": alert.Resolve,
}

// forwarded is a webhook of Opsgenie.
func forwarded(doc plug.Doc, id string) (plug.Received, error) {
	a := doc.At("alert")
	word := doc.Text("action")
	if word == "" {
		return plug.Received{}, plug.Unusable("/action", "is missing")
	}
	key := a.First("alias", "alertId", "id")
	if key == "" {
		return plug.Received{}, plug.Unusable("/alert/alias", "is missing")
	}
	action, known := actions[strings.ToLower(word)]
	if !known || (action == alert.Trigger && strings.EqualFold(a.Text("status"), "closed")) {
		return reply(id, "nothing is made of the action "+plug.Line(word, 40)), nil
	}
	s := signal(a, action, key)
	if s.Action == alert.Trigger && s.Summary == "" {
		s.Summary = "Opsgenie alert " + plug.Line(plug.First(a.Text("tinyId"), key), 200)
	}
	s.Client = "Opsgenie"
	s.Labels = plug.AddLabel(s.Labels, "integration", doc.Text("integrationName"))
	s.Labels = plug.AddLabel(s.Labels, "by", a.Text("username"))
	if id := a.First("alertId", "id"); id != "" && !strings.ContainsAny(id, "/?#% ") {
		s.Links = plug.AddLink(s.Links, "https://app.opsgenie.com/alert/detail/"+id+"/details", "Alert in Opsgenie")
	}
	out := reply(key, "Request will be processed")
	out.Signals = []alert.Signal{s}
	return out, nil
}

// signal reads the fields that both shapes have.
func signal(a plug.Doc, action alert.Action, key string) alert.Signal {
	s := alert.Signal{
		Source: Name, Action: action, DedupKey: plug.Key(key), Summary: plug.Line(a.Text("message"), plug.MaxSummary), Severity: severity(a.First("priority", "oldPriority")),
		Origin: plug.Line(a.First("entity", "source"), plug.MaxWord), Component: a.Word("entity"), StartedAt: a.Time("createdAt"),
		Details: a.Keep("description", "note", "responders", "teams", "actions", "details", "tags", "user", "source"),
	}
	if p := a.Text("updatedPriority"); p != "" {
		s.Severity = severity(p)
	}
	var tags []string
	for _, t := range a.List("tags") {
		if t := t.Text(); t != "" {
			tags = append(tags, t)
		}
	}
	s.Labels = plug.AddLabel(s.Labels, "tags", strings.Join(tags, ","))
	details := a.At("details")
	for _, n := range details.SortedNames() {
		const most = 64
		if len(s.Labels) == most {
			break
		}
		s.Labels = plug.AddLabel(s.Labels, n, details.Text(n))
		s.Links = plug.AddLink(s.Links, details.Text(n), n)
	}
	return s
}

// severity is Opsgenie's scale: P1 critical, P2 high, P3 moderate, P4 low, P5
// informational.
func severity(priority string) string {
	switch strings.ToUpper(priority) {
	case "P1":
		return "critical"
	case "P2":
		return "error"
	case "P3":
		return "warning"
	case "P4", "P5":
		return "info"
	}
	return ""
}

// reply is what the Alert API answers: the request is taken, under an id that
// closes an alert without an alias.
func reply(id, result string) plug.Received {
	r := plug.JSONReply(struct {
		Result string  `json:"result"`
		Took   float64 `json:"took"`
		ID     string  `json:"requestId"`
	}{result, 0, id})
	r.Status = http.StatusAccepted
	return plug.Received{Reply: r}
}
