// Package inapp owns what the users of affected customers are shown in the product:
// the notice, and the token by which the product says who they are. It must not
// know a database, a clock or a request.
package inapp

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// MostLife is how far ahead a token's end may lie: a user who has left the customer
// reads no longer than that. Between the product's clock and ours may be Slack.
const (
	MostLife = 24 * time.Hour
	Slack    = time.Minute

	maxToken = 4096 // bytes
	maxName  = 200  // bytes of a tenant or user
)

// Reader is who a token speaks for.
type Reader struct {
	Tenant string // id of the customer
	User   string // as the product calls them; opaque
	Until  time.Time
}

// errToken is all that is said about a token that is not taken: whoever made it up
// learns nothing.
var errToken = errors.New("the token is not valid")

// Read checks a token (RFC 7519) signed with HMAC-SHA-256 and says who it speaks
// for. Its header must name the key (kid), its claims tenant, sub and exp; iat and
// nbf count where they are there. No other algorithm is taken, and none at all.
func Read(token string, key func(id string) []byte, now time.Time) (Reader, error) {
	parts := strings.Split(token, ".")
	if len(token) > maxToken || len(parts) != 3 {
		return Reader{}, errToken
	}
	var head struct {
		Algorithm string   `json:"alg"`
		Key       string   `json:"kid"`
		Critical  []string `json:"crit"`
	}
	if !part(parts[0], &head) || head.Algorithm != "HS256" || head.Key == "" || head.Critical != nil {
		return Reader{}, errToken
	}
	secret := key(head.Key)
	given, err := base64.RawURLEncoding.Strict().DecodeString(parts[2])
	if len(secret) == 0 || err != nil {
		return Reader{}, errToken
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(parts[0] + "." + parts[1]))
	if !hmac.Equal(given, m.Sum(nil)) {
		return Reader{}, errToken
	}
	var claims struct {
		Tenant string `json:"tenant"`
		User   string `json:"sub"`
		Until  number `json:"exp"`
		From   number `json:"nbf"`
		Made   number `json:"iat"`
	}
	if !part(parts[1], &claims) || !name(claims.Tenant) || !name(claims.User) {
		return Reader{}, errToken
	}
	until := time.Unix(int64(claims.Until), 0).UTC()
	switch {
	case !now.Before(until.Add(Slack)), until.Sub(now) > MostLife+Slack:
		return Reader{}, errToken
	case claims.From != 0 && now.Add(Slack).Before(time.Unix(int64(claims.From), 0)), claims.Made != 0 && now.Add(Slack).Before(time.Unix(int64(claims.Made), 0)):
		return Reader{}, errToken
	}
	return Reader{Tenant: claims.Tenant, User: claims.User, Until: until}, nil
}

// number is a NumericDate in whole seconds; what lies beyond every calendar is none.
type number int64

// UnmarshalJSON reads a number, with or without a fraction.
func (n *number) UnmarshalJSON(b []byte) error {
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	const most = 1 << 40 // seconds
	if f < 0 || f > most {
		return errToken
	}
	*n = number(f)
	return nil
}

// part decodes one part of a token.
func part(text string, into any) bool {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && !bytes.ContainsAny([]byte(text), "\r\n") && json.Unmarshal(b, into) == nil
}

func name(s string) bool { return s != "" && len(s) <= maxName && !strings.ContainsRune(s, 0) }
