package pagerduty

import (
	"context"
	"strings"

	"allclear/internal/plug"
)

// pages is what follows the prefix in the deduplication key of a page.
const pages = "page/"

// page triggers an incident for one page, on the service that the contact's
// address stands for, and resolves it when the page is over. The key is the same
// for both and on every resend, and names the page when somebody acknowledges
// there.
func (p *PagerDuty) page(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	key, ok := p.pagers[m.To]
	if !ok {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "no PagerDuty integration key stands for the contact %s", plug.Line(m.To, plug.MaxWord))
	}
	e := event{RoutingKey: key.Reveal(), Action: "resolve", DedupKey: p.prefix + pages + pageName(m)}
	if m.Kind == plug.Page {
		e.Action, e.Client = "trigger", "Allclear"
		e.Payload = &payload{
			Summary: plug.Line(m.Subject, maxSummary), Source: "Allclear", Severity: "critical", // with another it might wait for the morning
			Details: map[string]string{"text": m.Text},
		}
	}
	return p.post(ctx, e, p.secrets(m))
}

// pageName is the page's token, which an acknowledgement brings back; a test page
// has none and is answered by nobody.
func pageName(m plug.Message) string {
	if m.Token != "" {
		return m.Token
	}
	return m.Key
}

// paged is the token of the page that the incident was triggered for.
func (p *PagerDuty) paged(i *incident) (token string, ok bool) {
	return strings.CutPrefix(i.key, p.prefix+pages)
}

// answer is what a webhook says of a page. Only an acknowledgement answers: who
// resolves or hands on the incident there has not said that they have it.
func (w *webhook) answer(token, by string) []plug.PageAnswer {
	if w.kind != "incident.acknowledged" {
		return nil
	}
	return []plug.PageAnswer{{Channel: Name, From: by, By: by, Token: token, Choice: plug.Acknowledge}}
}
