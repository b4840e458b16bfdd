package admin

import (
	"context"
	"fmt"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/event"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
)

// Procedures shows the procedure in force and those before it, and puts
// another one in force. Make it with NewProcedures.
type Procedures struct {
	db    *store.DB
	shelf *procedures.Shelf
	admin *Admin
	// CheckQuery says whether the query of a metric rule can be read. Nil: it is
	// not asked.
	CheckQuery func(query string) error
}

// NewProcedures returns the procedures of the database, judged against the
// catalogue. The shelf is the one that others read from; nil for one of its own.
func NewProcedures(db *store.DB, shelf *procedures.Shelf, a *Admin) *Procedures {
	if shelf == nil {
		shelf = &procedures.Shelf{}
	}
	return &Procedures{db: db, shelf: shelf, admin: a}
}

// Shelf is where the parsed versions are kept, for the flows that follow them.
func (p *Procedures) Shelf() *procedures.Shelf { return p.shelf }

// Activate stores a version and lets new incidents follow it; those that are
// open go on with theirs (INV-T7). The version in force already changes
// nothing. Errors: fault.Refused; fault.Invalid with line and column, also when
// the linter finds an error.
func (p *Procedures) Activate(ctx context.Context, actor authz.Actor, text []byte, now time.Time) (hash string, err error) {
	if err := authz.Can(actor, authz.ManageProcedure, authz.Resource{Kind: "procedure"}); err != nil {
		return "", err
	}
	err = p.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		// Who is on call and who holds a role may come later; that a file cannot
		// work whatever the catalogue says is an error now.
		parsed, findings := procedure.Check(text, procedure.Surroundings{Today: now})
		if err := refuseLint(findings); err != nil {
			return err
		}
		if err := p.queries(parsed); err != nil {
			return err
		}
		before, err := p.shelf.Active(tx)
		if err != nil && !fault.Is(err, fault.Conflict) {
			return err
		}
		if hash, err = p.shelf.PutParsed(tx, parsed, text, now); err != nil || hash == before {
			return err
		}
		if err := p.shelf.Activate(tx, hash, now); err != nil {
			return err
		}
		said := fmt.Sprintf("procedure %s version %s is in force", parsed.Name, parsed.Document.Version)
		return p.admin.bus.Emit(tx, now, event.Event{
			Kind: event.ProcedureChanged, Actor: actor.ID, Source: actor.Via,
			Data: event.Data{Subject: "procedure", From: before, Ref: hash, Text: said},
		})
	})
	return hash, err
}

func refuseLint(findings []procedure.Finding) error {
	n := procedure.Errors(findings)
	if n == 0 {
		return nil
	}
	err := fault.New(fault.Invalid, "activate procedure: %d errors", n)
	for _, f := range findings {
		if f.Level == procedure.LintError {
			err = err.With(f.Place.String(), f.Code+": "+f.Message)
		}
	}
	return err
}

// ProcedureVersion is a version of the procedure; Text is empty in lists.
type ProcedureVersion struct {
	Hash      string
	Name      string
	Version   string // as the document calls itself
	CreatedAt time.Time
	Active    bool
	Text      string
}

// ProcedureView is a version with what is to be said about it.
type ProcedureView struct {
	ProcedureVersion
	Procedure *procedure.Procedure
	Findings  []procedure.Finding // judged against the catalogue as it is now
}

// Show returns a version, the active one for an empty hash.
func (p *Procedures) Show(ctx context.Context, actor authz.Actor, hash string, now time.Time) (ProcedureView, error) {
	if err := authz.Can(actor, authz.ReadProcedure, authz.Resource{Kind: "procedure", ID: hash}); err != nil {
		return ProcedureView{}, err
	}
	var out ProcedureView
	var around procedure.Surroundings
	err := p.db.View(ctx, func(tx *store.Tx) error {
		active, err := p.shelf.Active(tx)
		if err != nil {
			return err
		}
		if hash == "" {
			hash = active
		}
		v, err := p.shelf.Version(tx, hash)
		if err != nil {
			return err
		}
		out.ProcedureVersion = versionOf(v, active)
		if out.Text, err = p.shelf.Body(tx, hash); err != nil {
			return err
		}
		s, err := p.admin.snapshot(tx)
		if err != nil {
			return err
		}
		around = s.surroundings(now)
		return nil
	})
	if err != nil {
		return ProcedureView{}, err
	}
	out.Procedure, out.Findings = procedure.Check([]byte(out.Text), around)
	return out, nil
}

// Versions lists versions, newest first, after the one with the hash.
func (p *Procedures) Versions(ctx context.Context, actor authz.Actor, after string, limit int) (out []ProcedureVersion, err error) {
	if err := authz.Can(actor, authz.ReadProcedure, authz.Resource{Kind: "procedure"}); err != nil {
		return nil, err
	}
	err = p.db.View(ctx, func(tx *store.Tx) error {
		active, err := p.shelf.Active(tx)
		if err != nil {
			return err
		}
		var last procedures.Version
		if after != "" {
			if last, err = p.shelf.Version(tx, after); err != nil {
				return err
			}
		}
		list, err := p.shelf.Versions(tx, last, limit)
		for _, v := range list {
			out = append(out, versionOf(v, active))
		}
		return err
	})
	return out, err
}

func versionOf(v procedures.Version, active string) ProcedureVersion {
	return ProcedureVersion{Hash: v.Hash, Name: v.Name, Version: v.Version, CreatedAt: v.CreatedAt, Active: v.Hash == active}
}

// surroundings is what the linter may know of the catalogue.
func (s *snapshot) surroundings(now time.Time) procedure.Surroundings {
	out := procedure.Surroundings{Today: now, Schedules: s.cat.Schedules, Holders: map[string]int{}, Members: map[string]int{}}
	for _, p := range s.cat.People {
		for _, r := range p.Roles {
			out.Holders[r]++
		}
		for _, t := range p.Teams {
			out.Members[t]++
		}
	}
	for _, t := range s.cat.Teams {
		out.Members[t.ID] += len(t.Members)
		if t.Lead != "" {
			out.Members[t.ID]++
		}
	}
	return out
}

// queries refuses a procedure whose metric rules ask what cannot be read.
func (p *Procedures) queries(of *procedure.Procedure) error {
	if p.CheckQuery == nil {
		return nil
	}
	for i := range of.Metrics {
		r := &of.Metrics[i]
		if r.Measure != procedure.Query {
			continue
		}
		if err := p.CheckQuery(r.Query); err != nil {
			return fault.New(fault.Invalid, "the procedure cannot be activated").With(fmt.Sprintf("metric_rules[%d].query", i), err.Error())
		}
	}
	return nil
}
