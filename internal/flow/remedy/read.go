package remedy

import (
	"context"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/remedy"
	"allclear/internal/store"
	"allclear/internal/store/incidents"
	"allclear/internal/store/runs"
)

// List shows the runs of an incident, the newest first, and what people can run.
func (f *Remedy) List(ctx context.Context, a authz.Actor, number int64) (out []*remedy.Run, err error) {
	err = f.db.View(ctx, func(tx *store.Tx) error {
		inc, err := find(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		out, err = runs.Of(tx, inc.ID)
		slices.Reverse(out)
		return err
	})
	return out, err
}

// Output is a part of what a run wrote.
type Output struct {
	Run    *remedy.Run
	Chunks []runs.Chunk
	More   bool
}

// Show shows a run, and what it wrote after a place.
func (f *Remedy) Show(ctx context.Context, a authz.Actor, id ident.ID, after int64) (out Output, err error) {
	const most = 64
	err = f.db.View(ctx, func(tx *store.Tx) error {
		r, err := runs.Get(tx, id)
		if err != nil {
			return err
		}
		inc, err := incidents.Peek(tx, r.IncidentID)
		if err != nil {
			return err
		}
		if err := may(a, authz.Read, inc); err != nil {
			if fault.KindOf(err) == fault.NotFound {
				return fault.New(fault.NotFound, "there is no such run")
			}
			return err
		}
		chunks, err := runs.Output(tx, id, after, most+1)
		if len(chunks) > most {
			chunks, out.More = chunks[:most], true
		}
		out.Run, out.Chunks = r, chunks
		return err
	})
	return out, err
}

// TargetTime suggests what a database is set back to: the minute before the impact
// began.
func TargetTime(inc *incident.Incident) time.Time {
	return inc.DetectedAt.Add(-time.Minute).UTC().Truncate(time.Second)
}

// Board is what is to be restored, in order.
type Board struct {
	Number int64
	Target time.Time // a database would be set back to
	Places []Place
}

// Place is a service on the board.
type Place struct {
	catalog.Service
	remedy.Recovery
	Before []string // services that come first and are not restored
}

// Board shows the services of an incident in the order in which they are restored
// (RES-PRIO-1..6).
func (f *Remedy) Board(ctx context.Context, a authz.Actor, number int64) (out Board, err error) {
	err = f.db.View(ctx, func(tx *store.Tx) error {
		inc, err := find(tx, a, authz.Read, number)
		if err != nil {
			return err
		}
		out, err = f.board(tx, inc)
		return err
	})
	return out, err
}

func (f *Remedy) board(tx *store.Tx, inc *incident.Incident) (out Board, err error) {
	cat, err := f.o.Catalog(tx)
	if err != nil {
		return out, err
	}
	known, err := runs.Recoveries(tx, inc.ID)
	if err != nil {
		return out, err
	}
	ids, err := services(tx, inc)
	if err != nil {
		return out, err
	}
	out.Number, out.Target = inc.Number, TargetTime(inc)
	var all []catalog.Service
	for _, id := range ids {
		if s, ok := cat.Services[id]; ok {
			all = append(all, s)
		}
	}
	var open []catalog.Service // before the one that is looked at
	for _, s := range catalog.ByRestoration(all) {
		p := Place{Service: s, Recovery: remedy.Recovery{State: remedy.Down}}
		if r := known[s.ID]; r != nil {
			p.Recovery = *r
		}
		for _, o := range catalog.OutOfTurn(s, open) {
			p.Before = append(p.Before, o.ID)
		}
		if p.State != remedy.Back {
			open = append(open, s)
		}
		out.Places = append(out.Places, p)
	}
	return out, nil
}

// Move is a change of the board.
type Move struct {
	Service string
	State   remedy.Restored
	Worker  string
}

// Restore notes how services are restored. Work on one that begins while one that
// comes first is open is warned of on the timeline (RES-PRIO-6), not refused: who is
// there may know why.
func (f *Remedy) Restore(ctx context.Context, a authz.Actor, number int64, moves []Move, now time.Time) (out Board, err error) {
	err = f.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		inc, err := find(tx, a, authz.Respond, number)
		if err != nil {
			return err
		}
		if !inc.Holds(procedure.Unresolved) {
			return fault.New(fault.Conflict, "%s is %s: nothing is left to restore", inc.Ref(), inc.Status)
		}
		cat, err := f.o.Catalog(tx)
		if err != nil {
			return err
		}
		s := &step{f, tx, inc, nil, a, now}
		for _, m := range moves {
			if out, err = f.board(tx, inc); err != nil {
				return err
			}
			if _, ok := cat.People[m.Worker]; m.Worker != "" && !ok {
				return fault.New(fault.Invalid, "there is no person %q", m.Worker).With("worker", "the id of a person")
			}
			i := slices.IndexFunc(out.Places, func(p Place) bool { return p.Service.ID == m.Service })
			if i < 0 {
				return fault.New(fault.Invalid, "%s is not about %q", inc.Ref(), m.Service).With("service", "one of the board; extend the scope first")
			}
			if err := s.move(&out.Places[i], m); err != nil {
				return err
			}
		}
		if out, err = f.board(tx, inc); err != nil {
			return err
		}
		return s.ordered(out)
	})
	return out, err
}

func (s *step) move(p *Place, m Move) error {
	was := p.Recovery
	started, err := p.Move(m.State, m.Worker, s.by.ID, s.now)
	if err != nil || was.State == p.State && was.Worker == p.Worker {
		return err
	}
	p.IncidentID, p.Recovery.Service = s.inc.ID, p.Service.ID
	if err := runs.Recover(s.tx, &p.Recovery); err != nil {
		return err
	}
	text := map[remedy.Restored]string{remedy.Down: " is down", remedy.InWork: " is being restored", remedy.Back: " is restored"}[p.State]
	if p.State == remedy.InWork {
		text += " by " + p.Worker
	}
	d := event.Data{Text: p.Service.Name + text, Subject: p.Service.ID, Outcome: string(p.State), From: string(was.State), Owner: p.Worker, Number: s.inc.Number, Clauses: []string{rank(p.RestorationRank)}}
	if err := s.say(event.Recovering, d); err != nil || !started || len(p.Before) == 0 {
		return err
	}
	d.Text = "Work on " + p.Service.Name + " begins while " + and(p.Before) + " should be restored first"
	d.Outcome = "warning"
	return s.say(event.OutOfTurn, d)
}

func rank(n int) string { return "RES-PRIO-" + string(rune('0'+n)) }

func and(ids []string) string {
	if len(ids) == 1 {
		return ids[0]
	}
	out := ids[0]
	for _, id := range ids[1 : len(ids)-1] {
		out += ", " + id
	}
	return out + " and " + ids[len(ids)-1]
}

// ordered tells of the moment at which everything is restored.
func (s *step) ordered(b Board) error {
	if len(b.Places) == 0 || slices.ContainsFunc(b.Places, func(p Place) bool { return p.State != remedy.Back }) {
		return nil
	}
	return s.say(event.Moment, event.Data{Reaches: "recovery_ordered", Text: "every service is restored", Number: s.inc.Number, Clauses: []string{"RES-PRIO-1"}})
}
