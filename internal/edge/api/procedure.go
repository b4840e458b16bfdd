package api

import (
	"context"
	"net/http"
	"time"

	"allclear/internal/base/recur"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/procedure"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/route"
	"allclear/internal/edge/api/wire"
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
	Roles    []RoleRule         `json:"roles" doc:"Of the war room, with what is theirs to do."`
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

// RoleRule is a role of the war room.
type RoleRule struct {
	ID     string     `json:"id"`
	Title  string     `json:"title"`
	Duties []RoleDuty `json:"duties"`
}

// RoleDuty is one thing the holder of a role does.
type RoleDuty struct {
	Clause string `json:"clause,omitempty"`
	Text   string `json:"text"`
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

type procedurePath struct {
	ID string `path:"id" maxLength:"64" doc:"The hash of a version."`
}

func (a *API) procedureRoutes() {
	tag := "procedure"
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/procedure", Summary: "Show the procedure in force, with what the linter says", Tag: tag}, route.Needs(authz.ReadProcedure),
		func(ctx context.Context, c route.Call, _ *struct{}) (*route.Tagged[ProcedureDocument], error) {
			return a.showProcedure(ctx, c, "")
		})
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/procedure/versions", Summary: "List versions of the procedure, newest first", Tag: tag}, route.Needs(authz.ReadProcedure), a.listProcedures)
	route.Register(a.table, route.Route{Method: http.MethodGet, Path: "/procedure/versions/{id}", Summary: "Show a version of the procedure", Tag: tag}, route.Needs(authz.ReadProcedure),
		func(ctx context.Context, c route.Call, in *procedurePath) (*route.Tagged[ProcedureDocument], error) {
			return a.showProcedure(ctx, c, in.ID)
		})
}

func (a *API) showProcedure(ctx context.Context, c route.Call, id string) (*route.Tagged[ProcedureDocument], error) {
	v, err := a.opt.Procedures.Show(ctx, c.Actor, id, c.Now)
	if err != nil {
		return nil, err
	}
	doc := procedureOf(v)
	return &route.Tagged[ProcedureDocument]{ETag: route.ETagOf(doc), Body: doc}, nil
}

func procedureOf(v admin.ProcedureView) ProcedureDocument {
	doc := ProcedureDocument{ProcedureVersion: versionOf(v.ProcedureVersion), Source: v.Text, Clocks: []ClockRule{}, Levels: []LevelRule{}, Roles: []RoleRule{}, Chain: ChainRule{Steps: []ChainStep{}}}
	doc.Findings = wire.Each(v.Findings, func(f procedure.Finding) ProcedureFinding {
		return ProcedureFinding{Severity: f.Level, Code: f.Code, Line: f.Line, Column: f.Column, Path: f.Path, Message: f.Message, Fix: f.Help}
	})
	p := v.Procedure
	if p == nil {
		return doc
	}
	doc.Document, doc.Reading = ProcedureSheet(p.Document), procedure.Show(p)
	doc.Document.Distribution = record.Filled(p.Document.Distribution)
	doc.Chain.RepeatEvery = p.Chain.RepeatEvery
	doc.Chain.Steps = wire.Each(p.Chain.Steps, func(s procedure.Step) ChainStep {
		return ChainStep{Clause: s.Clause, Target: s.Target, After: s.After, By: s.By}
	})
	doc.Levels = wire.Each(p.Levels, func(l procedure.Level) LevelRule {
		return LevelRule{Level: l.Level, Name: l.Name, Members: record.Filled(l.Members), Response: l.Response, Clause: l.Clause}
	})
	if p.WarRoom != nil {
		doc.Roles = wire.Each(p.WarRoom.Roles, func(r procedure.RoomRole) RoleRule {
			return RoleRule{ID: r.ID, Title: r.Title, Duties: wire.Each(r.Duties, func(d procedure.Duty) RoleDuty { return RoleDuty(d) })}
		})
	}
	doc.Clocks = wire.Each(p.Clocks, func(c procedure.Clock) ClockRule {
		by := make(map[string]ClockTarget, len(c.By))
		for sev, t := range c.By {
			by[sev] = ClockTarget{Within: t.Within, WarnAt: record.Filled(t.WarnAt), Clauses: record.Filled(t.Clauses)}
		}
		return ClockRule{ID: c.ID, Name: c.Name, From: c.From, Until: c.Until, By: by}
	})
	return doc
}

func (a *API) listProcedures(ctx context.Context, c route.Call, in *route.Page) (*route.Reply[route.List[ProcedureVersion]], error) {
	var after string
	if _, err := route.FromCursor(in.Cursor, &after); err != nil {
		return nil, err
	}
	found, err := a.opt.Procedures.Versions(ctx, c.Actor, after, in.Limit+1)
	if err != nil {
		return nil, err
	}
	found, next := route.Cut(found, in.Limit, func(v admin.ProcedureVersion) any { return v.Hash })
	return route.Items(wire.Each(found, versionOf), next), nil
}

func versionOf(v admin.ProcedureVersion) ProcedureVersion {
	return ProcedureVersion{Hash: v.Hash, Name: v.Name, Version: v.Version, Active: v.Active, CreatedAt: v.CreatedAt}
}
