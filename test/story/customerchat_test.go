package story_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/message"
	"allclear/internal/domain/told"
	"allclear/internal/flow/consent"
	"allclear/internal/plug"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/slack"
	"allclear/internal/plug/teams"
	"allclear/test/story"
)

// chatServer is a Slack workspace with one channel shared by Slack Connect, and the
// workflow of one customer's Teams.
type chatServer struct {
	mu    sync.Mutex
	slack []string
	teams []string
	wrong []string
}

const (
	sharedChannel = "C024BE7LR"
	workflowPath  = "/workflows/0123456789abcdef/triggers/manual/paths/invoke"
	workflowSig   = "sig-nobody-may-read"
)

func (s *chatServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r.URL.Path == "/chat.postMessage":
		var p struct{ Channel, Text string }
		if json.Unmarshal(body, &p) == nil && p.Channel == "#incidents" { // our own people
			_, _ = io.WriteString(w, `{"ok":true,"channel":"C1","ts":"1.0"}`)
			return
		}
		if json.Unmarshal(body, &p) != nil || p.Channel != sharedChannel || r.Header.Get("Authorization") != "Bearer xoxb-1" {
			s.wrong = append(s.wrong, string(body))
			_, _ = io.WriteString(w, `{"ok":false,"error":"channel_not_found"}`)
			return
		}
		s.slack = append(s.slack, p.Text)
		_, _ = fmt.Fprintf(w, `{"ok":true,"channel":%q,"ts":"1.%d"}`, p.Channel, len(s.slack))
	case r.URL.Path == workflowPath && r.URL.Query().Get("sig") == workflowSig:
		s.teams = append(s.teams, string(body))
		w.WriteHeader(http.StatusAccepted)
	default:
		s.wrong = append(s.wrong, r.URL.String())
		w.WriteHeader(http.StatusNotFound)
	}
}

// posts are how many there are with the words, in Slack and in Teams.
func (s *chatServer) posts(words string) (inSlack, inTeams int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	count := func(all []string) (n int) {
		for _, p := range all {
			if strings.Contains(p, words) {
				n++
			}
		}
		return n
	}
	return count(s.slack), count(s.teams)
}

// chats opens both platforms and gives two of the customers a chat of their own.
func chats(w *story.World) *chatServer {
	s := &chatServer{}
	srv := story.Serve(w, s)
	w.Through("slack", plugtest.Open(w, slack.Plugin(), plugtest.Config(map[string]string{"bot_token": "xoxb-1", "base_url": srv})))
	w.Through("teams", plugtest.Open(w, teams.Plugin(), plugtest.Config(map[string]string{"workflows": "bluebird=" + srv + workflowPath + "?sig=" + workflowSig})))
	k := w.Entity(catalog.KindCustomer, "customer-0034").(catalog.Customer)
	k.Slack, k.Contacts = sharedChannel, k.Contacts[:1]
	w.Keep(k)
	k = w.Entity(catalog.KindCustomer, vip(w)).(catalog.Customer)
	k.Teams = "bluebird"
	w.Keep(k)
	return s
}

// vip is another customer whom an outage of sign-in touches.
func vip(w *story.World) string {
	for _, k := range story.Customers() {
		if k.VIP && k.ID != "customer-0034" {
			return k.ID
		}
	}
	w.Fatal("there is no VIP")
	return ""
}

// What is mailed to a customer is posted in the customer's own chat, too: in a channel
// shared by Slack Connect and by a workflow of Teams, once for each and not for each
// contact. A post counts as telling the customer in time, also where no mail arrives. The
// proof shows it; who declines posts gets none; no URL of a workflow is seen anywhere.
//
// Clauses: COM-CUST-EMAIL
func TestCustomersReadInTheirOwnChat(t *testing.T) {
	var broken string
	for _, c := range story.Customers() {
		if c.ID == "customer-0034" {
			broken = c.Contacts[0].Email
		}
	}
	story.Tell(t, func(w *story.World) {
		s := chats(w)
		signInFails(w)
		w.At(14 * min)
		mails := w.Outbox("email").Count()
		if mails < 4 {
			t.Errorf("%d mails", mails)
		}
		if a, b := s.posts("Sign-in"); a != 1 || b != 1 {
			t.Errorf("%d posts in Slack, %d in Teams", a, b)
		}
		if a, b := s.posts(story.StatusURL); a != 1 || b != 1 {
			t.Errorf("%d posts in Slack and %d in Teams say where to read on", a, b)
		}
		p, err := w.Proof("ana", message.Content{Audience: message.Enterprise, Channels: []string{"email"}, Status: "investigating", Text: "We know why."})
		must(w, err)
		ways := map[string]string{}
		for _, x := range p.Ways {
			ways[x.Channel] = fmt.Sprint(x.Count, " ", x.Missed)
			if x.Channel == "slack" && (len(x.Readers) != 1 || x.Readers[0].Address != sharedChannel || !strings.HasPrefix(x.Text, "We know why.")) {
				t.Errorf("proof %+v", x)
			}
		}
		if ways["slack"] != "1 0" || ways["email"] == "" {
			t.Errorf("proof %v", ways)
		}
		for _, c := range w.InTime().Customers {
			if c.ID == "customer-0034" && (c.State != told.InTime || c.By != "slack" || c.Failed == 0 || c.Contacts != 2) {
				t.Errorf("told by %+v", c)
			}
		}
		declined := true
		_, err = w.Consent().Change(w.Context(), authz.Actor{ID: "boss", Role: authz.Admin, Via: "api"}, "customer-0034", "slack", sharedChannel, consent.Change{OptedOut: &declined}, w.Now())
		must(w, err)
		must(w, w.Tell("ana", message.Customers, []string{"email"}, "We know why."))
		w.At(16 * min)
		if a, b := s.posts("We know why."); a != 0 || b != 1 {
			t.Errorf("after one has declined: %d posts in Slack, %d in Teams", a, b)
		}
		must(w, w.Tell("ana", message.Public, []string{"status_page"}, "On the page alone."))
		must(w, w.Tell("ana", message.Executives, []string{"email"}, "For our own people."))
		w.At(18 * min)
		for _, words := range []string{"On the page alone.", "For our own people."} {
			if a, b := s.posts(words); a+b != 0 {
				t.Errorf("%q is in a customer's chat", words)
			}
		}
		w.Maintain(alert.Maintenance{
			Title: "db-7 to 16.2", Reason: "CHG-1042", Services: []string{"auth"}, StartsAt: w.Now().Add(time.Hour), EndsAt: w.Now().Add(2 * time.Hour),
			Public: &alert.Announcement{Title: "Database upgrade", Text: "Signing in may fail for a minute.", Mail: true},
		})
		w.At(20 * min)
		if a, b := s.posts("Signing in may fail for a minute."); a != 0 || b != 1 {
			t.Errorf("of a maintenance that is mailed: %d posts in Slack, where nothing is wanted, %d in Teams", a, b)
		}
		if all := fmt.Sprint(w.Outbox("teams"), w.Outbox("slack"), w.Entries("")); strings.Contains(all, workflowSig) || len(s.wrong) > 0 {
			t.Errorf("wrong calls %q, or the URL of a workflow is seen", s.wrong)
		}
	}, story.Broken("email", broken, 0, 0, plug.Permanent))
}

// Of a restricted incident nothing is posted that Legal has not approved, and of one
// customer's own outage nothing in another's chat.
//
// Clauses: COM-CUST-EMAIL
func TestACustomersChatHearsOnlyWhatItsMailDoes(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		s := chats(w)
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins leak"})
		w.Restrict()
		w.At(20 * min)
		if a, b := s.posts(""); a+b != 0 {
			t.Errorf("%d posts in Slack and %d in Teams of a restricted incident", a, b)
		}
		w.Declare(story.Declaration{Severity: P2, Service: "auth", Title: "one tenant is down", Tenant: "customer-0034"})
		w.About(2)
		must(w, w.Tell("ana", message.Customers, []string{"email"}, "Your sign-in is down."))
		w.At(25 * min)
		a, b := s.posts("Your sign-in is down.")
		if c, _ := s.posts(story.StatusURL); a != 1 || b != 0 || c != 0 {
			t.Errorf("of one customer's outage %d posts in its Slack, %d in another's Teams, %d name the public page", a, b, c)
		}
	})
}
