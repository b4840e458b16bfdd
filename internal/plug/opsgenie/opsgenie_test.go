package opsgenie

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	create    = `{"message":"Disk of db-7 is full","alias":"db-7/disk","description":"97 % of /var","responders":[{"id":"4513b7ea","type":"team"},{"username":"ana@example.com","type":"user"}],"visibleTo":[],"actions":["Restart"],"tags":["disk","prod"],"details":{"mount":"/var","runbook":"https://wiki.example.net/disk","tries":3},"entity":"db-7","source":"nagios","priority":"P1","user":"Monitor","note":"by hand"}`
	bare      = `{"message":"no alias"}`
	forwardUp = `{"source":{"name":"web","type":"API"},"alert":{"updatedAt":1772420645100000000,"tags":["disk"],"message":"Disk of db-7 is full","username":"ana@example.com","alertId":"052652ac-5d1c-464a-812a-7dd18bbfba8c","source":"nagios","alias":"db-7/disk","tinyId":"23","createdAt":1772420645100,"userId":"daed1180","entity":"db-7","description":"97 %","priority":"P2","team":"","responders":[{"id":"1","type":"team","name":"storage"}],"teams":["1"],"actions":[],"details":{"mount":"/var"}},"action":"Create","integrationId":"37c8f316","integrationName":"Webhook","integrationType":"Webhook"}`
)

func call(body string, query ...string) plug.Inbound {
	in := plug.Inbound{Body: []byte(body), ID: "id-of-call", Header: http.Header{}, Query: url.Values{}}
	for i := 0; i+1 < len(query); i += 2 {
		in.Query.Set(query[i], query[i+1])
	}
	return in
}

func as(action string) string { return strings.Replace(forwardUp, `"Create"`, `"`+action+`"`, 1) }

func TestContract(t *testing.T) {
	plugtest.Source(t, plugtest.SourceCase{Open: Plugin(), Signed: true, Calls: []plug.Inbound{
		call(create), call(bare), call(forwardUp), call(as("Close")), call(as("Acknowledge")), call("", "action", "close", "identifier", "a"), call(`{"action":"close","alias":"a"}`),
	}})
}

func one(t *testing.T, in plug.Inbound) alert.Signal {
	t.Helper()
	got, err := source{}.Parse(in)
	if err != nil || len(got.Signals) != 1 {
		t.Fatalf("%s %v: %v %+v", in.Body, in.Query, err, got)
	}
	plugtest.CheckReceived(t, got)
	if got.Reply.Status != http.StatusAccepted || !strings.Contains(string(got.Reply.Body), `"requestId":`) {
		t.Errorf("reply %d %s", got.Reply.Status, got.Reply.Body)
	}
	return got.Signals[0]
}

// What senders put behind the address by themselves: Alertmanager v2/alerts/..., the
// contact point of Grafana what follows that.
func TestPathsBelow(t *testing.T) {
	at := func(path, body string) plug.Inbound {
		in := call(body, "identifierType", "alias")
		in.Endpoint = path
		return in
	}
	for path, want := range map[string]alert.Signal{
		"v2/alerts":                        {Action: alert.Trigger, DedupKey: "db-7/disk"},
		"v2/alerts/":                       {Action: alert.Trigger, DedupKey: "db-7/disk"},
		"v2/alerts/db-7/disk/close":        {Action: alert.Resolve, DedupKey: "db-7/disk"},
		"db-7/disk/close":                  {Action: alert.Resolve, DedupKey: "db-7/disk"},
		"/v2/alerts/close/close":           {Action: alert.Resolve, DedupKey: "close"},
		"v2/alerts/db-7/disk/acknowledge/": {Action: alert.Acknowledge, DedupKey: "db-7/disk"},
		"v2/alerts/db-7/disk/message":      {Action: alert.Trigger, DedupKey: "db-7/disk"},
	} {
		if s := one(t, at(path, create)); s.Action != want.Action || s.DedupKey != want.DedupKey {
			t.Errorf("%s: %s %s", path, s.Action, s.DedupKey)
		}
	}
	if s := one(t, at("a/close", "")); s.DedupKey != "a" || s.Action != alert.Resolve {
		t.Errorf("without a body: %+v", s)
	}
	for _, path := range []string{"v2/alerts/a/notes", "a/snooze", "a/escalate", "a/description", "v2/alerts/requests", "a"} {
		got, err := source{}.Parse(at(path, `{"note":"n"}`))
		if err != nil || len(got.Signals) != 0 || got.Reply.Status != http.StatusAccepted {
			t.Errorf("%s: %+v %v", path, got, err)
		}
	}
	if _, err := (source{}).Parse(at("v2/alerts/close", "{}")); !fault.Is(err, fault.Invalid) {
		t.Errorf("a close of nothing: %v", err)
	}
}

func TestCreate(t *testing.T) {
	s := one(t, call(create))
	if s.Action != alert.Trigger || s.DedupKey != "db-7/disk" || s.Summary != "Disk of db-7 is full" || s.Severity != "critical" || s.Origin != "db-7" || s.Labels["mount"] != "/var" || s.Labels["tags"] != "disk,prod" || s.Labels["tries"] != "3" ||
		len(s.Links) != 1 || s.Links[0] != (alert.Link{Href: "https://wiki.example.net/disk", Text: "runbook"}) {
		t.Errorf("%+v", s)
	}
	if d, ok := s.Details.(map[string]any); !ok || d["description"] != "97 % of /var" || d["responders"] == nil {
		t.Errorf("details %+v", s.Details)
	}
	if s := one(t, call(bare)); s.DedupKey != "id-of-call" || s.Severity != "" {
		t.Errorf("no alias: %+v", s)
	}
	for p, want := range map[string]string{"P1": "critical", "P2": "error", "p3": "warning", "P4": "info", "P5": "info", "P9": "", "": ""} {
		if s := one(t, call(strings.Replace(create, `"P1"`, `"`+p+`"`, 1))); s.Severity != want {
			t.Errorf("%s: %q, want %q", p, s.Severity, want)
		}
	}
}

// Whichever way the end comes, it ends the alert that was created.
func TestEnds(t *testing.T) {
	for _, c := range []struct {
		in   plug.Inbound
		want alert.Action
	}{
		{call("", "action", "close", "identifierType", "alias", "identifier", "db-7/disk"), alert.Resolve},
		{call(`{"user":"ana","source":"x","note":"done"}`, "action", "close", "identifierType", "alias", "identifier", "db-7/disk"), alert.Resolve},
		{call(`{}`, "action", "acknowledge", "identifierType", "alias", "identifier", "db-7/disk"), alert.Acknowledge},
		{call(`{"action":"close","alias":"db-7/disk"}`), alert.Resolve},
		{call(`{"action":"acknowledge","identifier":"db-7/disk","identifierType":"alias"}`), alert.Acknowledge},
		{call(as("Close")), alert.Resolve},
		{call(as("Delete")), alert.Resolve},
		{call(as("Acknowledge")), alert.Acknowledge},
		{call(as("UnAcknowledge")), alert.Trigger},
		{call(as("UpdatePriority")), alert.Trigger},
		{call(forwardUp), alert.Trigger},
	} {
		if s := one(t, c.in); s.Action != c.want || s.DedupKey != "db-7/disk" {
			t.Errorf("%s %v: %+v", c.in.Body, c.in.Query, s)
		}
	}
	for _, quiet := range []string{as("AddNote"), as("AddTags"), as("AssignOwnership"), as("Snooze"), as("Custom")} {
		if got, err := (source{}).Parse(call(quiet)); err != nil || len(got.Signals) != 0 || !strings.Contains(string(got.Reply.Body), "nothing is made of") {
			t.Errorf("%v %+v", err, got)
		}
	}
}

func TestForwarded(t *testing.T) {
	s := one(t, call(forwardUp))
	if s.Severity != "error" || s.Client != "Opsgenie" || !s.StartedAt.Equal(time.UnixMilli(1772420645100)) || s.StartedAt.Location() != time.UTC || s.Labels["integration"] != "Webhook" ||
		len(s.Links) != 1 || s.Links[0].Href != "https://app.opsgenie.com/alert/detail/052652ac-5d1c-464a-812a-7dd18bbfba8c/details" {
		t.Errorf("%+v", s)
	}
	if s := one(t, call(strings.Replace(forwardUp, `"alias":"db-7/disk",`, "", 1))); s.DedupKey != "052652ac-5d1c-464a-812a-7dd18bbfba8c" {
		t.Errorf("without an alias: %q", s.DedupKey)
	}
}

// INV-A6
func TestKey(t *testing.T) {
	in := call(create)
	in.Secret = "the-hook-secret"
	for auth, ok := range map[string]bool{"GenieKey the-hook-secret": true, "geniekey the-hook-secret": true, "Bearer the-hook-secret": true, "GenieKey wrong": false, "GenieKey ": false, "GenieKey": false, "the-hook-secret": false, "": false} {
		in.Header.Set("Authorization", auth)
		if _, err := (source{}).Parse(in); (err == nil) != ok || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", auth, err)
		}
		if in.Header.Get("Authorization") != auth {
			t.Errorf("%q: the header was changed", auth)
		}
	}
}

func TestRefusals(t *testing.T) {
	for where, in := range map[string]plug.Inbound{
		"/message": call(`{"alias":"a"}`), "/identifier": call(`{"action":"close"}`), "/identifierType": call(`{}`, "action", "close", "identifierType", "tiny", "identifier", "7"),
		"/action": call(`{"alert":{"alias":"a"}}`), "/alert/alias": call(`{"action":"Create","alert":{"message":"m"}}`), "": call(`[]`),
	} {
		_, err := source{}.Parse(in)
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 || f.Details[0].Where != where {
			t.Errorf("%s: %v %+v", where, err, f)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{create, bare, forwardUp, as("Close"), `{"message":{},"tags":7,"details":[]}`, `{"alert":{"alias":1},"action":"close"}`} {
		f.Add([]byte(s), "")
		f.Add([]byte(s), "close")
	}
	f.Fuzz(func(t *testing.T, body []byte, action string) {
		got, err := source{}.Parse(call(string(body), "action", action, "identifier", action))
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
	})
}
