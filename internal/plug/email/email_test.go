package email_test

import (
	"context"
	"errors"
	"net"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/email"
	"allclear/internal/plug/plugtest"
)

func values(addr string, more ...string) map[string]string {
	host, port, _ := net.SplitHostPort(addr)
	v := map[string]string{"host": host, "port": port, "tls": "none", "from": "Allclear <allclear@example.test>", "timeout": "5s"}
	for i := 0; i+1 < len(more); i += 2 {
		v[more[i]] = more[i+1]
	}
	return v
}

func open(t testing.TB, addr string, more ...string) plug.Channel {
	t.Helper()
	return plugtest.Open(t, email.Plugin(), plugtest.Config(values(addr, more...)))
}

func wantKind(t *testing.T, err error, want plug.FailureKind) {
	t.Helper()
	var f *plug.Failure
	if !errors.As(err, &f) || f.Kind != want {
		t.Fatalf("got %T %v, want a failure of kind %v", err, err, want)
	}
}

func TestConformance(t *testing.T) {
	tc, roots := certificate(t)
	r := startRelay(t, relayOptions{tls: tc, user: "allclear", pass: "correct-horse-battery"})
	plugtest.Channel(t, func(base string) plug.Channel {
		cfg := plugtest.Config(values(base, "tls", "starttls", "username", "allclear", "password", "correct-horse-battery"))
		cfg.RootCAs = roots
		return plugtest.Open(t, email.Plugin(), cfg)
	}, r)
}

func TestRefusalBeforeTheMail(t *testing.T) {
	for _, c := range []struct {
		name string
		set  func(r *relay)
		want plug.FailureKind
	}{
		{"sender 4xx", func(r *relay) { r.atMail = 451 }, plug.Retry},
		{"sender 5xx", func(r *relay) { r.atMail = 550 }, plug.Permanent},
		{"recipient 4xx", func(r *relay) { r.atRcpt = 450 }, plug.Retry},
		{"recipient 5xx", func(r *relay) { r.atRcpt = 550 }, plug.Permanent},
		{"recipient closing", func(r *relay) { r.atRcpt = 421 }, plug.Retry},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startRelay(t, relayOptions{})
			ch := open(t, r.addr)
			c.set(r)
			_, err := ch.Send(t.Context(), plugtest.SampleMessage(r.To()))
			wantKind(t, err, c.want)
			if n := len(r.Got()); n != 0 {
				t.Fatalf("%d mails went out", n)
			}
			rec, err := ch.Send(t.Context(), plugtest.SampleMessage(r.To()))
			if err != nil {
				t.Fatalf("the next mail: %v", err)
			}
			if rec.Detail != "250 2.0.0 queued as 4XyZ" && rec.Detail != "250 queued as 4XyZ" {
				t.Errorf("receipt %q", rec.Detail)
			}
		})
	}
}

func TestEncryptionAndSignIn(t *testing.T) {
	tc, roots := certificate(t)
	const pass = "correct-horse-battery"
	signIn := []string{"username", "allclear", "password", pass}
	for _, c := range []struct {
		name  string
		relay relayOptions
		mode  string
		set   []string
		trust bool
		want  string // "ok" or the kind
	}{
		{"starttls", relayOptions{tls: tc, user: "allclear", pass: pass}, "starttls", signIn, true, "ok"},
		{"tls", relayOptions{tls: tc, implicit: true, user: "allclear", pass: pass}, "tls", signIn, true, "ok"},
		{"tls without sign-in", relayOptions{tls: tc, implicit: true}, "tls", nil, true, "ok"},
		{"plain without sign-in", relayOptions{}, "none", nil, true, "ok"},
		{"certificate of a stranger", relayOptions{tls: tc}, "starttls", nil, false, "retry"},
		{"certificate of a stranger, tls", relayOptions{tls: tc, implicit: true}, "tls", nil, false, "retry"},
		{"starttls is not offered", relayOptions{}, "starttls", nil, true, "retry"},
		{"no password over plain", relayOptions{insecure: true, user: "allclear", pass: pass}, "none", signIn, true, "retry"},
		{"wrong password", relayOptions{tls: tc, user: "allclear", pass: "another-password"}, "starttls", signIn, true, "permanent"},
		{"sign-in is needed", relayOptions{tls: tc, user: "allclear", pass: pass}, "starttls", nil, true, "permanent"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startRelay(t, c.relay)
			cfg := plugtest.Config(values(r.addr, append([]string{"tls", c.mode}, c.set...)...))
			if c.trust {
				cfg.RootCAs = roots
			}
			_, err := plugtest.Open(t, email.Plugin(), cfg).Send(t.Context(), plugtest.SampleMessage(r.To()))
			if c.want == "ok" {
				if err != nil || len(r.Got()) != 1 {
					t.Fatalf("got %v and %d mails", err, len(r.Got()))
				}
				return
			}
			if f := plug.FailureOf(err); f == nil || f.Kind.String() != c.want {
				t.Fatalf("got %v, want %s", err, c.want)
			}
			if n := len(r.Got()); n != 0 {
				t.Errorf("%d mails went out", n)
			}
			if strings.Contains(err.Error(), pass) {
				t.Errorf("the error shows the password")
			}
		})
	}
}

func TestGuardAppliesToTheRelay(t *testing.T) {
	r := startRelay(t, relayOptions{})
	cfg := plugtest.Config(values(r.addr))
	cfg.Guard = plug.NewGuard()
	_, err := plugtest.Open(t, email.Plugin(), cfg).Send(t.Context(), plugtest.SampleMessage(r.To()))
	wantKind(t, err, plug.Permanent)
	if !errors.Is(err, plug.ErrForbidden) {
		t.Errorf("got %v", err)
	}
}

// TestSilentGreeting: a relay that accepts and says nothing. Nothing was sent, so
// another attempt is safe; and the wait ends with ctx, not with the time limit.
func TestSilentGreeting(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if c, err := ln.Accept(); err == nil {
			defer c.Close()
			cancel()
			_, _ = c.Read(make([]byte, 1)) // until the client hangs up
		}
	}()
	_, err = open(t, ln.Addr().String(), "timeout", "10m").Send(ctx, plugtest.SampleMessage("ana@example.test"))
	wantKind(t, err, plug.Retry)
}

func TestConnectionIsReused(t *testing.T) {
	r := startRelay(t, relayOptions{})
	ch := open(t, r.addr)
	for i := range 101 {
		m := plugtest.SampleMessage(r.To())
		m.Key += strconv.Itoa(i)
		if _, err := ch.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	if total, _ := r.counts(); total != 2 {
		t.Errorf("%d connections for 101 mails, want 2 (100 on each at most)", total)
	}
}

func TestConcurrentSends(t *testing.T) {
	r := startRelay(t, relayOptions{})
	ch := open(t, r.addr, "connections", "4")
	const mails = 60
	var wg sync.WaitGroup
	for i := range mails {
		wg.Go(func() {
			m := plugtest.SampleMessage(r.To())
			m.Key += strconv.Itoa(i)
			if i%2 == 0 {
				m.Kind = plug.Post
			}
			if _, err := ch.Send(t.Context(), m); err != nil {
				t.Errorf("mail %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	seen := map[string]bool{}
	for _, g := range r.Got() {
		seen[g.Key] = true
	}
	if len(r.Got()) != mails || len(seen) != mails {
		t.Errorf("%d mails with %d ids, want %d", len(r.Got()), len(seen), mails)
	}
	if _, peak := r.counts(); peak > 4 {
		t.Errorf("%d connections at once, want 4 at most", peak)
	}
}

// TestBulkLeavesRoomForPages: every connection that bulk mail may use hangs, and
// a page still goes out at once.
func TestBulkLeavesRoomForPages(t *testing.T) {
	r := startRelay(t, relayOptions{})
	ch := open(t, r.addr, "connections", "2", "timeout", "1m")
	ctx, cancel := context.WithCancel(t.Context())
	r.Next(plugtest.Reply{Silent: true})
	bulk := plugtest.SampleMessage(r.To())
	bulk.Kind = plug.Post
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() { _, _ = ch.Send(ctx, bulk) })
	}
	<-r.data
	page := plugtest.SampleMessage(r.To())
	if _, err := ch.Send(t.Context(), page); err != nil {
		t.Errorf("page: %v", err)
	}
	cancel()
	wg.Wait()
}

// TestRelayRestart: the kept connections die while idle. That is no failure of
// the next mail, and it goes out once.
func TestRelayRestart(t *testing.T) {
	r := startRelay(t, relayOptions{})
	ch := open(t, r.addr)
	for range 3 {
		before := len(r.Got())
		if _, err := ch.Send(t.Context(), plugtest.SampleMessage(r.To())); err != nil {
			t.Fatal(err)
		}
		if n := len(r.Got()) - before; n != 1 {
			t.Fatalf("%d mails, want 1", n)
		}
		r.dropAll()
	}
	if total, _ := r.counts(); total != 3 {
		t.Errorf("%d connections, want 3", total)
	}
}

func TestIdleConnectionIsClosed(t *testing.T) {
	r := startRelay(t, relayOptions{})
	if _, err := open(t, r.addr, "idle", "5ms").Send(t.Context(), plugtest.SampleMessage(r.To())); err != nil {
		t.Fatal(err)
	}
	select {
	case <-r.logout:
	case <-time.After(10 * time.Second):
		t.Fatal("the connection is still open")
	}
}

func TestBadSettingsAreNamed(t *testing.T) {
	for field, v := range map[string]string{"host": " ", "port": "70000", "tls": "ssl3", "from": "nobody", "reply_to": "a@b@c"} {
		_, err := email.Plugin().Open(plugtest.Config(values("127.0.0.1:25", field, v)))
		var fe *fault.Error
		if !errors.As(err, &fe) || fe.Kind != fault.Invalid || len(fe.Details) != 1 || fe.Details[0].Where != field {
			t.Errorf("%s = %q: got %v", field, v, err)
		}
	}
}
