package telegram

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	botToken = "123456789:AAF-abcdefghijklmnopqrstuvwxyz012345"
	hook     = "a_webhook-secret-0123456789"
)

// peer is the Bot API: it checks what Telegram would refuse.
func peer(t *testing.T) *plugtest.HTTP {
	perm, retry, unknown := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}, &plug.Failure{Kind: plug.Unknown}
	p := &plugtest.HTTP{
		Key: func(r *http.Request, body []byte) string {
			if r.Method != http.MethodPost || r.URL.Path != "/bot"+botToken+"/sendMessage" {
				t.Errorf("call %s %s", r.Method, r.URL)
			}
			check(t, body)
			return r.Header.Get("Idempotency-Key") // Telegram has none of its own
		},
		Address: "-1001234567890", Hidden: []secret.String{botToken, hook, "AAF-abcdefghijklmnopqrstuvwxyz012345"},
		OK: plugtest.Reply{Body: `{"ok":true,"result":{"message_id":365,"chat":{"id":-1001234567890},"date":1}}`},
		Cases: []plugtest.Case{
			{Name: "accepted", Reply: plugtest.Reply{Body: `{"ok":true,"result":{"message_id":365}}`}},
			{Name: "chat not found", Reply: plugtest.Reply{Status: 400, Body: `{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}`}, Want: perm},
			{Name: "blocked", Reply: plugtest.Reply{Status: 403, Body: `{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}`}, Want: perm},
			{Name: "wrong token", Reply: plugtest.Reply{Status: 401, Body: `{"ok":false,"error_code":401,"description":"Unauthorized"}`}, Want: perm},
			{Name: "supergroup", Reply: plugtest.Reply{Status: 400, Body: `{"ok":false,"error_code":400,"description":"x","parameters":{"migrate_to_chat_id":-100777}}`}, Want: perm},
			{Name: "too many", Reply: plugtest.Reply{Status: 429, Body: `{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 35","parameters":{"retry_after":35}}`}, Want: &plug.Failure{Kind: plug.Retry, RetryAfter: 35 * time.Second}},
			{Name: "far too many", Reply: plugtest.Reply{Status: 429, Body: `{"ok":false,"parameters":{"retry_after":9999999999}}`}, Want: &plug.Failure{Kind: plug.Retry, RetryAfter: time.Hour}},
			{Name: "502", Reply: plugtest.Reply{Status: 502, Body: "<html>"}, Want: retry},
			{Name: "no JSON", Reply: plugtest.Reply{Body: "<html>"}, Want: unknown},
			{Name: "not ok", Reply: plugtest.Reply{Body: `{"ok":false}`}, Want: unknown},
		},
	}
	return p.Start(t)
}

func check(t *testing.T, body []byte) send {
	var s send
	if err := json.Unmarshal(body, &s); err != nil || s.Chat == "" || s.Text == "" || plug.UTF16(s.Text) > 4096 || s.Mode != "HTML" || !s.Preview.Disabled {
		t.Errorf("send %s: %v", body, err)
	}
	if s.Markup != nil {
		for _, b := range s.Markup.Rows[0] {
			if b.Text == "" || len(b.Data) > 64 || (b.Data == "") == (b.URL == "") {
				t.Errorf("button %+v", b)
			}
		}
	}
	return s
}

func open2(t *testing.T, base string, secret string) plug.Channel {
	return plugtest.Open(t, Plugin(), plugtest.Config(map[string]string{"bot_token": botToken, "base_url": base, "webhook_secret": secret}))
}

// B14, B42.
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel { return open2(t, base, hook) }, peer(t))
}

func sent(t *testing.T, m plug.Message, secret string) send {
	t.Helper()
	p := peer(t)
	if _, err := open2(t, p.URL(), secret).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	return check(t, []byte(body))
}

func TestButtons(t *testing.T) {
	m := plugtest.SampleMessage("42")
	m.Token = "0abcdefghjkmn-aaaaaaaaaaaaaaaaaaaaaaaa" // as long as real ones
	row := func(m plug.Message, secret string) string {
		s, out := sent(t, m, secret), []string{}
		if s.Markup != nil {
			for _, b := range s.Markup.Rows[0] {
				out = append(out, b.Text+"="+b.Data+b.URL)
			}
		}
		return strings.Join(out, " ")
	}
	if got := row(m, hook); got != "Acknowledge=a:"+m.Token+" Open="+m.AckURL {
		t.Error(got)
	}
	if got := row(m, ""); got != "Acknowledge="+m.AckURL {
		t.Errorf("without a secret: %s", got)
	}
	join := m
	join.Join = true
	if got := row(join, hook); got != "Joining=a:"+m.Token+" Unavailable=u:"+m.Token+" Open="+m.AckURL {
		t.Error(got)
	}
	long := m
	long.Token = strings.Repeat("x", 63)
	if got := row(long, hook); got != "Acknowledge="+m.AckURL {
		t.Errorf("a token too long for a button: %s", got)
	}
	local := m
	local.AckURL, local.Token = "http://localhost:8080/ack/x", ""
	if got, text := row(local, hook), sent(t, local, hook).Text; got != "" || !strings.HasSuffix(text, "\nAcknowledge: http://localhost:8080/ack/x") {
		t.Errorf("a host Telegram refuses: %s %s", got, text)
	}
}

func TestText(t *testing.T) {
	s := sent(t, plug.Message{Kind: plug.Notice, To: "@incidents", Key: "k", Subject: "a <b> & c", Text: strings.Repeat("<i>&", 3000)}, hook)
	if !strings.HasPrefix(s.Text, "<b>a &lt;b&gt; &amp; c</b>\n&lt;i&gt;&amp;&lt;") || !strings.HasSuffix(s.Text, plug.Shortened) {
		t.Errorf("%.80q ... %q", s.Text, s.Text[len(s.Text)-60:])
	}
	for _, to := range []string{"", "Ana", "12 34", "https://t.me/x"} {
		_, err := open2(t, "https://telegram.example", hook).Send(t.Context(), plug.Message{Key: "k", To: to, Text: "x"})
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
			t.Errorf("to %q: %v", to, err)
		}
	}
	for _, bad := range []map[string]string{{"bot_token": "x/../y"}, {"bot_token": botToken, "webhook_secret": "a b"}} {
		if _, err := Plugin().Open(plugtest.Config(bad)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

const pressedBody = `{"update_id":10000,"callback_query":{"id":"4382bfdwdsb323b2d9","from":{"id":1111111,"is_bot":false,"first_name":"Ana"},
"message":{"message_id":365,"from":{"id":9,"is_bot":true},"chat":{"id":1111111,"type":"private"}},"chat_instance":"-1","data":"a:tok-1"}}`

func sign(body []byte, at time.Time) plug.Inbound {
	return plug.Inbound{Body: body, Now: at, ContentType: "application/json", Header: http.Header{"X-Telegram-Bot-Api-Secret-Token": {hook}}}
}

// B39; S01.
func TestForgery(t *testing.T) {
	plugtest.Callback(t, plugtest.CallbackCase{
		Open: Plugin(), Values: map[string]string{"bot_token": botToken, "webhook_secret": hook}, Secret: "webhook_secret",
		Body: []byte(pressedBody), Sign: sign, Proof: []string{"X-Telegram-Bot-Api-Secret-Token"},
	})
}

func TestHearAndRespond(t *testing.T) {
	cb := plugtest.OpenCallback(t, Plugin(), map[string]string{"bot_token": botToken, "webhook_secret": hook})
	h, err := cb.Hear(sign([]byte(pressedBody), time.Time{}))
	if err != nil || len(h.Answers) != 1 || h.Answers[0] != (plug.PageAnswer{Channel: "telegram", From: "1111111", Token: "tok-1", Choice: plug.Acknowledge}) {
		t.Fatalf("%+v, %v", h, err)
	}
	r := cb.Respond(h, []plug.Result{{Incident: "INC-1", Title: strings.Repeat("x", 500)}})
	var out struct {
		Method, Text string
		ID           string `json:"callback_query_id"`
	}
	if err := json.Unmarshal(r.Body, &out); err != nil || out.Method != "answerCallbackQuery" || out.ID != "4382bfdwdsb323b2d9" || !strings.HasPrefix(out.Text, "Acknowledged: INC-1, x") || len(out.Text) > 200 {
		t.Errorf("reply %s, %v", r.Body, err)
	}
	for _, quiet := range []string{`{"update_id":1,"message":{"text":"hi"}}`, strings.Replace(pressedBody, "a:tok-1", "z:tok-1", 1), strings.Replace(pressedBody, "a:tok-1", "a:", 1)} {
		if h, err := cb.Hear(sign([]byte(quiet), time.Time{})); err != nil || len(h.Answers) != 0 || cb.Respond(h, nil).Status != 200 {
			t.Errorf("%s: %+v, %v", quiet, h, err)
		}
	}
}

func FuzzHear(f *testing.F) {
	f.Add([]byte(pressedBody))
	f.Add([]byte(`{"callback_query":{"id":"1","from":{"id":1e9},"data":"u:\u0000"},"callback_query":null}`))
	cb := plugtest.OpenCallback(f, Plugin(), map[string]string{"bot_token": botToken, "webhook_secret": hook})
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := cb.Hear(sign(body, time.Time{}))
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("refused with %v", err)
		}
		plugtest.CheckHeard(t, h)
		cb.Respond(h, make([]plug.Result, len(h.Answers)))
	})
}
