package intake

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/status"
	"allclear/internal/store"
	"allclear/internal/store/messages"
	"allclear/internal/store/silences"
	"allclear/internal/store/timers"
)

// maxMaintenances is how many may be planned at once.
const maxMaintenances = 500

// SetMaintenance plans a maintenance, or changes the one whose ID it carries.
// Alerts of its services that begin meanwhile are held back; those that stand when
// it begins and nobody has in hand are held back too, and their pages end. When
// it is over, what still stands does what it would have done.
func (i *Intake) SetMaintenance(ctx context.Context, a authz.Actor, m alert.Maintenance, now time.Time) (out alert.Maintenance, err error) {
	if err := authz.Can(a, authz.Command, authz.Resource{Kind: "maintenance"}); err != nil {
		return m, err
	}
	if err := m.Check(now); err != nil {
		return m, err
	}
	err = i.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error {
		out = m
		cat, err := i.catalog(tx)
		if err != nil {
			return err
		}
		for k, s := range m.Services {
			if _, ok := cat.Services[s]; !ok {
				return fault.New(fault.Invalid, "the maintenance cannot be kept").With(fmt.Sprintf("/services/%d", k), "is no service of the catalogue")
			}
		}
		var before []string // services it was about
		if out.ID == "" {
			all, err := silences.Maintenances(tx)
			if err != nil {
				return err
			}
			if len(all) >= maxMaintenances {
				return fault.New(fault.Refused, "%d maintenances are planned already", len(all))
			}
			out.ID, out.CreatedBy, out.CreatedAt = tx.NewID(now).String(), a.ID, now
		} else {
			old, err := silences.Maintenance(tx, out.ID)
			if err != nil {
				return err
			}
			out.CreatedBy, out.CreatedAt, out.EndedAt, out.EndedBy, out.Over = old.CreatedBy, old.CreatedAt, time.Time{}, "", old.Over
			before = old.Services
		}
		out.StartsAt, out.EndsAt = out.StartsAt.UTC(), out.EndsAt.UTC()
		if err := silences.PutMaintenance(tx, &out, now); err != nil {
			return err
		}
		if err := i.maintained(tx, &out, a, "planned", now); err != nil {
			return err
		}
		for _, s := range before {
			if err := i.wake(tx, s, now); err != nil {
				return err
			}
		}
		return i.arm(tx, &out, now)
	})
	return out, err
}

// EndMaintenance ends a maintenance now, with all times to come.
func (i *Intake) EndMaintenance(ctx context.Context, a authz.Actor, id string, now time.Time) error {
	if err := authz.Can(a, authz.Command, authz.Resource{Kind: "maintenance"}); err != nil {
		return err
	}
	return i.db.Update(ctx, store.PriorityIntake, func(tx *store.Tx) error {
		m, err := silences.Maintenance(tx, id)
		if err != nil || !m.EndedAt.IsZero() {
			return err
		}
		m.EndedAt, m.EndedBy = now, a.ID
		if err := silences.PutMaintenance(tx, m, now); err != nil {
			return err
		}
		if err := i.maintained(tx, m, a, "ended", now); err != nil {
			return err
		}
		return i.arm(tx, m, now)
	})
}

// MaintenanceTold is the handler of its event: where people completed or called off
// what was announced of a maintenance, that time of it is over, and no alert is
// held back for it.
func (i *Intake) MaintenanceTold(tx *store.Tx, e *event.Event) error {
	if e.Data.Status != string(status.Completed) {
		return nil
	}
	w, err := messages.Work(tx, e.Data.Ref)
	if err != nil {
		return err
	}
	m, err := silences.Maintenance(tx, w.Maintenance)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil || m.Public == nil || !m.EndedAt.IsZero() || !e.At.Before(w.To) || !w.From.After(m.Over) {
		return err
	}
	m.Over = w.From
	if err := silences.PutMaintenance(tx, m, e.At); err != nil {
		return err
	}
	return i.arm(tx, m, e.At)
}

// Maintenances lists what is planned, under way and lately over.
func (i *Intake) Maintenances(ctx context.Context, a authz.Actor) (out []*alert.Maintenance, err error) {
	if err := authz.Can(a, authz.Read, authz.Resource{Kind: "maintenance"}); err != nil {
		return nil, err
	}
	err = i.db.View(ctx, func(tx *store.Tx) error {
		out, err = silences.Maintenances(tx)
		return err
	})
	return out, err
}

// arm does what is due of a maintenance at now, and comes back for the rest. After
// its end it comes once more, for alerts that were held back by a transaction
// under way at the end: nothing is held back for ever (INV-P1).
func (i *Intake) arm(tx *store.Tx, m *alert.Maintenance, now time.Time) error {
	if err := m.Compile(); err != nil {
		return err
	}
	for _, s := range m.Services {
		if err := i.wake(tx, s, now); err != nil {
			return err
		}
		if err := timers.Set(tx, timers.Timer{Kind: TimerSweep, Ref: s, DueAt: now.Add(sweepAfter)}, now); err != nil {
			return err
		}
	}
	o, ok := m.At(now)
	due := o.From
	switch {
	case !ok:
		due = now.Add(keepExpired) // then it is forgotten
	case !now.Before(o.From):
		due = o.To
		if err := i.hold(tx, m, now); err != nil {
			return err
		}
	}
	return timers.Set(tx, timers.Timer{Kind: TimerMaintenance, Ref: m.ID, DueAt: due}, now)
}

// MaintenanceDue is the handler of TimerMaintenance.
func (i *Intake) MaintenanceDue(tx *store.Tx, t timers.Timer, now time.Time) error {
	m, err := silences.Maintenance(tx, t.Ref)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	last := m.EndsAt
	if !m.EndedAt.IsZero() {
		last = m.EndedAt
	}
	if _, ok := m.At(now); !ok && now.Sub(last) >= keepExpired {
		return silences.DeleteMaintenance(tx, m.ID)
	}
	return i.arm(tx, m, now)
}

func (i *Intake) maintained(tx *store.Tx, m *alert.Maintenance, a authz.Actor, what string, now time.Time) error {
	text := fmt.Sprintf("%s %s: %s, %s to %s", m.Title, what, strings.Join(slices.Sorted(slices.Values(m.Services)), ", "), m.StartsAt.Format(time.RFC3339), m.EndsAt.Format(time.RFC3339))
	if m.Repeat != "" {
		text += ", " + m.Repeat
	}
	return i.bus.Emit(tx, now, event.Event{Kind: event.MaintenanceSet, Actor: a.ID, Source: a.Via, Data: event.Data{Text: text + ": " + m.Reason, Ref: m.ID, Status: what}})
}
