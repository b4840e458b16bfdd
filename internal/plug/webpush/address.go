package webpush

import (
	"crypto/ecdh"
	"encoding/base64"
	"net/netip"
	"net/url"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
)

const (
	authBytes   = 16
	maxEndpoint = 2048
)

// subscription is what a browser handed out. Written as an address it is the
// endpoint with both keys behind a #, which HTTP does not transmit.
type subscription struct {
	endpoint *url.URL
	key      *ecdh.PublicKey // of the browser
	auth     []byte
	key64    string
	auth64   string
}

// Subscription implements plug.Push.
func (c *channel) Subscription(endpoint, p256dh, auth string) (secret.String, error) {
	if strings.Contains(endpoint, "#") {
		return "", unusable("body.endpoint", "it has a fragment")
	}
	address := endpoint + "#" + strings.TrimRight(p256dh, "=") + "." + strings.TrimRight(auth, "=")
	if _, err := c.parse(address); err != nil {
		return "", err
	}
	return secret.String(address), nil
}

// parse reads an address. Its errors repeat nothing of it.
func (c *channel) parse(address string) (subscription, error) {
	var s subscription
	raw, keys, _ := strings.Cut(address, "#")
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" || u.User != nil || len(raw) > maxEndpoint {
		return s, unusable("body.endpoint", "it is no address of a push service")
	}
	if u.Scheme != "https" && !c.allowsPlain(u) {
		return s, unusable("body.endpoint", "push services are reached by https alone")
	}
	s.endpoint = u
	s.key64, s.auth64, _ = strings.Cut(keys, ".")
	point, err := base64.RawURLEncoding.DecodeString(s.key64)
	if err == nil {
		s.key, err = ecdh.P256().NewPublicKey(point)
	}
	if err != nil {
		return s, unusable("body.keys.p256dh", "it is no point of P-256")
	}
	if s.auth, err = base64.RawURLEncoding.DecodeString(s.auth64); err != nil || len(s.auth) != authBytes {
		return s, unusable("body.keys.auth", "it does not have 16 bytes")
	}
	return s, nil
}

// allowsPlain lets http through to an address that --allow-outbound names.
func (c *channel) allowsPlain(u *url.URL) bool {
	a, err := netip.ParseAddr(u.Hostname())
	return err == nil && u.Scheme == "http" && c.guard.Names(a)
}

func unusable(where, why string) error {
	return fault.New(fault.Invalid, "read push subscription: %s", why).With(where, why)
}
