package story_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/test/story"
)

// At the declaration the messages to customers lie ready as drafts, with their
// words filled in and nothing internal in them.
//
// Clauses: RSP-S3-COMMPREP
func TestTheFirstMessageIsPrepared(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "ldap-7 refuses binds")
		w.At(2 * min)
		w.Entries(event.MessageDrafted).None()
		w.Confirm("ana")
		drafts := w.Messages()
		onPage, byMail := false, false
		for _, m := range drafts {
			if m.State != message.Draft || strings.Contains(m.Subject+m.Text, "{{") && !strings.Contains(m.Text, "{{name}}") || strings.Contains(m.Subject+m.Text, "ldap-7") {
				t.Errorf("%s: %q %q", m.State, m.Subject, m.Text)
			}
			onPage = onPage || m.Has(message.StatusPage)
			byMail = byMail || m.Has(message.Email)
		}
		if !onPage || !byMail {
			t.Errorf("%d drafts, for the page %t, by mail %t", len(drafts), onPage, byMail)
		}
		if got := w.Tasks("RSP-S3-COMMPREP"); len(got) != 1 || got[0].State != checklist.Open || got[0].DueAt.Sub(w.Incident().DetectedAt) != 15*min {
			t.Errorf("%+v", got)
		}
		w.Published("status_page").None()
	})
}

// Each update on a P1 reaches the leaders by mail, one mail for each; an update on a
// P2 the manager of the area and the lead of the owning team.
//
// Clauses: COM-INT-MAIL
func TestEachUpdateReachesTheLeadersByMail(t *testing.T) {
	for severity, want := range map[story.Severity]int{P1: 4, P2: 2} {
		t.Run(severity.String(), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Declare(story.Declaration{Severity: severity, Service: "auth", Title: "logins fail"})
				w.At(10 * min)
				w.Update("ana", message.Public, "We have found the cause.")
				w.At(11 * min)
				told := w.Notices("").For("COM-INT-MAIL")
				at := make([]time.Duration, len(told.List))
				who := map[string]bool{}
				for k, e := range told.List {
					at[k] = 10 * min
					who[e.Data.To] = true
					if got := w.Mail(e.Data.To).Got("Update on " + severity.String()); !strings.Contains(got.Text, "We have found the cause.") {
						t.Errorf("%s reads %q", e.Data.To, got.Text)
					}
				}
				told.At(at...)
				if len(who) != want || len(told.List) != want {
					t.Errorf("%d mails to %v, want %d", len(told.List), who, want)
				}
			})
		})
	}
}

// The content team writes what others approve; it lets nothing out, and somebody
// of another department does not even write.
//
// Clauses: ESC-XF-CONTENT
func TestTheContentTeamWritesAndOthersApprove(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		writer := authz.Actor{ID: "content-1", Role: authz.Stakeholder, Via: "session"}
		sales := authz.Actor{ID: "robert.park", Role: authz.Stakeholder, Via: "session"}
		words := message.Content{Audience: message.Public, Text: "Sign-in fails for some of you."}
		id, err := w.Draft(writer, words)
		must(w, err)
		if err := w.Approve(writer, id); !fault.Is(err, fault.Refused) {
			t.Errorf("the writer approved: %v", err)
		}
		if _, err := w.Draft(sales, words); !fault.Is(err, fault.Refused) {
			t.Errorf("sales wrote: %v", err)
		}
		w.Published("status_page").None()
		must(w, w.Approve(authz.Actor{ID: "ana", Role: authz.Responder, Via: "session"}, id))
		if err := w.EditMessage(writer, id, message.Content{Text: "Something else."}); !fault.Is(err, fault.Conflict) {
			t.Errorf("the writer changed what was approved: %v", err)
		}
	})
}

// A resolved incident asks Customer Success to contact the affected accounts, with
// their number, and tells its customers and the public that it is over; sales
// operations check the credits.
//
// Clauses: MON-ENH-CS, RES-VAL-NOTIFY, ESC-XF-SALESOPS
func TestWhatFollowsAResolution(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		w.Engage("ana")
		w.At(40 * min)
		w.Resolve("rolled back")
		w.At(41 * min)
		n := len(w.Impact().Accounts)
		contact := w.Tasks("MON-ENH-CS")
		if len(contact) != 1 || !strings.Contains(contact[0].Title, strconv.Itoa(n)) || contact[0].Owner != "schedule:customer-success" || contact[0].DueAt.Sub(w.Incident().ResolvedAt) != 24*hour {
			t.Errorf("%d accounts: %+v", n, contact)
		}
		w.Published("status_page").About("works again").At(40 * min).Citing("RES-VAL-NOTIFY")
		w.Published("email").About("works again").At(40 * min)
		if got := w.Tasks("ESC-XF-SALESOPS"); len(got) != 1 || got[0].Owner != "team:sales-operations" {
			t.Errorf("%+v", got)
		}
	})
}
