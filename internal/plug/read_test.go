package plug

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
)

func TestEpoch(t *testing.T) {
	want := time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)
	for _, v := range []float64{1772420580, 1772420580e3, 1772420580e6, 1772420580e9} {
		if got := Epoch(v); !got.Equal(want) {
			t.Errorf("%v: %v", v, got)
		}
	}
	for _, v := range []float64{0, -1, 12, 1e20} {
		if got := Epoch(v); !got.IsZero() {
			t.Errorf("%v: %v", v, got)
		}
	}
}

// A key that is too long is made to fit, and stays distinct.
func TestKeys(t *testing.T) {
	long := strings.Repeat("ü", MaxDedup+1)
	if Key("k") != "k" || TooLong(Key(long), MaxDedup) || Key(long) == Key(long+"k") {
		t.Errorf("keys %q", Key(long))
	}
	for want, parts := range map[string][]string{"": {"", ""}, "k/a": {"a"}, "k/a/": {"a", ""}, "k//a": {"", "a"}} {
		if got := DedupKey("k", parts...); got != want {
			t.Errorf("%q: got %q", parts, got)
		}
	}
	a, b := DedupKey("k", long, "1"), DedupKey("k", long, "2")
	if a == b || a == DedupKey("l", long, "1") || TooLong(a, MaxDedup) || !strings.HasPrefix(a, "sha256:") {
		t.Errorf("got %q and %q", a, b)
	}
}

// A header of its own is how a sender proves itself that can add headers and has
// a use for Authorization already.
func TestToken(t *testing.T) {
	for given, want := range map[string]bool{"open-sesame": true, "the-next-one": true, "open": false, "": false, "open-sesame the-next-one": true} {
		in := Inbound{Secret: "open-sesame the-next-one", Header: map[string][]string{"X-Allclear-Token": {given}}}
		if err := in.CheckShared(); (err == nil) != want || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", given, err)
		}
	}
}
