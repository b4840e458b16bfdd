package app

import (
	"allclear/internal/plug"
	"allclear/internal/plug/alertmanager"
	"allclear/internal/plug/awssupport"
	"allclear/internal/plug/azure"
	"allclear/internal/plug/billing"
	"allclear/internal/plug/cloudflare"
	"allclear/internal/plug/cloudwatch"
	"allclear/internal/plug/crowdstrike"
	"allclear/internal/plug/datadog"
	"allclear/internal/plug/discord"
	"allclear/internal/plug/discourse"
	"allclear/internal/plug/email"
	"allclear/internal/plug/events"
	"allclear/internal/plug/gcp"
	"allclear/internal/plug/generic"
	"allclear/internal/plug/github"
	"allclear/internal/plug/google"
	"allclear/internal/plug/googlesupport"
	"allclear/internal/plug/grafana"
	"allclear/internal/plug/httpsms"
	"allclear/internal/plug/mattermost"
	"allclear/internal/plug/meetlink"
	"allclear/internal/plug/nagios"
	"allclear/internal/plug/newrelic"
	"allclear/internal/plug/ntfy"
	"allclear/internal/plug/opsgenie"
	"allclear/internal/plug/outbox"
	"allclear/internal/plug/pagerduty"
	"allclear/internal/plug/pingdom"
	"allclear/internal/plug/rapid7"
	"allclear/internal/plug/sendgrid"
	"allclear/internal/plug/sentry"
	"allclear/internal/plug/slack"
	"allclear/internal/plug/statuscake"
	"allclear/internal/plug/statushook"
	"allclear/internal/plug/statuspage"
	"allclear/internal/plug/teams"
	"allclear/internal/plug/telegram"
	"allclear/internal/plug/twilio"
	"allclear/internal/plug/uptimekuma"
	"allclear/internal/plug/webhook"
	"allclear/internal/plug/webpush"
	"allclear/internal/plug/x"
	"allclear/internal/plug/zabbix"
	"allclear/internal/plug/zendesk"
	"allclear/internal/plug/zoom"
)

// Plugins is the list of everything this binary can connect to.
func Plugins() []plug.Plugin {
	return []plug.Plugin{
		events.Plugin(),
		alertmanager.Plugin(),
		generic.Plugin(),
		datadog.Plugin(),
		newrelic.Plugin(),
		grafana.Plugin(),
		pingdom.Plugin(),
		statuscake.Plugin(),
		uptimekuma.Plugin(),
		zabbix.Plugin(),
		nagios.Plugin(),
		cloudwatch.Plugin(),
		opsgenie.Plugin(),
		sentry.Plugin(),
		azure.Plugin(),
		gcp.Plugin(),
		github.Plugin(),
		crowdstrike.Plugin(),
		cloudflare.Plugin(),
		awssupport.Plugin(),
		googlesupport.Plugin(),
		rapid7.Plugin(),
		email.Plugin(),
		sendgrid.Plugin(),
		twilio.Plugin(),
		httpsms.Plugin(),
		webhook.Plugin(),
		billing.Plugin(),
		statushook.Plugin(),
		pagerduty.Plugin(),
		zoom.Plugin(), // before others that open video rooms
		google.Plugin(),
		slack.Plugin(),
		teams.Plugin(),
		mattermost.Plugin(),
		discord.Plugin(),
		telegram.Plugin(),
		ntfy.Plugin(),
		webpush.Plugin(),
		x.Plugin(),
		discourse.Plugin(),
		statuspage.Plugin(),
		zendesk.Plugin(),
		meetlink.Plugin(), // after others that open video rooms
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
