package inbound

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/edge/hooks"
	"allclear/internal/plug"
	"allclear/internal/plug/cloudwatch"
	"allclear/internal/plug/plugtest"
)

// sns is Amazon SNS of one region: it signs, publishes its certificate and takes
// confirmations.
type sns struct {
	t     *testing.T
	key   *rsa.PrivateKey
	mu    sync.Mutex
	calls []string
}

const (
	snsHost  = "sns.eu-west-1.amazonaws.com"
	snsTopic = "arn:aws:sns:eu-west-1:123456789012:alarms"
)

type everywhere struct{}

func (everywhere) LookupNetIP(context.Context, string, string) ([]netip.Addr, error) {
	return []netip.Addr{netip.MustParseAddr("52.94.0.1")}, nil
}

// newSNS puts SNS at its name and serves the hooks of CloudWatch in w.
func newSNS(t *testing.T, w *world) *sns {
	s := &sns{t: t}
	var err error
	if s.key, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	served, roots := plugtest.Certificate(t, x509.Certificate{DNSNames: []string{snsHost}})
	ca, err := x509.ParseCertificate(served.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), DNSNames: []string{"sns.amazonaws.com"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &s.key.PublicKey, served.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.calls = append(s.calls, r.Method+" "+r.Host+r.URL.RequestURI())
		s.mu.Unlock()
		_ = pem.Encode(rw, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}))
	srv.TLS = &tls.Config{Certificates: []tls.Certificate{served}, MinVersion: tls.VersionTLS12}
	srv.StartTLS()
	t.Cleanup(srv.Close)
	g := plug.NewGuard()
	g.Resolver = everywhere{}
	g.DialIP = func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, srv.Listener.Addr().String())
	}
	v, err := cloudwatch.Plugin().Open(plug.Config{Guard: g, RootCAs: roots})
	if err != nil {
		t.Fatal(err)
	}
	w.mux = http.NewServeMux()
	hooks.New(hooks.Options{
		Sources: []plug.Hook{{Name: cloudwatch.Name, MaxBody: plug.MaxBody, Source: v.(plug.Source)}}, Intake: w, Answers: w, PublicURL: "https://allclear.example", Silences: w.in, Keys: keys{}, Health: w.fares, Version: "test",
		Now: time.Now,
	}).Register(w.mux)
	return s
}

// post sends a message to the hook, signed over the members in that order.
func (s *sns) post(w *world, m map[string]string, order string) answer {
	s.t.Helper()
	m["SignatureVersion"], m["SigningCertURL"] = "2", "https://"+snsHost+"/SimpleNotificationService-0123456789abcdef.pem"
	var b strings.Builder
	for _, name := range strings.Fields(order) {
		if v, ok := m[name]; ok {
			b.WriteString(name + "\n" + v + "\n")
		}
	}
	sum := sha256.Sum256([]byte(b.String()))
	signature, err := rsa.SignPKCS1v15(rand.Reader, s.key, crypto.SHA256, sum[:])
	if err != nil {
		s.t.Fatal(err)
	}
	m["Signature"] = base64.StdEncoding.EncodeToString(signature)
	return s.send(w, m)
}

func (s *sns) send(w *world, m map[string]string) answer {
	body, _ := json.Marshal(m)
	return w.post("/hooks/cloudwatch/"+hookKey, string(body), "Content-Type", "text/plain; charset=UTF-8")
}

// alarm is a notification of an alarm's state.
func (s *sns) alarm(w *world, id, state, at string) answer {
	return s.post(w, alarmMessage(id, state, at), "Message MessageId Subject Timestamp TopicArn Type")
}

func alarmMessage(id, state, at string) map[string]string {
	text := `{"AlarmName":"db-cpu","AlarmDescription":"severity: critical","AWSAccountId":"123456789012","NewStateValue":"` + state + `","NewStateReason":"r","StateChangeTime":"` + at + `","Region":"EU (Ireland)","AlarmArn":"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:db-cpu"}`
	return map[string]string{"Type": "Notification", "MessageId": id, "TopicArn": snsTopic, "Subject": "ALARM", "Message": text, "Timestamp": "2026-03-02T03:00:00.000Z"}
}

// Clauses: DET-STACK-CLOUDWATCH, INT-CLOUDWATCH
func TestCloudWatchBySNS(t *testing.T) {
	const key = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:db-cpu"
	each(t, func(t *testing.T, w *world) {
		s := newSNS(t, w)
		token := "2336412f37fb687f5d51"
		sub := map[string]string{"Type": "SubscriptionConfirmation", "MessageId": "m0", "TopicArn": snsTopic, "Token": token, "Message": "You have chosen to subscribe.", "Timestamp": "2026-03-02T03:00:00.000Z", "SubscribeURL": "https://" + snsHost + "/?Action=ConfirmSubscription&TopicArn=" + snsTopic + "&Token=" + token}
		if a := s.post(w, sub, "Message MessageId SubscribeURL Timestamp Token TopicArn Type"); a.status != 200 || len(s.calls) != 2 || !strings.Contains(s.calls[1], "Action=ConfirmSubscription") {
			t.Fatalf("subscription: %d %s, calls %q", a.status, a.body, s.calls)
		}
		over := map[string]string{"Type": "UnsubscribeConfirmation", "MessageId": "m9", "TopicArn": snsTopic, "Token": token, "Message": "You have chosen to deactivate.", "Timestamp": "2026-03-02T03:00:00.000Z", "SubscribeURL": sub["SubscribeURL"]}
		if a := s.post(w, over, "Message MessageId SubscribeURL Timestamp Token TopicArn Type"); a.status != 200 || len(s.calls) != 2 {
			t.Errorf("unsubscribed: %d %s, calls %q", a.status, a.body, s.calls)
		}
		if kept := w.raws(); len(kept) != 2 || !strings.Contains(kept[1].body, "UnsubscribeConfirmation") || kept[1].source != cloudwatch.Name {
			t.Errorf("kept %+v", kept)
		}
		for range 2 { // SNS sends again what was not answered in time
			if a := s.alarm(w, "m1", "ALARM", "2026-03-02T03:00:00.000+0000"); a.status/100 != 2 {
				t.Fatalf("alarm: %d %s", a.status, a.body)
			}
		}
		if al := w.alert(key); al.Status != alert.Triggered || al.Count != 1 || al.Severity.String() != "P2" {
			t.Errorf("after the same ALARM twice: %+v", al)
		}
		forged := alarmMessage("m2", "OK", "2026-03-02T03:05:00.000+0000")
		forged["SignatureVersion"], forged["SigningCertURL"], forged["Signature"] = "2", "https://"+snsHost+"/SimpleNotificationService-0123456789abcdef.pem", base64.StdEncoding.EncodeToString(make([]byte, 256))
		if a := s.send(w, forged); a.status != 401 {
			t.Errorf("bad signature: %d %s", a.status, a.body)
		}
		forged["SigningCertURL"] = "https://sns.s3.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem"
		if a := s.send(w, forged); a.status != 401 || len(s.calls) != 2 {
			t.Errorf("certificate in a bucket: %d %s, calls %q", a.status, a.body, s.calls)
		}
		if a := w.post("/hooks/cloudwatch/"+hookKey, forged["Message"]); a.status != 401 || !strings.Contains(a.body, "raw message delivery") {
			t.Errorf("raw: %d %s", a.status, a.body)
		}
		if al := w.alert(key); al.Status != alert.Triggered {
			t.Errorf("after the forgeries: %+v", al)
		}
		if a := s.alarm(w, "m3", "OK", "2026-03-02T03:05:00.000+0000"); a.status/100 != 2 {
			t.Fatalf("recovery: %d %s", a.status, a.body)
		}
		if al := w.alert(key); al.Status != alert.Resolved {
			t.Errorf("after OK: %+v", al)
		}
	})
}
