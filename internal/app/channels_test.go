package app

import (
	"slices"
	"testing"

	"allclear/internal/base/fault"
)

// Clauses: DRB-BK-COMMS
func TestAnOwnerOrdersTheProviders(t *testing.T) {
	serving := []string{"twilio", "httpsms"}
	for wish, want := range map[string][]string{
		"":                         {"twilio", "httpsms"},
		"httpsms":                  {"httpsms", "twilio"},
		" httpsms, twilio,httpsms": {"httpsms", "twilio"},
	} {
		if got, err := inOrder("sms", serving, wish); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q: %v %v, want %v", wish, got, err, want)
		}
	}
	if _, err := inOrder("sms", serving, "pigeon"); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown provider: %v", err)
	}
}
