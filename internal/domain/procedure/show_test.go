package procedure_test

import (
	"strings"
	"testing"

	"allclear/internal/domain/procedure"
)

func TestShowHoldsEverythingAReaderNeeds(t *testing.T) {
	p := techflow(t)
	text := procedure.Show(p)
	for _, want := range []string{
		"Incident Management Procedures\n====", "Version 3.2 of 2025-01-08, approved. Internal Use Only.",
		"P1  Critical Impact", "acknowledge        began     acknowledged            5m      15m       1h      1bd",
		"4. role:director-platform-operations after 30m: P1 unresolved; P2 unacknowledged, else notice [ESC-CHAIN-4]",
		"executives                   on declared, P1, if not restricted: tells role:executive (executive_notice), reaches executives_told [SEV-P1-EXEC, TEAM-XF-EXEC]",
		"A suspected P1 or P2 declares itself after 8m.", " 26. The procedure names roles.",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not shown", want)
		}
	}
	for _, r := range p.Rules {
		if !strings.Contains(text, "\n"+r.ID+" ") {
			t.Errorf("rule %s is not shown", r.ID)
		}
	}
	if strings.Contains(text, "does nothing") {
		t.Error("a rule is shown without its action")
	}
}
