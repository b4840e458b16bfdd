package procedure_test

import (
	"slices"
	"strings"
	"testing"

	"allclear/internal/domain/procedure"
)

// facts are all facts but the ones named, for the widest incident there is.
func facts(without ...string) map[string]bool {
	m := map[string]bool{}
	for _, f := range procedure.Facts {
		m[f] = !slices.Contains(without, f)
	}
	return m
}

// told lists the rules that tell or page somebody outside the allowed targets.
func told(r procedure.Rule, allowed ...string) (outside []string) {
	for _, t := range []*procedure.Tell{r.Notice, r.Page} {
		if t == nil {
			continue
		}
		for _, to := range t.To {
			if !slices.Contains(allowed, to) {
				outside = append(outside, r.ID+" -> "+to)
			}
		}
	}
	return outside
}

// Reading 18: security team, Legal, executives and whoever works the incident;
// nothing is published by itself.
//
// Clauses: SEC-BR-COMM, TEAM-XF-LEGAL
func TestARestrictedIncidentStaysInItsCircle(t *testing.T) {
	circle := []string{
		"schedule:security", "team:security", "schedule:legal", "team:legal-counsel", "role:executive", "schedule:duty-executive",
		"commander", "technical_lead", "responders", "schedule:primary", "manager:area", "lead:owner",
	}
	legal := false
	for _, r := range techflow(t).Rules {
		for _, s := range procedure.Severities {
			if !r.Applies(s, facts()) {
				continue
			}
			if out := told(r, circle...); len(out) > 0 {
				t.Errorf("%s: %v", s, out)
			}
			if r.Message != nil && !r.Message.Draft {
				t.Errorf("%s: %s publishes %s by itself", s, r.ID, r.Message.Text)
			}
		}
		legal = legal || r.Page != nil && slices.Contains(r.Page.To, "schedule:legal") && slices.Contains(r.Page.To, "commander") && r.After.String() == "10m"
	}
	if !legal {
		t.Error("Legal and the commander are not paged at 10 minutes")
	}
}

// Reading 3: on suspicion only the on-call circle hears of it, and nothing is
// published.
//
// Clauses: SEV-P1-ESC
func TestASuspicionStaysInTheOnCallCircle(t *testing.T) {
	circle := []string{"schedule:primary", "schedule:secondary", "team:platform", "team:applications", "manager:area"}
	known := facts("declared", "restricted")
	for _, r := range techflow(t).Rules {
		if r.On != "opened" && r.On != "acknowledged" && r.On != "resolved" && r.On != "dismissed" && r.On != "updated" {
			continue
		}
		for _, s := range []procedure.Severity{procedure.P1, procedure.P2, procedure.P3} {
			if !r.Applies(s, known) {
				continue
			}
			if out := told(r, circle...); len(out) > 0 {
				t.Errorf("%s: %v", s, out)
			}
			if r.Message != nil {
				t.Errorf("%s: %s addresses customers on suspicion", s, r.ID)
			}
		}
	}
}

// Readings 4 and 12: what is quiet never pages; a page goes only to those the
// reading lists.
//
// Clauses: SEV-P3-BH, SEV-P4-NOEMERG
func TestOnlyWhatTheReadingsListPages(t *testing.T) {
	want := map[string]string{
		"all-hands": "P1", "manager-after-an-hour": "P2", "duty-executive": "", "restricted-security-team": "P1 P2",
		"vip-escalation-account-manager": "", "vip-escalation-on-known-trouble": "P1 P2", "vip-escalation-restricted": "",
		"restricted-approve-text":        "P1 P2",
		"emergency-line-account-manager": "", "emergency-call-on-known-trouble": "P1 P2", "emergency-mail-on-known-trouble": "P1 P2", "emergency-mail-restricted": "P1 P2",
		"customer-success-emergency": "", "customer-success-emergency-restricted": "",
	}
	got := map[string]string{}
	for _, r := range techflow(t).Rules {
		if r.Page == nil {
			continue
		}
		var names []string
		for _, s := range r.Severities {
			names = append(names, s.String())
		}
		got[r.ID] = strings.Join(names, " ")
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for id, sev := range want {
		if s, ok := got[id]; !ok || s != sev {
			t.Errorf("%s pages %q, want %q", id, s, sev)
		}
	}
}

// Clauses: MON-ENH-30M, PIR-IMM, PIR-MTG, FUP-FU-WINDOW, OBJ-PIR-ALL
func TestDutiesAfterResolutionAreDueInTheirWindows(t *testing.T) {
	due := map[string][]string{}
	gates := map[string]int{}
	for _, r := range techflow(t).Rules {
		if r.Task == nil || r.On != "resolved" || !r.Applies(procedure.P1, facts("restricted", "single_tenant")) {
			continue
		}
		for _, c := range r.Clauses {
			due[c] = append(due[c], r.After.String()+" "+r.Task.Due.String())
			if r.Task.Gate == "close" {
				gates[c]++
			}
		}
	}
	if want := []string{"0s 30m", "0s 1h", "0s 1h30m", "0s 2h", "0s 2h30m", "0s 3h", "0s 3h30m", "0s 4h"}; !slices.Equal(due["MON-ENH-30M"], want) {
		t.Errorf("checks by hand: %v, want %v", due["MON-ENH-30M"], want)
	}
	if n := len(due["PIR-IMM"]); n != 12 || slices.ContainsFunc(due["PIR-IMM"], func(s string) bool { return s != "0s 24h" }) || gates["PIR-IMM"] != 12 {
		t.Errorf("review set: %v", due["PIR-IMM"])
	}
	if !slices.Equal(due["PIR-MTG"], []string{"48h 72h"}) || gates["PIR-MTG"] != 1 {
		t.Errorf("formal review: %v", due["PIR-MTG"])
	}
	if n := len(due["FUP-FU-WINDOW"]); n != 5 || slices.ContainsFunc(due["FUP-FU-WINDOW"], func(s string) bool { return s != "24h 48h" }) {
		t.Errorf("follow-ups: %v", due["FUP-FU-WINDOW"])
	}
}
