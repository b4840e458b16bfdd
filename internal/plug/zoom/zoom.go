// Package zoom opens the video rooms of incidents as Zoom meetings whose link stays,
// through the Meeting API with a Server-to-Server OAuth app, and hears who enters and
// leaves them (https://developers.zoom.us/docs/api/meetings/,
// https://developers.zoom.us/docs/api/webhooks/). It must not retry, record anything,
// or believe a call that Zoom did not sign.
package zoom

import (
	"context"
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "zoom", Title: "Zoom", Rooms: []string{plug.RoomMeeting}, Source: "zoom", Docs: "docs/integrations/zoom.md",
			Fields: []plug.Field{
				{Key: "account_id", Title: "Account ID", Help: "Of the Server-to-Server OAuth app."},
				{Key: "client_id", Title: "Client ID"},
				{Key: "client_secret", Title: "Client secret", Secret: true},
				{Key: "user", Title: "Host", Default: "me", Help: "Mail address of the user whose meetings they are; me is the owner of the app."},
				{Key: "secret_token", Title: "Secret token", Secret: true, Help: "Of the app's event subscription. Without it nothing Zoom sends is believed."},
				{Key: "sharing", Title: "Screens of everybody", Default: "yes", Help: "yes: the host's setting is changed so that everybody may share a screen, where it is not so."},
				{Key: "oauth_url", Title: "Sign-in URL", Default: "https://zoom.us"},
				{Key: "base_url", Title: "API URL", Default: "https://api.zoom.us/v2"},
			},
		},
		Open: open,
	}
}

type zoom struct {
	base, user string
	set        bool
	sharing    bool
	signing    secret.String
	secrets    []secret.String
	token      *plug.Bearer
}

var (
	_ plug.Opener   = (*zoom)(nil)
	_ plug.Meeting  = (*zoom)(nil)
	_ plug.Callback = (*zoom)(nil)
)

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	auth, err := cfg.Base("oauth_url")
	if err != nil {
		return nil, err
	}
	id, key := cfg.Text("client_id"), cfg.Secret("client_secret")
	basic := secret.String(base64.StdEncoding.EncodeToString([]byte(id + ":" + key.Reveal())))
	z := &zoom{
		base: base, user: url.PathEscape(cfg.Text("user")), signing: cfg.Secret("secret_token"), sharing: !strings.EqualFold(cfg.Text("sharing"), "no"),
		set: id != "" && key != "" && cfg.Text("account_id") != "", secrets: []secret.String{key, basic, cfg.Secret("secret_token")},
	}
	to := auth + "/oauth/token?" + url.Values{"grant_type": {"account_credentials"}, "account_id": {cfg.Text("account_id")}}.Encode()
	z.token = &plug.Bearer{HTTP: cfg.Client(), Ask: func() (plug.Request, error) {
		return plug.Request{URL: to, Header: http.Header{"Authorization": {"Basic " + basic.Reveal()}, "Content-Type": {"application/x-www-form-urlencoded"}}, Secrets: z.secrets}, nil
	}}
	return z, nil
}

// Opens is plug.Opener.
func (z *zoom) Opens(part string) bool { return part == plug.RoomMeeting && z.set }

// recurring is a meeting without a time of its own: its link holds for as long as it
// stands.
const recurring = 3

type meeting struct {
	ID       int64  `json:"id"`
	Topic    string `json:"topic"`
	Agenda   string `json:"agenda"`
	Type     int    `json:"type"`
	JoinURL  string `json:"join_url"`
	Created  string `json:"created_at"`
	Password string `json:"pstn_password"`
	Settings struct {
		Numbers []struct {
			Number string `json:"number"`
			Type   string `json:"type"`
		} `json:"global_dial_in_numbers"`
	} `json:"settings"`
}

const (
	maxTopic  = 200
	maxAgenda = 2000
	listPage  = 300
	maxDialIn = 2
)

// OpenMeeting is plug.Meeting. Zoom knows no idempotency: after an attempt of which
// nobody knows, the host's meetings are looked through for it.
func (z *zoom) OpenMeeting(ctx context.Context, s plug.RoomSpec) (plug.Place, error) {
	mark := "[" + s.Key + "]"
	if s.Again {
		found, err := z.find(ctx, mark, s)
		if err != nil || found.Ref != "" {
			return found, err
		}
	}
	var m meeting
	_, err := z.token.JSON(ctx, http.MethodPost, z.base+"/users/"+z.user+"/meetings", map[string]any{
		"topic": plug.Line(s.Title, maxTopic), "type": recurring, "agenda": plug.Line("War room "+mark+" "+s.Topic, maxAgenda),
		"settings": map[string]any{
			"join_before_host": true, "jbh_time": 0, "waiting_room": false, "host_video": false, "participant_video": false, "mute_upon_entry": true,
			"audio": "both", "auto_recording": "none", "approval_type": 2, "use_pmi": false,
		},
	}, &m, z.secrets...)
	if err != nil {
		return plug.Place{}, err
	}
	return z.place(ctx, m)
}

func (z *zoom) find(ctx context.Context, mark string, s plug.RoomSpec) (plug.Place, error) {
	var list struct {
		Meetings []meeting `json:"meetings"`
	}
	if _, err := z.token.JSON(ctx, http.MethodGet, z.base+"/users/"+z.user+"/meetings?type=scheduled&page_size="+strconv.Itoa(listPage), nil, &list, z.secrets...); err != nil {
		return plug.Place{}, err
	}
	for _, m := range list.Meetings {
		made, err := time.Parse(time.RFC3339, m.Created)
		if m.Type != recurring || !strings.Contains(m.Agenda, mark) || err != nil || !s.MadeSince(made) {
			continue
		}
		var whole meeting // a list has no numbers to dial
		if _, err := z.token.JSON(ctx, http.MethodGet, z.base+"/meetings/"+strconv.FormatInt(m.ID, 10), nil, &whole, z.secrets...); err != nil {
			return plug.Place{}, err
		}
		return z.place(ctx, whole)
	}
	return plug.Place{}, nil
}

func (z *zoom) place(ctx context.Context, m meeting) (plug.Place, error) {
	if m.ID == 0 || plug.WebURL(m.JoinURL) == "" {
		return plug.Place{}, plug.Fail(plug.Unknown, "create a meeting: the answer has no link to join")
	}
	id := strconv.FormatInt(m.ID, 10)
	p := plug.Place{Ref: id, Name: "meeting " + id, URL: m.JoinURL}
	for _, n := range m.Settings.Numbers {
		if len(p.DialIn) < maxDialIn && n.Number != "" {
			p.DialIn = append(p.DialIn, plug.Line(n.Number, plug.MaxWord))
		}
	}
	if len(p.DialIn) > 0 {
		if p.PIN = id + "#"; m.Password != "" {
			p.PIN += ", then " + plug.Line(m.Password, plug.MaxWord) + "#"
		}
	}
	p.Note = z.share(ctx)
	return p, nil
}

// share sees that everybody may share a screen, which Zoom keeps as a setting of the
// host (WAR-VIRT-SHARE). What comes of it is said and keeps nobody out.
func (z *zoom) share(ctx context.Context) string {
	const closed = "Only the host may share a screen there: let all participants share in the host's settings"
	var now struct {
		In struct {
			Sharing *bool  `json:"screen_sharing"`
			Who     string `json:"who_can_share_screen"`
		} `json:"in_meeting"`
	}
	to := z.base + "/users/" + z.user + "/settings"
	if _, err := z.token.JSON(ctx, http.MethodGet, to, nil, &now, z.secrets...); err != nil {
		return "Whether everybody may share a screen there is not known"
	}
	if now.In.Who == "all" && (now.In.Sharing == nil || *now.In.Sharing) {
		return ""
	}
	if !z.sharing {
		return closed
	}
	_, err := z.token.JSON(ctx, http.MethodPatch, to, map[string]any{"in_meeting": map[string]any{"screen_sharing": true, "who_can_share_screen": "all"}}, nil, z.secrets...)
	if err != nil {
		return closed
	}
	return ""
}

// CloseMeeting is plug.Meeting: it ends what goes on and takes the link back.
func (z *zoom) CloseMeeting(ctx context.Context, ref string) error {
	to := z.base + "/meetings/" + url.PathEscape(ref)
	// One that nobody is in cannot be ended, which is no failure.
	if ans, err := z.token.JSON(ctx, http.MethodPut, to+"/status", map[string]string{"action": "end"}, nil, z.secrets...); err != nil && ans.Status/100 != 4 {
		return err
	}
	ans, err := z.token.JSON(ctx, http.MethodDelete, to, nil, nil, z.secrets...)
	if ans.Status == http.StatusNotFound {
		return nil
	}
	return err
}
