package app

import (
	"slices"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/plug"
	"allclear/internal/plug/billing"
	"allclear/internal/plug/statushook"
)

// What a plug-in offers for people, a person can have a contact for; and every
// channel of a person has a plug-in.
//
// Clauses: PLT-CFG-CHAN
func TestEveryChannelOfAPlugInCanBeAContact(t *testing.T) {
	beside := []string{billing.Channel, statushook.Channel} // systems, and readers of the status page
	var offered []string
	for _, p := range Plugins() {
		offered = append(offered, p.Manifest.Channels...)
	}
	offered = slices.DeleteFunc(offered, func(c string) bool {
		return slices.Contains(inside, c) || slices.Contains(beside, c) || slices.Contains(procedure.PublicChannels, c) && !slices.Contains(procedure.PersonChannels, c)
	})
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

// PagerDuty is a pager, keeps copies, both or neither, by what is set; it hears of
// its own incidents in any case.
//
// Clauses: INT-PAGERDUTY
func TestAPagerAndAKeeperOfCopiesAreOne(t *testing.T) {
	for _, c := range []struct {
		pages, copies string
		open, keeps   bool
	}{
		{"", "", false, false},
		{"ana=0123", "", true, false},
		{"", "0123", true, true},
		{"ana=0123", "0123", true, true},
	} {
		t.Setenv("ALLCLEAR_PAGERDUTY_PAGER_KEYS", c.pages)
		t.Setenv("ALLCLEAR_PAGERDUTY_ROUTING_KEY", c.copies)
		reg, err := plug.NewRegistry(Plugins()...)
		if err != nil {
			t.Fatal(err)
		}
		cs, err := openChannels(reg, Config{}, keys{})
		if err != nil {
			t.Fatal(err)
		}
		_, open := cs.get("pagerduty")
		if keeps := slices.Contains(cs.mirrors, "pagerduty"); open != c.open || keeps != c.keeps || slices.Contains(cs.ends, "pagerduty") != c.open {
			t.Errorf("%+v: open %v, keeps %v, ends %v", c, open, keeps, cs.ends)
		}
		if v, err := cs.plugin("pagerduty"); err != nil || v == nil {
			t.Errorf("%+v: it hears nothing: %v, %v", c, v, err)
		}
		if err := cs.Close(); err != nil {
			t.Error(err)
		}
	}
}
