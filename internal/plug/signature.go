package plug

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
)

// shortest is the length a word has at least to be a secret by itself.
const shortest = 8

// Secrets are the active secrets of the hook. Two words separated by white space
// are the present and the next one during a rotation; a sentence is one secret, and
// so is a pair of words too short to be secrets, because none of its words may do
// for the whole.
func (in Inbound) Secrets() []secret.String {
	whole := strings.TrimSpace(in.Secret.Reveal())
	words := strings.Fields(whole)
	switch {
	case len(words) == 0:
		return nil
	case len(words) == 2 && len(words[0]) >= shortest && len(words[1]) >= shortest:
		return []secret.String{secret.String(words[0]), secret.String(words[1]), secret.String(whole)}
	}
	return []secret.String{secret.String(whole)}
}

// CheckShared asks for proof of the hook's secret and accepts two: the secret
// itself, as "Authorization: Bearer ...", as the password of Basic (RFC 7617) or
// as "X-Allclear-Token", and "X-Hub-Signature-256" or "X-Allclear-Signature" with "sha256=" and the hex
// HMAC-SHA256 of the body. Without a secret nothing is asked for; with one a
// missing proof is a wrong one (fault.Unauthenticated; INV-A6).
func (in Inbound) CheckShared() error {
	secrets := in.Secrets()
	if in.Secret == "" {
		return nil
	}
	good := false // every secret is tried, whatever the outcome so far
	for _, s := range secrets {
		good = in.shows(s) || good
	}
	if !good {
		return fault.New(fault.Unauthenticated, "the signature or the authorization of this hook is missing or wrong")
	}
	return nil
}

// Signed reports whether given is the hex HMAC-SHA256 of the body by one of the
// hook's secrets, for senders that put it into a header of their own.
func (in Inbound) Signed(given string) bool {
	good := false
	for _, s := range in.Secrets() {
		good = in.signedHex(s, given) || good
	}
	return good
}

func (in Inbound) shows(s secret.String) bool {
	for _, h := range [...]string{"X-Allclear-Signature", "X-Hub-Signature-256"} {
		if given := in.Header.Get(h); given != "" {
			return in.signedHex(s, strings.TrimPrefix(given, "sha256="))
		}
	}
	if token := in.Header.Get("X-Allclear-Token"); token != "" {
		return s.Equal(strings.TrimSpace(token))
	}
	scheme, given, _ := strings.Cut(in.Header.Get("Authorization"), " ")
	given = strings.TrimSpace(given)
	if strings.EqualFold(scheme, "Basic") {
		plain, err := base64.StdEncoding.DecodeString(given)
		if err != nil {
			return false
		}
		_, given, _ = strings.Cut(string(plain), ":")
	} else if !strings.EqualFold(scheme, "Bearer") {
		return false
	}
	return s.Equal(given)
}

func (in Inbound) signedHex(s secret.String, given string) bool {
	want, err := hex.DecodeString(given)
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, []byte(s.Reveal()))
	mac.Write(in.Body)
	return hmac.Equal(want, mac.Sum(nil))
}
