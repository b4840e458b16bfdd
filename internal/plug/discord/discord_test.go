package discord

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	token    = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"
	hookKey  = "3d89bb7572e0fb30d8128367b3b1b44fecd1726de135cbe28a41f8b2f777c372"
	hookPath = "/api/webhooks/223704706495545344/" + hookKey
	room     = "223704706495545344"
)

// private is the key of a Discord of our own.
var private = ed25519.NewKeyFromSeed([]byte("allclear-test-seed-0123456789abc"))

func publicKey() string {
	return hex.EncodeToString(private.Public().(ed25519.PublicKey))
}

func table() []plugtest.Case {
	perm, retry := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}
	status := func(name string, code int, body string, want *plug.Failure) plugtest.Case {
		return plugtest.Case{Name: name, Reply: plugtest.Reply{Status: code, Body: body}, Want: want}
	}
	after := func(d time.Duration) *plug.Failure { return &plug.Failure{Kind: plug.Retry, RetryAfter: d} }
	return []plugtest.Case{
		status("accepted", 200, `{"id":"162701077035089920","channel_id":"`+room+`"}`, nil),
		status("unknown channel", 404, `{"message":"Unknown Channel","code":10003}`, perm),
		status("unknown webhook", 404, `{"message":"Unknown Webhook","code":10015}`, perm),
		status("cannot message this user", 403, `{"message":"Cannot send messages to this user","code":50007}`, perm),
		status("unauthorized", 401, `{"message":"401: Unauthorized","code":0}`, perm),
		status("invalid form", 400, `{"message":"Invalid Form Body","code":50035}`, perm),
		status("rate limited", 429, `{"message":"You are being rate limited.","retry_after":1.336,"global":false}`, after(1336*time.Millisecond)),
		status("rate limited for long", 429, `{"retry_after":1e12}`, after(time.Hour)),
		{Name: "rate limited before Discord", Reply: plugtest.Reply{Status: 429, Header: http.Header{"Retry-After": {"65"}}, Body: "<html>"}, Want: after(65 * time.Second)},
		status("down", 502, "", retry),
		status("a page of somebody else", 200, "<html>", &plug.Failure{Kind: plug.Unknown}),
	}
}

// decode refuses what Discord answers "Invalid Form Body" to.
func decode(t *testing.T, body []byte, webhook bool) message {
	var m message
	if err := json.Unmarshal(body, &m); err != nil || plug.UTF16(m.Content) > 2000 || len(m.Embeds) != 1 || plug.UTF16(m.Embeds[0].Text) > 4096 || len(m.Nonce) > 25 || m.Mentions.Parse == nil || len(m.Mentions.Parse) > 0 {
		t.Errorf("message %s: %v", body, err)
	}
	if webhook && (m.Nonce != "" || m.Enforce) {
		t.Errorf("a webhook knows no nonce: %s", body)
	}
	for _, row := range m.Components {
		if row.Type != 1 || len(row.Components) == 0 || len(row.Components) > 5 {
			t.Errorf("row %+v", row)
		}
		for _, b := range row.Components {
			if b.Type != 2 || b.Label == "" || len(b.Label) > 80 || len(b.ID) > 100 || len(b.URL) > 512 || (b.Style == 5) != (b.URL != "") || (b.ID == "") != (b.URL != "") || webhook && b.ID != "" {
				t.Errorf("button %+v", b)
			}
		}
	}
	return m
}

func peer(t *testing.T, webhook bool) *plugtest.HTTP {
	p := &plugtest.HTTP{Hidden: []secret.String{token, hookKey}, Cases: table(), OK: plugtest.Reply{Body: `{"id":"162701077035089920","channel_id":"` + room + `"}`}}
	if webhook {
		p.Path = hookPath + "?thread_id=41771983423143937"
	} else {
		p.Address = room
	}
	p.Key = func(r *http.Request, body []byte) string {
		auth, q := r.Header.Get("Authorization"), r.URL.Query()
		if webhook && (r.URL.Path != hookPath || auth != "" || q.Get("wait") != "true" || q.Get("with_components") != "true" || q.Get("thread_id") == "") ||
			!webhook && (r.URL.Path != "/api/v10/channels/"+room+"/messages" || auth != "Bot "+token) || r.Method != http.MethodPost {
			t.Errorf("call %s %s %v", r.Method, r.URL, r.Header)
		}
		m := decode(t, body, webhook)
		if webhook {
			return m.Embeds[0].Footer.Text
		}
		return m.Nonce
	}
	return p.Start(t)
}

func open2(t *testing.T, base, key string) plug.Channel {
	return plugtest.Open(t, Plugin(), plugtest.Config(map[string]string{"base_url": base + "/api/v10", "bot_token": token, "webhook_url": base + hookPath, "public_key": key}))
}

// B14, B42.
func TestConformance(t *testing.T) {
	for name, webhook := range map[string]bool{"bot": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			plugtest.Channel(t, func(base string) plug.Channel { return open2(t, base, publicKey()) }, peer(t, webhook))
		})
	}
}

func sent(t *testing.T, m plug.Message, webhook bool, key string) message {
	t.Helper()
	p := peer(t, webhook)
	m.To = p.To()
	if _, err := open2(t, p.URL(), key).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	return decode(t, []byte(body), webhook)
}

func TestButtons(t *testing.T) {
	m := plugtest.SampleMessage("")
	m.Token, m.Join = "0abcdefghjkmn-aaaaaaaaaaaaaaaaaaaaaaaa", true
	row := func(got message) string {
		var out []string
		for _, b := range got.Components[0].Components {
			out = append(out, b.Label+"="+b.ID+b.URL)
		}
		return strings.Join(out, " ")
	}
	full := "Joining=allclear:acknowledge:" + m.Token + " Unavailable=allclear:unavailable:" + m.Token + " Open=" + m.AckURL
	if got := row(sent(t, m, false, publicKey())); got != full {
		t.Error(got)
	}
	if got := row(sent(t, m, false, "")); got != "Answer="+m.AckURL {
		t.Errorf("without the key: %s", got)
	}
	if got := row(sent(t, m, true, publicKey())); got != "Answer="+m.AckURL {
		t.Errorf("webhook: %s", got)
	}
}

func TestText(t *testing.T) {
	got := sent(t, plug.Message{Kind: plug.Notice, Key: "k", Subject: "*x*", Text: "@everyone [a](http://evil.example) a_b " + strings.Repeat("日", 9000)}, false, "")
	if !strings.HasPrefix(got.Embeds[0].Text, `@everyone \[a\](http://evil.example) a_b 日`) || !strings.HasSuffix(got.Embeds[0].Text, plug.Shortened) || got.Content != `\*x\*` || len(got.Components) != 0 {
		t.Errorf("%.100q %+v", got.Embeds[0].Text, got)
	}
	ch := open2(t, "https://discord.example", "")
	for _, m := range []plug.Message{{To: "", Text: "x"}, {To: "#incidents", Text: "x"}, {To: "123", Text: "x"}, {To: room}} {
		if _, err := ch.Send(t.Context(), m); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("%+v: %v", m, err)
		}
	}
	if _, err := Plugin().Open(plugtest.Config(map[string]string{"public_key": "abcd"})); !fault.Is(err, fault.Invalid) {
		t.Errorf("a short key: %v", err)
	}
}

// A person is reached in the bot's own channel with them; it is opened once.
func TestDirect(t *testing.T) {
	var calls []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls = append(calls, r.URL.Path)
		if strings.HasSuffix(r.URL.Path, "/users/@me/channels") && string(body) != `{"recipient_id":"80351110224678912"}` {
			t.Errorf("to %s", body)
		}
		_, _ = io.WriteString(w, `{"id":"`+room+`","type":1}`)
	}))
	defer srv.Close()
	ch := open2(t, srv.URL, "")
	for range 2 {
		if _, err := ch.Send(t.Context(), plugtest.SampleMessage("@80351110224678912")); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(calls, " "); got != "/api/v10/users/@me/channels /api/v10/channels/"+room+"/messages /api/v10/channels/"+room+"/messages" {
		t.Error(got)
	}
}
