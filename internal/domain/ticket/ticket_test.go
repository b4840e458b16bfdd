package ticket_test

import (
	"fmt"
	"slices"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/ticket"
)

// An update raises and never lowers (reading 5).
func TestAVerdictNeverLowers(t *testing.T) {
	tk := &ticket.Ticket{}
	urgent := ticket.Verdict{Sort: "urgent", Severity: procedure.P3, Queue: ticket.Urgent, Confidence: 0.6, Reasons: []string{"a"}}
	normal := ticket.Verdict{Sort: "normal", Severity: procedure.P4, Queue: ticket.Normal, Confidence: 0.9, Reasons: []string{"b"}}
	pages := ticket.Verdict{Sort: "account", Severity: procedure.P2, Queue: ticket.Urgent, Pages: true, Confidence: 0.8, Reasons: []string{"c"}}
	if !tk.Judge(urgent) || tk.State != ticket.Waiting {
		t.Errorf("%+v", tk)
	}
	if tk.Judge(normal) || tk.Queue != ticket.Urgent || tk.Severity != procedure.P3 || tk.Reasons[0] != "a" {
		t.Errorf("lowered: %+v", tk)
	}
	if err := tk.Dismiss("ana", "known"); err != nil || tk.State != ticket.Dismissed || tk.By != "ana" {
		t.Errorf("%+v, %v", tk, err)
	}
	if err := tk.Dismiss("ana", "known"); !fault.Is(err, fault.Conflict) {
		t.Errorf("dismissed twice: %v", err)
	}
	if tk.Judge(urgent) || tk.State != ticket.Dismissed {
		t.Errorf("the same again: %+v", tk)
	}
	if !tk.Judge(pages) || tk.State != ticket.Waiting || tk.Severity != procedure.P2 {
		t.Errorf("worse after a dismissal: %+v", tk)
	}
}

func TestTake(t *testing.T) {
	tk := &ticket.Ticket{State: ticket.Raised}
	tk.Take(&ticket.Report{Event: "1", Subject: "a", Text: "b", Tags: []string{"x"}, Priority: "low", Status: "open"})
	tk.Take(&ticket.Report{Event: "2", Comment: "c"})
	if tk.Subject != "a" || tk.Text != "b" || tk.Comment != "c" || tk.Tags[0] != "x" || tk.State != ticket.Raised {
		t.Errorf("what a report does not say changes nothing: %+v", tk)
	}
	if _, ended := tk.Take(&ticket.Report{Status: "solved", Ended: true}); !ended || tk.State != ticket.Solved {
		t.Errorf("%+v", tk)
	}
	if _, ended := tk.Take(&ticket.Report{Status: "closed", Ended: true}); ended {
		t.Error("solved twice")
	}
	if reopened, _ := tk.Take(&ticket.Report{Status: "open"}); !reopened || tk.State != ticket.Waiting {
		t.Errorf("%+v", tk)
	}
	if !tk.Knows("2") || tk.Knows("3") || tk.Knows("") {
		t.Errorf("%q", tk.Events)
	}
	for n := range 100 {
		tk.Take(&ticket.Report{Event: fmt.Sprint(n)})
	}
	if len(tk.Events) > 30 || !tk.Knows("99") {
		t.Errorf("%q", tk.Events)
	}
}

// What is written back raises the priority people gave and never lowers it.
//
// Clauses: CRI-ZD-CLASS
func TestWhatIsWrittenBack(t *testing.T) {
	for _, c := range []struct {
		is   procedure.Severity
		has  string
		want string
	}{{procedure.P1, "low", "urgent"}, {procedure.P2, "", "high"}, {procedure.P3, "", "normal"}, {procedure.P3, "urgent", "urgent"}, {procedure.P4, "", "low"}, {procedure.P4, "odd", "low"}} {
		tk := &ticket.Ticket{Severity: c.is, Priority: c.has}
		if got := tk.Wanted(); got != c.want {
			t.Errorf("%s on %q: %s, want %s", c.is, c.has, got, c.want)
		}
	}
	tk := &ticket.Ticket{Severity: procedure.P1}
	if got := tk.Label("INC-42"); !slices.Equal(got, []string{"allclear", "allclear_p1", "inc_42"}) {
		t.Errorf("%q", got)
	}
}
