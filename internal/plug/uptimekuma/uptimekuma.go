// Package uptimekuma reads what Uptime Kuma posts to a webhook notification: a
// heartbeat with its monitor, and the messages that come without one. It must
// not ask Uptime Kuma anything, and must not keep what a monitor's settings hold
// of passwords: only named fields go into an alert.
//
// Source: louislam/uptime-kuma, server/notification-providers/webhook.js,
// server/model/heartbeat.js and monitor.js.
package uptimekuma

import (
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "uptimekuma"

const sample = `{
  "heartbeat": {"monitorID": 1, "status": 0, "time": "2026-03-02 03:04:05.123", "msg": "connect ECONNREFUSED 203.0.113.4:443", "important": true, "duration": 60, "ping": null, "timezone": "Europe/Berlin", "timezoneOffset": "+01:00", "localDateTime": "2026-03-02 04:04:05"},
  "monitor": {"id": 1, "name": "Shop", "pathName": "Web / Shop", "url": "https://shop.example.net", "hostname": null, "port": null, "type": "http", "interval": 60, "tags": [{"name": "env", "value": "prod"}]},
  "msg": "[Shop] [🔴 Down] connect ECONNREFUSED 203.0.113.4:443"
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Uptime Kuma", Source: Name, Docs: "docs/integrations/uptimekuma.md", Sample: sample,
			Setup: []string{
				"In Uptime Kuma: Settings, Notifications, Setup notification. Type Webhook, Post URL {url}, request body \"Preset - application/json\".",
				`Where the hook has a secret: Additional headers, {"Authorization": "Bearer {secret}"}.`,
				"Default enabled, and Apply on all existing monitors, or choose it in each monitor.",
			},
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	if err := in.CheckShared(); err != nil {
		return plug.Received{}, err
	}
	t, err := in.Doc()
	if err != nil {
		return plug.Received{}, err
	}
	if data := t.Text("data"); strings.HasPrefix(data, "{") { // of a webhook set to multipart/form-data
		if t, err = plug.ReadDoc([]byte(data)); err != nil {
			return plug.Received{}, err
		}
	}
	if !t.IsObject("heartbeat") {
		return message(t)
	}
	return beat(t)
}

func received(s alert.Signal) (plug.Received, error) {
	return plug.Received{Signals: []alert.Signal{s}}, nil
}
