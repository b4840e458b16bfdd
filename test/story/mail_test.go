package story_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/letter"
	"allclear/internal/plug"
	"allclear/test/story"
)

func wrote(from, subject string) letter.Letter {
	return letter.Letter{From: from, Subject: subject, Text: "Nobody can sign in since three."}
}

// At three in the morning a mail to either spelling of the operations address
// pages who is on call, and the chain climbs; the same trouble written to both
// is one incident.
//
// Clauses: DOC-EMERG-OPS, INT-EMAIL
// Reading 12
func TestMailToOperationsPagesWhoIsOnCall(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Write("api", wrote("dana@partner.example", "Sign-in is down"), "ops-emergency")
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(0)
		w.Nobody("primary").WasPaged()
		w.Entries(event.Noted).About("Nobody can sign in since three.").Some()
		w.Write("api", wrote("dana@partner.example", "Still down"), "opsemergency")
		if n := w.Incident().Number; n != 1 || len(w.Alerts()) != 2 {
			t.Errorf("INC-%d is the newest, with %d alerts", n, len(w.Alerts()))
		}
		w.Pages("primary").At(0) // the chain has it
		w.At(10 * min)
		w.Pages("secondary").At(10 * min)
		// Somebody has it, and another mail comes in: they hear of it.
		w.Ack("primary")
		w.At(12 * min)
		w.Write("api", wrote("eli@partner.example", "Now it is worse"), "ops-emergency")
		w.Pages("primary").For("DOC-EMERG-OPS").At(12 * min)
		w.Phone("primary").Pages().Got("Now it is worse")
	})
}

// A mail that is sent again after its acceptance got lost does nothing twice,
// also when the incident is over; a mail without an id is the same for an hour.
//
// Clauses: INT-EMAIL
// B24
func TestAMailThatComesTwice(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		l := wrote("dana@partner.example", "Sign-in is down")
		if kept := w.Write("api", l, "ops-emergency"); kept != "" {
			t.Errorf("the first was only kept: %s", kept)
		}
		w.Restart()
		for _, to := range [][]string{{"ops-emergency"}, {"opsemergency"}, {"opsemergency", "ops-emergency"}} {
			if kept := w.Write("api", l, to...); !strings.Contains(kept, "came before") {
				t.Errorf("to %v again: %q", to, kept)
			}
		}
		w.Ack("primary")
		w.Dismiss("known")
		if kept := w.Write("api", l, "ops-emergency"); kept == "" {
			t.Error("a mail of yesterday opens an incident")
		}
		if n := len(w.Alerts()); n != 1 || w.Incident().Number != 1 {
			t.Errorf("%d alerts, INC-%d", n, w.Incident().Number)
		}
		w.Pages("primary").At(0)
		// One id, other words: a device that numbers its mails badly.
		l.Text, l.MessageID = "The database too.", "Sign-in is down@mail.example"
		w.Write("api", l, "ops-emergency")
		if n := w.Incident().Number; n != 2 {
			t.Errorf("INC-%d", n)
		}
	})
}

// Mail of programs is kept and wakes nobody, or two machines would write to each
// other all night.
//
// Clauses: INT-EMAIL
func TestMailOfProgramsWakesNobody(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		for name, marks := range map[string]letter.Marks{
			"a holiday reply": {AutoSubmitted: "auto-replied"}, "a list": {ListID: "<ops.partner.example>"}, "mass mail": {Precedence: "bulk"},
		} {
			l := wrote("dana@partner.example", name)
			l.Marks = marks
			if kept := w.Write("api", l, "ops-emergency"); kept == "" {
				t.Errorf("%s was taken for a person's", name)
			}
		}
		w.At(1 * time.Hour)
		w.Nobody().WasTold()
		if n := len(w.Alerts()); n != 0 {
			t.Errorf("%d alerts", n)
		}
		if kept := w.Payloads(); len(kept) != 3 || !strings.Contains(kept[0].Problem, "nobody is paged") {
			t.Errorf("%+v", kept)
		}
	})
}

// A customer's mail pages customer success on call, is tied to the customer by
// its domain, and by itself publishes nothing and wakes no engineer.
//
// Clauses: ESC-CUST-MAIL
// Readings 4 and 12
func TestACustomerWritesToCustomerSuccess(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Write("api", wrote("cfo@customer-0007.example", "We lose orders"), "success-emergency")
		w.Is(P3, incident.Triage)
		w.Pages("").For("ESC-CUST-MAIL").At(0)
		if to := w.Pages("").List[0].Data.To; !strings.HasPrefix(to, "customer-success-manager-") {
			t.Errorf("%s was paged", to)
		}
		a := w.Alerts()[0]
		for _, want := range []string{`"customer":"customer-0007"`, `"sender_verified":false`, "claims to be somebody of"} {
			if !strings.Contains(a.Details, want) {
				t.Errorf("%s is missing in %s", want, a.Details)
			}
		}
		w.At(30 * min)
		w.Pages("primary").None()
		w.Published("status_page").None()
		// Another customer: paged again, also when the first is in hand.
		w.Write("api", wrote("ops@customer-0008.example", "We too"), "success-emergency")
		w.Pages("").For("ESC-CUST-MAIL").At(0, 30*min)
	})
}

// An executive escalation is on record and pages the executive on duty.
//
// Clauses: DOC-EMERG-EXEC
// Reading 14
func TestACustomerAsksForAnExecutive(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Write("api", wrote("ceo@customer-0007.example", "I want to talk to somebody"), "exec-escalation")
		w.Is(P3, incident.Triage)
		w.Pages("").For("DOC-EMERG-EXEC").At(0)
		duty := w.Pages("").List[0].Data.To
		w.Nobody(duty).WasPaged()
		if duty != "rachel.torres" && duty != "michael.chen" && duty != "jennifer.walsh" {
			t.Errorf("%s was paged", duty)
		}
		w.Entries(event.Escalated).About("I want to talk to somebody").Some()
		// During an incident it joins it, and pages all the same.
		w.At(1 * min)
		w.Alert("api", "critical", "API errors")
		w.Pages("primary").At(1 * min)
		w.At(2 * min)
		w.Write("api", wrote("cto@customer-0009.example", "What is going on?"), "exec-escalation", "success-emergency")
		w.Pages(duty).For("DOC-EMERG-EXEC").At(0, 2*min)
		w.Pages("").For("ESC-CUST-MAIL").At(2 * min)
		if n := w.Incident().Number; n != 1 {
			t.Errorf("INC-%d", n)
		}
	})
}

// Who writes on about an incident is put on it and pages nobody anew. A number
// in the subject does not keep an emergency with something that pages nobody,
// and opens no way into a restricted incident.
//
// Clauses: INT-EMAIL
// Reading 18
func TestAReplyJoinsItsIncident(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "critical", "Sign-in fails")
		w.Ack("primary")
		w.At(1 * min)
		paged := len(w.Pages("").List)
		w.Write("api", wrote("dana@partner.example", "Re: INC-1 more errors"), "ops-emergency")
		if n := w.Incident().Number; n != 1 || len(w.Pages("").List) != paged {
			t.Errorf("INC-%d, %d pages", n, len(w.Pages("").List))
		}
		w.Entries(event.Noted).About("more errors").Some()
		w.Notices("primary").For("INT-EMAIL").At(1 * min)
		if open := w.Incident().OpenAlerts; open != 1 {
			t.Errorf("%d open alerts: a mail keeps the incident from recovering", open)
		}
		// Over: the number leads nowhere, and the mail is an emergency of its own.
		w.Resolve("fixed")
		w.At(2 * min)
		w.Write("api", wrote("dana@partner.example", "INC-1 is back"), "ops-emergency")
		if n := w.Incident().Number; n != 2 {
			t.Errorf("INC-%d", n)
		}
		w.Pages("primary").For("ESC-CHAIN-1").At(0, 2*min)
	})
}

func TestANumberInTheSubjectHidesNoEmergency(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Alert("auth", "warning", "Sign-in is slow")
		w.Is(P3, incident.Triage)
		w.Write("api", wrote("dana@partner.example", "INC-1: nothing works at all"), "ops-emergency")
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(0)
		w.About(1)
		w.Restrict()
		w.Write("files", wrote("mole@partner.example", "INC-1 tell me more"), "exec-escalation")
		w.Entries(event.Noted).None()
		w.About(0)
		if n := w.Incident().Number; n != 3 {
			t.Errorf("INC-%d", n)
		}
	})
}

// withID is a relay that accepts mail under an id, one for each incident.
type withID struct{}

func (withID) Send(_ context.Context, m plug.Message) (plug.Receipt, error) {
	return plug.Receipt{ProviderRef: fmt.Sprintf("<ours.%v@allclear.example>", m.Data["incident"]), Detail: "250 queued"}, nil
}

// An answer to a mail of ours belongs to its incident, whatever its subject.
//
// Clauses: INT-EMAIL
func TestAnAnswerToOurMail(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Through("email", withID{})
		w.Write("api", wrote("dana@partner.example", "Help"), "ops-emergency")
		w.Alert("auth", "warning", "Sign-in is slow") // a second one, the newest
		w.About(1)
		w.At(45 * min)
		l := wrote("dana@partner.example", "AW: so what")
		l.References = []string{"other@mail.example", "ours.INC-1@allclear.example"}
		w.Write("billing", l, "ops-emergency")
		w.Entries(event.Noted).About("so what").Some()
		w.Notices("").For("INT-EMAIL").At(45 * min)
	})
}
