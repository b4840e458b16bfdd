package rota

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/rotas"
	"allclear/internal/store/timers"
)

// TimerWatch looks ahead every hour.
const TimerWatch = "rota.watch"

const (
	// Ahead is how far a forecast looks; what begins within it is followed for
	// another week, so that its end is the true one.
	Ahead      = 14 * 24 * time.Hour
	beyond     = 7 * 24 * time.Hour
	watchEvery = time.Hour
)

func (v *view) forecast() []catalog.Finding {
	found := v.cat.Forecast(v.outlook(v.now, v.now.Add(Ahead+beyond)))
	return slices.DeleteFunc(found, func(f catalog.Finding) bool { return !f.From.Before(v.now.Add(Ahead)) })
}

// Forecast lists what is weak in the coming days.
func (r *Rota) Forecast(ctx context.Context, actor authz.Actor, now time.Time) (out []catalog.Finding, err error) {
	if err := authz.Can(actor, authz.Read, onSchedule("")); err != nil {
		return nil, err
	}
	err = r.reading(ctx, now, func(v *view) error {
		out = v.forecast()
		return nil
	})
	return out, err
}

// Start begins looking ahead and telling handovers. A node that starts looks
// at once, whatever others did.
func (r *Rota) Start(ctx context.Context, now time.Time) error {
	r.watching.Store(true)
	return r.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		return timers.Set(tx, timers.Timer{Kind: TimerWatch, DueAt: now}, now)
	})
}

// watch forecasts, tells what is new, and makes sure that every schedule has
// its handover timer.
func (r *Rota) watch(tx *store.Tx, _ timers.Timer, now time.Time) error {
	v, err := r.look(tx, r.desk.Read, now)
	if err != nil {
		return err
	}
	found := v.forecast()
	for _, f := range found {
		if err := v.found(f); err != nil {
			return err
		}
	}
	if err := rotas.Over(tx, now.Add(-watchEvery)); err != nil {
		return err
	}
	tx.AfterCommit(func() { r.weak.Store(int64(len(found))) })
	for id := range v.cat.Schedules {
		if err := v.armHandover(id); err != nil {
			return err
		}
	}
	return timers.Set(tx, timers.Timer{Kind: TimerWatch, DueAt: now.Add(watchEvery)}, now)
}

// found tells about a finding once: the leads of those who take turns, else
// the contact of last resort; and the person whose turn it is.
func (v *view) found(f catalog.Finding) error {
	known, err := rotas.Known(v.tx, f.Subject(), f.From, f.Until)
	if err != nil || known {
		return err
	}
	who := v.cat.LeadsOf(f.Schedule)
	if len(who) == 0 && v.proc.Paging.Fallback != "" {
		if who, err = v.cat.Resolve(v.proc.Paging.Fallback, catalog.TargetContext{At: v.now}); err != nil {
			who = nil // the record and the console still say it
		}
	}
	if f.Kind == catalog.AbsentOnCall || f.Kind == catalog.SamePerson {
		who = append(who, f.Person, f.Deputy)
	}
	text := v.warning(f)
	err = v.r.bus.Emit(v.tx, v.now, event.Event{Kind: event.RotaWeak, Source: "rota", Data: event.Data{Subject: f.Schedule, Rule: string(f.Kind), Owner: f.Person, Text: text, Targets: who, Clauses: clausesOf(f.Kind)}})
	if err != nil {
		return err
	}
	key := fmt.Sprintf("weak/%s/%d", f.Subject(), f.From.Unix())
	return v.tell(notice{key: key, ref: v.tx.NewID(v.now), subject: "On call: " + f.Schedule + " needs attention", body: text, clauses: clausesOf(f.Kind)}, who...)
}

func clausesOf(k catalog.FindingKind) []string {
	if k == catalog.SamePerson {
		return []string{"ESC-L1-SECONDARY"}
	}
	return []string{"ESC-L1-PRIMARY"}
}

// warning says a finding in words.
func (v *view) warning(f catalog.Finding) string {
	when, who := v.between(v.cat.Schedules[f.Schedule], oncall.Stretch{From: f.From, Until: f.Until}), v.name(f.Person)
	switch f.Kind {
	case catalog.NobodyOnCall:
		return fmt.Sprintf("Nobody is on call by %s, %s.", f.Schedule, when)
	case catalog.Unreachable:
		return fmt.Sprintf("%s is on call by %s, %s, but has no contact that a page can reach.", who, f.Schedule, when)
	case catalog.AbsentOnCall:
		if f.Deputy != "" {
			return fmt.Sprintf("%s is on call by %s, %s, but away; pages go to %s.", who, f.Schedule, when, v.name(f.Deputy))
		}
		return fmt.Sprintf("%s is on call by %s, %s, but away, and no deputy stands in.", who, f.Schedule, when)
	case catalog.SamePerson:
		return fmt.Sprintf("%s is on call by both %s and %s, %s: there is no backup.", who, f.Schedule, f.Other, when)
	}
	return ""
}
