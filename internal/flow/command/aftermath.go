package command

import (
	"context"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/store"
	"allclear/internal/store/events"
	"allclear/internal/store/incidents"
	"allclear/internal/store/samples"
	"allclear/internal/store/tasks"
	"allclear/internal/store/tickets"
	"allclear/internal/store/timers"
)

// What happens to an incident that is over: it may come back, and what may
// belong to it is linked to it (MON-ENH-TICKETS).

// Reopen takes a resolution back: the impact is there again. What was done after
// the resolution counts anew from the next one; the record keeps it.
func (c *Command) Reopen(ctx context.Context, a authz.Actor, number int64, reason string, now time.Time) (*incident.Incident, error) {
	return c.by(ctx, a, authz.Command, number, now, func(s *scene) error {
		if err := s.inc.Reopen(a.ID, reason, now); err != nil {
			return err
		}
		other, err := incidents.OpenOn(s.tx, s.inc.ServiceID, s.inc.GroupKey)
		if err != nil {
			return err
		}
		if other != nil && other.ID != s.inc.ID { // its alerts opened another one meanwhile, which keeps them
			s.inc.GroupKey = "reopened-" + s.tx.NewID(now).String()
		}
		if err := s.unresolve(); err != nil {
			return err
		}
		n := len(s.inc.Regressions)
		if err := s.emit(event.Reopened, event.Data{Owner: a.ID, Text: reason, Status: string(s.inc.Status), Due: s.inc.Regressions[n-1].ResolvedAt.UnixMicro(), Clauses: s.aftermathClauses()}); err != nil {
			return err
		}
		for _, k := range s.proc.Clocks {
			if k.Until != "resolved" {
				continue
			}
			if err := s.start(k, now); err != nil { // the one before was kept or missed, and stays so
				return err
			}
		}
		if err := s.startClocks(); err != nil {
			return err
		}
		if err := s.awaitDeclaration(); err != nil {
			return err
		}
		s.news = "reopened: " + reason
		return s.follow(reopened)
	})
}

// unresolve ends what hung on the resolution, so that the next one sets it off
// again: rules that wait, their tasks, and the proof that all was well.
func (s *scene) unresolve() error {
	after := map[string]bool{}
	for _, r := range s.proc.Rules {
		proof := r.Task != nil && r.Task.Gate == "resolve"
		if trigger(r.On) != resolved && !proof {
			continue
		}
		after[r.ID] = true
		delete(s.inc.Fired, r.ID)
		if err := timers.Cancel(s.tx, TimerRule, s.inc.ID.String()+"/"+r.ID); err != nil {
			return err
		}
	}
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, t := range all {
		if !after[t.Rule] || t.State != checklist.Open {
			continue
		}
		if err := t.Skip(event.System, "the incident was reopened: it counts anew from the next resolution", s.now); err != nil {
			return err
		}
		if err := s.finishTask(t, event.TaskSkipped); err != nil {
			return err
		}
	}
	// Proof of the first recovery proves nothing now: its tasks open again.
	return s.again()
}

// unproven asks again for proofs that were made of another state: what holds a
// resolution and ended at one of the moments opens anew.
func (s *scene) unproven(moments []string) error {
	if len(moments) == 0 {
		return nil
	}
	for _, r := range s.proc.Rules {
		if r.Task != nil && r.Task.Gate == "resolve" && slices.Contains(moments, r.Task.Until) {
			delete(s.inc.Fired, r.ID)
		}
	}
	return s.again()
}

func (s *scene) aftermathClauses() []string {
	if s.proc.Aftermath == nil {
		return nil
	}
	return s.proc.Aftermath.Clauses
}

// onTicket links a customer's ticket to the incident that was lately resolved on
// its service; enough of them suggest that it is back.
func (c *Command) onTicket(tx *store.Tx, e *event.Event) error {
	id, err := ident.Parse(e.Data.Ref)
	if err != nil {
		return err
	}
	t, err := tickets.Get(tx, id)
	if err != nil {
		return err
	}
	return c.related(tx, e, t.ServiceID, "ticket:"+e.Data.Ref, "Ticket "+e.Data.Subject+" may belong to it: "+e.Data.Text)
}

// onSuspected links an incident that opens on the service of one that was lately
// resolved.
func (c *Command) onSuspected(tx *store.Tx, e *event.Event) error {
	if e.Restricted {
		return nil
	}
	return c.related(tx, e, e.Data.Subject, "incident:"+e.IncidentID.String(), "Another incident on the same service may belong to it")
}

// related notes once on the resolved incident what may belong to it.
func (c *Command) related(tx *store.Tx, e *event.Event, service, ref, text string) error {
	watched, err := samples.Watched(tx, e.RecordedAt)
	if err != nil || watched[service].IsZero() {
		return err
	}
	list, err := incidents.List(tx, incidents.Filter{Statuses: []string{string(incident.Resolved)}, Service: service, Limit: 5})
	if err != nil {
		return err
	}
	for _, found := range list {
		if !found.Declared || !found.Highest.Pages() || found.Restricted || found.ID == e.IncidentID {
			continue
		}
		s, err := c.scene(tx, found.ID, e.RecordedAt, event.System, "procedure")
		if err != nil {
			return err
		}
		a := s.proc.Aftermath
		if a == nil || e.RecordedAt.After(a.Watch.From(s.inc.ResolvedAt, s.proc.Calendar())) {
			continue
		}
		return s.link(ref, text)
	}
	return nil
}

// maxRelated bounds how much is looked at; more than that is a storm.
const maxRelated = 1000

// link puts what is related on the record, once, and suggests to reopen when
// there are enough tickets.
func (s *scene) link(ref, text string) error {
	before, err := events.List(s.tx, events.Filter{Before: 1 << 62, Incident: s.inc.ID, Kind: string(event.Related), Limit: maxRelated})
	if err != nil {
		return err
	}
	if slices.ContainsFunc(before, func(e event.Event) bool { return e.Data.Ref == ref }) {
		return nil
	}
	count := 1
	for _, b := range before {
		if b.At.After(s.inc.ResolvedAt) {
			count++
		}
	}
	a := s.proc.Aftermath
	if err := s.emit(event.Related, event.Data{Ref: ref, Text: text, Clauses: a.Clauses}); err != nil || count != a.Tickets {
		return err
	}
	s.news = fmt.Sprintf("%d tickets and alerts since then may belong to it.", count)
	subject, body, err := s.text(a.Text, nil)
	if err != nil {
		return err
	}
	return s.emit(event.NoticeWanted, event.Data{Rule: "aftermath", Ref: ref, Targets: a.To, Subject: subject, Text: body, Clauses: a.Clauses})
}
