package email

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/emersion/go-msgauth/dkim"

	"allclear/internal/plug"
)

// signed are the headers a signature covers: those of RFC 6376, section 5.4.1,
// that a mail of ours may have, and both of an unsubscribe link, which must be
// among them (RFC 8058, section 4). From, To and Subject are named once more than
// they stand there, so that nobody can add another.
var signed = []string{
	"From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type", "Content-Transfer-Encoding",
	"List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "Auto-Submitted", "From", "To", "Subject",
}

// leastKey is in bits: verifiers may refuse shorter keys (RFC 8301, section 3.2).
const leastKey = 2048

// signer signs mails (RFC 6376). go-mail signs too, but folds the list of signed
// headers within a word, which relaxed canonicalization turns into a space: what
// it signs does not verify.
type signer struct {
	domain, selector string
	key              crypto.Signer
}

// newSigner reads the settings of DKIM; nil without a key.
func newSigner(cfg plug.Config, from string) (*signer, error) {
	text, selector := cfg.Secret("dkim_key").Reveal(), cfg.Text("dkim_selector")
	switch {
	case text == "" && selector == "":
		return nil, nil
	case text == "":
		return nil, errors.New("is missing, although there is a selector")
	case selector == "" || helloName(selector) == "":
		return nil, errors.New("needs dkim_selector, the name of the key in DNS")
	}
	domain := cfg.Text("dkim_domain")
	if domain == "" {
		domain = from
	}
	if helloName(domain) == "" {
		return nil, errors.New("needs a dkim_domain such as example.com")
	}
	key, err := privateKey(strings.ReplaceAll(text, `\n`, "\n"))
	return &signer{domain, selector, key}, err
}

// privateKey reads PKCS #1 or PKCS #8. Errors never repeat the text.
func privateKey(text string) (crypto.Signer, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("must be the PEM of an RSA or Ed25519 private key")
	}
	var key any
	var err error
	if key, err = x509.ParsePKCS8PrivateKey(block.Bytes); err != nil {
		key, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	}
	if err != nil {
		return nil, errors.New("is no private key in PKCS #1 or #8")
	}
	switch k := key.(type) {
	case *rsa.PrivateKey:
		if k.N.BitLen() < leastKey {
			return nil, fmt.Errorf("is too short: use %d bits or more", leastKey)
		}
		return k, nil
	case ed25519.PrivateKey:
		return k, nil
	}
	return nil, errors.New("must be an RSA or Ed25519 key")
}

// sign puts a signature before the mail.
func (s *signer) sign(raw []byte) ([]byte, error) {
	var out bytes.Buffer
	err := dkim.Sign(&out, bytes.NewReader(raw), &dkim.SignOptions{
		Domain: s.domain, Selector: s.selector, Signer: s.key, Hash: crypto.SHA256, HeaderKeys: slices.Clone(signed),
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("sign e-mail: %w", err)
	}
	return out.Bytes(), nil
}
