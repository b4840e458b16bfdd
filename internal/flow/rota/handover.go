package rota

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/oncall"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/timers"
)

// TimerHandover fires when a schedule names somebody else; its ref is the
// schedule's id.
const TimerHandover = "rota.handover"

// onCatalog moves the handovers of schedules that have changed.
func (r *Rota) onCatalog(tx *store.Tx, e *event.Event) error {
	if !r.watching.Load() || e.Data.Subject != string(catalog.KindSchedule) {
		return nil
	}
	v, err := r.look(tx, r.desk.Read, e.RecordedAt)
	if err != nil {
		return err
	}
	for _, id := range e.Data.Targets {
		if _, ok := v.cat.Schedules[id]; !ok {
			err = timers.Cancel(tx, TimerHandover, id)
		} else {
			err = v.armHandover(id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// armHandover sets the timer to the next instant at which somebody else is
// named. One further off than a forecast looks is set later, by a later look.
func (v *view) armHandover(id string) error {
	doc := v.cat.Schedules[id]
	for s := range doc.Timeline(v.now, v.now.Add(Ahead)) {
		if s.Start.After(v.now) && s.Person != first(doc.At(v.now)) {
			return timers.Set(v.tx, timers.Timer{Kind: TimerHandover, Ref: id, DueAt: s.Start}, v.now)
		}
	}
	return timers.Cancel(v.tx, TimerHandover, id)
}

// handover tells who comes on and who goes off, with what is open.
func (r *Rota) handover(tx *store.Tx, t timers.Timer, now time.Time) error {
	v, err := r.look(tx, r.desk.Read, now)
	if err != nil {
		return err
	}
	doc, ok := v.cat.Schedules[t.Ref]
	if !ok {
		return nil // deleted since
	}
	before, after := first(doc.At(t.DueAt.Add(-time.Nanosecond))), first(doc.At(t.DueAt))
	// A timer that fires late, after a stop, tells only what still holds.
	if after == first(doc.At(now)) && before != after {
		if err := v.handOver(t.Ref, before, after, t.DueAt); err != nil {
			return err
		}
	}
	return v.armHandover(t.Ref)
}

func (v *view) handOver(id, before, after string, at time.Time) error {
	open, err := v.openIncidents()
	if err != nil {
		return err
	}
	err = v.r.bus.Emit(v.tx, v.now, event.Event{Kind: event.HandedOver, Source: "rota", At: at, Data: event.Data{
		Subject: id, From: before, To: after, Text: fmt.Sprintf("%s hands %s over to %s", v.orNobody(before), id, v.orNobody(after)), Clauses: []string{"TEAM-ROTATION"},
	}})
	if err != nil {
		return err
	}
	key := fmt.Sprintf("handover/%s/%d/", id, at.Unix())
	on := notice{key: key + "on", ref: v.tx.NewID(v.now), subject: "You are on call: " + id, body: v.comingOn(id, before, after, at) + open, clauses: []string{"TEAM-ROTATION"}}
	if err := v.tell(on, v.wantsToHear(after)...); err != nil {
		return err
	}
	off := notice{key: key + "off", ref: v.tx.NewID(v.now), subject: "Your turn is over: " + id, body: fmt.Sprintf("On call by %s now: %s.", id, v.orNobody(after)) + open, clauses: []string{"TEAM-ROTATION"}}
	return v.tell(off, v.wantsToHear(before)...)
}

func (v *view) comingOn(id, before, after string, at time.Time) string {
	doc := v.cat.Schedules[id]
	until := ""
	if next, ok := doc.NextChange(at); ok {
		until = ", " + v.between(doc, oncall.Stretch{From: at, Until: next})
	}
	text := fmt.Sprintf("%s, you are on call by %s%s, after %s.", v.name(after), id, until, v.orNobody(before))
	p := v.cat.People[after]
	if !p.AbsentAt(at) {
		return text
	}
	if deputy, ok := v.cat.Deputy(after, at); ok {
		return text + " You are away: pages go to " + v.name(deputy) + "."
	}
	return text + " You are away and nobody stands in for you."
}

func (v *view) orNobody(person string) string {
	if person == "" {
		return "nobody"
	}
	return v.name(person)
}

// wantsToHear is the person, and the deputy of somebody away, without those who
// asked not to be told of handovers.
func (v *view) wantsToHear(person string) []string {
	ids := []string{person}
	p := v.cat.People[person]
	if p.AbsentAt(v.now) {
		if d, ok := v.cat.Deputy(person, v.now); ok {
			ids = append(ids, d)
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return id == "" || v.cat.People[id].NoHandoverNotices })
}

// openIncidents says what is open, for who comes on. A schedule is the whole
// company's, so it is every open incident but the restricted ones.
func (v *view) openIncidents() (string, error) {
	list, err := incidents.List(v.tx, incidents.Filter{Statuses: incident.OpenStatuses(), Limit: 20})
	if err != nil {
		return "", err
	}
	var lines []string
	for _, i := range list {
		if !i.Restricted {
			lines = append(lines, fmt.Sprintf("\n%s %s, %s: %s", i.Ref(), i.Severity, i.Status, i.Title))
		}
	}
	if len(lines) == 0 {
		return " Nothing is open.", nil
	}
	return "\nOpen:" + strings.Join(lines, ""), nil
}
