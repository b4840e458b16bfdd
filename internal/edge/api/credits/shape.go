// Package credits owns how service credits look on the wire, and their routes. It must
// not decide or compute anything.
package credits

import (
	"time"

	"allclear/internal/domain/credit"
	"allclear/internal/domain/incident"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
	"allclear/internal/flow/board"
	flow "allclear/internal/flow/credit"
)

// CreditMemo is what a customer is credited, and why. Amounts are in hundredths of
// the currency.
type CreditMemo struct {
	ID         string       `json:"id"`
	Type       string       `json:"type" enum:"contract,adjustment,goodwill"`
	State      string       `json:"state" enum:"calculated,pending,approved,processed,exported,void" doc:"pending: it waits for people. processed: on its way to billing, and fixed. exported: billing has it."`
	Customer   string       `json:"customer"`
	Name       string       `json:"customer_name"`
	Month      string       `json:"month" example:"2026-03"`
	Cents      int64        `json:"amount_cents"`
	Currency   string       `json:"currency"`
	Incidents  []string     `json:"incidents"`
	Words      []CreditWord `json:"words" doc:"Whose word it needs."`
	Wait       string       `json:"wait,omitempty" doc:"Why it is not processed, where nobody's word is missing."`
	Reason     string       `json:"reason,omitempty" doc:"Of a goodwill amount, or of its end."`
	AskedBy    string       `json:"asked_by,omitempty"`
	Problem    string       `json:"problem,omitempty" doc:"Why billing has not taken it."`
	Reference  string       `json:"reference,omitempty" doc:"By which billing knows it."`
	Key        string       `json:"idempotency_key" doc:"That names it to billing."`
	CreatedAt  time.Time    `json:"created_at"`
	SettledAt  time.Time    `json:"processed_at,omitzero"`
	ToldAt     time.Time    `json:"outreach_at,omitzero" doc:"When the account manager was asked to tell the customer."`
	MayApprove bool         `json:"may_approve" doc:"The reader's word as an executive is missing."`
	MaySign    bool         `json:"may_sign" doc:"The reader's word for Legal is missing."`
}

// CreditWord is somebody's word that a memo needs.
type CreditWord struct {
	Need string    `json:"need" enum:"executive,legal"`
	Why  string    `json:"why"`
	By   string    `json:"by,omitempty" doc:"Absent: nobody has given it."`
	At   time.Time `json:"at,omitzero"`
	Note string    `json:"note,omitempty"`
}

// CreditDetail is a memo with everything its amount comes from.
type CreditDetail struct {
	CreditMemo
	Inputs  CreditInputs `json:"inputs,omitzero" doc:"Absent for goodwill."`
	Before  int64        `json:"before_cents,omitempty" doc:"Settled for the month before an adjustment."`
	Again   int64        `json:"recomputed_cents" doc:"What the formula gives for the inputs that are kept: the amount, or something is wrong."`
	Mistake string       `json:"recompute_error,omitempty"`
	Steps   []CreditStep `json:"steps"`
	Subject string       `json:"outreach_subject,omitempty"`
	Text    string       `json:"outreach_text,omitempty" doc:"To send to the customer."`
}

// CreditInputs are what an amount was computed from.
type CreditInputs struct {
	Formula     int             `json:"formula" doc:"Version of the arithmetic."`
	Zone        string          `json:"time_zone"`
	Promise     float64         `json:"promise_percent"`
	Degradation bool            `json:"degradation_counts"`
	Fees        []CreditFee     `json:"fees"`
	Schedule    CreditSchedule  `json:"schedule"`
	Hits        []CreditHit     `json:"hits" doc:"What incidents did to products; product absent: to all."`
	Lines       []CreditLineOut `json:"lines"`
	Month       int64           `json:"month_ms" doc:"How long the month is."`
	Capped      bool            `json:"capped"`
}

// CreditFee is what a customer pays a month, for a product or, without one, for all.
type CreditFee struct {
	Product string `json:"product,omitempty"`
	Cents   int64  `json:"cents"`
}

// CreditSpan is a stretch of time; until does not belong to it.
type CreditSpan struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until"`
}

func spanOf(s credit.Span) CreditSpan { return CreditSpan(s) }

// CreditHit is what one incident did to one product.
type CreditHit struct {
	Incident string       `json:"incident"`
	Kind     string       `json:"kind" enum:"outage,degradation,none"`
	Product  string       `json:"product,omitempty"`
	Spans    []CreditSpan `json:"spans"`
	Agreed   []CreditSpan `json:"maintenance,omitempty" doc:"Announced before, and not counted."`
}

// CreditLineOut is the amount for one fee.
type CreditLineOut struct {
	Product string  `json:"product,omitempty"`
	Down    int64   `json:"down_ms"`
	Uptime  float64 `json:"uptime_percent"`
	Below   bool    `json:"below_promise"`
	Share   float64 `json:"share_percent" doc:"Of the fee."`
	Fee     int64   `json:"fee_cents"`
	Credit  int64   `json:"credit_cents"`
}

// CreditSchedule says what a month below the promise is worth.
type CreditSchedule struct {
	ID    string       `json:"id"`
	Bands []CreditBand `json:"bands"`
	Cap   float64      `json:"cap_percent" doc:"Most of a month's fees that is credited."`
}

// CreditBand is a share of the fee for a month with less availability.
type CreditBand struct {
	Below   float64 `json:"below_percent"`
	Percent float64 `json:"percent"`
}

// CreditStep is one thing that happened to a memo.
type CreditStep struct {
	At    time.Time `json:"at"`
	By    string    `json:"by"`
	What  string    `json:"what"`
	Cents int64     `json:"amount_cents"`
}

func memoOf(v flow.View) CreditMemo {
	m := v.Memo
	return CreditMemo{
		ID: m.ID.String(), Type: string(m.Sort), State: string(m.State), Customer: m.Customer, Name: m.Name, Month: string(m.Month), Cents: m.Cents, Currency: m.Currency,
		Incidents: wire.Each(v.Incidents, func(s string) string { return s }), Words: wire.Each(m.Words, func(w credit.Word) CreditWord { return CreditWord{string(w.Need), w.Why, w.By, w.At, w.Note} }),
		Wait: m.Wait, Reason: m.Reason, AskedBy: m.AskedBy, Problem: m.Problem, Reference: m.Reference, Key: m.Key(), CreatedAt: m.CreatedAt, SettledAt: m.SettledAt, ToldAt: m.Told,
		MayApprove: v.MayApprove, MaySign: v.MaySign,
	}
}

func detailOf(v flow.View) CreditDetail {
	m := v.Memo
	out := CreditDetail{
		CreditMemo: memoOf(v), Before: m.Before, Again: v.Again, Mistake: v.Mistake, Subject: v.Subject, Text: v.Text,
		Steps: wire.Each(m.Steps, func(s credit.Step) CreditStep { return CreditStep(s) }),
	}
	in := m.Inputs
	if in.Formula == 0 {
		return out
	}
	out.Inputs = CreditInputs{
		Formula: in.Formula, Zone: in.Zone, Promise: credit.Percent(in.Promise), Degradation: in.Degradation, Fees: wire.Each(in.Fees, func(f credit.Fee) CreditFee { return CreditFee(f) }), Schedule: scheduleOf(in.Schedule),
		Hits: wire.Each(in.Hits, func(h credit.Hit) CreditHit {
			return CreditHit{incident.Ref(h.Number), string(h.Kind), h.Product, wire.Each(h.Spans, spanOf), wire.Each(h.Agreed, spanOf)}
		}),
		Lines: wire.Each(m.Result.Lines, lineOf), Month: m.Result.Month, Capped: m.Result.Capped,
	}
	return out
}

func lineOf(l credit.Line) CreditLineOut {
	return CreditLineOut{l.Product, l.Down, credit.Percent(l.Uptime), l.Below, credit.Percent(l.Share), l.Fee, l.Credit}
}

func scheduleOf(s credit.Schedule) CreditSchedule {
	return CreditSchedule{s.ID, wire.Each(s.Bands, func(b credit.Band) CreditBand { return CreditBand{credit.Percent(b.Below), credit.Percent(b.Share)} }), credit.Percent(s.Cap)}
}

// CreditStanding is how credits stand.
type CreditStanding struct {
	Schedules []CreditPlan `json:"schedules"`
	Billing   bool         `json:"billing" doc:"A billing system is set up; else people book memos from the CSV."`
	Customer  int          `json:"approval_customer_usd" doc:"Above it an amount off the formula needs an executive and Legal."`
	Incident  int          `json:"approval_incident_usd" doc:"The same, for all such amounts of an incident."`
}

// CreditPlan is a schedule of the procedure.
type CreditPlan struct {
	CreditSchedule
	Hash      string    `json:"hash" doc:"Of what it says. A confirmation holds for this and nothing else."`
	Confirmed bool      `json:"confirmed" doc:"Memos are processed by it."`
	By        string    `json:"confirmed_by,omitempty" doc:"Absent where the procedure itself says so."`
	At        time.Time `json:"confirmed_at,omitzero"`
	Customers int       `json:"customers" doc:"Whose contract it is."`
}

func standingOf(s flow.Standing) CreditStanding {
	return CreditStanding{
		Billing: s.Billing, Customer: s.Limits.Customer, Incident: s.Limits.Incident,
		Schedules: wire.Each(s.Plans, func(p flow.Plan) CreditPlan {
			return CreditPlan{scheduleOf(p.Schedule), p.Hash, p.Confirmed, p.By, p.At, p.Customers}
		}),
	}
}

// CustomerUptime is how a customer's month stands against its promise.
type CustomerUptime struct {
	Customer  string          `json:"customer"`
	Name      string          `json:"customer_name"`
	Month     string          `json:"month"`
	Zone      string          `json:"time_zone"`
	Promise   float64         `json:"promise_percent"`
	Uptime    float64         `json:"uptime_percent" doc:"Of the worst product, rounded down."`
	Down      int64           `json:"down_ms" doc:"Of any product, so far."`
	Allowed   int64           `json:"allowed_ms" doc:"That keep the promise this month."`
	Left      int64           `json:"left_ms" doc:"Of them; negative: the promise is broken."`
	Below     bool            `json:"below_promise"`
	Going     bool            `json:"going_on" doc:"An incident of it is not over."`
	Lines     []CreditLineOut `json:"lines"`
	Incidents []string        `json:"incidents"`
}

func uptimeOf(u flow.Uptime) CustomerUptime {
	return CustomerUptime{
		u.Customer, u.Name, string(u.Month), u.Zone, credit.Percent(u.Promise), credit.Percent(u.Uptime), u.Down, u.Allowed, u.Left, u.Below, u.Going,
		wire.Each(u.Lines, lineOf), wire.Each(u.Incidents, func(s string) string { return s }),
	}
}

// IncidentLedger is what an incident costs, row by row.
type IncidentLedger struct {
	Incident string         `json:"incident"`
	Impact   string         `json:"impact" enum:"outage,degradation,none" doc:"What it did to availability."`
	Verdict  *CreditVerdict `json:"verdict,omitempty" doc:"Absent: by its severity and scenario."`
	Memos    []CreditMemo   `json:"memos"`
	Parts    []LedgerPart   `json:"parts" doc:"The incident's part in each memo."`
	Entries  []LedgerEntry  `json:"entries"`
	Sums     []LedgerSum    `json:"sums" doc:"Of all rows, by currency."`
}

// CreditVerdict is what somebody says an incident did to availability.
type CreditVerdict struct {
	Reason string       `json:"reason"`
	From   time.Time    `json:"from,omitzero"`
	Until  time.Time    `json:"until,omitzero"`
	By     record.Named `json:"by"`
	At     time.Time    `json:"at"`
}

// LedgerPart is an incident's part in a memo.
type LedgerPart struct {
	Memo  string `json:"memo"`
	Cents int64  `json:"amount_cents"`
}

// LedgerEntry is a row that somebody wrote.
type LedgerEntry struct {
	ID        string       `json:"id"`
	Type      string       `json:"type" enum:"refund,lost_revenue,billing_adjustment,cost"`
	Cents     int64        `json:"amount_cents"`
	Currency  string       `json:"currency"`
	Text      string       `json:"text"`
	Reference string       `json:"reference,omitempty"`
	By        record.Named `json:"by"`
	At        time.Time    `json:"at"`
	VoidWhy   string       `json:"withdrawn,omitempty" doc:"Why it counts no more."`
}

// LedgerSum adds up the rows of one currency.
type LedgerSum struct {
	Currency string           `json:"currency"`
	Credits  int64            `json:"credits_cents"`
	Entries  map[string]int64 `json:"entries_cents" doc:"By type."`
	Total    int64            `json:"total_cents"`
}

func ledgerOf(l flow.Ledger) IncidentLedger {
	n := record.NamesOf(board.NamesOf(l.Names))
	out := IncidentLedger{Incident: l.Incident.Ref(), Impact: string(l.Kind), Memos: wire.Each(l.Memos, memoOf), Parts: []LedgerPart{}}
	if v := l.Verdict; v != nil {
		out.Verdict = &CreditVerdict{v.Reason, v.From, v.Until, n.Person(v.By), v.At}
	}
	for _, m := range l.Memos {
		for _, p := range m.Parts() {
			if p.Incident == l.Incident.ID && m.State != credit.Void {
				out.Parts = append(out.Parts, LedgerPart{m.ID.String(), p.Cents})
			}
		}
	}
	out.Entries = wire.Each(l.Entries, func(e *credit.Entry) LedgerEntry {
		return LedgerEntry{e.ID.String(), string(e.Sort), e.Cents, e.Currency, e.Text, e.Reference, n.Person(e.By), e.At, e.VoidWhy}
	})
	out.Sums = wire.Each(l.Sums, func(s credit.Impact) LedgerSum {
		by := map[string]int64{}
		for k, cents := range s.Entries {
			by[string(k)] = cents
		}
		return LedgerSum{s.Currency, s.Credits, by, s.Total}
	})
	return out
}
