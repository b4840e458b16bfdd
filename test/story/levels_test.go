package story_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/plug"
	"allclear/test/story"
)

// What leaves the house by itself, by severity, when nobody approves anything: the
// page after 13 minutes and mails to affected customers after 13 (P1) or 28 (P2), both
// approved in advance by the procedure. A P3 and a P4 tell nobody, and neither does
// what was never approved in advance: X, the forum, the press.
//
// Clauses: COM-CUST-STATUS, COM-CUST-EMAIL, COM-CUST-INAPP, COM-PUB-TWITTER, COM-PUB-FORUM, COM-PUB-PRESS
func TestWhatLeavesWithoutApproval(t *testing.T) {
	for _, c := range []struct {
		severity         procedure.Severity
		page, mail       time.Duration // 0: never
		calls            bool
		drafts, resolved []string // which wait for a person, and which tell of the end
	}{
		{P1, 13 * min, 13 * min, true, []string{"draft-social", "draft-forum", "draft-press"}, []string{"status_page", "email", "in_app"}},
		{P2, 13 * min, 28 * min, true, nil, []string{"status_page", "email", "in_app"}},
		{P3, 0, 0, false, []string{"draft-p3"}, nil},
		{P4, 0, 0, false, nil, nil},
	} {
		t.Run(c.severity.String(), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Declare(story.Declaration{Severity: c.severity, Service: "auth", Title: "sign-in is slow"})
				w.At(3 * time.Hour)
				for channel, due := range map[string]time.Duration{"status_page": c.page, "email": c.mail, "in_app": c.mail} {
					if due == 0 {
						w.Published(channel).None()
					} else {
						w.Published(channel).At(due)
					}
				}
				for _, clock := range []string{"status_page", "customer_email"} {
					w.Breached(clock).None()
				}
				if got := len(w.Contacts().Contacts) > 0; got != c.calls {
					t.Errorf("calls are asked for: %v", got)
				}
				for _, rule := range c.drafts {
					w.Waits(rule)
				}
				for _, channel := range []string{"social", "forum", "press"} {
					w.Outbox(channel).Silent()
				}
				before := len(w.Outbox("email").With("works again"))
				w.Engage("ana")
				w.Resolve("fixed")
				w.After(min)
				for _, channel := range []string{"status_page", "email", "in_app"} {
					if told := len(w.Published(channel).About("works again").List) > 0; told != slices.Contains(c.resolved, channel) {
						t.Errorf("%s tells of the end: %v", channel, told)
					}
				}
				if got := len(w.Outbox("email").With("is over and you can use it")) > before; got != slices.Contains(c.resolved, "email") {
					t.Errorf("mails tell of the end: %v", got)
				}
				w.At(28 * time.Hour)
				if got := len(w.Tasks("FUP-FU-WINDOW")) > 0; got != c.calls {
					t.Errorf("follow-ups are asked for: %v", got)
				}
			})
		})
	}
}

// Whoever was told of a P3 or a P4 hears of its end, the page and those who had a mail,
// and nobody else: FUP-IMM-STATUS, FUP-IMM-EMAIL. Nothing promises them a summary.
func TestWhoWasToldOfASmallTroubleHearsOfItsEnd(t *testing.T) {
	for _, level := range []procedure.Severity{P3, P4} {
		for _, told := range []bool{true, false} {
			t.Run(level.String()+map[bool]string{true: " told", false: " quiet"}[told], func(t *testing.T) {
				story.Tell(t, func(w *story.World) {
					w.Declare(story.Declaration{Severity: level, Service: "auth", Title: "sign-in is slow"})
					w.At(5 * min)
					if told {
						must(w, w.Tell("ana", message.Customers, []string{"status_page", "email"}, "Sign-in is slower than usual."))
						w.StatusPage().Shows("Sign-in is slower than usual.")
					}
					w.At(time.Hour)
					w.Engage("ana")
					w.Resolve("fixed")
					w.After(min)
					page, mails := w.Published("status_page").About("works again"), w.Outbox("email").With("we wrote to you about is over")
					if !told {
						page.None()
						w.StatusPage().Quiet()
						if len(mails) > 0 {
							t.Errorf("%d mails to people who know of nothing", len(mails))
						}
						return
					}
					page.At(time.Hour)
					w.StatusPage().Shows("is over. We keep watching closely.")
					if first := len(w.Outbox("email").With("Sign-in is slower than usual.")); len(mails) != first || first == 0 {
						t.Errorf("%d were told of it, %d of its end", first, len(mails))
					}
					if len(w.Outbox("email").With("summary within two days")) > 0 {
						t.Error("a summary is promised that nobody writes")
					}
				})
			})
		}
	}
}

// Every channel to customers fails for a while or for ever. What fails for a while is
// sent once it mends, once; what fails for ever is said on the record and in the report,
// and nothing of it holds up another channel or the all-clear.
//
// Clauses: COM-CUST-EMAIL, COM-PUB-TWITTER, COM-PUB-FORUM, FUP-IMM-EMAIL, FUP-IMM-SOCIAL, FUP-FU-SUMMARY, FUP-FU-FORUM
func TestAChannelToCustomersFails(t *testing.T) {
	for channel, say := range map[string][2]string{ // the rule and its words
		"email": {"holding-email-p1", "has a serious problem"}, "social": {"draft-social", "We are working on"},
		"forum": {"draft-forum", "Please ask your questions here"}, "press": {"draft-press", "have not been available"},
	} {
		for _, mends := range []bool{true, false} {
			kind, until := plug.Retry, 25*min
			if !mends {
				kind, until = plug.Permanent, 0
			}
			t.Run(channel+map[bool]string{true: " for a while", false: " for ever"}[mends], func(t *testing.T) {
				story.Tell(t, func(w *story.World) {
					signInFails(w)
					w.At(5 * min)
					if say[0] != "holding-email-p1" {
						must(w, w.Send("ana", w.Waits(say[0])))
					}
					w.At(20 * min)
					w.Outbox(channel).Silent()
					w.Published("status_page").At(13 * min) // the page waits for nobody
					w.At(time.Hour)
					if !mends {
						w.Outbox(channel).Silent()
						w.Entries(event.Undelivered).About(channel).Some()
						w.Engage("ana")
						w.Resolve("fixed")
						w.After(min)
						w.StatusPage().Shows("is over")
						return
					}
					seen := map[string]int{}
					for _, s := range w.Outbox(channel).With(say[1]) {
						if seen[s.To+"\x00"+s.Text]++; seen[s.To+"\x00"+s.Text] > 1 {
							t.Errorf("twice to %s: %s", s.To, s.Text)
						}
					}
					if len(seen) == 0 {
						t.Errorf("nothing left on %s once it mended", channel)
					}
				}, story.Broken(channel, "", 0, until, kind))
			})
		}
	}
}

// The follow-ups of a P2 as of a P1: what nobody approves does not leave, is late at
// 48 hours and somebody above hears of it.
//
// Clauses: FUP-FU-SUMMARY, FUP-FU-REPORT, FUP-FU-CS, FUP-FU-EXEC, FUP-FU-FORUM, FUP-FU-WINDOW
func TestFollowUpsThatNobodyApproves(t *testing.T) {
	for _, level := range []procedure.Severity{P1, P2} {
		t.Run(level.String(), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Declare(story.Declaration{Severity: level, Service: "auth", Title: "logins fail"})
				w.Engage("ana")
				w.At(40 * min)
				w.Resolve("fixed")
				w.At(40*min + 25*time.Hour)
				mails := w.Outbox("email").Count()
				if err := w.ApproveText("ana", w.Waits("draft-summary")); !fault.Is(err, fault.Refused) {
					t.Errorf("an unfinished summary was approved: %v", err)
				}
				w.At(40*min + 47*time.Hour)
				if got := len(w.Outbox("email").With("in detail")); got != 0 || w.Outbox("email").Count() < mails {
					t.Errorf("%d unapproved summaries left", got)
				}
				w.Outbox("forum").Silent()
				w.At(40*min + 48*time.Hour + min)
				for _, clause := range []string{"FUP-FU-SUMMARY", "FUP-FU-REPORT", "FUP-FU-CS", "FUP-FU-EXEC", "FUP-FU-FORUM"} {
					task := w.Tasks(clause)[0]
					if task.State != "open" || task.DueAt.Sub(w.Incident().ResolvedAt) != 48*time.Hour {
						t.Errorf("%s is %s, due %s", clause, task.State, task.DueAt)
					}
					w.Notices("").For(clause).From(40*min + 48*time.Hour).Some()
				}
			})
		})
	}
}

// Who asked for text messages gets one of a P1, with where the news is, and one of its
// end; nobody else does, and none of a P2. One that a person sent is not sent again.
//
// Clauses: PLT-CN-SMS
func TestTextsOfAP1(t *testing.T) {
	for _, c := range []struct {
		level  procedure.Severity
		byHand bool
		nobody bool // has asked for them
		want   int
	}{{P1, false, false, 2}, {P1, true, false, 2}, {P2, false, false, 0}, {P1, false, true, 0}} {
		t.Run(fmt.Sprint(c.level, c.byHand, c.nobody), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				for _, k := range story.Customers() { // nobody has asked
					k.Contacts = slices.Clone(k.Contacts)
					for n := range k.Contacts {
						k.Contacts[n].Channels = nil
					}
					w.Keep(k)
				}
				if !c.nobody {
					k := w.Entity(catalog.KindCustomer, "customer-0034").(catalog.Customer)
					k.Contacts[0].Phone, k.Contacts[0].Channels = "+15550199001", []string{"email", "sms"}
					w.Keep(k)
				}
				w.Declare(story.Declaration{Severity: c.level, Service: "auth", Title: "logins fail"})
				w.At(5 * min)
				if c.byHand {
					must(w, w.Tell("ana", message.Customers, []string{"sms"}, "Sign-in is down."))
				}
				w.At(20 * min)
				w.Engage("ana")
				w.At(40 * min)
				w.Resolve("fixed")
				w.After(min)
				var got []string
				for _, s := range w.Outbox("sms").With("") {
					if s.To == "+15550199001" {
						got = append(got, s.Text)
					}
				}
				if len(got) != c.want {
					t.Fatalf("%q", got)
				}
				if c.want == 0 {
					w.Published("sms").None() // and no message of nobody's is on the record
				}
				for n, words := range []string{"Sign-in", "is over"} {
					if c.want > 0 && (!strings.Contains(got[n], words) || !strings.HasSuffix(got[n], story.StatusURL)) {
						t.Errorf("text %d: %q", n, got[n])
					}
				}
			})
		})
	}
}
