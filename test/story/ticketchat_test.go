package story

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/ticket"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/slack"
)

// Slack has an urgent ticket within five seconds of intake, through the real
// plug-in; what a customer writes mentions nobody there.
//
// Clauses: CRI-SLACK
func TestSlackHearsOfAnUrgentTicket(t *testing.T) {
	Tell(t, func(w *World) {
		var mu sync.Mutex
		var posts []string
		srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			var p struct{ Channel, Text string }
			if err := json.NewDecoder(r.Body).Decode(&p); err != nil || r.URL.Path != "/chat.postMessage" || p.Channel != "#support-escalations" || p.Text == "" {
				_, _ = rw.Write([]byte(`{"ok":false,"error":"channel_not_found"}`))
				return
			}
			mu.Lock()
			defer mu.Unlock()
			posts = append(posts, p.Text)
			_, _ = rw.Write([]byte(`{"ok":true,"channel":"C1","ts":"1503435956.000247"}`))
		}))
		w.Cleanup(srv.Close)
		w.Through("slack", plugtest.Open(w, slack.Plugin(), plugtest.Config(map[string]string{"bot_token": "xoxb-story", "base_url": srv.URL})))
		w.Ticket("api", ticket.Report{ExternalID: "1", Event: "1", Subject: "<!channel> the export shows an error", Email: "cfo@customer-0007.example"})
		w.Ticket("api", ticket.Report{ExternalID: "2", Event: "2", Subject: "How do I export?", Email: "cfo@customer-0007.example"})
		w.At(5 * time.Second)
		mu.Lock()
		defer mu.Unlock()
		if len(posts) != 1 || !strings.Contains(posts[0], "Customer 0007") || !strings.Contains(posts[0], "the export shows an error") || strings.Contains(posts[0], "<!channel>") {
			w.Errorf("%q", posts)
		}
	})
}
