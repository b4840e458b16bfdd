package grafana

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

// maxAge is how old a signed timestamp may be, and how far ahead.
const maxAge = 5 * time.Minute

// proof accepts Grafana's signature and what every hook accepts. The name of
// the header for the timestamp is chosen in Grafana; these two are in use.
func proof(in plug.Inbound) error {
	given := in.Header.Get("X-Grafana-Alerting-Signature")
	if in.Secret == "" || given == "" {
		return in.CheckShared()
	}
	wrong := fault.New(fault.Unauthenticated, "the signature of this hook is wrong")
	stamp := plug.First(in.Header.Get("X-Grafana-Alerting-Timestamp"), in.Header.Get("X-Grafana-Alerting-Signature-Timestamp"))
	if stamp != "" {
		n, err := strconv.ParseInt(stamp, 10, 64)
		if err != nil {
			return wrong
		}
		if age := in.Now.Sub(time.Unix(n, 0)); age > maxAge || age < -maxAge {
			return fault.New(fault.Unauthenticated, "the signature of this hook is too old, or the clocks differ")
		}
	}
	want, err := hex.DecodeString(strings.TrimPrefix(strings.TrimSpace(given), "sha256="))
	if err != nil {
		return wrong
	}
	good := false // every secret is tried, whatever the outcome so far
	for _, s := range in.Secrets() {
		mac := hmac.New(sha256.New, []byte(s.Reveal()))
		if stamp != "" {
			mac.Write([]byte(stamp + ":"))
		}
		mac.Write(in.Body)
		good = hmac.Equal(want, mac.Sum(nil)) || good
	}
	if !good {
		return wrong
	}
	return nil
}
