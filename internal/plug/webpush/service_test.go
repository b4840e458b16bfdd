package webpush_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug/plugtest"
)

// service is a push service and a browser at once: it checks a push as RFC 8030
// and 8292 ask, and decrypts it as RFC 8291 asks, with primitives only.
type service struct {
	*plugtest.HTTP
	t       *testing.T
	browser *ecdh.PrivateKey
	auth    []byte
	trusted string // the key that the browser subscribed with
}

const path = "/wpush/v2/device-0123456789abcdefghij"

func newService(t *testing.T, trusted string) *service {
	t.Helper()
	browser, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{t: t, browser: browser, auth: []byte("sixteen bytes 16"), trusted: trusted}
	s.HTTP = &plugtest.HTTP{
		OK:     plugtest.Reply{Status: http.StatusCreated},
		Hidden: []secret.String{"device-0123456789abcdefghij", secret.String(s.auth64()), secret.String(s.key64()), vapidKey},
		Key: func(r *http.Request, body []byte) string {
			text, err := s.read(r, body)
			if err != nil {
				t.Errorf("push: %v", err)
			}
			return text.Key
		},
	}
	s.Start(t)
	s.Address = s.URL() + path + "#" + s.key64() + "." + s.auth64()
	return s
}

var b64 = base64.RawURLEncoding

func (s *service) key64() string  { return b64.EncodeToString(s.browser.PublicKey().Bytes()) }
func (s *service) auth64() string { return b64.EncodeToString(s.auth) }

// shown is what a service worker gets.
type shown struct {
	Key, Kind, Title, Body, Incident, Code string
	Cut, Join                              bool
	At                                     time.Time
}

func (s *service) read(r *http.Request, body []byte) (shown, error) {
	var v shown
	if err := s.checkHead(r, body); err != nil {
		return v, err
	}
	text, err := decrypt(body, s.browser, s.auth)
	if err != nil {
		return v, err
	}
	return v, json.Unmarshal(text, &v)
}

func (s *service) checkHead(r *http.Request, body []byte) error {
	h := r.Header
	if r.Method != http.MethodPost || h.Get("Content-Encoding") != "aes128gcm" || len(body) > 4096 {
		return fmt.Errorf("%s, encoded %q, %d bytes", r.Method, h.Get("Content-Encoding"), len(body))
	}
	if n, err := strconv.Atoi(h.Get("TTL")); err != nil || n <= 0 {
		return fmt.Errorf("TTL %q (RFC 8030, 5.2)", h.Get("TTL"))
	}
	if len(h.Get("Topic")) > 32 || strings.Trim(h.Get("Topic"), "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		return fmt.Errorf("topic %q (RFC 8030, 5.4)", h.Get("Topic"))
	}
	auth, ok := strings.CutPrefix(h.Get("Authorization"), "vapid ")
	if !ok {
		return fmt.Errorf("authorization %q (RFC 8292, 3)", h.Get("Authorization"))
	}
	params := map[string]string{}
	for p := range strings.SplitSeq(auth, ",") {
		k, v, _ := strings.Cut(strings.TrimSpace(p), "=")
		params[k] = v
	}
	if params["k"] != s.trusted {
		return fmt.Errorf("key %q is not the one of the subscription", params["k"])
	}
	return verify(params["t"], params["k"], s.URL(), time.Now())
}

// verify checks a VAPID token (RFC 8292, section 2; RFC 7515 with ES256).
func verify(token, key, origin string, now time.Time) error {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return fmt.Errorf("%d parts of a token", len(parts))
	}
	var raw [3][]byte
	for i, p := range parts {
		var err error
		if raw[i], err = b64.DecodeString(p); err != nil {
			return err
		}
	}
	var head struct{ Alg, Typ string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := json.Unmarshal(raw[0], &head); err != nil || head.Alg != "ES256" {
		return fmt.Errorf("head %s", raw[0])
	}
	if err := json.Unmarshal(raw[1], &claims); err != nil {
		return err
	}
	exp := time.Unix(claims.Exp, 0)
	if claims.Aud != origin || !exp.After(now) || exp.After(now.Add(24*time.Hour)) || !strings.HasPrefix(claims.Sub, "mailto:") && !strings.HasPrefix(claims.Sub, "https://") {
		return fmt.Errorf("claims %s", raw[1])
	}
	point, err := b64.DecodeString(key)
	if err != nil || len(point) != 65 || len(raw[2]) != 64 {
		return fmt.Errorf("key of %d bytes, signature of %d", len(point), len(raw[2]))
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if !ecdsa.Verify(pub, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
		return fmt.Errorf("the signature is wrong")
	}
	return nil
}

// decrypt is the browser's side: section 3.4 of RFC 8291, with HKDF written out
// as the two HMACs that the RFC shows.
func decrypt(body []byte, own *ecdh.PrivateKey, auth []byte) ([]byte, error) {
	if len(body) < 86 || body[20] != 65 || binary.BigEndian.Uint32(body[16:20]) < 18 {
		return nil, fmt.Errorf("no aes128gcm header (RFC 8188, 2.1)")
	}
	salt, sender := body[:16], body[21:86]
	pub, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := own.ECDH(pub)
	if err != nil {
		return nil, err
	}
	mac := func(key []byte, parts ...[]byte) []byte {
		m := hmac.New(sha256.New, key)
		for _, p := range parts {
			m.Write(p)
		}
		return m.Sum(nil)
	}
	one := []byte{1}
	ikm := mac(mac(auth, shared), []byte("WebPush: info\x00"), own.PublicKey().Bytes(), sender, one)
	prk := mac(salt, ikm)
	key := mac(prk, []byte("Content-Encoding: aes128gcm\x00"), one)[:16]
	nonce := mac(prk, []byte("Content-Encoding: nonce\x00"), one)[:12]
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := gcm.Open(nil, nonce, body[86:], nil)
	if err != nil {
		return nil, err
	}
	i := len(text) - 1
	for i >= 0 && text[i] == 0 {
		i--
	}
	if i < 0 || text[i] != 2 {
		return nil, fmt.Errorf("no delimiter of a last record")
	}
	return text[:i], nil
}
