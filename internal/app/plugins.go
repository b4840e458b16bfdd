package app

import (
	"allclear/internal/plug"
	"allclear/internal/plug/alertmanager"
	"allclear/internal/plug/discord"
	"allclear/internal/plug/email"
	"allclear/internal/plug/events"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/httpsms"
	"allclear/internal/plug/mattermost"
	"allclear/internal/plug/ntfy"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/slack"
	"allclear/internal/plug/teams"
	"allclear/internal/plug/telegram"
	"allclear/internal/plug/twilio"
	"allclear/internal/plug/webhook"
	"allclear/internal/plug/webpush"
	"allclear/internal/plug/zendesk"
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
		pagerduty.Plugin(),
		slack.Plugin(),
		teams.Plugin(),
		mattermost.Plugin(),
		discord.Plugin(),
		telegram.Plugin(),
		ntfy.Plugin(),
		webpush.Plugin(),
		zendesk.Plugin(),
		outbox.Plugin(),
	}
}

// mapperOf returns the source whose reading the owner of a hook can change; nil
// without one.
func mapperOf(r *plug.Registry) (plug.Mapper, error) {
	sources, err := r.Hooks(r.Bare)
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
