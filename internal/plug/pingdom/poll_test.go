package pingdom

import (
	"context"
	"errors"
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

// pollable is the plug-in with a token, against a fake of Pingdom's API.
func pollable(t *testing.T, answer plugtest.Reply) (plug.Poller, *plugtest.HTTP) {
	t.Helper()
	peer := (&plugtest.HTTP{OK: answer, Key: func(r *http.Request, _ []byte) string {
		return r.Method + " " + r.URL.RequestURI() + " " + r.Header.Get("Authorization")
	}}).Start(t)
	v, err := Plugin().Open(plug.Config{
		Guard:  plug.NewGuard(plugtest.Loopback()...),
		Values: map[string]secret.String{"api_token": "the-token-of-the-test", "service": "shop", "base_url": secret.String(peer.URL() + "/")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return v.(plug.Poller), peer
}

const list = `{"checks":[
 {"id":12345,"created":1297446423,"name":"Shop","hostname":"shop.example.net","resolution":1,"type":"http","ipv6":false,"verify_certificate":true,"lasterrortime":1772420640,"lasttesttime":1772420700,"lastresponsetime":0,"lastdownstart":1772420645,"lastdownend":1772420700,"status":"down","tags":[{"name":"env:prod","type":"u","count":3},{"name":"shop","type":"a","count":"1"}]},
 {"id":"77","name":"Zone","hostname":"example.net","type":"dns","status":"up","lastdownstart":1772000000,"tags":[]},
 {"id":78,"name":"Maybe","status":"unconfirmed_down"},
 {"id":79,"name":"New","status":"unknown"},
 {"id":80,"name":"Off","status":"paused","tags":null},
 {"id":81,"name":"Small","status":"down","severity_level":"low"},
 {"name":"nothing to know it by","status":"down"}, null, 7
],"counts":{"total":7,"limited":7,"filtered":7}}`

// INT-PINGDOM (the pull): GET /api/3.1/checks with a bearer token; only down opens
// and only up resolves, under the keys of the webhook.
func TestPoll(t *testing.T) {
	p, peer := pollable(t, plugtest.Reply{Body: list})
	if service, ok := p.Polls(); service != "shop" || !ok {
		t.Fatalf("polls %q %v", service, ok)
	}
	got, err := p.Poll(t.Context(), now)
	if err != nil || len(got) != 3 {
		t.Fatalf("%v %+v", err, got)
	}
	plugtest.CheckReceived(t, plug.Received{Signals: got})
	if k := peer.Got()[0].Key; k != "GET /api/3.1/checks?include_tags=true Bearer the-token-of-the-test" {
		t.Errorf("asked %q", k)
	}
	down, hook := got[0], parse(t, check("UP", "DOWN"))
	if down.Action != alert.Trigger || down.DedupKey != hook.DedupKey || down.Severity != "critical" || down.Source != hook.Source || !down.StartedAt.Equal(now) || down.Labels["env"] != "prod" || down.Origin != "shop.example.net" || down.Summary != "Shop is DOWN" {
		t.Errorf("got %+v", down)
	}
	if len(down.Links) != 1 || down.Links[0] != hook.Links[0] {
		t.Errorf("links %+v, a webhook has %+v", down.Links, hook.Links)
	}
	if up := got[1]; up.Action != alert.Resolve || up.DedupKey != "check/77" || !up.StartedAt.IsZero() {
		t.Errorf("got %+v", up)
	}
	if small := got[2]; small.Action != alert.Trigger || small.DedupKey != "check/81" || small.Severity != "warning" {
		t.Errorf("got %+v", small)
	}
}

func TestPollThatFails(t *testing.T) {
	p, peer := pollable(t, plugtest.Reply{Body: `{"checks":[]}`})
	for _, c := range []struct {
		reply plugtest.Reply
		want  string
		after time.Duration
	}{
		{plugtest.Reply{Status: 401, Echo: true}, "Pingdom refuses the credentials of the settings", 0},
		{plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"300"}}}, "Pingdom is asked too often", 5 * time.Minute},
		{plugtest.Reply{Status: 503, Echo: true}, "ask Pingdom: peer answered 503", 0},
		{plugtest.Reply{Status: 302, Header: http.Header{"Location": {"/elsewhere"}}}, "ask Pingdom", 0},
		{plugtest.Reply{Body: `{"error":"x"}`}, "no list of checks", 0},
		{plugtest.Reply{Body: `[]`}, "no list of checks", 0},
		{plugtest.Reply{Body: `{"checks":[{"id":1`}, "no list of checks", 0},
	} {
		peer.Next(c.reply)
		_, err := p.Poll(t.Context(), now)
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "the-token") || plug.FailureOf(err).RetryAfter != c.after {
			t.Errorf("%+v: got %v, after %s", c.reply, err, plug.FailureOf(err).RetryAfter)
		}
	}
	if got, err := p.Poll(t.Context(), now); err != nil || len(got) != 0 {
		t.Errorf("no checks: %+v %v", got, err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Poll(gone, now); !fault.Is(err, fault.Unavailable) {
		t.Errorf("given up: %v", err)
	}
}

func TestSettings(t *testing.T) {
	v, err := Plugin().Open(plug.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := v.(plug.Poller).Polls(); ok {
		t.Error("polls without a token")
	}
	for _, values := range []map[string]secret.String{{"api_token": "t"}, {"api_token": "t", "service": "shop", "base_url": "ftp://x"}} {
		var f *fault.Error
		if _, err := Plugin().Open(plug.Config{Values: values}); !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
			t.Errorf("%v: %v", values, err)
		}
	}
	// Only public addresses, unless the owner of the installation allows others.
	closed, err := Plugin().Open(plug.Config{Values: map[string]secret.String{"api_token": "t", "service": "shop", "base_url": "http://127.0.0.1:9"}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := closed.(plug.Poller).Poll(t.Context(), now); !errors.Is(err, plug.ErrForbidden) {
		t.Errorf("loopback: %v", err)
	}
}
