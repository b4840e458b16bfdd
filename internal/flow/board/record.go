package board

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/alert"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store/alerts"
	"allclear/internal/store/deadlines"
	"allclear/internal/store/deliveries"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
	"allclear/internal/store/pages"
	"allclear/internal/store/tasks"
)

// about reads what hangs on one incident.
func about[T any](ctx context.Context, b *Board, a authz.Actor, number int64, read func(s *sight, i *incident.Incident) ([]T, error)) (p Page[T], err error) {
	err = b.look(ctx, a, func(s *sight) error {
		i, err := s.incident(number)
		if err != nil {
			return err
		}
		p.Names, p.Numbers = s.names(), Numbers{i.ID: i.Number}
		p.Items, err = read(s, i)
		return err
	})
	return p, err
}

// Deadlines lists an incident's clocks in the order they began.
func (b *Board) Deadlines(ctx context.Context, a authz.Actor, number int64) (Page[*Clock], error) {
	return about(ctx, b, a, number, func(s *sight, i *incident.Incident) ([]*Clock, error) {
		p, err := s.procedure(i)
		if err != nil {
			return nil, err
		}
		ds, err := deadlines.Of(s.tx, i.ID)
		if err != nil {
			return nil, err
		}
		out := make([]*Clock, len(ds))
		for k, d := range ds {
			out[k] = clock(p, d)
		}
		return out, nil
	})
}

// Timeline lists an incident's entries with ids after the given one, oldest
// first.
func (b *Board) Timeline(ctx context.Context, a authz.Actor, number int64, after ident.ID, limit int) (Page[event.Event], error) {
	return about(ctx, b, a, number, func(s *sight, i *incident.Incident) ([]event.Event, error) {
		return events.Of(s.tx, i.ID, after, limit)
	})
}

// Latest lists an incident's newest entries, the newest first.
func (b *Board) Latest(ctx context.Context, a authz.Actor, number int64, limit int) (Page[event.Event], error) {
	return about(ctx, b, a, number, func(s *sight, i *incident.Incident) ([]event.Event, error) {
		return events.List(s.tx, events.Filter{Incident: i.ID, Limit: limit})
	})
}

// Responders lists who works the incident, in the order they were asked.
func (b *Board) Responders(ctx context.Context, a authz.Actor, number int64) (Page[incident.Responder], error) {
	return about(ctx, b, a, number, func(_ *sight, i *incident.Incident) ([]incident.Responder, error) { return i.Responders, nil })
}

// Trail is a page with each of its sends.
type Trail struct {
	*message.Page
	Deliveries []*message.Delivery
}

// Pages lists an incident's pages, oldest first.
func (b *Board) Pages(ctx context.Context, a authz.Actor, number int64) (Page[Trail], error) {
	return about(ctx, b, a, number, func(s *sight, i *incident.Incident) ([]Trail, error) {
		ps, err := pages.Of(s.tx, i.ID)
		if err != nil {
			return nil, err
		}
		ds, err := deliveries.OfPages(s.tx, i.ID)
		if err != nil {
			return nil, err
		}
		of := map[ident.ID][]*message.Delivery{}
		for _, d := range ds {
			of[d.RefID] = append(of[d.RefID], d)
		}
		out := make([]Trail, len(ps))
		for k, p := range ps {
			out[k] = Trail{Page: p, Deliveries: of[p.ID]}
		}
		return out, nil
	})
}

// AlertFilter narrows a list of alerts; empty fields do not.
type AlertFilter struct {
	Status, Service string
	Incident        int64 // number
	Before          ident.ID
	Limit           int
}

// Alerts lists alerts, newest first. Of an incident that is not there, it is
// fault.NotFound.
func (b *Board) Alerts(ctx context.Context, a authz.Actor, f AlertFilter) (p Page[*alert.Alert], err error) {
	err = b.look(ctx, a, func(s *sight) error {
		want := alerts.Filter{Status: f.Status, Service: f.Service, Except: s.hidden, Before: f.Before, Limit: f.Limit}
		if f.Incident != 0 {
			i, err := s.incident(f.Incident)
			if err != nil {
				return err
			}
			want.Incident = i.ID
		}
		found, err := alerts.List(s.tx, want)
		if err != nil {
			return err
		}
		p, err = page(s, found, func(a *alert.Alert) ident.ID { return a.IncidentID })
		return err
	})
	return p, err
}

// Alert shows one.
func (b *Board) Alert(ctx context.Context, a authz.Actor, id ident.ID) (p Page[*alert.Alert], err error) {
	err = b.look(ctx, a, func(s *sight) error {
		found, err := alerts.Get(s.tx, id)
		if err != nil {
			return err
		}
		if slices.Contains(s.hidden, found.IncidentID) {
			return fault.New(fault.NotFound, "there is no such alert") // in the words of Get
		}
		p, err = page(s, []*alert.Alert{found}, func(a *alert.Alert) ident.ID { return a.IncidentID })
		return err
	})
	return p, err
}

func page[T any](s *sight, items []T, of func(T) ident.ID) (Page[T], error) {
	numbers, err := numbersOf(s, items, of)
	return Page[T]{Items: items, Names: s.names(), Numbers: numbers}, err
}

// Sends narrows the outbox; empty fields do not.
type Sends struct {
	Kind, State, Channel string
	Incident             int64 // number
	Before               ident.ID
	Limit                int
}

// Deliveries lists the outbox, newest first.
func (b *Board) Deliveries(ctx context.Context, a authz.Actor, f Sends) (p Page[*message.Delivery], err error) {
	err = b.look(ctx, a, func(s *sight) error {
		want := deliveries.Filter{Kind: f.Kind, State: f.State, Channel: f.Channel, Except: s.hidden, Before: f.Before, Limit: f.Limit}
		if f.Incident != 0 {
			i, err := s.incident(f.Incident)
			if err != nil {
				return err
			}
			want.Incident = i.ID
		}
		found, err := deliveries.List(s.tx, want)
		if err != nil {
			return err
		}
		p, err = page(s, found, func(d *message.Delivery) ident.ID { return d.IncidentID })
		return err
	})
	return p, err
}

// PhaseName is what people call a phase of the procedure, by its clause; one
// nobody named keeps its clause.
func PhaseName(phase string) string {
	switch phase {
	case "RSP-S1":
		return "Detection and validation"
	case "RSP-S2":
		return "Assessment and classification"
	case "RSP-S3":
		return "Team activation and communication"
	case "WAR":
		return "War room"
	case "INV-TRI":
		return "Technical triage"
	case "INV-RCA":
		return "Root cause"
	case "INV-SOL":
		return "Solution"
	case "RES":
		return "Restoration"
	case "VAL":
		return "Validation"
	case "MON":
		return "Monitoring"
	case "COM":
		return "Communication"
	case "SEC":
		return "Security"
	case "PIR":
		return "Post-incident review"
	case "FUP":
		return "Follow-up"
	case "BOARD":
		return "Cards of the board"
	}
	return phase
}

// Delivery shows one.
func (b *Board) Delivery(ctx context.Context, a authz.Actor, id ident.ID) (p Page[*message.Delivery], err error) {
	err = b.look(ctx, a, func(s *sight) error {
		found, err := deliveries.Get(s.tx, id)
		if err != nil {
			return err
		}
		if slices.Contains(s.hidden, found.IncidentID) {
			return fault.New(fault.NotFound, "there is no such delivery") // in the words of Get
		}
		p, err = page(s, []*message.Delivery{found}, func(d *message.Delivery) ident.ID { return d.IncidentID })
		return err
	})
	return p, err
}

// TaskItem is a task with who is meant and what waits for it.
type TaskItem struct {
	*checklist.Task
	Gate   string   // resolve, close or nothing
	People []string // ids of those whom the owner names now
	Whom   []string // accounts that it is about, for whoever may read customers
}

// Tasks lists an incident's tasks in the order they opened.
func (b *Board) Tasks(ctx context.Context, a authz.Actor, number int64, now time.Time) (Page[TaskItem], error) {
	return about(ctx, b, a, number, func(s *sight, i *incident.Incident) ([]TaskItem, error) {
		ts, err := tasks.Of(s.tx, i.ID)
		if err != nil {
			return nil, err
		}
		p, err := s.procedure(i)
		if err != nil {
			return nil, err
		}
		out := make([]TaskItem, len(ts))
		for k, t := range ts {
			out[k] = TaskItem{Task: t, Whom: s.whom(t), Gate: gate(p, t.Rule), People: s.owners(i, p, t.Owner, now)}
		}
		return out, nil
	})
}

// Task shows one.
func (b *Board) Task(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (p Page[TaskItem], err error) {
	err = b.look(ctx, a, func(s *sight) error {
		t, err := tasks.Peek(s.tx, id)
		if err != nil {
			return err
		}
		i, err := incidents.Peek(s.tx, t.IncidentID)
		if err == nil && !s.sees(i) {
			err = fault.New(fault.NotFound, "there is no such task") // in the words of Peek
		}
		if err != nil {
			return err
		}
		proc, err := s.procedure(i)
		if err != nil {
			return err
		}
		item := TaskItem{Task: t, Whom: s.whom(t), Gate: gate(proc, t.Rule), People: s.owners(i, proc, t.Owner, now)}
		p = Page[TaskItem]{Items: []TaskItem{item}, Names: s.names(), Numbers: Numbers{i.ID: i.Number}}
		return nil
	})
	return p, err
}

// whom lists the accounts of a task for those who may read customers.
func (s *sight) whom(t *checklist.Task) []string {
	if authz.Can(s.actor, authz.ReadCustomers, authz.Resource{}) != nil {
		return nil
	}
	return t.Accounts
}

func gate(p *procedure.Procedure, rule string) string {
	for _, r := range p.Rules {
		if r.ID == rule && r.Task != nil {
			return r.Task.Gate
		}
	}
	return ""
}

// owners resolves a task's owner, which is a target of the procedure or
// somebody's id.
func (s *sight) owners(i *incident.Incident, p *procedure.Procedure, owner string, now time.Time) []string {
	if _, ok := s.cat.People[owner]; ok {
		return []string{owner}
	}
	c := catalog.TargetContext{ServiceID: i.ServiceID, At: now, OutOfHours: !p.Calendar().Open(now), Commander: i.Commander(), TechLead: i.Roles[incident.TechLead]}
	for _, r := range i.Responders {
		if r.State == "joined" {
			c.Responders = append(c.Responders, r.Person)
		}
	}
	ids, err := s.cat.Resolve(owner, c)
	if err != nil {
		return nil // a name that the catalogue lacks names nobody; the owner itself is shown
	}
	return ids
}
