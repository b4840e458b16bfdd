package story

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/procedure"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/slack"
)

// workspace is a Slack workspace with one channel.
type workspace struct {
	mu    sync.Mutex
	posts []string // the first line of each
}

func (s *workspace) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var p struct{ Channel, Text string }
	switch err := json.NewDecoder(r.Body).Decode(&p); {
	case err != nil || r.URL.Path != "/chat.postMessage" || p.Text == "":
		_, _ = w.Write([]byte(`{"ok":false,"error":"invalid_arguments"}`))
	case r.Header.Get("Authorization") != "Bearer xoxb-story":
		_, _ = w.Write([]byte(`{"ok":false,"error":"invalid_auth"}`))
	case p.Channel != "#incidents":
		_, _ = w.Write([]byte(`{"ok":false,"error":"channel_not_found"}`))
	default:
		first, _, _ := strings.Cut(p.Text, "\n")
		s.posts = append(s.posts, first)
		_, _ = w.Write([]byte(`{"ok":true,"channel":"C1","ts":"1503435956.000247"}`))
	}
}

// took returns the posts since the last look.
func (s *workspace) took() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := strings.Join(s.posts, "; ")
	s.posts = nil
	return out
}

// Every declaration, change of severity, of status and of a role is one post in
// #incidents, through the real plug-in.
//
// Clauses: TEAM-SLACK
func TestEveryChangeIsOnePostInSlack(t *testing.T) {
	Tell(t, func(w *World) {
		ws := &workspace{}
		srv := httptest.NewServer(ws)
		w.Cleanup(srv.Close)
		w.Through("slack", plugtest.Open(w, slack.Plugin(), plugtest.Config(map[string]string{"bot_token": "xoxb-story", "base_url": srv.URL})))
		posted := func(what, want string) {
			w.Helper()
			w.After(time.Second)
			if got := ws.took(); got != want {
				w.Errorf("%s: posted %q, want %q", what, got, want)
			}
		}
		w.Alert("auth", "critical", "Sign-in fails for all users")
		posted("a suspicion", "")
		w.After(2 * time.Minute)
		w.Engage("ana")
		posted("declared", "P1 declared: INC-1")
		w.Severity(procedure.P2, "one region only")
		posted("severity", "INC-1: now P2")
		w.Severity(procedure.P1, "all regions after all")
		posted("severity again", "INC-1: now P1")
		w.Hand("scribe", "ana")
		posted("role", "INC-1: role")
		w.Mitigate()
		posted("status", "INC-1: mitigated")
		w.Resolve("fixed")
		posted("resolved", "INC-1: resolved")
	})
}
