package pagerduty_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/plugtest"
)

const (
	routingKey = "0123456789abcdef0123456789abcdef"
	authKey    = "fedcba9876543210fedcba9876543210"
)

func open(t *testing.T, url string, more ...string) *pagerduty.PagerDuty {
	t.Helper()
	values := map[string]string{"routing_key": routingKey, "routing_keys": "auth=" + authKey, "events_url": url}
	for i := 0; i+1 < len(more); i += 2 {
		values[more[i]] = more[i+1]
	}
	p, ok := plugtest.Open(t, pagerduty.Plugin(), plugtest.Config(values)).(*pagerduty.PagerDuty)
	if !ok {
		t.Fatal("the plug-in is of another type")
	}
	return p
}

// copying sends every message as a triggered copy of the incident in its key,
// so that the conformance suite of channels holds for copies too.
type copying struct{ *pagerduty.PagerDuty }

func (c copying) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	m.Kind, m.Copy = plug.Mirror, plug.Copy{Incident: m.Key, State: plug.CopyTriggered, Severity: "P1", Service: "api", Title: m.Subject}
	return c.PagerDuty.Send(ctx, m)
}

func peer(t *testing.T) *plugtest.HTTP { return peerAt(t, "", routingKey, authKey) }

// peerAt is PagerDuty's Events API, for messages to an address.
func peerAt(t *testing.T, address string, hidden ...secret.String) *plugtest.HTTP {
	p := &plugtest.HTTP{
		Key: func(_ *http.Request, body []byte) string {
			var e struct {
				DedupKey string `json:"dedup_key"`
			}
			_ = json.Unmarshal(body, &e)
			return e.DedupKey
		},
		Path: "/v2/enqueue", Address: address, Hidden: hidden, OK: plugtest.Reply{Status: 202, Body: `{"status":"success"}`},
	}
	return p.Start(t)
}

// Clauses: INT-PAGERDUTY
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return copying{open(t, base+"/v2/enqueue")} }, peer(t))
}

func sent(t *testing.T, p *plugtest.HTTP) (out []map[string]any) {
	t.Helper()
	for _, g := range p.Got() {
		_, body, _ := strings.Cut(g.Raw, "\r\n\n")
		var e map[string]any
		if err := json.Unmarshal([]byte(body), &e); err != nil {
			t.Fatalf("%v: %s", err, g.Raw)
		}
		out = append(out, e)
	}
	return out
}

// Clauses: INT-PAGERDUTY
func TestACopyIsBroughtToItsState(t *testing.T) {
	for _, c := range []struct {
		state string
		want  string
	}{
		{plug.CopyTriggered, "trigger"},
		{plug.CopyAcknowledged, "trigger acknowledge"}, // also where the first trigger was lost
		{plug.CopyResolved, "resolve"},
	} {
		p := peer(t)
		ch := open(t, p.URL()+"/v2/enqueue")
		m := plug.Message{Kind: plug.Mirror, Text: "copy", Copy: plug.Copy{Incident: "INC-7", State: c.state, Severity: "P2", Service: "auth", Title: "Sign-in fails", URL: "https://a.test/incidents/INC-7"}}
		if _, err := ch.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		var did []string
		for _, e := range sent(t, p) {
			did = append(did, e["event_action"].(string))
			if e["routing_key"] != authKey || e["dedup_key"] != "allclear/allclear.test/INC-7" || e["client_url"] != m.Copy.URL {
				t.Errorf("%s: %v", c.state, e)
			}
			if pay, ok := e["payload"].(map[string]any); ok && (pay["summary"] != "INC-7: Sign-in fails" || pay["severity"] != "error" || pay["source"] != "auth") {
				t.Errorf("%s: payload %v", c.state, pay)
			}
		}
		if got := strings.Join(did, " "); got != c.want {
			t.Errorf("%s: sent %q, want %q", c.state, got, c.want)
		}
	}
}

func sign(key, body string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(body))
	return "v1=" + hex.EncodeToString(m.Sum(nil))
}

func hook(body, signature string) plug.Inbound {
	in := plug.Inbound{Header: http.Header{}, Body: []byte(body)}
	if signature != "" {
		in.Header.Set("X-PagerDuty-Signature", signature)
	}
	return in
}

func webhook(kind, incident string) string {
	return `{"event":{"id":"01E","event_type":"` + kind + `","resource_type":"incident","occurred_at":"2026-03-02T03:04:05.000Z",` +
		`"agent":{"id":"PUSER","summary":"Ana","type":"user_reference"},"client":null,"data":` + incident + `}}`
}

const ours = `{"id":"PABC","type":"incident","html_url":"https://acme.pagerduty.com/incidents/PABC","status":"acknowledged","incident_key":"allclear/allclear.test/INC-7","title":"INC-7: Sign-in fails","urgency":"high","priority":null}`

// Clauses: INT-PAGERDUTY, RSP-S1-ACK
func TestWhatIsDoneToACopyIsHeard(t *testing.T) {
	p := open(t, "https://events.pagerduty.com/v2/enqueue", "signing_secret", "new-secret old-secret")
	for kind, acked := range map[string]bool{"incident.acknowledged": true, "incident.resolved": false, "incident.escalated": false} {
		body := webhook(kind, ours)
		h, err := p.Hear(hook(body, sign("someone-else", body)+","+sign("old-secret", body)))
		if err != nil || len(h.Words) != 1 || len(h.Signals) != 0 {
			t.Fatalf("%s: %+v, %v", kind, h, err)
		}
		if w := h.Words[0]; w.Incident != "INC-7" || w.Acked != acked || w.By != "Ana" || !strings.HasSuffix(w.Text, "in PagerDuty by Ana") || w.Link != "https://acme.pagerduty.com/incidents/PABC" {
			t.Errorf("%s: %+v", kind, w)
		}
	}
	byTitle := webhook("incident.acknowledged", strings.Replace(ours, `"allclear/allclear.test/INC-7"`, "null", 1))
	if h, err := p.Hear(hook(byTitle, sign("new-secret", byTitle))); err != nil || len(h.Words) != 1 || h.Words[0].Incident != "INC-7" {
		t.Errorf("an account that keeps no key with the incident: %+v, %v", h, err)
	}
	other := webhook("incident.acknowledged", strings.Replace(ours, "allclear.test/INC-7", "other.test/INC-7", 1))
	if h, err := p.Hear(hook(other, sign("new-secret", other))); err != nil || len(h.Words) != 0 {
		t.Errorf("a copy of another installation: %+v, %v", h, err)
	}
}

// B39: a missing, wrong or re-serialised signature is refused. INV-A6
func TestForgedWebhooksAreRefused(t *testing.T) {
	p := open(t, "https://events.pagerduty.com/v2/enqueue", "signing_secret", "the-secret")
	body := webhook("incident.acknowledged", ours)
	good := sign("the-secret", body)
	if _, err := p.Hear(hook(body, good)); err != nil {
		t.Fatalf("the honest one: %v", err)
	}
	for name, in := range map[string]plug.Inbound{
		"no header": hook(body, ""), "empty": hook(body, "v1="), "truncated": hook(body, good[:len(good)-2]), "no version": hook(body, strings.TrimPrefix(good, "v1=")),
		"other version": hook(body, strings.Replace(good, "v1", "v2", 1)), "other key": hook(body, sign("another", body)), "empty key": hook(body, sign("", body)),
		"re-serialised": hook(strings.ReplaceAll(body, `":"`, `": "`), good), "another body": hook(webhook("incident.resolved", ours), good),
	} {
		if h, err := p.Hear(in); !fault.Is(err, fault.Unauthenticated) || len(h.Words)+len(h.Signals) != 0 {
			t.Errorf("%s: %+v, %v", name, h, err)
		}
	}
	unset := open(t, "https://events.pagerduty.com/v2/enqueue")
	if h, err := unset.Hear(hook(body, "")); err != nil || len(h.Words) != 0 {
		t.Errorf("without a secret nothing is believed of a copy: %+v, %v", h, err)
	}
}

// Clauses: INT-PAGERDUTY
func TestItsOwnIncidentsBecomeAlerts(t *testing.T) {
	p := open(t, "https://events.pagerduty.com/v2/enqueue")
	own := func(extra string) string {
		return `{"id":"Q1","type":"incident","html_url":"https://acme.pagerduty.com/incidents/Q1","status":"triggered","incident_key":null,"title":"Disk full","service":{"summary":"API Service"}` + extra + `}`
	}
	for _, c := range []struct {
		kind, extra string
		action      alert.Action
		severity    string
	}{
		{"incident.triggered", `,"urgency":"high","priority":null`, alert.Trigger, "critical"},
		{"incident.triggered", `,"urgency":"low","priority":null`, alert.Trigger, "warning"},
		{"incident.priority_updated", `,"urgency":"high","priority":{"summary":"P2"}`, alert.Trigger, "error"},
		{"incident.acknowledged", `,"urgency":"high"`, alert.Acknowledge, "critical"},
		{"incident.resolved", `,"urgency":"high"`, alert.Resolve, "critical"},
	} {
		h, err := p.Hear(hook(webhook(c.kind, own(c.extra)), ""))
		if err != nil || len(h.Signals) != 1 {
			t.Fatalf("%s: %+v, %v", c.kind, h, err)
		}
		if s := h.Signals[0]; s.Action != c.action || s.Severity != c.severity || s.DedupKey != "pagerduty/Q1" || s.Summary != "Disk full" || s.Origin != "API Service" {
			t.Errorf("%s: %+v", c.kind, s)
		}
	}
	for _, kind := range []string{"incident.annotated", "pagey.ping", "service.updated"} {
		if h, err := p.Hear(hook(webhook(kind, `{"message":"Hello from your friend Pagey!","type":"ping"}`), "")); err != nil || len(h.Signals)+len(h.Words) != 0 {
			t.Errorf("%s: %+v, %v", kind, h, err)
		}
	}
	for _, body := range []string{"", "[]", "{}", `{"event":7}`, `{"event":{}}`, `{"event":{"event_type":"incident.triggered","data":[]}}`} {
		if _, err := p.Hear(hook(body, "")); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func FuzzHear(f *testing.F) {
	f.Add(webhook("incident.triggered", ours))
	f.Add(webhook("incident.annotated", `{"incident":{"id":"Q","summary":"INC-1: x"}}`))
	f.Fuzz(func(t *testing.T, body string) {
		p := open(t, "https://events.pagerduty.com/v2/enqueue", "signing_secret", "k")
		h, err := p.Hear(hook(body, sign("k", body)))
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("%q: %v", body, err)
		}
		for _, w := range h.Words {
			if !strings.HasPrefix(w.Incident, "INC-") {
				t.Fatalf("%q: word about %q", body, w.Incident)
			}
		}
	})
}
