package plug

import (
	"maps"
	"regexp"
	"slices"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
)

// Registry holds the plug-ins this binary knows. It is built once from an
// explicit list and does not change afterwards.
type Registry struct {
	order  []string
	byName map[string]Plugin
}

var nameShape = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// NewRegistry checks the plug-ins and keeps them in the order given.
func NewRegistry(plugins ...Plugin) (*Registry, error) {
	r := &Registry{byName: make(map[string]Plugin, len(plugins))}
	for _, p := range plugins {
		m := p.Manifest
		if err := checkManifest(m); err != nil {
			return nil, err
		}
		if p.Open == nil {
			return nil, fault.New(fault.Invalid, "register plug-in %q: it has no Open", m.Name)
		}
		if _, dup := r.byName[m.Name]; dup {
			return nil, fault.New(fault.Invalid, "register plug-in %q: the name is taken", m.Name)
		}
		r.byName[m.Name] = p
		r.order = append(r.order, m.Name)
	}
	return r, nil
}

func checkManifest(m Manifest) error {
	if !nameShape.MatchString(m.Name) {
		return fault.New(fault.Invalid, "register plug-in %q: the name must be lower case letters, digits and _", m.Name)
	}
	if m.Title == "" || m.Docs == "" {
		return fault.New(fault.Invalid, "register plug-in %q: title and docs are needed", m.Name)
	}
	seen := map[string]bool{}
	for _, f := range m.Fields {
		if !nameShape.MatchString(f.Key) || f.Title == "" || seen[f.Key] {
			return fault.New(fault.Invalid, "register plug-in %q: field %q needs its own snake_case key and a title", m.Name, f.Key)
		}
		if f.Secret && f.Default != "" {
			return fault.New(fault.Invalid, "register plug-in %q: secret field %q must have no default", m.Name, f.Key)
		}
		seen[f.Key] = true
	}
	return nil
}

// All returns the plug-ins in the order they were given.
func (r *Registry) All() []Plugin {
	out := make([]Plugin, 0, len(r.order))
	for _, n := range r.order {
		out = append(out, r.byName[n])
	}
	return out
}

// Get returns the plug-in of that name.
func (r *Registry) Get(name string) (Plugin, bool) {
	p, ok := r.byName[name]
	return p, ok
}

// Open fills in defaults, checks cfg against the manifest and opens the
// plug-in. It answers NotFound for an unknown name, and Invalid with one detail
// per field for missing or unknown fields.
func (r *Registry) Open(name string, cfg Config) (any, error) {
	p, ok := r.byName[name]
	if !ok {
		return nil, fault.New(fault.NotFound, "open plug-in %q: there is none of that name", name)
	}
	values := map[string]secret.String{}
	bad := fault.New(fault.Invalid, "open plug-in %q: settings are not complete", name)
	for _, f := range p.Manifest.Fields {
		v := cfg.Values[f.Key]
		if v == "" {
			v = secret.String(f.Default)
		}
		if v == "" && f.Required {
			bad = bad.With(f.Key, f.Title+" is required")
		}
		values[f.Key] = v
	}
	for _, k := range slices.Sorted(maps.Keys(cfg.Values)) {
		if _, known := values[k]; !known {
			bad = bad.With(k, "is not a setting of this integration")
		}
	}
	if len(bad.Details) > 0 {
		return nil, bad
	}
	cfg.Values = values
	return p.Open(cfg)
}

// OpenChannel is Open for plug-ins that must be a Channel.
func (r *Registry) OpenChannel(name string, cfg Config) (Channel, error) {
	v, err := r.Open(name, cfg)
	if err != nil {
		return nil, err
	}
	ch, ok := v.(Channel)
	if !ok {
		return nil, fault.New(fault.Invalid, "open plug-in %q: it carries no messages", name)
	}
	return ch, nil
}

// Hooks asks open for every plug-in with a {source} below /hooks: it is a Source
// or a Callback. The caller opens, so that a channel and its callback are one
// instance with one set of settings; it opens nothing where a channel has none,
// and that one hears nothing.
func (r *Registry) Hooks(open func(name string) (any, error)) ([]Hook, error) {
	var out []Hook
	for _, name := range r.order {
		m := r.byName[name].Manifest
		if m.Source == "" {
			continue
		}
		v, err := open(name)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		h := Hook{Name: m.Source, Manifest: m, MaxBody: m.MaxBody}
		h.Source, _ = v.(Source)
		h.Callback, _ = v.(Callback)
		if h.Source == nil && h.Callback == nil {
			return nil, fault.New(fault.Invalid, "open plug-in %q: it reads no events", name)
		}
		if h.MaxBody == 0 {
			h.MaxBody = MaxBody
		}
		out = append(out, h)
	}
	return out, nil
}

// Bare opens plug-ins without settings, for Hooks; channels it leaves alone, but
// for keepers of copies, which hear of incidents that are not ours.
func (r *Registry) Bare(name string) (v any, err error) {
	if m := r.byName[name].Manifest; len(m.Channels) == 0 || m.Mirror != "" {
		v, err = r.Open(name, Config{})
	}
	return v, err
}
