package slack

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	botToken = "xoxb-1111-2222-abcdefghijklmnop"
	signing  = "8f742231b10e8888abcd99yyyzzz85a5"
)

// wire is a call as Slack reads it.
type wire struct {
	Channel, Text string
	UnfurlLinks   *bool `json:"unfurl_links"`
	Blocks        []struct {
		Type     string
		Text     *struct{ Type, Text string }
		Elements []struct {
			Type, Value, URL, Style string
			Action                  string `json:"action_id"`
			Text                    struct{ Type, Text string }
		}
	}
	Metadata struct {
		Type    string            `json:"event_type"`
		Payload map[string]string `json:"event_payload"`
	}
}

// peer is the Web API: it checks what Slack would refuse.
func peer(t *testing.T) *plugtest.HTTP {
	perm, retry, unknown := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}, &plug.Failure{Kind: plug.Unknown}
	says := func(code string, want *plug.Failure) plugtest.Case {
		return plugtest.Case{Name: code, Reply: plugtest.Reply{Body: `{"ok":false,"error":"` + code + `"}`}, Want: want}
	}
	cases := []plugtest.Case{
		says("channel_not_found", perm), says("is_archived", perm), says("not_in_channel", perm), says("invalid_auth", perm),
		says("account_inactive", perm), says("missing_scope", perm), says("msg_too_long", perm), says("a_code_of_tomorrow", perm),
		says("ratelimited", retry), says("service_unavailable", retry), says("internal_error", unknown), says("fatal_error", unknown),
		{Name: "no JSON", Reply: plugtest.Reply{Body: "<html>proxy</html>"}, Want: unknown},
		{Name: "JSON of another", Reply: plugtest.Reply{Body: `{"status":"fine"}`}, Want: unknown},
		{Name: "429", Reply: plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"30"}}, Body: `{"ok":false,"error":"ratelimited"}`}, Want: &plug.Failure{Kind: plug.Retry, RetryAfter: 30 * time.Second}},
		{Name: "503", Reply: plugtest.Reply{Status: 503}, Want: retry},
		{Name: "403", Reply: plugtest.Reply{Status: 403}, Want: perm},
		{Name: "accepted", Reply: plugtest.Reply{Body: `{"ok":true,"channel":"C1","ts":"1.2"}`}},
	}
	p := &plugtest.HTTP{
		Key: func(r *http.Request, body []byte) string {
			if r.URL.Path == "/actions/T1/1/response" {
				return "response_url"
			}
			if r.Method != http.MethodPost || r.URL.Path != "/api/chat.postMessage" || r.Header.Get("Authorization") != "Bearer "+botToken || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
				t.Errorf("call %s %s %v", r.Method, r.URL, r.Header)
			}
			w := check(t, body)
			return w.Metadata.Payload["key"]
		},
		Address: "#incidents", Hidden: []secret.String{botToken, signing},
		Cases: cases, OK: plugtest.Reply{Body: `{"ok":true,"channel":"C1","ts":"1503435956.000247","message":{}}`},
	}
	return p.Start(t)
}

// check refuses what Slack answers invalid_blocks to.
func check(t *testing.T, body []byte) wire {
	var w wire
	if err := json.Unmarshal(body, &w); err != nil || w.Channel == "" || w.Text == "" || w.UnfurlLinks == nil || *w.UnfurlLinks {
		t.Errorf("post %s: %v", body, err)
	}
	for _, b := range w.Blocks {
		limit := map[string]int{"header": 150, "section": 3000}[b.Type]
		if b.Type != "actions" && (b.Text == nil || b.Text.Text == "" || plug.UTF16(b.Text.Text) > limit) {
			t.Errorf("block %+v", b)
		}
		for _, e := range b.Elements {
			if e.Action == "" || e.Text.Type != "plain_text" || len(e.Text.Text) > 75 || len(e.Value) > 2000 || e.URL != "" && !strings.HasPrefix(e.URL, "http") {
				t.Errorf("button %+v", e)
			}
		}
	}
	return w
}

func open2(t *testing.T, base string, more map[string]string) plug.Channel {
	values := map[string]string{"bot_token": botToken, "base_url": base + "/api"}
	for k, v := range more {
		values[k] = v
	}
	return plugtest.Open(t, Plugin(), plugtest.Config(values))
}

// Clauses: PLT-CFG-CHAN
// B14 (a vendor's own errors), B42 (redirects).
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return open2(t, base, map[string]string{"signing_secret": signing}) }, peer(t))
}

func sent(t *testing.T, m plug.Message, more map[string]string) wire {
	t.Helper()
	p := peer(t)
	if _, err := open2(t, p.URL(), more).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	return check(t, []byte(body))
}

func page(join bool) plug.Message {
	m := plugtest.SampleMessage("U024BE7LH")
	m.Token, m.Join = "0abcdefghjkmn-aaaaaaaaaaaaaaaaaaaaaaaa", join
	return m
}

func TestButtons(t *testing.T) {
	with := map[string]string{"signing_secret": signing}
	for _, c := range []struct {
		name string
		m    plug.Message
		set  map[string]string
		want string
	}{
		{"page", page(false), with, "allclear_acknowledge=Acknowledge allclear_open=Open"},
		{"who joins", page(true), with, "allclear_acknowledge=Joining allclear_unavailable=Unavailable allclear_open=Open"},
		{"without the signing secret", page(false), nil, "allclear_open=Acknowledge"},
		{"notice", plug.Message{Kind: plug.Notice, To: "#incidents", Key: "k", Subject: "s", Text: "t", Token: "x"}, with, ""},
	} {
		var got []string
		for _, b := range sent(t, c.m, c.set).Blocks {
			for _, e := range b.Elements {
				got = append(got, e.Action+"="+e.Text.Text)
				if e.Action != actionLink && e.Value != c.m.Token {
					t.Errorf("%s: value %q", c.name, e.Value)
				}
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s: got %v, want %s", c.name, got, c.want)
		}
	}
}

// The text of an alert mentions nobody, and one that is too long says so.
func TestText(t *testing.T) {
	w := sent(t, plug.Message{Kind: plug.Post, To: "C1", Key: "k", Subject: strings.Repeat("é", 400), Text: "<!channel> <@U1> a & b " + strings.Repeat("x&", 4000)}, nil)
	section := w.Blocks[1].Text.Text
	if !strings.HasPrefix(section, "&lt;!channel&gt; &lt;@U1&gt; a &amp; b x&amp;x") || !strings.HasSuffix(section, plug.Shortened) {
		t.Errorf("section %.80q ... %.80q", section, section[len(section)-80:])
	}
	if strings.ContainsAny(w.Text, "<>") {
		t.Errorf("text %.200q", w.Text)
	}
	_, err := open2(t, "https://slack.example", nil).Send(t.Context(), plug.Message{Key: "k", Text: "x"})
	if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
		t.Errorf("without an address: %v", err)
	}
}

// What is wrong with our account is told apart from what is wrong with the
// address.
func TestOurs(t *testing.T) {
	for code, want := range map[string]bool{"invalid_auth": true, "missing_scope": true, "channel_not_found": false, "ratelimited": false} {
		if f := plug.FailureOf(refusal(code)); f.Ours != want {
			t.Errorf("%s: %v", code, f.Ours)
		}
	}
}
