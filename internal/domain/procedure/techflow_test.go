package procedure_test

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/domain/procedure"
	"allclear/internal/domain/status"
	"allclear/procedures"
)

func techflow(t testing.TB) *procedure.Procedure {
	t.Helper()
	p, err := procedure.Parse(procedures.TechFlow)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Clauses: DOC-REVIEW
func TestTheBuiltInProcedureHasWarningsOnly(t *testing.T) {
	_, findings := procedure.Check(procedures.TechFlow, procedure.Surroundings{Today: today})
	var got []string
	for _, f := range findings {
		got = append(got, f.Level+" "+f.Code)
		if f.Line == 0 || f.Column == 0 {
			t.Errorf("no position: %+v", f)
		}
	}
	want := []string{"warning review-overdue", "warning no-holidays", "warning chain-late", "warning unconfirmed-credits", "warning late-phase"}
	if !slices.Equal(got, want) || procedure.Errors(findings) != 0 {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestEveryClauseOfTheBuiltInProcedureExists(t *testing.T) {
	known := clauses(t)
	list := regexp.MustCompile(`(?m)clauses?: (\[[^\]]*\]|[^,}\n#]+)`)
	id := regexp.MustCompile(`[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+`)
	seen := map[string]bool{}
	for _, m := range list.FindAllSubmatch(procedures.TechFlow, -1) {
		for _, c := range id.FindAllString(string(m[1]), -1) {
			seen[c] = true
			if !known[c] {
				t.Errorf("%s is not in docs/clauses.tsv", c)
			}
		}
	}
	if len(seen) < 250 {
		t.Errorf("only %d clauses are cited", len(seen))
	}
	// What an incident's course consists of is answered by the file as a whole.
	for c := range known {
		group, _, _ := strings.Cut(c, "-")
		course := slices.Contains([]string{"RSP", "WAR", "INV", "RES", "MON", "FUP", "PIR", "SEC", "KPI"}, group)
		if course && !seen[c] {
			t.Errorf("no part of the procedure cites %s", c)
		}
	}
}

func clauses(t *testing.T) map[string]bool {
	t.Helper()
	f, err := os.Open("../../../docs/clauses.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	known := map[string]bool{}
	for s := bufio.NewScanner(f); s.Scan(); {
		id, _, _ := strings.Cut(s.Text(), "\t")
		known[id] = true
	}
	return known
}

// Clauses: DOC-TITLE, DOC-VERSION, DOC-APPROVAL, DOC-DIST, DOC-CONF, DOC-OWNER, OBJ-CTX-CUST, OBJ-UPTIME
func TestTheControlSheetIsTheDocuments(t *testing.T) {
	p := techflow(t)
	d := p.Document
	for what, pair := range map[string][2]string{
		"title":      {d.Title, "Incident Management Procedures"},
		"subtitle":   {d.Subtitle, "Comprehensive Framework for Service Reliability and Business Continuity"},
		"department": {d.Department, "Operations"},
		"version":    {d.Version, "3.2"},
		"date":       {d.Date, "2025-01-08"},
		"review":     {d.NextReview, "2025-04-01"},
		"prepared":   {d.PreparedBy, "David Kim, Director of Platform Operations"},
		"reviewed":   {d.ReviewedBy, "Rachel Torres, VP of Engineering"},
		"approved":   {d.ApprovedBy, "Jennifer Walsh, CEO"},
		"status":     {d.ApprovalStatus, "approved"},
		"banner":     {d.Confidentiality, "Internal Use Only"},
		"readers":    {strings.Join(d.Distribution, " "), "team:operations team:engineering team:customer-success team:executive-leadership"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %q, want %q", what, pair[0], pair[1])
		}
	}
	if p.Context.EnterpriseCustomers != 1200 || p.Context.UptimePercent != 99.95 || p.Context.UptimePeriod != "month" {
		t.Errorf("%+v", p.Context)
	}
}

// Clauses: SEV-P1-EX1, SEV-P1-EX2, SEV-P1-EX3, SEV-P1-EX4, SEV-P1-EX5, SEV-P2-EX1, SEV-P2-EX2, SEV-P2-EX3, SEV-P2-EX4, SEV-P2-EX5,
// SEV-P3-EX1, SEV-P3-EX2, SEV-P3-EX3, SEV-P3-EX4, SEV-P3-EX5, SEV-P4-EX1, SEV-P4-EX2, SEV-P4-EX3, SEV-P4-EX4, SEV-P4-EX5
func TestScenariosAreClassifiedAsTheDocumentSays(t *testing.T) {
	p := techflow(t)
	for i, want := range []struct {
		sev   procedure.Severity
		ids   []string
		flags map[string][]string
	}{
		{procedure.P1, []string{"platform-inaccessible", "data-corruption", "breach-confirmed", "payment-failure", "auth-failure"}, map[string][]string{"data-corruption": {"data_integrity"}, "breach-confirmed": {"security", "restricted"}}},
		{procedure.P2, []string{"dashboard-slow", "report-failures", "api-degraded", "single-tenant-outage", "sync-delay"}, map[string][]string{"single-tenant-outage": {"single_tenant"}}},
		{procedure.P3, []string{"minor-performance", "noncritical-malfunction", "cosmetic-affects-use", "single-customer-isolated", "docs-unavailable"}, nil},
		{procedure.P4, []string{"ui-text", "visual", "enhancement", "historical-display", "third-party-minor"}, map[string][]string{"enhancement": {"not_counted"}}},
	} {
		for n, id := range want.ids {
			s, sev, ok := p.Scenario(id)
			clause := "SEV-P" + string(rune('1'+i)) + "-EX" + string(rune('1'+n))
			if !ok || sev != want.sev || s.Clause != clause || !slices.Equal(s.Flags, want.flags[id]) {
				t.Errorf("%s: %v %+v, want %s of %s", id, sev, s, clause, want.sev)
			}
		}
	}
}

// Reading 1: a source's word is a hint, and the service decides half of it.
func TestHintsFollowTheService(t *testing.T) {
	p := techflow(t)
	for word, want := range map[string][2]procedure.Severity{
		"critical": {procedure.P1, procedure.P2}, "error": {procedure.P2, procedure.P3},
		"warning": {procedure.P3, procedure.P3}, "info": {procedure.P4, procedure.P4}, "page": {procedure.P3, procedure.P3},
	} {
		if a, b := p.Suggest(word, true), p.Suggest(word, false); a != want[0] || b != want[1] {
			t.Errorf("%s: %s on a critical function, %s elsewhere; want %v", word, a, b, want)
		}
	}
}

// Clauses: ESC-CHAIN-1, ESC-CHAIN-2, ESC-CHAIN-3, ESC-CHAIN-4, ESC-CHAIN-5
func TestTheChainIsTheDocuments(t *testing.T) {
	type row struct{ after, target, p1, p2 string }
	want := []row{
		{"0s", "schedule:primary", "always", "always"},
		{"10m", "schedule:secondary", "unacknowledged", "unacknowledged"},
		{"20m", "manager:area", "unacknowledged", "unacknowledged"},
		{"30m", "role:director-platform-operations", "unresolved", "unacknowledged notice"},
		{"45m", "role:vp-engineering", "unresolved", ""},
	}
	var got []row
	say := func(r procedure.StepRule) string { return strings.TrimSpace(string(r.While) + " " + r.Else) }
	for _, s := range techflow(t).Chain.Steps {
		got = append(got, row{s.After.String(), s.Target, say(s.By["P1"]), say(s.By["P2"])})
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Clauses: ESC-L1-TIME, ESC-L2-TIME, ESC-L3-TIME
func TestLevelsAnswerWithinTheDocumentsTimes(t *testing.T) {
	p := techflow(t)
	for n, want := range map[int][2]time.Duration{1: {5 * time.Minute, 15 * time.Minute}, 2: {15 * time.Minute, 30 * time.Minute}, 3: {30 * time.Minute, time.Hour}} {
		l, ok := p.LevelOf(n)
		if !ok || l.Response["P1"].Elapsed() != want[0] || l.Response["P2"].Elapsed() != want[1] {
			t.Errorf("level %d: %v, want %v", n, l.Response, want)
		}
	}
}

// Clauses: KPI-MTTD, KPI-MTTA, KPI-MTTRESP, KPI-MTTRESOLVE, KPI-RECUR, KPI-CSAT, KPI-ACTIONS, KPI-FALSE, KPI-CHURN, KPI-REV, KPI-SLA, KPI-BRAND
func TestTheFiguresAreTheDocuments(t *testing.T) {
	want := map[string][2]float64{
		"mttd": {2.8, 3}, "mtta": {4.2, 5}, "mttr_response": {38, 45}, "mttr_resolution": {42, 45}, "recurrence_rate": {12, 8}, "csat": {7.8, 8.5},
		"action_completion": {85, 95}, "false_positive_rate": {18, 10}, "churn_from_incidents": {0.3, 0.2}, "revenue_impact_per_incident": {15000, 10000}, "sla_compliance": {99.95, 99.97},
	}
	kpis := techflow(t).KPIs
	if len(kpis) != 12 {
		t.Errorf("%d figures, want 12", len(kpis))
	}
	for _, k := range kpis {
		w, given := want[k.ID]
		switch {
		case !given && (k.ID != "brand_reputation" || k.Baseline != nil || k.Target != nil):
			t.Errorf("%s: the document gives no figures", k.ID)
		case given && (k.Baseline == nil || k.Target == nil || *k.Baseline != w[0] || *k.Target != w[1] || (k.Better == ">") != (w[1] > w[0] && k.ID != "mttd" && k.ID != "mtta" && !strings.HasPrefix(k.ID, "mttr"))):
			t.Errorf("%s: %v %v %s", k.ID, k.Baseline, k.Target, k.Better)
		}
	}
}

// The words for the status page are those of the page itself.
func TestStatusWordsAreThoseOfTheStatusPage(t *testing.T) {
	for _, w := range procedure.Statuses {
		if !status.IncidentStatus(w).ForIncident() {
			t.Errorf("%q is no state of an incident on the page", w)
		}
	}
	for _, w := range procedure.Impacts {
		if !status.Impact(w).Valid() {
			t.Errorf("%q is no impact on the page", w)
		}
	}
}

// Customers read neither the title an engineer gave nor what was found.
func TestCustomerTextsKeepInternalDetailOut(t *testing.T) {
	p := techflow(t)
	secret := map[string]string{"service": "Dashboards", "name": "Customer 1"}
	for _, w := range []string{"title", "reason", "commander", "clock", "due", "number", "severity", "status"} {
		secret[w] = "INTERNAL"
	}
	for _, r := range p.Rules {
		if r.Message == nil {
			continue
		}
		subject, body := p.Texts[r.Message.Text].Fill(secret)
		if strings.Contains(subject+body, "INTERNAL") || strings.Contains(subject+body, "{{") || body == "" {
			t.Errorf("%s: %s / %s", r.ID, subject, body)
		}
	}
}

// Every reading in force is explained under its number.
func TestReadingsAreExplained(t *testing.T) {
	p := techflow(t)
	for n := 1; n <= 26; n++ {
		if len(p.Readings[strings.TrimLeft(string(rune('0'+n/10))+string(rune('0'+n%10)), "0")]) < 40 {
			t.Errorf("reading %d is missing", n)
		}
	}
	for _, w := range []string{"appropriate", "major incident", "regular", "urgent", "significant outage", "significant compensation"} {
		if p.Words[w] == "" {
			t.Errorf("no rule for %q", w)
		}
	}
}
