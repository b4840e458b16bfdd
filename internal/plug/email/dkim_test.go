package email_test

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"allclear/internal/plug"
	"allclear/internal/plug/email"
	"allclear/internal/plug/plugtest"
)

// keyPair is a signing key as PEM, and what stands in DNS for it.
func keyPair(t *testing.T, key crypto.Signer) (text, record string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	kind, public := "rsa", []byte(nil)
	switch k := key.(type) {
	case ed25519.PrivateKey:
		kind, public = "ed25519", k.Public().(ed25519.PublicKey) // RFC 8463: the bare key
	default:
		if public, err = x509.MarshalPKIXPublicKey(key.Public()); err != nil {
			t.Fatal(err)
		}
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), "v=DKIM1; k=" + kind + "; p=" + base64.StdEncoding.EncodeToString(public)
}

func rsaKey(t *testing.T, bits int) crypto.Signer {
	t.Helper()
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func edKey(t *testing.T) crypto.Signer {
	t.Helper()
	_, k, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func verify(t *testing.T, raw, record string) []*dkim.Verification {
	t.Helper()
	vs, err := dkim.VerifyWithOptions(strings.NewReader(raw), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
		if name != "allclear._domainkey.example.test" {
			return nil, errors.New("no such name: " + name)
		}
		return []string{record}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	return vs
}

// customerMail is a mail to a customer, with a body that naive signing breaks.
func customerMail(to string) plug.Message {
	m := plugtest.SampleMessage(to)
	m.Kind, m.AckURL = plug.Post, ""
	m.Text = "Sehr geehrte Frau Müller,  \n.\n..two dots\n\ttab, trailing space \n\n\n"
	m.Headers = map[string]string{"List-Unsubscribe": "<https://status.example.test/u/abc>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
	return m
}

// What the relay received verifies with another implementation, over headers
// and body, and an unsubscribe link cannot be exchanged (RFC 8058, section 4).
//
// Clauses: PLT-CN-EMAIL
func TestMailIsSigned(t *testing.T) {
	for name, key := range map[string]crypto.Signer{"rsa": rsaKey(t, 2048), "ed25519": edKey(t)} {
		t.Run(name, func(t *testing.T) {
			text, record := keyPair(t, key)
			r := startRelay(t, relayOptions{})
			ch := open(t, r.addr, "dkim_selector", "allclear", "dkim_key", strings.ReplaceAll(text, "\n", `\n`))
			for range 2 { // over one connection
				if _, err := ch.Send(t.Context(), customerMail(r.To())); err != nil {
					t.Fatal(err)
				}
			}
			for _, got := range r.Got() {
				vs := verify(t, got.Raw, record)
				if len(vs) != 1 || vs[0].Err != nil || vs[0].Domain != "example.test" {
					t.Fatalf("%v of\n%s", vs[0].Err, got.Raw)
				}
				for what, from := range map[string]string{"subject": "?q?P1", "link": "/u/abc", "body": "two dots", "one-click": "One-Click", "recipient": "To: "} {
					spoiled := strings.Replace(got.Raw, from, from+"x", 1)
					if vs := verify(t, spoiled, record); spoiled == got.Raw || len(vs) != 1 || vs[0].Err == nil {
						t.Errorf("%s was changed and the signature still holds", what)
					}
				}
				if vs := verify(t, "Subject: another\r\n"+got.Raw, record); vs[0].Err == nil {
					t.Error("a second subject passes")
				}
			}
		})
	}
}

func TestSettingsOfSignatures(t *testing.T) {
	good, _ := keyPair(t, edKey(t))
	weak, _ := keyPair(t, rsaKey(t, 1024))
	for name, v := range map[string][]string{
		"selector alone": {"dkim_selector", "allclear"},
		"key alone":      {"dkim_key", good},
		"no key":         {"dkim_selector", "allclear", "dkim_key", "certainly-not-a-key"},
		"short key":      {"dkim_selector", "allclear", "dkim_key", weak},
		"bad selector":   {"dkim_selector", "a b", "dkim_key", good},
		"bad domain":     {"dkim_selector", "allclear", "dkim_domain", "ex ample", "dkim_key", good},
	} {
		_, err := email.Plugin().Open(plugtest.Config(values("127.0.0.1:25", v...)))
		if err == nil || strings.Contains(err.Error(), "certainly-not") || strings.Contains(err.Error(), "PRIVATE KEY-----") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, rate := range []string{"0", "-1", "NaN", "many", "0.5", "99999"} {
		if _, err := email.Plugin().Open(plugtest.Config(values("127.0.0.1:25", "rate", rate))); err == nil {
			t.Errorf("a rate of %q is taken", rate)
		}
	}
}

// Reports that a mail did not arrive go to the address the message names.
func TestTheEnvelopeNamesWhoHearsOfFailures(t *testing.T) {
	r := startRelay(t, relayOptions{})
	ch := open(t, r.addr)
	m := customerMail(r.To())
	m.Bounce = "bounce+42-abc@in.example.test"
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	m.Bounce = ""
	if _, err := ch.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := r.senders(); len(got) != 2 || got[0] != "bounce+42-abc@in.example.test" || got[1] != "allclear@example.test" {
		t.Errorf("senders %q", got)
	}
	for _, raw := range r.Got() {
		if !strings.Contains(raw.Raw, "From: \"Allclear\" <allclear@example.test>") {
			t.Errorf("the sender people see has changed:\n%s", raw.Raw)
		}
	}
	m.Bounce = "a@b\r\nRCPT TO:<x@y>"
	if _, err := ch.Send(t.Context(), m); err == nil {
		t.Error("a command in the address was taken")
	}
}
