package app

import (
	"allclear/internal/plug"
	"allclear/internal/plug/alertmanager"
	"allclear/internal/plug/discord"
	"allclear/internal/plug/email"
	"allclear/internal/plug/events"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/mattermost"
	"allclear/internal/plug/ntfy"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/slack"
	"allclear/internal/plug/teams"
	"allclear/internal/plug/telegram"
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
		pagerduty.Plugin(),
		slack.Plugin(),
		teams.Plugin(),
		mattermost.Plugin(),
		discord.Plugin(),
		telegram.Plugin(),
		ntfy.Plugin(),
		outbox.Plugin(),
	}
}
