package credit

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/credit"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/plug"
	"allclear/internal/store"
	"allclear/internal/store/credits"
)

// update runs one transaction of a person.
func (c *Credits) update(ctx context.Context, a authz.Actor, v authz.Verb, now time.Time, do func(*desk) error) error {
	if err := authz.Can(a, v, authz.Resource{Kind: "credit"}); err != nil {
		return err
	}
	return c.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		d, err := c.open(tx, a, now)
		if err != nil {
			return err
		}
		return do(d)
	})
}

// Confirm lets memos be processed by a schedule, exactly as it is now: hash is what
// the person has read. What waited for it goes on.
func (c *Credits) Confirm(ctx context.Context, a authz.Actor, schedule, hash string, now time.Time) error {
	return c.update(ctx, a, authz.ManageProcedure, now, func(d *desk) error {
		s, err := d.schedule(schedule)
		if err != nil {
			return err
		}
		if s.Hash() != hash {
			return fault.New(fault.Conflict, "the schedule has changed since you read it: read it again, then confirm")
		}
		if err := credits.Confirm(d.tx, hash, credits.Confirmation{By: a.ID, At: now}); err != nil {
			return err
		}
		if err := d.emit(0, event.CreditConfirmed, event.Data{Subject: schedule, Ref: hash, Outcome: "confirmed", Clauses: []string{"FUP-CR-CALC"}}); err != nil {
			return err
		}
		return c.again(d.tx, now)
	})
}

// Withdraw ends a confirmation that was given here: nothing more is processed.
func (c *Credits) Withdraw(ctx context.Context, a authz.Actor, schedule string, now time.Time) error {
	return c.update(ctx, a, authz.ManageProcedure, now, func(d *desk) error {
		s, err := d.schedule(schedule)
		if err != nil {
			return err
		}
		if err := credits.Withdraw(d.tx, s.Hash()); err != nil {
			return err
		}
		return d.emit(0, event.CreditConfirmed, event.Data{Subject: schedule, Ref: s.Hash(), Outcome: "withdrawn", Clauses: []string{"FUP-CR-CALC"}})
	})
}

func (d *desk) schedule(id string) (credit.Schedule, error) {
	if d.proc.Credits != nil {
		if i := slices.IndexFunc(d.proc.Credits.Schedules, func(s procedure.CreditSchedule) bool { return s.ID == id }); i >= 0 {
			return credit.ScheduleOf(d.proc.Credits.Schedules[i]), nil
		}
	}
	return credit.Schedule{}, authz.NotFound("credit schedule", id)
}

// Judge says what an incident did to availability, and when its impact was proven to
// begin and end (readings 11 and 21). Its memos are computed anew.
func (c *Credits) Judge(ctx context.Context, a authz.Actor, number int64, v credit.Verdict, now time.Time) error {
	why, err := reason("reason", v.Reason)
	if err != nil {
		return err
	}
	switch {
	case !slices.Contains(credit.Kinds, v.Kind):
		return invalid("kind", "outage, degradation or none")
	case v.From.After(now) || v.Until.After(now):
		return invalid("until", "lies in the future")
	case !v.From.IsZero() && !v.Until.IsZero() && !v.From.Before(v.Until):
		return invalid("until", "must be after from")
	}
	v.Reason, v.By, v.At = why, a.ID, now
	return c.update(ctx, a, authz.Compensate, now, func(d *desk) error {
		i, err := d.visible(number)
		if err != nil {
			return err
		}
		if i.Status.Open() && !v.Until.IsZero() {
			return invalid("until", "the incident is not over")
		}
		if err := credits.SetVerdict(d.tx, i.ID, v); err != nil {
			return err
		}
		return d.emit(i.ID, event.CreditVerdict, event.Data{Outcome: string(v.Kind), Text: "to availability it was: " + string(v.Kind) + ". " + why, Clauses: []string{"FUP-CR-CALC"}})
	})
}

// Write adds a row to the ledger of an incident (FUP-CR-DOC).
func (c *Credits) Write(ctx context.Context, a authz.Actor, number int64, e credit.EntryRecord, now time.Time) (id ident.ID, err error) {
	e.Text, e.Reference = strings.TrimSpace(e.Text), strings.TrimSpace(e.Reference)
	switch {
	case !slices.Contains(credit.EntrySorts, e.Sort):
		return 0, invalid("type", "refund, lost_revenue, billing_adjustment or cost")
	case e.Cents == 0 || e.Cents > maxAmount || e.Cents < -maxAmount:
		return 0, invalid("amount_cents", fmt.Sprintf("up to %d, and not 0", int64(maxAmount)))
	case !slices.Contains(credit.Currencies, e.Currency):
		return 0, invalid("currency", "use one of "+strings.Join(credit.Currencies, ", "))
	case e.Text == "" || plug.TooLong(e.Text, maxReason):
		return 0, invalid("text", fmt.Sprintf("say what for, in 1 to %d characters", maxReason))
	case plug.TooLong(e.Reference, maxShort):
		return 0, invalid("reference", "has more than 200 characters")
	}
	e.By, e.At = a.ID, now
	err = c.update(ctx, a, authz.Compensate, now, func(d *desk) error {
		i, err := d.visible(number)
		if err != nil {
			return err
		}
		id = d.tx.NewID(now)
		if err := credits.AddEntry(d.tx, &credit.Entry{ID: id, Incident: i.ID, EntryRecord: e}); err != nil {
			return err
		}
		return d.emit(i.ID, event.CreditEntry, event.Data{Ref: id.String(), Outcome: "added", Subject: string(e.Sort), Text: "a row was written into the ledger", Clauses: []string{"FUP-CR-DOC", "REC-FIN"}})
	})
	return id, err
}

// Strike withdraws a row of the ledger; it stays to be read.
func (c *Credits) Strike(ctx context.Context, a authz.Actor, id ident.ID, why string, now time.Time) error {
	why, err := reason("reason", why)
	if err != nil {
		return err
	}
	return c.update(ctx, a, authz.Compensate, now, func(d *desk) error {
		e, err := credits.TakeEntry(d.tx, id)
		if err != nil {
			return err
		}
		i, err := d.incident(e.Incident)
		if err != nil {
			return err
		}
		if !i.VisibleTo(a.ID) {
			return fault.New(fault.NotFound, "there is no such entry")
		}
		if err := e.Withdraw(a.ID, why, now); err != nil {
			return err
		}
		if err := credits.SaveEntry(d.tx, e); err != nil {
			return err
		}
		return d.emit(i.ID, event.CreditEntry, event.Data{Ref: id.String(), Outcome: "withdrawn", Subject: string(e.Sort), Text: "a row of the ledger was withdrawn", Clauses: []string{"FUP-CR-DOC"}})
	})
}
