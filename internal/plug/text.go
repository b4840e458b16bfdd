package plug

import (
	"encoding/base64"
	"net/url"
	"slices"
	"strings"
	"unicode"

	"allclear/internal/base/secret"
)

// MaxEcho is how many characters of a peer's answer are ever kept or shown.
const MaxEcho = 300

const hidden = "••••"

// minSecret keeps a one-letter "secret" from turning a whole answer into dots.
const minSecret = 4

// Clean makes a peer's text fit to keep: secrets become dots (also when they
// come back URL- or base64-encoded), control characters become spaces, and it
// is cut to MaxEcho characters.
func Clean(text string, secrets ...secret.String) string {
	text = Redact(text, secrets...)
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar || unicode.In(r, unicode.Cf) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, " "))
	text = strings.Join(strings.Fields(text), " ")
	n := 0
	for i := range text {
		if n == MaxEcho-1 {
			return text[:i] + "…"
		}
		n++
	}
	return text
}

// Redact replaces every secret in text by dots.
func Redact(text string, secrets ...secret.String) string {
	longest := slices.SortedFunc(slices.Values(secrets), func(a, b secret.String) int {
		return len(b) - len(a) // a secret that begins like another must not leave the rest of it behind
	})
	for _, s := range longest {
		plain := s.Reveal()
		if len(plain) < minSecret {
			continue
		}
		for _, form := range []string{
			plain, url.QueryEscape(plain), url.PathEscape(plain),
			base64.StdEncoding.EncodeToString([]byte(plain)),
		} {
			text = strings.ReplaceAll(text, form, hidden)
		}
	}
	return text
}
