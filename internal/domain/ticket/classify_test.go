package ticket_test

import (
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/ticket"
	builtin "allclear/procedures"
)

func techflow(t testing.TB) *procedure.Tickets {
	t.Helper()
	p, err := procedure.Parse(builtin.TechFlow)
	if err != nil || p.Tickets == nil {
		t.Fatalf("the built-in procedure judges no tickets: %v", err)
	}
	return p.Tickets
}

var (
	enterprise = &catalog.Customer{ID: "acme", Tier: catalog.Enterprise}
	standard   = &catalog.Customer{ID: "small", Tier: catalog.Standard}
	vip        = &catalog.Customer{ID: "vip", Tier: catalog.Standard, VIP: true}
	major      = &catalog.Customer{ID: "big", Tier: catalog.Standard, MajorAccount: true}
)

// Whole words in any case of letters, over subject and text, without phrases
// that mean something else, quoted mails and signatures.
//
// Clauses: CRI-KEYWORDS
// Reading 19
func TestKeywords(t *testing.T) {
	words := techflow(t)
	for _, c := range []struct {
		name, subject, text string
		urgent              bool
	}{
		{"the row's word", "site is DOWN", "", true},
		{"a part of a word", "Where can I download the invoice?", "", false},
		{"in the text", "Help", "There is an outage in our region.", true},
		{"all four", "outage down error critical", "", true},
		{"shutdown is another word", "Planned shutdown of our office", "", false},
		{"errors is another word", "Terrorism and mirrors", "", false},
		{"with punctuation", "Down!!!", "", true},
		{"in quotes", `it says "error"`, "", true},
		{"drill down", "I want to drill down into a report", "", false},
		{"drill-down", "The drill-down view is nice", "", false},
		{"drill down and down", "I cannot drill down", "because the site is down", true},
		{"markdown", "Does the editor read Markdown?", "", false},
		{"critical path", "Our critical path in the Gantt chart", "", false},
		{"slow down", "It does slow down sometimes", "", false},
		{"a phrase over a full stop is none", "I tried to drill. Down it went", "", true},
		{"negated", "The site is not down", "", false},
		{"no outage", "We see no outage here", "", false},
		{"isn't", "It isn’t critical", "", false},
		{"a no of its own", "Does it work? No, down again", "", true},
		{"quoted mail", "Thanks", "All fine now.\n> the site is down", false},
		{"attributed mail", "Thanks", "All fine now.\n\nOn Mon, Mar 2, 2026 at 3:04 AM Ann <ann@acme.example> wrote:\nsite is down", false},
		{"attribution over two lines", "Thanks", "All fine now.\n\nOn Mon, Mar 2, 2026 at 3:04 AM Ann\n<ann@acme.example> wrote:\nsite is down", false},
		{"original message", "Thanks", "Fine.\n-----Original Message-----\nsite is down", false},
		{"Outlook", "Thanks", "Fine.\nFrom: Ann\nSent: Monday\nSubject: site is down", false},
		{"signature", "Thanks", "Fine.\n-- \nAnn, Critical Systems Ltd", false},
		{"a sentence that begins with On", "Help", "On 3 March it began.\nThe site is down since.", true},
		{"address", "See https://example.net/error/500", "or write to down@example.net", false},
		{"with an accent", "Le serveur est dówn", "", false},
		{"Cyrillic beside it", "сайт down", "", true},
		{"full width", "ＤＯＷＮload", "", false},
		{"underscore", "set down_payment to 5", "", false},
		{"nothing", "", "", false},
	} {
		v := ticket.Classify(c.subject, c.text, ticket.Facts{Customer: standard}, words)
		if (v.Queue == ticket.Urgent) != c.urgent || v.Pages {
			t.Errorf("%s: %+v", c.name, v)
		}
		if v.Confidence <= 0 || v.Confidence > 1 || len(v.Reasons) == 0 {
			t.Errorf("%s: confidence %v, %q", c.name, v.Confidence, v.Reasons)
		}
	}
}

// A page needs a strong keyword, and an account or a word for everybody.
//
// Clauses: CRI-ENT-ESC, CRI-ZD-CLASS
// Reading 19
func TestWhatPages(t *testing.T) {
	words := techflow(t)
	for _, c := range []struct {
		name, subject string
		of            *catalog.Customer
		critical      bool
		pages         bool
		severity      procedure.Severity
	}{
		{"enterprise", "Site is down", enterprise, false, true, procedure.P2},
		{"the same of a standard customer", "Site is down", standard, false, false, procedure.P3},
		{"VIP", "critical problem", vip, false, true, procedure.P2},
		{"major account", "outage", major, true, true, procedure.P2},
		{"a weak word of a VIP", "I see an error", vip, false, false, procedure.P3},
		{"no word of a VIP", "How are you?", vip, false, false, procedure.P4},
		{"everybody, of nobody we know", "It is down for everyone", nil, false, true, procedure.P2},
		{"everybody, on a critical function", "It is down for everyone", nil, true, true, procedure.P1},
		{"everybody without a strong word", "An error for all", nil, false, false, procedure.P3},
		{"cannot log in", "Outage: we cannot log in", standard, false, true, procedure.P2},
		{"not all", "down for some, not all", standard, false, false, procedure.P3},
		{"install is not all", "the installer is down", standard, false, false, procedure.P3},
		{"unknown", "Site is down", nil, false, false, procedure.P3},
	} {
		v := ticket.Classify(c.subject, "", ticket.Facts{Customer: c.of, CriticalFunction: c.critical}, words)
		if v.Pages != c.pages || v.Severity != c.severity || v.Pages != v.Severity.Pages() {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

func TestReasonsAreInPlainWords(t *testing.T) {
	words := techflow(t)
	v := ticket.Classify("Drill down is fine, but: OUTAGE", "", ticket.Facts{Customer: vip, Others: 2, Incident: "INC-7"}, words)
	for _, want := range []string{`says "outage" (3)`, "customer is VIP", `"drill down" does not count`, "2 other customers say it too", "INC-7 is open on the service"} {
		if !slices.Contains(v.Reasons, want) {
			t.Errorf("%q is missing in %q", want, v.Reasons)
		}
	}
	alone := ticket.Classify("OUTAGE", "", ticket.Facts{Customer: standard}, words)
	more := ticket.Classify("OUTAGE", "", ticket.Facts{Customer: standard, Others: 3}, words)
	if more.Confidence <= alone.Confidence {
		t.Errorf("several customers say it: %v, one: %v", more.Confidence, alone.Confidence)
	}
	if v := ticket.Classify("Hello", "", ticket.Facts{Customer: standard, Priority: "urgent"}, words); v.Queue != ticket.Urgent || v.Pages {
		t.Errorf("urgent at the source: %+v", v)
	}
}

func FuzzClassify(f *testing.F) {
	for _, s := range []string{"site is DOWN", "On Monday\nwrote:", "> a\n-- \n", "can’t log in", "\xff\x00", strings.Repeat("down ", 2000)} {
		f.Add(s, s)
	}
	p, err := procedure.Parse(builtin.TechFlow)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, subject, text string) {
		v := ticket.Classify(subject, text, ticket.Facts{}, p.Tickets)
		if v.Severity == 0 || v.Confidence <= 0 || v.Confidence > 1 || v.Pages && v.Queue != ticket.Urgent {
			t.Errorf("%+v", v)
		}
	})
}
