package app

import (
	"allclear/internal/plug"
	"allclear/internal/plug/alertmanager"
	"allclear/internal/plug/email"
	"allclear/internal/plug/events"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/httpsms"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/twilio"
	"allclear/internal/plug/webhook"
)

// plugins is the list of everything this binary can connect to.
func plugins() []plug.Plugin {
	return []plug.Plugin{
		events.Plugin(),
		alertmanager.Plugin(),
		generic.Plugin(),
		email.Plugin(),
		twilio.Plugin(),
		httpsms.Plugin(),
		webhook.Plugin(),
		outbox.Plugin(),
	}
}
