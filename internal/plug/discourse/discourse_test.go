package discourse

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const key = "d6a1c0ffee00d6a1c0ffee00d6a1c0ffee00d6a1"

// forum is Discourse: it keeps topics by external id and refuses what it refuses.
type forum struct {
	*plugtest.HTTP
	t      *testing.T
	topics map[string]int64
	raw    map[int64][]string
}

func newForum(t *testing.T) *forum {
	perm, retry := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}
	f := &forum{t: t, topics: map[string]int64{}, raw: map[int64][]string{}}
	f.HTTP = &plugtest.HTTP{
		Key: func(r *http.Request, _ []byte) string {
			if r.Header.Get("Api-Key") != key || r.Header.Get("Api-Username") != "status" {
				t.Errorf("signed in with %v", r.Header)
			}
			return r.Header.Get("Idempotency-Key")
		},
		Address: "public", Hidden: []secret.String{key},
		Answer: f.answer,
		Cases: []plugtest.Case{
			{Name: "key refused", Reply: plugtest.Reply{Status: 403, Body: `{"errors":["You are not permitted to view the requested resource."],"error_type":"invalid_access"}`}, Want: perm},
			{Name: "too many", Reply: plugtest.Reply{Status: 429, Body: `{"errors":["You've performed this action too many times"],"error_type":"rate_limit"}`}, Want: retry},
			{Name: "down", Reply: plugtest.Reply{Status: 502}, Want: retry},
			{Name: "a page of somebody else", Reply: plugtest.Reply{Status: 200, Body: "<html>"}, Want: retry}, // while looking for the topic: nothing was posted
		},
	}
	f.Start(t)
	return f
}

func (f *forum) answer(r *http.Request, body []byte) plugtest.Reply {
	reply := func(code int, v any) plugtest.Reply {
		b, _ := json.Marshal(v)
		return plugtest.Reply{Status: code, Body: string(b)}
	}
	switch {
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/t/external_id/"):
		id := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/t/external_id/"), ".json")
		if n, ok := f.topics[id]; ok {
			return reply(200, map[string]any{"id": n, "slug": "x", "external_id": id})
		}
		return reply(404, map[string]any{"errors": []string{"not found"}, "error_type": "not_found"})
	case r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/raw/"):
		return plugtest.Reply{Status: 200, Body: strings.Join(f.raw[7], "\n\n-------------------------\n\n")}
	case r.Method == http.MethodPost && r.URL.Path == "/posts.json":
		var p post
		if err := json.Unmarshal(body, &p); err != nil || len([]rune(p.Raw)) < rawMin {
			f.t.Errorf("post %s: %v", body, err)
		}
		if p.TopicID == 0 {
			if n := len([]rune(p.Title)); n < titleMin || n > titleMax || p.External == "" || f.topics[p.External] != 0 || p.Category != 4 {
				return reply(422, map[string]any{"action": "create_post", "errors": []string{"Title is too short"}})
			}
			f.topics[p.External], p.TopicID = 7, 7
		} else if p.Title != "" || p.External != "" {
			f.t.Errorf("an answer that wants to be a topic: %s", body)
		}
		f.raw[p.TopicID] = append(f.raw[p.TopicID], p.Raw)
		return reply(200, map[string]any{"id": 100 + len(f.raw[p.TopicID]), "topic_id": p.TopicID, "username": "status"})
	}
	f.t.Errorf("call %s %s", r.Method, r.URL)
	return plugtest.Reply{Status: 500}
}

func open2(t *testing.T, base string) plug.Channel {
	return plugtest.Open(t, Plugin(), plugtest.Config(map[string]string{"base_url": base, "api_key": key, "username": "status", "category": "4"}))
}

// INT-FORUM: a topic for an incident, an answer for each message after that, and
// nothing twice when an attempt before arrived.
func TestOneTopicForAnIncident(t *testing.T) {
	f := newForum(t)
	ch := open2(t, f.URL())
	first := plug.Message{Key: "INC-42/m1/forum", Kind: plug.Post, To: "public", Subject: "Sign-in fails", Text: "We are working on a problem with sign-in."}
	second := plug.Message{Key: "INC-42/m2/forum", Kind: plug.Post, To: "public", Subject: "Sign-in works", Text: "The problem with sign-in is over. Thank you."}
	for _, m := range []plug.Message{first, second} {
		if _, err := ch.Send(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	again := second
	again.Again = true
	got, err := ch.Send(t.Context(), again)
	if err != nil || got.ProviderRef != "7" {
		t.Errorf("%+v, %v", got, err)
	}
	if len(f.topics) != 1 || len(f.raw[7]) != 2 || f.raw[7][0] != first.Text || f.raw[7][1] != second.Text {
		t.Errorf("topics %v, posts %q", f.topics, f.raw[7])
	}
	for id := range f.topics {
		if strings.Contains(id, "42") && strings.Contains(id, "INC") {
			t.Errorf("the forum is told the incident's number: %s", id)
		}
	}
	// An attempt that may have arrived and did not is posted.
	third := plug.Message{Key: "INC-42/m3/forum", Again: true, To: "public", Subject: "x", Text: "A summary follows within two days."}
	if _, err := ch.Send(t.Context(), third); err != nil || len(f.raw[7]) != 3 {
		t.Errorf("%v, %q", err, f.raw[7])
	}
}

// A key that the forum refuses is our fault, and anything before a post is no post.
func TestRefusals(t *testing.T) {
	f := newForum(t)
	ch := open2(t, f.URL())
	for _, c := range f.Table() {
		t.Run(c.Name, func(t *testing.T) {
			f.Next(c.Reply)
			_, err := ch.Send(t.Context(), plugtest.SampleMessage("public"))
			got := plug.FailureOf(err)
			if got == nil || got.Kind != c.Want.Kind || (c.Reply.Status == 403) != got.Ours {
				t.Errorf("%+v", got)
			}
			if strings.Contains(err.Error(), key) {
				t.Errorf("the key is in %q", err)
			}
		})
	}
	if len(f.topics) != 0 {
		t.Errorf("posted: %v", f.topics)
	}
}
