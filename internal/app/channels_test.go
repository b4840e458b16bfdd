package app

import (
	"slices"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
)

// What a plug-in offers for people, a person can have a contact for; and every
// channel of a person has a plug-in.
//
// Clauses: PLT-CFG-CHAN
func TestEveryChannelOfAPlugInCanBeAContact(t *testing.T) {
	var offered []string
	for _, p := range plugins() {
		offered = append(offered, p.Manifest.Channels...)
	}
	offered = slices.DeleteFunc(offered, func(c string) bool { return slices.Contains(inside, c) })
	slices.Sort(offered)
	want := slices.Sorted(slices.Values(catalog.Channels))
	if got := slices.Compact(offered); !slices.Equal(got, want) {
		t.Errorf("plug-ins offer %v, a contact can have %v", got, want)
	}
}

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
