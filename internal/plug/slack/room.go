package slack

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

// Limits of the Web API for channels.
const (
	maxName   = 80  // of a channel: lower case letters, digits, hyphens and underscores
	maxTopic  = 250 // characters
	maxInvite = 100 // users of one call; the API takes 1,000
	listPage  = 200
	listPages = 25 // so many channels are looked through for one of ours
	variants  = 9  // of a name that is taken
)

// Opens is plug.Opener.
func (s *slack) Opens(part string) bool {
	return part == plug.RoomChat && s.rooms && s.token != ""
}

// secrets are what no error may show.
func (s *slack) secrets() []secret.String { return []secret.String{s.token, s.signing} }

// call makes a call of the Web API and reads its answer into out, which may be nil. An
// answer that says no is a refusal; its code is returned too.
func (s *slack) call(ctx context.Context, method string, args map[string]any, out any) (code string, err error) {
	ans, err := s.http.PostJSON(ctx, s.base+"/"+method, "", "Bearer "+s.token.Reveal(), args, s.token, s.signing)
	return s.read(method, ans, err, out)
}

// get is call for methods that read, which take no JSON.
func (s *slack) get(ctx context.Context, method string, args url.Values, out any) (code string, err error) {
	ans, err := s.http.Do(ctx, plug.Request{
		Method: http.MethodGet, URL: s.base + "/" + method + "?" + args.Encode(), Still: true,
		Header: http.Header{"Authorization": {"Bearer " + s.token.Reveal()}, "Accept": {"application/json"}}, Secrets: s.secrets(),
	})
	return s.read(method, ans, err, out)
}

func (s *slack) read(method string, ans plug.Answer, err error, out any) (string, error) {
	if err != nil {
		return "", err
	}
	if err := ans.Failure(); err != nil {
		return "", err
	}
	var said struct {
		OK    *bool  `json:"ok"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(ans.Body, &said); err != nil || said.OK == nil {
		return "", plug.Fail(plug.Unknown, "%s: the answer is not Slack's: %s", method, ans.Brief())
	}
	if !*said.OK {
		code := plug.Clean(said.Error, s.secrets()...)
		return code, refused(method, code)
	}
	if out == nil {
		return "", nil
	}
	if err := json.Unmarshal(ans.Body, out); err != nil {
		return "", plug.Fail(plug.Unknown, "%s: the answer cannot be read", method)
	}
	return "", nil
}

type conversation struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Creator  string `json:"creator"`
	Created  int64  `json:"created"`
	Archived bool   `json:"is_archived"`
	Topic    struct {
		Value string `json:"value"`
	} `json:"topic"`
	Purpose struct {
		Value string `json:"value"`
	} `json:"purpose"`
}

// OpenRoom makes the channel. Where its name is taken by what an earlier attempt of
// ours made, that is it; where something else has it, the name gets a number.
func (s *slack) OpenRoom(ctx context.Context, spec plug.RoomSpec) (plug.Place, error) {
	base := fit(spec.Name, maxName-2)
	for n := 1; n <= variants; n++ {
		name := base
		if n > 1 {
			name += "-" + strconv.Itoa(n)
		}
		var made struct {
			Channel conversation `json:"channel"`
		}
		code, err := s.call(ctx, "conversations.create", map[string]any{"name": name, "is_private": spec.Private}, &made)
		switch {
		case err == nil:
			return s.place(ctx, made.Channel)
		case code != "name_taken":
			return plug.Place{}, err
		}
		found, err := s.find(ctx, name, spec.Private)
		if err != nil {
			return plug.Place{}, err
		}
		if found == nil {
			continue // somebody else's, which we may not even see
		}
		ours, err := s.ours(ctx, found, spec)
		if err != nil {
			return plug.Place{}, err
		}
		if ours {
			return s.place(ctx, *found)
		}
	}
	return plug.Place{}, plug.Fail(plug.Permanent, "conversations.create: the name %s is taken, and so are %d like it", base, variants-1)
}

// fit makes a name one that Slack takes.
func fit(name string, limit int) string {
	name = strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, name)
	return strings.TrimRight(name[:min(len(name), limit)], "-")
}

// find looks for a channel by its name; nil when none that we can see has it.
func (s *slack) find(ctx context.Context, name string, private bool) (*conversation, error) {
	kind := "public_channel"
	if private {
		kind = "private_channel"
	}
	cursor := ""
	for range listPages {
		args := url.Values{"types": {kind}, "limit": {strconv.Itoa(listPage)}}
		if cursor != "" {
			args.Set("cursor", cursor)
		}
		var page struct {
			Channels []conversation `json:"channels"`
			Meta     struct {
				Next string `json:"next_cursor"`
			} `json:"response_metadata"`
		}
		if _, err := s.get(ctx, "conversations.list", args, &page); err != nil {
			return nil, err
		}
		for i := range page.Channels {
			if page.Channels[i].Name == name {
				return &page.Channels[i], nil
			}
		}
		if cursor = page.Meta.Next; cursor == "" {
			break
		}
	}
	return nil, nil
}

// ours reports whether a channel is what an earlier attempt made for the same
// incident: our bot made it since then, and it says nothing else.
func (s *slack) ours(ctx context.Context, c *conversation, spec plug.RoomSpec) (bool, error) {
	me, err := s.self(ctx)
	if err != nil {
		return false, err
	}
	fresh := spec.MadeSince(time.Unix(c.Created, 0))
	about := c.Topic.Value == "" || strings.HasPrefix(c.Topic.Value, spec.Key)
	return c.Creator == me && me != "" && !c.Archived && fresh && about, nil
}

// self is the user that our bot is.
func (s *slack) self(ctx context.Context) (string, error) {
	s.mu.Lock()
	me := s.me
	s.mu.Unlock()
	if me != "" {
		return me, nil
	}
	var who struct {
		User string `json:"user_id"`
		Team string `json:"team_id"`
	}
	if _, err := s.call(ctx, "auth.test", map[string]any{}, &who); err != nil {
		return "", err
	}
	s.mu.Lock()
	s.me, s.team = who.User, who.Team
	s.mu.Unlock()
	return who.User, nil
}

// place is a channel with an address that people can follow; any workspace's app
// opens it.
func (s *slack) place(_ context.Context, c conversation) (plug.Place, error) {
	if c.ID == "" {
		return plug.Place{}, plug.Fail(plug.Unknown, "conversations.create: the answer names no channel")
	}
	return plug.Place{Ref: c.ID, Name: "#" + c.Name, URL: "https://slack.com/app_redirect?channel=" + url.QueryEscape(c.ID)}, nil
}

// Invite is plug.Chat. People are found by their Slack user, else by mail address.
func (s *slack) Invite(ctx context.Context, ref string, who []plug.Guest) (unknown []string, err error) {
	var ids []string
	for _, g := range who {
		id, err := s.user(ctx, g)
		if err != nil {
			return nil, err
		}
		if id == "" {
			unknown = append(unknown, g.ID)
			continue
		}
		ids = append(ids, id)
	}
	for len(ids) > 0 {
		n := min(len(ids), maxInvite)
		if err := s.invite(ctx, ref, ids[:n]); err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return unknown, nil
}

// invite lets some in at once; where one of them spoils it for the others, each by
// itself.
func (s *slack) invite(ctx context.Context, ref string, ids []string) error {
	code, err := s.call(ctx, "conversations.invite", map[string]any{"channel": ref, "users": strings.Join(ids, ",")}, nil)
	switch code {
	case "already_in_channel", "cant_invite_self":
		if len(ids) == 1 {
			return nil
		}
	case "cant_invite", "user_not_found", "user_is_restricted", "user_is_ultra_restricted", "ura_max_channels", "no_user":
		if len(ids) == 1 {
			return nil // this one cannot come in, whatever we do
		}
	default:
		return err
	}
	for _, id := range ids {
		if err := s.invite(ctx, ref, []string{id}); err != nil {
			return err
		}
	}
	return nil
}

// user is a person's Slack user; empty when Slack knows none.
func (s *slack) user(ctx context.Context, g plug.Guest) (string, error) {
	if isUser(g.Handle) {
		return g.Handle, nil
	}
	if g.Email == "" {
		return "", nil
	}
	var out struct {
		User struct {
			ID string `json:"id"`
		} `json:"user"`
	}
	code, err := s.get(ctx, "users.lookupByEmail", url.Values{"email": {g.Email}}, &out)
	if code == "users_not_found" {
		return "", nil
	}
	return out.User.ID, err
}

// isUser tells an id such as U024BE7LH from a channel's.
func isUser(s string) bool {
	return len(s) > 1 && (s[0] == 'U' || s[0] == 'W') && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}

// SetTopic is plug.Chat.
func (s *slack) SetTopic(ctx context.Context, ref, topic string) error {
	_, err := s.call(ctx, "conversations.setTopic", map[string]any{"channel": ref, "topic": escape.Replace(plug.Line(topic, maxTopic))}, nil)
	return err
}

// Pin is plug.Chat. What was pinned is changed in place; the ref is the message's
// time, which is its id.
func (s *slack) Pin(ctx context.Context, ref, pinned string, sum plug.Summary) (string, error) {
	args := s.pinnedPost(ref, sum)
	if pinned != "" {
		args["ts"] = pinned
		code, err := s.call(ctx, "chat.update", args, nil)
		if code != "message_not_found" && code != "edit_window_closed" && code != "cant_update_message" {
			if err != nil {
				return "", err
			}
			return pinned, s.stick(ctx, ref, pinned)
		}
		delete(args, "ts") // somebody removed it: a new one
	}
	var out struct {
		TS string `json:"ts"`
	}
	if _, err := s.call(ctx, "chat.postMessage", args, &out); err != nil {
		return "", err
	}
	return out.TS, s.stick(ctx, ref, out.TS)
}

func (s *slack) stick(ctx context.Context, ref, ts string) error {
	code, err := s.call(ctx, "pins.add", map[string]any{"channel": ref, "timestamp": ts}, nil)
	if code == "already_pinned" {
		return nil
	}
	return err
}

// Say is plug.Chat. The key goes along as metadata.
func (s *slack) Say(ctx context.Context, ref, key, text string) error {
	p := s.compose(plug.Message{Kind: plug.Post, To: ref, Key: key, Text: text})
	ans, err := s.http.PostJSON(ctx, s.base+"/chat.postMessage", key, "Bearer "+s.token.Reveal(), p, s.secrets()...)
	_, err = s.read("chat.postMessage", ans, err, nil)
	return err
}

// rename gives a channel a name, or one like it where that is taken.
func (s *slack) rename(ctx context.Context, ref, name string) (code string, err error) {
	for n := 1; n <= variants; n++ {
		like := name
		if n > 1 {
			like += "-" + strconv.Itoa(n)
		}
		code, err = s.call(ctx, "conversations.rename", map[string]any{"channel": ref, "name": like}, nil)
		if code != "name_taken" {
			break
		}
	}
	return code, err
}

// Archive is plug.Chat. A channel whose name or topic could not be taken away is
// archived all the same; that it still tells something is a failure.
func (s *slack) Archive(ctx context.Context, ref, name string) error {
	var shown error
	if name != "" {
		// First what tells something: a name and a topic stay in sight.
		code, err := s.rename(ctx, ref, fit(name, maxName-2))
		if err != nil && code == "" {
			return err
		}
		if code != "is_archived" && code != "channel_not_found" {
			shown = err
		}
		code, err = s.call(ctx, "conversations.setTopic", map[string]any{"channel": ref, "topic": ""}, nil)
		switch {
		case err != nil && code == "":
			return err
		case shown == nil && code != "is_archived" && code != "channel_not_found":
			shown = err
		}
	}
	code, err := s.call(ctx, "conversations.archive", map[string]any{"channel": ref}, nil)
	if err == nil || code == "already_archived" || code == "is_archived" || code == "channel_not_found" {
		return shown
	}
	return err
}

// Profile is plug.Reader. A bot, somebody who has left and a guest from another
// workspace are nobody: what they say of themselves proves nothing here.
func (s *slack) Profile(ctx context.Context, user string) (plug.Guest, error) {
	if !isUser(user) {
		return plug.Guest{}, plug.Fail(plug.Permanent, "users.info: no user")
	}
	var out struct {
		User struct {
			Name     string `json:"name"`
			Team     string `json:"team_id"`
			Deleted  bool   `json:"deleted"`
			Bot      bool   `json:"is_bot"`
			Stranger bool   `json:"is_stranger"`
			Profile  struct {
				Real    string `json:"real_name"`
				Display string `json:"display_name"`
				Email   string `json:"email"`
			} `json:"profile"`
		} `json:"user"`
	}
	if _, err := s.get(ctx, "users.info", url.Values{"user": {user}}, &out); err != nil {
		return plug.Guest{}, err
	}
	u := &out.User
	foreign := false
	if u.Team != "" {
		if _, err := s.self(ctx); err != nil {
			return plug.Guest{}, err
		}
		s.mu.Lock()
		foreign = s.team != "" && u.Team != s.team
		s.mu.Unlock()
	}
	if u.Deleted || u.Bot || u.Stranger || foreign {
		return plug.Guest{}, plug.Fail(plug.Permanent, "users.info: no such user")
	}
	g := plug.Guest{Handle: user, Email: out.User.Profile.Email}
	for _, n := range []string{out.User.Profile.Real, out.User.Profile.Display, out.User.Name} {
		if g.Name == "" {
			g.Name = plug.Line(n, plug.MaxWord)
		}
	}
	return g, nil
}

// Message is plug.Reader.
func (s *slack) Message(ctx context.Context, ref, id string) (plug.Remark, error) {
	var out struct {
		Messages []struct {
			User string `json:"user"`
			Text string `json:"text"`
			TS   string `json:"ts"`
		} `json:"messages"`
	}
	// Replies answer for a message in a thread and for one that begins none.
	_, err := s.get(ctx, "conversations.replies", url.Values{"channel": {ref}, "ts": {id}, "latest": {id}, "oldest": {id}, "inclusive": {"true"}, "limit": {"1"}}, &out)
	if err != nil {
		return plug.Remark{}, err
	}
	for _, m := range out.Messages {
		if m.TS == id {
			return plug.Remark{User: m.User, Text: plain(m.Text), At: stamp(m.TS)}, nil
		}
	}
	return plug.Remark{}, plug.Fail(plug.Permanent, "conversations.replies: the message is gone")
}
