package sendgrid

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const apiKey = "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"

func settings(base string, more ...string) map[string]string {
	v := map[string]string{"base_url": base, "api_key": apiKey, "from": "Allclear <allclear@example.test>"}
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i]] = more[i+1]
	}
	return v
}

// peer is a mass sender: it checks what the API would refuse.
func peer(t *testing.T) *plugtest.HTTP {
	perm, retry, unknown := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}, &plug.Failure{Kind: plug.Unknown}
	status := func(name string, code int, body string, want *plug.Failure) plugtest.Case {
		return plugtest.Case{Name: name, Reply: plugtest.Reply{Status: code, Body: body}, Want: want}
	}
	p := &plugtest.HTTP{
		Key: func(r *http.Request, body []byte) string {
			if r.Method != http.MethodPost || r.URL.Path != "/v3/mail/send" || r.Header.Get("Authorization") != "Bearer "+apiKey {
				t.Errorf("call %s %s", r.Method, r.URL)
			}
			return check(t, body).Args[argKey]
		},
		Address: "ida@acme.example", Hidden: []secret.String{apiKey},
		OK: plugtest.Reply{Status: http.StatusAccepted, Header: http.Header{"X-Message-Id": {"14c5d75ce93.dfd.64b469"}}},
		Cases: []plugtest.Case{
			status("accepted", 202, "", nil),
			status("bad recipient", 400, `{"errors":[{"message":"Does not contain a valid address.","field":"personalizations.0.to.0.email"}]}`, perm),
			status("unauthorized", 401, `{"errors":[{"message":"The provided authorization grant is invalid"}]}`, perm),
			status("sender not verified", 403, `{"errors":[{"message":"The from address does not match","field":"from"}]}`, perm),
			status("too large", 413, "", perm),
			status("too many", 429, `{"errors":[{"message":"too many requests"}]}`, retry),
			status("down", 503, "", retry),
			status("a page of somebody else", 200, "<html>", unknown),
		},
	}
	return p.Start(t)
}

func check(t *testing.T, body []byte) letter {
	t.Helper()
	var l letter
	if err := json.Unmarshal(body, &l); err != nil || len(l.Personalizations) != 1 || len(l.Personalizations[0].To) != 1 || l.From.Email != "allclear@example.test" || l.Subject == "" || strings.ContainsAny(l.Subject, "\r\n") || len(l.Content) == 0 || l.Content[0].Type != "text/plain" {
		t.Errorf("mail %s: %v", body, err)
	}
	for k, v := range l.Headers {
		switch strings.ToLower(k) {
		case "to", "from", "subject", "reply-to", "cc", "bcc", "received", "dkim-signature", "content-type", "content-transfer-encoding", "x-sg-id", "x-sg-eid":
			t.Errorf("the API refuses header %s", k)
		}
		if strings.ContainsAny(v, "\r\n") {
			t.Errorf("header %s: %q", k, v)
		}
	}
	for _, what := range []string{"click_tracking", "open_tracking", "subscription_tracking"} {
		if on, said := l.Tracking[what]; !said || on.Enable {
			t.Errorf("%s is on", what)
		}
	}
	return l
}

// Clauses: INT-EMAIL-MASS
func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(base string) plug.Channel {
		return plugtest.Open(t, Plugin(), plugtest.Config(settings(base)))
	}, peer(t))
}

// A mail carries how to end it, and nothing that a title smuggles in.
func TestAMailToACustomer(t *testing.T) {
	p := peer(t)
	ch := plugtest.Open(t, Plugin(), plugtest.Config(settings(p.URL(), "reply_to", "help@example.test")))
	m := plug.Message{
		Key: "INC-1/m1/email/acme/0", Kind: plug.Post, To: p.To(), Name: "Ida\r\nBcc: x@y", Subject: "Hello\r\nBcc: evil@example.test", Text: "Text", Delivery: "d42",
		Attached: &plug.Attachment{Name: "summary.pdf", Type: "application/pdf", Data: []byte("%PDF-")},
		Headers:  map[string]string{"List-Unsubscribe": "<https://s/u/a>\r\nX: y", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Bcc": "evil@example.test"},
	}
	r, err := ch.Send(t.Context(), m)
	if err != nil || r.ProviderRef != "14c5d75ce93.dfd.64b469" || r.Confirms {
		t.Fatalf("%+v %v", r, err)
	}
	_, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	l := check(t, []byte(body))
	if l.Headers["List-Unsubscribe-Post"] != "List-Unsubscribe=One-Click" || l.Headers["Bcc"] != "" || l.Args[argDelivery] != "d42" || l.ReplyTo.Email != "help@example.test" || !strings.Contains(body, `"attachments":[{"content":"JVBERi0=","type":"application/pdf","filename":"summary.pdf","disposition":"attachment"}]`) {
		t.Errorf("%+v", l)
	}
}

// Who is refused decides who tries next: another provider for what is about us.
func TestWhoseFaultARefusalIs(t *testing.T) {
	p := peer(t)
	ch := plugtest.Open(t, Plugin(), plugtest.Config(settings(p.URL())))
	for body, ours := range map[string]bool{
		`{"errors":[{"field":"personalizations.0.to.0.email","message":"invalid"}]}`: false,
		`{"errors":[{"field":"from.email","message":"not verified"}]}`:               true,
		`{"errors":[]}`: true, "": true,
	} {
		p.Next(plugtest.Reply{Status: 400, Body: body})
		_, err := ch.Send(t.Context(), plugtest.SampleMessage(p.To()))
		if f := plug.FailureOf(err); f.Kind != plug.Permanent || f.Ours != ours {
			t.Errorf("%s: %+v", body, f)
		}
	}
	now := time.Unix(1_700_000_000, 0)
	for text, want := range map[string]time.Duration{"1700000030": 30 * time.Second, "1699999999": 0, "x": 0, "": 0, "-1": 0, "99999999999999999": 0} {
		if got := until(text, now); got != want {
			t.Errorf("reset %q: %s", text, got)
		}
	}
}

func signingKey(t *testing.T) (*ecdsa.PrivateKey, string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&k.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return k, base64.StdEncoding.EncodeToString(der)
}

var when = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func signed(t *testing.T, k *ecdsa.PrivateKey, body string, at time.Time) plug.Inbound {
	t.Helper()
	stamp := strconv.FormatInt(at.Unix(), 10)
	sum := sha256.Sum256([]byte(stamp + body))
	sig, err := ecdsa.SignASN1(rand.Reader, k, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return plug.Inbound{Header: http.Header{headSignature: {base64.StdEncoding.EncodeToString(sig)}, headTimestamp: {stamp}}, Body: []byte(body), Now: when}
}

// Events become receipts and wishes; what is only on the way is left.
//
// Clauses: INT-EMAIL-MASS
func TestEvents(t *testing.T) {
	k, public := signingKey(t)
	cb := plugtest.OpenCallback(t, Plugin(), settings("https://api.sendgrid.com", "verification_key", public))
	body := `[
{"email":"a@x.example","timestamp":1,"event":"processed","sg_event_id":"1","allclear_delivery":"d1"},
{"email":"a@x.example","event":"delivered","response":"250 OK","allclear_delivery":"d1"},
{"email":"b@x.example","event":"bounce","type":"bounce","status":"5.1.1","reason":"no such user","allclear_delivery":"d2"},
{"email":"c@x.example","event":"bounce","type":"blocked","reason":"spam","allclear_delivery":"d3"},
{"email":"d@x.example","event":"dropped","reason":"Bounced Address","allclear_delivery":"d4"},
{"email":"e@x.example","event":"dropped","reason":"Unsubscribed Address","allclear_delivery":"d5"},
{"email":"f@x.example","event":"unsubscribe"},{"email":"g@x.example","event":"spamreport"},{"email":"h@x.example","event":"group_resubscribe"},
{"email":"i@x.example","event":"open"},{"event":"delivered"}]`
	h, err := cb.Hear(signed(t, k, body, when))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range h.Receipts {
		got = append(got, r.Delivery+" "+strconv.FormatBool(r.Delivered)+" "+strconv.FormatBool(r.Gone))
	}
	if want := []string{"d1 true false", "d2 false true", "d3 false false", "d4 false true", "d5 false false"}; !reflect.DeepEqual(got, want) {
		t.Errorf("receipts %q", got)
	}
	got = nil
	for _, w := range h.Wishes {
		got = append(got, w.Address[:1]+" "+strconv.FormatBool(w.Out))
	}
	if want := []string{"e true", "f true", "g true", "h false"}; !reflect.DeepEqual(got, want) {
		t.Errorf("wishes %q", got)
	}
}

// Nothing is heard that is not signed, nor without a key.
//
// INV-A6, B40
func TestForgedEventsAreRefused(t *testing.T) {
	k, public := signingKey(t)
	cb := plugtest.OpenCallback(t, Plugin(), settings("https://api.sendgrid.com", "verification_key", public))
	const body = `[{"email":"a@x.example","event":"unsubscribe"}]`
	other, _ := signingKey(t)
	for name, spoil := range map[string]func(*plug.Inbound){
		"unsigned":       func(in *plug.Inbound) { in.Header.Del(headSignature) },
		"no time":        func(in *plug.Inbound) { in.Header.Del(headTimestamp) },
		"another time":   func(in *plug.Inbound) { in.Header.Set(headTimestamp, strconv.FormatInt(when.Unix()+1, 10)) },
		"no number":      func(in *plug.Inbound) { in.Header.Set(headTimestamp, "now") },
		"two signatures": func(in *plug.Inbound) { in.Header.Add(headSignature, in.Header.Get(headSignature)) },
		"no base64":      func(in *plug.Inbound) { in.Header.Set(headSignature, "%%%") },
		"a line break":   func(in *plug.Inbound) { in.Header.Set(headSignature, in.Header.Get(headSignature)+"\n") },
		"cut":            func(in *plug.Inbound) { in.Header.Set(headSignature, in.Header.Get(headSignature)[:20]) },
		"another body":   func(in *plug.Inbound) { in.Body = append(in.Body, ' ') },
		"another key":    func(in *plug.Inbound) { in.Header = signed(t, other, body, when).Header },
		"a day later":    func(in *plug.Inbound) { in.Now = when.Add(26 * time.Hour) },
		"of the future":  func(in *plug.Inbound) { in.Now = when.Add(-26 * time.Hour) },
	} {
		in := signed(t, k, body, when)
		spoil(&in)
		if h, err := cb.Hear(in); !fault.Is(err, fault.Unauthenticated) || !reflect.DeepEqual(h, plug.Heard{}) {
			t.Errorf("%s: %+v %v", name, h, err)
		}
	}
	if _, err := plugtest.OpenCallback(t, Plugin(), settings("https://api.sendgrid.com")).Hear(signed(t, k, body, when)); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("without a key: %v", err)
	}
	for _, bad := range []string{"", "{}", "[1]", `[{"event":1}]`, "null x"} {
		if _, err := cb.Hear(signed(t, k, bad, when)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestSettings(t *testing.T) {
	for name, v := range map[string]map[string]string{
		"no key": {"from": "a@b.example"}, "no sender": {"api_key": apiKey}, "bad key": settings("", "verification_key", "AAAA"), "bad rate": settings("", "rate", "0"),
	} {
		if _, err := Plugin().Open(plugtest.Config(v)); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), apiKey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
