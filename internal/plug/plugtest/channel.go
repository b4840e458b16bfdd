package plugtest

import (
	"context"
	"errors"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Loopback is what a test allows so that it can reach its own peers.
func Loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

// Config returns what a plug-in is opened with in a test: loopback is allowed,
// and values are settings by key.
func Config(values map[string]string) plug.Config {
	g := plug.NewGuard(Loopback()...)
	cfg := plug.Config{Values: map[string]secret.String{}, Guard: g, HTTP: plug.NewHTTP(plug.HTTPOptions{Guard: g, Version: "test"}), Host: "allclear.test"}
	for k, v := range values {
		cfg.Values[k] = secret.String(v)
	}
	return cfg
}

// Open opens p through a registry, as the application does, and closes it when
// the test ends.
func Open(t testing.TB, p plug.Plugin, cfg plug.Config) plug.Channel {
	t.Helper()
	reg, err := plug.NewRegistry(p)
	if err != nil {
		t.Fatal(err)
	}
	ch, err := reg.OpenChannel(p.Manifest.Name, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := ch.(interface{ Close() error }); ok {
		t.Cleanup(func() { _ = c.Close() })
	}
	return ch
}

// SampleMessage is a page to the address, with characters that break naive
// encoders.
func SampleMessage(to string) plug.Message {
	return plug.Message{
		Key: "INC-42/step1/round0/conformance/1", Kind: plug.Page, To: to, Name: "Ana Müller",
		Subject: "P1: Größte Störung \u2013 日本", Text: "Line one.\n.\nLine \"three\" <b>&</b> 日本\n",
		AckURL: "https://allclear.test/a/one-time-0123456789abcdef",
		Data:   map[string]any{"incident": "INC-42", "severity": "P1"},
		At:     time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC),
	}
}

// Channel runs the conformance suite. open opens the channel against baseURL
// with loopback allowed; peer is the outside system.
func Channel(t *testing.T, open func(baseURL string) plug.Channel, peer Peer) {
	t.Helper()
	ch := open(peer.URL())
	t.Run("retry table", func(t *testing.T) { retryTable(t, ch, peer) })
	t.Run("key is the same on a resend", func(t *testing.T) { sameKey(t, ch, peer) })
	t.Run("one send is one message", func(t *testing.T) { noHiddenRetry(t, ch, peer) })
	t.Run("secrets stay secret", func(t *testing.T) { redaction(t, ch, peer) })
	t.Run("silence after the message is unknown", func(t *testing.T) { silence(t, ch, peer) })
	t.Run("hangup after the message is unknown", func(t *testing.T) { hangup(t, ch, peer) })
	t.Run("nobody listens is retry", func(t *testing.T) { nobody(t, open, peer) })
	t.Run("recovers", func(t *testing.T) { mustSend(t, ch, SampleMessage(peer.To())) })
	if strings.HasPrefix(peer.URL(), "http") {
		t.Run("redirect to a forbidden address", func(t *testing.T) { redirect(t, ch, peer) })
	}
}

func mustSend(t *testing.T, ch plug.Channel, m plug.Message) plug.Receipt {
	t.Helper()
	r, err := ch.Send(t.Context(), m)
	if err != nil {
		t.Fatalf("send: %v", err)
	}
	return r
}

func retryTable(t *testing.T, ch plug.Channel, peer Peer) {
	for _, c := range peer.Table() {
		t.Run(c.Name, func(t *testing.T) {
			peer.Next(c.Reply)
			_, err := ch.Send(t.Context(), SampleMessage(peer.To()))
			if c.Want == nil {
				if err != nil {
					t.Fatalf("want success, got %v", err)
				}
				return
			}
			var f *plug.Failure
			if !errors.As(err, &f) {
				t.Fatalf("want a *plug.Failure, got %T %v", err, err)
			}
			if f.Kind != c.Want.Kind || f.RetryAfter != c.Want.RetryAfter {
				t.Fatalf("got %v after %v, want %v after %v (%v)", f.Kind, f.RetryAfter, c.Want.Kind, c.Want.RetryAfter, err)
			}
		})
	}
}

func sameKey(t *testing.T, ch plug.Channel, peer Peer) {
	before := len(peer.Got())
	m := SampleMessage(peer.To())
	mustSend(t, ch, m)
	mustSend(t, ch, m)
	m.Key = "INC-42/step1/round1/conformance/1"
	mustSend(t, ch, m)
	got := peer.Got()[before:]
	if len(got) != 3 {
		t.Fatalf("peer got %d messages, want 3", len(got))
	}
	if got[0].Key == "" || got[0].Key != got[1].Key {
		t.Errorf("keys of a message and its resend: %q and %q", got[0].Key, got[1].Key)
	}
	if got[2].Key == got[0].Key {
		t.Errorf("another message has the same key %q", got[2].Key)
	}
}

func noHiddenRetry(t *testing.T, ch plug.Channel, peer Peer) {
	for _, c := range peer.Table() {
		if c.Want == nil || c.Want.Kind != plug.Retry {
			continue
		}
		before := len(peer.Got())
		peer.Next(c.Reply)
		_, _ = ch.Send(t.Context(), SampleMessage(peer.To()))
		if n := len(peer.Got()) - before; n > 1 {
			t.Errorf("%s: one Send put %d messages on the wire", c.Name, n)
		}
	}
}

func redaction(t *testing.T, ch plug.Channel, peer Peer) {
	m := SampleMessage(peer.To())
	hidden := append([]secret.String{secret.String(m.AckURL)}, peer.Secrets()...)
	check := func(what, text string) {
		for _, s := range hidden {
			if strings.Contains(text, s.Reveal()) {
				t.Errorf("%s shows secret %d: %s", what, len(s), plug.Redact(text, hidden...))
			}
		}
		if n := len([]rune(text)); n > 2*plug.MaxEcho {
			t.Errorf("%s has %d characters", what, n)
		}
	}
	var echo strings.Builder
	for _, s := range hidden {
		echo.WriteString(s.Reveal() + " ")
	}
	reps := []Reply{{Echo: true}, {Body: echo.String()}}
	for _, c := range peer.Table() {
		if c.Want != nil {
			r := c.Reply
			r.Body = echo.String()
			reps = append(reps, r, Reply{Status: r.Status, Echo: true})
		}
	}
	for _, r := range reps {
		peer.Next(r)
		rec, err := ch.Send(t.Context(), m)
		check("receipt", rec.Detail+rec.ProviderRef)
		if err != nil {
			check("error", err.Error())
		}
	}
}

func silence(t *testing.T, ch plug.Channel, peer Peer) {
	before := len(peer.Got())
	peer.Next(Reply{Silent: true})
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := ch.Send(ctx, SampleMessage(peer.To()))
	if f := plug.FailureOf(err); f == nil || f.Kind != plug.Unknown {
		t.Fatalf("got %v, want unknown", err)
	}
	if n := len(peer.Got()) - before; n != 1 {
		t.Fatalf("the message reached the peer %d times, want once", n)
	}
}

func hangup(t *testing.T, ch plug.Channel, peer Peer) {
	peer.Next(Reply{Hangup: true})
	_, err := ch.Send(t.Context(), SampleMessage(peer.To()))
	if f := plug.FailureOf(err); f == nil || f.Kind != plug.Unknown {
		t.Fatalf("got %v, want unknown", err)
	}
}

// nobody sends to a port that refuses connections: port 1 of loopback.
func nobody(t *testing.T, open func(string) plug.Channel, peer Peer) {
	const dead = "127.0.0.1:1"
	base, to := dead, peer.To()
	if strings.HasPrefix(peer.URL(), "http") {
		base = "http://" + dead
		if rest, ok := strings.CutPrefix(to, peer.URL()); ok {
			to = base + rest
		}
	}
	_, err := open(base).Send(t.Context(), SampleMessage(to))
	if f := plug.FailureOf(err); f == nil || f.Kind != plug.Retry {
		t.Fatalf("got %v, want retry", err)
	}
}

func redirect(t *testing.T, ch plug.Channel, peer Peer) {
	for _, target := range []string{"http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00:ec2::254]/", "http://0x7f000001/", "ftp://127.0.0.1/"} {
		for _, status := range []int{302, 307, 308} {
			before := len(peer.Got())
			peer.Next(Reply{Status: status, Header: http.Header{"Location": {target}}})
			_, err := ch.Send(t.Context(), SampleMessage(peer.To()))
			f := plug.FailureOf(err)
			if f == nil || f.Kind != plug.Permanent || !errors.Is(err, plug.ErrForbidden) {
				t.Errorf("%d to %s: got %v, want a permanent refusal", status, target, err)
			}
			if n := len(peer.Got()) - before; n != 1 {
				t.Errorf("%d to %s: %d calls", status, target, n)
			}
		}
	}
}
