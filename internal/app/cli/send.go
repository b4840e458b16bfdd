package cli

import (
	"context"
	"fmt"
	"io"
	"net/http"
)

// Event is an event of the Events API v2 as the command line gives it.
type Event struct {
	RoutingKey, Action, DedupKey string
	Summary, Source, Severity    string
	Component, Group, Class      string
	Details                      map[string]string
}

// Send posts an event to the intake, as any source would.
func (s *Session) Send(ctx context.Context, e Event) error {
	body := given(map[string]any{"routing_key": e.RoutingKey, "event_action": e.Action, "dedup_key": e.DedupKey})
	if e.Action == "trigger" {
		payload := given(map[string]any{
			"summary": e.Summary, "source": e.Source, "severity": e.Severity,
			"component": e.Component, "group": e.Group, "class": e.Class,
		})
		if len(e.Details) > 0 {
			payload["custom_details"] = e.Details
		}
		body["payload"] = payload
	}
	doc, err := Server{URL: s.Server.URL}.call(ctx, http.MethodPost, "/v2/enqueue", nil, body)
	if err != nil {
		return err
	}
	return s.print(doc, func(w io.Writer, doc []byte) error {
		v, err := decode(doc)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(w, "accepted, dedup_key %s\n", cell(at(v, "dedup_key")))
		return err
	})
}
