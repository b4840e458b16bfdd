package story

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Slack is a workspace as its Web API shows it (https://api.slack.com/methods): it
// refuses what Slack refuses, and fails when it is told to.
type Slack struct {
	mu       sync.Mutex
	now      func() time.Time
	channels []*SlackChannel
	users    map[string]string // mail address -> user
	failing  map[string]SlackFailure
	calls    []string
	wrong    []string // what a real workspace would have refused in a way that is our mistake
	hold     chan struct{}
}

// SlackChannel is one channel.
type SlackChannel struct {
	ID, Name, Topic, Creator string
	Private, Archived        bool
	Created                  time.Time
	Members                  []string
	Posts                    []*SlackPost
	Pins                     []string
}

// SlackPost is one message.
type SlackPost struct {
	TS, User, Text, Raw string
}

// SlackFailure is how a method fails, and how often; 0 is for good.
type SlackFailure struct {
	Status int    // of HTTP; 0: 200
	Code   string // "ratelimited", "token_revoked" ...
	After  string // Retry-After
	Hang   bool   // no answer comes
	Late   bool   // it does what it is asked and the answer does not come
	Times  int
}

const (
	slackToken  = "xoxb-story"
	slackSecret = "story-signing-secret"
	slackBot    = "UBOT"
)

// NewSlack is a workspace with these people, by mail address.
func NewSlack(now func() time.Time, users map[string]string) *Slack {
	return &Slack{now: now, users: users, failing: map[string]SlackFailure{}, hold: make(chan struct{})}
}

// Fail has a method fail; "" is every one.
func (s *Slack) Fail(method string, f SlackFailure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing[method] = f
}

// Mend ends all failures.
func (s *Slack) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing = map[string]SlackFailure{}
}

// Channel is the channel with the prefix; nil without one.
func (s *Slack) Channel(prefix string) *SlackChannel {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		if strings.HasPrefix(c.Name, prefix) {
			copied := *c
			return &copied
		}
	}
	return nil
}

// At is the channel that was made as the i-th.
func (s *Slack) At(i int) *SlackChannel {
	s.mu.Lock()
	defer s.mu.Unlock()
	copied := *s.channels[i]
	return &copied
}

// Names are the channels there are.
func (s *Slack) Names() (out []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		out = append(out, c.Name)
	}
	return out
}

// Wrong is what a real workspace would have refused.
func (s *Slack) Wrong() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wrong)
}

// Calls are the methods that were called.
func (s *Slack) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

func (s *Slack) fail(method string) (SlackFailure, bool) {
	for _, m := range []string{method, ""} {
		f, ok := s.failing[m]
		if !ok {
			continue
		}
		if f.Times > 0 {
			if f.Times--; f.Times == 0 {
				delete(s.failing, m)
			} else {
				s.failing[m] = f
			}
		}
		return f, true
	}
	return SlackFailure{}, false
}

func (s *Slack) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	method := strings.TrimPrefix(r.URL.Path, "/")
	s.calls = append(s.calls, method)
	f, fails := s.fail(method)
	if fails && !f.Late {
		s.mu.Unlock()
		s.broken(w, r, f)
		return
	}
	out := s.do(method, r)
	s.mu.Unlock()
	if f.Late {
		s.broken(w, r, SlackFailure{Hang: true})
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}

func (s *Slack) broken(w http.ResponseWriter, r *http.Request, f SlackFailure) {
	if f.Hang {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-r.Context().Done():
		case <-s.hold:
		}
		return
	}
	if f.After != "" {
		w.Header().Set("Retry-After", f.After)
	}
	if f.Status != 0 {
		w.WriteHeader(f.Status)
	}
	_, _ = fmt.Fprintf(w, `{"ok":false,"error":%q}`, f.Code)
}

type object = map[string]any

func no(code string) object { return object{"ok": false, "error": code} }

// do carries out a method with the arguments it takes, in the form it takes them.
func (s *Slack) do(method string, r *http.Request) object {
	if r.Header.Get("Authorization") != "Bearer "+slackToken {
		return no("invalid_auth")
	}
	args := object{}
	reads := slices.Contains([]string{"conversations.list", "users.lookupByEmail", "users.info", "conversations.replies"}, method)
	body, _ := io.ReadAll(r.Body)
	switch {
	case reads && r.Method == http.MethodGet:
		for k, v := range r.URL.Query() {
			args[k] = v[0]
		}
	case reads: // they take no JSON
		s.wrong = append(s.wrong, method+" with a body")
		return no("invalid_arguments")
	default:
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || json.Unmarshal(body, &args) != nil {
			s.wrong = append(s.wrong, method+" without JSON")
			return no("invalid_json")
		}
	}
	text := func(k string) string { v, _ := args[k].(string); return v }
	if known := map[string]func(func(string) string, object, []byte) object{
		"conversations.create": s.create, "conversations.list": s.list, "chat.postMessage": s.say, "chat.update": s.update,
		"users.lookupByEmail": s.byMail, "users.info": s.info,
	}[method]; known != nil {
		return known(text, args, body)
	}
	if method == "auth.test" {
		return object{"ok": true, "user_id": slackBot, "team_id": "T1"}
	}
	c := s.channel(text("channel"))
	if c == nil {
		return no("channel_not_found")
	}
	return s.on(c, method, text)
}

func (s *Slack) channel(id string) *SlackChannel {
	for _, c := range s.channels {
		if c.ID == id {
			return c
		}
	}
	return nil
}

func (s *Slack) create(text func(string) string, args object, _ []byte) object {
	name := text("name")
	if name == "" || len(name) > 80 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
		s.wrong = append(s.wrong, "channel name "+name)
		return no("invalid_name_specials")
	}
	for _, c := range s.channels {
		if c.Name == name {
			return no("name_taken")
		}
	}
	private, _ := args["is_private"].(bool)
	c := &SlackChannel{ID: fmt.Sprintf("C%03d", len(s.channels)+1), Name: name, Private: private, Creator: slackBot, Created: s.now(), Members: []string{slackBot}}
	s.channels = append(s.channels, c)
	return object{"ok": true, "channel": c.show()}
}

func (c *SlackChannel) show() object {
	return object{"id": c.ID, "name": c.Name, "creator": c.Creator, "created": c.Created.Unix(), "is_archived": c.Archived, "is_private": c.Private, "topic": object{"value": c.Topic}}
}

func (s *Slack) list(text func(string) string, _ object, _ []byte) object {
	out := []object{}
	for _, c := range s.channels {
		if c.Private == (text("types") == "private_channel") {
			out = append(out, c.show())
		}
	}
	return object{"ok": true, "channels": out, "response_metadata": object{"next_cursor": ""}}
}

func (s *Slack) byMail(text func(string) string, _ object, _ []byte) object {
	id, ok := s.users[text("email")]
	if !ok {
		return no("users_not_found")
	}
	return object{"ok": true, "user": object{"id": id}}
}

func (s *Slack) info(text func(string) string, _ object, _ []byte) object {
	for mail, id := range s.users {
		if id == text("user") {
			return object{"ok": true, "user": object{"id": id, "name": "x", "profile": object{"real_name": "Name of " + id, "email": mail}}}
		}
	}
	return no("user_not_found")
}

func (s *Slack) say(text func(string) string, _ object, body []byte) object {
	c := s.channel(text("channel"))
	switch {
	case c == nil:
		return no("channel_not_found")
	case c.Archived:
		return no("is_archived")
	case text("text") == "":
		return no("no_text")
	}
	p := s.post(c, slackBot, text("text"), string(body))
	return object{"ok": true, "channel": c.ID, "ts": p.TS}
}

func (s *Slack) post(c *SlackChannel, user, text, raw string) *SlackPost {
	p := &SlackPost{TS: fmt.Sprintf("%d.%06d", s.now().Unix(), len(c.Posts)+1), User: user, Text: text, Raw: raw}
	c.Posts = append(c.Posts, p)
	return p
}

func (s *Slack) update(text func(string) string, _ object, body []byte) object {
	c := s.channel(text("channel"))
	if c == nil {
		return no("channel_not_found")
	}
	for _, p := range c.Posts {
		if p.TS == text("ts") {
			p.Text, p.Raw = text("text"), string(body)
			return object{"ok": true, "ts": p.TS}
		}
	}
	return no("message_not_found")
}

func (s *Slack) on(c *SlackChannel, method string, text func(string) string) object {
	if c.Archived && method != "conversations.replies" {
		if method == "conversations.archive" {
			return no("already_archived")
		}
		return no("is_archived")
	}
	switch method {
	case "conversations.invite":
		return s.invite(c, strings.Split(text("users"), ","))
	case "conversations.setTopic":
		if len([]rune(text("topic"))) > 250 {
			return no("too_long")
		}
		c.Topic = text("topic")
	case "conversations.rename":
		c.Name = text("name")
	case "conversations.archive":
		c.Archived = true
	case "pins.add":
		if slices.Contains(c.Pins, text("timestamp")) {
			return no("already_pinned")
		}
		c.Pins = append(c.Pins, text("timestamp"))
	case "conversations.replies":
		for _, p := range c.Posts {
			if p.TS == text("ts") {
				return object{"ok": true, "messages": []object{{"ts": p.TS, "user": p.User, "text": p.Text}}}
			}
		}
		return no("thread_not_found")
	default:
		s.wrong = append(s.wrong, "method "+method)
		return no("unknown_method")
	}
	return object{"ok": true}
}

func (s *Slack) invite(c *SlackChannel, users []string) object {
	for _, u := range users {
		known := false
		for _, id := range s.users {
			known = known || id == u
		}
		if !known {
			return no("user_not_found")
		}
		if slices.Contains(c.Members, u) {
			return no("already_in_channel")
		}
	}
	c.Members = append(c.Members, users...)
	return object{"ok": true, "channel": c.show()}
}

// Write is somebody writing in a channel; it returns the message's id.
func (s *Slack) Write(prefix, user, text string) (channel, ts string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.channels {
		if strings.HasPrefix(c.Name, prefix) {
			return c.ID, s.post(c, user, text, "").TS
		}
	}
	return "", ""
}
