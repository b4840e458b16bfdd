package plug

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
)

const keyPrefix = "whsec_"

// Sizes of a signing key in bytes: Standard Webhooks, "Symmetric signatures".
const (
	minKey = 24
	maxKey = 64
)

// SigningKeys reads one or more "whsec_<base64>" keys separated by white space or
// commas. Errors never repeat the key.
func SigningKeys(s secret.String) ([][]byte, error) {
	words := SecretWords(s.Reveal())
	var keys [][]byte
	for i, w := range words {
		body, ok := strings.CutPrefix(w, keyPrefix)
		key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(body, "="))
		if !ok || err != nil || len(key) < minKey || len(key) > maxKey {
			return nil, fault.New(fault.Invalid, "read signing secret %d: want %s and the base64 of %d to %d random bytes", i+1, keyPrefix, minKey, maxKey)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fault.New(fault.Invalid, "read signing secret: there is none")
	}
	return keys, nil
}

// Sign returns the webhook-signature header of Standard Webhooks: one "v1,<base64>" per key, so that
// a receiver can change over from one key to the next at its own pace.
func Sign(keys [][]byte, id string, unix int64, body []byte) string {
	out := make([]string, len(keys))
	for i, k := range keys {
		mac := hmac.New(sha256.New, k)
		mac.Write([]byte(id + "." + strconv.FormatInt(unix, 10) + "."))
		mac.Write(body)
		out[i] = "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	}
	return strings.Join(out, " ")
}

// SecretWords are the secrets in a setting that may hold several during a rotation.
func SecretWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,\t\r\n", r) })
}

// HeaderSafe reports whether a text can stand in a header as it is and be signed:
// not empty, plain ASCII, without white space.
func HeaderSafe(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] >= 0x7f {
			return false
		}
	}
	return s != ""
}

// Echoed lists what a receiver may repeat of its settings and nobody may read: the
// settings, and each secret in them.
func Echoed(settings ...secret.String) (out []secret.String) {
	const schemeLike = 8 // "Bearer" and "Basic" are no secrets
	for _, s := range settings {
		out = append(out, s)
		for _, w := range SecretWords(s.Reveal()) {
			if len(w) >= schemeLike {
				out = append(out, secret.String(w))
			}
		}
	}
	return out
}
