package subscription

import (
	"encoding/json"
	"time"
)

// The body of a post to an endpoint is that of Statuspage's webhooks
// (https://support.atlassian.com/statuspage/docs/enable-webhook-notifications/),
// so that what reads those reads ours.

type payload struct {
	Meta     payloadMeta      `json:"meta"`
	Page     payloadPage      `json:"page"`
	Incident *payloadIncident `json:"incident,omitempty"`
	Verify   *payloadVerify   `json:"subscription,omitempty"`
}

type payloadMeta struct {
	Unsubscribe string `json:"unsubscribe"`
	Manage      string `json:"manage"`
	GeneratedAt string `json:"generated_at"`
}

type payloadPage struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url"`
}

type payloadVerify struct {
	State      string `json:"state"`
	ConfirmURL string `json:"confirm_url,omitempty"`
	Text       string `json:"text"`
}

type payloadIncident struct {
	ID             string          `json:"id"`
	PageID         string          `json:"page_id"`
	Name           string          `json:"name"`
	Status         string          `json:"status"`
	Impact         string          `json:"impact"`
	Shortlink      *string         `json:"shortlink"`
	StartedAt      string          `json:"started_at"`
	UpdatedAt      string          `json:"updated_at"`
	ResolvedAt     *string         `json:"resolved_at"`
	ScheduledFor   *string         `json:"scheduled_for"`
	ScheduledUntil *string         `json:"scheduled_until"`
	Updates        []payloadUpdate `json:"incident_updates"`
}

type payloadUpdate struct {
	ID         string        `json:"id"`
	IncidentID string        `json:"incident_id"`
	Status     string        `json:"status"`
	Body       string        `json:"body"`
	DisplayAt  string        `json:"display_at"`
	Affected   []payloadPart `json:"affected_components"`
}

type payloadPart struct {
	Code string `json:"code"`
	Name string `json:"name"`
	Was  string `json:"old_status,omitempty"`
	Is   string `json:"new_status,omitempty"`
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func maybe(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := stamp(t)
	return &s
}

// UpdatePost is the body of a post about an update.
func UpdatePost(p Page, n *Notice, l Links) ([]byte, error) {
	i := &payloadIncident{
		ID: n.Post, PageID: p.ID, Name: n.Name, Status: string(n.Status), Impact: string(n.Impact), StartedAt: stamp(n.StartedAt), UpdatedAt: stamp(n.At),
		ResolvedAt: maybe(n.EndedAt), ScheduledFor: maybe(n.From), ScheduledUntil: maybe(n.Until),
	}
	if n.Page == "" {
		link := p.URL + "/incidents/" + n.Post
		i.Shortlink = &link
	}
	u := payloadUpdate{ID: n.ID, IncidentID: n.Post, Status: string(n.Status), Body: n.Body, DisplayAt: stamp(n.At), Affected: []payloadPart{}}
	for _, c := range n.Parts {
		u.Affected = append(u.Affected, payloadPart{c.ID, c.Name, string(c.Was), string(c.Is)})
	}
	i.Updates = []payloadUpdate{u}
	return json.Marshal(payload{Meta: meta(l, n.At), Page: payloadPage(p), Incident: i})
}

// VerifyPost asks an endpoint, or tells one that it is subscribed already: its
// owner, and nobody else, reads the address at which it is confirmed.
func VerifyPost(w Words, p Page, confirmed bool, l Links, at time.Time) ([]byte, error) {
	v := &payloadVerify{State: string(Pending), ConfirmURL: l.Confirm, Text: w.Confirm(p.Name)}
	if confirmed {
		v = &payloadVerify{State: string(Confirmed), Text: w.Already(p.Name)}
	}
	return json.Marshal(payload{Meta: meta(l, at), Page: payloadPage(p), Verify: v})
}

func meta(l Links, at time.Time) payloadMeta {
	return payloadMeta{Unsubscribe: l.End, Manage: l.Manage, GeneratedAt: stamp(at)}
}
