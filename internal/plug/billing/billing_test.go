package billing_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/billing"
	"allclear/internal/plug/plugtest"
)

const key = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQtb2xkLTAx"

func open(t *testing.T, url string) plug.Channel {
	return plugtest.Open(t, billing.Plugin(), plugtest.Config(map[string]string{"url": url, "secrets": key, "authorization": "Bearer gate-way-token-77"}))
}

func memo(to string) plug.Message {
	m := plugtest.SampleMessage(to)
	m.Text = `{"idempotency_key":"credit-7","amount_cents":123450}`
	m.Headers = map[string]string{billing.KeyHeader: "credit-7"}
	return m
}

// What arrives is signed over id, second and body, and names the memo by its own key,
// whichever delivery it is.
//
// Clauses: INT-BILLING
func TestAMemoArrivesSignedUnderItsOwnKey(t *testing.T) {
	var got []http.Header
	var bodies [][]byte
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got, bodies = append(got, r.Header.Clone()), append(bodies, b)
		_, _ = io.WriteString(w, `{"reference":"CN-2026-17"}`) // a receiver that went away is no matter here
	}))
	defer srv.Close()
	c := open(t, srv.URL)
	for n := range 2 {
		m := memo("billing")
		m.Key = "credit-7/" + string(rune('1'+n))
		r, err := c.Send(t.Context(), m)
		if err != nil || r.ProviderRef != "CN-2026-17" || !r.Arrived {
			t.Fatalf("%+v %v", r, err)
		}
	}
	keys, err := plug.SigningKeys(secret.String(key))
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range got {
		if h.Get("Webhook-Id") != "credit-7" || h.Get("Idempotency-Key") != "credit-7" || h.Get("Authorization") != "Bearer gate-way-token-77" {
			t.Errorf("%v", h)
		}
		var unix int64
		if err := json.Unmarshal([]byte(h.Get("Webhook-Timestamp")), &unix); err != nil {
			t.Fatal(err)
		}
		if want := plug.Sign(keys, "credit-7", unix, bodies[i]); h.Get("Webhook-Signature") != want {
			t.Errorf("signature %q, want %q", h.Get("Webhook-Signature"), want)
		}
		if !bytes.Contains(bodies[i], []byte(`"data":{"idempotency_key":"credit-7","amount_cents":123450}`)) {
			t.Errorf("%s", bodies[i])
		}
	}
}

func TestWhatTheReceiverAnswers(t *testing.T) {
	for status, want := range map[int]plug.FailureKind{409: 99, 204: 99, 503: plug.Retry, 429: plug.Retry, 422: plug.Permanent} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		_, err := open(t, srv.URL).Send(t.Context(), memo("billing"))
		srv.Close()
		var f *plug.Failure
		switch {
		case want == 99 && err != nil:
			t.Errorf("%d: %v", status, err)
		case want != 99 && (!errors.As(err, &f) || f.Kind != want):
			t.Errorf("%d: %v, want %v", status, err, want)
		}
	}
}

func TestBadSettingsAndMemosAreRefused(t *testing.T) {
	for _, c := range []map[string]string{{"url": "billing", "secrets": key}, {"url": "https://b.example", "secrets": "plain"}, {"secrets": key}} {
		if _, err := billing.Plugin().Open(plugtest.Config(c)); !fault.Is(err, fault.Invalid) || strings.Contains(err.Error(), key) {
			t.Errorf("%v: %v", c, err)
		}
	}
	m := memo("billing")
	m.Text = "no JSON"
	if _, err := open(t, "https://b.example").Send(t.Context(), m); plug.FailureOf(err).Kind != plug.Permanent {
		t.Errorf("%v", err)
	}
}
