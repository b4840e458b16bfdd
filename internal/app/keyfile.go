package app

import (
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"

	"allclear/internal/base/secret"
)

// keys are derived from the installation's one secret.
type keys struct {
	ack     []byte // signs the links in pages
	page    []byte // signs the addresses of tenants' pages
	outward []byte // signs unsubscribe links and addresses for failures
	subs    []byte // signs links to subscriptions of the status page
	wall    []byte // signs the read-only addresses of incidents
	box     *secret.Box
	seal    note.Signer   // of checkpoints of the record
	open    note.Verifier // of their signatures
	push    secret.String // signs as this installation at push services: base64url of a P-256 key
}

const (
	keyBytes = 32
	keyName  = "secret.key"
	keyEnv   = "ALLCLEAR_SECRET_KEY"
)

// openKeys reads the installation's secret: 64 hex digits from the
// environment, where several nodes share a database, else from DIR/secret.key,
// which is made on first start and readable by its owner alone.
func openKeys(dir string) (keys, error) {
	text := os.Getenv(keyEnv)
	if text == "" {
		var err error
		if text, err = keyFile(filepath.Join(dir, keyName)); err != nil {
			return keys{}, err
		}
	}
	master, err := masterOf(text)
	if err != nil {
		return keys{}, err
	}
	ack, err := hkdf.Key(sha256.New, master, nil, "allclear page links", keyBytes)
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	page, err := hkdf.Key(sha256.New, master, nil, "allclear tenant pages", keyBytes)
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	wall, err := hkdf.Key(sha256.New, master, nil, "allclear wall boards", keyBytes)
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	outward, err := hkdf.Key(sha256.New, master, nil, "allclear unsubscribe links", keyBytes)
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	subs, err := hkdf.Key(sha256.New, master, nil, "allclear status page subscriptions", keyBytes)
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	sealed, err := hkdf.Key(sha256.New, master, nil, "allclear sealed columns", keyBytes)
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	push, err := pushKey(master)
	if err != nil {
		return keys{}, fmt.Errorf("derive keys: %w", err)
	}
	box, err := secret.NewBox(sealed)
	if err != nil {
		return keys{}, err
	}
	seal, public, err := auditKey(master)
	if err != nil {
		return keys{}, err
	}
	open, err := note.NewVerifier(public)
	return keys{ack: ack, page: page, outward: outward, subs: subs, wall: wall, box: box, seal: seal, open: open, push: push}, err
}

func masterOf(text string) ([]byte, error) {
	master, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(master) != keyBytes {
		return nil, fmt.Errorf("open keys: want %d hex digits in %s or %s", 2*keyBytes, keyEnv, keyName)
	}
	return master, nil
}

// pushKey takes the first derived text that is a private key, which nearly
// every one is. Nodes that share a secret sign alike, so a device that
// subscribed at one can be reached from all.
func pushKey(master []byte) (secret.String, error) {
	for i := range 8 {
		raw, err := hkdf.Key(sha256.New, master, nil, fmt.Sprintf("allclear web push %d", i), keyBytes)
		if err != nil {
			return "", err
		}
		if _, err := ecdh.P256().NewPrivateKey(raw); err == nil {
			return secret.String(base64.RawURLEncoding.EncodeToString(raw)), nil
		}
	}
	return "", errors.New("no key for push services was found")
}

func keyFile(path string) (string, error) {
	b, err := os.ReadFile(path)
	if err == nil {
		return string(b), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read keys: %w", err)
	}
	raw := make([]byte, keyBytes)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	text := hex.EncodeToString(raw)
	return text, writePrivate(path, []byte(text+"\n"))
}

// writePrivate writes a file only its owner can read, whole or not at all.
func writePrivate(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // gone already when all went well
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close()) // CreateTemp made it 0600
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
