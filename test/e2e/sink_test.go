package e2e

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// receipt is one message that reached the outside.
type receipt struct {
	key, to, text string
	at            time.Time
}

// ledger is what the providers received.
type ledger struct {
	mu  sync.Mutex
	got []receipt
	bad []string
}

func (l *ledger) add(r receipt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r.at = time.Now()
	l.got = append(l.got, r)
}

func (l *ledger) wrong(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.bad = append(l.bad, what)
}

func (l *ledger) byKey() map[string][]receipt {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string][]receipt{}
	for _, r := range l.got {
		out[r.key] = append(out[r.key], r)
	}
	return out
}

func (l *ledger) len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.got)
}

const hookSecret = "c2VjcmV0LW9mLXRoZS1lMmUtdGVzdC1zaW5rLTAwMDA=" // fixed, of a test that listens on loopback

// webhookSink receives Standard Webhooks and checks their signatures.
func webhookSink(t *testing.T) (*ledger, string) {
	t.Helper()
	l := &ledger{}
	key, err := base64.StdEncoding.DecodeString(hookSecret)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err != nil {
			return // the caller died in the middle: nothing was received
		}
		id, stamp := r.Header.Get("webhook-id"), r.Header.Get("webhook-timestamp")
		m := hmac.New(sha256.New, key)
		m.Write([]byte(id + "." + stamp + "." + string(body)))
		want := "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
		if _, err := strconv.ParseInt(stamp, 10, 64); err != nil || !strings.Contains(r.Header.Get("webhook-signature"), want) {
			l.wrong("signature of " + id)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		l.add(receipt{key: id, to: r.URL.Path, text: string(body)})
	}))
	t.Cleanup(srv.Close)
	return l, srv.URL
}

// smtpSink is a real SMTP server that accepts everything.
func smtpSink(t *testing.T) (l *ledger, host, port string) {
	t.Helper()
	l = &ledger{}
	srv := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &session{l: l}, nil }))
	srv.Domain, srv.AllowInsecureAuth = "sink.example", true
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = srv.Serve(listener) }()
	t.Cleanup(func() { _ = srv.Close() })
	host, port, err = net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return l, host, port
}

type session struct {
	l  *ledger
	to string
}

func (s *session) Reset()        {}
func (s *session) Logout() error { return nil }

func (s *session) Mail(string, *smtp.MailOptions) error { return nil }

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	return nil
}

func (s *session) Data(r io.Reader) error {
	m, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(m.Body)
	if err != nil {
		return err
	}
	s.l.add(receipt{key: m.Header.Get("X-Allclear-Key"), to: s.to, text: string(body)})
	return nil
}
