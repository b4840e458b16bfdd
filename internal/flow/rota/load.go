package rota

import (
	"context"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/oncall"
	"allclear/internal/store/pages"
)

// maxPages bounds how many pages one report counts.
const maxPages = 200_000

// PersonLoad is how much one person was on call and interrupted.
type PersonLoad struct {
	Person string
	oncall.Load
}

// Load reports how being on call was shared out in [from, until), by person.
// Turns are those the schedules as they stand now give for that time; pages are
// those that went out.
func (r *Rota) Load(ctx context.Context, actor authz.Actor, from, until, now time.Time) (out []PersonLoad, err error) {
	if err := authz.Can(actor, authz.Read, onSchedule("")); err != nil {
		return nil, err
	}
	if err := bounded(from, until); err != nil {
		return nil, err
	}
	err = r.reading(ctx, now, func(v *view) error {
		out, err = v.load(from, until)
		return err
	})
	return out, err
}

func (v *view) load(from, until time.Time) ([]PersonLoad, error) {
	cal := v.proc.Calendar()
	loads := map[string]*oncall.Load{}
	of := func(person string) *oncall.Load {
		if loads[person] == nil {
			loads[person] = &oncall.Load{}
		}
		return loads[person]
	}
	nights := map[string]map[recur.Date]time.Duration{}
	for _, doc := range v.cat.Schedules {
		for _, s := range doc.Shifts(from, until) {
			if nights[s.Person] == nil {
				nights[s.Person] = map[recur.Date]time.Duration{}
			}
			of(s.Person).Add(s, v.zone(s.Person, doc), cal, nights[s.Person])
		}
	}
	asked, err := pages.AskedBetween(v.tx, from, until, maxPages+1)
	if err != nil {
		return nil, err
	}
	if len(asked) > maxPages {
		return nil, fault.New(fault.TooLarge, "report the load: more than %d pages in that time; ask for a shorter one", maxPages)
	}
	for _, a := range asked {
		of(a.Person).Page(a.At, cal)
	}
	out := make([]PersonLoad, 0, len(loads))
	for person, l := range loads {
		out = append(out, PersonLoad{Person: person, Load: *l})
	}
	slices.SortFunc(out, func(a, b PersonLoad) int { return strings.Compare(a.Person, b.Person) })
	return out, nil
}

// zone is the person's own, else the schedule's.
func (v *view) zone(person string, doc *oncall.Schedule) *time.Location {
	if name := v.cat.People[person].TimeZone; name != "" {
		if loc, err := time.LoadLocation(name); err == nil {
			return loc
		}
	}
	return doc.Location()
}
