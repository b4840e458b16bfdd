package plug

import (
	"testing"

	"allclear/internal/base/secret"
)

// The signatures were computed outside of Go, with
// openssl dgst -sha256 -mac HMAC -macopt hexkey:... -binary | base64
// over "<id>.<timestamp>.<body>".
func TestSignKnownAnswer(t *testing.T) {
	const (
		id   = "INC-42/step1/round0/webhook/1"
		unix = 1772420645
		body = `{"type":"allclear.page","n":1}`
		one  = "v1,EtzrUsSkc+DU5/ccYYRcFW1TZji/FPnmlqsuVGhSeic="
		two  = "v1,0x1TR+xgnh8RqK3ArtMZm6p4WCq4OThf26028LyDXpM="
	)
	for _, c := range []struct{ name, secrets, want string }{
		{"one key", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=", one},
		{"without padding", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA", one},
		{"another key", "whsec_c2Vjb25kLWtleS1zZWNvbmQta2V5LTI0", two},
		{"both, for a rotation", "whsec_AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=,\n whsec_c2Vjb25kLWtleS1zZWNvbmQta2V5LTI0", one + " " + two},
	} {
		t.Run(c.name, func(t *testing.T) {
			keys, err := SigningKeys(secret.String(c.secrets))
			if err != nil {
				t.Fatal(err)
			}
			if got := Sign(keys, id, unix, []byte(body)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
