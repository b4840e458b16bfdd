package plugtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"math/big"
	"testing"
	"time"
)

// Certificate signs what is asked for with a key of its own, for a server of
// this test, and returns it with the roots that trust it. Serial number and
// times are filled in where they are missing.
func Certificate(t testing.TB, want x509.Certificate) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	if want.SerialNumber == nil {
		want.SerialNumber = big.NewInt(1)
	}
	if want.NotBefore.IsZero() {
		want.NotBefore = time.Now().Add(-time.Hour)
	}
	if want.NotAfter.IsZero() {
		want.NotAfter = time.Now().Add(time.Hour)
	}
	want.IsCA, want.BasicConstraintsValid, want.KeyUsage = true, true, x509.KeyUsageDigitalSignature|x509.KeyUsageCertSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.CreateCertificate(rand.Reader, &want, &want, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	root, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}
