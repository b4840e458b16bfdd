package app

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/webpush"
)

// inside are channels that end in the product itself.
var inside = []string{"in_app", "queue", "status_page", "outbox"}

// channels are the open ways out, by channel name.
type channels struct {
	open map[string]plug.Channel
	rest plug.Channel // for channels without a provider; nil refuses them
}

// openChannels opens every channel whose settings are in the environment, as
// ALLCLEAR_<PLUG-IN>_<FIELD>. With demo, what has no provider is kept in the
// outbox; without, it fails at once, so that the next channel is tried.
func openChannels(r *plug.Registry, c Config, ks keys) (*channels, error) {
	guard, err := guardOf(c.AllowOutbound)
	if err != nil {
		return nil, err
	}
	host := ""
	if u, err := url.Parse(c.PublicURL); err == nil {
		host = u.Hostname()
	}
	cs := &channels{open: map[string]plug.Channel{}}
	for _, name := range inside {
		cs.open[name] = outbox.New()
	}
	if c.Demo {
		cs.rest = outbox.New()
	}
	for _, p := range r.All() {
		m := p.Manifest
		values := settingsOf(m, ks)
		if len(m.Channels) == 0 || len(values) == 0 {
			continue
		}
		ch, err := r.OpenChannel(m.Name, plug.Config{Values: values, Guard: guard, Host: host})
		if err != nil {
			return nil, fmt.Errorf("settings of %s in the environment: %w", m.Name, err)
		}
		for _, name := range m.Channels {
			cs.open[name] = ch
		}
	}
	return cs, nil
}

// settingsOf reads the environment. Devices are reached without any setting:
// the key of Web Push is the installation's own.
func settingsOf(m plug.Manifest, ks keys) map[string]secret.String {
	values := map[string]secret.String{}
	if m.Name == webpush.Plugin().Manifest.Name {
		values["private_key"] = ks.push
	}
	for _, f := range m.Fields {
		if v := os.Getenv("ALLCLEAR_" + strings.ToUpper(m.Name+"_"+f.Key)); v != "" {
			values[f.Key] = secret.String(v)
		}
	}
	return values
}

func guardOf(cidrs []string) (*plug.Guard, error) {
	var allow []netip.Prefix
	for _, c := range cidrs {
		p, err := netip.ParsePrefix(c)
		if err != nil {
			return nil, fmt.Errorf("--allow-outbound %q: want a network such as 10.0.0.0/8", c)
		}
		allow = append(allow, p)
	}
	return plug.NewGuard(allow...), nil
}

// kept reports whether what goes out on the channel stays in the outbox.
func (c *channels) kept(name string) bool {
	_, open := c.open[name]
	return !open && c.rest != nil
}

func (c *channels) get(name string) (plug.Channel, bool) {
	if ch, ok := c.open[name]; ok {
		return ch, true
	}
	return c.rest, c.rest != nil
}

// Close ends the connections channels hold.
func (c *channels) Close() error {
	var errs []error
	for _, ch := range c.open {
		if closer, ok := ch.(io.Closer); ok {
			errs = append(errs, closer.Close())
		}
	}
	return errors.Join(errs...)
}
