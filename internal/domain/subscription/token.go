package subscription

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"allclear/internal/base/ident"
	"allclear/internal/base/secret"
)

// Purpose is what a link is for; one for another purpose does not fit.
type Purpose string

// The purposes.
const (
	ToConfirm Purpose = "confirm" // shows that the address is its holder's
	ToManage  Purpose = "manage"  // changes what is told, or ends it
	ToEnd     Purpose = "end"     // ends it with one click (RFC 8058)
)

// Signer makes links and codes out of the installation's key instead of storing
// them, as those of pages (ADR 0009): whoever reads the database or a delivery
// learns none.
type Signer struct{ Key []byte }

const (
	idBytes  = 8
	macBytes = 16
)

var letters = base32.StdEncoding.WithPadding(base32.NoPadding)

func (s Signer) mac(parts ...any) []byte {
	m := hmac.New(sha256.New, s.Key)
	fmt.Fprintln(m, append([]any{"status page subscription"}, parts...)...) // a hash does not fail
	return m.Sum(nil)
}

// Token is the text of a link to one subscription.
func (s Signer) Token(p Purpose, id ident.ID) secret.String {
	b := binary.BigEndian.AppendUint64(nil, uint64(id)) //nolint:gosec // ids are positive
	b = append(b, s.mac(p, int64(id))[:macBytes]...)
	return secret.String(strings.ToLower(letters.EncodeToString(b)))
}

// Read returns the subscription a token is for; ok is false for one that we have
// not made, or for another purpose.
func (s Signer) Read(p Purpose, token string) (id ident.ID, ok bool) {
	b, err := letters.DecodeString(strings.ToUpper(token))
	if err != nil || len(b) != idBytes+macBytes {
		return 0, false
	}
	id = ident.ID(binary.BigEndian.Uint64(b)) //nolint:gosec // the text is compared below
	return id, hmac.Equal([]byte(s.Token(p, id).Reveal()), []byte(token))
}

// Code is the six digits of the n-th text message to a number.
func (s Signer) Code(id ident.ID, n int64) string {
	v := binary.BigEndian.Uint64(s.mac("code", int64(id), n))
	return fmt.Sprintf("%06d", v%1_000_000)
}

// Secret is what posts to an endpoint are signed with, in the form of Standard
// Webhooks. Each endpoint has its own, so that none can speak for us elsewhere.
func (s Signer) Secret(id ident.ID) secret.String {
	return secret.String("whsec_" + base64.StdEncoding.EncodeToString(s.mac("webhook", int64(id))))
}

// Fingerprint names an address or a caller in a counter without telling it.
func (s Signer) Fingerprint(parts ...string) string {
	all := []any{"fingerprint"}
	for _, p := range parts {
		all = append(all, fmt.Sprintf("%q", p))
	}
	return strings.ToLower(letters.EncodeToString(s.mac(all...)[:12]))
}
