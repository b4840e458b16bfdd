package app

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"allclear/internal/plug/plugtest"
)

func TestMailNeedsToKnowWhatItIsFor(t *testing.T) {
	good := MailIn{Listen: "127.0.0.1:0", Domains: []string{"example.com"}, Service: "api"}
	for name, c := range map[string]struct {
		change func(*MailIn)
		ok     bool
	}{
		"all of it":        {func(*MailIn) {}, true},
		"off":              {func(m *MailIn) { *m = MailIn{Service: "api"} }, true},
		"no domain":        {func(m *MailIn) { m.Domains = nil }, false},
		"an address":       {func(m *MailIn) { m.Domains = []string{"ops@example.com"} }, false},
		"any domain":       {func(m *MailIn) { m.Domains = []string{"*"} }, false},
		"an empty domain":  {func(m *MailIn) { m.Domains = []string{""} }, false},
		"no service":       {func(m *MailIn) { m.Service = "" }, false},
		"half a key pair":  {func(m *MailIn) { m.Cert = "x" }, false},
		"a pair, unopened": {func(m *MailIn) { m.Cert, m.Key = "x", "y" }, true},
	} {
		m := good
		c.change(&m)
		if err := m.check(); (err == nil) != c.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A renewed certificate is taken without a restart, and half a renewal leaves
// the old one in place.
func TestTheCertificateIsReadAgain(t *testing.T) {
	dir := t.TempDir()
	m := MailIn{Cert: filepath.Join(dir, "cert.pem"), Key: filepath.Join(dir, "key.pem")}
	if _, err := m.tls(); err == nil {
		t.Error("no certificate is no error")
	}
	pair(t, m, 1, time.Now().Add(90*24*time.Hour))
	conf, err := m.tls()
	if err != nil {
		t.Fatal(err)
	}
	serial := func() int64 {
		c, err := conf.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		x, err := x509.ParseCertificate(c.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return x.SerialNumber.Int64()
	}
	if n := serial(); n != 1 {
		t.Errorf("certificate %d", n)
	}
	old, err := os.ReadFile(m.Key)
	if err != nil {
		t.Fatal(err)
	}
	pair(t, m, 2, time.Now().Add(90*24*time.Hour))
	fresh, err := os.ReadFile(m.Key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(key []byte, age time.Duration) {
		at := time.Now().Add(age)
		if err := os.WriteFile(m.Key, key, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(m.Cert, at, at); err != nil {
			t.Fatal(err)
		}
	}
	write(old, time.Hour)
	if n := serial(); n != 1 {
		t.Errorf("certificate %d with the key of another", n)
	}
	write(fresh, time.Hour)
	if n := serial(); n != 2 {
		t.Errorf("certificate %d after the renewal", n)
	}
}

func pair(t *testing.T, m MailIn, serial int64, until time.Time) {
	t.Helper()
	cert, _ := plugtest.Certificate(t, x509.Certificate{SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: "mx"}, DNSNames: []string{"mx.example.com"}, NotAfter: until})
	k, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	for file, b := range map[string]*pem.Block{m.Cert: {Type: "CERTIFICATE", Bytes: cert.Certificate[0]}, m.Key: {Type: "PRIVATE KEY", Bytes: k}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDoctorOfMail(t *testing.T) {
	c, _ := healthy(t, "sqlite")
	if r, _ := examine(t, c); r.of("mail in").State != "" {
		t.Error("mail that does not come in is judged")
	}
	c.MailIn = MailIn{Listen: "127.0.0.1:0", Domains: []string{"example.com"}, Service: "auth"}
	r, err := examine(t, c)
	if err != nil || r.of("mail in").State != fine || r.of("emergency addresses").State != fine || r.of("mail in: STARTTLS").State != warning || r.of("mail in: service").State != "" {
		t.Errorf("%v: %+v", err, r)
	}
	dir := t.TempDir()
	c.MailIn.Service, c.MailIn.Cert, c.MailIn.Key = "nothing", filepath.Join(dir, "c"), filepath.Join(dir, "k")
	for until, want := range map[time.Duration]string{-time.Minute: wrong, 24 * time.Hour: warning, 60 * 24 * time.Hour: fine} {
		pair(t, c.MailIn, 1, time.Now().Add(until))
		if r, _ := examine(t, c); r.of("mail in: STARTTLS").State != want || r.of("mail in: service").State != wrong {
			t.Errorf("until %s: %+v", until, r)
		}
	}
	c.MailIn.Domains = nil
	if r, err := examine(t, c); err == nil || r.of("mail in").State != wrong {
		t.Errorf("%+v", r)
	}
}
