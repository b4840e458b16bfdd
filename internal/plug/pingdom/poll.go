package pingdom

import (
	"cmp"
	"context"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

// Polls implements plug.Poller.
func (s source) Polls() (service string, ok bool) { return s.service, s.token != "" }

// Poll implements plug.Poller: the list of uptime checks, in one call.
func (s source) Poll(ctx context.Context, _ time.Time) ([]alert.Signal, error) {
	ans, err := s.http.Ask(ctx, "Pingdom", plug.Request{
		Method: http.MethodGet, URL: s.base + "/api/3.1/checks?include_tags=true", Secrets: []secret.String{s.token},
		Header: http.Header{"Authorization": {"Bearer " + s.token.Reveal()}, "Accept": {"application/json"}},
	})
	if err != nil {
		return nil, err
	}
	doc, err := plug.ReadDoc(ans.Body)
	if err != nil || !doc.Has("checks") {
		return nil, fault.New(fault.Unavailable, "Pingdom: the answer is no list of checks")
	}
	var out []alert.Signal
	for _, c := range doc.List("checks") {
		if g, ok := polled(c); ok {
			out = append(out, g)
		}
	}
	return out, nil
}

// polled is a check as it stands. One that is not confirmed to be down yet, paused
// or without a result so far says nothing: neither that there is an outage nor that
// it is over.
func polled(c plug.Doc) (alert.Signal, bool) {
	id, status := c.Text("id"), c.Text("status")
	if id == "" || status != "up" && status != "down" {
		return alert.Signal{}, false
	}
	tags := []any{}
	for _, t := range c.List("tags") {
		tags = append(tags, cmp.Or(t.Text("name"), t.Text()))
	}
	// The same fields as a webhook's, so that both are read in one way.
	state := map[string]string{"up": "UP", "down": "DOWN"}[status]
	t := map[string]any{
		"check_id": id, "check_name": c.Text("name"), "check_type": c.Text("type"), "tags": tags, "check_params": map[string]any{"hostname": c.Text("hostname")},
		"current_state": state, "importance_level": c.Text("severity_level"),
	}
	if status == "down" {
		t["state_changed_timestamp"] = c.Text("lastdownstart")
	}
	g := signal(plug.DocOf(t), plug.DedupKey("check", id), state)
	g.Details = c.Keep("id", "name", "hostname", "status", "type", "resolution", "lasterrortime", "lasttesttime", "lastresponsetime", "lastdownstart", "lastdownend", "tags")
	return g, true
}
