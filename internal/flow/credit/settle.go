package credit

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/store"
	"allclear/internal/store/credits"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/timers"
)

// Triggers of the procedure's rules on credits.
const (
	credited       = "credited"
	creditApproval = "credit_approval"
	creditLegal    = "credit_legal"
	creditBilling  = "credit_billing"
)

// patience is how long a month waits for an incident that is not over, between two
// looks.
const patience = 24 * time.Hour

// advance takes a memo as far as it can go: to whose word it needs, and, once its
// month is over, to billing (reading 22).
func (d *desk) advance(m *credit.Memo, k *catalog.Customer, month credit.Span, b *credit.Books) error {
	needs, err := d.needs(m, k)
	if err != nil {
		return err
	}
	if err := d.require(m, needs); err != nil {
		return err
	}
	due := month.Until
	switch {
	case len(m.Inputs.Schedule.Bands) == 0:
		m.Wait = fmt.Sprintf("the procedure has no credit schedule %q", m.Inputs.Schedule.ID)
	case len(m.Inputs.Fees) == 0:
		m.Wait = "the contract says no fee"
	case !d.confirmed(m.Inputs.Schedule):
		m.Wait = fmt.Sprintf("nobody has confirmed the credit schedule %q", m.Inputs.Schedule.ID)
	case len(m.Missing()) > 0:
		m.Wait = ""
	case d.now.Before(month.Until):
		m.Wait = "the month is not over"
		err = d.outreach(m)
	case b.Open(k, month):
		m.Wait, due = "an incident of the month is not over", d.now.Add(patience)
		err = d.outreach(m)
	default:
		if err := d.outreach(m); err != nil {
			return err
		}
		return d.process(m)
	}
	if err != nil {
		return err
	}
	if due.After(d.now) {
		t := timers.Timer{Kind: TimerMonth, Ref: m.ID.String(), IncidentID: m.Incident, DueAt: due}
		if err := timers.Set(d.tx, t, d.now); err != nil {
			return err
		}
	}
	return credits.Save(d.tx, m)
}

// needs lists whose word a memo by the contract needs: Legal's where the contract is
// a custom one or data may have been exposed (FUP-CR-LEGAL), an executive's where
// something is taken back.
func (d *desk) needs(m *credit.Memo, k *catalog.Customer) (out []credit.Word, err error) {
	if k.Contract.Custom {
		out = append(out, credit.Word{Need: credit.Legal, Why: "the contract is a custom one"})
	} else if breach, err := d.breach(m); err != nil {
		return nil, err
	} else if breach {
		out = append(out, credit.Word{Need: credit.Legal, Why: "an incident was a breach or is restricted"})
	}
	if m.Cents < 0 && m.Sort == credit.Adjustment {
		out = append(out, credit.Word{Need: credit.Executive, Why: "it takes back what was credited"})
	}
	return out, nil
}

func (d *desk) breach(m *credit.Memo) (bool, error) {
	for _, id := range m.Incidents() {
		i, err := d.incident(id)
		if err != nil {
			return false, err
		}
		if i.Restricted || i.Fact("security") {
			return true, nil
		}
	}
	return false, nil
}

// require sets whose words a memo needs and asks for those that are new.
func (d *desk) require(m *credit.Memo, needs []credit.Word) error {
	asked := m.Missing()
	m.Require(needs...)
	m.State = credit.Calculated
	for _, n := range m.Missing() {
		m.State = credit.Pending
		if slices.Contains(asked, n) {
			continue
		}
		trigger := creditLegal
		if n == credit.Executive {
			trigger = creditApproval
		}
		if err := d.want(m, trigger); err != nil {
			return err
		}
	}
	return nil
}

// outreach asks, once a memo, for the customer to be told: when it is certain that it
// receives something, before its invoice says so (FUP-CR-OUTREACH).
func (d *desk) outreach(m *credit.Memo) error {
	if m.Cents <= 0 || !m.Told.IsZero() {
		return nil
	}
	m.Told = d.now
	return d.want(m, credited)
}

// process fixes the amount and sends it to billing. Memo and delivery are written
// together; billing knows the memo's key, so that a second sending books nothing.
func (d *desk) process(m *credit.Memo) error {
	if err := m.Process(d.a.ID, d.now); err != nil {
		return err
	}
	if err := timers.Cancel(d.tx, TimerMonth, m.ID.String()); err != nil {
		return err
	}
	if err := d.tell(m, "processed", "a service credit for "+string(m.Month)+" is processed", "FUP-CR-CALC"); err != nil {
		return err
	}
	if m.Sort == credit.Adjustment {
		if err := d.want(m, creditBilling); err != nil { // somebody has to look at an invoice that is out
			return err
		}
	}
	return d.send(m)
}

// channel is what billing plug-ins serve.
const channel = "billing"

// send writes a delivery to billing; without a plug-in a person books the memo.
func (d *desk) send(m *credit.Memo) error {
	if d.o.Billing == nil || !d.o.Billing() {
		m.Problem = "no billing system is set up: book it from the CSV, and note the reference"
		return credits.Save(d.tx, m)
	}
	m.Sends++
	body, err := d.payload(m)
	if err != nil {
		return err
	}
	if err := credits.Save(d.tx, m); err != nil {
		return err
	}
	return deliveries.Queue(d.tx, &message.Delivery{
		Key: m.Key() + "/" + strconv.Itoa(m.Sends), Kind: message.KindCredit, RefID: m.ID, IncidentID: m.Incident, Recipient: m.Customer, Channel: channel, Address: channel,
		Subject: m.Key(), Body: body, Priority: 2, DueAt: d.now, CreatedAt: d.now, Clauses: []string{"INT-BILLING"},
		Headers: message.Headers{Headers: map[string]string{"Idempotency-Key": m.Key()}},
	})
}

// booking is what billing reads of a memo: docs/integrations/billing.md. Fields are
// only ever added.
type booking struct {
	Key       string       `json:"idempotency_key"`
	Sort      credit.Sort  `json:"type"`
	Customer  string       `json:"customer_id"`
	Name      string       `json:"customer_name"`
	Month     credit.Month `json:"month"`
	Cents     int64        `json:"amount_cents"`
	Amount    string       `json:"amount"`
	Currency  string       `json:"currency"`
	Formula   int          `json:"formula,omitempty"`
	Incidents []string     `json:"incidents"`
	Processed time.Time    `json:"processed_at"`
}

func (d *desk) payload(m *credit.Memo) (string, error) {
	refs, err := d.refs(m)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(booking{
		Key: m.Key(), Sort: m.Sort, Customer: m.Customer, Name: m.Name, Month: m.Month, Cents: m.Cents, Amount: credit.Decimal(m.Cents), Currency: m.Currency,
		Formula: m.Inputs.Formula, Incidents: refs, Processed: m.SettledAt.UTC(),
	})
	return string(b), err
}

// refs names the incidents of a memo, but for restricted ones: it leaves the house.
func (d *desk) refs(m *credit.Memo) ([]string, error) {
	out := []string{}
	for _, id := range m.Incidents() {
		i, err := d.incident(id)
		if err != nil {
			return nil, err
		}
		if !i.Restricted {
			out = append(out, incident.Ref(i.Number))
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// Wanted says whether a memo is still to be sent to billing.
func (c *Credits) Wanted(tx *store.Tx, d *message.Delivery, _ time.Time) (ok bool, why string, err error) {
	m, err := credits.Get(tx, d.RefID)
	if err != nil {
		return false, "", err
	}
	return m.State == credit.Processed, "the memo is " + string(m.State), nil
}

// resend is the pause before a memo that billing has not taken is sent again, with
// the same key, after the sender gave one delivery up.
const resend = time.Hour

// Outcome notes what became of a delivery to billing.
func (c *Credits) Outcome(tx *store.Tx, o *message.Delivery, now time.Time) error {
	if o.State != message.Accepted && o.State != message.Failed {
		return nil
	}
	m, err := credits.Take(tx, o.RefID)
	if err != nil || m.State != credit.Processed {
		return err
	}
	d, err := c.open(tx, software(), now)
	if err != nil {
		return err
	}
	if o.State == message.Accepted {
		if err := m.Arrived(event.System, o.Ref, now); err != nil {
			return err
		}
		if err := d.tell(m, "exported", "billing has a service credit for "+string(m.Month), "INT-BILLING"); err != nil {
			return err
		}
		return credits.Save(tx, m)
	}
	first := m.Problem == ""
	m.Problem = o.LastError
	m.Note(event.System, "billing has not taken it: "+o.LastError, now)
	if err := credits.Save(tx, m); err != nil {
		return err
	}
	if first {
		if err := d.want(m, creditBilling); err != nil {
			return err
		}
	}
	return timers.Set(tx, timers.Timer{Kind: TimerSend, Ref: m.ID.String(), IncidentID: m.Incident, DueAt: now.Add(resend)}, now)
}

// sendDue sends a memo to billing again.
func (c *Credits) sendDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	id, err := ident.Parse(t.Ref)
	if err != nil {
		return err
	}
	m, err := credits.Take(tx, id)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || m.State != credit.Processed {
		return err
	}
	d, err := c.open(tx, software(), now)
	if err != nil {
		return err
	}
	return d.send(m)
}
