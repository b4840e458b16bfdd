package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/store"
	"allclear/internal/store/documents"
)

// Options say how declarative files are applied.
type Options struct {
	DryRun bool // answer the plan and change nothing
	// Prune deletes what the files do not name, of the kinds they do name.
	Prune bool
}

// Action is what applying does to an entity.
type Action string

// The actions.
const (
	Create    Action = "create"
	Update    Action = "update"
	Remove    Action = "delete"
	Unchanged Action = "unchanged"
)

// Step is what applying does to one entity.
type Step struct {
	Action Action
	Kind   catalog.Kind
	ID     string
	File   string  // where it is declared; empty for a deletion
	Line   int     // in the file
	Fields []Field // of an update
}

// Plan is what applying does or, after a dry run, would do: deletions last,
// the others in the order of the files.
type Plan struct {
	Steps   []Step
	DryRun  bool
	Version int64 // of the catalogue afterwards; after a dry run, of the one planned against
}

// Count returns how many steps have the action.
func (p *Plan) Count(a Action) (n int) {
	for _, s := range p.Steps {
		if s.Action == a {
			n++
		}
	}
	return n
}

// Apply makes the catalogue say what the files say, in one transaction: all of
// it or, on any error, nothing. An entity is replaced as a whole, except for
// what people change themselves: contacts and absences of a person and
// overrides of a schedule stay when the file has no such key. Errors:
// fault.Refused; fault.Invalid with file:line:column; fault.Conflict when
// something pruned is referred to.
func (a *Admin) Apply(ctx context.Context, actor authz.Actor, files []File, o Options, now time.Time) (Plan, error) {
	if err := authz.Can(actor, authz.ManageCatalog, authz.Resource{}); err != nil {
		return Plan{}, err
	}
	docs, err := read(files)
	if err != nil {
		return Plan{}, err
	}
	return a.apply(ctx, actor, docs, o, now)
}

// Load is Apply for entities that did not come from files, all of them whole.
func (a *Admin) Load(ctx context.Context, actor authz.Actor, entities []catalog.Entity, now time.Time) (Plan, error) {
	if err := authz.Can(actor, authz.ManageCatalog, authz.Resource{}); err != nil {
		return Plan{}, err
	}
	docs := make([]document, len(entities))
	for i, e := range entities {
		docs[i] = document{entity: e}
	}
	return a.apply(ctx, actor, docs, Options{}, now)
}

func (a *Admin) apply(ctx context.Context, actor authz.Actor, docs []document, o Options, now time.Time) (plan Plan, err error) {
	if o.DryRun {
		err = a.db.View(ctx, func(tx *store.Tx) error {
			s, err := a.snapshot(tx)
			if err != nil {
				return err
			}
			plan, _, err = a.plan(tx, s, docs, o)
			return err
		})
		return plan, err
	}
	err = a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
		s, err := a.locked(tx)
		if err != nil {
			return err
		}
		var c set
		if plan, c, err = a.plan(tx, s, docs, o); err != nil || len(c.put)+len(c.remove) == 0 {
			return err
		}
		plan.Version, err = a.keep(tx, actor, s, c, now)
		return err
	})
	return plan, err
}

// plan compares the documents with what stands and checks what would follow.
func (a *Admin) plan(tx *store.Tx, s *snapshot, docs []document, o Options) (Plan, set, error) {
	plan := Plan{DryRun: o.DryRun, Version: s.cat.Version}
	var c set
	var changed []document
	for _, d := range docs {
		d.keepOwn(s.cat)
		d.entity = keepCalendars(s.cat, d.entity)
		step, err := s.step(d)
		if err != nil {
			return Plan{}, set{}, err
		}
		plan.Steps = append(plan.Steps, step)
		if step.Action != Unchanged {
			c.put = append(c.put, d.entity)
			changed = append(changed, d)
		}
	}
	if o.Prune {
		c.remove = s.others(docs)
		for _, k := range c.remove {
			plan.Steps = append(plan.Steps, Step{Action: Remove, Kind: k.Kind, ID: k.ID})
		}
	}
	next := s.after(c)
	if err := check(changed, next); err != nil {
		return Plan{}, set{}, err
	}
	return plan, c, a.unneeded(tx, s.cat, next, c.remove)
}

func (s *snapshot) step(d document) (Step, error) {
	step := Step{Action: Create, Kind: d.entity.Kind(), ID: d.entity.Key(), File: d.file, Line: d.line}
	before, ok := s.cat.Get(step.Kind, step.ID)
	if !ok {
		return step, nil
	}
	fields, err := fieldsBetween(before, d.entity)
	step.Action, step.Fields = Update, fields
	if len(fields) == 0 {
		step.Action = Unchanged
	}
	return step, err
}

// others lists what stands of the documents' kinds and is not among them.
func (s *snapshot) others(docs []document) []documents.Key {
	kinds, named := map[catalog.Kind]bool{}, map[documents.Key]bool{}
	for _, d := range docs {
		kinds[d.entity.Kind()] = true
		named[keyOf(d.entity)] = true
	}
	var out []documents.Key
	for k := range s.rows {
		if kinds[k.Kind] && !named[k] {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, func(x, y documents.Key) int {
		return strings.Compare(string(x.Kind)+" "+x.ID, string(y.Kind)+" "+y.ID)
	})
	return out
}

// maxProblems is how many problems one answer names.
const maxProblems = 100

// check reports what is wrong with every document, where it is written.
func check(docs []document, next *catalog.Catalog) error {
	var problems []fault.Detail
	for _, d := range docs {
		err := catalog.Check(d.entity, next)
		var bad *fault.Error
		switch {
		case err == nil:
		case errors.As(err, &bad):
			for _, w := range bad.Details {
				problems = append(problems, d.problem(w))
			}
		default:
			return err
		}
	}
	return refuse(problems)
}

// refuse makes one error of what is wrong with the files; nil of nothing.
func refuse(problems []fault.Detail) error {
	if len(problems) == 0 {
		return nil
	}
	first, more := problems[0], ""
	if n := len(problems); n > 1 {
		more = fmt.Sprintf(" (and %d more)", n-1)
	}
	err := fault.New(fault.Invalid, "%s: %s%s", first.Where, first.What, more)
	err.Details = problems[:min(len(problems), maxProblems)]
	return err
}
