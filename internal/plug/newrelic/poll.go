package newrelic

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/plug"
)

const (
	// back is how long an issue that was closed is still told of as well.
	back     = 24 * time.Hour
	maxPages = 20
	fields   = "issues { issueId title priority state createdAt activatedAt closedAt entityNames conditionName sources totalIncidents } nextCursor"
)

// issuesQuery asks for the issues of one state. The issues of New Relic are behind
// a header that says that one knows that they may change.
const issuesQuery = `query($account: Int!, $cursor: String) { actor { account(id: $account) { aiIssues { issues(filter: {states: [%s]}%s, cursor: $cursor) { ` + fields + ` } } } } }`

// Polls implements plug.Poller.
func (s source) Polls() (service string, ok bool) { return s.service, s.Queries() && s.service != "" }

// Poll implements plug.Poller: the issues that are open, and those that were closed
// a short while ago.
func (s source) Poll(ctx context.Context, now time.Time) ([]alert.Signal, error) {
	open, err := s.issues(ctx, "ACTIVATED", "")
	if err != nil {
		return nil, err
	}
	// An issue that is closed between the two calls is told of as both: the last counts.
	closed, err := s.issues(ctx, "CLOSED", fmt.Sprintf(", timeWindow: {startTime: %d, endTime: %d}", now.Add(-back).UnixMilli(), now.UnixMilli()))
	if err != nil {
		return nil, err
	}
	return append(open, closed...), nil
}

// issues reads those in a state, page by page.
func (s source) issues(ctx context.Context, state, window string) (out []alert.Signal, err error) {
	cursor := ""
	for range maxPages {
		vars := map[string]any{"account": s.account, "cursor": nil}
		if cursor != "" {
			vars["cursor"] = cursor
		}
		doc, err := s.nerdgraph(ctx, fmt.Sprintf(issuesQuery, state, window), vars, "AiIssues")
		if err != nil {
			return nil, err
		}
		page := doc.At("data", "actor", "account", "aiIssues", "issues")
		if !page.IsObject() {
			return nil, fault.New(fault.Unavailable, "New Relic: the answer has no issues; may the key read account %d?", s.account)
		}
		for _, i := range page.List("issues") {
			// The filter is asked for, and not trusted.
			if i.Text("issueId") != "" && i.Text("state") == state {
				out = append(out, s.polled(i))
			}
		}
		if cursor = page.Text("nextCursor"); cursor == "" {
			return out, nil
		}
	}
	return nil, fault.New(fault.Unavailable, "New Relic: there are more issues than %d pages hold", maxPages)
}

// polled is an issue as the webhook would have told of it, so that both are read in
// one way.
func (s source) polled(i plug.Doc) alert.Signal {
	t := map[string]any{
		"id": i.Text("issueId"), "title": i.At("title").Any(), "priority": i.Text("priority"), "state": i.Text("state"),
		"impactedEntities": i.At("entityNames").Any(), "alertConditionNames": i.At("conditionName").Any(), "sources": i.At("sources").Any(), "totalIncidents": i.Text("totalIncidents"),
	}
	if s.pages != "" {
		t["issueUrl"] = fmt.Sprintf("%s/accounts/%d/issues/%s?notifier=WEBHOOK", s.pages, s.account, i.Text("issueId"))
	}
	g := issue(plug.DocOf(t))
	g.StartedAt = time.Time{}
	if g.Action == alert.Trigger {
		g.StartedAt = i.FirstTime("activatedAt", "createdAt")
	}
	return complete(g, i)
}
