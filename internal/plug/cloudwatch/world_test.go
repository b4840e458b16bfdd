package cloudwatch

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

var now = time.Date(2026, 3, 2, 3, 4, 5, 0, time.UTC)

const (
	topic   = "arn:aws:sns:eu-west-1:123456789012:alarms"
	host    = "sns.eu-west-1.amazonaws.com"
	certURL = "https://" + host + "/SimpleNotificationService-0123456789abcdef.pem"
)

// world is the Internet as the plug-in sees it: every name resolves to a public
// address, every dial is counted and ends at one server, whose certificate is good
// for every name that is asked for.
type world struct {
	t      testing.TB
	mu     sync.Mutex
	dials  []string
	calls  []string
	serve  map[string]func(http.ResponseWriter) // by host and path
	conns  chan net.Conn
	roots  *x509.CertPool
	key    *rsa.PrivateKey
	leaf   []byte // PEM of the certificate of SNS
	ca     *x509.Certificate
	caKey  *ecdsa.PrivateKey
	config plug.Config
}

func newWorld(t testing.TB) *world {
	w := &world{t: t, serve: map[string]func(http.ResponseWriter){}, conns: make(chan net.Conn), roots: x509.NewCertPool()}
	w.ca, w.caKey = authority(t, "Test Root", nil, nil)
	w.roots.AddCert(w.ca)
	var err error
	if w.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	w.leaf = w.issue(x509.Certificate{DNSNames: []string{"sns.amazonaws.com"}}, w.ca, w.caKey, &w.key.PublicKey)
	w.page(certURL, string(w.leaf))
	srv := &http.Server{Handler: http.HandlerFunc(w.answer)}
	go func() { _ = srv.Serve(pipes{w.conns, make(chan struct{}), &sync.Once{}}) }()
	t.Cleanup(func() { _ = srv.Close() })
	g := plug.NewGuard()
	g.Resolver = public{}
	g.DialIP = w.dial
	w.config = plug.Config{Guard: g, RootCAs: w.roots}
	return w
}

func authority(t testing.TB, name string, parent *x509.Certificate, parentKey *ecdsa.PrivateKey) (*x509.Certificate, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: name}, NotBefore: now.AddDate(-10, 0, 0), NotAfter: now.AddDate(50, 0, 0), IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, SubjectKeyId: []byte(name)}
	if parent == nil {
		parent, parentKey = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return made, key
}

func (w *world) issue(c x509.Certificate, ca *x509.Certificate, caKey crypto.Signer, key any) []byte {
	w.t.Helper()
	c.SerialNumber = big.NewInt(8)
	if c.NotBefore.IsZero() {
		c.NotBefore, c.NotAfter = now.AddDate(-10, 0, 0), now.AddDate(50, 0, 0)
	}
	if ca == nil {
		ca = &c
	}
	der, err := x509.CreateCertificate(rand.Reader, &c, ca, key, caKey)
	if err != nil {
		w.t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

type public struct{}

func (public) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("52.94.0.1")}, nil
}

type pipes struct {
	conns chan net.Conn
	over  chan struct{}
	once  *sync.Once
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.over:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	p.once.Do(func() { close(p.over) })
	return nil
}

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

func (w *world) dial(_ context.Context, _, address string) (net.Conn, error) {
	w.mu.Lock()
	w.dials = append(w.dials, address)
	w.mu.Unlock()
	near, far := net.Pipe()
	if strings.HasSuffix(address, ":80") {
		w.conns <- far
		return near, nil
	}
	w.conns <- tls.Server(far, &tls.Config{GetCertificate: func(h *tls.ClientHelloInfo) (*tls.Certificate, error) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, err
		}
		block, _ := pem.Decode(w.issue(x509.Certificate{DNSNames: []string{h.ServerName}}, w.ca, w.caKey, &key.PublicKey))
		return &tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: key}, nil
	}})
	return near, nil
}

func (w *world) answer(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.calls = append(w.calls, r.Method+" "+r.Host+r.URL.RequestURI())
	f := w.serve[r.Host+r.URL.Path]
	w.mu.Unlock()
	if f == nil {
		http.NotFound(rw, r)
		return
	}
	f(rw)
}

// page serves a text at an address.
func (w *world) page(address, body string) {
	w.on(address, func(rw http.ResponseWriter) { _, _ = rw.Write([]byte(body)) })
}

func (w *world) on(address string, f func(http.ResponseWriter)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, path, _ := strings.Cut(address, "://")
	w.serve[path] = f
}

func (w *world) counted() (dials int, calls []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.dials), append([]string(nil), w.calls...)
}

func (w *world) open(settings ...string) *source {
	w.t.Helper()
	cfg := w.config
	cfg.Values = map[string]secret.String{}
	for i := 0; i+1 < len(settings); i += 2 {
		cfg.Values[settings[i]] = secret.String(settings[i+1])
	}
	reg, err := plug.NewRegistry(Plugin())
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := reg.Open(Name, cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return v.(*source)
}

// message is an envelope that is signed when it is written.
type message map[string]any

func notification(text string) message {
	return message{"Type": kindNotification, "MessageId": "22b80b92-0000-4000-8000-000000000001", "TopicArn": topic, "Message": text, "Timestamp": "2026-03-02T03:04:00.000Z", "SignatureVersion": "2", "SigningCertURL": certURL, "UnsubscribeURL": "https://" + host + "/?Action=Unsubscribe"}
}

func confirmation() message {
	m := notification("You have chosen to subscribe.\nTo confirm, visit the SubscribeURL.")
	m["Type"], m["Token"] = kindSubscription, "2336412f37fb687f5d51"
	m["SubscribeURL"] = "https://" + host + "/?Action=ConfirmSubscription&TopicArn=" + topic + "&Token=2336412f37fb687f5d51"
	return m
}

func (m message) with(pairs ...any) message {
	out := message{}
	for k, v := range m {
		out[k] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			delete(out, pairs[i].(string))
			continue
		}
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

// signed writes the message with its signature. The text to sign is put together
// here as AWS documents it, and not by the code under test.
func (w *world) signed(m message) plug.Inbound {
	w.t.Helper()
	names := []string{"Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"}
	if m["Type"] != kindNotification {
		names = []string{"Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"}
	}
	var b strings.Builder
	for _, n := range names {
		if v, ok := m[n].(string); ok {
			b.WriteString(n + "\n" + v + "\n")
		}
	}
	hash, sum := crypto.SHA256, sha256.Sum256([]byte(b.String()))
	digest := sum[:]
	if m["SignatureVersion"] == "1" {
		sum := sha1.Sum([]byte(b.String()))
		hash, digest = crypto.SHA1, sum[:]
	}
	sig, err := rsa.SignPKCS1v15(rand.Reader, w.key, hash, digest)
	if err != nil {
		w.t.Fatal(err)
	}
	return unsigned(m.with("Signature", base64.StdEncoding.EncodeToString(sig)))
}

func unsigned(m message) plug.Inbound {
	body, _ := json.Marshal(m)
	return plug.Inbound{Body: body, Now: now, ID: "this-call", URL: "https://allclear.test/hooks/cloudwatch/key-1", ContentType: "text/plain; charset=UTF-8", Header: http.Header{}}
}

// take does with a call what the edge does.
func take(t testing.TB, s *source, in plug.Inbound) (plug.Received, error) {
	t.Helper()
	if err := s.Prepare(t.Context(), in); err != nil {
		return plug.Received{}, err
	}
	got, err := s.Parse(in)
	if err != nil {
		return got, err
	}
	return got, s.Finish(t.Context(), in)
}
