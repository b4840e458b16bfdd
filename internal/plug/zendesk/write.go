package zendesk

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// marker is the name under which an update carries the key of its message; audits
// show it again as custom metadata.
const marker = "allclear"

type update struct {
	Ticket struct {
		Priority string            `json:"priority,omitempty"`
		Status   string            `json:"status,omitempty"`
		Comment  *comment          `json:"comment,omitempty"`
		Metadata map[string]string `json:"metadata,omitempty"`
	} `json:"ticket"`
}

type comment struct {
	Body   string `json:"body"`
	Public bool   `json:"public"`
}

// Send implements plug.Channel: it brings a ticket to a state and comments on it.
// Tags go first, because adding them twice changes nothing; the comment goes
// last, and is looked for before it is made again.
func (z *Zendesk) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	switch {
	case m.Kind != plug.Ticket:
		return plug.Receipt{}, plug.Fail(plug.Permanent, "Zendesk carries updates of tickets, this is a %s", m.Kind)
	case z.base == "":
		return plug.Receipt{}, plug.Fail(plug.Permanent, "Zendesk has no address, mail address and API token to write with")
	case m.Ticket.ID == "" || strings.Trim(m.Ticket.ID, "0123456789") != "":
		return plug.Receipt{}, plug.Fail(plug.Permanent, "the ticket has no number")
	}
	path := "/api/v2/tickets/" + url.PathEscape(m.Ticket.ID)
	if len(m.Ticket.Tags) > 0 {
		a, err := z.call(ctx, m, http.MethodPut, path+"/tags.json", map[string][]string{"tags": m.Ticket.Tags})
		if err != nil {
			return plug.Receipt{}, err
		}
		if err := a.Failure(); err != nil && a.Status != http.StatusNotFound { // the update below says whether the ticket is there
			return plug.Receipt{}, sharpen(a, err)
		}
	}
	var u update
	u.Ticket.Priority = m.Ticket.Priority
	if m.Ticket.Comment != "" {
		made := false
		if m.Again {
			var err error
			if made, err = z.commented(ctx, m, path); err != nil {
				return plug.Receipt{}, err
			}
		}
		if !made {
			u.Ticket.Comment = &comment{Body: m.Ticket.Comment, Public: m.Ticket.Public}
			u.Ticket.Metadata, u.Ticket.Status = map[string]string{marker: m.Key}, m.Ticket.Status
		}
	}
	if u.Ticket.Priority == "" && u.Ticket.Comment == nil {
		return plug.Receipt{ProviderRef: m.Ticket.ID, Detail: "it has what was to be written"}, nil
	}
	a, err := z.call(ctx, m, http.MethodPut, path+".json", u)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := a.Failure(); err != nil {
		return plug.Receipt{}, sharpen(a, err)
	}
	return plug.Receipt{ProviderRef: m.Ticket.ID, Detail: plug.Line(http.StatusText(a.Status), plug.MaxEcho)}, nil
}

// sharpen says what to do where the account refuses us.
func sharpen(a plug.Answer, err error) error {
	f := plug.FailureOf(err)
	switch a.Status {
	case http.StatusUnauthorized, http.StatusForbidden:
		f.Err = plug.Fail(f.Kind, "Zendesk refuses the mail address or API token (check ALLCLEAR_ZENDESK_EMAIL and ALLCLEAR_ZENDESK_API_TOKEN): %w", f.Err).Err
	case http.StatusConflict: // somebody saved the ticket at the same moment
		f.Kind, f.Ours = plug.Retry, false
	}
	return f
}

// commented looks for an update with the key of the message among the newest of the ticket.
func (z *Zendesk) commented(ctx context.Context, m plug.Message, path string) (bool, error) {
	a, err := z.call(ctx, m, http.MethodGet, path+"/audits.json?sort_order=desc&per_page=100", nil)
	if err != nil {
		return false, err
	}
	if err := a.Failure(); err != nil {
		return false, sharpen(a, err)
	}
	var got struct {
		Audits []struct {
			Metadata struct {
				Custom map[string]any `json:"custom"`
			} `json:"metadata"`
		} `json:"audits"`
	}
	if json.Unmarshal(a.Body, &got) != nil {
		// Cut at our limit or of another form: the key is as good as its text.
		quoted, err := json.Marshal(m.Key)
		return strings.Contains(string(a.Body), string(quoted)), err
	}
	for _, d := range got.Audits {
		if d.Metadata.Custom[marker] == m.Key {
			return true, nil
		}
	}
	return false, nil
}

func (z *Zendesk) call(ctx context.Context, m plug.Message, method, path string, doc any) (plug.Answer, error) {
	basic := secret.String(base64.StdEncoding.EncodeToString([]byte(z.email + "/token:" + z.token.Reveal())))
	r := plug.Request{
		Method: method, URL: z.base + path, Secrets: []secret.String{z.token, basic, secret.String(m.AckURL)},
		Header: http.Header{"Authorization": {"Basic " + basic.Reveal()}, "Accept": {"application/json"}},
	}
	if doc != nil {
		body, err := json.Marshal(doc)
		if err != nil {
			return plug.Answer{}, plug.Fail(plug.Permanent, "write the update: %w", err)
		}
		r.Body = body
		r.Header.Set("Content-Type", "application/json")
	}
	return z.http.Do(ctx, r)
}
