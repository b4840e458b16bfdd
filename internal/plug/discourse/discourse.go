// Package discourse posts approved messages to a forum that runs Discourse
// (https://docs.discourse.org): one topic for an incident, and a post in it for
// each message after the first. It must not retry, nor read what people answer:
// feeds do.
package discourse

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
)

// Plugin describes the integration.
func Plugin() plug.Plugin {
	return plug.Plugin{
		Manifest: plug.Manifest{
			Name: "discourse", Title: "Discourse", Channels: []string{"forum"}, Docs: "docs/integrations/discourse.md",
			Fields: []plug.Field{
				{Key: "base_url", Title: "Forum", Required: true, Help: "Such as https://community.example.com."},
				{Key: "api_key", Title: "API key", Secret: true, Required: true, Help: "Under Admin, API: for a single user, with the scopes topics:write, topics:read and posts:create."},
				{Key: "username", Title: "User name", Required: true, Help: "Whose posts they are."},
				{Key: "category", Title: "Category", Help: "The number of the category that topics go to; the forum's default if empty."},
			},
		},
		Open: open,
	}
}

func open(cfg plug.Config) (any, error) {
	base, err := cfg.Base("base_url")
	if err != nil {
		return nil, err
	}
	d := &discourse{base: base, key: cfg.Secret("api_key"), user: cfg.Secret("username").Reveal(), http: cfg.Client()}
	if c := cfg.Secret("category").Reveal(); c != "" {
		if d.category, err = strconv.Atoi(c); err != nil {
			return nil, errors.New("category: give its number")
		}
	}
	return d, nil
}

type discourse struct {
	base, user string
	key        secret.String
	category   int
	http       *plug.HTTP
}

var _ plug.Channel = (*discourse)(nil)

// post is the body of POST /posts.json: with TopicID an answer, else a topic.
type post struct {
	Title    string `json:"title,omitempty"`
	Raw      string `json:"raw"`
	Category int    `json:"category,omitempty"`
	TopicID  int64  `json:"topic_id,omitempty"`
	External string `json:"external_id,omitempty"`
}

// Limits of a forum's defaults: a title of 15 to 255 characters, a post of 20 or
// more.
const (
	titleMin, titleMax = 15, 255
	rawMin             = 20
)

// Send posts m to the topic of its incident, which the forum finds by an id that
// says nothing about us. Where an attempt before may have arrived, the words are
// looked for in the topic first.
func (d *discourse) Send(ctx context.Context, m plug.Message) (plug.Receipt, error) {
	p := post{Raw: words(m), External: external(m.Key)}
	topic, err := d.topic(ctx, m, p.External)
	if err != nil {
		return plug.Receipt{}, err
	}
	if topic != 0 {
		if m.Again {
			there, err := d.says(ctx, m, topic, p.Raw)
			if err != nil || there {
				return plug.Receipt{ProviderRef: strconv.FormatInt(topic, 10), Detail: "posted by an attempt before"}, err
			}
		}
		p.TopicID, p.External = topic, ""
	} else {
		p.Title, p.Category = title(m), d.category
	}
	body, err := plug.EncodeJSON(p)
	if err != nil {
		return plug.Receipt{}, plug.Fail(plug.Permanent, "post to Discourse: %w", err)
	}
	ans, err := d.call(ctx, m, http.MethodPost, "/posts.json", body)
	if err != nil {
		return plug.Receipt{}, err
	}
	if err := ans.Failure(); err != nil {
		return plug.Receipt{}, ours(ans, err)
	}
	var out struct {
		ID    int64 `json:"id"`
		Topic int64 `json:"topic_id"`
	}
	if err := json.Unmarshal(ans.Body, &out); err != nil || out.ID == 0 || out.Topic == 0 {
		return plug.Receipt{}, plug.Fail(plug.Unknown, "post to Discourse: the answer is not Discourse's: %s", ans.Brief())
	}
	return plug.Receipt{ProviderRef: strconv.FormatInt(out.Topic, 10) + "/" + strconv.FormatInt(out.ID, 10), Detail: ans.Brief()}, nil
}

// topic finds the incident's topic, zero while it has none.
func (d *discourse) topic(ctx context.Context, m plug.Message, id string) (int64, error) {
	ans, err := d.call(ctx, m, http.MethodGet, "/t/external_id/"+id+".json", nil)
	if err != nil {
		return 0, before(err)
	}
	if ans.Status == http.StatusNotFound {
		return 0, nil
	}
	if ans.Status >= 300 && ans.Status < 400 { // it answers with the topic's own address
		at := ans.Header.Get("Location")
		last := strings.TrimSuffix(at[strings.LastIndexByte(at, '/')+1:], ".json")
		if n, err := strconv.ParseInt(last, 10, 64); err == nil && n > 0 {
			return n, nil
		}
	}
	if err := ans.Failure(); err != nil {
		return 0, before(ours(ans, err))
	}
	var out struct {
		ID int64 `json:"id"`
	}
	if err := json.Unmarshal(ans.Body, &out); err != nil || out.ID == 0 {
		return 0, plug.Fail(plug.Retry, "look for the topic at Discourse: the answer is not Discourse's: %s", ans.Brief())
	}
	return out.ID, nil
}

// says reports whether the topic has the words already.
func (d *discourse) says(ctx context.Context, m plug.Message, topic int64, raw string) (bool, error) {
	ans, err := d.call(ctx, m, http.MethodGet, "/raw/"+strconv.FormatInt(topic, 10), nil)
	if err != nil {
		return false, before(err)
	}
	if err := ans.Failure(); err != nil {
		return false, before(ours(ans, err))
	}
	return strings.Contains(string(ans.Body), raw), nil
}

func (d *discourse) call(ctx context.Context, m plug.Message, method, path string, body []byte) (plug.Answer, error) {
	head := http.Header{"Api-Key": {d.key.Reveal()}, "Api-Username": {d.user}, "Accept": {"application/json"}}
	if body != nil {
		head.Set("Content-Type", "application/json; charset=utf-8")
		head.Set("Idempotency-Key", m.Key)
	}
	return d.http.Do(ctx, plug.Request{Method: method, URL: d.base + path, Header: head, Body: body, Secrets: m.Secrets(d.key), Still: true})
}

// before classifies what failed before anything was posted: nothing arrived.
func before(err error) error {
	f := plug.FailureOf(err)
	if f != nil && f.Kind == plug.Unknown {
		f.Kind = plug.Retry
	}
	return f
}

// ours marks refusals of the key or the user.
func ours(ans plug.Answer, err error) error {
	f := plug.FailureOf(err)
	if f != nil && (ans.Status == http.StatusUnauthorized || ans.Status == http.StatusForbidden) {
		f.Ours = true
	}
	return f
}

// external is an id of the incident that says nothing about it.
func external(key string) string {
	incident, _, _ := strings.Cut(key, "/")
	sum := sha256.Sum256([]byte("allclear topic " + incident))
	return "s-" + hex.EncodeToString(sum[:12])
}

func title(m plug.Message) string {
	t := strings.Join(strings.Fields(m.Subject), " ")
	if utf8.RuneCountInString(t) < titleMin {
		t = "Service status: " + t
	}
	for utf8.RuneCountInString(t) > titleMax {
		_, n := utf8.DecodeLastRuneInString(t)
		t = t[:len(t)-n]
	}
	return t
}

func words(m plug.Message) string {
	t := strings.TrimSpace(strings.ReplaceAll(m.Text, "\r\n", "\n"))
	if utf8.RuneCountInString(t) < rawMin {
		t = strings.TrimSpace(m.Subject + "\n\n" + t)
	}
	return t
}

// Close lets the connections go.
func (d *discourse) Close() error { return d.http.Close() }
