package webhook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/webhook"
)

const (
	keyOld = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLTAx"
	keyNew = "whsec_bmV3LW5ldy1uZXctbmV3LW5ldy1uZXctbmV3LTAx"
)

func peer(t *testing.T) *plugtest.HTTP {
	p := &plugtest.HTTP{
		Key:    func(r *http.Request, _ []byte) string { return r.Header.Get("webhook-id") },
		Path:   "/in/tok-0123456789abcdefghij?sig=0123456789abcdefghij",
		Hidden: []secret.String{keyOld, keyNew, "gate-way-token-77", "tok-0123456789abcdefghij"},
	}
	return p.Start(t)
}

func open(t *testing.T) plug.Channel {
	return plugtest.Open(t, webhook.Plugin(), plugtest.Config(map[string]string{
		"secrets": keyNew + " " + keyOld, "authorization": "Bearer gate-way-token-77",
	}))
}

func TestConformance(t *testing.T) {
	plugtest.Channel(t, func(string) plug.Channel { return open(t) }, peer(t))
}

// TestSignature takes the message apart as a receiver does and verifies it with
// each key alone.
func TestSignature(t *testing.T) {
	p := peer(t)
	if _, err := open(t).Send(t.Context(), plugtest.SampleMessage(p.To())); err != nil {
		t.Fatal(err)
	}
	head, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	field := func(name string) string {
		for l := range strings.Lines(head) {
			if k, v, ok := strings.Cut(strings.TrimSpace(l), ": "); ok && strings.EqualFold(k, name) {
				return v
			}
		}
		t.Fatalf("no header %s in %s", name, head)
		return ""
	}
	sigs := strings.Fields(field("webhook-signature"))
	if len(sigs) != 2 {
		t.Fatalf("got %d signatures, want one per key", len(sigs))
	}
	for i, k := range []string{keyNew, keyOld} {
		raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(k, "whsec_"))
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, raw)
		mac.Write([]byte(field("webhook-id") + "." + field("webhook-timestamp") + "." + body))
		if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); sigs[i] != want {
			t.Errorf("signature %d: got %s, want %s", i, sigs[i], want)
		}
	}
	if ua := field("user-agent"); ua != "Allclear/test" {
		t.Errorf("user agent %q", ua)
	}
	var e struct {
		Type, Timestamp string
		Data            map[string]any
	}
	if err := json.Unmarshal([]byte(body), &e); err != nil {
		t.Fatal(err)
	}
	if e.Type != "allclear.page" || e.Timestamp != "2026-03-02T03:04:05Z" || e.Data["key"] != "INC-42/step1/round0/conformance/1" ||
		e.Data["subject"] != "P1: Größte Störung \u2013 日本" {
		t.Errorf("body: %s", body)
	}
	if d, ok := e.Data["details"].(map[string]any); !ok || d["severity"] != "P1" {
		t.Errorf("details: %v", e.Data["details"])
	}
}

func TestBadSecretsAreRefused(t *testing.T) {
	for _, s := range []string{"", " ", "plain", "whsec_", "whsec_c2hvcnQ=", "whsec_!!!!", keyOld + " nonsense", "whsec_" + strings.Repeat("QUJD", 22)} {
		_, err := webhook.Plugin().Open(plugtest.Config(map[string]string{"secrets": s}))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("secret %q: got %v, want invalid", s, err)
		}
		if err != nil && len(s) > len("whsec_") && strings.Contains(err.Error(), s) {
			t.Errorf("error repeats the secret: %v", err)
		}
	}
}

func TestUnusableKeyOrAddressIsPermanent(t *testing.T) {
	p := peer(t)
	for _, m := range []plug.Message{
		{Key: "", To: p.To()},
		{Key: "a b", To: p.To()},
		{Key: "a\r\nX-Injected: 1", To: p.To()},
		{Key: "k", To: "not a url"},
		{Key: "k", To: "ftp://127.0.0.1/"},
		{Key: "k", To: strings.Replace(p.To(), "http://", "http://user:pass@", 1)},
		{Key: "k", To: p.To(), Data: map[string]any{"f": func() {}}},
	} {
		_, err := open(t).Send(t.Context(), m)
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
			t.Errorf("%q to %q: got %v, want permanent", m.Key, m.To, err)
		}
	}
	if n := len(p.Got()); n != 0 {
		t.Errorf("%d calls went out", n)
	}
}
