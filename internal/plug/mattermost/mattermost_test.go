package mattermost

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
)

const (
	token    = "botok7n3w7fsyq8y9gk3d3xyzw"
	hookPath = "/hooks/hookkey0123456789abcdefgh1"
	callback = "https://allclear.test/hooks/mattermost/key-0123456789abcdef"
	room     = "4xp9fdt77pncbef59f4k1qe83o"
)

func table(ok string) []plugtest.Case {
	perm, retry := &plug.Failure{Kind: plug.Permanent}, &plug.Failure{Kind: plug.Retry}
	status := func(name string, code int, body string, want *plug.Failure) plugtest.Case {
		return plugtest.Case{Name: name, Reply: plugtest.Reply{Status: code, Body: body}, Want: want}
	}
	return []plugtest.Case{
		status("accepted", 200, ok, nil),
		status("no such channel", 404, `{"id":"store.sql_channel.get.existing.app_error","message":"no","status_code":404}`, perm),
		status("not allowed", 403, `{"id":"api.context.permissions.app_error","status_code":403}`, perm),
		status("session over", 401, `{"id":"api.context.session_expired.app_error","status_code":401}`, perm),
		status("bad request", 400, `{"id":"web.incoming_webhook.text.app_error","status_code":400}`, perm),
		status("limited", 429, "limit exceeded", retry),
		status("the first send is still under way", 500, `{"id":"api.post.deduplicate_create_post.pending","status_code":500}`, retry),
		status("down", 502, "", retry),
		status("a page of somebody else", 200, "<html>", &plug.Failure{Kind: plug.Unknown}),
	}
}

// decode refuses what the server would refuse.
func decode(t *testing.T, body []byte) post {
	var p post
	if err := json.Unmarshal(body, &p); err != nil || plug.UTF16(p.Message+p.Text) > 16383 || p.Message+p.Text == "" || (p.Channel == "") != (p.Message == "") {
		t.Errorf("post %s: %v", body, err)
	}
	for _, a := range append(p.Attachments, p.Props.Attachments...) {
		for _, x := range a.Actions {
			if x.ID == "" || strings.ContainsAny(x.ID, "-_ ") || x.Name == "" || x.Integration.URL == "" {
				t.Errorf("action %+v", x)
			}
		}
	}
	return p
}

func peer(t *testing.T, webhook bool) *plugtest.HTTP {
	p := &plugtest.HTTP{Hidden: []secret.String{token, callback, "hookkey0123456789abcdefgh1"}}
	if webhook {
		p.Path, p.Cases, p.OK = hookPath, table("ok"), plugtest.Reply{Body: "ok"}
	} else {
		const created = `{"id":"1pbc8thmpbrh3yg9a5d9b9ss4r","channel_id":"` + room + `"}`
		p.Address, p.Cases, p.OK = room, append(table(created), plugtest.Case{Name: "created", Reply: plugtest.Reply{Status: 201, Body: created}}), plugtest.Reply{Status: 201, Body: created}
	}
	p.Key = func(r *http.Request, body []byte) string {
		auth := r.Header.Get("Authorization")
		if webhook && (r.URL.Path != hookPath || auth != "") || !webhook && (r.URL.Path != "/api/v4/posts" || auth != "Bearer "+token) || r.Method != http.MethodPost {
			t.Errorf("call %s %s %v", r.Method, r.URL, r.Header)
		}
		return decode(t, body).Props.Key
	}
	return p.Start(t)
}

func open2(t *testing.T, base string) plug.Channel {
	return plugtest.Open(t, Plugin(), plugtest.Config(map[string]string{"base_url": base, "bot_token": token, "webhook_url": base + hookPath, "callback_url": callback}))
}

// B14, B42.
func TestConformance(t *testing.T) {
	for name, webhook := range map[string]bool{"bot": false, "webhook": true} {
		t.Run(name, func(t *testing.T) {
			plugtest.Channel(t, func(base string) plug.Channel { return open2(t, base) }, peer(t, webhook))
		})
	}
}

func sent(t *testing.T, m plug.Message, webhook bool) post {
	t.Helper()
	p := peer(t, webhook)
	m.To = p.To()
	if _, err := open2(t, p.URL()).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	_, body, _ := strings.Cut(p.Got()[0].Raw, "\r\n\n")
	return decode(t, []byte(body))
}

func TestPage(t *testing.T) {
	m := plugtest.SampleMessage("")
	m.Token, m.Join = "tok-1", true
	hook, bot := sent(t, m, true), sent(t, m, false)
	for name, as := range map[string][]attachment{"webhook": hook.Attachments, "bot": bot.Props.Attachments} {
		if len(as) != 1 || len(as[0].Actions) != 2 || as[0].Actions[1].Name != "Unavailable" || as[0].Actions[0].Integration != (integration{callback, actContext{"tok-1", plug.Acknowledge}}) {
			t.Errorf("%s: %+v", name, as)
		}
	}
	if bot.Pending != m.Key || bot.Message != hook.Text || !strings.Contains(bot.Message, "\n[Answer]("+m.AckURL+")") {
		t.Errorf("%+v", bot)
	}
}

// The text of an alert wakes nobody and makes no link; too long a one says so.
func TestText(t *testing.T) {
	got := sent(t, plug.Message{Kind: plug.Notice, Key: "k", Subject: "@all *hey*", Text: "@channel (@here) ana@example.com [x](http://evil.example) ![i](http://t.example/i.png) " + strings.Repeat("日", 20000)}, false).Message
	want := "**@\u200ball \\*hey\\***\n@\u200bchannel (@\u200bhere) ana@example.com \\[x\\](http://evil.example) !\\[i\\](http://t.example/i.png) 日"
	if !strings.HasPrefix(got, want) || !strings.HasSuffix(got, plug.Shortened) {
		t.Errorf("%.200q", got)
	}
}

// A person is reached in the bot's own channel with them; it is looked up once.
func TestDirect(t *testing.T) {
	const me, ana, direct = "aaaaaaaaaaaaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbbbbbbbbbbbb", "cccccccccccccccccccccccccc"
	var calls []string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		calls = append(calls, r.Method+" "+strings.TrimPrefix(r.URL.Path, "/api/v4"))
		if r.Header.Get("Authorization") != "Bearer "+token {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		switch r.URL.Path {
		case "/api/v4/users/me":
			_, _ = io.WriteString(w, `{"id":"`+me+`"}`)
		case "/api/v4/users/username/ana":
			_, _ = io.WriteString(w, `{"id":"`+ana+`"}`)
		case "/api/v4/channels/direct":
			if string(body) != `["`+me+`","`+ana+`"]` {
				t.Errorf("members %s", body)
			}
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"id":"`+direct+`"}`)
		case "/api/v4/posts":
			if p := decode(t, body); p.Channel != direct {
				t.Errorf("to %s", p.Channel)
			}
			_, _ = io.WriteString(w, `{"id":"`+me+`"}`)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	defer srv.Close()
	ch := open2(t, srv.URL)
	for range 2 {
		if _, err := ch.Send(t.Context(), plugtest.SampleMessage("@ana")); err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(calls, ", "); got != "GET /users/me, GET /users/username/ana, POST /channels/direct, POST /posts, POST /posts" {
		t.Error(got)
	}
	for _, to := range []string{"@nobody", "incidents", "", "@", "../x"} {
		if _, err := ch.Send(t.Context(), plugtest.SampleMessage(to)); plug.FailureOf(err) == nil || plug.FailureOf(err).Kind != plug.Permanent {
			t.Errorf("to %q: %v", to, err)
		}
	}
}

const pressedBody = `{"user_id":"yxg8u64t6bdxdq1k3s6qwnyx7o","user_name":"ana","channel_id":"` + room + `","channel_name":"incidents","team_id":"t","team_domain":"x",
"post_id":"p","trigger_id":"z","type":"","data_source":"","context":{"token":"tok-1","choice":"acknowledge"}}`

// B40: nobody signs these calls, so nothing counts but a token.
func TestHear(t *testing.T) {
	cb := plugtest.OpenCallback(t, Plugin(), nil)
	h, err := cb.Hear(plug.Inbound{Body: []byte(pressedBody)})
	if err != nil || len(h.Answers) != 1 || h.Answers[0] != (plug.PageAnswer{Channel: "mattermost", From: "@ana", Token: "tok-1", Choice: plug.Acknowledge}) {
		t.Fatalf("%+v, %v", h, err)
	}
	if r := cb.Respond(h, []plug.Result{{Incident: "INC-1", Title: "@all down"}}); string(r.Body) != `{"update":{"message":"Acknowledged: INC-1, @`+"\u200b"+`all down (@`+"\u200b"+`ana)","props":{}}}` {
		t.Errorf("%s", r.Body)
	}
	if r := cb.Respond(h, []plug.Result{{Err: fault.New(fault.NotFound, "x")}}); r.Status != 200 || string(r.Body) != `{"ephemeral_text":"Not taken: this page is not known."}` {
		t.Errorf("%s", r.Body)
	}
	for _, body := range []string{"", "{}", strings.Replace(pressedBody, "tok-1", "", 1), strings.Replace(pressedBody, `"acknowledge"`, `"resolve"`, 1), strings.Replace(pressedBody, `"context":{`, `"contexts":{`, 1), pressedBody[:90]} {
		if h, err := cb.Hear(plug.Inbound{Body: []byte(body)}); !fault.Is(err, fault.Invalid) || len(h.Answers)+len(h.Receipts) > 0 {
			t.Errorf("%s: %+v, %v", body, h, err)
		}
	}
	if _, err := Plugin().Open(plugtest.Config(map[string]string{"bot_token": token})); !fault.Is(err, fault.Invalid) {
		t.Errorf("a bot without a server: %v", err)
	}
}

func FuzzHear(f *testing.F) {
	f.Add([]byte(pressedBody))
	cb := plugtest.OpenCallback(f, Plugin(), nil)
	f.Fuzz(func(t *testing.T, body []byte) {
		h, err := cb.Hear(plug.Inbound{Body: body})
		if err != nil && !fault.Is(err, fault.Invalid) {
			t.Fatalf("refused with %v", err)
		}
		plugtest.CheckHeard(t, h)
		cb.Respond(h, make([]plug.Result, len(h.Answers)))
	})
}
