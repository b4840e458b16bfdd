package plug_test

import (
	"net/http"
	"testing"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Two secrets may be active; no word of a sentence may do for the whole. INV-A6
func TestActiveSecrets(t *testing.T) {
	for _, c := range []struct {
		set, shown string
		ok         bool
	}{
		{"one-secret", "one-secret", true},
		{" one-secret\n", "one-secret", true},
		{"old-secret new-secret", "old-secret", true},
		{"old-secret new-secret", "new-secret", true},
		{"old-secret new-secret", "old-secret new-secret", true},
		{"It's a Secret to Everybody", "It's a Secret to Everybody", true},
		{"It's a Secret to Everybody", "a", false},
		{"It's a Secret to Everybody", "Everybody", false},
		{"x my-long-secret", "x", false},
		{"x my-long-secret", "x my-long-secret", true},
		{"one-secret", "", false},
		{" ", "", false},
		{" ", " ", false},
	} {
		in := plug.Inbound{Secret: secret.String(c.set), Header: http.Header{"Authorization": {"Bearer " + c.shown}}}
		if err := in.CheckShared(); (err == nil) != c.ok {
			t.Errorf("%q shown %q: %v", c.set, c.shown, err)
		}
	}
}
