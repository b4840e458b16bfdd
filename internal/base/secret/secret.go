// Package secret owns values that must never be printed, tokens that can be
// recognised by a scanner, and encryption at rest. It must not know who holds
// a secret or where it is stored.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"hash/crc32"
	"log/slog"
	"strings"
)

// String is a text that prints as dots everywhere.
type String string

// Reveal returns the plain text; call it only where the secret is used.
func (s String) Reveal() string { return string(s) }

func (s String) String() string               { return "••••" }
func (s String) GoString() string             { return "••••" }
func (s String) LogValue() slog.Value         { return slog.StringValue("••••") }
func (s String) MarshalText() ([]byte, error) { return []byte("••••"), nil }
func (s String) Equal(other string) bool {
	return subtle.ConstantTimeCompare([]byte(s), []byte(other)) == 1
}

const tokenBytes = 24

// NewToken returns "<prefix>_<32 random characters><6 of checksum>", which a
// secret scanner can recognise without asking us. Store only Hash(token).
func NewToken(prefix string) String {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:])
	body := base64.RawURLEncoding.EncodeToString(b[:])
	return String(prefix + "_" + body + checksum(prefix, body))
}

// Known reports whether s has the shape and checksum of a token of prefix.
func Known(prefix, s string) bool {
	body, ok := strings.CutPrefix(s, prefix+"_")
	if !ok || len(body) != 38 {
		return false
	}
	return checksum(prefix, body[:32]) == body[32:]
}

func checksum(prefix, body string) string {
	sum := crc32.ChecksumIEEE([]byte(prefix + body))
	b := []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)}
	return base64.RawURLEncoding.EncodeToString(b)
}

// Hash is how a token is stored and looked up: hex SHA-256. Tokens carry 192
// random bits, so no slow hash is needed.
func Hash(token string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(token))) }

// Box encrypts single columns with AES-256-GCM. Where binds a ciphertext to
// its table, row and column, so that rows cannot be swapped.
type Box struct{ aead cipher.AEAD }

// NewBox makes a box from a 32-byte key.
func NewBox(key []byte) (*Box, error) {
	if len(key) != 32 {
		return nil, errors.New("open secret box: key must have 32 bytes")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Box{aead: aead}, nil
}

// Seal encrypts plain for the place where.
func (b *Box) Seal(plain, where string) string {
	nonce := make([]byte, b.aead.NonceSize())
	_, _ = rand.Read(nonce)
	return "v1." + base64.RawStdEncoding.EncodeToString(b.aead.Seal(nonce, nonce, []byte(plain), []byte(where)))
}

// Open decrypts what Seal returned for the same place.
func (b *Box) Open(sealed, where string) (String, error) {
	raw, ok := strings.CutPrefix(sealed, "v1.")
	if !ok {
		return "", errors.New("open secret: unknown form")
	}
	buf, err := base64.RawStdEncoding.DecodeString(raw)
	if err != nil || len(buf) < b.aead.NonceSize() {
		return "", errors.New("open secret: damaged")
	}
	n := b.aead.NonceSize()
	plain, err := b.aead.Open(nil, buf[:n], buf[n:], []byte(where))
	if err != nil {
		return "", errors.New("open secret: wrong key or wrong place")
	}
	return String(plain), nil
}
