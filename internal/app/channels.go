package app

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/url"
	"os"
	"slices"
	"strings"

	"allclear/internal/app/outbound"
	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/webpush"
)

// inside are channels that end in the product itself.
var inside = []string{"in_app", "queue", "status_page", "outbox"}

// channels are the open ways out, by channel name, and the open plug-ins behind
// them: a plug-in is opened once, so that what calls back is what sent.
type channels struct {
	reg     *plug.Registry
	open    map[string]plug.Channel
	rest    plug.Channel             // for channels without a provider; nil refuses them
	mirrors []string                 // channels that keep copies of our incidents
	tickets []string                 // channels on which customers' tickets are written to
	pages   []string                 // channels that keep copies of the status page
	desks   map[string]plug.CaseDesk // that open cases at partners, by channel
	ends    []string                 // channels on which a page stands until it is ended
	plugins map[string]any           // by name: all that have settings, and all that hooks asked for
	keys    keys                     // the installation's own
	config  plug.Config              // what every plug-in gets beside its settings
}

// openChannels opens every channel whose settings are in the environment, as
// ALLCLEAR_<PLUG-IN>_<FIELD>. With demo, what has no provider is kept in the
// outbox; without, it fails at once, so that the next channel is tried.
func openChannels(r *plug.Registry, c Config, ks keys) (*channels, error) {
	guard, err := outbound.Guard(c.AllowOutbound)
	if err != nil {
		return nil, err
	}
	host := ""
	if u, err := url.Parse(c.PublicURL); err == nil {
		host = u.Hostname()
	}
	cs := &channels{reg: r, open: map[string]plug.Channel{}, plugins: map[string]any{}, desks: map[string]plug.CaseDesk{}, keys: ks, config: plug.Config{Guard: guard, Host: host}}
	for _, name := range inside {
		cs.open[name] = outbox.New()
	}
	if c.Demo {
		cs.rest = outbox.New()
	}
	serving := map[string][]string{} // names of the plug-ins by channel, in the order of the list
	for _, p := range r.All() {
		m := p.Manifest
		if len(m.Channels) == 0 && m.Mirror == "" && m.Tickets == "" && m.Desk == "" && m.Pages == "" || len(m.Fields) > 0 && len(settingsOf(m, ks)) == 0 {
			continue
		}
		if m.Desk != "" {
			if err := cs.desk(m, serving); err != nil {
				return nil, errors.Join(err, cs.Close())
			}
		}
		if m.Pages != "" {
			serving[m.Pages] = append(serving[m.Pages], m.Name)
			cs.pages = append(cs.pages, m.Pages)
		}
		for _, name := range m.Channels {
			serving[name] = append(serving[name], m.Name)
			if m.Ends && !slices.Contains(cs.ends, name) {
				cs.ends = append(cs.ends, name)
			}
		}
		if kept := cmp.Or(m.Mirror, m.Tickets); kept != "" {
			v, err := cs.plugin(m.Name)
			if err != nil {
				return nil, errors.Join(err, cs.Close())
			}
			if k, ok := v.(plug.Keeper); !ok || !k.Keeps() {
				continue
			}
			if !slices.Contains(serving[kept], m.Name) {
				serving[kept] = append(serving[kept], m.Name)
			}
			if m.Mirror != "" {
				cs.mirrors = append(cs.mirrors, kept)
			} else {
				cs.tickets = append(cs.tickets, kept)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(serving)) {
		if cs.open[name], err = cs.over(name, serving[name]); err != nil {
			return nil, errors.Join(err, cs.Close())
		}
	}
	return cs, nil
}

// desk keeps the interface of a partner, where its settings let it open cases.
func (c *channels) desk(m plug.Manifest, serving map[string][]string) error {
	v, err := c.plugin(m.Name)
	if err != nil {
		return err
	}
	d, ok := v.(plug.CaseDesk)
	if !ok {
		return fault.New(fault.Invalid, "open plug-in %q: it opens no cases", m.Name)
	}
	if _, ready := d.Desk(); ready {
		c.desks[m.Desk] = d
		serving[m.Desk] = append(serving[m.Desk], m.Name)
	}
	return nil
}

// over makes one channel of the plug-ins that serve it.
func (c *channels) over(channel string, names []string) (plug.Channel, error) {
	names, err := inOrder(channel, names, os.Getenv(orderOf(channel)))
	if err != nil {
		return nil, err
	}
	providers := make([]*plug.Provider, len(names))
	for i, name := range names {
		v, err := c.plugin(name)
		if err != nil {
			return nil, err
		}
		ch, ok := v.(plug.Channel)
		if !ok {
			return nil, fault.New(fault.Invalid, "open plug-in %q: it carries no messages", name)
		}
		providers[i] = &plug.Provider{Name: name, Channel: ch}
	}
	return plug.Failover(providers...), nil
}

func orderOf(channel string) string { return "ALLCLEAR_PROVIDERS_" + strings.ToUpper(channel) }

// inOrder puts the providers an owner named first, in that order.
func inOrder(channel string, names []string, wish string) ([]string, error) {
	var out []string
	for _, w := range strings.FieldsFunc(wish, func(r rune) bool { return r == ',' || r == ' ' }) {
		if !slices.Contains(names, w) {
			return nil, fault.New(fault.Invalid, "%s names %q, which does not serve %s or has no settings", orderOf(channel), w, channel)
		}
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	for _, n := range names {
		if !slices.Contains(out, n) {
			out = append(out, n)
		}
	}
	return out, nil
}

// plugin opens a plug-in with its settings of the environment, once; a channel
// without any is nil.
func (c *channels) plugin(name string) (v any, err error) {
	if v, ok := c.plugins[name]; ok {
		return v, nil
	}
	cfg := c.config
	if p, ok := c.reg.Get(name); ok {
		cfg.Values = settingsOf(p.Manifest, c.keys)
		if len(cfg.Values) == 0 && len(p.Manifest.Fields) > 0 && len(p.Manifest.Channels) > 0 && p.Manifest.Mirror == "" {
			return v, nil
		}
	}
	v, err = c.reg.Open(name, cfg)
	if err != nil {
		return nil, fmt.Errorf("settings of %s in the environment: %w", name, err)
	}
	c.plugins[name] = v
	return v, nil
}

// settingsOf reads the environment. Devices are reached without any setting:
// the key of Web Push is the installation's own.
func settingsOf(m plug.Manifest, ks keys) map[string]secret.String {
	values := map[string]secret.String{}
	if m.Name == webpush.Plugin().Manifest.Name && ks.push != "" {
		values["private_key"] = ks.push
	}
	for _, f := range m.Fields {
		if v := os.Getenv("ALLCLEAR_" + strings.ToUpper(m.Name+"_"+f.Key)); v != "" {
			values[f.Key] = secret.String(v)
		}
	}
	return values
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

// serves reports whether something carries what goes out on the channel.
func (c *channels) serves(name string) bool {
	_, ok := c.get(name)
	return ok
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
