package cloudwatch

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"net/http"
	"sync"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

const (
	keepCertificates = 64             // there are some thirty regions
	keepFor          = 24 * time.Hour // so that a certificate SNS has withdrawn is forgotten
	issuerHops       = 2              // intermediates that are fetched for one certificate
)

// certificates are those that were verified, by address.
type certificates struct {
	mu sync.Mutex
	by map[string]certificate
}

type certificate struct {
	key         *rsa.PublicKey
	from, until time.Time
}

func (c *certificates) get(address string, now time.Time) *rsa.PublicKey {
	c.mu.Lock()
	defer c.mu.Unlock()
	cert, ok := c.by[address]
	if !ok || now.Before(cert.from) || now.After(cert.until) {
		return nil
	}
	return cert.key
}

func (c *certificates) put(address string, cert certificate) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil || len(c.by) >= keepCertificates {
		c.by = map[string]certificate{}
	}
	c.by[address] = cert
}

// fetch makes sure that the certificate of an admitted message is known.
func (s *source) fetch(ctx context.Context, e *envelope, now time.Time) error {
	address, err := certificateURL(e.certURL)
	if err != nil || s.certs.get(address, now) != nil {
		return err
	}
	body, err := s.get(ctx, address)
	if err != nil {
		return err
	}
	chain, err := readChain(body)
	if err != nil {
		return forged("the certificate is not one of Amazon SNS", "/SigningCertURL", err.Error())
	}
	leaf := chain[0]
	if err := s.chain(ctx, leaf, chain[1:], now); err != nil {
		return err
	}
	key, ok := leaf.PublicKey.(*rsa.PublicKey)
	if !ok || !named(leaf, address) {
		return forged("the certificate is not one of Amazon SNS", "/SigningCertURL", "leads to a certificate of another name or kind")
	}
	cert := certificate{key: key, from: leaf.NotBefore, until: leaf.NotAfter}
	if soon := now.Add(keepFor); soon.Before(cert.until) {
		cert.until = soon
	}
	s.certs.put(address, cert)
	return nil
}

// get reads a file of SNS or of an authority, following no redirect.
func (s *source) get(ctx context.Context, address string) ([]byte, error) {
	ans, err := s.http.Do(ctx, plug.Request{Method: http.MethodGet, URL: address, Still: true})
	switch {
	case errors.Is(err, plug.ErrForbidden):
		return nil, forged("the certificate is not one of Amazon SNS", "/SigningCertURL", "is at an address that is not public")
	case err != nil:
		return nil, fault.Wrap(fault.Unavailable, err, "fetch certificate")
	case ans.Status >= 500 || ans.Status == http.StatusTooManyRequests:
		return nil, fault.New(fault.Unavailable, "fetch certificate: the server answers %d", ans.Status)
	case ans.Status != http.StatusOK || ans.Cut:
		return nil, forged("the certificate is not one of Amazon SNS", "/SigningCertURL", "leads to no certificate")
	}
	return ans.Body, nil
}

// readChain reads certificates in PEM, or one in DER.
func readChain(body []byte) (out []*x509.Certificate, err error) {
	const most = 8
	if c, err := x509.ParseCertificate(body); err == nil {
		return []*x509.Certificate{c}, nil
	}
	for rest := body; len(out) < most; {
		var b *pem.Block
		if b, rest = pem.Decode(rest); b == nil {
			break
		}
		if b.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(b.Bytes)
		if err != nil {
			return nil, errors.New("leads to a certificate that cannot be read")
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, errors.New("leads to no certificate")
	}
	return out, nil
}

// chain verifies the certificate up to a trusted root. SNS publishes it alone, so
// that an intermediate may have to be fetched from whoever issued it.
func (s *source) chain(ctx context.Context, leaf *x509.Certificate, rest []*x509.Certificate, now time.Time) error {
	o := x509.VerifyOptions{Roots: s.roots, Intermediates: x509.NewCertPool(), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}
	for _, c := range rest {
		o.Intermediates.AddCert(c)
	}
	last := leaf
	for hop := 0; ; hop++ {
		_, err := leaf.Verify(o)
		if err == nil {
			return nil
		}
		var unknown x509.UnknownAuthorityError
		if !errors.As(err, &unknown) || hop == issuerHops || len(rest) > 0 || len(last.IssuingCertificateURL) == 0 {
			return forged("the certificate is not one of Amazon SNS", "/SigningCertURL", "leads to a certificate that is out of date or that no trusted authority has issued")
		}
		address, err := issuerURL(last.IssuingCertificateURL[0])
		if err != nil {
			return forged("the certificate is not one of Amazon SNS", "/SigningCertURL", "leads to a certificate that no known authority has issued")
		}
		body, err := s.get(ctx, address)
		if err != nil {
			return err
		}
		issuer, err := readChain(body)
		if err != nil || last.CheckSignatureFrom(issuer[0]) != nil {
			return forged("the certificate is not one of Amazon SNS", "/SigningCertURL", "leads to a certificate that its issuer has not signed")
		}
		o.Intermediates.AddCert(issuer[0])
		last = issuer[0]
	}
}

// named reports whether the certificate is made out to SNS.
func named(leaf *x509.Certificate, address string) bool {
	u, _, err := snsURL(address)
	if err != nil {
		return false
	}
	names := []string{"sns.amazonaws.com", u.Hostname()}
	if m := hostShape.FindStringSubmatch(u.Hostname()); m[2] != "" {
		names = append(names, "sns.amazonaws.com.cn")
	}
	for _, n := range names {
		if leaf.VerifyHostname(n) == nil || (len(leaf.DNSNames) == 0 && leaf.Subject.CommonName == n) {
			return true
		}
	}
	return false
}

// verify checks the signature of an admitted message by a certificate that was
// fetched before.
func (s *source) verify(e *envelope, now time.Time) error {
	address, err := certificateURL(e.certURL)
	if err != nil {
		return forged("the certificate is not one of Amazon SNS", "/SigningCertURL", err.Error())
	}
	key := s.certs.get(address, now)
	if key == nil {
		return forged("the signature of this message cannot be verified", "/SigningCertURL", "is of a certificate that is not known")
	}
	signature, err := base64.StdEncoding.DecodeString(e.signature)
	if err != nil || len(signature) == 0 {
		return forged("the signature of this message is missing or wrong", "/Signature", "is no base64")
	}
	var hash crypto.Hash
	var digest []byte
	switch e.version {
	case "1":
		sum := sha1.Sum([]byte(e.canonical())) // what version 1 is; a topic chooses version 2 by its SignatureVersion
		hash, digest = crypto.SHA1, sum[:]
	case "2":
		sum := sha256.Sum256([]byte(e.canonical()))
		hash, digest = crypto.SHA256, sum[:]
	default:
		return forged("the signature of this message is of an unknown version", "/SignatureVersion", "must be 1 or 2")
	}
	if rsa.VerifyPKCS1v15(key, hash, digest, signature) != nil {
		return forged("the signature of this message is missing or wrong", "/Signature", "does not fit the message")
	}
	return nil
}
