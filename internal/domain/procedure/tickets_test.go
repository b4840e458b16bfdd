package procedure_test

import (
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/procedure"
	"allclear/internal/domain/procedure/change"
	builtin "allclear/procedures"
)

// The words of the document, with the exceptions and the scope of reading 19.
//
// Clauses: CRI-KEYWORDS, CRI-SLACK
func TestTheDocumentsKeywords(t *testing.T) {
	p := techflow(t).Tickets
	got := map[string]int{}
	for _, k := range p.Keywords {
		got[k.Word] = k.Weight
	}
	for _, w := range []string{"outage", "down", "error", "critical"} {
		if got[w] == 0 {
			t.Errorf("%q is no keyword", w)
		}
	}
	for _, w := range []string{"drill down", "markdown", "critical path"} {
		if !slices.Contains(p.Except, w) {
			t.Errorf("%q is no exception", w)
		}
	}
	for _, w := range []string{"all", "everyone", "nobody", "cannot log in"} {
		if !slices.Contains(p.Everybody, w) {
			t.Errorf("%q is no word for everybody", w)
		}
	}
	if p.Channel() != "#support-escalations" {
		t.Errorf("urgent tickets are told to %q", p.Channel())
	}
	if s := p.Of("account", true); s != procedure.P2 {
		t.Errorf("account: %s", s)
	}
	if none := (&procedure.Tickets{}); none.Of("everybody", true) != procedure.P2 || none.Of("normal", true) != procedure.P4 || none.Channel() != "" {
		t.Error("without words of its own")
	}
}

func TestLintOfTickets(t *testing.T) {
	for name, c := range map[string]struct{ from, to, code string }{
		"capitals":             {"{word: outage,", "{word: Outage,", "bad-phrase"},
		"two spaces":           {"- drill down\n", "- drill  down\n", "bad-phrase"},
		"weightless":           {"{word: error, weight: 1}", "{word: error, weight: 0}", "bad-weight"},
		"everything is strong": {"  strong: 2", "  strong: 0", "bad-weight"},
		"unknown account":      {"accounts: [vip,", "accounts: [friends,", "unknown-word"},
		"page of nobody":       {"account: {critical_function: P2, other: P2}", "account: {critical_function: P3, other: P3}", "nobody"},
		"queue that pages":     {"urgent: {critical_function: P3, other: P3}", "urgent: {critical_function: P1, other: P3}", "pages-queue"},
		"unknown sort":         {"    normal: {critical", "    usual: {critical", "unknown-word"},
		"business time":        {"  within: 30m", "  within: 3bh", "bad-span"},
		"a person":             {"chat: chat:support-escalations", "chat: role:ceo", "bad-target"},
		"no such text":         {"text: ticket_urgent", "text: ticket_urgnet", "unknown-text"},
	} {
		src := strings.Replace(string(builtin.TechFlow), c.from, c.to, 1)
		if src == string(builtin.TechFlow) {
			t.Fatalf("%s: nothing was changed", name)
		}
		_, found := procedure.Check([]byte(src), procedure.Surroundings{})
		if !slices.ContainsFunc(found, func(f procedure.Finding) bool {
			return f.Code == c.code && f.Level == procedure.LintError && f.Line > 0
		}) {
			t.Errorf("%s: %v", name, found)
		}
	}
	src := strings.Replace(string(builtin.TechFlow), "strong: 2", "strong: 9", 1)
	if _, found := procedure.Check([]byte(src), procedure.Surroundings{}); !slices.ContainsFunc(found, func(f procedure.Finding) bool { return f.Code == "nobody" && f.Level == procedure.LintWarning }) {
		t.Errorf("no keyword is strong: %v", found)
	}
}

func TestTicketsAreShownAndCompared(t *testing.T) {
	if text := procedure.Show(techflow(t)); !strings.Contains(text, "Customers' tickets") || !strings.Contains(text, "outage (3)") {
		t.Error("show leaves the tickets out")
	}
	changed := strings.Replace(string(builtin.TechFlow), "  within: 30m\n  chat", "  within: 1h\n  chat", 1)
	got, err := change.Diff(builtin.TechFlow, []byte(changed))
	if err != nil || len(got) != 1 || got[0].Path != "tickets.within" || !strings.Contains(got[0].Meaning, "tickets") {
		t.Errorf("%+v, %v", got, err)
	}
}
