package inbound

import (
	"crypto/hmac"
	"crypto/md5"  //nolint:gosec // what a forger may try
	"crypto/sha1" //nolint:gosec // Twilio's algorithm, and what a forger may try
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"hash"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/github"
	"allclear/internal/plug/grafana"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/sentry"
	"allclear/internal/plug/slack"
	"allclear/internal/plug/twilio"
	"allclear/internal/plug/zendesk"
	"allclear/internal/store/storetest"
)

const (
	trueSecret  = "the-secret-of-this-hook"
	otherSecret = "the-secret-of-another-hook"
)

var signedAt = time.Date(2026, 3, 2, 3, 0, 0, 0, time.UTC)

// scheme is one way to prove that a call comes from whom it says.
type scheme struct {
	name    string
	plugin  plug.Plugin
	values  map[string]secret.String // settings that hold the secret; nil: the hook does
	body    string
	kind    string
	header  string                                                     // of the proof
	stamp   string                                                     // header of the time that is signed; empty: none is
	extra   http.Header                                                // other headers a call has
	proof   func(mac func() hash.Hash, key, stamp, body string) string // the header's value
	stamped func(time.Time) string
}

func sum(mac func() hash.Hash, key, text string) []byte {
	h := hmac.New(mac, []byte(key))
	h.Write([]byte(text))
	return h.Sum(nil)
}

func unix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

const zendeskTicket = `{"ticket":{"id":"35436","subject":"Nobody can log in","description":"outage","priority":"urgent","status":"new"}}`

func schemes() []scheme {
	hexed := func(mac func() hash.Hash, key, _, body string) string { return hex.EncodeToString(sum(mac, key, body)) }
	alerting := `{"title":"disk","message":"full","id":"1","alerts":[{"status":"firing","labels":{"alertname":"Disk"},"fingerprint":"a1"}]}`
	form := "MessageSid=SM1&From=%2B15550100&To=%2B15550101&Body=hello"
	return []scheme{
		{name: "bearer", plugin: generic.Plugin(), body: alerting, header: "Authorization", proof: func(_ func() hash.Hash, key, _, _ string) string { return "Bearer " + key }},
		{name: "basic", plugin: generic.Plugin(), body: alerting, header: "Authorization", proof: func(_ func() hash.Hash, key, _, _ string) string {
			return "Basic " + base64.StdEncoding.EncodeToString([]byte("any:"+key))
		}},
		{name: "hub", plugin: generic.Plugin(), body: alerting, header: "X-Hub-Signature-256", proof: func(mac func() hash.Hash, key, _, body string) string {
			return "sha256=" + hex.EncodeToString(sum(mac, key, body))
		}},
		{name: "github", plugin: github.Plugin(), body: `{"ref":"refs/heads/main","repository":{"full_name":"a/b"},"commits":[],"after":"0011"}`, header: "X-Hub-Signature-256", extra: http.Header{"X-Github-Event": {"push"}}, proof: func(mac func() hash.Hash, key, _, body string) string {
			return "sha256=" + hex.EncodeToString(sum(mac, key, body))
		}},
		{name: "grafana", plugin: grafana.Plugin(), body: alerting, header: "X-Grafana-Alerting-Signature", proof: hexed},
		{name: "grafana, stamped", plugin: grafana.Plugin(), body: alerting, header: "X-Grafana-Alerting-Signature", stamp: "X-Grafana-Alerting-Timestamp", stamped: unix, proof: func(mac func() hash.Hash, key, stamp, body string) string {
			return hex.EncodeToString(sum(mac, key, stamp+":"+body))
		}},
		{name: "sentry", plugin: sentry.Plugin(), body: `{"action":"created","data":{"issue":{"id":"7","title":"TypeError","level":"error","status":"unresolved"}}}`, header: "Sentry-Hook-Signature", extra: http.Header{"Sentry-Hook-Resource": {"issue"}}, proof: hexed},
		{name: "zendesk", plugin: zendesk.Plugin(), body: zendeskTicket, header: "X-Zendesk-Webhook-Signature", stamp: "X-Zendesk-Webhook-Signature-Timestamp", stamped: func(t time.Time) string { return t.Format(time.RFC3339) }, proof: func(mac func() hash.Hash, key, stamp, body string) string {
			return base64.StdEncoding.EncodeToString(sum(mac, key, stamp+body))
		}},
		{name: "pagerduty", plugin: pagerduty.Plugin(), body: `{"event":{"id":"e","event_type":"incident.triggered","data":{"id":"P1","type":"incident","title":"x","status":"triggered"}}}`, header: "X-Pagerduty-Signature", proof: func(mac func() hash.Hash, key, _, body string) string {
			return "v1=" + hex.EncodeToString(sum(mac, key, body))
		}},
		{name: "slack", plugin: slack.Plugin(), values: map[string]secret.String{"bot_token": "xoxb-1", "signing_secret": trueSecret}, body: "payload=" + url.QueryEscape(`{"type":"url_verification","challenge":"c"}`), kind: "application/x-www-form-urlencoded", header: "X-Slack-Signature", stamp: "X-Slack-Request-Timestamp", stamped: unix, proof: func(mac func() hash.Hash, key, stamp, body string) string {
			return "v0=" + hex.EncodeToString(sum(mac, key, "v0:"+stamp+":"+body))
		}},
		{name: "twilio", plugin: twilio.Plugin(), values: map[string]secret.String{"account_sid": "AC00112233445566778899aabbccddeeff", "auth_token": trueSecret, "from": "+15550101", "callback_url": "https://allclear.example/hooks/twilio/k"}, body: form, kind: "application/x-www-form-urlencoded", header: "X-Twilio-Signature", proof: func(mac func() hash.Hash, key, _, body string) string {
			values, _ := url.ParseQuery(body)
			var b strings.Builder
			b.WriteString("https://allclear.example/hooks/twilio/k")
			names := make([]string, 0, len(values))
			for n := range values {
				names = append(names, n)
			}
			slices.Sort(names)
			for _, n := range names {
				b.WriteString(n + values.Get(n))
			}
			return base64.StdEncoding.EncodeToString(sum(mac, key, b.String()))
		}},
	}
}

// mac is the algorithm of the scheme.
func (s scheme) mac() func() hash.Hash {
	if s.name == "twilio" {
		return sha1.New
	}
	return sha256.New
}

// call is a genuine call at an instant.
func (s scheme) call(at time.Time) plug.Inbound {
	in := plug.Inbound{Body: []byte(s.body), ContentType: s.kind, Header: http.Header{}, Now: at, ID: "id", URL: "https://allclear.example/hooks/twilio/k"}
	if s.values == nil {
		in.Secret = trueSecret
	}
	for k, v := range s.extra {
		in.Header[k] = v
	}
	stamp := ""
	if s.stamp != "" {
		stamp = s.stamped(at)
		in.Header.Set(s.stamp, stamp)
	}
	in.Header.Set(s.header, s.proof(s.mac(), trueSecret, stamp, s.body))
	return in
}

// hears opens the plug-in and answers how it takes a call.
func (s scheme) hears(t *testing.T) func(plug.Inbound) error {
	t.Helper()
	v, err := s.plugin.Open(plug.Config{Values: s.values})
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := v.(plug.Callback); ok {
		return func(in plug.Inbound) error { _, err := c.Hear(in); return err }
	}
	src := v.(plug.Source)
	return func(in plug.Inbound) error { _, err := src.Parse(in); return err }
}

// forgeries are what a forger makes of a genuine call.
func (s scheme) forgeries() map[string]func(in *plug.Inbound) {
	good := s.call(signedAt).Header.Get(s.header)
	stamp := s.call(signedAt).Header.Get(s.stamp)
	set := func(v string) func(*plug.Inbound) { return func(in *plug.Inbound) { in.Header.Set(s.header, v) } }
	flip := func(i int) string {
		b := []byte(good)
		i = (i + len(b)) % len(b)
		b[i] ^= 1
		return string(b)
	}
	key := func(k string) string { return s.proof(s.mac(), k, stamp, s.body) }
	algorithm := func(m func() hash.Hash) string { return s.proof(m, trueSecret, stamp, s.body) }
	body := func(text string) func(*plug.Inbound) { return func(in *plug.Inbound) { in.Body = []byte(text) } }
	raw := sum(s.mac(), trueSecret, s.body)
	out := map[string]func(in *plug.Inbound){
		"no header":             func(in *plug.Inbound) { in.Header.Del(s.header) },
		"empty":                 set(""),
		"spaces":                set("   "),
		"wrong before the good": func(in *plug.Inbound) { in.Header[s.header] = []string{flip(-1), good} },
		"without its last":      set(good[:len(good)-1]),
		"half":                  set(good[:len(good)/2]),
		"first flipped":         set(flip(0)),
		"middle flipped":        set(flip(len(good) / 2)),
		"last but two flipped":  set(flip(-3)),
		"more behind":           set(good + "0"),
		"another hook's secret": set(key(otherSecret)),
		"no secret at all":      set(key("")),
		"half the secret":       set(key(trueSecret[:10])),
		"secret in capitals":    set(key(strings.ToUpper(trueSecret))),
		"zeros":                 set(strings.Repeat("0", len(good))),
		"all f":                 set(strings.Repeat("f", len(good))),
		"none":                  set("none"),
		"null":                  set("null"),
		"JSON":                  set(`{"signature":true}`),
		"unicode":               set(strings.ReplaceAll(good, "=", "＝") + "\u200b"),
		"NUL in it":             set(good[:4] + "\x00" + good[4:]),
		"very long":             set(strings.Repeat("ab", 50_000)),
		"another header":        func(in *plug.Inbound) { in.Header.Del(s.header); in.Header.Set("X-Signature", good) },
		"the hash unkeyed":      set(s.proof(func() hash.Hash { return sha256.New() }, "", stamp, s.body)),
		"raw bytes":             set(string(raw)),
		"sha1":                  set("sha1=" + hex.EncodeToString(sum(sha1.New, trueSecret, s.body))),
		"doubled":               set(good + good),
	}
	if s.header == "Authorization" {
		return out
	}
	out["md5"] = set(algorithm(md5.New))
	out["sha512"] = set(algorithm(sha512.New))
	out["the secret itself"] = set(trueSecret)
	out["of an empty body"] = set(s.proof(s.mac(), trueSecret, stamp, ""))
	out["of another body"] = set(s.proof(s.mac(), trueSecret, stamp, strings.Replace(s.body, "a", "b", 1)))
	out["body changed"] = body(strings.Replace(s.body, "e", "i", 1))
	if s.kind == "" {
		out["body longer by a space"] = body(s.body + " ")
		out["body written anew"] = body(strings.ReplaceAll(s.body, ":", ": "))
	}
	if s.stamp != "" {
		out["no time"] = func(in *plug.Inbound) { in.Header.Del(s.stamp) }
		out["another time"] = func(in *plug.Inbound) { in.Header.Set(s.stamp, s.stamped(signedAt.Add(time.Second))) }
		out["no time at all in it"] = func(in *plug.Inbound) {
			in.Header.Set(s.stamp, "")
			in.Header.Set(s.header, s.proof(s.mac(), trueSecret, "", s.body))
		}
		out["time is no time"] = func(in *plug.Inbound) {
			in.Header.Set(s.stamp, "soon")
			in.Header.Set(s.header, s.proof(s.mac(), trueSecret, "soon", s.body))
		}
	}
	return out
}

// S01: whatever a forger changes, nothing is taken, and each genuine call is.
func TestForgedProofs(t *testing.T) {
	random := 100_000
	if storetest.Racing {
		random = 2_000
	}
	total, tried := 0, 0
	for _, s := range schemes() {
		t.Run(s.name, func(t *testing.T) {
			hear := s.hears(t)
			if err := hear(s.call(signedAt)); err != nil {
				t.Fatalf("a genuine call: %v", err)
			}
			for name, forge := range s.forgeries() {
				in := s.call(signedAt)
				forge(&in)
				total++
				if err := hear(in); !fault.Is(err, fault.Unauthenticated) {
					t.Errorf("%s: got %v", name, err)
				}
			}
			rng := rand.New(rand.NewPCG(7, uint64(len(s.name))))
			good := s.call(signedAt).Header.Get(s.header)
			in := s.call(signedAt)
			for range random {
				b := []byte(good)
				from := strings.LastIndexAny(good, " ") + 1 // the word for the scheme has no case
				for range 1 + rng.IntN(4) {
					b[from+rng.IntN(len(b)-from)] = "0123456789abcdef"[rng.IntN(16)]
				}
				if string(b) == good {
					continue
				}
				in.Header[s.header] = []string{string(b)}
				tried++
				if err := hear(in); !fault.Is(err, fault.Unauthenticated) && !equivalent(s, good, string(b)) {
					t.Fatalf("%q for %q: got %v", b, good, err)
				}
			}
		})
	}
	if t.Failed() {
		return
	}
	t.Logf("S01: %d schemes, %d forgeries and %d at random: 0 accepted", len(schemes()), total, tried)
}

// equivalent reports whether two texts mean the same proof: base64 has bits that
// nobody reads at its end, and the user of Basic is not asked.
func equivalent(s scheme, good, other string) bool {
	decode := func(v string) string {
		if s.name == "basic" {
			plain, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(v, "Basic "))
			_, pass, _ := strings.Cut(string(plain), ":")
			return pass
		}
		raw, _ := base64.StdEncoding.DecodeString(v)
		return string(raw)
	}
	return (s.name == "basic" || s.name == "twilio" || s.name == "zendesk") && decode(good) == decode(other) && decode(good) != ""
}

// S02: a recorded call is worth nothing once its time is over, nor before it.
func TestReplayedProofs(t *testing.T) {
	n := 0
	for _, s := range schemes() {
		if s.stamp == "" {
			continue
		}
		n++
		hear := s.hears(t)
		for _, d := range []time.Duration{-time.Hour, -301 * time.Second, 301 * time.Second, time.Hour, 400 * 24 * time.Hour} {
			in := s.call(signedAt)
			in.Now = signedAt.Add(d)
			if err := hear(in); !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s, %v after it was made: %v", s.name, d, err)
			}
		}
		for _, d := range []time.Duration{-299 * time.Second, 299 * time.Second} {
			in := s.call(signedAt)
			in.Now = signedAt.Add(d)
			if err := hear(in); err != nil {
				t.Errorf("%s, %v after it was made: %v", s.name, d, err)
			}
		}
	}
	if n < 3 {
		t.Errorf("%d schemes date what they sign", n)
	}
}
