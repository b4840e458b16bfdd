package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const pressedBody = `{"type":"block_actions","user":{"id":"U024BE7LH","name":"ana","team_id":"T1"},"api_app_id":"A1","token":"legacy",
"container":{"type":"message","message_ts":"1503435956.000247","channel_id":"C1"},"trigger_id":"1.2","team":{"id":"T1","domain":"x"},
"channel":{"id":"C1","name":"incidents"},"message":{"blocks":[{"type":"actions"}],"user":"B1"},"response_url":"https://hooks.slack.com/actions/T1/1/response",
"actions":[{"action_id":"allclear_acknowledge","block_id":"b","text":{"type":"plain_text","text":"Acknowledge"},"value":"tok-1","type":"button","action_ts":"1.3"}]}`

func form(payload string) []byte { return []byte(url.Values{"payload": {payload}}.Encode()) }

func sign(body []byte, at time.Time) plug.Inbound {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(signing))
	mac.Write([]byte("v0:" + stamp + ":" + string(body)))
	return plug.Inbound{Body: body, ContentType: "application/x-www-form-urlencoded", Now: at, Header: http.Header{
		"X-Slack-Request-Timestamp": {stamp}, "X-Slack-Signature": {"v0=" + hex.EncodeToString(mac.Sum(nil))},
	}}
}

func callback(t testing.TB) plug.Callback {
	return plugtest.OpenCallback(t, Plugin(), map[string]string{"bot_token": botToken, "signing_secret": signing})
}

// B39 (a missing signature, a body serialised again); S01.
func TestForgery(t *testing.T) {
	plugtest.Callback(t, plugtest.CallbackCase{
		Open: Plugin(), Values: map[string]string{"bot_token": botToken, "signing_secret": signing}, Secret: "signing_secret",
		Body: form(pressedBody), Sign: sign, Proof: []string{"X-Slack-Signature", "X-Slack-Request-Timestamp"}, Window: 5 * time.Minute, Bytes: true,
	})
}

// The example of Slack's own page on verifying requests.
func TestPublishedSignature(t *testing.T) {
	const body = "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	in := plug.Inbound{Body: []byte(body), Now: time.Unix(1531420618, 0).Add(time.Minute), Header: http.Header{
		"X-Slack-Request-Timestamp": {"1531420618"}, "X-Slack-Signature": {"v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"},
	}}
	if _, err := callback(t).Hear(in); err != nil {
		t.Error(err)
	}
}

func TestHearAndRespond(t *testing.T) {
	cb := callback(t)
	at := time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)
	h, err := cb.Hear(sign(form(pressedBody), at))
	if err != nil || len(h.Answers) != 1 || h.Answers[0] != (plug.PageAnswer{Channel: "slack", From: "U024BE7LH", Token: "tok-1", Choice: plug.Acknowledge}) {
		t.Errorf("pressed: %+v, %v", h, err)
	}
	if r := cb.Respond(h, []plug.Result{{Incident: "INC-1"}}); r.Status != 200 || len(r.Body) != 0 {
		t.Errorf("reply %+v", r)
	}
	h, err = cb.Hear(sign([]byte(`{"token":"x","challenge":"3eZbrw1aB","type":"url_verification"}`), at))
	if r := cb.Respond(h, nil); err != nil || len(h.Answers) != 0 || r.Status != 200 || string(r.Body) != `{"challenge":"3eZbrw1aB"}` {
		t.Errorf("handshake: %+v %s, %v", h, r.Body, err)
	}
	for _, quiet := range []string{
		"ssl_check=1&token=x", string(form(strings.Replace(pressedBody, actionPrefix+"acknowledge", actionLink, 1))),
		string(form(strings.Replace(pressedBody, `"tok-1"`, `""`, 1))), `{"type":"event_callback","event":{"type":"message","user":"U1"}}`,
	} {
		if h, err := cb.Hear(sign([]byte(quiet), at)); err != nil || len(h.Answers) != 0 || cb.Respond(h, nil).Status != 200 {
			t.Errorf("%.80s: %+v, %v", quiet, h, err)
		}
	}
	if _, err := cb.Hear(sign(form(`{"type":`), at)); !fault.Is(err, fault.Invalid) {
		t.Errorf("torn: %v", err)
	}
}

// The message is replaced when the answer was taken, only the one who pressed
// hears of it when it was not, and a response_url of somebody else's is not
// called (B42).
func TestTell(t *testing.T) {
	p := peer(t)
	s := open2(t, p.URL(), map[string]string{"signing_secret": signing}).(plug.Teller)
	heard := func(to string) plug.Heard {
		return plug.Heard{Answers: []plug.PageAnswer{{Choice: plug.Acknowledge}}, Data: map[string]string{dataRespond: to, dataUser: "U1"}}
	}
	ours := p.URL() + "/actions/T1/1/response"
	if err := s.Tell(t.Context(), heard(ours), []plug.Result{{Incident: "INC-1", Title: "a <b>"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Tell(t.Context(), heard(ours), []plug.Result{{Err: fault.New(fault.NotFound, "x")}}); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`{"replace_original":true,"text":"Acknowledged: INC-1, a &lt;b&gt; (<@U1>)"}`, `"response_type":"ephemeral"`} {
		if raw := p.Got()[i].Raw; !strings.Contains(raw, want) || strings.Contains(raw, botToken) {
			t.Errorf("call %d: %s", i, raw)
		}
	}
	for _, to := range []string{"https://evil.example/x", "http://hooks.slack.com/x", "https://hooks.slack.com.evil.example/", "https://hooks.slack.com@evil.example/", "http://169.254.169.254/"} {
		if err := s.Tell(t.Context(), heard(to), []plug.Result{{}}); err == nil {
			t.Errorf("%s was called", to)
		}
	}
	if n := len(p.Got()); n != 2 {
		t.Errorf("%d calls", n)
	}
}

func FuzzHear(f *testing.F) {
	for _, s := range []string{pressedBody, `{"type":"url_verification","challenge":"x"}`, `{"type":"block_actions","actions":[{"value":null}],"user":"U"}`} {
		f.Add([]byte(s))
		f.Add(form(s))
	}
	cb := callback(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := cb.Hear(sign(body, time.Unix(1_700_000_000, 0)))
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("refused with %v", err)
		}
		plugtest.CheckHeard(t, h)
		cb.Respond(h, make([]plug.Result, len(h.Answers)))
	})
}
