package admin

import (
	"context"
	"time"

	"allclear/internal/domain/authz"
	"allclear/internal/domain/procedure"
	"allclear/internal/store"
	"allclear/internal/store/procedures"
)

// Procedures shows the procedure in force and those before it. Make it with
// NewProcedures.
type Procedures struct {
	db    *store.DB
	shelf *procedures.Shelf
	admin *Admin
}

// NewProcedures returns the procedures of the database, judged against the
// catalogue.
func NewProcedures(db *store.DB, shelf *procedures.Shelf, a *Admin) *Procedures {
	return &Procedures{db: db, shelf: shelf, admin: a}
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
