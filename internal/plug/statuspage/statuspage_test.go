package statuspage

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/domain/status"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const key = "89a229ce1a8dbcf9ff30430fbe35eb4c0426574bca932061892cefd2138aa4b1"

// as sends what the suite sends as a copy of a post: one incident for each key.
type as struct{ plug.Channel }

func (a as) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	u := status.Update{ID: "u" + strings.Map(letters, m.Key), Status: status.Investigating, Body: m.Text}
	m.Posted = &status.Posted{Incident: status.Incident{ID: "p" + strings.Map(letters, m.Key), Name: m.Subject, Impact: status.ImpactMajor, Updates: []status.Update{u}}, Components: []status.Component{{Name: "Sign-in", Status: status.PartialOutage}, {Name: "hidden", Status: status.MajorOutage}}}
	return a.Channel.Send(ctx, m)
}

func letters(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return -1
}

func opened(t *testing.T, base string) plug.Channel {
	return plugtest.Open(t, tried(), plugtest.Config(map[string]string{"page_id": "kctbh9vrtdwd", "api_key": key, "components": "Sign-in=8kbf7d35c070", "base_url": base}))
}

// tried is the plug-in as a channel of its own, for the suite.
func tried() plug.Plugin {
	p := Plugin()
	open := p.Open
	p.Open = func(c plug.Config) (any, error) {
		v, err := open(c)
		if err != nil {
			return nil, err
		}
		v.(*statuspage).now = func() time.Time { tick = tick.Add(window); return tick } // the suite calls often
		return v, nil
	}
	return p
}

var tick = time.Unix(0, 0)

// PLT-SP-RT, INT-STATUSPAGE: 401, 420 and 429 are handled, and a send is one message.
func TestConformance(t *testing.T) {
	perm, retry := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}
	var next []plugtest.Reply // the peer asks under its lock, and the suite calls one at a time
	peer := &plugtest.HTTP{
		Address: "public", Hidden: []secret.String{key},
		Key: func(r *http.Request, body []byte) string {
			if r.Header.Get("Authorization") != "OAuth "+key || !strings.HasPrefix(r.URL.Path, "/v1/pages/kctbh9vrtdwd/incidents") {
				t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
			}
			var f struct {
				Incident struct {
					Metadata   map[string]mark
					Components map[string]string
				}
			}
			if r.Method == http.MethodPost && (json.Unmarshal(body, &f) != nil || f.Incident.Components["8kbf7d35c070"] != "partial_outage" || len(f.Incident.Components) != 1) {
				t.Errorf("body %s", body)
			}
			return f.Incident.Metadata["allclear"].Post
		},
		Cases: []plugtest.Case{
			{Name: "unauthorized", Reply: plugtest.Reply{Status: 401, Body: `{"error":"Could not authenticate"}`}, Want: perm},
			{Name: "calm", Reply: plugtest.Reply{Status: 420}, Want: &plug.Failure{Kind: plug.Retry, RetryAfter: window}},
			{Name: "too many", Reply: plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"7"}}}, Want: &plug.Failure{Kind: plug.Retry, RetryAfter: 7 * time.Second}},
			{Name: "no such page", Reply: plugtest.Reply{Status: 404}, Want: perm},
			{Name: "down", Reply: plugtest.Reply{Status: 503}, Want: retry},
			{Name: "a page of somebody else", Reply: plugtest.Reply{Status: 200, Body: "<html>"}, Want: &plug.Failure{Kind: plug.Unknown}},
		},
		Answer: func(r *http.Request, _ []byte) plugtest.Reply {
			if r.Method == http.MethodGet {
				return plugtest.Reply{Body: "[]"}
			}
			if len(next) > 0 {
				r := next[0]
				next = next[1:]
				return r
			}
			return plugtest.Reply{Status: 201, Body: `{"id":"p31zjtct2jer","status":"investigating"}`}
		},
	}
	plugtest.Channel(t, func(base string) plug.Channel { return as{opened(t, base)} }, only{peer.Start(t), &next})
}

// only counts what writes, and has that fail: looking for the post comes before it.
type only struct {
	*plugtest.HTTP
	next *[]plugtest.Reply
}

func (o only) Next(r plugtest.Reply) { *o.next = append(*o.next, r) }

func (o only) Got() (out []plugtest.Got) {
	for _, g := range o.HTTP.Got() {
		if !strings.HasPrefix(g.Raw, "GET ") {
			out = append(out, g)
		}
	}
	return out
}

func TestTheMapIsRead(t *testing.T) {
	got, err := readMap("Sign-in = a1, API=b2;\nA=B=c3")
	if err != nil || len(got) != 3 || got["Sign-in"] != "a1" || got["A=B"] != "c3" {
		t.Errorf("%v %v", got, err)
	}
	for _, bad := range []string{"Sign-in", "=a1", "x=", "x=a b", "x=a1,x=b2", "x=../1"} {
		if _, err := readMap(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// INT-STATUSPAGE: more than 60 calls in a minute are not made.
func TestTheLimitIsKept(t *testing.T) {
	now := time.Unix(1000, 0)
	s := &statuspage{}
	for range burst {
		if w := s.wait(now); w != 0 {
			t.Fatalf("waited %s", w)
		}
	}
	if w := s.wait(now.Add(10 * time.Second)); w != 50*time.Second {
		t.Errorf("waits %s", w)
	}
	if w := s.wait(now.Add(window)); w != 0 {
		t.Errorf("waits %s after a minute", w)
	}
}

func FuzzMark(f *testing.F) {
	f.Add(`{"allclear":{"post":"a","last":"b"}}`)
	f.Add(`{"allclear":[]}`)
	f.Add(`null`)
	f.Fuzz(func(_ *testing.T, s string) {
		i := incident{Metadata: json.RawMessage(s)}
		_ = i.mark()
	})
}
