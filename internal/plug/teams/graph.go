package teams

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Channels and meetings of incidents, through Microsoft Graph as an application
// (https://learn.microsoft.com/graph/api/channel-post,
// https://learn.microsoft.com/graph/api/onlinemeeting-createorget). Graph lets no
// application post in a channel, so what becomes of an incident is written into the
// channel's description.

// Limits of Graph.
const (
	maxChannel     = 50   // characters of a channel's name
	maxDescription = 1024 // of its description
	variants       = 9    // of a name that is taken
	meetingLasts   = 24 * time.Hour
)

type graph struct {
	base, team, owner string
	secrets           []secret.String
	token             *plug.Bearer
}

func (t *teams) openGraph(cfg plug.Config) error {
	base, err := cfg.Base("graph_url")
	if err != nil {
		return err
	}
	login, err := cfg.Base("login_url")
	if err != nil {
		return err
	}
	tenant, id, key := cfg.Text("tenant_id"), cfg.Text("client_id"), cfg.Secret("client_secret")
	if tenant == "" || id == "" || key == "" {
		return nil
	}
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {key.Reveal()}, "scope": {"https://graph.microsoft.com/.default"}}
	g := &graph{base: base, team: url.PathEscape(cfg.Text("team_id")), owner: cfg.Text("owner"), secrets: []secret.String{key, secret.String(url.QueryEscape(key.Reveal()))}}
	g.token = &plug.Bearer{HTTP: cfg.Client(), Ask: func() (plug.Request, error) {
		return plug.Request{URL: login + "/" + url.PathEscape(tenant) + "/oauth2/v2.0/token", Header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, Body: []byte(form.Encode()), Secrets: g.secrets}, nil
	}}
	t.graph = g
	return nil
}

// Opens is plug.Opener.
func (t *teams) Opens(part string) bool {
	switch {
	case t.graph == nil:
		return false
	case part == plug.RoomChat:
		return t.graph.team != ""
	}
	return part == plug.RoomMeeting && t.graph.owner != ""
}

type channel struct {
	ID          string    `json:"id"`
	Name        string    `json:"displayName"`
	Description string    `json:"description"`
	URL         string    `json:"webUrl"`
	Created     time.Time `json:"createdDateTime"`
}

// call makes a call and returns the code of a refusal.
func (g *graph) call(ctx context.Context, method, path string, body, out any) (code string, err error) {
	ans, err := g.token.JSON(ctx, method, g.base+path, body, out, g.secrets...)
	if err == nil || ans.Status == 0 {
		return "", err
	}
	var said struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			Inner   struct {
				Code string `json:"code"`
			} `json:"innerError"`
		} `json:"error"`
	}
	_ = json.Unmarshal(ans.Body, &said) // an answer that is no JSON has no code
	text := strings.ToLower(said.Error.Code + " " + said.Error.Inner.Code + " " + said.Error.Message)
	switch {
	case strings.Contains(text, "namealreadyexists"), strings.Contains(text, "name already exist"):
		code = "taken"
	case ans.Status == http.StatusConflict, strings.Contains(text, "already exists"), strings.Contains(text, "already a member"):
		code = "there"
	case ans.Status == http.StatusNotFound:
		code = "missing"
	case strings.Contains(text, "archived"):
		code = "archived"
	}
	return code, err
}

// OpenRoom is plug.Chat.
func (t *teams) OpenRoom(ctx context.Context, s plug.RoomSpec) (plug.Place, error) {
	g := t.graph
	base := name(s.Name, maxChannel-2)
	for n := 1; n <= variants; n++ {
		body := map[string]any{"displayName": base, "description": description(s.Key, s.Topic), "membershipType": "standard"}
		if n > 1 {
			body["displayName"] = base + "-" + strconv.Itoa(n)
		}
		if s.Private {
			if g.owner == "" {
				return plug.Place{}, plug.Fail(plug.Permanent, "a private channel needs an owner: enter one in the settings")
			}
			body["membershipType"] = "private"
			body["members"] = []any{g.member(g.owner, "owner")}
		}
		var made channel
		code, err := g.call(ctx, http.MethodPost, "/teams/"+g.team+"/channels", body, &made)
		if err == nil {
			return made.place()
		}
		if code != "taken" && code != "there" {
			return plug.Place{}, err
		}
		found, err := g.find(ctx, text(body["displayName"]))
		if err != nil {
			return plug.Place{}, err
		}
		if found.ID != "" && strings.HasPrefix(found.Description, "["+s.Key+"]") && s.MadeSince(found.Created) {
			return found.place()
		}
	}
	return plug.Place{}, plug.Fail(plug.Permanent, "make a channel: the name %s is taken, and so are %d like it", base, variants-1)
}

func text(v any) string { s, _ := v.(string); return s }

// name is one that Teams takes: letters, digits and hyphens.
func name(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return '-'
	}, strings.ToLower(s))
	return strings.Trim(s[:min(len(s), limit)], "-")
}

func description(key, topic string) string {
	return plug.Line("["+key+"] "+topic, maxDescription)
}

func (c channel) place() (plug.Place, error) {
	if c.ID == "" {
		return plug.Place{}, plug.Fail(plug.Unknown, "make a channel: the answer names none")
	}
	return plug.Place{Ref: c.ID, Name: c.Name, URL: c.URL, Note: "Updates stand in its description and on the incident's page: Teams lets no application post there"}, nil
}

func (g *graph) find(ctx context.Context, name string) (channel, error) {
	var list struct {
		Value []channel `json:"value"`
	}
	filter := url.Values{"$filter": {"displayName eq '" + strings.ReplaceAll(name, "'", "''") + "'"}}
	if _, err := g.call(ctx, http.MethodGet, "/teams/"+g.team+"/channels?"+filter.Encode(), nil, &list); err != nil {
		return channel{}, err
	}
	for _, c := range list.Value {
		if c.Name == name {
			return c, nil
		}
	}
	return channel{}, nil
}

func (g *graph) member(user string, roles ...string) map[string]any {
	if roles == nil {
		roles = []string{}
	}
	return map[string]any{
		"@odata.type": "#microsoft.graph.aadUserConversationMember", "roles": roles,
		"user@odata.bind": "https://graph.microsoft.com/v1.0/users('" + strings.ReplaceAll(user, "'", "''") + "')",
	}
}

func (g *graph) at(ref string) string { return "/teams/" + g.team + "/channels/" + url.PathEscape(ref) }

// Invite is plug.Chat: into the private channel, or into the team whose channel
// everybody of it is in.
func (t *teams) Invite(ctx context.Context, ref string, who []plug.Guest) (unknown []string, err error) {
	g := t.graph
	var kind struct {
		Type string `json:"membershipType"`
	}
	if _, err := g.call(ctx, http.MethodGet, g.at(ref)+"?$select=membershipType", nil, &kind); err != nil {
		return nil, err
	}
	to := "/teams/" + g.team + "/members"
	if kind.Type == "private" {
		to = g.at(ref) + "/members"
	}
	for _, w := range who {
		if w.Email == "" {
			unknown = append(unknown, w.ID)
			continue
		}
		code, err := g.call(ctx, http.MethodPost, to, g.member(w.Email), nil)
		switch {
		case err == nil, code == "there":
		case code == "missing" || plug.FailureOf(err).Kind == plug.Permanent && !plug.FailureOf(err).Ours:
			unknown = append(unknown, w.ID)
		default:
			return nil, err
		}
	}
	return unknown, nil
}

// SetTopic is plug.Chat: Pin writes all there is room for.
func (t *teams) SetTopic(context.Context, string, string) error { return nil }

// Pin is plug.Chat: the summary is the channel's description.
func (t *teams) Pin(ctx context.Context, ref, _ string, s plug.Summary) (string, error) {
	lines := strings.Split(s.Text, "\n")
	for _, l := range s.Links {
		lines = append(lines, l.Label+": "+l.URL)
	}
	_, err := t.graph.call(ctx, http.MethodPatch, t.graph.at(ref), map[string]string{"description": description(s.Incident, s.Head+" | "+strings.Join(lines, " | "))}, nil)
	if err != nil {
		return "", err
	}
	return "description", nil
}

// Say is plug.Chat; Silent says that it is not to be asked.
func (t *teams) Say(context.Context, string, string, string) error {
	return plug.Fail(plug.Permanent, "Teams lets no application post in a channel")
}

// Silent is plug.Silent.
func (t *teams) Silent() bool { return true }

// Archive is plug.Chat.
func (t *teams) Archive(ctx context.Context, ref, wish string) error {
	g := t.graph
	if wish != "" {
		code, err := g.call(ctx, http.MethodPatch, g.at(ref), map[string]string{"displayName": name(wish, maxChannel), "description": ""}, nil)
		if err != nil && code == "" {
			return err
		}
	}
	code, err := g.call(ctx, http.MethodPost, g.at(ref)+"/archive", map[string]any{}, nil)
	if code == "missing" || code == "there" || code == "archived" {
		return nil
	}
	return err
}

// OpenMeeting is plug.Meeting. A meeting is made once for each external id, however
// often it is asked for.
func (t *teams) OpenMeeting(ctx context.Context, s plug.RoomSpec) (plug.Place, error) {
	g := t.graph
	var m struct {
		ID    string `json:"id"`
		URL   string `json:"joinWebUrl"`
		Audio struct {
			Toll string `json:"tollNumber"`
			ID   string `json:"conferenceId"`
		} `json:"audioConferencing"`
	}
	users := "/users/" + url.PathEscape(g.owner) + "/onlineMeetings"
	_, err := g.call(ctx, http.MethodPost, users+"/createOrGet", map[string]any{
		"externalId": "allclear-" + s.Key + "-" + strconv.FormatInt(s.Begun.Unix(), 36), "subject": s.Title,
		"startDateTime": s.Begun.UTC().Format(time.RFC3339), "endDateTime": s.Begun.Add(meetingLasts).UTC().Format(time.RFC3339),
	}, &m)
	if err != nil {
		return plug.Place{}, err
	}
	if m.ID == "" || plug.WebURL(m.URL) == "" {
		return plug.Place{}, plug.Fail(plug.Unknown, "make a meeting: the answer has no link to join")
	}
	p := plug.Place{Ref: m.ID, URL: m.URL}
	if m.Audio.Toll != "" {
		p.DialIn, p.PIN = []string{plug.Line(m.Audio.Toll, plug.MaxWord)}, plug.Line(m.Audio.ID, plug.MaxWord)+"#"
	}
	// Whoever presents may share a screen.
	if _, err := g.call(ctx, http.MethodPatch, users+"/"+url.PathEscape(m.ID), map[string]any{"allowedPresenters": "everyone"}, nil); err != nil {
		p.Note = "Who may share a screen there is as the organisation has it"
	}
	return p, nil
}

// CloseMeeting is plug.Meeting.
func (t *teams) CloseMeeting(ctx context.Context, ref string) error {
	code, err := t.graph.call(ctx, http.MethodDelete, "/users/"+url.PathEscape(t.graph.owner)+"/onlineMeetings/"+url.PathEscape(ref), nil, nil)
	if code == "missing" {
		return nil
	}
	return err
}
