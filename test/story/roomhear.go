package story

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/edge/hooks"
	"allclear/internal/flow/access"
	"allclear/internal/plug"
)

// anyKey opens every hook of a story.
type anyKey struct{}

func (anyKey) Find(context.Context, string, string) (*access.Key, error) {
	return &access.Key{ServiceID: "auth"}, nil
}

// Hook is a vendor calling back at its plug-in, over the real way in.
func (w *World) Hook(name string, header http.Header, body []byte) *httptest.ResponseRecorder {
	w.Helper()
	cb, ok := w.opened[name].(plug.Callback)
	if !ok {
		w.Fatalf("%s hears nothing", name)
	}
	mux := http.NewServeMux()
	hooks.New(hooks.Options{
		Sources: []plug.Hook{{Name: name, Manifest: plug.Manifest{Name: name, Source: name}, MaxBody: plug.MaxBody, Callback: cb}},
		Intake:  w.e.Intake, Answers: w.e.Paging, Mirror: w.e.Mirror, Rooms: w.e.Room, Orders: w.e.Chatops, Keys: anyKey{}, Now: func() time.Time { return w.now },
	}).Register(mux)
	r := httptest.NewRequestWithContext(w.Context(), http.MethodPost, "/hooks/"+name+"/key", strings.NewReader(string(body)))
	for k, v := range header {
		r.Header[k] = v
	}
	out := httptest.NewRecorder()
	mux.ServeHTTP(out, r)
	w.tick()
	return out
}

// sign signs as Slack and Zoom do: v0:timestamp:body.
func sign(key string, at time.Time, body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	fmt.Fprintf(mac, "v0:%d:", at.Unix())
	mac.Write(body)
	return "v0=" + hex.EncodeToString(mac.Sum(nil))
}

// SlackTells is a signed call of Slack's Events API.
func (w *World) SlackTells(event map[string]any, more ...string) *httptest.ResponseRecorder {
	w.Helper()
	body, err := json.Marshal(map[string]any{
		"type": "event_callback", "team_id": "T1", "event_id": "Ev" + fmt.Sprint(len(w.log)), "event_time": w.now.Unix(), "event": event,
		"authorizations": []map[string]any{{"team_id": "T1", "user_id": slackBot, "is_bot": true}},
	})
	w.must(err)
	return w.slackPost("application/json", body, more...)
}

// Types is somebody typing a slash command in a channel; it returns what Slack shows.
func (w *World) Types(user, channel, text string) string {
	w.Helper()
	w.typed++
	form := url.Values{
		"command": {"/incident"}, "text": {text}, "user_id": {user}, "user_name": {"somebody"}, "channel_id": {channel}, "channel_name": {"x"}, "team_id": {"T1"},
		"trigger_id": {strconv.Itoa(w.typed)}, "response_url": {"https://hooks.slack.com/commands/T1/1/x"},
	}
	out := w.slackPost("application/x-www-form-urlencoded", []byte(form.Encode()))
	var said struct {
		Kind string `json:"response_type"`
		Text string `json:"text"`
	}
	if err := json.Unmarshal(out.Body.Bytes(), &said); err != nil || out.Code != http.StatusOK || said.Kind != "ephemeral" {
		w.Errorf("%s: answered %d %s", text, out.Code, out.Body)
	}
	return said.Text
}

func (w *World) slackPost(kind string, body []byte, more ...string) *httptest.ResponseRecorder {
	w.Helper()
	h := http.Header{
		"Content-Type": {kind}, "X-Slack-Request-Timestamp": {strconv.FormatInt(w.now.Unix(), 10)}, "X-Slack-Signature": {sign(slackSecret, w.now, body)},
	}
	for i := 0; i+1 < len(more); i += 2 {
		h.Set(more[i], more[i+1])
	}
	return w.Hook("slack", h, body)
}

// Account gives somebody an account.
func (w *World) Account(id string, r authz.Role) {
	w.Helper()
	in := access.NewAccount{Email: id + "@techflow.example", PersonID: id, Role: r, Password: "correct horse battery staple"}
	boss := access.Identity{Actor: authz.Actor{ID: "boss", Role: authz.Admin, Via: "setup"}}
	_, err := w.e.Access.CreateAccount(w.Context(), w.now, boss, in)
	w.must(err)
}

// plainMAC is the hex HMAC-SHA256 of a text.
func plainMAC(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}
