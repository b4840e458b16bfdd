package remedy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/checklist"
	"allclear/internal/domain/event"
	"allclear/internal/domain/evidence"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/remedy"
	"allclear/internal/store"
	"allclear/internal/store/alerts"
	"allclear/internal/store/incidents"
	"allclear/internal/store/runs"
	"allclear/internal/store/tasks"
)

// over puts the end of a run on the record, and what follows from it.
func (s *step) over() error {
	r := s.run
	if err := s.emit(event.ActionEnded, s.ending()); err != nil || r.Dry {
		return err
	}
	if err := s.keep(); err != nil {
		return err
	}
	if r.State == remedy.Lost {
		return s.lost()
	}
	if r.State != remedy.Succeeded {
		return s.red()
	}
	if old(s.inc, r) { // begun before the fix was in: it says nothing of what is now
		return nil
	}
	if r.Vendor != "" {
		if err := s.switched(); err != nil {
			return err
		}
	}
	moment, text := r.Action.Moment(), s.ending()
	switch {
	case r.Drill && r.Vendor != "" && r.Back: // the drill is the way there
	case r.Drill:
		moment, text = "failover_tested", fmt.Sprintf("failover tested: %s took over in %s, from %s to %s", r.Action.Name, r.Took().Round(time.Second), r.StartedAt.UTC().Format(time.TimeOnly), r.EndedAt.UTC().Format(time.TimeOnly))
	case r.Action.Type == remedy.Smoke:
		rest, err := s.unproven(r.Action.Type, "")
		if err != nil || rest > 0 {
			return err
		}
	case r.Action.Type == remedy.Check:
		rest, err := s.unproven(r.Action.Type, r.Action.Proves)
		if err != nil || rest > 0 {
			return err
		}
	}
	if moment == "" {
		return nil
	}
	return s.say(event.Moment, event.Data{Reaches: moment, Text: text, Ref: r.ID.String(), Number: s.inc.Number, Clauses: clauses(r)})
}

// lost asks the commander to look, because nobody knows what became of the run.
func (s *step) lost() error {
	if s.inc.Commander() == "" {
		return nil
	}
	return s.notice("run-lost", []string{"commander"}, s.inc.Ref()+": look whether "+s.run.Action.Name+" was done", s.ending())
}

// keep keeps what the run wrote as evidence, for the task that asks for such a run
// where one is open. Suites and probes say all that they do on the timeline.
func (s *step) keep() error {
	r := s.run
	proof := (r.Action.Type == remedy.Smoke || r.Action.Type == remedy.Check) && r.Action.Proves != remedy.Security
	if s.o.Keep == nil || r.Bytes == 0 || proof {
		return nil
	}
	chunks, err := runs.Output(s.tx, r.ID, 0, int(r.Chunks))
	if err != nil {
		return err
	}
	var output strings.Builder
	for _, k := range chunks {
		output.WriteString(k.Body)
	}
	f := evidence.File{
		Name: fmt.Sprintf("%s-%s-%s.txt", s.inc.Ref(), r.Action.ID, r.EndedAt.UTC().Format("20060102T150405Z")), MediaType: "text/plain; charset=utf-8",
		Note: "What " + r.Action.Name + " wrote: " + string(r.State), At: s.now,
	}
	if r.Cut {
		f.Note += ". More was written than is kept"
	}
	all, err := tasks.Of(s.tx, s.inc.ID)
	if err != nil {
		return err
	}
	for _, t := range all {
		if t.State == checklist.Open && slices.ContainsFunc(t.Clauses, func(c string) bool { return slices.Contains(clauses(r), c) }) {
			f.About = evidence.About{Kind: "task", ID: t.ID}
		}
	}
	return s.o.Keep(s.tx, s.inc, f, s.kept(output.String()))
}

// red tells the commander of data that is not as it should be (MON-STAB-DATA). Other
// proofs that fail are an entry, and keep their task open.
func (s *step) red() error {
	if s.run.Action.Proves != remedy.Data || s.run.State == remedy.Killed || s.inc.Commander() == "" {
		return nil
	}
	return s.notice("data-red", []string{"commander"}, s.inc.Ref()+": data is not as it should be", s.ending())
}

// unproven counts the other actions for this incident that prove the same and were
// not seen to succeed last. Of several suites all must be green.
func (s *step) unproven(t remedy.Type, proves string) (n int, err error) {
	all, err := s.proofs()
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		if p.Action.Type == t && p.Action.Proves == proves && p.Action.ID != s.run.Action.ID && (p.Last == nil || p.Last.State != remedy.Succeeded || old(s.inc, p.Last)) {
			n++
		}
	}
	return n, nil
}

// Proof is an action that proves something of an incident, and its last run.
type Proof struct {
	Action remedy.Action
	Last   *remedy.Run // that ended; nil: none did
}

func (s *step) proofs() ([]Proof, error) { return s.proofsOf(s.tx, s.inc) }

func (f *Remedy) proofsOf(tx *store.Tx, inc *incident.Incident) (out []Proof, err error) {
	cat, err := f.o.Catalog(tx)
	if err != nil {
		return nil, err
	}
	touched, err := services(tx, inc)
	if err != nil {
		return nil, err
	}
	all, err := runs.Of(tx, inc.ID)
	if err != nil {
		return nil, err
	}
	known := f.offers()
	for _, a := range cat.Actions {
		known = append(known, remedy.Action(a))
	}
	for _, a := range known {
		if a.Type != remedy.Smoke && a.Type != remedy.Check || a.Service != "" && !slices.Contains(touched, a.Service) {
			continue
		}
		p := Proof{Action: a}
		for _, r := range all {
			if r.Action.ID == a.ID && r.Ended() && !r.Dry {
				p.Last = r
			}
		}
		out = append(out, p)
	}
	return out, nil
}

// old reports whether a run was made of a state that is not any more: before a
// mitigation, or before the incident came back.
func old(inc *incident.Incident, r *remedy.Run) bool {
	proves := r.Action.Type == remedy.Smoke || r.Action.Type == remedy.Check
	return proves && r.StartedAt.Before(inc.MendedAt)
}

// Red names what should prove that an incident is over and failed last: smoke suites,
// response times, and intruders that integrations have found (RES-VAL-SEC). It is not resolved while they are red, without a reason. Red
// before the fix stays red until it was run again.
func (f *Remedy) Red(tx *store.Tx, inc *incident.Incident) (out []string, err error) {
	all, err := f.proofsOf(tx, inc)
	for _, p := range all {
		holds := p.Action.Type == remedy.Smoke || p.Action.Proves == remedy.Performance || p.Action.Proves == remedy.Security && p.Last != nil && p.Last.Found
		if holds && p.Last != nil && p.Last.State != remedy.Succeeded && p.Last.State != remedy.Killed {
			text := p.Action.Name + " " + string(p.Last.State) + ": " + p.Last.Why
			if old(inc, p.Last) {
				text += ". That was before the impact was reduced: run it again"
			}
			out = append(out, text)
		}
	}
	slices.Sort(out)
	return out, err
}

// services are those an incident is about, and those of its alerts.
func services(tx *store.Tx, inc *incident.Incident) ([]string, error) {
	out := inc.Services()
	const most = 1000
	all, err := alerts.Of(tx, inc.ID, most)
	if err != nil {
		return nil, err
	}
	for _, a := range all {
		if !slices.Contains(out, a.ServiceID) {
			out = append(out, a.ServiceID)
		}
	}
	return out, nil
}

// switched notes which provider serves now.
func (s *step) switched() error {
	r := s.run
	cat, err := s.o.Catalog(s.tx)
	if err != nil {
		return err
	}
	v, ok := cat.Vendors[r.Vendor]
	if !ok {
		return nil // nobody's any more
	}
	text := v.Name + " is on backup"
	if v.Backup != "" {
		text += ": " + v.Backup + " serves"
	}
	if r.Back {
		text, err = v.Name+" serves again itself", runs.Primary(s.tx, v.ID)
	} else {
		err = runs.Over(s.tx, v.ID, r.ID, s.now)
	}
	if err != nil {
		return err
	}
	return s.say(event.VendorBackup, event.Data{Subject: v.ID, Text: text, Ref: r.ID.String(), Number: s.inc.Number, Clauses: []string{"RES-RB-3P"}})
}

// itself reports whether a proof is made by itself once a fix is in: smoke suites
// (RES-VAL-SMOKE), and for a P1 or an incident of security what integrations know of
// intruders (RES-VAL-SEC).
func itself(inc *incident.Incident, a *remedy.Action) bool {
	grave := inc.Severity == procedure.P1 || slices.Contains(inc.Flags, "security")
	return a.Lane() != remedy.Hand && (a.Type == remedy.Smoke || grave && a.Proves == remedy.Security)
}

// onMitigated makes the proofs that need nobody.
func (f *Remedy) onMitigated(tx *store.Tx, e *event.Event) error {
	inc, err := incidents.Peek(tx, e.IncidentID)
	if err != nil {
		return err
	}
	all, err := f.proofsOf(tx, inc)
	if err != nil {
		return err
	}
	going, err := runs.Of(tx, inc.ID)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b Proof) int { return cmp.Compare(a.Action.ID, b.Action.ID) })
	for _, p := range all {
		busy := slices.ContainsFunc(going, func(r *remedy.Run) bool { return r.Action.ID == p.Action.ID && !r.Ended() })
		if busy || !itself(inc, &p.Action) {
			continue
		}
		r := &remedy.Run{Action: p.Action, By: event.System, Reason: "the impact is reduced"}
		missing := false
		r.Values = p.Action.Values(since(inc, &p.Action, nil), e.RecordedAt, func(string, string) { missing = true })
		if missing {
			continue // somebody has to say more
		}
		if err := f.begin(tx, inc, r, authz.Software("mitigated"), e.RecordedAt); err != nil {
			return err
		}
	}
	return nil
}
