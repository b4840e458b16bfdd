package webpush_test

import (
	"crypto/ecdh"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/webpush"
)

const vapidKey = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"

func open(t *testing.T) plug.Push {
	t.Helper()
	p, ok := plugtest.Open(t, webpush.Plugin(), plugtest.Config(map[string]string{"private_key": vapidKey})).(plug.Push)
	if !ok {
		t.Fatal("the channel takes no subscriptions")
	}
	return p
}

// Clauses: INT-PUSH, PLT-RT-MSG
func TestConformance(t *testing.T) {
	ch := open(t)
	plugtest.Channel(t, func(string) plug.Channel { return ch }, newService(t, ch.PublicKey()))
}

// TestPageIsReadByTheBrowser follows a page to what the service worker gets.
//
// Clauses: INT-PUSH
func TestPageIsReadByTheBrowser(t *testing.T) {
	ch := open(t)
	s := newService(t, ch.PublicKey())
	m := plugtest.SampleMessage(s.To())
	m.Token, m.Join = "77-abcdefghijklmnop", true
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	v := s.last()
	if v.Key != m.Key || v.Kind != "page" || v.Title != m.Subject || v.Body != m.Text || v.Incident != "INC-42" || v.Code != m.Token || !v.Join || v.Cut || !v.At.Equal(m.At) {
		t.Errorf("got %+v", v)
	}
	raw := s.Got()[0].Raw
	for _, want := range []string{"Urgency: high", "Ttl: 3600"} {
		if !strings.Contains(raw, want) {
			t.Errorf("no %q", want)
		}
	}
	for _, never := range []string{m.Token, m.Subject, "INC-42"} {
		if strings.Contains(raw, never) {
			t.Errorf("the push service can read %q", never)
		}
	}
	m.Kind = plug.Notice
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if raw := s.Got()[1].Raw; !strings.Contains(raw, "Urgency: normal") || !strings.Contains(raw, "Ttl: 43200") {
		t.Errorf("a notice: %s", raw)
	}
}

// The end of a page goes where the page stands: under its name at the push service
// and on the device, with nothing to answer.
func TestTheEndTakesThePagesPlace(t *testing.T) {
	ch := open(t)
	s := newService(t, ch.PublicKey())
	page := plugtest.SampleMessage(s.To())
	page.Token = "77-abcdefghijklmnop"
	end := page
	end.Kind, end.Key, end.Of, end.Subject = plug.End, page.Key+"/end", page.Key, "your answer is not needed any more"
	for _, m := range []plug.Message{page, end} {
		if _, err := ch.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if v := s.last(); v.Kind != "end" || v.Key != page.Key || v.Code != "" || v.Title != end.Subject {
		t.Errorf("got %+v", v)
	}
	topic := regexp.MustCompile(`Topic: (\S+)`)
	first, second := topic.FindString(s.Got()[0].Raw), topic.FindString(s.Got()[1].Raw)
	if first == "" || first != second {
		t.Errorf("topics %q and %q", first, second)
	}
}

func (s *service) last() shown {
	s.t.Helper()
	got := s.Got()
	head, body, _ := strings.Cut(got[len(got)-1].Raw, "\r\n\n")
	r := &http.Request{Method: http.MethodPost, Header: http.Header{}}
	for l := range strings.Lines(head) {
		if k, v, ok := strings.Cut(strings.TrimSpace(l), ": "); ok {
			r.Header.Set(k, v)
		}
	}
	v, err := s.read(r, []byte(body))
	if err != nil {
		s.t.Fatal(err)
	}
	return v
}

// A long text is cut where a character ends and says so; the way to answer is
// never what is lost.
func TestLongTextsAreCutHonestly(t *testing.T) {
	ch := open(t)
	s := newService(t, ch.PublicKey())
	for name, c := range map[string]struct{ title, text string }{
		"body":           {"P1: sign-in fails", strings.Repeat("日本\"<\n", 2000)},
		"title and body": {strings.Repeat("größte Störung ", 800), strings.Repeat("x", 9000)},
		"just over":      {"P1", strings.Repeat("a", 3993)},
	} {
		m := plugtest.SampleMessage(s.To())
		m.Subject, m.Text, m.Token = c.title, c.text, "77-abcdefghijklmnop"
		if _, err := ch.Send(t.Context(), m); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		v := s.last()
		if v.Code != m.Token || v.Key != m.Key || v.Incident != "INC-42" || !v.Cut || !strings.HasSuffix(v.Body, "…") {
			t.Errorf("%s: code %q, cut %v, body ends %q", name, v.Code, v.Cut, v.Body[max(0, len(v.Body)-9):])
		}
		if !strings.HasPrefix(c.text, strings.TrimSuffix(v.Body, "…")) || !strings.HasPrefix(c.title, strings.TrimSuffix(v.Title, "…")) {
			t.Errorf("%s: what is left is no beginning", name)
		}
	}
}

// B34: a push service that has forgotten the device says so, so that nobody is
// thought reachable who is not.
func TestForgottenDeviceIsGone(t *testing.T) {
	ch := open(t)
	s := newService(t, ch.PublicKey())
	for status, gone := range map[int]bool{404: true, 410: true, 400: false, 401: false, 403: false, 413: false, 429: false, 500: false} {
		s.Next(plugtest.Reply{Status: status})
		_, err := ch.Send(t.Context(), plugtest.SampleMessage(s.To()))
		if f := plug.FailureOf(err); f == nil || f.Gone != gone {
			t.Errorf("%d: got %+v, want gone %v", status, f, gone)
		}
	}
}

func TestSubscriptionsAreChecked(t *testing.T) {
	ch := open(t)
	s := newService(t, ch.PublicKey())
	good, err := ch.Subscription("https://push.example/abc", s.key64()+"=", s.auth64()+"==")
	if err != nil || good.Reveal() != "https://push.example/abc#"+s.key64()+"."+s.auth64() {
		t.Errorf("got %q, %v", good.Reveal(), err)
	}
	for name, c := range map[string][3]string{
		"plain http":       {"http://push.example/abc", s.key64(), s.auth64()},
		"plain to private": {"http://10.0.0.1/abc", s.key64(), s.auth64()},
		"no URL":           {"push", s.key64(), s.auth64()},
		"password":         {"https://a:b@push.example/", s.key64(), s.auth64()},
		"fragment":         {"https://push.example/#x", s.key64(), s.auth64()},
		"no point":         {"https://push.example/", "AAAA", s.auth64()},
		"no secret":        {"https://push.example/", s.key64(), "AAAA"},
		"long":             {"https://push.example/" + strings.Repeat("a", 3000), s.key64(), s.auth64()},
	} {
		if _, err := ch.Subscription(c[0], c[1], c[2]); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := ch.Subscription(s.URL()+path, s.key64(), s.auth64()); err != nil {
		t.Errorf("an address that is allowed by name: %v", err)
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	for _, v := range []map[string]string{
		{"private_key": ""},
		{"private_key": "short"},
		{"private_key": strings.Repeat("A", 43)}, // zero is no key
		{"private_key": vapidKey, "contact": "somebody"},
	} {
		if _, err := webpush.Plugin().Open(plugtest.Config(v)); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), vapidKey) {
			t.Errorf("%v: got %v", v, err)
		}
	}
}

// TestDecryptIsTheStandards holds the browser of these tests against the
// example of RFC 8291, section 5.
func TestDecryptIsTheStandards(t *testing.T) {
	raw := func(s string) []byte {
		b, err := b64.DecodeString(s)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	own, err := ecdh.P256().NewPrivateKey(raw(vapidKey)) // the browser's key of the example
	if err != nil {
		t.Fatal(err)
	}
	text, err := decrypt(raw("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"), own, raw("BTBZMqHH6r4Tts7J_aSIgg"))
	if err != nil || string(text) != "When I grow up, I want to be a watermelon" {
		t.Errorf("got %q, %v", text, err)
	}
}
