// Package teams carries messages as Adaptive Cards to a workflow of Microsoft
// Teams that posts what its webhook receives. It must not retry; nothing comes
// back from Teams, so a page is answered by its link.
package teams

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "teams", Title: "Microsoft Teams", Channels: []string{"teams"}, Docs: "docs/integrations/teams.md",
			Fields: []plug.Field{
				{Key: "url", Title: "Workflow URL", Secret: true, Required: true, Help: "Of the workflow \"Send webhook alerts to a channel\" (or a chat). Contacts with the address \"default\" go there; others give a URL of their own."},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	to, err := cfg.Base("url")
	if err != nil {
		return nil, err
	}
	return &teams{url: to, http: cfg.Client()}, nil
}

type teams struct {
	url  string
	http *plug.HTTP
}

var _ plug.Channel = (*teams)(nil)

// Send posts m to the workflow at m.To. Accepted (202) means that the workflow
// took it: whether its run then posted the card, nobody tells us.
func (t *teams) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	to := strings.TrimSpace(m.To)
	if to == plug.Default {
		to = t.url
	}
	if plug.WebURL(to) == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Teams: the address is neither the URL of a workflow nor \"default\"")
	}
	body, err := compose(m)
	if err != nil {
		return plug.Receipt{}, err
	}
	ans, err := t.http.PostJSON(ctx, to, m.Key, "", body, m.Secrets(secret.String(t.url), secret.String(to))...)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, err
	}
	if err := inner(ans); err != nil {
		return plug.Receipt{}, err
	}
	return plug.Receipt{Detail: ans.Brief()}, nil
}

// innerStatus is how a connector says, with status 200, that Teams behind it
// refused.
var innerStatus = regexp.MustCompile(`returned HTTP error (\d{3})`)

func inner(ans plug.Answer) error {
	got := innerStatus.FindSubmatch(ans.Body)
	if got == nil {
		return nil
	}
	kind := plug.Permanent
	if status, err := strconv.Atoi(string(got[1])); err == nil && (status == 429 || status >= 500) {
		kind = plug.Retry
	}
	return plug.Fail(kind, "send to Teams: peer answered %s", ans.Brief())
}
