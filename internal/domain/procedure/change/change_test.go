package change_test

import (
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/procedure/change"
	"allclear/procedures"
)

func TestDiffSaysWhatAChangeMeans(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{"P1: {within: 5m,", "P1: {within: 3m,", "~ clocks[acknowledge].by.P1.within: 5m -> 3m\n    Acknowledgement of a P1 is due after 3m instead of 5m: less time."},
		{"P3: {within: 8bh,", "P3: {within: 12h,", "~ clocks[resolution].by.P3.within: 8bh -> 12h\n    Resolution of a P3 is due after 12h instead of 8bh, counted in another way."},
		{"      after: 10m\n", "      after: 5m\n", "~ chain.steps[2].after: 10m -> 5m\n    Step 2 is now schedule:secondary after 5m: P1 unacknowledged; P2 unacknowledged (was schedule:secondary after 10m: P1 unacknowledged; P2 unacknowledged)."},
		{"response: {P1: 15m, P2: 30m}", "response: {P1: 10m, P2: 30m}", "~ levels[2].response.P1: 15m -> 10m\n    A person of level 2 who is paged for a P1 has 10m instead of 15m to answer."},
		{"declare_after: 8m", "declare_after: 5m", "~ suspicion.declare_after: 8m -> 5m\n    A suspicion nobody judged becomes an incident at another time."},
		{"to: [\"role:vp-marketing\"], text", "to: [\"role:ceo\"], text", "~ rules[marketing].notice.to: [role:vp-marketing] -> [role:ceo]\n    Now: on declared, P1, if not restricted: tells role:ceo (marketing_notice) [TEAM-XF-MKT, ESC-XF-MKTVP]"},
		{"next_review: \"2025-04-01\"", "next_review: \"2026-10-01\"", "~ document.next_review: 2025-04-01 -> 2026-10-01\n    The control sheet says something else; incidents run as before."},
		{"You can stand down.", "Stand down.", ""},
		{"  - {id: cto, title: CTO}\n", "", "- roles[cto]: CTO\n    A duty is named in another way; check who holds it in the catalogue."},
		{"holidays: []", "holidays: [2026-12-25]", "+ business_hours.holidays: [2026-12-25]\n    P3 and P4 times and business-hours teams follow other hours."},
		{"# The severities.", "# Severities:", "none"},
		{"P2: {within: 60m,", "P2: {within: 1h,", "none"},
	} {
		changed := strings.Replace(string(procedures.TechFlow), c.old, c.new, 1)
		if changed == string(procedures.TechFlow) {
			t.Fatalf("%q is not in the procedure", c.old)
		}
		changes, err := change.Diff(procedures.TechFlow, []byte(changed))
		switch {
		case err != nil:
			t.Error(err)
		case c.want == "none":
			if len(changes) != 0 {
				t.Errorf("%q: %v", c.new, changes)
			}
		case len(changes) != 1:
			t.Errorf("%q: %d changes: %v", c.new, len(changes), changes)
		case c.want == "":
			if changes[0].Path != "texts.false_alarm.body" || changes[0].Meaning != "People read other words: stand-down-false-alarm." {
				t.Errorf("%+v", changes[0])
			}
		case changes[0].String() != c.want:
			t.Errorf("got  %s\nwant %s", changes[0], c.want)
		}
	}
}

// What was added or removed is told once, not key by key.
func TestDiffTellsAWholeRuleOnce(t *testing.T) {
	text := strings.Replace(string(procedures.TechFlow), "  - id: sales\n", "  - id: sales-team\n", 1)
	changes, err := change.Diff(procedures.TechFlow, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range changes {
		got = append(got, c.Path+": "+c.Meaning)
	}
	if want := []string{"rules[sales-team]: This happens from now on.", "rules[sales]: This no longer happens."}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestDiffSaysWhichSideCannotBeRead(t *testing.T) {
	if _, err := change.Diff(procedures.TechFlow, []byte("schema: 2")); err == nil || !strings.Contains(err.Error(), "read the new procedure: read procedure: 1:9:") {
		t.Errorf("%v", err)
	}
	if _, err := change.Diff([]byte("x"), procedures.TechFlow); err == nil || !strings.Contains(err.Error(), "read the old procedure") {
		t.Errorf("%v", err)
	}
}
