package app

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/message"
	"allclear/internal/domain/partner"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/command"
	"allclear/internal/flow/partners"
	"allclear/internal/plug"
	"allclear/internal/plug/outbox"
	"allclear/internal/store"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
	"allclear/internal/store/storetest"
	"allclear/internal/store/tasks"
)

// bench is a desk of a partner that does what it is told.
type bench struct {
	kind string
	err  error
	sent []plug.Message
	says plug.CaseState
	lost error // of a look
}

func (b *bench) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	b.sent = append(b.sent, m)
	if b.err != nil {
		return plug.Receipt{}, b.err
	}
	return plug.Receipt{Arrived: true, ProviderRef: "ref-1", Detail: "taken"}, nil
}

func (b *bench) Desk() (plug.Desk, bool) {
	return plug.Desk{Kind: b.kind, Asks: []plug.Field{{Key: "site", Title: "Site", Required: b.kind == plug.CaseScan}}}, true
}

func (b *bench) Look(_ context.Context, ref string) (plug.CaseState, error) {
	if ref != "ref-1" {
		return plug.CaseState{}, errors.New("another case")
	}
	return b.says, b.lost
}

// helped is an installation with two desks and an incident.
type helped struct {
	*Engine
	t    *testing.T
	aws  *bench
	scan *bench
	who  authz.Actor // that asks
	now  time.Time
}

var root = authz.Actor{ID: "root", Role: authz.Admin, Via: "api"}

// eachHelped runs a story on both engines, in one that was declared a P1.
func eachHelped(t *testing.T, tell func(h *helped)) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		h := &helped{t: t, aws: &bench{kind: plug.CaseSupport}, scan: &bench{kind: plug.CaseScan}, who: root, now: start}
		dir := t.TempDir()
		ks, err := openKeys(dir)
		must(t, err)
		desks := map[string]plug.CaseDesk{"aws_support": h.aws, "rapid7": h.scan}
		h.Engine = NewEngine(db, EngineOptions{
			Channels: func(name string) (plug.Channel, bool) {
				if d, ok := desks[name]; ok {
					return d, true
				}
				return outbox.New(), true
			},
			Desks: desks, AckKey: ks.ack, Box: ks.box, Workers: 1,
		})
		_, err = h.seedDemo(t.Context(), dir, demoFile{}, company(), start)
		must(t, err)
		must(t, h.procedureInForce(t.Context(), "", start))
		_, err = h.Command.Declare(t.Context(), root, command.Declaration{Service: "api", Title: "The API is down", Severity: procedure.P1}, start)
		must(t, err)
		h.after(0)
		tell(h)
	})
}

// after lets time pass.
func (h *helped) after(d time.Duration) {
	h.t.Helper()
	h.now = h.now.Add(d)
	must(h.t, h.Tick(h.t.Context(), h.now))
	_, err := h.Partners.Tick(h.t.Context(), h.now)
	must(h.t, err)
}

func (h *helped) ask(in partners.Ask) partners.Case {
	h.t.Helper()
	c, err := h.Partners.Ask(h.t.Context(), h.who, 1, in, h.now)
	must(h.t, err)
	return c
}

// cases are those of the incident as somebody sees them.
func (h *helped) cases(a authz.Actor) []partners.Case {
	h.t.Helper()
	all, err := h.Partners.Of(h.t.Context(), a, 1, h.now)
	must(h.t, err)
	return all
}

// lines are the timeline's about cases: kind and text.
func (h *helped) lines() (out []string) {
	h.t.Helper()
	must(h.t, h.DB.View(h.t.Context(), func(tx *store.Tx) error {
		inc, err := incidents.ByNumber(tx, 1)
		if err != nil {
			return err
		}
		all, err := events.Of(tx, inc.ID, 0, 1000)
		for _, e := range all {
			if strings.HasPrefix(string(e.Kind), "case.") {
				out = append(out, string(e.Kind)+" "+e.Data.Text)
			}
		}
		return err
	}))
	return out
}

func (h *helped) said(want ...string) {
	h.t.Helper()
	if got := h.lines(); !slices.Equal(got, want) {
		h.t.Errorf("timeline\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// One call opens a case through the partner's interface: its number is on the
// timeline, its state is followed, and its end is known.
//
// Clauses: ESC-EXT-AWS, INT-AWS-SUPPORT
func TestACaseIsOpenedInOneStep(t *testing.T) {
	eachHelped(t, func(h *helped) {
		c := h.ask(partners.Ask{Partner: "aws-support", Text: "Volumes are slow", Params: map[string]string{"site": "ebs"}})
		if c.State != partner.Asked || c.Urgency != "P1" || c.Subject != "INC-1: The API is down" || c.By != "root" {
			h.t.Errorf("asked %+v", c)
		}
		h.aws.says = plug.CaseState{Number: "1001", Link: "https://support.example.com/1001", State: "work in progress"}
		h.after(time.Second)
		if len(h.aws.sent) != 1 {
			h.t.Fatalf("sent %+v", h.aws.sent)
		}
		if m := h.aws.sent[0]; m.Kind != plug.CaseWanted || m.Case.Incident != "INC-1" || m.Case.Urgency != "P1" || m.Case.Kind != plug.CaseSupport || m.Case.Params["site"] != "ebs" || m.Text != "Volumes are slow" || m.Again {
			h.t.Errorf("sent %+v", m)
		}
		if c = h.cases(root)[0]; c.State != partner.Open || c.Ref != "ref-1" || c.Case.Number != "1001" || c.Link != "https://support.example.com/1001" || c.Told != "work in progress" {
			h.t.Errorf("open %+v", c)
		}
		h.after(2 * time.Minute) // says the same: no news
		h.aws.lost = errors.New("AWS Support is asked too often")
		h.after(2 * time.Minute)
		h.after(2 * time.Minute) // the same problem is told once
		h.aws.lost, h.aws.says.State, h.aws.says.Over = nil, "resolved", true
		h.after(2 * time.Minute)
		if c = h.cases(root)[0]; c.State != partner.Closed || !c.EndAt.Equal(h.now) || c.Problem != "" || !c.LookAt.IsZero() {
			h.t.Errorf("closed %+v", c)
		}
		h.said(
			"case.asked AWS Support: support: INC-1: The API is down", "case.opened AWS Support: case ref-1: INC-1: The API is down", "case.told AWS Support: case 1001: INC-1: The API is down is work in progress",
			"case.told AWS Support: its interface does not say how the case is: AWS Support is asked too often", "case.ended AWS Support: case 1001: INC-1: The API is down is resolved",
		)
		standing, err := h.Partners.Standing(h.t.Context(), root, h.now)
		if err != nil || len(standing) != 0 {
			h.t.Errorf("standing %+v %v", standing, err)
		}
	})
}

// An interface that fails is a line on the timeline, and the record stays for a person
// to open the case by hand: at once where it will never work, and while it is tried
// again where it may.
//
// Clauses: ESC-EXT-AWS, INT-AWS-SUPPORT
func TestAnInterfaceThatFailsLeavesAGuidedRecord(t *testing.T) {
	eachHelped(t, func(h *helped) {
		h.aws.err = plug.Fail(plug.Permanent, "AWS Support answers: SubscriptionRequiredException")
		h.ask(partners.Ask{Partner: "aws-support", Subject: "slow"})
		h.after(time.Second)
		if c := h.cases(root)[0]; c.State != partner.ToOpen || c.Problem != "AWS Support answers: SubscriptionRequiredException" {
			h.t.Fatalf("refused %+v", c)
		}
		h.aws.err = plug.Fail(plug.Retry, "AWS Support answers: 503")
		second := h.ask(partners.Ask{Partner: "aws-support", Subject: "slower"})
		h.after(time.Second)
		h.after(10 * time.Second)
		if c := h.cases(root)[1]; c.State != partner.Asked || c.Problem != "AWS Support answers: 503" || len(h.aws.sent) != 3 {
			h.t.Fatalf("tried again %+v, sent %d", c, len(h.aws.sent))
		}
		opened, err := h.Partners.Opened(h.t.Context(), root, second.ID, "2002", "", h.now)
		if err != nil || opened.State != partner.Open || opened.Case.Number != "2002" || opened.Problem != "" || opened.OpenBy != "root" {
			h.t.Errorf("by hand %+v %v", opened, err)
		}
		h.after(time.Hour)
		if len(h.aws.sent) != 3 {
			h.t.Errorf("sent after a person had opened it: %d", len(h.aws.sent))
		}
		h.said(
			"case.asked AWS Support: support: slow", "case.failed AWS Support: the case could not be opened: AWS Support answers: SubscriptionRequiredException. Open it by https://support.console.aws.amazon.com/support/home",
			"case.asked AWS Support: support: slower", "case.failed AWS Support: the case could not be opened yet: AWS Support answers: 503", "case.opened AWS Support: case 2002: slower",
		)
	})
}

// A partner without an interface is a contact card and a record: who opened the case,
// its number, notes, its end.
func TestAGuidedCase(t *testing.T) {
	eachHelped(t, func(h *helped) {
		cards, err := h.Partners.Cards(h.t.Context(), root)
		must(h.t, err)
		if c := cards["cloudflare"]; c.Ready || c.Phone == "" || c.Escalation == "" || c.Portal == "" || !cards["aws-support"].Ready || cards["google-cloud"].Ready {
			h.t.Errorf("cards %+v", cards)
		}
		c := h.ask(partners.Ask{Partner: "cloudflare", Subject: "Purge fails"})
		if c.State != partner.ToOpen || c.Problem != "" {
			h.t.Errorf("asked %+v", c)
		}
		_, err = h.Partners.Opened(h.t.Context(), root, c.ID, "CF-77", "https://dash.cloudflare.com/77", h.now)
		must(h.t, err)
		_, err = h.Partners.Note(h.t.Context(), root, c.ID, "They see it too", false, h.now)
		must(h.t, err)
		end, err := h.Partners.End(h.t.Context(), root, c.ID, "Fixed on their side", h.now)
		if err != nil || end.State != partner.Closed || end.Reason != "Fixed on their side" || len(end.Notes) != 1 {
			h.t.Errorf("%+v %v", end, err)
		}
		if _, err := h.Partners.End(h.t.Context(), root, c.ID, "again", h.now); !fault.Is(err, fault.Conflict) {
			h.t.Errorf("closed twice: %v", err)
		}
		taken := h.ask(partners.Ask{Partner: "cloudflare", Number: "CF-78"})
		if taken.State != partner.Open || taken.OpenBy != "root" {
			h.t.Errorf("opened before it was written down: %+v", taken)
		}
		other := h.ask(partners.Ask{Partner: "aws-support", Subject: "by phone", ByHand: true})
		if gone, err := h.Partners.End(h.t.Context(), root, other.ID, "not needed", h.now); err != nil || gone.State != partner.Cancelled {
			h.t.Errorf("%+v %v", gone, err)
		}
		h.after(time.Minute)
		if len(h.aws.sent) != 0 {
			h.t.Errorf("sent %+v", h.aws.sent)
		}
		h.said(
			"case.asked Cloudflare: support: Purge fails", "case.opened Cloudflare: case CF-77: Purge fails", "case.told Cloudflare: They see it too", "case.ended Cloudflare: closed: Fixed on their side",
			"case.asked Cloudflare: support: INC-1: The API is down", "case.opened Cloudflare: case CF-78: INC-1: The API is down", "case.asked AWS Support: support: by phone", "case.ended AWS Support: cancelled: not needed",
		)
	})
}

// A wish that is taken back is not sent; one that was sent before stands, because the
// partner has it.
func TestAWishIsTakenBack(t *testing.T) {
	eachHelped(t, func(h *helped) {
		c := h.ask(partners.Ask{Partner: "aws-support"})
		_, err := h.Partners.End(h.t.Context(), root, c.ID, "a mistake", h.now)
		must(h.t, err)
		h.after(time.Minute)
		if len(h.aws.sent) != 0 {
			h.t.Errorf("sent %+v", h.aws.sent)
		}
	})
}

// A P1 is over: its stability check asks for a scan, which is started in one step, and
// whose result is the evidence of the check.
//
// Clauses: ESC-EXT-R7, INT-RAPID7, MON-STAB-SEC
func TestTheResultOfAScanIsEvidence(t *testing.T) {
	eachHelped(t, func(h *helped) {
		_, err := h.Command.Resolve(h.t.Context(), root, 1, command.Resolution{Reason: "rolled back"}, h.now)
		must(h.t, err)
		h.after(time.Minute)
		task := func() (found *checklist.Task) {
			must(h.t, h.DB.View(h.t.Context(), func(tx *store.Tx) error {
				inc, err := incidents.ByNumber(tx, 1)
				if err != nil {
					return err
				}
				all, err := tasks.Of(tx, inc.ID)
				for _, x := range all {
					if x.Rule == "stable-security" {
						found = x
					}
				}
				return err
			}))
			return found
		}
		if x := task(); x == nil || x.State != checklist.Open {
			h.t.Fatalf("the check: %+v", x)
		}
		if _, err := h.Partners.Ask(h.t.Context(), root, 1, partners.Ask{Partner: "rapid7", Kind: partner.Scan}, h.now); !fault.Is(err, fault.Invalid) {
			h.t.Errorf("without a site: %v", err)
		}
		h.scan.says = plug.CaseState{Number: "101", State: "running"}
		h.ask(partners.Ask{Partner: "rapid7", Kind: partner.Scan, Subject: "after the fix", Params: map[string]string{"site": "7"}})
		h.after(time.Second)
		if x := task(); x.State != checklist.Open || len(h.scan.sent) != 1 || h.scan.sent[0].Case.Kind != plug.CaseScan {
			h.t.Errorf("while it runs: %+v, sent %+v", x, h.scan.sent)
		}
		h.scan.says = plug.CaseState{Number: "101", State: "finished", Result: "12 assets, 1 vulnerabilities: 0 critical, 1 severe, 0 moderate", Over: true}
		h.after(2 * time.Minute)
		if x := task(); x.State != checklist.Done || !strings.HasPrefix(x.Evidence, "Rapid7 scan 101: finished, 12 assets, 1 vulnerabilities: 0 critical, 1 severe, 0 moderate") {
			h.t.Errorf("at the end: %+v", x)
		}
		if c := h.cases(root)[0]; c.State != partner.Closed || c.Result == "" {
			h.t.Errorf("%+v", c)
		}
		// Consulting has no interface, and is a record.
		if c := h.ask(partners.Ask{Partner: "rapid7", Kind: partner.Engagement, Subject: "Consulting"}); c.State != partner.ToOpen || c.Desk != "" {
			h.t.Errorf("consulting %+v", c)
		}
	})
}

// An incident becomes restricted: outside counsel is engaged by a record with a time
// and a mail that says nothing of it, nobody engages it, and that is told. Nothing of
// the incident goes out by an interface. What is privileged is read by the circle alone.
//
// Clauses: ESC-EXT-LEGAL, SEC-BR-LEGAL
func TestCounselIsEngaged(t *testing.T) {
	eachHelped(t, func(h *helped) {
		waits := h.ask(partners.Ask{Partner: "aws-support", Text: "customer data"})
		_, err := h.Command.Restrict(h.t.Context(), root, 1, h.now)
		must(h.t, err)
		h.after(time.Second)
		if len(h.aws.sent) != 0 {
			h.t.Errorf("a restricted incident went out: %+v", h.aws.sent)
		}
		legal := authz.Actor{ID: "legal-counsel-1", Role: authz.Responder}
		h.who = legal
		all := h.cases(legal)
		if len(all) != 2 || all[0].ID != waits.ID || all[0].State != partner.ToOpen || !strings.Contains(all[0].Problem, "restricted") {
			h.t.Fatalf("%+v", all)
		}
		counsel := all[1]
		if counsel.Partner != "outside-counsel" || counsel.Kind != partner.Engagement || counsel.State != partner.ToOpen || !counsel.DueAt.Equal(start.Add(time.Hour)) {
			h.t.Fatalf("counsel %+v", counsel)
		}
		mail := h.mail(counsel)
		if mail.Address != "counsel@example.com" || mail.State != message.Accepted || strings.Contains(mail.Subject+mail.Body, "API") || !strings.Contains(mail.Body, "INC-1") {
			h.t.Errorf("mail %+v", mail)
		}
		if c := h.ask(partners.Ask{Partner: "aws-support"}); c.State != partner.ToOpen || c.Subject != "INC-1" || c.Desk != "" {
			h.t.Errorf("asked of a restricted one: %+v", c)
		}
		if _, err := h.Partners.Of(h.t.Context(), authz.Actor{ID: "outsider", Role: authz.Responder}, 1, h.now); !fault.Is(err, fault.NotFound) {
			h.t.Errorf("outside its circle: %v", err)
		}
		if _, err := h.Partners.Note(h.t.Context(), authz.Actor{ID: "outsider", Role: authz.Responder}, counsel.ID, "x", false, h.now); !fault.Is(err, fault.NotFound) {
			h.t.Errorf("a note from outside its circle: %v", err)
		}
		h.after(time.Hour)
		if c := h.cases(legal)[1]; c.LateAt.IsZero() {
			h.t.Errorf("nobody is late: %+v", c)
		}
		if got := h.lines(); !slices.ContainsFunc(got, func(s string) bool {
			return strings.HasPrefix(s, "case.late Legal Counsel: not engaged by 04:00 UTC")
		}) {
			h.t.Errorf("timeline\n%s", strings.Join(got, "\n"))
		}
		_, err = h.Partners.Opened(h.t.Context(), legal, counsel.ID, "matter 9", "", h.now)
		must(h.t, err)
		noted, err := h.Partners.Note(h.t.Context(), legal, counsel.ID, "They advise to wait", true, h.now)
		if err != nil || len(noted.Notes) != 1 || !noted.Notes[0].Privileged {
			h.t.Errorf("%+v %v", noted, err)
		}
		for _, line := range h.lines() {
			if strings.Contains(line, "advise") {
				h.t.Errorf("privileged words on the timeline: %s", line)
			}
		}
	})
}

// A privileged note of an incident that everybody knows is read by its writer and by
// those that the partner names.
//
// Clauses: ESC-EXT-LEGAL
func TestPrivilegedNotes(t *testing.T) {
	eachHelped(t, func(h *helped) {
		c := h.ask(partners.Ask{Partner: "outside-counsel", Kind: partner.Engagement, Subject: "Contract question", DueAt: h.now.Add(time.Hour)})
		legal := authz.Actor{ID: "legal-counsel-1", Role: authz.Responder}
		writer, other := authz.Actor{ID: "application-engineer-1", Role: authz.Responder}, authz.Actor{ID: "application-engineer-2", Role: authz.Responder}
		_, err := h.Partners.Note(h.t.Context(), writer, c.ID, "for counsel", true, h.now)
		must(h.t, err)
		_, err = h.Partners.Note(h.t.Context(), legal, c.ID, "from counsel", true, h.now)
		must(h.t, err)
		for a, want := range map[string]int{"legal-counsel-2": 2, writer.ID: 1, other.ID: 0, root.ID: 0} {
			if got := h.cases(authz.Actor{ID: a, Role: authz.Responder})[0]; len(got.Notes) != want {
				h.t.Errorf("%s reads %+v", a, got.Notes)
			}
		}
		_, err = h.Partners.Opened(h.t.Context(), legal, c.ID, "matter 9", "", h.now)
		must(h.t, err)
		h.after(2 * time.Hour)
		if got := h.lines(); slices.ContainsFunc(got, func(s string) bool { return strings.HasPrefix(s, string(event.CaseLate)) }) {
			h.t.Errorf("told late though it was in time: %v", got)
		}
	})
}

// mail is the one that asks a partner to call.
func (h *helped) mail(c partners.Case) (d *message.Delivery) {
	h.t.Helper()
	must(h.t, h.DB.View(h.t.Context(), func(tx *store.Tx) error {
		all, err := deliveries.Of(tx, message.KindEngage, c.ID)
		if err == nil && len(all) != 1 {
			h.t.Fatalf("mails %+v", all)
		}
		if err == nil {
			d = all[0]
		}
		return err
	}))
	return d
}
