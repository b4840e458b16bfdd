package story_test

import (
	"strings"
	"testing"

	"allclear/internal/domain/message"
	"allclear/internal/plug"
	"allclear/test/story"
)

// What the public is told goes to X and to the forum once somebody approved it, with
// the way to the status page; a draft stays where it is.
//
// Clauses: COM-PUB-TWITTER, COM-PUB-FORUM, INT-TWITTER, INT-FORUM
func TestThePublicIsToldOnceApproved(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		w.At(5 * min)
		w.Outbox("social").Silent() // a draft waits
		must(w, w.Tell("ana", message.Public, []string{"social", "forum"}, "Sign-in fails for some of you. We are working on it."))
		w.At(6 * min)
		for _, ch := range []string{"social", "forum"} {
			got := w.Outbox(ch).Got("Sign-in fails")
			if got.Kind != plug.Post || !strings.HasSuffix(got.Text, "\n"+story.StatusURL) {
				t.Errorf("%s: %q", ch, got.Text)
			}
			w.Outbox(ch).At(5 * min)
		}
	})
}

// One customer's outage is nobody else's news.
//
// INV-S4
func TestOneCustomersOutageIsNotPosted(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P2, Service: "api", Title: "one tenant is down", Tenant: "customer-0007"})
		_ = w.Tell("ana", message.Public, []string{"social", "forum"}, "Customer 7 is down.")
		w.At(10 * min)
		w.Outbox("social").Silent()
		w.Outbox("forum").Silent()
	})
}
