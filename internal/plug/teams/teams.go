// Package teams carries messages as Adaptive Cards to a workflow of Microsoft
// Teams that posts what its webhook receives, and opens channels and meetings of
// incidents through Microsoft Graph. It must not retry; nothing comes back from
// Teams, so a page is answered by its link.
package teams

import (
	"context"
	"fmt"
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
			Name: "teams", Title: "Microsoft Teams", Channels: []string{"teams"}, Rooms: []string{plug.RoomChat, plug.RoomMeeting}, Docs: "docs/integrations/teams.md",
			Fields: []plug.Field{
				{Key: "url", Title: "Workflow URL", Secret: true, Help: "Of the workflow \"Send webhook alerts to a channel\" (or a chat). Contacts with the address \"default\" go there; others give a URL of their own."},
				{Key: "workflows", Title: "Workflows of customers", Secret: true, Help: "A workflow for each customer who reads in Teams, such as: acme=https://..., one for each line. What stands before the = is the name that the customer's entry has; nobody sees the URL."},
				{Key: "tenant_id", Title: "Tenant", Help: "For channels and meetings of incidents: the directory (tenant) id of the app registration."},
				{Key: "client_id", Title: "Application", Help: "Its application (client) id."},
				{Key: "client_secret", Title: "Client secret", Secret: true},
				{Key: "team_id", Title: "Team", Help: "Id of the team whose channels those of incidents are; empty: none are made."},
				{Key: "owner", Title: "Owner", Help: "User principal name of who owns private channels and hosts meetings; empty: no meetings."},
				{Key: "login_url", Title: "Sign-in URL", Default: "https://login.microsoftonline.com"},
				{Key: "graph_url", Title: "Graph URL", Default: "https://graph.microsoft.com/v1.0"},
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
	t := &teams{url: to, http: cfg.Client()}
	if t.workflows, err = readWorkflows(cfg.Text("workflows")); err != nil {
		return nil, err
	}
	return t, t.openGraph(cfg)
}

// readWorkflows reads "acme=https://..." for each customer; a URL has no space in it. What
// is wrong is named by its place, because the rest is secret.
func readWorkflows(text string) (map[string]secret.String, error) {
	out := map[string]secret.String{}
	for n, entry := range strings.Fields(text) {
		name, to, _ := strings.Cut(entry, "=")
		to = strings.TrimRight(to, ",;")
		if _, twice := out[name]; twice || !workflowName.MatchString(name) || name == plug.Default || plug.WebURL(to) == "" {
			return nil, fmt.Errorf("workflows: entry %d is not NAME=URL with a name in lower case, or has a name twice", n+1)
		}
		out[name] = secret.String(to)
	}
	return out, nil
}

// workflowName is a name that an entry of the catalogue can have, never part of a URL.
var workflowName = regexp.MustCompile(`^[a-z0-9._-]{1,64}$`)

type teams struct {
	url       string
	workflows map[string]secret.String // of customers, by name
	http      *plug.HTTP
	graph     *graph // nil: no app is set up
}

var (
	_ plug.Channel = (*teams)(nil)
	_ plug.Opener  = (*teams)(nil)
	_ plug.Chat    = (*teams)(nil)
	_ plug.Silent  = (*teams)(nil)
	_ plug.Meeting = (*teams)(nil)
)

// Send posts m to the workflow at m.To, which is a URL, the name of one, or "default". Accepted (202) means that the workflow
// took it: whether its run then posted the card, nobody tells us.
func (t *teams) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	to := strings.TrimSpace(m.To)
	if to == plug.Default {
		to = t.url
	} else if known, ok := t.workflows[to]; ok {
		to = known.Reveal()
	}
	if plug.WebURL(to) == "" {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "send to Teams: the address is neither the URL of a workflow, nor \"default\", nor the name of one in the settings (workflows)")
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
