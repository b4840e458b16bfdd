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

// mapperOf returns the source whose reading the owner of a hook can change; nil
// without one.
func mapperOf(r *plug.Registry) (plug.Mapper, error) {
	sources, err := r.Hooks(nil)
	if err != nil {
		return nil, err
	}
	for _, s := range sources {
		if m, ok := s.Source.(plug.Mapper); ok {
			return m, nil
		}
	}
	return nil, nil
}
