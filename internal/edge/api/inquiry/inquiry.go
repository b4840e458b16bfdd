// Package inquiry serves how the cause of an incident is looked for: hypotheses,
// decisions, workstreams, solutions, findings and updates, what was changed and
// measured around the time, and measurements of the network. It must not decide
// anything; the flow does.
package inquiry

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/inquiry"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
	flow "allclear/internal/flow/inquiry"
)

const tag = "inquiry"

// below is a route below an incident with a body.
type below[B any] struct {
	route.IncidentPath
	Body B
}

// row is a route of an entry with a body.
type row[B any] struct {
	ID   string `path:"id" maxLength:"40"`
	Body B
}

// which names an entry.
type which struct {
	ID string `path:"id" maxLength:"40"`
}

// desk is the flow with the names of people.
type desk struct{ f *flow.Inquiry }

// get serves something of an incident.
func get[T any](t *route.Table, path, summary string, do func(ctx context.Context, c route.Call, n int64) (T, error)) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}" + path, Summary: summary, Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.IncidentPath) (*route.Reply[T], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			v, err := do(ctx, c, n)
			if err != nil {
				return nil, err
			}
			return route.One(v), nil
		})
}

// list serves a list of something of an incident; id tells its rows apart.
func list[E, T any](t *route.Table, path, summary string, read func(ctx context.Context, c route.Call, n int64) ([]E, error), show func(E) T, id func(T) string) {
	route.Register(t, route.Route{Method: http.MethodGet, Path: "/incidents/{id}" + path, Summary: summary, Tag: tag}, route.Needs(authz.Read),
		func(ctx context.Context, c route.Call, in *route.Below) (*route.Reply[route.List[T]], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			all, err := read(ctx, c, n)
			if err != nil {
				return nil, err
			}
			return route.Slice(wire.Each(all, show), in.Page, id)
		})
}

// post adds an entry to an incident and answers with it.
func post[B, E, T any](t *route.Table, d desk, path, summary string, do func(ctx context.Context, c route.Call, n int64, b B) (E, error), show func(names, E) T) {
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/incidents/{id}" + path, Summary: summary, Tag: tag, Status: http.StatusCreated}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *below[B]) (*route.Reply[T], error) {
			n, err := in.Number()
			if err != nil {
				return nil, err
			}
			v, err := do(ctx, c, n, in.Body)
			if err != nil {
				return nil, wire.InBody(err)
			}
			who, err := d.f.Names(ctx, c.Actor)
			return route.One(show(who, v)), err
		})
}

// change changes an entry and answers with it.
func change[B, E, T any](t *route.Table, d desk, method, path, kind, summary string, do func(ctx context.Context, c route.Call, id ident.ID, b B) (E, error), show func(names, E) T) {
	route.Register(t, route.Route{Method: method, Path: path, Summary: summary, Tag: tag}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *row[B]) (*route.Reply[T], error) {
			id, err := route.ParseID(kind, in.ID)
			if err != nil {
				return nil, err
			}
			v, err := do(ctx, c, id, in.Body)
			if err != nil {
				return nil, wire.InBody(err)
			}
			who, err := d.f.Names(ctx, c.Actor)
			return route.One(show(who, v)), err
		})
}

// Routes registers the family.
func Routes(t *route.Table, f *flow.Inquiry) {
	d := desk{f}
	get(t, "/inquiry", "Show what was written down about its cause and what was done about it", func(ctx context.Context, c route.Call, n int64) (InquiryFile, error) {
		v, err := f.Read(ctx, c.Actor, n, c.Now)
		return fileOf(v), err
	})
	d.hypotheses(t)
	d.work(t)
	d.solutions(t)
	d.around(t)
}

// NewHypothesis is a possible cause.
type NewHypothesis struct {
	Text   string `json:"text" maxLength:"500"`
	Parent string `json:"parent,omitempty" maxLength:"40" doc:"The hypothesis it explains."`
}

func (d desk) hypotheses(t *route.Table) {
	post(t, d, "/hypotheses", "Write down a possible cause", func(ctx context.Context, c route.Call, n int64, b NewHypothesis) (*inquiry.Hypothesis, error) {
		h := inquiry.Hypothesis{Text: b.Text}
		if b.Parent != "" {
			id, err := ident.Parse(b.Parent)
			if err != nil {
				return nil, fault.New(fault.Invalid, "validation failed").With("parent", "is no hypothesis of this incident")
			}
			h.Parent = id
		}
		return d.f.Suppose(ctx, c.Actor, n, h, c.Now)
	}, names.hypothesis)
	for _, to := range []struct {
		path    string
		state   inquiry.State
		summary string
	}{
		{"confirm", inquiry.Confirmed, "Say that it is the cause, with what speaks for it"},
		{"rule-out", inquiry.RuledOut, "Say that it is not, with what speaks against it"},
		{"reopen", inquiry.Open, "Open it again, with the reason"},
	} {
		change(t, d, http.MethodPost, "/hypotheses/{id}/"+to.path, "hypothesis", to.summary, func(ctx context.Context, c route.Call, id ident.ID, b Proof) (*inquiry.Hypothesis, error) {
			p, err := b.of("")
			if err != nil {
				return nil, err
			}
			return d.f.Judge(ctx, c.Actor, id, to.state, p, c.Now)
		}, names.hypothesis)
	}
}

// of reads what a client sent.
func (p Proof) of(where string) (out inquiry.Proof, err error) {
	out.Text = p.Text
	for _, l := range p.Links {
		out.Links = append(out.Links, inquiry.Link(l))
	}
	for i, s := range p.Files {
		id, err := ident.Parse(s)
		if err != nil {
			return out, fault.New(fault.Invalid, "validation failed").With(fmt.Sprintf("%sfiles[%d]", where, i), "is no evidence of this incident")
		}
		out.Files = append(out.Files, id)
	}
	return out, nil
}

// NewDecision is a choice and why it was made.
type NewDecision struct {
	Sort      string    `json:"sort" enum:"command,technical"`
	Question  string    `json:"question" maxLength:"500"`
	Options   []string  `json:"options,omitempty" maxItems:"20"`
	Choice    string    `json:"choice" maxLength:"500"`
	Rationale string    `json:"rationale,omitempty" maxLength:"10000" doc:"Why. There is no decision without."`
	MadeBy    string    `json:"made_by,omitempty" maxLength:"64" doc:"Person who decided; absent: who writes."`
	MadeAt    time.Time `json:"made_at,omitzero" doc:"Absent: now."`
}

// WorkstreamFields are what is known of a part of the work.
type WorkstreamFields struct {
	Title string `json:"title" maxLength:"500"`
	Owner string `json:"owner" maxLength:"100" example:"team:platform" doc:"person:ID or team:ID."`
	State string `json:"state,omitempty" enum:"planned,running,blocked,done" doc:"Absent: planned."`
	Note  string `json:"note,omitempty" maxLength:"10000" doc:"The latest word; what it waits for where it is blocked."`
}

func (w WorkstreamFields) of() inquiry.Workstream {
	if w.State == "" {
		w.State = inquiry.Planned
	}
	return inquiry.Workstream{Title: w.Title, Owner: w.Owner, State: w.State, Note: w.Note}
}

// NewTechnicalUpdate is what the commander is told.
type NewTechnicalUpdate struct {
	Text string `json:"text" maxLength:"10000"`
	Next string `json:"next,omitempty" maxLength:"10000" doc:"What comes next."`
}

// NewFinding is what an examination came to.
type NewFinding struct {
	About       string `json:"about" enum:"reproduction,security,database"`
	Result      string `json:"result" maxLength:"40" doc:"Of a reproduction: reproduced, not_reproduced or not_possible. Of security: threat or no_threat. Of the database: cause or no_cause."`
	Environment string `json:"environment,omitempty" maxLength:"2000" doc:"Of a reproduction: where, as a link or a name."`
	Evidence    Proof  `json:"evidence,omitzero" doc:"What was looked at; where it was not possible, why."`
}

func (d desk) work(t *route.Table) {
	post(t, d, "/decisions", "Write down a decision with its reason", func(ctx context.Context, c route.Call, n int64, b NewDecision) (*inquiry.Decision, error) {
		return d.f.Decide(ctx, c.Actor, n, inquiry.Decision{Sort: b.Sort, Question: b.Question, Options: b.Options, Choice: b.Choice, Rationale: b.Rationale, MadeBy: b.MadeBy, MadeAt: b.MadeAt}, c.Now)
	}, names.decision)
	post(t, d, "/workstreams", "Open a part of the work with one owner", func(ctx context.Context, c route.Call, n int64, b WorkstreamFields) (*inquiry.Workstream, error) {
		return d.f.Begin(ctx, c.Actor, n, b.of(), c.Now)
	}, names.workstream)
	change(t, d, http.MethodPut, "/workstreams/{id}", "workstream", "Change a part of the work", func(ctx context.Context, c route.Call, id ident.ID, b WorkstreamFields) (*inquiry.Workstream, error) {
		return d.f.Move(ctx, c.Actor, id, b.of(), c.Now)
	}, names.workstream)
	post(t, d, "/technical-updates", "Tell the commander how things stand technically", func(ctx context.Context, c route.Call, n int64, b NewTechnicalUpdate) (*inquiry.Update, error) {
		return d.f.Inform(ctx, c.Actor, n, inquiry.Update{Text: b.Text, Next: b.Next}, c.Now)
	}, names.update)
	post(t, d, "/findings", "Write down what an examination came to; a threat makes it an incident of security", func(ctx context.Context, c route.Call, n int64, b NewFinding) (*inquiry.Finding, error) {
		p, err := b.Evidence.of("evidence.")
		if err != nil {
			return nil, err
		}
		return d.f.Find(ctx, c.Actor, n, inquiry.Finding{About: b.About, Result: b.Result, Environment: b.Environment, Evidence: p}, c.Now)
	}, names.finding)
}

// NewSolution is something that could be done.
type NewSolution struct {
	Sort        string `json:"sort" enum:"fix,workaround"`
	Title       string `json:"title" maxLength:"500"`
	Description string `json:"description,omitempty" maxLength:"10000"`
	Like        int64  `json:"like,omitempty" minimum:"1" doc:"Number of the incident in which it helped."`
}

// RejectedSolution says why it is not to be put in.
type RejectedSolution struct {
	Reason string `json:"reason" maxLength:"10000"`
}

// AppliedSolution says what came of it.
type AppliedSolution struct {
	Outcome string `json:"outcome,omitempty" maxLength:"10000"`
}

func (d desk) solutions(t *route.Table) {
	list(t, "/similar", "Suggest what helped in earlier incidents like it", func(ctx context.Context, c route.Call, n int64) ([]inquiry.Past, error) {
		return d.f.Similar(ctx, c.Actor, n, c.Now)
	}, pastOf, func(s SimilarIncident) string { return s.Incident })
	post(t, d, "/solutions", "List something that could be done", func(ctx context.Context, c route.Call, n int64, b NewSolution) (*inquiry.Solution, error) {
		return d.f.Propose(ctx, c.Actor, n, inquiry.Solution{Sort: b.Sort, Title: b.Title, Description: b.Description, Like: b.Like}, c.Now)
	}, names.solution)
	change(t, d, http.MethodPut, "/solutions/{id}/risk", "solution", "Write down its risk", func(ctx context.Context, c route.Call, id ident.ID, b SolutionRisk) (*inquiry.Solution, error) {
		return d.f.Assess(ctx, c.Actor, id, inquiry.Risk{Likelihood: b.Likelihood, Impact: b.Impact, BlastRadius: b.BlastRadius, Reversibility: b.Reversibility, Note: b.Note}, c.Now)
	}, names.solution)
	change(t, d, http.MethodPut, "/solutions/{id}/test", "solution", "Write down how it was tested; the commander may do without, with a reason", func(ctx context.Context, c route.Call, id ident.ID, b SolutionTest) (*inquiry.Solution, error) {
		p, err := b.Evidence.of("evidence.")
		if err != nil {
			return nil, err
		}
		return d.f.Try(ctx, c.Actor, id, inquiry.Test{Result: b.Result, Environment: b.Environment, Evidence: p, Reason: b.Reason}, c.Now)
	}, names.solution)
	change(t, d, http.MethodPut, "/solutions/{id}/plan", "solution", "Write down how it is put in and taken back", func(ctx context.Context, c route.Call, id ident.ID, b RemediationPlan) (*inquiry.Solution, error) {
		return d.f.Prepare(ctx, c.Actor, id, inquiry.Plan{Owner: b.Owner, Steps: wire.Each(b.Steps, func(s PlanStep) inquiry.Step { return inquiry.Step(s) }), Rollback: b.Rollback}, c.Now)
	}, names.solution)
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/solutions/{id}/approve", Summary: "Approve it, as technical lead or commander; none without risk, test and a way back", Tag: tag}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *which) (*route.Reply[SolutionOption], error) {
			id, err := route.ParseID("solution", in.ID)
			if err != nil {
				return nil, err
			}
			s, err := d.f.Approve(ctx, c.Actor, id, c.Now)
			if err != nil {
				return nil, err
			}
			who, err := d.f.Names(ctx, c.Actor)
			return route.One(names(who).solution(s)), err
		})
	change(t, d, http.MethodPost, "/solutions/{id}/reject", "solution", "Say that it is not to be put in", func(ctx context.Context, c route.Call, id ident.ID, b RejectedSolution) (*inquiry.Solution, error) {
		return d.f.Reject(ctx, c.Actor, id, b.Reason, c.Now)
	}, names.solution)
	change(t, d, http.MethodPost, "/solutions/{id}/apply", "solution", "Note that it was put in, once it is approved", func(ctx context.Context, c route.Call, id ident.ID, b *AppliedSolution) (*inquiry.Solution, error) {
		outcome := ""
		if b != nil {
			outcome = b.Outcome
		}
		return d.f.Apply(ctx, c.Actor, id, outcome, c.Now)
	}, names.solution)
}

// NewProbe asks for a measurement.
type NewProbe struct {
	Targets []string `json:"targets,omitempty" maxItems:"10" doc:"Of those that may be measured; absent: all of the first."`
	Times   int      `json:"times,omitempty" minimum:"1" maximum:"20" doc:"Of each step; absent: 5."`
}

type newChangeInput struct{ Body NewServiceChange }

func (d desk) around(t *route.Table) {
	get(t, "/triage", "Show what is measured and said around it: limits, status page, other monitors, checks, vendors, other incidents, links elsewhere", func(ctx context.Context, c route.Call, n int64) (TriagePanel, error) {
		v, err := d.f.Triage(ctx, c.Actor, n, c.Now)
		return panelOf(v), err
	})
	list(t, "/changes", "List what was done to its service and to what that depends on, from a day before, the nearest to its beginning first", func(ctx context.Context, c route.Call, n int64) ([]inquiry.Change, error) {
		return d.f.Changes(ctx, c.Actor, n, c.Now)
	}, changeOf, func(s ServiceChange) string { return route.ETagOf(s) })
	route.Register(t, route.Route{Method: http.MethodPost, Path: "/changes", Summary: "Tell of a change that was made to a service, such as a deployment", Tag: "changes", Status: http.StatusCreated}, route.Needs(authz.Respond),
		func(ctx context.Context, c route.Call, in *newChangeInput) (*route.Reply[ServiceChange], error) {
			b := in.Body
			got, err := d.f.Changed(ctx, c.Actor, flow.NewChange{
				Service: b.Service, Summary: b.Summary, Kind: b.Kind, Environment: b.Environment, Version: b.Version, By: b.By, At: b.At,
				Links: wire.Each(b.Links, func(l ProofLink) inquiry.Link { return inquiry.Link(l) }),
			}, c.Now)
			if err != nil {
				return nil, wire.InBody(err)
			}
			return route.One(changeOf(inquiry.Change{Change: got, Service: b.Service})), nil
		})
	list(t, "/probe-targets", "List what may be measured for it", func(ctx context.Context, c route.Call, n int64) ([]inquiry.Target, error) {
		return d.f.Targets(ctx, c.Actor, n, c.Now)
	}, func(t inquiry.Target) ProbeTarget { return ProbeTarget(t) }, func(t ProbeTarget) string { return t.Service + " " + t.Address })
	post(t, d, "/probes", "Measure the way to targets of the catalogue: name, connection, certificate, answer", func(ctx context.Context, c route.Call, n int64, b NewProbe) (*inquiry.Probe, error) {
		return d.f.Probe(ctx, c.Actor, n, b.Targets, b.Times, c.Now)
	}, names.probe)
}
