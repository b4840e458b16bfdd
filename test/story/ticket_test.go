package story_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/ticket"
	"allclear/test/story"
)

// small is a customer of the standard tier.
var small = catalog.Customer{ID: "small", Name: "Small Shop", Tier: catalog.Standard, Products: []string{"dashboards"}, Domains: []string{"small.example"}}

func wroteTicket(id, from, subject string) ticket.Report {
	return ticket.Report{ExternalID: id, Event: "created-" + id, Subject: subject, Text: "Since three we see nothing.", Status: "new", Name: "Dana", Email: from, URL: "https://example.zendesk.com/agent/tickets/" + id}
}

var responder = authz.Actor{ID: "ana", Role: authz.Responder, Via: "api"}

// A strong word of an enterprise customer pages who is on call and tells the
// account manager on call, without a human step; the chain climbs. Nothing is
// published by itself.
//
// Clauses: CRI-ENT-ESC, CRI-ZD-CLASS
// Readings 3, 12 and 19
func TestAnEnterpriseCustomersTicketPages(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Ticket("api", wroteTicket("501", "cfo@customer-0007.example", "The site is DOWN"))
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(0)
		told := w.Notices("").For("CRI-ENT-ESC")
		told.At(0)
		if to := told.List[0].Data.To; !strings.HasPrefix(to, "account-manager-") {
			t.Errorf("%s was told", to)
		}
		got := w.TicketOf("501")
		if got.State != ticket.Raised || got.Queue != ticket.Urgent || got.CustomerID != "customer-0007" || got.Severity != P2 || got.Confidence < 0.5 || got.IncidentID != w.Incident().ID {
			t.Errorf("%+v", got)
		}
		if !slices.Contains(got.Reasons, `says "down" (3)`) || !slices.Contains(got.Reasons, "customer is an enterprise account") {
			t.Errorf("%q", got.Reasons)
		}
		if a := w.Alerts()[0]; a.Source != "zendesk" || !strings.Contains(a.Details, `"customer":"customer-0007"`) || !strings.Contains(a.Details, "agent/tickets/501") {
			t.Errorf("%+v", a)
		}
		w.Entries(event.TicketRaised).About("The site is DOWN").At(0)
		w.At(7 * min)
		w.Published("status_page").None()
		w.At(10 * min)
		w.Pages("secondary").At(10 * min)
	})
}

// The same ticket of a standard customer waits in the urgent queue, and nobody is
// paged; one without a keyword waits in the other.
//
// Clauses: CRI-ENT-ESC, CRI-KEYWORDS
// Reading 19
func TestTheSameTicketOfAStandardCustomerWaits(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Ticket("api", wroteTicket("502", "owner@small.example", "The site is DOWN"))
		w.Ticket("api", wroteTicket("503", "owner@small.example", "Where can I download my invoice?"))
		w.At(1 * time.Hour)
		w.Pages("").None()
		if n := len(w.Alerts()); n != 0 {
			t.Errorf("%d alerts", n)
		}
		urgent, normal := w.Queue(ticket.Urgent), w.Queue(ticket.Normal)
		if len(urgent) != 1 || urgent[0].ExternalID != "502" || urgent[0].State != ticket.Waiting || urgent[0].Severity != P3 || urgent[0].CustomerID != "small" {
			t.Errorf("urgent: %+v", urgent)
		}
		if len(normal) != 1 || normal[0].ExternalID != "503" {
			t.Errorf("normal: %+v", normal)
		}
		if kept := w.Payloads(); len(kept) != 2 || kept[0].Source != "zendesk" {
			t.Errorf("%+v", kept)
		}
	}, story.With(small))
}

// A word for everybody pages whoever writes, and on a critical function it is a
// P1; a VIP needs only a strong word, and a weak one is not enough.
//
// Clauses: CRI-ZD-CLASS
// Readings 1 and 19
func TestAWordForEverybodyPages(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Ticket("auth", wroteTicket("504", "vip@customer-0034.example", "I see an error"))
		w.Pages("").None()
		w.Ticket("auth", wroteTicket("505", "someone@unknown.example", "Outage: nobody here can work"))
		w.Is(P1, incident.Triage)
		w.Pages("primary").At(0)
		w.Notices("").For("CRI-ENT-ESC").None() // nobody knows whose it is
		if got := w.TicketOf("505"); got.CustomerID != "" || got.State != ticket.Raised {
			t.Errorf("%+v", got)
		}
	})
}

// An urgent ticket is in the chat channel within five seconds, with customer,
// subject, severity, reasons and the way to it; a normal one is not.
//
// Clauses: CRI-SLACK
func TestUrgentTicketsAreToldInChat(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Ticket("api", wroteTicket("506", "owner@small.example", "The export gives an error"))
		w.Ticket("api", wroteTicket("507", "owner@small.example", "How do I export?"))
		w.At(5 * time.Second)
		box := w.Outbox("slack")
		box.At(0)
		s := box.Got("Small Shop")
		for _, want := range []string{"The export gives an error", "P3", `says "error" (1)`, "https://example.zendesk.com/agent/tickets/506"} {
			if !strings.Contains(s.Text, want) {
				t.Errorf("%q is missing in %q", want, s.Text)
			}
		}
		if s.To != "#support-escalations" {
			t.Errorf("told to %s", s.To)
		}
		w.At(time.Minute)
		w.Ticket("api", wroteTicket("508", "cfo@customer-0007.example", "Down for all"))
		w.Outbox("slack").Got("Down for all")
	}, story.With(small))
}

// The same event twice does nothing twice, also after a restart. An update raises
// and never lowers; a solved ticket ends its alert and with it a suspicion that
// stands on nothing else; a reopened one pages again.
//
// Clauses: INT-ZENDESK
// Reading 5
func TestTheLifeOfATicket(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		first := wroteTicket("509", "cfo@customer-0007.example", "A question")
		w.Ticket("api", first)
		first.Subject = "The same event says outage"
		w.Ticket("api", first)
		w.Restart()
		w.Ticket("api", first)
		if got := w.TicketOf("509"); got.Queue != ticket.Normal || got.Version != 1 {
			t.Errorf("%+v", got)
		}
		w.At(1 * min)
		w.Ticket("api", ticket.Report{ExternalID: "509", Event: "2", Comment: "Now all of it is down"})
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(1 * min)
		w.At(2 * min)
		w.Ticket("api", ticket.Report{ExternalID: "509", Event: "3", Comment: "Any news?", Status: "open"})
		if got := w.TicketOf("509"); got.Severity != P2 || got.State != ticket.Raised {
			t.Errorf("lowered: %+v", got)
		}
		w.At(3 * min)
		w.Ticket("api", ticket.Report{ExternalID: "509", Event: "4", Status: "solved", Ended: true})
		w.Is(P2, incident.Resolved)
		w.At(4 * min)
		w.Ticket("api", ticket.Report{ExternalID: "509", Event: "5", Status: "open", Comment: "It is down again for all"})
		if n := w.Incident().Number; n != 2 {
			t.Errorf("INC-%d", n)
		}
		w.Pages("primary").At(1*min, 4*min)
	})
}

// Who says thank you opens a ticket again and pages nobody; nor does the first we
// hear of one that is older than a day, unless what is new in it does.
//
// Clauses: CRI-ZD-CLASS
func TestOnlyWhatIsNewPages(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Ticket("api", wroteTicket("520", "cfo@customer-0007.example", "The site is DOWN"))
		w.At(1 * min)
		w.Ticket("api", ticket.Report{ExternalID: "520", Event: "2", Status: "solved", Ended: true})
		w.At(2 * min)
		w.Ticket("api", ticket.Report{ExternalID: "520", Event: "3", Status: "open", Comment: "Thank you, all works"})
		w.Pages("primary").At(0)
		if got := w.TicketOf("520"); got.State != ticket.Waiting || got.Queue != ticket.Urgent {
			t.Errorf("%+v", got)
		}
		before := wroteTicket("521", "cfo@customer-0007.example", "The site is DOWN")
		before.OpenedAt = story.Monday03.AddDate(0, -1, 0)
		w.Ticket("api", before)
		w.Pages("primary").At(0)
		again := before
		again.ExternalID, again.Event, again.Comment = "522", "e", "It is down again"
		w.Ticket("api", again)
		w.Pages("primary").At(0, 2*min)
	})
}

// Tickets about one trouble belong to the incident on their service: one incident,
// nobody is paged again, and several customers make each other surer.
//
// Clauses: CRI-ZD-CLASS
// Reading 5
func TestTicketsAboutTheSameTrouble(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Ticket("api", wroteTicket("510", "owner@small.example", "Exports are down"))
		alone := w.TicketOf("510").Confidence
		w.At(5 * min)
		w.Ticket("api", wroteTicket("511", "cfo@customer-0007.example", "Exports are down"))
		w.At(6 * min)
		w.Ticket("api", wroteTicket("512", "cfo@customer-0008.example", "Exports are down"))
		w.Ticket("reporting", wroteTicket("513", "owner@small.example", "error in a report"))
		inc := w.Incident()
		if inc.Number != 1 || len(w.Alerts()) != 2 {
			t.Errorf("INC-%d, %d alerts", inc.Number, len(w.Alerts()))
		}
		w.Pages("primary").At(5 * min)
		for _, id := range []string{"510", "511", "512"} {
			if got := w.TicketOf(id); got.IncidentID != inc.ID {
				t.Errorf("ticket %s belongs to %v", id, got.IncidentID)
			}
		}
		if got := w.TicketOf("513"); got.IncidentID != 0 {
			t.Error("a ticket about another service belongs to it")
		}
		if more := w.TicketOf("511"); more.Confidence <= alone || !slices.Contains(more.Reasons, "1 other customers say it too") {
			t.Errorf("%v after %v: %q", more.Confidence, alone, more.Reasons)
		}
	}, story.With(small))
}

// One call of a person pages who is on call and the account manager on call, and
// tells the head of customer success, at once; the record says who asked.
//
// Clauses: CRI-CS-VIP
// Reading 12
func TestADirectEscalationForAVIP(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.At(1 * min)
		out, err := w.EscalateCustomer(responder, "customer-0034", "", "They cannot close their quarter")
		if err != nil || out.Incident != 1 || out.Service == "" {
			t.Fatalf("%+v, %v", out, err)
		}
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(1 * min)
		w.Pages("").For("CRI-CS-VIP").At(1 * min)
		if to := w.Pages("").For("CRI-CS-VIP").List[0].Data.To; !strings.HasPrefix(to, "account-manager-") {
			t.Errorf("%s was paged", to)
		}
		told := w.Notices("").For("CRI-CS-VIP")
		told.At(1 * min)
		if to := told.List[0].Data.To; to != "amanda.rodriguez" {
			t.Errorf("%s was told", to)
		}
		note := w.Entries(event.Noted).About("They cannot close their quarter")
		note.At(1 * min)
		if who := note.List[0].Actor; who != "ana" {
			t.Errorf("%s is on the record", who)
		}
		// Somebody has it, and it is escalated again: they are paged as well.
		w.Ack("primary")
		w.At(20 * min)
		if _, err := w.EscalateCustomer(responder, "customer-0034", out.Service, "Worse"); err != nil {
			t.Fatal(err)
		}
		w.Pages("primary").For("CRI-CS-VIP").At(20 * min)
	})
}

func TestWhoMayEscalateForACustomer(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		auditor := authz.Actor{ID: "aud", Role: authz.Auditor, Via: "api"}
		for name, c := range map[string]struct {
			by                      authz.Actor
			customer, service, text string
			kind                    fault.Kind
		}{
			"an auditor":      {auditor, "customer-0034", "", "x", fault.Refused},
			"a stranger":      {responder, "nobody", "", "x", fault.NotFound},
			"no words":        {responder, "customer-0034", "", " ", fault.Invalid},
			"another service": {responder, "customer-0034", "nothing", "x", fault.Invalid},
		} {
			if _, err := w.EscalateCustomer(c.by, c.customer, c.service, c.text); !fault.Is(err, c.kind) {
				t.Errorf("%s: %v", name, err)
			}
		}
		w.Nobody().WasTold()
	})
}

// A person takes a ticket from the queue, or has it page, with a reason that
// stands on the record; a dismissed one that gets worse comes back.
//
// Clauses: CRI-ENT-ESC
func TestPeopleWorkTheQueue(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		w.Ticket("api", wroteTicket("514", "owner@small.example", "The site is down"))
		w.Ticket("api", wroteTicket("515", "owner@small.example", "An error"))
		one, two := w.TicketOf("514"), w.TicketOf("515")
		if err := w.DismissTicket(responder, two.ID, " "); !fault.Is(err, fault.Invalid) {
			t.Errorf("without a reason: %v", err)
		}
		if err := w.DismissTicket(responder, two.ID, "their own network"); err != nil {
			t.Fatal(err)
		}
		w.Entries(event.TicketDismissed).About("their own network").Some()
		w.At(1 * min)
		if err := w.EscalateTicket(responder, one.ID, "I see it too"); err != nil {
			t.Fatal(err)
		}
		w.Is(P2, incident.Triage)
		w.Pages("primary").At(1 * min)
		raised := w.Entries(event.TicketRaised).About("I see it too")
		raised.Some()
		if who := raised.List[0].Actor; who != "ana" {
			t.Errorf("%s is on the record", who)
		}
		if err := w.EscalateTicket(responder, one.ID, "again"); !fault.Is(err, fault.Conflict) {
			t.Errorf("escalated twice: %v", err)
		}
		if err := w.DismissTicket(responder, one.ID, "no"); !fault.Is(err, fault.Conflict) {
			t.Errorf("dismissed while it pages: %v", err)
		}
		w.Ticket("api", ticket.Report{ExternalID: "515", Event: "2", Comment: "It is down for everyone"})
		if got := w.TicketOf("515"); got.State != ticket.Raised {
			t.Errorf("%+v", got)
		}
		if err := w.EscalateTicket(responder, 77, "x"); !fault.Is(err, fault.NotFound) {
			t.Errorf("a ticket there is not: %v", err)
		}
	}, story.With(small))
}
