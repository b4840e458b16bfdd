package ntfy

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	token    = "tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2"
	callback = "https://allclear.test/hooks/ntfy/key-0123456789abcdef"
)

// peer is an ntfy server: it checks what the server would refuse.
func peer(t *testing.T) *plugtest.HTTP {
	perm, retry, unknown := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}, &plug.Failure{Kind: plug.Unknown}
	status := func(name string, code int, body string, want *plug.Failure) plugtest.Case {
		return plugtest.Case{Name: name, Reply: plugtest.Reply{Status: code, Body: body}, Want: want}
	}
	p := &plugtest.HTTP{
		Key: func(r *http.Request, body []byte) string {
			if r.Method != http.MethodPost || r.URL.Path != "/" || r.Header.Get("Authorization") != "Bearer "+token {
				t.Errorf("call %s %s %v", r.Method, r.URL, r.Header)
			}
			return check(t, body).Sequence
		},
		Address: "oncall-Ana_1", Hidden: []secret.String{token, callback},
		OK: plugtest.Reply{Body: `{"id":"sPs71M8A2T","time":1643935928,"event":"message","topic":"oncall-Ana_1","message":"x"}`},
		Cases: []plugtest.Case{
			status("accepted", 200, `{"id":"a","event":"message"}`, nil),
			status("forbidden", 403, `{"code":40301,"http":403,"error":"forbidden"}`, perm),
			status("unauthorized", 401, `{"code":40101,"http":401,"error":"unauthorized"}`, perm),
			status("bad topic", 400, `{"code":40009,"http":400,"error":"invalid topic"}`, perm),
			status("too large", 413, `{"code":41301,"http":413}`, perm),
			status("too many", 429, `{"code":42901,"http":429,"error":"limit reached"}`, retry),
			status("full", 507, `{"code":50701,"http":507}`, retry),
			status("down", 502, "", retry),
			status("a page of somebody else", 200, "<html>", unknown),
		},
	}
	return p.Start(t)
}

func check(t *testing.T, body []byte) publish {
	var p publish
	if err := json.Unmarshal(body, &p); err != nil || !topicShape.MatchString(p.Topic) || len(p.Message) > 4096 || p.Message == "" || p.Priority < 1 || p.Priority > 5 || len(p.Actions) > 3 || !topicShape.MatchString(p.Sequence) {
		t.Errorf("publish %s: %v", body, err)
	}
	for _, a := range p.Actions {
		if a.Label == "" || a.URL == "" || a.Action != "view" && a.Action != "http" {
			t.Errorf("action %+v", a)
		}
	}
	return p
}

func open2(t *testing.T, base, back string) plug.Channel {
	return plugtest.Open(t, Plugin(), plugtest.Config(map[string]string{"base_url": base, "token": token, "callback_url": back}))
}

// B14, B42.
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return open2(t, base, callback) }, peer(t))
}

func sent(t *testing.T, m plug.Message, back string) publish {
	t.Helper()
	p := peer(t)
	if _, err := open2(t, p.URL(), back).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	return check(t, []byte(body))
}

func TestPage(t *testing.T) {
	m := plugtest.SampleMessage("oncall")
	m.Token = "tok-1"
	got := sent(t, m, callback)
	if got.Priority != 5 || got.Click != m.AckURL || got.Title != m.Subject || len(got.Actions) != 2 {
		t.Fatalf("%+v", got)
	}
	// What the button posts is what Hear takes.
	cb := plugtest.OpenCallback(t, Plugin(), map[string]string{"callback_url": callback})
	h, err := cb.Hear(plug.Inbound{Body: []byte(got.Actions[0].Body)})
	if err != nil || len(h.Answers) != 1 || h.Answers[0] != (plug.PageAnswer{Channel: "ntfy", Token: "tok-1", Choice: plug.Acknowledge}) {
		t.Errorf("%+v, %v", h, err)
	}
	if a := got.Actions[0]; a.URL != callback || a.Method != "POST" || a.Action != "http" || !a.Clear {
		t.Errorf("%+v", a)
	}
	if a := sent(t, m, "").Actions; len(a) != 1 || a[0].Action != "view" || a[0].Label != "Acknowledge" || a[0].URL != m.AckURL {
		t.Errorf("without a way back: %+v", a)
	}
	m.Join = true
	if a := sent(t, m, callback).Actions; len(a) != 3 || a[1].Label != "Unavailable" || !strings.Contains(a[1].Body, `"choice":"unavailable"`) {
		t.Errorf("who joins: %+v", a)
	}
}

func TestNotice(t *testing.T) {
	got := sent(t, plug.Message{Kind: plug.Notice, Key: "k", To: "x", Subject: "s", Text: strings.Repeat("日", 3000)}, callback)
	if got.Priority != 3 || len(got.Actions) != 0 || got.Click != "" || !strings.HasSuffix(got.Message, plug.Shortened) {
		t.Errorf("%+v", got)
	}
	if got := sent(t, plug.Message{Kind: plug.Notice, Key: "k", To: "x", Subject: "only a subject"}, ""); got.Message != "only a subject" {
		t.Errorf("%+v", got)
	}
	for _, to := range []string{"", "a/b", "a b", "https://ntfy.sh/x", strings.Repeat("x", 65)} {
		_, err := open2(t, "https://ntfy.example", "").Send(t.Context(), plug.Message{Key: "k", To: to, Text: "x"})
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

// B40: nobody signs these calls, so nothing counts but a token.
func TestHear(t *testing.T) {
	cb := plugtest.OpenCallback(t, Plugin(), nil)
	for _, body := range []string{"", "{}", "null", `{"token":"x"}`, `{"choice":"acknowledge"}`, `{"token":"x","choice":"resolve"}`, `{"token":7,"choice":"acknowledge"}`} {
		if h, err := cb.Hear(plug.Inbound{Body: []byte(body)}); !fault.Is(err, fault.Invalid) || len(h.Answers)+len(h.Receipts) > 0 {
			t.Errorf("%s: %+v, %v", body, h, err)
		}
	}
	h, _ := cb.Hear(plug.Inbound{Body: []byte(`{"token":"x","choice":"unavailable"}`)})
	if r := cb.Respond(h, []plug.Result{{Err: fault.New(fault.NotFound, "x")}}); r.Status != 409 || string(r.Body) != "Not taken: this page is not known." {
		t.Errorf("%d %s", r.Status, r.Body)
	}
	if r := cb.Respond(h, []plug.Result{{Incident: "INC-1"}}); r.Status != 200 {
		t.Errorf("%d %s", r.Status, r.Body)
	}
}

func FuzzHear(f *testing.F) {
	f.Add([]byte(`{"token":"x","choice":"acknowledge"}`))
	cb := plugtest.OpenCallback(f, Plugin(), nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := cb.Hear(plug.Inbound{Body: body})
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("refused with %v", err)
		}
		plugtest.CheckHeard(t, h)
		cb.Respond(h, make([]plug.Result, len(h.Answers)))
	})
}
