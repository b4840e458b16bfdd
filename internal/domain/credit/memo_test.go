package credit_test

import (
	"encoding/json"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
)

var noon = at("2026-05-01 12:00")

// An amount above the threshold cannot be processed without the words it needs, and
// whoever asked for it gives none of them. A word for one amount is none for another.
//
// Clauses: FUP-CR-EXEC, FUP-CR-LEGAL
func TestAMemoWaitsForItsWords(t *testing.T) {
	m := &credit.Memo{Cents: 1_000_100, State: credit.Calculated, Record: credit.Record{AskedBy: "ana"}}
	m.Require(credit.Word{Need: credit.Executive}, credit.Word{Need: credit.Legal})
	if err := m.Process("allclear", noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("processed: %v", err)
	}
	if err := m.Say(credit.Executive, "ana", "", noon); !fault.Is(err, fault.Refused) {
		t.Errorf("who asked approved: %v", err)
	}
	if err := m.Say(credit.Executive, "jennifer.walsh", "agreed", noon); err != nil {
		t.Fatal(err)
	}
	if err := m.Process("allclear", noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("processed without Legal: %v", err)
	}
	if err := m.Say(credit.Legal, "counsel", "", noon); err != nil {
		t.Fatal(err)
	}
	m.Cents++
	m.Require(credit.Word{Need: credit.Executive}, credit.Word{Need: credit.Legal})
	if len(m.Missing()) != 2 {
		t.Errorf("words for another amount count: %+v", m.Words)
	}
	m.Cents--
	m.Words = nil
	if err := m.Process("allclear", noon); err != nil || m.State != credit.Processed {
		t.Errorf("%s %v", m.State, err)
	}
	if err := m.Cancel("ana", "no", noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("void after it was processed: %v", err)
	}
	if err := m.Arrived("allclear", "CN-1", noon); err != nil || m.State != credit.Exported {
		t.Errorf("%s %v", m.State, err)
	}
	if err := m.Arrived("allclear", "CN-1", noon); !fault.Is(err, fault.Conflict) {
		t.Errorf("arrived twice: %v", err)
	}
}

// A memo read back years later computes to the amount it says.
//
// Clauses: FUP-CR-CALC
func TestAnOldMemoRecomputesToItsValue(t *testing.T) {
	const kept = `{"formula":1,"customer":"acme","name":"Acme","month":"2026-04","time_zone":"America/New_York","promise_ppm":999500,"currency":"USD",
		"fees":[{"product":"api","cents":33333},{"product":"dashboards","cents":66667}],"degradation_counts":false,
		"schedule":{"id":"standard","bands":[{"below_ppm":999500,"share_ppm":100000},{"below_ppm":990000,"share_ppm":250000}],"cap_ppm":500000},
		"hits":[{"incident":"0000000000007","number":7,"kind":"outage","product":"api","spans":[{"from":"2026-04-10T10:00:00Z","until":"2026-04-10T18:00:00Z"}],"agreed":[{"from":"2026-04-10T10:00:00Z","until":"2026-04-10T10:30:00Z"}]},
		        {"incident":"0000000000009","number":9,"kind":"outage","spans":[{"from":"2026-05-01T03:30:00Z","until":"2026-05-01T05:00:00Z"}]}]}`
	m := &credit.Memo{Cents: 15_000, Sort: credit.ByContract}
	if err := json.Unmarshal([]byte(kept), &m.Inputs); err != nil {
		t.Fatal(err)
	}
	// api: 7 h 30 min and 30 min in New York's April are below 99 %: 25 % of 333.33 is
	// 83.33; dashboards: 30 min are below 99.95 %: 10 % of 666.67 is 66.67.
	if got, err := credit.Recompute(m); err != nil || got != m.Cents {
		t.Errorf("%d %v", got, err)
	}
	m.Before, m.Sort = 10_000, credit.Adjustment
	if got, err := credit.Recompute(m); err != nil || got != 5_000 {
		t.Errorf("adjustment: %d %v", got, err)
	}
}

// The sums of a ledger are those of its rows.
//
// Clauses: FUP-CR-DOC
func TestSumsEqualTheirRows(t *testing.T) {
	memos := []*credit.Memo{
		{Cents: 1000, Currency: "USD", Sort: credit.ByContract, Record: credit.Record{Result: credit.Result{Shares: []credit.Share{{Incident: 1, Cents: 700}, {Incident: 2, Cents: 300}}}}},
		{Cents: 500, Currency: "EUR", Sort: credit.Goodwill, Incident: 1},
		{Cents: 9999, Currency: "USD", Sort: credit.Goodwill, Incident: 1, State: credit.Void},
		{Cents: -50, Currency: "USD", Sort: credit.Adjustment, Incident: 1},
	}
	entry := func(s credit.EntrySort, cents int64) *credit.Entry {
		return &credit.Entry{Incident: 1, EntryRecord: credit.EntryRecord{Sort: s, Cents: cents, Currency: "USD"}}
	}
	rows := []*credit.Entry{entry(credit.Refund, 200), entry(credit.Cost, 40), entry(credit.LostRevenue, 7), entry(credit.Cost, 100_000)}
	if err := rows[3].Withdraw("ana", "wrong", noon); err != nil {
		t.Fatal(err)
	}
	got := credit.Sum(ident.ID(1), memos, rows)
	if len(got) != 2 || got[0].Credits != 650 || got[0].Total != 650+247 || got[0].Entries[credit.Cost] != 40 || got[1].Total != 500 || got[1].Currency != "EUR" {
		t.Errorf("%+v", got)
	}
}

func books(i *incident.Incident) (*credit.Books, *catalog.Customer) {
	k := catalog.Customer{ID: "acme", Name: "Acme", Products: []string{"login"}, Contract: catalog.Contract{MonthlyFee: 100_000}}
	cat := catalog.New(1, catalog.Service{ID: "auth", Products: []string{"login"}}, catalog.Service{ID: "reports", Products: []string{"reports"}}, k)
	rules := &procedure.Credits{Outages: procedure.Outages{Severities: procedure.Set{procedure.P1}, Scenarios: []string{"single-tenant-outage"}, Never: []string{"breach-confirmed"}}}
	return &credit.Books{Catalog: cat, Rules: rules, Promise: 99.95, Incidents: []*incident.Incident{i}, Verdicts: map[ident.ID]credit.Verdict{}}, &k
}

func outage() *incident.Incident {
	return &incident.Incident{ID: 1, Number: 1, ServiceID: "auth", Status: incident.Resolved, Declared: true, Severity: procedure.P1, Highest: procedure.P1, DetectedAt: at("2026-04-10 10:00"), ResolvedAt: at("2026-04-10 11:00")}
}

// What counts as downtime: a complete outage at any severity, a degradation by the
// contract, maintenance that was announced before and covers all that was away, and
// what people prove.
//
// Clauses: FUP-CR-CALC
func TestWhatIsGathered(t *testing.T) {
	down := func(change func(i *incident.Incident, b *credit.Books, k *catalog.Customer)) int64 {
		i := outage()
		b, k := books(i)
		change(i, b, k)
		in, err := b.Inputs(k, "2026-04", noon)
		if err != nil {
			t.Fatal(err)
		}
		r, err := credit.Compute(in)
		if err != nil {
			t.Fatal(err)
		}
		return r.Down / time.Minute.Milliseconds()
	}
	window := func(services []string, created string) *alert.Maintenance {
		return &alert.Maintenance{Services: services, StartsAt: at("2026-04-10 10:30"), EndsAt: at("2026-04-10 10:50"), CreatedAt: at(created)}
	}
	for name, c := range map[string]struct {
		want   int64
		change func(i *incident.Incident, b *credit.Books, k *catalog.Customer)
	}{
		"a P1":          {60, func(*incident.Incident, *credit.Books, *catalog.Customer) {}},
		"a P2 degrades": {0, func(i *incident.Incident, _ *credit.Books, _ *catalog.Customer) { i.Highest = procedure.P2 }},
		"unless it counts": {60, func(i *incident.Incident, _ *credit.Books, k *catalog.Customer) {
			i.Highest, k.Contract.CreditDegradation = procedure.P2, true
		}},
		"one tenant's outage": {60, func(i *incident.Incident, _ *credit.Books, _ *catalog.Customer) {
			i.Highest, i.Tenant, i.Scenario = procedure.P2, "acme", "single-tenant-outage"
		}},
		"another tenant's": {0, func(i *incident.Incident, _ *credit.Books, _ *catalog.Customer) { i.Tenant = "other" }},
		"a breach":         {0, func(i *incident.Incident, _ *credit.Books, _ *catalog.Customer) { i.Scenario = "breach-confirmed" }},
		"another product":  {0, func(i *incident.Incident, _ *credit.Books, _ *catalog.Customer) { i.ServiceID = "reports" }},
		"a false positive": {0, func(i *incident.Incident, _ *credit.Books, _ *catalog.Customer) { i.FalsePositive = true }},
		"came back": {30, func(i *incident.Incident, _ *credit.Books, _ *catalog.Customer) {
			i.Regressions = []incident.Regression{{ResolvedAt: at("2026-04-10 10:20"), ReopenedAt: at("2026-04-10 10:50")}}
		}},
		"a person says outage": {60, func(i *incident.Incident, b *credit.Books, _ *catalog.Customer) {
			i.Highest, b.Verdicts[1] = procedure.P3, credit.Verdict{Kind: credit.Outage}
		}},
		"a proven end": {25, func(_ *incident.Incident, b *credit.Books, _ *catalog.Customer) {
			b.Verdicts[1] = credit.Verdict{Kind: credit.Outage, Until: at("2026-04-10 10:25")}
		}},
		"announced": {40, func(_ *incident.Incident, b *credit.Books, _ *catalog.Customer) {
			b.Maintenance = append(b.Maintenance, window([]string{"auth"}, "2026-04-09 10:00"))
		}},
		"announced afterwards": {60, func(_ *incident.Incident, b *credit.Books, _ *catalog.Customer) {
			b.Maintenance = append(b.Maintenance, window([]string{"auth"}, "2026-04-10 10:40"))
		}},
		"of another service": {60, func(_ *incident.Incident, b *credit.Books, _ *catalog.Customer) {
			b.Maintenance = append(b.Maintenance, window([]string{"reports"}, "2026-04-09 10:00"))
		}},
		"before it": {60, func(i *incident.Incident, b *credit.Books, _ *catalog.Customer) {
			i.DetectedAt, i.ResolvedAt, b.Maintenance = at("2026-04-20 10:00"), at("2026-04-20 11:00"), append(b.Maintenance, window([]string{"auth"}, "2026-04-09 10:00"))
		}},
		"each week": {40, func(_ *incident.Incident, b *credit.Books, _ *catalog.Customer) {
			m := window([]string{"auth"}, "2026-01-01 10:00")
			m.StartsAt, m.EndsAt, m.Repeat, m.Zone = m.StartsAt.AddDate(0, 0, -28), m.EndsAt.AddDate(0, 0, -28), "weekly", "UTC"
			b.Maintenance = append(b.Maintenance, m)
		}},
	} {
		if got := down(c.change); got != c.want {
			t.Errorf("%s: %d minutes, want %d", name, got, c.want)
		}
	}
}
