package generic

import (
	"maps"
	"strings"

	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// known puts an event whose own names mislead into common ones. Any other is
// answered as it is.
func known(item any) any {
	m, ok := item.(map[string]any)
	if !ok {
		return item
	}
	switch {
	case has(m, "check_result") && has(m, "stream"):
		return graylog2(m)
	case m["event_definition_id"] != nil && has(m, "event"):
		return graylog(m)
	case m["specversion"] != nil && has(m, "data"):
		return cloudEvent(m)
	}
	return item
}

// cloudEvent is the data of an event of CloudEvents 1.0, with what its envelope says
// where the data does not. The envelope's id is another one for each event, and no
// problem's. Source: cloudevents.io, "CloudEvents - Version 1.0".
func cloudEvent(m map[string]any) any {
	out := map[string]any{"origin": m["source"], "class": m["type"], "timestamp": m["time"], "subject": m["subject"]}
	data, _ := m["data"].(map[string]any)
	maps.Copy(out, data)
	return out
}

func has(m map[string]any, name string) bool {
	_, ok := m[name].(map[string]any)
	return ok
}

// member is what a path of names leads to.
func member(m map[string]any, path ...string) any {
	var v any = m
	for _, name := range path {
		at, _ := v.(map[string]any)
		v = at[name]
	}
	return v
}

// graylog is an HTTP notification of Graylog 3 and later. The id of its event is
// another one each time: the definition and the key that it groups by are the
// problem. Its priorities count upwards, from 1 for low. Source: go2docs.graylog.org,
// "Notifications".
func graylog(m map[string]any) any {
	title, message := text(m["event_definition_title"]), text(member(m, "event", "message"))
	if message != "" && message != title {
		title = strings.TrimPrefix(title+": "+message, ": ")
	}
	key := "graylog/" + text(m["event_definition_id"])
	if k := text(member(m, "event", "key")); k != "" {
		key += "/" + k
	}
	return map[string]any{
		"title": title, "dedup_key": key, "host": member(m, "event", "source"), "timestamp": member(m, "event", "timestamp"), "class": m["event_definition_type"],
		"severity": map[string]string{"1": "info", "2": "warning", "3": "error", "4": "critical"}[text(member(m, "event", "priority"))],
	}
}

// graylog2 is the alarm callback of Graylog 2.
func graylog2(m map[string]any) any {
	state := "triggered"
	if member(m, "check_result", "triggered") == false {
		state = "resolved"
	}
	title := strings.Trim(text(member(m, "stream", "title"))+": "+text(member(m, "check_result", "result_description")), ": ")
	key := ""
	if stream := text(member(m, "stream", "id")); stream != "" {
		key = "graylog/" + stream + "/" + text(member(m, "check_result", "triggered_condition", "id"))
	}
	return map[string]any{
		"title": title, "dedup_key": key, "state": state, "timestamp": member(m, "check_result", "triggered_at"), "service": member(m, "stream", "title"), "class": member(m, "check_result", "triggered_condition", "type"),
	}
}

// attach adds the lists of links and images of PagerDuty's Events API: contexts of
// version 1, links and images of version 2. Source: developer.pagerduty.com,
// "Events API v1 Overview".
func attach(s *alert.Signal, item any) {
	m, ok := item.(map[string]any)
	if !ok {
		return
	}
	for _, list := range [...]string{"contexts", "links", "images"} {
		all, _ := m[list].([]any)
		for _, one := range all {
			v, _ := one.(map[string]any)
			if src := plug.WebURL(text(v["src"])); src != "" {
				if len(s.Images) < plug.MaxLinks {
					s.Images = append(s.Images, alert.Image{Src: src, Href: plug.WebURL(text(v["href"])), Alt: plug.Line(plug.First(text(v["alt"]), text(v["text"])), plug.MaxWord)})
				}
				continue
			}
			s.Links = plug.AddLink(s.Links, text(v["href"]), text(v["text"]))
		}
	}
	s.Client, s.ClientURL = plug.Line(text(m["client"]), plug.MaxWord), plug.WebURL(text(m["client_url"]))
}

// withoutKeys is an event without the keys that PagerDuty knows its sender by,
// which are nothing to show to whoever looks at the alert.
func withoutKeys(item any) any {
	m, ok := item.(map[string]any)
	if !ok || (m["service_key"] == nil && m["routing_key"] == nil) {
		return item
	}
	out := make(map[string]any, len(m))
	for k, v := range m {
		if k != "service_key" && k != "routing_key" {
			out[k] = v
		}
	}
	return out
}
