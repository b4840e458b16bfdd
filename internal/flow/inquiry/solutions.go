package inquiry

import (
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/store/incidents"
	"allclear/internal/store/inquiries"
)

// Propose lists something that could be done (INV-SOL-OPTIONS).
func (f *Inquiry) Propose(ctx context.Context, a authz.Actor, number int64, o inquiry.Solution, now time.Time) (*inquiry.Solution, error) {
	o = inquiry.Solution{Sort: o.Sort, Title: o.Title, Description: o.Description, Like: o.Like, State: inquiry.Proposed}
	return &o, f.on(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if err := o.Check(); err != nil {
			return err
		}
		if o.Like != 0 {
			past, err := incidents.ByNumber(s.tx, o.Like)
			if fault.Is(err, fault.NotFound) || err == nil && !past.VisibleTo(a.ID) {
				return fault.New(fault.Invalid, "something is missing or wrong").With("like", "there is no such incident")
			}
			if err != nil {
				return err
			}
		}
		if err := add(s, inquiry.KindSolution, &o, time.Time{}); err != nil {
			return err
		}
		if err := s.option(&o, "proposed", o.Description, "INV-SOL-OPTIONS"); err != nil {
			return err
		}
		return s.reach("options_listed", o.Title, o.ID)
	})
}

// option puts what was done to a solution on the record.
func (s *scene) option(o *inquiry.Solution, what, text, clause string) error {
	return s.emit(event.SolutionSet, event.Data{Subject: o.Title, Status: o.Sort, Outcome: what, Text: text, Ref: o.ID.String(), Clauses: []string{clause}})
}

func (f *Inquiry) solution(ctx context.Context, a authz.Actor, id ident.ID, now time.Time, do func(*scene, *inquiry.Solution) error) (*inquiry.Solution, error) {
	return change(ctx, f, a, authz.Respond, inquiry.KindSolution, id, now, do)
}

// Assess writes down the risk of a solution (INV-SOL-RISK).
func (f *Inquiry) Assess(ctx context.Context, a authz.Actor, id ident.ID, r inquiry.Risk, now time.Time) (*inquiry.Solution, error) {
	r.By, r.At = a.ID, now
	return f.solution(ctx, a, id, now, func(s *scene, o *inquiry.Solution) error {
		if err := o.Assess(r); err != nil {
			return err
		}
		text := "likelihood " + r.Likelihood + ", impact " + r.Impact + ", going back is " + r.Reversibility + ". It could hit: " + r.BlastRadius
		if err := s.option(o, "assessed", text, "INV-SOL-RISK"); err != nil {
			return err
		}
		rows, err := inquiries.Of(s.tx, s.inc.ID)
		if err != nil {
			return err
		}
		options, err := all[inquiry.Solution](rows, inquiry.KindSolution)
		if err != nil {
			return err
		}
		for i := range options {
			if options[i].ID == id {
				options[i] = o
			}
		}
		if !inquiry.Assessed(options) {
			return nil
		}
		return s.reach("risk_assessed", "every option has its risk", id)
	})
}

// Try writes down how a solution was tested. Only the commander does without, and
// says why (INV-SOL-TEST).
func (f *Inquiry) Try(ctx context.Context, a authz.Actor, id ident.ID, t inquiry.Test, now time.Time) (*inquiry.Solution, error) {
	t.By, t.At = a.ID, now
	return f.solution(ctx, a, id, now, func(s *scene, o *inquiry.Solution) error {
		if err := s.files("evidence.files", t.Evidence.Files); err != nil {
			return err
		}
		if t.Result == inquiry.Waived && (a.ID == "" || s.inc.Commander() != a.ID) {
			return fault.New(fault.Refused, "doing without a test: only the incident commander of %s", s.inc.Ref())
		}
		if err := o.Try(t); err != nil {
			return err
		}
		text := t.Environment
		if t.Result == inquiry.Waived {
			text = t.Reason
		} else if t.Evidence.Text != "" {
			text += ": " + t.Evidence.Text
		}
		if err := s.option(o, "test "+t.Result, text, "INV-SOL-TEST"); err != nil || t.Result == inquiry.Failed {
			return err
		}
		return s.reach("fix_tested", o.Title+": test "+t.Result, id)
	})
}

// Prepare writes down the plan of a solution (INV-SOL-PLAN).
func (f *Inquiry) Prepare(ctx context.Context, a authz.Actor, id ident.ID, p inquiry.Plan, now time.Time) (*inquiry.Solution, error) {
	p.By, p.At = a.ID, now
	return f.solution(ctx, a, id, now, func(s *scene, o *inquiry.Solution) error {
		if err := o.Prepare(p, s.owns); err != nil {
			return err
		}
		return s.option(o, "planned", p.Steps[0].Text, "INV-SOL-PLAN")
	})
}

// Approve lets a solution be put in.
func (f *Inquiry) Approve(ctx context.Context, a authz.Actor, id ident.ID, now time.Time) (*inquiry.Solution, error) {
	return f.solution(ctx, a, id, now, func(s *scene, o *inquiry.Solution) error {
		if err := s.leads("approving a solution"); err != nil {
			return err
		}
		if err := o.Approve(a.ID, now); err != nil {
			return err
		}
		if err := s.option(o, "approved", "approved by "+s.name(a.ID), "WAR-TL-DECIDE"); err != nil {
			return err
		}
		return s.reach("plan_approved", o.Title+": approved by "+s.name(a.ID), id)
	})
}

// Reject says that a solution is not to be put in.
func (f *Inquiry) Reject(ctx context.Context, a authz.Actor, id ident.ID, reason string, now time.Time) (*inquiry.Solution, error) {
	return f.solution(ctx, a, id, now, func(s *scene, o *inquiry.Solution) error {
		if err := s.leads("rejecting a solution"); err != nil {
			return err
		}
		if err := o.Reject(a.ID, reason, now); err != nil {
			return err
		}
		return s.option(o, "rejected", reason, "WAR-TL-DECIDE")
	})
}

// Apply notes that an approved solution was put in.
func (f *Inquiry) Apply(ctx context.Context, a authz.Actor, id ident.ID, outcome string, now time.Time) (*inquiry.Solution, error) {
	return f.solution(ctx, a, id, now, func(s *scene, o *inquiry.Solution) error {
		if err := o.Apply(a.ID, outcome, now); err != nil {
			return err
		}
		return s.option(o, "applied", outcome, "WAR-TL-DECIDE")
	})
}

// suggestions are how many earlier incidents are shown, and looked through.
const (
	suggestions = 5
	lookThrough = 500
)

// Similar suggests what helped in earlier incidents that were like this one
// (INV-SOL-OPTIONS).
func (f *Inquiry) Similar(ctx context.Context, a authz.Actor, number int64, now time.Time) (out []inquiry.Past, err error) {
	err = f.see(ctx, a, number, now, func(s *scene) error {
		over, err := incidents.List(s.tx, incidents.Filter{Statuses: []string{string(incident.Resolved), string(incident.Closed)}, Limit: lookThrough})
		if err != nil {
			return err
		}
		var past []inquiry.Past
		at := map[ident.ID]int{}
		var ids []ident.ID
		for _, i := range over {
			if i.ID == s.inc.ID || i.FalsePositive || i.MergedInto != 0 || !i.VisibleTo(a.ID) {
				continue
			}
			at[i.ID] = len(past)
			ids = append(ids, i.ID)
			past = append(past, inquiry.Past{Number: i.Number, Service: i.ServiceID, Title: i.Title, Reason: i.Reason, At: i.ResolvedAt})
		}
		rows, err := inquiries.OfAll(s.tx, ids, inquiry.KindSolution, inquiry.KindHypothesis)
		if err != nil {
			return err
		}
		options, err := all[inquiry.Solution](rows, inquiry.KindSolution)
		if err != nil {
			return err
		}
		for _, o := range options {
			p := &past[at[o.IncidentID]]
			p.Solutions = append(p.Solutions, o)
		}
		causes, err := all[inquiry.Hypothesis](rows, inquiry.KindHypothesis)
		if err != nil {
			return err
		}
		for _, h := range causes {
			if h.State == inquiry.Confirmed {
				past[at[h.IncidentID]].Cause = h.Text
			}
		}
		out = inquiry.Similar(inquiry.Hops(s.cat, s.inc.ServiceID), s.inc.Title, past, suggestions)
		return nil
	})
	return out, err
}
