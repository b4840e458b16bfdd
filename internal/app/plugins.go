package app

import (
	"allclear/internal/plug"
	"allclear/internal/plug/alertmanager"
	"allclear/internal/plug/email"
	"allclear/internal/plug/events"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/webhook"
	"allclear/internal/plug/webpush"
)

// plugins is the list of everything this binary can connect to.
func plugins() []plug.Plugin {
	return []plug.Plugin{
		events.Plugin(),
		alertmanager.Plugin(),
		generic.Plugin(),
		email.Plugin(),
		webhook.Plugin(),
		webpush.Plugin(),
		outbox.Plugin(),
	}
}
