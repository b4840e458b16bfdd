package story_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/outreach"
	"allclear/internal/domain/told"
	"allclear/internal/plug"
	"allclear/test/story"
)

func signInFails(w *story.World) {
	w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
}

// edited changes the procedure's text: from, to, from, to ...
func edited(pairs []string) (out []story.Setup) {
	for k := 0; k+1 < len(pairs); k += 2 {
		out = append(out, story.Procedure(pairs[k], pairs[k+1]))
	}
	return out
}

// COM-CUST-VIP: each affected VIP and named account becomes one call of its account
// manager with phone and script, due 30 minutes after the declaration; outcomes are
// recorded, the share that is done shows, and the last call ends the duty.
func TestVIPAccountsAreCalled(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		b := w.Contacts()
		calls := append(w.ContactsOf("outreach-vip"), w.ContactsOf("outreach-named")...)
		if len(calls) != 4 || b.Done != 0 {
			t.Fatalf("%d calls of %d", len(calls), len(b.Contacts))
		}
		seen := map[string]bool{}
		for _, c := range calls {
			if seen[c.Party] || !strings.HasPrefix(c.Owner, "account-manager-") || c.Phone == "" || !strings.Contains(c.Script, c.Person) || !strings.Contains(c.Script, "Sign-in") || c.DueAt.Sub(w.Incident().DeclaredAt) != 30*min {
				t.Errorf("%+v", c)
			}
			seen[c.Party] = true
		}
		w.At(5 * min)
		must(w, w.Called("bo", calls[0], outreach.NoAnswer, "", ""))
		must(w, w.Called("bo", calls[0], outreach.Reached, "they are calm", ""))
		must(w, w.Called("bo", calls[1], outreach.LeftMessage, "", ""))
		if err := w.Called("bo", calls[0], outreach.Reached, "", ""); !fault.Is(err, fault.Conflict) {
			t.Errorf("done twice: %v", err)
		}
		if b = w.Contacts(); b.Done != 2 || len(b.Groups) < 2 {
			t.Errorf("%d done in %d groups", b.Done, len(b.Groups))
		}
		w.At(31 * min) // the other two are late, and the vice president hears of it
		w.Notices("amanda.rodriguez").Some()
		for _, c := range calls[2:] {
			must(w, w.Called("bo", c, outreach.Reached, "", ""))
		}
		for _, task := range w.Tasks("COM-CUST-VIP") {
			if task.State != "done" || !strings.Contains(task.Evidence, "of 2 reached") {
				t.Errorf("%s: %s %q", task.Rule, task.State, task.Evidence)
			}
		}
		w.Entries(event.OutreachTried).About("calm").Some()
	})
}

// COM-CUST-VIP: an account that is found to be touched later is called too; of P3 and
// of a restricted incident nobody is.
func TestWhoIsCalledFollowsTheScope(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Declare(story.Declaration{Severity: P3, Service: "auth", Title: "slow"})
		if b := w.Contacts(); len(b.Contacts) != 0 {
			t.Errorf("%d calls about a P3", len(b.Contacts))
		}
		w.Severity(P1, "it is worse")
		before := len(w.Contacts().Contacts)
		if before == 0 {
			t.Error("nobody is called about a P1")
		}
		w.Restrict()
		w.At(time.Hour)
		if got := len(w.Contacts().Contacts); got != before {
			t.Errorf("%d calls more of a restricted incident", got-before)
		}
	})
}

// COM-PUB-TWITTER, PLT-CN-SOCIAL: a post on X is drafted at the declaration, leaves only
// once approved, and carries the address of the status page within 280. FUP-IMM-SOCIAL:
// what was posted there hears of the end by itself; what was not waits for approval.
func TestXHearsOfTheEndIfItHeardOfTheOutage(t *testing.T) {
	for _, posted := range []bool{true, false} {
		t.Run(fmt.Sprint(posted), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				signInFails(w)
				w.At(5 * min)
				w.Outbox("social").Silent()
				if posted {
					must(w, w.Send("ana", w.Waits("draft-social")))
					got := w.Outbox("social").Got("We are working on")
					if text := message.FitPost(got.Text); message.PostWeight(text) > 280 || !strings.HasSuffix(text, story.StatusURL) {
						t.Errorf("%q", text)
					}
				}
				w.Engage("ana")
				w.Resolve("fixed")
				w.After(time.Minute)
				if posted {
					w.Outbox("social").Got("is over")
					return
				}
				w.Outbox("social").Silent()
				must(w, w.Send("ana", w.Waits("restored-social")))
				w.Outbox("social").Got("is over")
			})
		})
	}
}

// COM-PUB-FORUM, FUP-FU-FORUM: without an integration a person posts the approved text
// and its address is kept; with one it is sent. What is not answered is late.
func TestTheForumIsAnsweredByHand(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		must(w, w.Send("ana", w.Waits("draft-forum")))
		w.Outbox("forum").Silent()
		posts := w.ContactsOf("post")
		if len(posts) != 1 || !strings.Contains(posts[0].Script, "ask your questions here") || !strings.Contains(posts[0].Script, story.StatusURL) {
			t.Fatalf("%+v", posts)
		}
		if err := w.Called("ana", posts[0], outreach.Posted, "", "javascript:alert(1)"); !fault.Is(err, fault.Invalid) {
			t.Errorf("an address that is none: %v", err)
		}
		must(w, w.Called("ana", posts[0], outreach.Posted, "", "https://community.example.com/t/42"))
		if got := w.ContactsOf("post")[0]; !got.Done || got.Last().URL != "https://community.example.com/t/42" {
			t.Errorf("%+v", got)
		}
		w.Engage("ana")
		w.Resolve("fixed")
		w.After(25 * time.Hour)
		m := w.Rewrite("ana", w.Waits("draft-forum-summary"), "What happened, and our answers.")
		must(w, w.Send("ana", m))
		task := w.Tasks("FUP-FU-FORUM")[0]
		if task.State != "done" {
			t.Errorf("%s", task.State)
		}
	}, story.ByHand("forum"))
}

// COM-PUB-PRESS: a statement is drafted, approved and issued, each on the record, and
// who of the press asked what is kept. Without approval nothing is issued.
func TestThePressIsAnswered(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		m := w.Waits("draft-press")
		if _, err := w.HeardFrom("ana", outreach.Contact{Kind: outreach.Account, Name: "Acme"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an account added by hand: %v", err)
		}
		c, err := w.HeardFrom("ana", outreach.Contact{Kind: outreach.Press, Name: "Daily News", Person: "Jo", Script: "Is data lost?"})
		must(w, err)
		must(w, w.Called("ana", c, outreach.FollowUp, "statement promised", ""))
		w.Outbox("press").Silent()
		must(w, w.Send("ana", m))
		w.Outbox("press").Got("have not been available")
		must(w, w.Called("ana", c, outreach.Reached, "statement given", ""))
		for _, k := range []event.Kind{event.MessageDrafted, event.MessageApproved, event.MessagePublished} {
			w.Entries(k).About("Our status page has the latest news.").Some()
		}
		done := 0
		for _, task := range w.Tasks("COM-PUB-PRESS") {
			if task.State == "done" {
				done++
			}
		}
		if got := w.ContactsOf("press"); done != 1 || len(got) != 1 || len(got[0].Tries) != 2 {
			t.Errorf("%d done, %+v", done, got)
		}
	})
}

// COM-PUB-ANALYST: a P1 that lasts longer than two hours, or touches more than a quarter
// of the customers, asks for a briefing of analysts; below neither does.
func TestAnalystsAreBriefedAboveTheThreshold(t *testing.T) {
	narrow := []string{"widespread_percent: 25", "widespread_percent: 100"}
	for _, c := range []struct {
		name string
		edit []string
		at   time.Duration
		want int
	}{
		{"short and narrow", narrow, 119 * min, 0}, {"long", narrow, 121 * min, 1}, {"wide", nil, min, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				signInFails(w)
				w.At(c.at)
				if got := len(w.Tasks("COM-PUB-ANALYST")); got != c.want {
					t.Errorf("%d briefings", got)
				}
			}, edited(c.edit)...)
		})
	}
}

// OBJ-COMM100: no post within 15 minutes of the declaration is a breach and less than
// 100 %; a post at 14 minutes is compliant. Each customer is judged by the
// procedure's time or the contract's.
func TestWhoIsToldInTime(t *testing.T) {
	mute := []string{
		"    message: {audience: public, channels: [status_page], text: holding_p1, status: investigating, unless: status_posted, private: [single_tenant]}", "    note: nobody publishes",
		"    message: {audience: customers, channels: [email, in_app], text: customer_p1, status: investigating, unless: customers_mailed}", "    note: nobody mails",
	}
	for _, at := range []time.Duration{14 * min, 20 * min} {
		t.Run(at.String(), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				signInFails(w)
				w.JustBefore(at)
				w.Update("ana", message.Customers, "Sign-in fails. We work on it.")
				w.At(time.Hour)
				r, m := w.InTime(), w.InTimeThisMonth()
				if at < 15*min {
					w.Breached("status_page").None()
					if r.PostState != told.InTime || r.Share.Percent() != 100 || m.Posts.Percent() != 100 || m.Customers.Percent() != 100 || len(r.Customers) == 0 {
						t.Errorf("%s, %v %%, %v %%", r.PostState, r.Share.Percent(), m.Posts.Percent())
					}
					return
				}
				w.Breached("status_page").At(15 * min)
				if r.PostState != told.Late || r.Share.Percent() != 0 || m.Posts.Percent() != 0 || r.Customers[0].State != told.Late {
					t.Errorf("%s, %v %%, %v %%", r.PostState, r.Share.Percent(), m.Posts.Percent())
				}
			}, edited(mute)...)
		})
	}
}

// OBJ-COMM100: whoever is to be told by contract is warned of before, and heard of after,
// its time; a provider that refuses a mail leaves that customer untold.
func TestAContractsTimeIsKept(t *testing.T) {
	key := func(w *story.World) catalog.Customer {
		return w.Entity(catalog.KindCustomer, "customer-0034").(catalog.Customer)
	}
	var broken string
	for _, c := range story.Customers() {
		if c.ID == "customer-0034" {
			broken = c.Contacts[0].Email
		}
	}
	story.Tell(t, func(w *story.World) {
		k := key(w)
		k.Contacts = k.Contacts[:1]
		w.Keep(k)
		signInFails(w)
		w.At(12*min + time.Second)
		w.Entries(event.Automatic).About("must be told by").Some()
		w.At(16 * min)
		for _, c := range w.InTime().Customers {
			if bad := c.ID == "customer-0034"; bad != (c.State == told.Missed) || bad && (!c.Contract || c.Failed == 0) {
				t.Errorf("%+v", c)
			}
		}
		w.Entries(event.Automatic).About("should have been told by").Some()
		if got := w.InTimeThisMonth().Customers; got.InTime != got.Kept-1 {
			t.Errorf("%+v", got)
		}
	}, story.Broken("email", broken, 0, 0, plug.Permanent))
}

// A message can wait for its time: it goes out only if its text is approved by then, and
// not at all once the incident has overtaken it.
//
// Clauses: PLT-CN-SOCIAL
func TestAMessageWaitsForItsTime(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		write := func(text string) (id *message.Message) {
			v, err := w.Compose("ana", message.Content{Audience: message.Public, Channels: []string{"social"}, Status: "investigating", Text: text})
			must(w, err)
			must(w, w.Schedule("ana", v, 10*min))
			return &v.Message
		}
		write("First text.")
		write("Second text.")
		write("Third text.")
		all := w.MessagesOf(message.PurposeUpdate)
		must(w, w.ApproveText("ana", all[0]))
		must(w, w.ApproveText("ana", all[1]))
		w.Rewrite("ana", all[1], "Second text, changed.") // voids the approval
		if err := w.Schedule("ana", all[2], -min); !fault.Is(err, fault.Invalid) {
			t.Errorf("a time that is past: %v", err)
		}
		w.JustBefore(10 * min)
		w.Outbox("social").Silent()
		w.At(10 * min)
		w.Outbox("social").Got("First text.")
		if n := w.Outbox("social").Count(); n != 1 {
			t.Errorf("%d posts", n)
		}
		all = w.MessagesOf(message.PurposeUpdate)
		if all[1].Held == "" || all[1].State != message.Draft || !all[1].PublishAt.IsZero() {
			t.Errorf("%s %q", all[1].State, all[1].Held)
		}
		must(w, w.Schedule("ana", all[1], 2*time.Hour))
		must(w, w.ApproveText("ana", all[1]))
		w.Engage("ana")
		w.Resolve("fixed")
		w.At(3 * time.Hour)
		if m := w.MessagesOf(message.PurposeUpdate)[1]; m.State != message.Discarded {
			t.Errorf("overtaken, and %s", m.State)
		}
	})
}

// What was wrong is corrected by another message that says so, on the page and to those
// who were told; both are kept.
func TestACorrectionSaysSo(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		must(w, w.Tell("ana", message.Customers, []string{"status_page", "email"}, "Reports fail."))
		w.At(5 * min)
		wrong := w.MessagesOf(message.PurposeUpdate)[0]
		v, err := w.Compose("ana", message.Content{Text: "Sign-in fails, not reports.", Corrects: wrong.ID.String()})
		must(w, err)
		must(w, w.Send("ana", v))
		w.StatusPage().Shows("Correction of what we wrote at 03:00 UTC")
		if shown := w.StatusPage().Shows("Reports fail."); shown.CorrectedAt == nil || shown.Withdrawn {
			t.Errorf("the page does not mark what was corrected: %+v", shown)
		}
		if got := w.Outbox("email").Got("Sign-in fails, not reports."); !strings.HasPrefix(got.Subject, "Correction: ") {
			t.Errorf("%q", got.Subject)
		}
		back, err := w.Compose("ana", message.Content{Text: "It was not so.", Corrects: wrong.ID.String(), Retracts: true})
		must(w, err)
		must(w, w.Send("ana", back))
		w.StatusPage().Shows("We withdraw what we wrote at 03:00 UTC")
		if shown := w.StatusPage().Shows("Reports fail."); !shown.Withdrawn {
			t.Errorf("the page does not mark what was withdrawn: %+v", shown)
		}
		if _, err := w.Compose("ana", message.Content{Text: "x", Corrects: "01JZZZZZZZZZZ"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a correction of nothing: %v", err)
		}
	})
}

// A draft that names what nobody can fill in is refused with its place; a proof shows
// the words as they leave, who gets them and who does not, and why.
func TestAProofShowsWhatLeaves(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		_, err := w.Compose("ana", message.Content{Text: "Hello {{name}},\nyour {{planet}} is down."})
		var f *fault.Error
		if !errors.As(err, &f) || f.Kind != fault.Invalid || !strings.Contains(fmt.Sprint(f.Details), "line 2, column 6") {
			t.Errorf("%v", err)
		}
		if _, err := w.Compose("ana", message.Content{Subject: "x\r\nBcc: all@example.com", Text: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a subject of two lines: %v", err)
		}
		if _, err := w.Compose("ana", message.Content{Audience: message.Executives, Channels: []string{"status_page"}, Text: "x"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("executives on the status page: %v", err)
		}
		p, err := w.Proof("ana", message.Content{Audience: message.VIP, Channels: []string{"email", "social"}, Text: "Hello {{name}}, {{service}} is down. <script>alert(1)</script>"})
		must(w, err)
		mail, post := p.Ways[0], p.Ways[1]
		if mail.Count == 0 || !strings.Contains(mail.Text, mail.Readers[0].Contact) || !strings.Contains(mail.Text, "Sign-in is down. <script>") || mail.Missed == 0 || mail.Skipped[0].Why == "" {
			t.Errorf("%+v", mail)
		}
		if post.Limit != 280 || post.Weight > 280 || !strings.HasSuffix(post.Text, story.StatusURL) || !post.ByHand {
			t.Errorf("%+v", post)
		}
		for audience, least := range map[string]int{message.All: 40, message.Executives: 1, message.Stakeholders: 3} {
			p, err := w.Proof("ana", message.Content{Audience: audience, Channels: []string{"email"}, Text: "x"})
			must(w, err)
			if p.Ways[0].Count < least {
				t.Errorf("%s: %d readers", audience, p.Ways[0].Count)
			}
		}
		before := w.Outbox("email").Count()
		must(w, w.Tell("ana", message.Executives, []string{"email"}, "Where it stands."))
		w.Outbox("email").Got("Where it stands.")
		if w.Outbox("email").Count() == before {
			t.Error("no executive got a mail")
		}
	}, story.ByHand("social"))
}

// FUP-FU-WINDOW: five follow-ups open 24 hours after the end and are due at 48. FUP-FU-SUMMARY:
// the summary is drafted from the record, cannot be approved unfinished, and reaches each
// affected contact. FUP-FU-REPORT: the report is on the page as a postmortem without internal
// words, and is completed later. FUP-FU-CS, FUP-FU-EXEC: accounts are called, VIP accounts get
// their summary. FUP-IMM-STATUS: the page says resolved at once.
func TestTheFollowUpSet(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		signInFails(w)
		w.Engage("ana")
		w.At(40 * min)
		w.Resolve("fixed")
		w.StatusPage().Shows("is over")
		w.At(40*min + 24*time.Hour - time.Second)
		rules := map[string]string{"FUP-FU-SUMMARY": "follow-summary", "FUP-FU-REPORT": "follow-report", "FUP-FU-CS": "follow-enterprise", "FUP-FU-EXEC": "follow-executive-summary", "FUP-FU-FORUM": "follow-forum"}
		if n := len(w.Tasks("FUP-FU-WINDOW")); n != 0 {
			t.Errorf("%d follow-ups before 24 h", n)
		}
		w.At(40*min + 24*time.Hour)
		if n := len(w.Tasks("FUP-FU-WINDOW")); n != len(rules) {
			t.Errorf("%d follow-ups", n)
		}
		for clause, rule := range rules {
			if got := w.Tasks(clause)[0]; got.Rule != rule || got.DueAt.Sub(w.Incident().ResolvedAt) != 48*time.Hour {
				t.Errorf("%s: %+v", clause, got)
			}
		}
		m := w.Waits("draft-summary")
		for _, words := range []string{"from 03:00 UTC", "to 03:40 UTC", "40 minutes in all", "investigating: We are investigating"} {
			if !strings.Contains(m.Text, words) {
				t.Errorf("the draft does not say %q: %s", words, m.Text)
			}
		}
		if err := w.ApproveText("ana", m); !fault.Is(err, fault.Refused) {
			t.Errorf("an unfinished text was approved: %v", err)
		}
		must(w, w.Send("ana", w.Rewrite("ana", m, "Hello {{name}}, this is what happened.")))
		got, want := 0, 0
		for _, s := range w.Outbox("email").With("this is what happened") {
			if got++; strings.Contains(s.Text, "{{") {
				t.Errorf("to %s: %s", s.To, s.Text)
			}
		}
		for _, c := range w.InTime().Customers {
			want += c.Contacts
		}
		if got == 0 || got != want {
			t.Errorf("%d mails to %d contacts", got, want)
		}
		report := w.Waits("draft-report")
		if err := w.ApproveText("ana", w.Rewrite("ana", report, "Ana Alvarez saw INC-1: logins fail.")); !fault.Is(err, fault.Refused) {
			t.Errorf("internal words in a report: %v", err)
		}
		must(w, w.Send("ana", w.Rewrite("ana", report, "A change of ours broke sign-in. Preliminary.")))
		w.StatusPage().Shows("A change of ours broke sign-in.")
		must(w, w.Send("ana", w.Rewrite("ana", w.Waits("draft-executive-summary"), "Dear {{name}}, in short: it is over.")))
		brief := w.Outbox("email").Got("in short: it is over")
		if file := brief.Attached; file == nil || file.Type != "application/pdf" || !bytes.HasPrefix(file.Data, []byte("%PDF-")) {
			t.Errorf("a summary without its document: %+v", file)
		}
		for _, c := range append(w.ContactsOf("follow-enterprise"), w.ContactsOf("follow-executive-summary")...) {
			must(w, w.Called("bo", c, outreach.Reached, "content", ""))
		}
		for clause := range rules {
			if got := w.Tasks(clause)[0]; (got.State == "done") != (clause != "FUP-FU-FORUM") {
				t.Errorf("%s is %s", clause, got.State)
			}
		}
		w.At(40*min + 48*time.Hour + time.Minute)
		must(w, w.Tell("ana", message.Public, []string{"status_page"}, "not a report"))
		v, err := w.Compose("ana", message.Content{Audience: message.Public, Channels: []string{"status_page"}, Status: "postmortem", Text: "The review found why."})
		must(w, err)
		must(w, w.Send("ana", v))
		w.StatusPage().Shows("The review found why.")
		for _, task := range w.Tasks("FUP-FU-REPORT") {
			if task.State != "done" {
				t.Errorf("%s is %s", task.Rule, task.State)
			}
		}
	})
}

// mirrorPage is a Statuspage.io page as its API shows it.
type mirrorPage struct {
	mu        sync.Mutex
	incidents []map[string]any
	updates   []string
	reports   []string
	lost      int // so many answers are lost after the work was done
	busy      int // so many calls are refused
}

func (s *mirrorPage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	const base = "/v1/pages/abc123/incidents"
	if r.Header.Get("Authorization") != "OAuth 0123456789abcdef" || !strings.HasPrefix(r.URL.Path, base) {
		http.Error(w, `{"error":"Could not authenticate"}`, http.StatusUnauthorized)
		return
	}
	if s.busy > 0 {
		s.busy--
		http.Error(w, `{"error":"Too many requests"}`, 420)
		return
	}
	var body struct {
		Incident   map[string]any
		Postmortem map[string]any
	}
	if r.Method != http.MethodGet && json.NewDecoder(r.Body).Decode(&body) != nil {
		http.Error(w, "{}", http.StatusBadRequest)
		return
	}
	var answer any
	switch rest := strings.TrimPrefix(r.URL.Path, base); {
	case r.Method == http.MethodGet:
		list := slices.DeleteFunc(slices.Clone(s.incidents), func(i map[string]any) bool { return rest == "/scheduled" && i["scheduled_for"] == nil })
		if answer = list; len(list) == 0 {
			answer = []any{}
		}
	case r.Method == http.MethodPost && rest == "":
		i := map[string]any{"id": fmt.Sprintf("p%d", len(s.incidents)+1)}
		s.incidents = append(s.incidents, i)
		answer = s.change(i, body.Incident)
	case r.Method == http.MethodPatch && slices.ContainsFunc(s.incidents, func(i map[string]any) bool { return rest == "/"+fmt.Sprint(i["id"]) }):
		n := slices.IndexFunc(s.incidents, func(i map[string]any) bool { return rest == "/"+fmt.Sprint(i["id"]) })
		answer = s.change(s.incidents[n], body.Incident)
	case r.Method == http.MethodPut && strings.HasSuffix(rest, "/postmortem"):
		s.reports = append(s.reports, fmt.Sprint(body.Postmortem["body_draft"]))
	case r.Method == http.MethodPut && strings.HasSuffix(rest, "/postmortem/publish"):
	default:
		http.Error(w, "{}", http.StatusNotFound)
		return
	}
	if s.lost > 0 && r.Method != http.MethodGet {
		s.lost--
		panic(http.ErrAbortHandler)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

func (s *mirrorPage) change(i, f map[string]any) map[string]any {
	if text, _ := f["body"].(string); text != "" {
		s.updates = append(s.updates, fmt.Sprint(f["status"], ": ", text))
	}
	for _, k := range []string{"status", "metadata", "name", "scheduled_for", "scheduled_until"} {
		if f[k] != nil {
			i[k] = f[k]
		}
	}
	if f["impact_override"] != nil {
		i["impact"] = f["impact_override"]
	}
	if cs, ok := f["components"].(map[string]any); ok {
		var list []map[string]any
		for id, state := range cs {
			list = append(list, map[string]any{"id": id, "status": state})
		}
		i["components"] = list
	}
	return i
}
