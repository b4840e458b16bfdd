package statushook_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/statushook"
)

const key = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLTAx"

type signed struct{ plug.Channel }

func peer(t *testing.T) *plugtest.HTTP {
	p := &plugtest.HTTP{
		Key:    func(r *http.Request, _ []byte) string { return r.Header.Get("webhook-id") },
		Path:   "/in/tok-0123456789abcdefghij",
		Hidden: []secret.String{key, "tok-0123456789abcdefghij"},
	}
	return p.Start(t)
}

func open(t *testing.T) plug.Channel {
	return plugtest.Open(t, statushook.Plugin(), plugtest.Config(nil))
}

// Send signs what the samples of plugtest leave unsigned.
func (s signed) send(t *testing.T, m plug.Message) (plug.Receipt, error) {
	m.Sign = key
	return s.Channel.Send(t.Context(), m)
}

func TestAPostIsSignedForItsReceiver(t *testing.T) {
	p := peer(t)
	m := plug.Message{Key: "update//u1/abc", To: p.To(), Kind: plug.Post, Text: `{"incident":{"name":"x"}}`, Data: map[string]any{"clauses": "SECRET-INTERNAL"}, Subject: "SECRET-SUBJECT"}
	if _, err := (signed{open(t)}).send(t, m); err != nil {
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
	raw, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(key, "whsec_"))
	mac := hmac.New(sha256.New, raw)
	mac.Write([]byte(field("webhook-id") + "." + field("webhook-timestamp") + "." + body))
	if want := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil)); field("webhook-signature") != want {
		t.Errorf("got %s, want %s", field("webhook-signature"), want)
	}
	if body != m.Text || strings.Contains(p.Got()[0].Raw, "SECRET") {
		t.Errorf("sent %s", p.Got()[0].Raw)
	}
}

func TestWhatCannotBeSignedIsNotSent(t *testing.T) {
	p := peer(t)
	for _, m := range []plug.Message{{Key: "k", To: p.To()}, {Key: "k", To: p.To(), Sign: "whsec_!"}, {Key: "a\r\nX: 1", To: p.To(), Sign: key}, {To: p.To(), Sign: key}} {
		_, err := open(t).Send(t.Context(), m)
		if f := plug.FailureOf(err); f == nil || f.Kind != plug.Permanent {
			t.Errorf("%+v: %v", m.Key, err)
		}
	}
	if n := len(p.Got()); n != 0 {
		t.Errorf("%d calls went out", n)
	}
}

// A subscriber's address is a stranger's word: what leads inside is refused where it
// is dialled (INV-A7).
func TestAnAddressInsideIsRefused(t *testing.T) {
	ch := plugtest.Open(t, statushook.Plugin(), plug.Config{Guard: plug.NewGuard()})
	for _, to := range []string{"https://127.0.0.1:1/", "https://localhost:1/", "https://[::1]:1/", "https://169.254.169.254/latest/"} {
		_, err := (signed{ch}).send(t, plug.Message{Key: "k", To: to, Text: "{}"})
		if !errors.Is(err, plug.ErrForbidden) {
			t.Errorf("%s: %v", to, err)
		}
	}
}
