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
	ID        string    `json:"id" doc:"Hash of its text; incidents refer to it."`
	Name      string    `json:"name"`
	Version   string    `json:"version" doc:"As the document calls itself."`
	Active    bool      `json:"active" doc:"New incidents follow it."`
	CreatedAt time.Time `json:"created_at"`
}

// ProcedureDocument is a version with its text and what the linter says.
type ProcedureDocument struct {
	ProcedureVersion
	Title      string             `json:"title"`
	NextReview string             `json:"next_review"`
	Text       string             `json:"text" doc:"The file as it was written."`
	Reading    string             `json:"reading" doc:"The same as a text to read."`
	Findings   []ProcedureFinding `json:"findings" doc:"Judged against the catalogue as it is now."`
}

// ProcedureFinding is one thing the linter noticed.
type ProcedureFinding struct {
	Level   string `json:"level" enum:"error,warning"`
	Code    string `json:"code"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path" doc:"Such as rules[3].notice.text."`
	Message string `json:"message"`
	Help    string `json:"help"`
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
	ID string `path:"id" maxLength:"64"`
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
	doc := ProcedureDocument{ProcedureVersion: versionOf(v.ProcedureVersion), Text: v.Text}
	if v.Procedure != nil {
		doc.Title, doc.NextReview, doc.Reading = v.Procedure.Document.Title, v.Procedure.Document.NextReview, procedure.Show(v.Procedure)
	}
	doc.Findings = each(v.Findings, func(f procedure.Finding) ProcedureFinding {
		return ProcedureFinding{Level: f.Level, Code: f.Code, Line: f.Line, Column: f.Column, Path: f.Path, Message: f.Message, Help: f.Help}
	})
	return &Tagged[ProcedureDocument]{ETag: tagOf(doc), Body: doc}, nil
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
	return ProcedureVersion{ID: v.Hash, Name: v.Name, Version: v.Version, Active: v.Active, CreatedAt: v.CreatedAt}
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
