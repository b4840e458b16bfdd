package story_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/message"
	"allclear/internal/plug/plugtest"
	"allclear/internal/plug/statuspage"
	"allclear/test/story"
)

// PLT-SP-RT, INT-STATUSPAGE: what the page says is at Statuspage.io within ten seconds, with its
// components, from the first word to the report; lost answers and refused calls make no
// second incident and no second update.
func TestStatuspageFollowsThePage(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		s := &mirrorPage{lost: 1}
		srv := story.Serve(w, s)
		w.Through("statuspage", plugtest.Open(w, statuspage.Plugin(), plugtest.Config(map[string]string{"page_id": "abc123", "api_key": "0123456789abcdef", "components": "Sign-in=c1", "base_url": srv})))
		signInFails(w)
		must(w, w.Tell("ana", message.Public, []string{"status_page"}, "We look into it."))
		w.StatusPage().Shows("We look into it.")
		w.After(10 * time.Second)
		s.is(t, 1, "investigating", "major_outage", "investigating: We look into it.")
		w.At(10 * min)
		s.mu.Lock()
		s.busy, s.lost = 1, 1
		s.mu.Unlock()
		must(w, w.Tell("ana", message.Public, []string{"status_page"}, "We know why."))
		w.At(15 * min)
		s.is(t, 2, "investigating", "major_outage", "investigating: We know why.")
		w.Severity(P2, "part of it is back")
		w.After(10 * time.Second)
		s.is(t, 2, "investigating", "partial_outage", "")
		w.Engage("ana")
		w.Resolve("fixed")
		w.After(10 * time.Second)
		s.is(t, 3, "resolved", "operational", "is over")
		w.At(25 * time.Hour)
		must(w, w.Send("ana", w.Rewrite("ana", w.Waits("draft-report"), "A report for the public.")))
		w.After(10 * time.Second)
		if len(s.reports) != 1 || s.reports[0] != "A report for the public." {
			t.Errorf("reports %q", s.reports)
		}
	}, story.CopiedTo("statuspage"))
}

func (s *mirrorPage) is(t *testing.T, updates int, status, component, last string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.incidents) != 1 || len(s.updates) != updates || s.incidents[0]["status"] != status || !strings.Contains(s.updates[len(s.updates)-1], last) {
		t.Errorf("%d incidents, %d updates: %v %q", len(s.incidents), len(s.updates), s.incidents, s.updates)
		return
	}
	cs, _ := s.incidents[0]["components"].([]map[string]any)
	if len(cs) != 1 || cs[0]["id"] != "c1" || cs[0]["status"] != component {
		t.Errorf("components %v", cs)
	}
}

// One customer's outage is at Statuspage.io as little as on the public page (INV-S4).
func TestStatuspageHearsNothingOfOneTenant(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P2, Service: "api", Title: "one tenant is down", Tenant: "customer-0007"})
		_ = w.Tell("ana", message.Public, []string{"status_page"}, "Your API is down.")
		w.At(20 * min)
		w.Outbox("statuspage").Silent()
	}, story.CopiedTo("statuspage"))
}
