package inquiry

import (
	"cmp"
	"context"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/incident"
	"allclear/internal/domain/inquiry"
	"allclear/internal/store/inquiries"
)

// Suppose writes down a possible cause (INV-RCA-HYP).
func (f *Inquiry) Suppose(ctx context.Context, a authz.Actor, number int64, h inquiry.Hypothesis, now time.Time) (*inquiry.Hypothesis, error) {
	h.State, h.Evidence = inquiry.Open, inquiry.Proof{}
	return &h, f.on(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if err := h.Check(); err != nil {
			return err
		}
		if h.Parent != 0 {
			p, err := inquiries.Get(s.tx, h.Parent, inquiry.KindHypothesis)
			if err != nil {
				return err
			}
			if p == nil || p.IncidentID != s.inc.ID {
				return fault.New(fault.Invalid, "something is missing or wrong").With("parent", "is no hypothesis of this incident")
			}
		}
		if err := add(s, inquiry.KindHypothesis, &h, time.Time{}); err != nil {
			return err
		}
		return s.emit(event.HypothesisSet, event.Data{Subject: h.Text, Outcome: string(h.State), Ref: h.ID.String(), Clauses: []string{"INV-RCA-HYP"}})
	})
}

// Judge confirms a hypothesis, rules it out or opens it again.
func (f *Inquiry) Judge(ctx context.Context, a authz.Actor, id ident.ID, to inquiry.State, p inquiry.Proof, now time.Time) (*inquiry.Hypothesis, error) {
	return change(ctx, f, a, authz.Respond, inquiry.KindHypothesis, id, now, func(s *scene, h *inquiry.Hypothesis) error {
		if err := s.files("files", p.Files); err != nil {
			return err
		}
		from := h.State
		if err := h.Judge(to, p, a.ID, now); err != nil {
			return err
		}
		d := event.Data{Subject: h.Text, From: string(from), Outcome: string(to), Text: p.Text, Ref: id.String(), Clauses: []string{"INV-RCA-HYP", "WAR-TL-FIX"}}
		if err := s.emit(event.HypothesisSet, d); err != nil || to != inquiry.Confirmed {
			return err
		}
		return s.reach("cause_found", "the cause: "+h.Text, id)
	})
}

// Decide writes down a decision with its reason. Who writes may do so for whoever
// decided.
func (f *Inquiry) Decide(ctx context.Context, a authz.Actor, number int64, d inquiry.Decision, now time.Time) (*inquiry.Decision, error) {
	d.MadeBy = cmp.Or(d.MadeBy, a.ID)
	if d.MadeAt.IsZero() {
		d.MadeAt = now
	}
	return &d, f.on(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if err := d.Check(now); err != nil {
			return err
		}
		if _, ok := s.cat.People[d.MadeBy]; !ok && d.MadeBy != a.ID {
			return fault.New(fault.Invalid, "something is missing or wrong").With("made_by", "give the id of a person")
		}
		if err := add(s, inquiry.KindDecision, &d, time.Time{}); err != nil {
			return err
		}
		clauses := []string{"WAR-IC-COORD", "PIR-IMM-TL-2"}
		if d.Sort == inquiry.Technical {
			clauses = []string{"WAR-TL-DECIDE", "PIR-IMM-TL-2"}
		}
		return s.emit(event.DecisionMade, event.Data{Subject: d.Question, Outcome: d.Choice, Text: d.Rationale, Status: d.Sort, Owner: d.MadeBy, Ref: d.ID.String(), Clauses: clauses})
	})
}

// Begin opens a workstream.
func (f *Inquiry) Begin(ctx context.Context, a authz.Actor, number int64, w inquiry.Workstream, now time.Time) (*inquiry.Workstream, error) {
	w.State = cmp.Or(w.State, inquiry.Planned)
	return &w, f.on(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if err := w.Check(s.owns); err != nil {
			return err
		}
		if err := add(s, inquiry.KindWorkstream, &w, time.Time{}); err != nil {
			return err
		}
		return s.emit(event.WorkstreamSet, stream(&w, ""))
	})
}

func stream(w *inquiry.Workstream, from string) event.Data {
	return event.Data{Subject: w.Title, Owner: w.Owner, From: from, Outcome: w.State, Text: w.Note, Ref: w.ID.String(), Clauses: []string{"WAR-TL-COORD"}}
}

// Move changes a workstream.
func (f *Inquiry) Move(ctx context.Context, a authz.Actor, id ident.ID, to inquiry.Workstream, now time.Time) (*inquiry.Workstream, error) {
	return change(ctx, f, a, authz.Respond, inquiry.KindWorkstream, id, now, func(s *scene, w *inquiry.Workstream) error {
		from := w.State
		w.Title, w.Owner, w.State, w.Note = to.Title, to.Owner, to.State, to.Note
		w.ChangedBy, w.ChangedAt = a.ID, now
		if err := w.Check(s.owns); err != nil {
			return err
		}
		return s.emit(event.WorkstreamSet, stream(w, from))
	})
}

// Inform tells the commander how things stand technically. It puts off the reminder
// to do so (WAR-TL-INFORM).
func (f *Inquiry) Inform(ctx context.Context, a authz.Actor, number int64, u inquiry.Update, now time.Time) (*inquiry.Update, error) {
	return &u, f.on(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if err := u.Check(); err != nil {
			return err
		}
		if err := add(s, inquiry.KindUpdate, &u, time.Time{}); err != nil {
			return err
		}
		d := event.Data{Text: u.Text, Subject: u.Next, Ref: u.ID.String(), Clauses: []string{"WAR-TL-INFORM"}}
		if err := s.emit(event.TechnicalUpdate, d); err != nil {
			return err
		}
		if s.inc.Commander() == a.ID || s.inc.Status == incident.Resolved {
			return nil
		}
		return s.notice(&u)
	})
}

// notice tells the commander of an update. It leaves the house, so that of a
// restricted incident it says nothing (reading 18).
func (s *scene) notice(u *inquiry.Update) error {
	body := s.name(s.actor.ID) + ": " + u.Text
	if u.Next != "" {
		body += "\n\nNext: " + u.Next
	}
	if s.inc.Restricted {
		body = "There is a technical update. Sign in to read it."
	}
	return s.emit(event.NoticeWanted, event.Data{
		Rule: "technical-update:" + u.ID.String(), Targets: []string{"commander"}, Subject: s.inc.Ref() + ": technical update", Text: body, Clauses: []string{"WAR-TL-INFORM"},
	})
}

// Find writes down what an examination came to. A threat makes the incident one of
// security, of which Legal is told (INV-RCA-SEC).
func (f *Inquiry) Find(ctx context.Context, a authz.Actor, number int64, x inquiry.Finding, now time.Time) (*inquiry.Finding, error) {
	return &x, f.on(ctx, a, authz.Respond, number, now, func(s *scene) error {
		if err := x.Check(); err != nil {
			return err
		}
		if err := s.files("files", x.Evidence.Files); err != nil {
			return err
		}
		if err := add(s, inquiry.KindFinding, &x, time.Time{}); err != nil {
			return err
		}
		about := map[string]struct{ clause, moment string }{
			inquiry.Reproduction: {"INV-RCA-REPRO", "reproduction_tried"}, inquiry.Security: {"INV-RCA-SEC", "security_reviewed"}, inquiry.Database: {"INV-RCA-DB", ""},
		}[x.About]
		d := event.Data{Subject: x.About, Outcome: x.Result, Text: x.Sentence(), Ref: x.ID.String(), Clauses: []string{about.clause}}
		if err := s.emit(event.FindingMade, d); err != nil || about.moment == "" {
			return err
		}
		return s.reach(about.moment, x.Sentence(), x.ID)
	})
}
