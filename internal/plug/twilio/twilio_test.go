package twilio_test

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/twilio"
)

const (
	token = "auth-token-0123456789abcdef"
	back  = "https://allclear.test/hooks/twilio/hook-key-0123456789"
)

func settings(base string) map[string]string {
	return map[string]string{"account_sid": "AC0123456789abcdef", "auth_token": token, "from": "+15550000001", "callback_url": back, "base_url": base}
}

// on is the channel with a name set, as the application sets it.
type on struct {
	plug.Channel
	name string
}

func (o on) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	m.Channel = o.name
	return o.Channel.Send(ctx, m)
}

// api is the vendor on loopback. It answers as the API does.
func api(t *testing.T) *plugtest.HTTP {
	refusal := func(status, code int, body string) plugtest.Reply {
		return plugtest.Reply{Status: status, Body: `{"code": ` + strconv.Itoa(code) + `, "message": "` + body + `", "more_info": "https://www.twilio.com/docs/errors/` + strconv.Itoa(code) + `", "status": ` + strconv.Itoa(status) + `}`}
	}
	cases := plugtest.HTTPTable()
	row := func(name string, r plugtest.Reply, want plug.FailureKind) {
		cases = append(cases, plugtest.Case{Name: name, Reply: r, Want: &plug.Failure{Kind: want}})
	}
	row("not a number", refusal(400, 21211, "The 'To' number is not a valid phone number."), plug.Permanent)
	row("stopped by the person", refusal(400, 21610, "Attempt to send to unsubscribed recipient"), plug.Permanent)
	row("queue of the number is full", refusal(400, 21611, "This 'From' number has exceeded the maximum number of queued messages"), plug.Retry)
	row("too many requests", refusal(429, 20429, "Too Many Requests"), plug.Retry)
	p := &plugtest.HTTP{
		Key:     func(r *http.Request, _ []byte) string { return r.Header.Get("Idempotency-Key") },
		Address: "+15550100001",
		Hidden:  []secret.String{token, "hook-key-0123456789"},
		Cases:   cases,
		OK:      plugtest.Reply{Status: 201, Body: `{"sid": "SM0123", "status": "queued", "error_code": null}`},
	}
	return p.Start(t)
}

// Clauses: INT-SMS, INT-PHONE, PLT-CFG-CHAN
// B14
func TestConformance(t *testing.T) {
	for _, channel := range []string{"sms", "voice"} {
		t.Run(channel, func(t *testing.T) {
			peer := api(t)
			plugtest.Channel(t, func(base string) plug.Channel {
				return on{plugtest.Open(t, twilio.Plugin(), plugtest.Config(settings(base))), channel}
			}, peer)
		})
	}
}

// sent sends a message and returns what the API got.
func sent(t *testing.T, m plug.Message, change func(map[string]string)) (url.Values, string, plug.Receipt) {
	t.Helper()
	peer := api(t)
	s := settings(peer.URL())
	if change != nil {
		change(s)
	}
	r, err := plugtest.Open(t, twilio.Plugin(), plugtest.Config(s)).Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(peer.Got()[0].Raw, "\n\n")
	if _, after, ok := strings.Cut(peer.Got()[0].Raw, "\r\n\n"); ok {
		body = after
	}
	form, err := url.ParseQuery(body)
	if err != nil {
		t.Fatal(err)
	}
	return form, head, r
}

func page(channel string) plug.Message {
	m := plugtest.SampleMessage("+15550100001")
	m.Channel, m.Token, m.Code, m.Digit, m.Delivery = channel, "tok-en", "123456", "7", "d42"
	return m
}

// Clauses: PLT-RT-MSG
func TestATextMessage(t *testing.T) {
	form, head, r := sent(t, page("sms"), nil)
	if !strings.HasPrefix(head, "POST /2010-04-01/Accounts/AC0123456789abcdef/Messages.json\n") || !strings.Contains(head, "Authorization: Basic ") {
		t.Errorf("%s", head)
	}
	if form.Get("To") != "+15550100001" || form.Get("From") != "+15550000001" || form.Get("StatusCallback") != back+"?delivery=d42" {
		t.Errorf("%v", form)
	}
	body := form.Get("Body")
	if !strings.HasSuffix(body, "\nReply 123456 to acknowledge\nhttps://allclear.test/a/one-time-0123456789abcdef") || !strings.HasPrefix(body, "P1: ") || strings.Contains(body, "\u2013") {
		t.Errorf("%q", body)
	}
	if r.ProviderRef != "SM0123" || !r.Confirms {
		t.Errorf("%+v", r)
	}
	m := page("sms")
	m.Join = true
	form, _, r = sent(t, m, func(s map[string]string) {
		delete(s, "callback_url")
		s["messaging_service"] = "MG1"
	})
	if form.Has("From") || form.Get("MessagingServiceSid") != "MG1" || form.Has("StatusCallback") || r.Confirms || !strings.Contains(form.Get("Body"), "NO 123456 if you cannot") {
		t.Errorf("%v %+v", form, r)
	}
}

// A long page keeps its code and link, in three segments.
func TestALongPageKeepsItsCode(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		most int
	}{"gsm": {strings.Repeat("word [x] ", 400), 3 * 153}, "wide": {strings.Repeat("日本語 ", 400), 3 * 67}, "pairs": {strings.Repeat("🔥", 400), 3 * 67}} {
		m := page("sms")
		m.Subject, m.Text = "P1", c.text
		form, _, _ := sent(t, m, nil)
		body := form.Get("Body")
		if !strings.HasSuffix(body, "...\nReply 123456 to acknowledge\n"+m.AckURL) || utf8.RuneCountInString(body) > c.most || !utf8.ValidString(body) {
			t.Errorf("%s: %d characters: %q", name, utf8.RuneCountInString(body), body)
		}
		m.Kind, m.AckURL, m.Code = plug.Post, "", ""
		form, _, _ = sent(t, m, nil)
		if n := utf8.RuneCountInString(form.Get("Body")); n > 1600 || n < 300 {
			t.Errorf("%s: a message to customers has %d characters", name, n)
		}
	}
}

// The page is read out twice, each time with the key that acknowledges.
//
// Clauses: PLT-RT-PHONE, COM-INT-PHONE
// B48
func TestACall(t *testing.T) {
	form, head, r := sent(t, page("voice"), nil)
	if !strings.HasPrefix(head, "POST /2010-04-01/Accounts/AC0123456789abcdef/Calls.json\n") || form.Get("From") != "+15550000001" || form.Get("Timeout") == "" || !r.Confirms {
		t.Errorf("%s %v", head, form)
	}
	script := form.Get("Twiml")
	if strings.Count(script, "press 7") != 2 || strings.Count(script, `action="`+back+`?page=tok-en"`) != 2 || strings.Count(script, `numDigits="1"`) != 2 || strings.Contains(script, "<b>") {
		t.Errorf("%s", script)
	}
	wellFormed(t, script)
	m := page("voice")
	m.Text = strings.Repeat("&<\"' ", 5000)
	form, _, _ = sent(t, m, nil)
	if len(form.Get("Twiml")) > 4000 || !strings.Contains(form.Get("Twiml"), "press 7") {
		t.Errorf("%d characters of TwiML", len(form.Get("Twiml")))
	}
	wellFormed(t, form.Get("Twiml"))
	form, _, _ = sent(t, page("voice"), func(s map[string]string) { delete(s, "callback_url") })
	if strings.Contains(form.Get("Twiml"), "Gather") {
		t.Error("a key is asked for that nobody hears")
	}
}

func wellFormed(t *testing.T, doc string) {
	t.Helper()
	for d := xml.NewDecoder(strings.NewReader(doc)); ; {
		_, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Errorf("%v in %s", err, doc)
			return
		}
	}
}

// What is wrong with our account is for another provider, what is wrong with
// the address is not.
//
// B14
func TestWhoseFaultItIs(t *testing.T) {
	peer := api(t)
	ch := plugtest.Open(t, twilio.Plugin(), plugtest.Config(settings(peer.URL())))
	for body, want := range map[string]bool{
		`{"code": 20003, "status": 401}`: true, `{"code": 21606, "status": 400}`: true, `{"code": 21211, "status": 400}`: false, `{`: false,
	} {
		peer.Next(plugtest.Reply{Status: 400, Body: body})
		_, err := ch.Send(t.Context(), page("sms"))
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent || f.Ours != want {
			t.Errorf("%s: %+v", body, f)
		}
	}
}

func TestSettings(t *testing.T) {
	reg, err := plug.NewRegistry(twilio.Plugin())
	if err != nil {
		t.Fatal(err)
	}
	v, err := reg.Open("twilio", plug.Config{})
	if err != nil {
		t.Fatalf("without an account it still hears calls: %v", err)
	}
	_, err = v.(plug.Channel).Send(t.Context(), page("sms"))
	if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent || !f.Ours {
		t.Errorf("a send without an account: %v", err)
	}
	for name, change := range map[string]func(map[string]string){
		"no password": func(s map[string]string) { delete(s, "auth_token") },
		"no sender":   func(s map[string]string) { delete(s, "from") },
		"bad sender":  func(s map[string]string) { s["from"] = "555" },
		"bad account": func(s map[string]string) { s["account_sid"] = "../x" },
		"bad address": func(s map[string]string) { s["callback_url"] = "ftp://x" },
	} {
		s := settings("https://api.twilio.com")
		change(s)
		if _, err := reg.Open("twilio", plugtest.Config(s)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)
