package app

import (
	"allclear/internal/plug"
	"allclear/internal/plug/alertmanager"
	"allclear/internal/plug/email"
	"allclear/internal/plug/events"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/webhook"
)

// plugins is the list of everything this binary can connect to.
func plugins() []plug.Plugin {
	return []plug.Plugin{
		events.Plugin(),
		alertmanager.Plugin(),
		generic.Plugin(),
		email.Plugin(),
		webhook.Plugin(),
		outbox.Plugin(),
	}
}

// openSources opens every plug-in that takes events in. They need no settings.
func openSources(r *plug.Registry) ([]plug.Hook, error) {
	var hooks []plug.Hook
	for _, p := range r.All() {
		if p.Manifest.Source == "" {
			continue
		}
		v, err := r.Open(p.Manifest.Name, plug.Config{})
		if err != nil {
			return nil, err
		}
		src, ok := v.(plug.Source)
		if !ok {
			continue
		}
		limit := p.Manifest.MaxBody
		if limit == 0 {
			limit = plug.MaxBody
		}
		hooks = append(hooks, plug.Hook{Name: p.Manifest.Source, MaxBody: limit, Source: src})
	}
	return hooks, nil
}
