package story_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	flow "allclear/internal/flow/credit"
	"allclear/test/story"
)

// lastDay is the last Tuesday of March, 21 hours before April.
var lastDay = time.Date(2026, 3, 31, 3, 0, 0, 0, time.UTC)

// acme pays 1,000.00 a month; change tells what is different.
func acme(change ...func(*catalog.Customer)) catalog.Customer {
	k := catalog.Customer{
		ID: "acme", Name: "Acme", Tier: catalog.Enterprise, AccountManager: "account-manager-1", ARR: 87_600,
		Contract: catalog.Contract{UptimePercent: 99.95, MonthlyFee: 100_000},
	}
	for _, c := range change {
		c(&k)
	}
	return k
}

// sure has the placeholder schedule confirmed by the procedure itself.
func sure() story.Setup { return story.Procedure("confirmed: false", "confirmed: true") }

func only(k catalog.Customer, more ...story.Setup) []story.Setup {
	return append([]story.Setup{story.Without(catalog.KindCustomer), story.With(k), story.Start(lastDay)}, more...)
}

// away is a P1 that lasts so long.
func away(w *story.World, lasts time.Duration) {
	w.Helper()
	w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
	w.Engage("ana")
	w.After(lasts)
	w.Resolve("rolled back")
	w.After(0)
}

func memos(w *story.World) []flow.View {
	w.Helper()
	all, _, err := w.Credits().List(w.Context(), w.As("ana"), flow.Wish{Limit: 100}, w.Now())
	must(w, err)
	return all
}

func theMemo(w *story.World) flow.View {
	w.Helper()
	all := memos(w)
	if len(all) == 0 {
		w.Fatalf("at %s: there is no memo", w.Since())
	}
	return all[0]
}

// The credit of a known downtime and fee is exact. Nothing is processed by a schedule
// that nobody has confirmed; once somebody does, billing books the memo once, although
// its first answer is lost.
//
// Clauses: FUP-CR-CALC, INT-BILLING
func TestACreditIsBookedOnce(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		b.Torn, b.Busy = 1, 1
		away(w, 40*min)
		if m := theMemo(w); m.Cents != 10_000 || m.State != credit.Calculated || m.Again != m.Cents || m.Result.Down != (40*min).Milliseconds() || !strings.Contains(m.Wait, "confirmed") {
			t.Errorf("%s %d, again %d, down %d: %s", m.State, m.Cents, m.Again, m.Result.Down, m.Wait)
		}
		w.After(3 * 24 * hour)
		if b.Calls != 0 || theMemo(w).State != credit.Calculated {
			t.Errorf("%d calls by a schedule that nobody has confirmed", b.Calls)
		}
		s, err := w.Credits().Standing(w.Context(), w.Boss(), w.Now())
		must(w, err)
		if err := w.Credits().Confirm(w.Context(), w.As("ana"), "standard", s.Plans[0].Hash, w.Now()); !fault.Is(err, fault.Refused) {
			t.Errorf("a responder confirmed: %v", err)
		}
		if err := w.Credits().Confirm(w.Context(), w.Boss(), "standard", "another", w.Now()); !fault.Is(err, fault.Conflict) {
			t.Errorf("what nobody has read was confirmed: %v", err)
		}
		must(w, w.Credits().Confirm(w.Context(), w.Boss(), "standard", s.Plans[0].Hash, w.Now()))
		w.After(hour)
		m := theMemo(w)
		if m.State != credit.Exported || len(b.Booked) != 1 || b.Forged != 0 || b.Calls < 3 {
			t.Errorf("%s, booked %v in %d calls, %d forged: %s", m.State, b.Booked, b.Calls, b.Forged, m.Problem)
		}
		if got := b.Booked[m.Key()]; got["amount_cents"] != 10_000.0 || got["amount"] != "100.00" || got["month"] != "2026-03" || got["customer_id"] != "acme" {
			t.Errorf("booked %v", got)
		}
		w.Restart()
		w.After(40 * 24 * hour)
		if len(b.Booked) != 1 || len(memos(w)) != 1 {
			t.Errorf("booked again: %v", b.Booked)
		}
	}, only(acme())...)
}

// Once it is certain that a customer receives a credit, its account manager is asked
// to tell it, with words to send; the month's end processes it without anybody.
//
// Clauses: FUP-CR-OUTREACH, FUP-CR-CALC
func TestTheAccountManagerTellsTheCustomer(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		away(w, 40*min)
		n := 0
		for _, task := range w.Tasks("FUP-CR-OUTREACH") {
			if task.Owner == "person:account-manager-1" && strings.Contains(task.Title, "Acme") && !task.DueAt.IsZero() {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%d tasks for the account manager", n)
		}
		if got := w.Notices("account-manager-1").For("FUP-CR-OUTREACH"); len(got.List) != 1 || strings.Contains(got.List[0].Data.Text, "100.00") {
			t.Errorf("notices %+v", got.List)
		}
		if m := theMemo(w); !strings.Contains(m.Text, "Acme") || !strings.Contains(m.Text, "100.00 USD") || m.State != credit.Calculated {
			t.Errorf("%s %q", m.State, m.Text)
		}
		w.After(24 * hour)
		if m := theMemo(w); m.State != credit.Exported || len(b.Booked) != 1 {
			t.Errorf("%s %s", m.State, m.Wait)
		}
	}, only(acme(), sure())...)
}

// A memo under a custom contract is blocked until Legal signs it off.
//
// Clauses: FUP-CR-LEGAL
func TestACustomContractWaitsForLegal(t *testing.T) {
	custom := acme(func(k *catalog.Customer) { k.Contract.Custom = true })
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		away(w, 40*min)
		w.After(2 * 24 * hour)
		m := theMemo(w)
		if m.State != credit.Pending || b.Calls != 0 {
			t.Fatalf("%s after %d calls", m.State, b.Calls)
		}
		asked := false
		for _, task := range w.Tasks("FUP-CR-LEGAL") {
			asked = asked || strings.Contains(task.Title, "sign the credits off")
		}
		if !asked {
			t.Error("Legal was not asked")
		}
		for _, who := range []string{"ana", "jennifer.walsh"} {
			if _, err := w.Credits().Say(w.Context(), w.As(who), m.ID, credit.Legal, "", w.Now()); !fault.Is(err, fault.Refused) {
				t.Errorf("%s signed for Legal: %v", who, err)
			}
		}
		_, err := w.Credits().Say(w.Context(), w.As("legal-counsel-1"), m.ID, credit.Legal, "as agreed in annex 2", w.Now())
		must(w, err)
		w.After(min)
		if m := theMemo(w); m.State != credit.Exported || len(b.Booked) != 1 {
			t.Errorf("%s %s", m.State, m.Wait)
		}
	}, only(custom, sure())...)
}

func gift(w *story.World, cents int64) (flow.View, error) {
	v, err := w.Credits().Goodwill(w.Context(), w.As("ana"), flow.Gift{Customer: "acme", Incident: w.Number(), Cents: cents, Reason: "they lost a day"}, w.Now())
	w.After(0)
	return v, err
}

// 10,001 dollars off the formula cannot be processed without an executive of level 3
// and Legal; whoever asked approves nothing. A small amount goes by itself, and small
// ones that add up do not.
//
// Clauses: FUP-CR-EXEC, FUP-CR-LEGAL
func TestGoodwillNeedsAnExecutive(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		away(w, 10*min)
		big, err := gift(w, 1_000_100)
		must(w, err)
		w.After(40 * 24 * hour)
		if m := theMemo(w); m.State != credit.Pending || b.Calls != 0 {
			t.Fatalf("%s after %d calls", m.State, b.Calls)
		}
		asked := 0
		for _, task := range w.Tasks("FUP-CR-EXEC") {
			if strings.Contains(task.Title, "or refuse it") && task.Owner == "role:executive" {
				asked++
			}
		}
		if asked != 1 {
			t.Errorf("executives were asked %d times", asked)
		}
		for _, who := range []string{"ana", "david.kim", "legal-counsel-1"} {
			if _, err := w.Credits().Say(w.Context(), w.As(who), big.ID, credit.Executive, "", w.Now()); !fault.Is(err, fault.Refused) {
				t.Errorf("%s approved: %v", who, err)
			}
		}
		exec := authz.Actor{ID: "jennifer.walsh", Role: authz.Stakeholder, Via: "session"}
		_, err = w.Credits().Say(w.Context(), exec, big.ID, credit.Executive, "they are right", w.Now())
		must(w, err)
		w.After(min)
		if m := theMemo(w); m.State != credit.Pending || b.Calls != 0 {
			t.Errorf("%s without Legal", m.State)
		}
		_, err = w.Credits().Say(w.Context(), w.As("legal-counsel-1"), big.ID, credit.Legal, "", w.Now())
		must(w, err)
		w.After(min)
		if m := theMemo(w); m.State != credit.Exported || b.Booked[m.Key()]["amount"] != "10001.00" {
			t.Errorf("%s %v", m.State, b.Booked)
		}
	}, only(acme(), sure())...)
}

func TestSmallGoodwillGoesByItselfAndAddsUp(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		away(w, 10*min)
		first, err := gift(w, 60_000)
		must(w, err)
		w.After(min)
		second, err := gift(w, 60_000)
		must(w, err)
		w.After(min)
		if first.State != credit.Processed || second.State != credit.Pending || len(b.Booked) != 1 {
			t.Errorf("%s and %s, booked %d", first.State, second.State, len(b.Booked))
		}
		_, err = w.Credits().Void(w.Context(), w.As("rachel.torres"), second.ID, "once is enough", w.Now())
		must(w, err)
		if _, err := gift(w, 0); !fault.Is(err, fault.Invalid) {
			t.Errorf("nothing was given: %v", err)
		}
	}, only(acme(), sure())...)
}

// A proven end of the impact changes what is not processed. What is stays as it was,
// and the difference is an adjustment: sales operations see to it, and an executive
// agrees to take something back.
//
// Clauses: FUP-CR-CALC, FUP-CR-DOC, ESC-XF-SALESOPS
func TestWhatWasProvenLaterIsAnAdjustment(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		away(w, 8*hour)
		begin := w.Incident().DetectedAt
		if m := theMemo(w); m.Cents != 25_000 {
			t.Fatalf("%d", m.Cents)
		}
		judge := func(until time.Duration) {
			must(w, w.Credits().Judge(w.Context(), w.As("ana"), w.Number(), credit.Verdict{Kind: credit.Outage, Reason: "the access log shows it", Until: begin.Add(until)}, w.Now()))
			w.After(0)
		}
		judge(40 * min)
		if m := theMemo(w); m.Cents != 10_000 || len(memos(w)) != 1 {
			t.Errorf("%d in %d memos", m.Cents, len(memos(w)))
		}
		w.After(24 * hour)
		judge(7*hour + 30*min)
		up := theMemo(w)
		if up.Sort != credit.Adjustment || up.Cents != 15_000 || up.State != credit.Exported && up.State != credit.Processed || up.Again != up.Cents {
			t.Errorf("%s of %d is %s, again %d", up.Sort, up.Cents, up.State, up.Again)
		}
		w.After(min)
		if got := w.Tasks("ESC-XF-SALESOPS"); len(got) < 2 || got[len(got)-1].Owner != "team:sales-operations" || !strings.Contains(got[len(got)-1].Title, "Acme") {
			t.Errorf("%+v", got)
		}
		judge(10 * min)
		down := theMemo(w)
		if down.Cents != -25_000 || down.State != credit.Pending {
			t.Errorf("%d is %s", down.Cents, down.State)
		}
		_, err := w.Credits().Say(w.Context(), w.As("jennifer.walsh"), down.ID, credit.Executive, "", w.Now())
		must(w, err)
		w.After(min)
		sum := 0.0
		for _, booked := range b.Booked {
			sum += booked["amount_cents"].(float64)
		}
		if len(b.Booked) != 3 || sum != 0 {
			t.Errorf("booked %d memos, %g in all", len(b.Booked), sum)
		}
		l, err := w.Credits().Ledger(w.Context(), w.As("ana"), w.Number(), w.Now())
		must(w, err)
		if len(l.Sums) != 1 || l.Sums[0].Total != 0 || len(l.Memos) != 3 {
			t.Errorf("%+v", l.Sums)
		}
	}, only(acme(), sure())...)
}

// What an incident costs is the sum of its rows, and the review shows it with the
// revenue of the time of impact: 87,600 a year are 10 an hour.
//
// Clauses: FUP-CR-DOC, PIR-IMM-IMP-2
func TestWhatAnIncidentCosts(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		away(w, 90*min)
		write := func(sort credit.EntrySort, cents int64) {
			_, err := w.Credits().Write(w.Context(), w.As("ana"), w.Number(), credit.EntryRecord{Sort: sort, Cents: cents, Currency: "USD", Text: "overtime", Reference: "PO-7"}, w.Now())
			must(w, err)
		}
		write(credit.Refund, 5_000)
		write(credit.Cost, 2_500)
		l, err := w.Credits().Ledger(w.Context(), w.As("ana"), w.Number(), w.Now())
		must(w, err)
		rows := int64(0)
		for _, e := range l.Entries {
			rows += e.Cents
		}
		for _, m := range l.Memos {
			rows += m.Cents
		}
		if len(l.Sums) != 1 || l.Sums[0].Total != rows || rows != 10_000+7_500 || l.Entries[0].Reference != "PO-7" {
			t.Errorf("%+v, rows %d", l.Sums, rows)
		}
		got := w.Review().Impact.Finances
		if len(got.Costs) != 1 || math.Abs(got.AtRisk-15) > 1e-9 || math.Abs(got.Total-(15+100+75)) > 1e-9 {
			t.Errorf("%+v", got)
		}
		must(w, w.Credits().Strike(w.Context(), w.As("ana"), l.Entries[1].ID, "booked elsewhere", w.Now()))
		if got := w.Review().Impact.Finances.Total; math.Abs(got-165) > 1e-9 {
			t.Errorf("%g after a row was withdrawn", got)
		}
		if _, err := w.Credits().Ledger(w.Context(), authz.Actor{ID: "robert.park", Role: authz.Stakeholder}, w.Number(), w.Now()); !fault.Is(err, fault.Refused) {
			t.Errorf("somebody who may not read contracts read it: %v", err)
		}
	}, only(acme())...)
}

// 22 minutes of a P1 in a month of 30 days are below 99.95 %, 21 are not.
//
// Clauses: OBJ-UPTIME
func TestTheErrorBudgetOfAMonth(t *testing.T) {
	for lasts, below := range map[time.Duration]bool{21 * min: false, 22 * min: true} {
		t.Run(lasts.String(), func(t *testing.T) {
			story.Tell(t, func(w *story.World) {
				w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
				w.Engage("ana")
				w.After(lasts - min)
				look := func() flow.Uptime {
					got, err := w.Credits().Availability(w.Context(), w.As("ana"), "acme", "2026-04", w.Now())
					must(w, err)
					return got[0]
				}
				if u := look(); !u.Going || u.Down != (lasts-min).Milliseconds() || u.Below {
					t.Errorf("while it goes on: %+v", u)
				}
				w.After(min)
				w.Resolve("rolled back")
				u := look()
				if u.Below != below || u.Allowed != (21*min+36*time.Second).Milliseconds() || u.Left != u.Allowed-lasts.Milliseconds() || (u.Uptime < credit.PPM(99.95)) != below {
					t.Errorf("%+v", u)
				}
				all, err := w.Credits().Availability(w.Context(), w.As("ana"), "", "2026-04", w.Now())
				must(w, err)
				if len(all) != 1 || all[0].Customer != "acme" {
					t.Errorf("%+v", all)
				}
			}, append(only(acme()), story.Start(time.Date(2026, 4, 14, 3, 0, 0, 0, time.UTC)))...)
		})
	}
}

// A memo of a restricted incident is not there for those outside the circle, waits
// for Legal, and asks nobody to tell the customer.
//
// Clauses: FUP-CR-LEGAL, SEC-BR-COMM
func TestARestrictedIncidentsCreditStaysInside(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		w.Declare(story.Declaration{Severity: P1, Service: "auth", Title: "logins fail"})
		w.Engage("ana")
		w.Restrict()
		w.After(40 * min)
		w.Resolve("rolled back")
		w.After(2 * 24 * hour)
		legal := w.As("legal-counsel-1")
		all, _, err := w.Credits().List(w.Context(), legal, flow.Wish{Limit: 10}, w.Now())
		must(w, err)
		if len(all) != 1 || all[0].State != credit.Pending || len(all[0].Outward) != 0 || b.Calls != 0 {
			t.Fatalf("%+v", all)
		}
		outside := authz.Actor{ID: "bo", Role: authz.Responder, Via: "api"}
		seen, _, err := w.Credits().List(w.Context(), outside, flow.Wish{Limit: 10}, w.Now())
		must(w, err)
		if len(seen) != 0 {
			t.Errorf("bo sees %d memos", len(seen))
		}
		if _, err := w.Credits().Show(w.Context(), outside, all[0].ID, w.Now()); !fault.Is(err, fault.NotFound) {
			t.Errorf("bo reads it: %v", err)
		}
		months, err := w.Credits().Availability(w.Context(), outside, "acme", "2026-03", w.Now())
		must(w, err)
		if months[0].Down != 0 || len(months[0].Incidents) != 0 {
			t.Errorf("bo reads %+v", months[0])
		}
		for _, task := range w.AllTasks() {
			if strings.Contains(task.Title, "Acme") {
				t.Errorf("%s is asked: %s", task.Owner, task.Title)
			}
		}
	}, only(acme(), sure())...)
}

// Billing that refuses a memo for good is asked again under the same key, and sales
// operations hear of it; the memo is not lost.
//
// Clauses: INT-BILLING, ESC-XF-SALESOPS
func TestBillingThatRefusesIsAskedAgain(t *testing.T) {
	story.Tell(t, func(w *story.World) {
		b := w.WithBilling()
		b.Picky = true
		away(w, 40*min)
		w.After(24 * hour)
		m := theMemo(w)
		if m.State != credit.Processed || m.Problem == "" || len(b.Booked) != 0 {
			t.Errorf("%s: %s", m.State, m.Problem)
		}
		n := 0
		for _, task := range w.Tasks("ESC-XF-SALESOPS") {
			if strings.Contains(task.Title, "Acme") {
				n++
			}
		}
		if n != 1 {
			t.Errorf("sales operations were asked %d times", n)
		}
		b.Picky = false
		w.After(2 * hour)
		if m := theMemo(w); m.State != credit.Exported || len(b.Booked) != 1 || m.Reference != "CN-1" {
			t.Errorf("%s %q: %s", m.State, m.Reference, m.Problem)
		}
	}, only(acme(), sure())...)
}
