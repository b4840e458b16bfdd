package procedure_test

import (
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/procedure"
	builtin "allclear/procedures"
)

// Clauses: DOC-EMERG-OPS, DOC-EMERG-EXEC, ESC-CUST-MAIL
func TestTheDocumentsAddressesAreMailboxes(t *testing.T) {
	p := techflow(t)
	for local, want := range map[string]string{
		"ops-emergency": "operations", "opsemergency": "operations", "OPS-Emergency": "operations", "success-emergency": "customer-success",
		"exec-escalation": "executive", "postmaster": "", "ops-emergency2": "", "": "",
	} {
		if m, ok := p.Mailbox(local); m.ID != want || ok != (want != "") {
			t.Errorf("%q goes to %q, want %q", local, m.ID, want)
		}
	}
}

func TestLintOfMailboxes(t *testing.T) {
	for name, c := range map[string]struct{ from, to, code string }{
		"one rule that pages is left": {"when: [success_mail, not restricted]", "when: [executive_mail, not restricted]", ""},
		"unknown fact":                {"fact: success_mail", "fact: success", "unknown-fact"},
		"unknown word":                {"says: warning, on: escalated, fact: success_mail", "says: wanring, on: escalated, fact: success_mail", "unknown-hint"},
		"not a trigger":               {"on: escalated, fact: success_mail", "on: opened, fact: success_mail", "unknown-trigger"},
		"a whole address":             {"[success-emergency]", "[success-emergency@example.com]", "bad-address"},
		"capitals":                    {"[success-emergency]", "[Success]", "bad-address"},
		"taken":                       {"[success-emergency]", "[opsemergency]", "duplicate-address"},
		"no address":                  {"[success-emergency]", "[]", "nobody"},
		"same id":                     {"{id: executive, name", "{id: operations, name", "duplicate-id"},
	} {
		src := strings.Replace(string(builtin.TechFlow), c.from, c.to, 1)
		if src == string(builtin.TechFlow) {
			t.Fatalf("%s: nothing was changed", name)
		}
		_, found := procedure.Check([]byte(src), procedure.Surroundings{})
		has := slices.ContainsFunc(found, func(f procedure.Finding) bool { return f.Code == c.code && f.Level == procedure.LintError })
		if has != (c.code != "") {
			t.Errorf("%s: %v", name, found)
		}
	}
	// Without its rules an escalation would wake nobody.
	src := strings.ReplaceAll(string(builtin.TechFlow), "when: [success_mail,", "when: [executive_mail,")
	_, found := procedure.Check([]byte(src), procedure.Surroundings{})
	if !slices.ContainsFunc(found, func(f procedure.Finding) bool { return f.Code == "nobody" && f.Path == "mailboxes[1]" }) {
		t.Errorf("%v", found)
	}
}
