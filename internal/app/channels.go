package app

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
)

// inside are channels that end in the product itself.
var inside = []string{"in_app", "queue", "status_page", "outbox"}

// channels are the open ways out, by channel name, and the open plug-ins behind
// them: a plug-in is opened once, so that what calls back is what sent.
type channels struct {
	reg     *plug.Registry
	open    map[string]plug.Channel
	rest    plug.Channel   // for channels without a provider; nil refuses them
	plugins map[string]any // by name: all that have settings, and all that hooks asked for
	config  plug.Config    // what every plug-in gets beside its settings
}

// openChannels opens every channel whose settings are in the environment, as
// ALLCLEAR_<PLUG-IN>_<FIELD>. With demo, what has no provider is kept in the
// outbox; without, it fails at once, so that the next channel is tried.
func openChannels(r *plug.Registry, c Config) (*channels, error) {
	guard, err := guardOf(c.AllowOutbound)
	if err != nil {
		return nil, err
	}
	host := ""
	if u, err := url.Parse(c.PublicURL); err == nil {
		host = u.Hostname()
	}
	cs := &channels{reg: r, open: map[string]plug.Channel{}, plugins: map[string]any{}, config: plug.Config{Guard: guard, Host: host}}
	for _, name := range inside {
		cs.open[name] = outbox.New()
	}
	if c.Demo {
		cs.rest = outbox.New()
	}
	for _, p := range r.All() {
		m := p.Manifest
		if len(m.Channels) == 0 || len(settingsOf(m)) == 0 {
			continue
		}
		v, err := cs.plugin(m.Name)
		if err != nil {
			return nil, err
		}
		ch, ok := v.(plug.Channel)
		if !ok {
			return nil, fault.New(fault.Invalid, "open plug-in %q: it carries no messages", m.Name)
		}
		for _, name := range m.Channels {
			cs.open[name] = ch
		}
	}
	return cs, nil
}

// plugin opens a plug-in with its settings of the environment, once.
func (c *channels) plugin(name string) (any, error) {
	if v, ok := c.plugins[name]; ok {
		return v, nil
	}
	cfg := c.config
	if p, ok := c.reg.Get(name); ok {
		cfg.Values = settingsOf(p.Manifest)
	}
	v, err := c.reg.Open(name, cfg)
	if err != nil {
		return nil, fmt.Errorf("settings of %s in the environment: %w", name, err)
	}
	c.plugins[name] = v
	return v, nil
}

func settingsOf(m plug.Manifest) map[string]secret.String {
	values := map[string]secret.String{}
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

func (c *channels) get(name string) (plug.Channel, bool) {
	if ch, ok := c.open[name]; ok {
		return ch, true
	}
	return c.rest, c.rest != nil
}

// Close ends the connections plug-ins hold.
func (c *channels) Close() error {
	var errs []error
	for _, v := range c.plugins {
		if closer, ok := v.(io.Closer); ok {
			errs = append(errs, closer.Close())
		}
	}
	return errors.Join(errs...)
}
