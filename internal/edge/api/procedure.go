package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/admin"
)

// ProcedureVersion is a version of the procedure.
type ProcedureVersion struct {
	Hash      string    `json:"hash" doc:"Of its text; incidents refer to it."`
	Name      string    `json:"name"`
	Version   string    `json:"version" doc:"As the document calls itself."`
	Active    bool      `json:"active" doc:"New incidents follow it."`
	CreatedAt time.Time `json:"created_at"`
}

// ProcedureDocument is a version with what it says and what the linter says of
// it.
type ProcedureDocument struct {
	ProcedureVersion
	Document ProcedureSheet     `json:"document" doc:"Its control sheet."`
	Clocks   []ClockRule        `json:"clocks"`
	Chain    ChainRule          `json:"chain"`
	Levels   []LevelRule        `json:"levels" doc:"The escalation matrix."`
	Findings []ProcedureFinding `json:"findings" doc:"Judged against the catalogue as it is now."`
	Source   string             `json:"source" doc:"The file as it was written."`
	Reading  string             `json:"reading" doc:"The same as a text to read."`
}

// ProcedureSheet is the control sheet of a procedure.
type ProcedureSheet procedure.Document

// ClockRule is a clock and what it allows, by severity.
type ClockRule struct {
	ID    string                 `json:"id"`
	Name  string                 `json:"name"`
	From  string                 `json:"from" doc:"began, detected, declared or update."`
	Until string                 `json:"until" doc:"The moment that ends it."`
	By    map[string]ClockTarget `json:"by"`
}

// ClockTarget is what a clock allows for a severity.
type ClockTarget struct {
	Within  recur.Span   `json:"within"`
	WarnAt  []recur.Span `json:"warn_at"`
	Clauses []string     `json:"clauses"`
}

// ChainRule is the escalation chain as the procedure has it.
type ChainRule struct {
	Steps       []ChainStep `json:"steps"`
	RepeatEvery recur.Span  `json:"repeat_every" doc:"After the last step, while nobody has acknowledged."`
}

// ChainStep is a step of the chain, by severity.
type ChainStep struct {
	Clause string                        `json:"clause"`
	Target string                        `json:"target" doc:"Such as schedule:primary or role:vp-engineering."`
	After  recur.Span                    `json:"after" doc:"From the start of the chain."`
	By     map[string]procedure.StepRule `json:"by"`
}

// LevelRule is a level of the escalation matrix.
type LevelRule struct {
	Level    int                   `json:"level"`
	Name     string                `json:"name"`
	Members  []string              `json:"members"`
	Response map[string]recur.Span `json:"response" doc:"By severity, from the page to the answer."`
	Clause   string                `json:"clause"`
}

// ProcedureFinding is one thing the linter noticed.
type ProcedureFinding struct {
	Severity string `json:"severity" enum:"error,warning"`
	Code     string `json:"code"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Path     string `json:"path" doc:"Such as rules[3].notice.text."`
	Message  string `json:"message"`
	Fix      string `json:"fix"`
}

// EscalationPolicy is the chain of a severity, as the procedure in force has it.
type EscalationPolicy struct {
	ID          string           `json:"id" doc:"The severity whose incidents follow it."`
	Name        string           `json:"name"`
	RepeatEvery recur.Span       `json:"repeat_every" doc:"After the last step, while nobody has acknowledged."`
	Steps       []EscalationStep `json:"steps"`
	Levels      []ResponseLevel  `json:"levels" doc:"How long a person of a level may take to answer a page."`
}

// EscalationStep is a step of a chain.
type EscalationStep struct {
	Step   int        `json:"step" doc:"From 1."`
	After  recur.Span `json:"after" doc:"From the start of the chain."`
	Target string     `json:"target" doc:"Such as schedule:primary or role:vp-engineering."`
	While  string     `json:"while" enum:"always,unacknowledged,unresolved" doc:"State of the incident in which it pages."`
	Else   string     `json:"else,omitempty" doc:"notice: told without a page otherwise."`
	Clause string     `json:"clause"`
}

// ResponseLevel is a level of the escalation matrix.
type ResponseLevel struct {
	Level    int        `json:"level"`
	Name     string     `json:"name"`
	Response recur.Span `json:"response" doc:"From the page to the answer."`
	Clause   string     `json:"clause"`
}

type procedurePath struct {
	ID string `path:"id" maxLength:"64" doc:"The hash of a version."`
}

type policyPath struct {
	ID string `path:"id" maxLength:"10" doc:"P1 or P2."`
}

func (a *API) procedureRoutes() {
	tag := "procedure"
	Register(a, Route{Method: http.MethodGet, Path: "/procedure", Summary: "Show the procedure in force, with what the linter says", Tag: tag}, Needs(authz.ReadProcedure),
		func(ctx context.Context, c Call, _ *struct{}) (*Tagged[ProcedureDocument], error) {
			return a.showProcedure(ctx, c, "")
		})
	Register(a, Route{Method: http.MethodGet, Path: "/procedure/versions", Summary: "List versions of the procedure, newest first", Tag: tag}, Needs(authz.ReadProcedure), a.listProcedures)
	Register(a, Route{Method: http.MethodGet, Path: "/procedure/versions/{id}", Summary: "Show a version of the procedure", Tag: tag}, Needs(authz.ReadProcedure),
		func(ctx context.Context, c Call, in *procedurePath) (*Tagged[ProcedureDocument], error) {
			return a.showProcedure(ctx, c, in.ID)
		})
	Register(a, Route{Method: http.MethodGet, Path: "/escalation-policies", Summary: "List the escalation chains", Tag: tag}, Needs(authz.ReadProcedure),
		func(ctx context.Context, c Call, _ *Page) (*Reply[List[EscalationPolicy]], error) {
			found, err := a.policies(ctx, c)
			return list(found, ""), err
		})
	Register(a, Route{Method: http.MethodGet, Path: "/escalation-policies/{id}", Summary: "Show the escalation chain of a severity", Tag: tag}, Needs(authz.ReadProcedure),
		func(ctx context.Context, c Call, in *policyPath) (*Reply[EscalationPolicy], error) {
			found, err := a.policies(ctx, c)
			for _, p := range found {
				if p.ID == in.ID {
					return reply(p), nil
				}
			}
			if err == nil {
				err = authz.NotFound("escalation policy", in.ID)
			}
			return nil, err
		})
}

func (a *API) showProcedure(ctx context.Context, c Call, id string) (*Tagged[ProcedureDocument], error) {
	v, err := a.opt.Procedures.Show(ctx, c.Actor, id, c.Now)
	if err != nil {
		return nil, err
	}
	doc := procedureOf(v)
	return &Tagged[ProcedureDocument]{ETag: tagOf(doc), Body: doc}, nil
}

func procedureOf(v admin.ProcedureView) ProcedureDocument {
	doc := ProcedureDocument{ProcedureVersion: versionOf(v.ProcedureVersion), Source: v.Text, Clocks: []ClockRule{}, Levels: []LevelRule{}, Chain: ChainRule{Steps: []ChainStep{}}}
	doc.Findings = each(v.Findings, func(f procedure.Finding) ProcedureFinding {
		return ProcedureFinding{Severity: f.Level, Code: f.Code, Line: f.Line, Column: f.Column, Path: f.Path, Message: f.Message, Fix: f.Help}
	})
	p := v.Procedure
	if p == nil {
		return doc
	}
	doc.Document, doc.Reading = ProcedureSheet(p.Document), procedure.Show(p)
	doc.Document.Distribution = filled(p.Document.Distribution)
	doc.Chain.RepeatEvery = p.Chain.RepeatEvery
	doc.Chain.Steps = each(p.Chain.Steps, func(s procedure.Step) ChainStep {
		return ChainStep{Clause: s.Clause, Target: s.Target, After: s.After, By: s.By}
	})
	doc.Levels = each(p.Levels, func(l procedure.Level) LevelRule {
		return LevelRule{Level: l.Level, Name: l.Name, Members: filled(l.Members), Response: l.Response, Clause: l.Clause}
	})
	doc.Clocks = each(p.Clocks, func(c procedure.Clock) ClockRule {
		by := make(map[string]ClockTarget, len(c.By))
		for sev, t := range c.By {
			by[sev] = ClockTarget{Within: t.Within, WarnAt: filled(t.WarnAt), Clauses: filled(t.Clauses)}
		}
		return ClockRule{ID: c.ID, Name: c.Name, From: c.From, Until: c.Until, By: by}
	})
	return doc
}

func (a *API) listProcedures(ctx context.Context, c Call, in *Page) (*Reply[List[ProcedureVersion]], error) {
	var after string
	if _, err := fromCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	found, err := a.opt.Procedures.Versions(ctx, c.Actor, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	found, next := cut(found, in.Limit, func(v admin.ProcedureVersion) any { return v.Hash })
	return list(each(found, versionOf), next), nil
}

func versionOf(v admin.ProcedureVersion) ProcedureVersion {
	return ProcedureVersion{Hash: v.Hash, Name: v.Name, Version: v.Version, Active: v.Active, CreatedAt: v.CreatedAt}
}

// policies reads the chain of each severity that has one.
func (a *API) policies(ctx context.Context, c Call) ([]EscalationPolicy, error) {
	v, err := a.opt.Procedures.Show(ctx, c.Actor, "", c.Now)
	if err != nil || v.Procedure == nil {
		return nil, err
	}
	p := v.Procedure
	var out []EscalationPolicy
	for _, sev := range procedure.Severities {
		policy := EscalationPolicy{ID: sev.String(), Name: "Escalation chain of " + sev.String(), RepeatEvery: p.Chain.RepeatEvery, Levels: []ResponseLevel{}}
		for i, s := range p.Chain.Steps {
			if by, ok := s.By[sev.String()]; ok {
				policy.Steps = append(policy.Steps, EscalationStep{Step: i + 1, After: s.After, Target: s.Target, While: string(by.While), Else: by.Else, Clause: s.Clause})
			}
		}
		for _, l := range p.Levels {
			if within, ok := l.Response[sev.String()]; ok {
				policy.Levels = append(policy.Levels, ResponseLevel{Level: l.Level, Name: l.Name, Response: within, Clause: l.Clause})
			}
		}
		if len(policy.Steps) > 0 {
			out = append(out, policy)
		}
	}
	return out, nil
}
