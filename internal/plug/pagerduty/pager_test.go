package pagerduty_test

import (
	"strings"
	"testing"

	"allclear/internal/plug"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/plugtest"
)

const pagerKey = "00112233445566778899aabbccddeeff"

func pager(t *testing.T, url string) *pagerduty.PagerDuty {
	t.Helper()
	return open(t, url, "routing_key", "", "routing_keys", "", "pager_keys", "ana="+pagerKey, "signing_secret", "the-secret", "users", "PUSER=ana@example.com")
}

func pagerPeer(t *testing.T) *plugtest.HTTP { return peerAt(t, "ana", pagerKey, "the-secret") }

// Clauses: INT-PAGERDUTY
func TestPagerConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return pager(t, base+"/v2/enqueue") }, pagerPeer(t))
}

// A page and its end have one key, which is in no receipt: it names the page to
// whoever acknowledges.
//
// Clauses: INT-PAGERDUTY, PLT-PD-ROUTE
func TestAPageIsTriggeredAndResolved(t *testing.T) {
	p := pagerPeer(t)
	ch := pager(t, p.URL()+"/v2/enqueue")
	m := plugtest.SampleMessage("ana")
	m.Token = "42-abcdefghijklmnopqrstuvwx"
	p.Next(plugtest.Reply{Status: 202, Echo: true})
	r, err := ch.Send(t.Context(), m)
	if err != nil || strings.Contains(r.ProviderRef+r.Detail, m.Token) {
		t.Fatalf("receipt %+v, %v", r, err)
	}
	m.Kind = plug.End
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := sent(t, p)
	for i, want := range []string{"trigger", "resolve"} {
		if got[i]["event_action"] != want || got[i]["routing_key"] != pagerKey || got[i]["dedup_key"] != "allclear/allclear.test/page/"+m.Token {
			t.Errorf("%s: %v", want, got[i])
		}
	}
	if pay, _ := got[0]["payload"].(map[string]any); pay["severity"] != "critical" || pay["summary"] != m.Subject {
		t.Errorf("payload %v", got[0])
	}
	if _, has := got[1]["payload"]; has {
		t.Errorf("a resolve with a payload: %v", got[1])
	}
	for what, bad := range map[string]plug.Message{
		"a contact nobody has a key for": {Kind: plug.Page, To: "bo", Token: "1-a"}, "a notice": {Kind: plug.Notice, To: "ana"},
	} {
		if _, err := ch.Send(t.Context(), bad); err == nil || plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What is said of a page there: an acknowledgement answers it, as the person
// whose mail address the user has, else by name; nothing else does, and nothing
// unsigned.
//
// Clauses: INT-PAGERDUTY, RSP-S1-ACK
func TestAnAcknowledgementAnswersThePage(t *testing.T) {
	p := pager(t, "https://events.pagerduty.com/v2/enqueue")
	page := strings.Replace(ours, "allclear.test/INC-7", "allclear.test/page/42-abc", 1)
	for _, c := range []struct {
		kind, agent, by string
	}{
		{"incident.acknowledged", "PUSER", "ana@example.com"},
		{"incident.acknowledged", "PELSE", "Ana"},
		{"incident.resolved", "PUSER", ""},
		{"incident.reassigned", "PUSER", ""},
		{"incident.triggered", "PUSER", ""},
	} {
		body := strings.Replace(webhook(c.kind, page), "PUSER", c.agent, 1)
		h, err := p.Hear(hook(body, sign("the-secret", body)))
		if err != nil || len(h.Words)+len(h.Signals) != 0 || (len(h.Answers) == 1) != (c.by != "") {
			t.Fatalf("%s: %+v, %v", c.kind, h, err)
		}
		plugtest.CheckHeard(t, h)
		for _, a := range h.Answers {
			if a.Token != "42-abc" || a.By != c.by || a.Channel != pagerduty.Name || a.Choice != plug.Acknowledge {
				t.Errorf("%s: %+v", c.kind, a)
			}
		}
	}
	unset := open(t, "https://events.pagerduty.com/v2/enqueue")
	body := webhook("incident.acknowledged", page)
	if h, err := unset.Hear(hook(body, "")); err != nil || len(h.Answers)+len(h.Signals)+len(h.Words) != 0 {
		t.Errorf("without a secret: %+v, %v", h, err)
	}
}
