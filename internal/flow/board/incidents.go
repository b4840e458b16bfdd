package board

import (
	"context"
	"slices"
	"strings"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/deadline"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/message"
	"allclear/internal/domain/procedure"
	"allclear/internal/store/deadlines"
	"allclear/internal/store/incidents"
)

// Item is an incident in a list.
type Item struct {
	*incident.Incident
	Next     *Clock // the running clock that ends first, nil without one
	Affected Affected
}

// Clock is a deadline with what the incident's procedure calls it.
type Clock struct {
	*deadline.Deadline
	Name string
}

// Affected counts the customers an incident touches.
type Affected struct {
	Customers, Enterprise, VIP, Major int
	Regions                           []string
}

// Whole is one incident with what is known around it.
type Whole struct {
	Item
	Version string   // of the procedure it runs under
	Allowed []string // what the actor may do with it now
	Merged  string   // reference of the incident it went on in, if any
	Names   Names
}

// Filter narrows a list of incidents; empty fields do not.
type Filter struct {
	Statuses   []string // "open" stands for all that are not over
	Severities []string
	Service    string
	Before     int64 // numbers below this one; 0 for the newest
	Limit      int
}

// Incidents lists incidents, newest first.
func (b *Board) Incidents(ctx context.Context, a authz.Actor, f Filter) (p Page[Item], err error) {
	err = b.look(ctx, a, func(s *sight) error {
		p.Names = s.names()
		p.Items, err = s.items(f)
		return err
	})
	return p, err
}

func (s *sight) items(f Filter) ([]Item, error) {
	var statuses []string
	for _, st := range f.Statuses {
		if st == "open" {
			statuses = append(statuses, incident.OpenStatuses()...)
			continue
		}
		statuses = append(statuses, st)
	}
	found, err := incidents.List(s.tx, incidents.Filter{Statuses: statuses, Severities: f.Severities, Service: f.Service, Except: s.hidden, Before: f.Before, Limit: f.Limit})
	if err != nil {
		return nil, err
	}
	ids := make([]ident.ID, len(found))
	for k, i := range found {
		ids[k] = i.ID
	}
	running, err := deadlines.Running(s.tx, ids)
	if err != nil {
		return nil, err
	}
	first := map[ident.ID]*deadline.Deadline{}
	for _, d := range running { // soonest first; the incident's own clocks before those of people
		if f := first[d.IncidentID]; f == nil || f.Subject != "" && d.Subject == "" {
			first[d.IncidentID] = d
		}
	}
	out := make([]Item, len(found))
	for k, i := range found {
		out[k] = Item{Incident: i, Affected: s.affected(i)}
		if d := first[i.ID]; d != nil {
			p, err := s.procedure(i)
			if err != nil {
				return nil, err
			}
			out[k].Next = clock(p, d)
		}
	}
	return out, nil
}

func clock(p *procedure.Procedure, d *deadline.Deadline) *Clock {
	c, _ := p.Clock(d.Clock)
	if c.Name == "" {
		c.Name = strings.ReplaceAll(d.Clock, "_", " ")
	}
	return &Clock{Deadline: d, Name: c.Name}
}

// Incident shows one.
func (b *Board) Incident(ctx context.Context, a authz.Actor, number int64) (w Whole, err error) {
	err = b.look(ctx, a, func(s *sight) error {
		i, err := s.incident(number)
		if err != nil {
			return err
		}
		p, err := s.procedure(i)
		if err != nil {
			return err
		}
		w = Whole{Item: Item{Incident: i, Affected: s.affected(i)}, Version: p.Document.Version, Allowed: allowed(a, i), Names: s.names()}
		if i.MergedInto != 0 && !slices.Contains(s.hidden, i.MergedInto) {
			numbers, err := incidents.Numbers(s.tx, []ident.ID{i.MergedInto})
			if err != nil {
				return err
			}
			w.Merged = Numbers(numbers).Ref(i.MergedInto)
		}
		running, err := deadlines.Running(s.tx, []ident.ID{i.ID})
		if err == nil && len(running) > 0 {
			w.Next = clock(p, running[0])
		}
		return err
	})
	return w, err
}

// affected counts whom the incident touches; counts are kept for one version
// of the catalogue, since lists ask often and customers change rarely.
func (s *sight) affected(i *incident.Incident) Affected {
	b := s.b
	key := i.ScopeKey()
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.of != s.cat {
		b.of, b.touched = s.cat, map[string]Affected{}
	}
	if n, ok := b.touched[key]; ok {
		return n
	}
	var n Affected
	regions := map[string]bool{}
	for _, c := range message.Affected(s.cat, i) {
		n.Customers++
		n.Enterprise += one(c.Tier == catalog.Enterprise)
		n.VIP += one(c.VIP)
		n.Major += one(c.MajorAccount)
		if c.Region != "" && !regions[c.Region] {
			regions[c.Region] = true
			n.Regions = append(n.Regions, c.Region)
		}
	}
	slices.Sort(n.Regions)
	b.touched[key] = n
	return n
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
