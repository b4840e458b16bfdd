package cloudwatch

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// Both versions of the signature are taken, and none of a message that was changed.
// Clauses: DET-STACK-CLOUDWATCH, INT-CLOUDWATCH
func TestSignatures(t *testing.T) {
	w := newWorld(t)
	s := w.open()
	for _, version := range []string{"1", "2"} {
		for _, m := range []message{notification(metricAlarm), notification("x").with("Subject", "line\nline"), notification("x").with("Subject", "")} {
			m = m.with("SignatureVersion", version)
			if _, err := take(t, s, w.signed(m)); err != nil {
				t.Errorf("version %s: %v", version, err)
			}
		}
		good := w.signed(notification(metricAlarm).with("SignatureVersion", version, "Subject", "ALARM"))
		var m map[string]any
		if err := json.Unmarshal(good.Body, &m); err != nil {
			t.Fatal(err)
		}
		signature := m["Signature"].(string)
		for name, alter := range map[string]message{
			"message": {"Message": strings.Replace(metricAlarm, "ALARM", "OK", 1)}, "id": {"MessageId": "another"}, "subject": {"Subject": "OK"}, "no subject": {"Subject": nil},
			"topic": {"TopicArn": topic + "2"}, "time": {"Timestamp": "2026-03-02T03:04:01.000Z"}, "type": {"Type": kindUnsubscribe}, "no signature": {"Signature": ""}, "null": {"Signature": nil},
			"half": {"Signature": signature[:len(signature)/2]}, "no base64": {"Signature": "!" + signature}, "zeros": {"Signature": strings.Repeat("A", len(signature))}, "number": {"Signature": 7},
			"other version": {"SignatureVersion": map[string]string{"1": "2", "2": "1"}[version]}, "version 3": {"SignatureVersion": "3"}, "no version": {"SignatureVersion": nil},
			"unknown certificate": {"SigningCertURL": strings.Replace(certURL, "0123", "4567", 1)}, "no certificate": {"SigningCertURL": nil},
		} {
			forged := message(m).with()
			for k, v := range alter {
				forged[k] = v
			}
			if got, err := take(t, s, unsigned(forged)); !fault.Is(err, fault.Unauthenticated) || len(got.Signals) != 0 {
				t.Errorf("version %s, altered %s: %v %+v", version, name, err, got)
			}
		}
	}
	if dials, calls := w.counted(); len(calls) > 2+2 || dials > 2 {
		t.Errorf("the certificate is fetched again and again: %q", calls)
	}
}

// The certificate has to be SNS's own, in date, and issued by a trusted authority.
// Clauses: INT-CLOUDWATCH
func TestCertificates(t *testing.T) {
	w := newWorld(t)
	pub := &w.key.PublicKey
	strange, strangeKey := authority(t, "Strange Root", nil, nil)
	elliptical, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sns := x509.Certificate{DNSNames: []string{"sns.amazonaws.com"}}
	old, young := sns, sns
	old.NotBefore, old.NotAfter = now.AddDate(-2, 0, 0), now.AddDate(0, 0, -1)
	young.NotBefore, young.NotAfter = now.AddDate(0, 0, 1), now.AddDate(2, 0, 0)
	for name, c := range map[string]struct {
		pem  []byte
		want fault.Kind
	}{
		"self-signed":         {w.issue(sns, nil, w.key, pub), fault.Unauthenticated},
		"of a strange root":   {w.issue(sns, strange, strangeKey, pub), fault.Unauthenticated},
		"out of date":         {w.issue(old, w.ca, w.caKey, pub), fault.Unauthenticated},
		"not yet in date":     {w.issue(young, w.ca, w.caKey, pub), fault.Unauthenticated},
		"of another name":     {w.issue(x509.Certificate{DNSNames: []string{"s3.amazonaws.com"}}, w.ca, w.caKey, pub), fault.Unauthenticated},
		"of no name":          {w.issue(x509.Certificate{Subject: pkix.Name{CommonName: "evil.example"}}, w.ca, w.caKey, pub), fault.Unauthenticated},
		"named beside":        {w.issue(x509.Certificate{Subject: pkix.Name{CommonName: "sns.amazonaws.com"}, DNSNames: []string{"evil.example"}}, w.ca, w.caKey, pub), fault.Unauthenticated},
		"of another region":   {w.issue(x509.Certificate{DNSNames: []string{"sns.us-east-1.amazonaws.com"}}, w.ca, w.caKey, pub), fault.Unauthenticated},
		"another kind of key": {w.issue(sns, w.ca, w.caKey, &elliptical.PublicKey), fault.Unauthenticated},
		"another key":         {w.issue(sns, w.ca, w.caKey, &other.PublicKey), fault.Unauthenticated},
		"no certificate":      {[]byte("<html>"), fault.Unauthenticated},
		"empty":               {nil, fault.Unauthenticated},
		"broken":              {[]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), fault.Unauthenticated},
		"too long":            {append(bytes.Repeat([]byte("#\n"), plug.MaxAnswer), w.leaf...), fault.Unauthenticated},
		"by its common name":  {w.issue(x509.Certificate{Subject: pkix.Name{CommonName: "sns.amazonaws.com"}}, w.ca, w.caKey, pub), 255},
		"of its region":       {w.issue(x509.Certificate{DNSNames: []string{host}}, w.ca, w.caKey, pub), 255},
	} {
		w.page(certURL, string(c.pem))
		_, err := take(t, w.open(), w.signed(notification("x")))
		if c.want == 255 && err != nil || c.want != 255 && !fault.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for status, want := range map[int]fault.Kind{500: fault.Unavailable, 429: fault.Unavailable, 404: fault.Unauthenticated, 302: fault.Unauthenticated} {
		w.on(certURL, func(rw http.ResponseWriter) {
			rw.Header().Set("Location", "https://"+host+"/SimpleNotificationService-good.pem")
			rw.WriteHeader(status)
		})
		w.page("https://"+host+"/SimpleNotificationService-good.pem", string(w.leaf))
		if _, err := take(t, w.open(), w.signed(notification("x"))); !fault.Is(err, want) {
			t.Errorf("status %d: %v", status, err)
		}
	}
}

// SNS publishes its certificate without the one that issued it.
func TestTheIssuerIsFetched(t *testing.T) {
	w := newWorld(t)
	between, betweenKey := authority(t, "Test Intermediate", w.ca, w.caKey)
	const at = "http://crt.r2m02.amazontrust.com/r2m02.cer"
	leaf := func(issuer string) []byte {
		return w.issue(x509.Certificate{DNSNames: []string{"sns.amazonaws.com"}, IssuingCertificateURL: []string{issuer}}, between, betweenKey, &w.key.PublicKey)
	}
	w.page(at, string(between.Raw))
	w.page(certURL, string(leaf(at)))
	if _, err := take(t, w.open(), w.signed(notification("x"))); err != nil {
		t.Errorf("issuer fetched: %v", err)
	}
	w.page(certURL, string(leaf("http://example.net/ca.cer"))+string(w.issueAuthority(between)))
	if _, err := take(t, w.open(), w.signed(notification("x"))); err != nil {
		t.Errorf("issuer beside: %v", err)
	}
	strange, strangeKey := authority(t, "Test Intermediate", nil, nil)
	w.page(at, string(strange.Raw))
	w.page(certURL, string(leaf(at)))
	if _, err := take(t, w.open(), w.signed(notification("x"))); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("another of the issuer's name: %v", err)
	}
	w.page(certURL, string(w.issue(x509.Certificate{DNSNames: []string{"sns.amazonaws.com"}, IssuingCertificateURL: []string{at}}, strange, strangeKey, &w.key.PublicKey)))
	if _, err := take(t, w.open(), w.signed(notification("x"))); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("a chain to nowhere: %v", err)
	}
	for _, bad := range []string{
		"http://169.254.169.254/latest.cer", "http://crt.example.net/a.cer", "http://crt.r2m02.amazontrust.com.evil.example/a.cer", "http://u@crt.r2m02.amazontrust.com/a.cer", "http://crt.r2m02.amazontrust.com:8080/a.cer",
		"ldap://crt.r2m02.amazontrust.com/a.cer", "file:///etc/a.cer", "http://crt.r2m02.amazontrust.com/a.cer?x", "http://crt.r2m02.amazontrust.com/%61.cer", "http://crt.r2m02.amazontrust.com/../a.cer", "",
	} {
		_, before := w.counted()
		w.page(certURL, string(leaf(bad)))
		if _, err := take(t, w.open(), w.signed(notification("x"))); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("issuer at %q: %v", bad, err)
		}
		if _, calls := w.counted(); len(calls) != len(before)+1 {
			t.Errorf("issuer at %q was fetched: %q", bad, calls[len(before):])
		}
	}
}

func (w *world) issueAuthority(c *x509.Certificate) []byte {
	return []byte("-----BEGIN CERTIFICATE-----\n" + base64Lines(c.Raw) + "-----END CERTIFICATE-----\n")
}

func FuzzParse(f *testing.F) {
	w := newWorld(f)
	s := w.open()
	for _, m := range []string{metricAlarm, composite, mathAlarm, oldAlarm, bridged, health, "text", `{"detail-type":1}`, `{"AlarmName":{}}`} {
		f.Add([]byte(m), true)
		f.Add(w.signed(notification(m)).Body, false)
	}
	f.Add(w.signed(confirmation()).Body, false)
	f.Fuzz(func(t *testing.T, body []byte, raw bool) {
		in := plug.Inbound{Body: body, Now: now, ID: "unique", Header: http.Header{}}
		if raw {
			in.Secret = "hook-secret"
			in.Header.Set("Authorization", "Bearer hook-secret")
		}
		got, err := s.Parse(in)
		if err != nil {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Unauthenticated) {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		plugtest.CheckReceived(t, got)
		if !raw && len(got.Signals) > 0 {
			t.Fatalf("taken without proof: %+v", got)
		}
		if text, err := read("", string(body), "id", topic); err == nil {
			plugtest.CheckReceived(t, text)
		}
	})
}
