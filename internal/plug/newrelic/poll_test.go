package newrelic

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// issuesFake answers as NerdGraph does to the query for issues: by the state that is
// asked for, a page at a time, and only to whoever opts in.
type issuesFake struct {
	t     *testing.T
	pages map[string][]string // of a state
	asked []string
}

func (f *issuesFake) answer(r *http.Request, body []byte) string {
	var in struct {
		Query     string
		Variables struct {
			Account int64
			Cursor  *string
		}
	}
	if err := json.Unmarshal(body, &in); err != nil || r.URL.Path != "/graphql" || r.Header.Get("API-Key") != "NRAK-of-the-test" || in.Variables.Account != 1234567 {
		f.t.Errorf("asked %s with %s: %v", r.URL, body, err)
	}
	if r.Header.Get("nerd-graph-unsafe-experimental-opt-in") != "AiIssues" {
		return `{"errors":[{"message":"Cannot query field \"aiIssues\" on type \"Account\".","extensions":{"errorClass":"BAD_USER_INPUT"}}]}`
	}
	state := "ACTIVATED"
	if strings.Contains(in.Query, "states: [CLOSED]") {
		state = "CLOSED"
	}
	f.asked = append(f.asked, in.Query)
	n := 0
	if in.Variables.Cursor != nil {
		if _, err := fmt.Sscanf(*in.Variables.Cursor, "page-%d", &n); err != nil {
			f.t.Errorf("cursor %q", *in.Variables.Cursor)
		}
	}
	list, next := "", "null"
	if n < len(f.pages[state]) {
		list = f.pages[state][n]
	}
	if n+1 < len(f.pages[state]) {
		next = fmt.Sprintf(`"page-%d"`, n+1)
	}
	return `{"data":{"actor":{"account":{"aiIssues":{"issues":{"issues":[` + list + `],"nextCursor":` + next + `}}}}}}`
}

// pollable is the plug-in with a key and a service, against the fake.
func pollable(t *testing.T, f *issuesFake) (source, *plugtest.HTTP) {
	t.Helper()
	f.t = t
	peer := (&plugtest.HTTP{Answer: func(r *http.Request, body []byte) plugtest.Reply { return plugtest.Reply{Body: f.answer(r, body)} }}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"api_key": "NRAK-of-the-test", "account_id": "1234567", "base_url": secret.String(peer.URL()), "service": "shop"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(source), peer
}

func anIssue(id, state string) string {
	return fmt.Sprintf(`{"issueId":%q,"title":["checkout-api query result is > 2.0"],"priority":"CRITICAL","state":%q,"createdAt":1772420600000,"activatedAt":1772420645000,"closedAt":null,"entityNames":["checkout-api"],"conditionName":["Slow checkout"],"sources":["newrelic"],"totalIncidents":2}`, id, state)
}

// DET-STACK-NEWRELIC, INT-NEWRELIC (issues by poll): NerdGraph's aiIssues, page by
// page; an open issue and a closed one are what their webhooks would have been.
func TestPoll(t *testing.T) {
	f := &issuesFake{pages: map[string][]string{
		"ACTIVATED": {anIssue("one", "ACTIVATED") + `,` + anIssue("odd", "CREATED") + `,null,{"title":["no id"],"state":"ACTIVATED"}`, anIssue("two", "ACTIVATED")},
		"CLOSED":    {anIssue("three", "CLOSED")},
	}}
	p, _ := pollable(t, f)
	if service, ok := p.Polls(); service != "shop" || !ok {
		t.Fatalf("polls %q %v", service, ok)
	}
	now := from.Add(time.Hour)
	got, err := p.Poll(t.Context(), now)
	if err != nil || len(got) != 3 || len(f.asked) != 3 {
		t.Fatalf("%v %+v", err, got)
	}
	plugtest.CheckReceived(t, plug.Received{Signals: got})
	if w := fmt.Sprintf("timeWindow: {startTime: %d, endTime: %d}", now.Add(-24*time.Hour).UnixMilli(), now.UnixMilli()); !strings.Contains(f.asked[2], w) {
		t.Errorf("asked for closed ones with %s", f.asked[2])
	}
	hook := plugtest.One(t, source{}, plug.Inbound{Body: []byte(strings.Replace(sample, "95a9344a-2590-48ce-8d83-07e28b6d0001", "one", 1)), Now: from})
	if s := got[0]; s.Action != alert.Trigger || s.DedupKey != hook.DedupKey || s.Source != hook.Source || s.Severity != "critical" || !s.StartedAt.Equal(time.UnixMilli(1772420645000)) ||
		s.Summary != "checkout-api query result is > 2.0" || s.Origin != "checkout-api" || s.Class != "Slow checkout" {
		t.Errorf("got %+v", s)
	}
	if got[1].DedupKey != "issue/two" || got[2].Action != alert.Resolve || got[2].DedupKey != "issue/three" || !got[2].StartedAt.IsZero() {
		t.Errorf("got %+v", got[1:])
	}
}

func TestPollThatFails(t *testing.T) {
	p, peer := pollable(t, &issuesFake{})
	for _, c := range []struct {
		reply plugtest.Reply
		want  string
	}{
		{plugtest.Reply{Status: 401, Echo: true}, "refuses the credentials"},
		{plugtest.Reply{Status: 503, Echo: true}, "ask New Relic"},
		{plugtest.Reply{Body: `{"data":{"actor":{"account":null}}}`}, "may the key read account 1234567"},
		{plugtest.Reply{Body: `{"errors":[{"message":"NRAK-of-the-test","extensions":{"errorClass":"SERVER_ERROR"}}]}`}, "cannot answer"},
		{plugtest.Reply{Body: `[]`}, "not what NerdGraph documents"},
	} {
		peer.Next(c.reply)
		_, err := p.Poll(t.Context(), from)
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "NRAK") {
			t.Errorf("%.60v: got %v", c.reply, err)
		}
	}
	if got, err := p.Poll(t.Context(), from); err != nil || len(got) != 0 {
		t.Errorf("no issues: %+v %v", got, err)
	}
	endless := &issuesFake{pages: map[string][]string{"ACTIVATED": make([]string, maxPages+1)}}
	p, _ = pollable(t, endless)
	if _, err := p.Poll(t.Context(), from); err == nil || !strings.Contains(err.Error(), "more issues") {
		t.Errorf("endless: %v", err)
	}
	for region, want := range map[string]string{"us": "https://radar-api.service.newrelic.com", "eu": "https://radar-api.service.eu.newrelic.com"} {
		v, err := Plugin().Open(plug.Config{Values: map[string]secret.String{"region": secret.String(region), "api_key": "k", "account_id": "1"}})
		if err != nil || v.(source).pages != want {
			t.Errorf("region %s: %+v %v", region, v, err)
		}
		if _, ok := v.(plug.Poller).Polls(); ok {
			t.Error("polls without a service")
		}
	}
}
