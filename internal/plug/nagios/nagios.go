// Package nagios reads what a notification command of Nagios, or of what grew
// out of it (Icinga, Naemon, Shinken, Checkmk's core), posts: the macros of a
// host or service notification as a form or as JSON, under the names of Nagios
// or of Icinga 2. It must not ask the monitoring anything: it judges by the
// payload alone.
//
// Sources: Nagios Core documentation, "Standard Macros in Nagios" and
// "Notifications"; icinga.com/docs/icinga-2, "Runtime Macros" and "Notification
// Commands".
package nagios

import (
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Name is the source of every signal from here.
const Name = "nagios"

const sample = `{
  "NOTIFICATIONTYPE": "PROBLEM", "HOSTNAME": "db-1", "HOSTALIAS": "Database 1", "HOSTADDRESS": "203.0.113.7", "HOSTSTATE": "UP", "HOSTOUTPUT": "PING OK", "HOSTGROUPNAMES": "databases",
  "SERVICEDESC": "Disk /", "SERVICESTATE": "CRITICAL", "SERVICEOUTPUT": "DISK CRITICAL - free space: / 1 %", "LONGSERVICEOUTPUT": "", "SERVICENOTESURL": "https://runbook.example.net/disk",
  "NOTIFICATIONAUTHOR": "", "NOTIFICATIONCOMMENT": "", "TIMET": "1772420645"
}`

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: Name, Title: "Nagios, Icinga", Source: Name, Docs: "docs/integrations/nagios.md", Sample: sample,
			Setup: []string{
				"Define the two notification commands (one for hosts, one for services) as docs/integrations/nagios.md has them for Nagios and for Icinga 2, with the address {url}.",
				`Where the hook has a secret, add to the command: -H "Authorization: Bearer {secret}"`,
				"Nagios: give a contact both commands, with service_notification_options w,u,c,r,f and host_notification_options d,u,r,f, and put it into the contact groups of what is to arrive.",
				"Icinga 2: give a user and apply Notification objects with the types Problem, Acknowledgement, Recovery, Custom, FlappingStart and FlappingEnd.",
			},
		},
		Open: func(plug.Config) (any, error) { return source{}, nil },
	}
}

type source struct{}

// Parse implements plug.Source.
func (source) Parse(in plug.Inbound) (plug.Received, error) {
	raw, err := in.SharedDoc()
	if err != nil {
		return plug.Received{}, err
	}
	n := read(raw.Fold("nagios", "icinga", "notify"))
	if n.host == "" {
		return plug.Received{}, plug.Unusable("/HOSTNAME", "is needed: there is nothing to know the host or service by")
	}
	if n.kind == "" && n.state == "" {
		return plug.Received{}, plug.Unusable("/NOTIFICATIONTYPE", "is needed, or SERVICESTATE or HOSTSTATE: nothing says what has happened")
	}
	s, told := n.signal()
	if !told {
		return plug.Received{}, nil
	}
	s.Details = raw.Any()
	return plug.Received{Signals: []alert.Signal{s}}, nil
}
