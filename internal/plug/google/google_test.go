package google

import (
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

// What is no key file of a service account is refused when it is entered, and none of
// it is in the refusal.
func TestSettings(t *testing.T) {
	reg, err := plug.NewRegistry(Plugin())
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"", "x", "{}", `{"client_email":"a@b.example","private_key":"secret words"}`} {
		_, err := reg.Open("google", plugtest.Config(map[string]string{"service_account": bad}))
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

func TestLimits(t *testing.T) {
	for body, want := range map[string]bool{
		`{"error":{"errors":[{"reason":"userRateLimitExceeded"}]}}`: true, `{"error":{"status":"RESOURCE_EXHAUSTED"}}`: true,
		`{"error":{"errors":[{"reason":"insufficientPermissions"}]}}`: false, `<html>`: false,
	} {
		if limited([]byte(body)) != want {
			t.Errorf("%s", body)
		}
	}
}
