package story_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/test/story"
)

const keptBack = "the product shows the outage itself"

// COM-CUST-INAPP: whoever approves messages can skip the notice in the product, with a
// reason: nobody is shown one, neither of the outage nor of its end, while the mails go
// out as ever and the record says who decided it and why.
//
// Clauses: COM-CUST-INAPP
func TestTheNoticeInTheProductIsSkipped(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		w.At(2 * min)
		for _, nothing := range []string{"", "  \n"} {
			if err := w.SkipInApp("ana", nothing); !fault.Is(err, fault.Invalid) {
				t.Errorf("without a reason: %v", err)
			}
		}
		w.Entries(event.ChannelSkipped).None()
		must(w, w.SkipInApp("ana", keptBack))
		if err := w.SkipInApp("ana", keptBack); !fault.Is(err, fault.Conflict) {
			t.Errorf("twice: %v", err)
		}
		w.Entries(event.ChannelSkipped).About(keptBack).By("ana").At(2 * min)

		// What the rule had waiting leaves without it.
		w.At(20 * min)
		mailed := w.Published("email").Number()
		if mailed == 0 || w.Published("in_app").Number() != 0 || len(w.InProduct("customer-0034")) != 0 {
			t.Errorf("%d messages by mail, %d in the product, %d notices", mailed, w.Published("in_app").Number(), len(w.InProduct("customer-0034")))
		}
		all := w.MessagesOf("draft-email-p1")
		if len(all) != 1 {
			t.Fatalf("%d messages", len(all))
		}
		for _, m := range all {
			if m.State != message.Published || strings.Join(m.Channels, " ") != "email" || strings.Join(m.Skipped, " ") != "in_app" {
				t.Errorf("%s over %v without %v", m.State, m.Channels, m.Skipped)
			}
		}
		w.Engage("ana")
		w.Resolve("fixed")
		w.After(time.Minute)
		if got := w.InProduct("customer-0034"); len(got) != 0 {
			t.Errorf("the end is shown: %+v", got)
		}
		if w.Published("email").Number() == mailed {
			t.Error("the end was not mailed")
		}
	})
}

// COM-CUST-INAPP: the skip can be taken back. What is told from then on is shown; of
// the end hears in the product only who heard of the problem there.
//
// Clauses: COM-CUST-INAPP
func TestTheSkipIsTakenBack(t *testing.T) {
	for _, told := range []bool{true, false} {
		t.Run(map[bool]string{true: "told meanwhile", false: "nothing told"}[told], func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				signInFails(w)
				must(w, w.SkipInApp("ana", keptBack))
				w.At(20 * min)
				must(w, w.ResumeInApp("ana"))
				if err := w.ResumeInApp("ana"); !fault.Is(err, fault.Conflict) {
					t.Errorf("taken back twice: %v", err)
				}
				if n := w.Entries(event.ChannelSkipped).Number(); n != 2 {
					t.Errorf("%d entries", n)
				}
				if got := w.InProduct("customer-0034"); len(got) != 0 {
					t.Errorf("shown although it was skipped: %+v", got)
				}
				if told {
					must(w, w.Tell("ana", message.Customers, []string{"email", "in_app"}, "Half of you can sign in again."))
					if got := w.InProduct("customer-0034"); len(got) != 1 || !strings.Contains(got[0].Text, "Half of you") {
						t.Fatalf("%+v", got)
					}
				}
				w.Engage("ana")
				w.Resolve("fixed")
				w.After(time.Minute)
				got := w.InProduct("customer-0034")
				if told != (len(got) == 1 && got[0].Status == "resolved") || !told && len(got) != 0 {
					t.Errorf("told %v: %+v", told, got)
				}
			})
		})
	}
}

// A notice that stands when the rest is skipped turns with the incident; a message for
// the product alone waits for a person instead of going nowhere; and whoever may not
// approve may not skip.
//
// Clauses: COM-CUST-INAPP
func TestASkipLeavesWhatStands(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		must(w, w.Tell("ana", message.Customers, []string{"in_app"}, "We look into it."))
		only, err := w.Compose("ana", message.Content{Audience: message.Customers, Channels: []string{"in_app"}, Status: "investigating", Text: "More in the product."})
		must(w, err)
		must(w, w.Schedule("ana", only, 10*min))
		must(w, w.ApproveText("ana", only))
		both, err := w.Compose("ana", message.Content{Audience: message.Customers, Channels: []string{"email", "in_app"}, Status: "investigating", Text: "More by mail."})
		must(w, err)
		must(w, w.Schedule("ana", both, 11*min))
		must(w, w.ApproveText("ana", both))
		must(w, w.SkipInApp("ana", keptBack))
		if p, err := w.Proof("ana", only.Content); err != nil || !strings.Contains(p.Ways[0].Nowhere, keptBack) {
			t.Errorf("%+v %v", p, err)
		}
		if err := w.Tell("ana", message.Customers, []string{"in_app"}, "Nowhere."); !fault.Is(err, fault.Conflict) {
			t.Errorf("told nowhere: %v", err)
		}
		w.At(12 * min)
		for _, m := range w.MessagesOf(message.PurposeUpdate) {
			switch m.ID {
			case only.ID:
				if !m.Waiting() || !strings.Contains(m.Held, keptBack) {
					t.Errorf("%s %q", m.State, m.Held)
				}
			case both.ID:
				if m.State != message.Published || m.Has(message.InApp) || m.Approved != m.Hash {
					t.Errorf("%s over %v", m.State, m.Channels)
				}
			}
		}
		if got := w.InProduct("customer-0034"); len(got) != 1 || got[0].Text != "We look into it." {
			t.Errorf("%+v", got)
		}
		w.Engage("ana")
		w.Resolve("fixed")
		w.After(time.Minute)
		if got := w.InProduct("customer-0034"); len(got) != 1 || got[0].Status != "resolved" {
			t.Errorf("%+v", got)
		}
	})
}
