package webpush

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
)

// vapid signs as this installation (RFC 8292).
type vapid struct {
	private *ecdsa.PrivateKey
	public  string // base64url of the uncompressed point
	raw     secret.String
}

const scalarBytes = 32

func parseKey(s secret.String) (*vapid, error) {
	bad := fault.New(fault.Invalid, "open Web Push: the settings are not complete").With("private_key", "want base64url of the 32 bytes of a P-256 key")
	raw, err := base64.RawURLEncoding.DecodeString(s.Reveal())
	if err != nil || len(raw) != scalarBytes {
		return nil, bad
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), raw)
	if err != nil {
		return nil, bad
	}
	point, err := private.PublicKey.Bytes()
	if err != nil {
		return nil, bad
	}
	return &vapid{private: private, public: base64.RawURLEncoding.EncodeToString(point), raw: s}, nil
}

// tokenLife stays below the 24 hours that push services take.
const tokenLife = 12 * time.Hour

// token is a JWT of algorithm ES256 for the push service's origin.
func (v *vapid) token(endpoint *url.URL, contact string, now time.Time) (string, error) {
	claims, err := json.Marshal(map[string]any{
		"aud": endpoint.Scheme + "://" + endpoint.Host, "exp": now.Add(tokenLife).Unix(), "sub": contact,
	})
	if err != nil {
		return "", err
	}
	b64 := base64.RawURLEncoding
	signed := b64.EncodeToString([]byte(`{"typ":"JWT","alg":"ES256"}`)) + "." + b64.EncodeToString(claims)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, v.private, sum[:])
	if err != nil {
		return "", err
	}
	sig := make([]byte, 2*scalarBytes)
	r.FillBytes(sig[:scalarBytes])
	s.FillBytes(sig[scalarBytes:])
	return signed + "." + b64.EncodeToString(sig), nil
}
