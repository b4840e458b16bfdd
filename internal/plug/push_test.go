package plug_test

import (
	"context"
	"testing"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// quiet takes everything.
type quiet struct{}

func (quiet) Send(context.Context, plug.Message) (plug.Receipt, error) { return plug.Receipt{}, nil }

// browserPush is a channel that subscribes browsers.
type browserPush struct{ quiet }

func (browserPush) PublicKey() string { return "key" }

func (browserPush) Subscription(string, string, string) (secret.String, error) { return "", nil }

// A device is turned on with whichever provider of the channel subscribes
// browsers, also behind the failover that every channel stands behind.
func TestWhatSubscribesBrowsersIsFound(t *testing.T) {
	plain, push := quiet{}, browserPush{}
	behind := func(cs ...plug.Channel) plug.Channel {
		var ps []*plug.Provider
		for _, c := range cs {
			ps = append(ps, &plug.Provider{Name: "p", Channel: c})
		}
		return plug.Failover(ps...)
	}
	for name, tt := range map[string]struct {
		c  plug.Channel
		ok bool
	}{
		"itself": {push, true}, "alone": {behind(push), true}, "second": {behind(plain, push), true},
		"another": {plain, false}, "others": {behind(plain, plain), false}, "nothing": {nil, false},
	} {
		if p, ok := plug.PushOf(tt.c); ok != tt.ok || ok && p.PublicKey() != "key" {
			t.Errorf("%s: %v, %v", name, p, ok)
		}
	}
}
