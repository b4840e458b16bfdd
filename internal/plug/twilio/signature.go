package twilio

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the vendor's algorithm
	"encoding/base64"
	"net/url"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// checked reports whether the call is signed by one of the account's tokens. It
// is false without an error when nobody has a token to check with; a token and
// no signature, or a wrong one, is an error (INV-A6).
// https://www.twilio.com/docs/usage/security#validating-requests
func (s *service) checked(in plug.Inbound, form url.Values) (bool, error) {
	tokens := slices.Concat(s.tokens, in.Secrets())
	if len(tokens) == 0 {
		return false, nil
	}
	given, err := base64.StdEncoding.DecodeString(in.Header.Get("X-Twilio-Signature"))
	good := false // every token and form of the address is tried, whatever the outcome so far
	for _, token := range tokens {
		for _, u := range addresses(in.URL) {
			good = hmac.Equal(given, sign(token, u, form)) || good
		}
	}
	if err != nil || !good {
		return false, fault.New(fault.Unauthenticated, "the signature of this call is missing or wrong")
	}
	return true, nil
}

// sign is the HMAC-SHA1 of the address and every parameter, name and value, in
// the order of the names.
func sign(token secret.String, address string, form url.Values) []byte {
	mac := hmac.New(sha1.New, []byte(token.Reveal()))
	mac.Write([]byte(address))
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		values := slices.Clone(form[name])
		slices.Sort(values)
		for _, v := range slices.Compact(values) {
			mac.Write([]byte(name + v))
		}
	}
	return mac.Sum(nil)
}

// addresses are the forms in which the address may have been signed: some calls
// are signed with the port of the scheme and some without.
func addresses(raw string) []string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return []string{raw}
	}
	standard := map[string]string{"https": "443", "http": "80"}[u.Scheme]
	_, rest, _ := strings.Cut(raw, u.Host)
	switch u.Port() {
	case "":
		return []string{raw, u.Scheme + "://" + u.Host + ":" + standard + rest}
	case standard:
		return []string{raw, u.Scheme + "://" + u.Hostname() + rest}
	}
	return []string{raw}
}
