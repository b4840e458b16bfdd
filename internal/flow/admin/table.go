package admin

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/registry"
	"allclear/internal/store"
)

// batch is how many customers one transaction of an import changes, so that pages
// and alerts go between two of them.
const batch = 250

// Imported is what an import did or, after a dry run, would do.
type Imported struct {
	DryRun    bool
	Lines     int // that the file has, without the first
	Created   int
	Changed   int
	Unchanged int
	Steps     []ImportStep       // created and changed customers, in the order of the file
	Refused   []registry.Problem // in the order of the file
	Ignored   []string           // columns
}

// ImportStep is what an import does to one customer.
type ImportStep struct {
	Action Action
	ID     string
	Line   int
	Fields []Field // of an update
}

// Import writes the customers of a table, each found by its external id and else by
// its id: what is good is written and what is not is named, so that one bad row does
// not hold up the others (INT-CRM). The same table again changes nothing. Errors:
// fault.Refused; those of the store, after which the table can be sent again.
func (a *Admin) Import(ctx context.Context, actor authz.Actor, t *registry.Table, dryRun bool, now time.Time) (Imported, error) {
	if err := authz.Can(actor, authz.ManageCatalog, authz.Resource{Kind: string(catalog.KindCustomer)}); err != nil {
		return Imported{}, err
	}
	accounts, refused := t.Accounts()
	i := &importing{seen: map[string]int{}}
	i.out = Imported{DryRun: dryRun, Lines: len(t.Lines) + len(t.Broken), Refused: refused, Ignored: t.Ignored}
	work := func(part []registry.Account) error {
		before := i.out
		return a.db.Update(ctx, store.PriorityRest, func(tx *store.Tx) error {
			i.out = before
			s, err := a.locked(tx)
			if err != nil {
				return err
			}
			put, err := i.plan(s, part)
			if err != nil || len(put) == 0 {
				return err
			}
			_, err = a.keep(tx, actor, s, set{put: put}, now)
			return err
		})
	}
	if dryRun {
		s, err := a.committed(ctx)
		if err != nil {
			return Imported{}, err
		}
		work = func(part []registry.Account) error {
			_, err := i.plan(s, part)
			return err
		}
	}
	for part := range slices.Chunk(accounts, batch) {
		before := i.out
		if err := work(part); err != nil {
			return before, err
		}
	}
	i.out.Refused = registry.Problems(i.out.Refused)
	return i.out, nil
}

// importing is an import under way.
type importing struct {
	out  Imported
	seen map[string]int // line of the file that a customer is in, by id
}

// plan works out what a part of the table changes.
func (i *importing) plan(s *snapshot, part []registry.Account) (put []catalog.Entity, err error) {
	byExternal := make(map[string][]string, len(s.cat.Customers))
	for id, c := range s.cat.Customers {
		if c.External != "" {
			byExternal[c.External] = append(byExternal[c.External], id)
		}
	}
	for k := range part {
		acc := &part[k]
		next, bad := i.next(s, acc, byExternal)
		if len(bad) == 0 {
			bad = faults(acc, next, s.cat)
		}
		if len(bad) > 0 {
			i.out.Refused = append(i.out.Refused, bad...)
			continue
		}
		i.seen[next.ID] = acc.Line()
		stands, ok := s.cat.Customers[next.ID]
		if !ok {
			i.out.Created++
			i.out.Steps = append(i.out.Steps, ImportStep{Action: Create, ID: next.ID, Line: acc.Line()})
			put = append(put, next)
			continue
		}
		fields, err := fieldsBetween(stands, next)
		if err != nil {
			return nil, err
		}
		if len(fields) == 0 {
			i.out.Unchanged++
			continue
		}
		i.out.Changed++
		i.out.Steps = append(i.out.Steps, ImportStep{Action: Update, ID: next.ID, Line: acc.Line(), Fields: fields})
		put = append(put, next)
	}
	return put, nil
}

// next is the customer as the account leaves it: who has its external id, else who
// has its id, else a new one.
func (i *importing) next(s *snapshot, acc *registry.Account, byExternal map[string][]string) (catalog.Customer, []registry.Problem) {
	no := func(column, reason string, args ...any) (catalog.Customer, []registry.Problem) {
		return catalog.Customer{}, []registry.Problem{{Line: acc.Line(), Column: column, Reason: fmt.Sprintf(reason, args...)}}
	}
	var stands catalog.Customer
	have := byExternal[acc.External]
	switch {
	case acc.External != "" && len(have) > 1:
		slices.Sort(have)
		return no("external_id", "%s have it: take it from all but one", join(have, 3))
	case acc.External != "" && len(have) == 1:
		if stands = s.cat.Customers[have[0]]; acc.ID != "" && acc.ID != stands.ID {
			return no("id", "is %q, and the customer with this external_id is %q", acc.ID, stands.ID)
		}
	case acc.ID != "":
		stands = s.cat.Customers[acc.ID]
		if acc.External != "" && stands.External != "" && stands.External != acc.External {
			return no("external_id", "customer %q has another", acc.ID)
		}
	}
	next, bad := acc.Onto(stands)
	if next.ID == "" {
		next.ID = acc.NewID(next.Name, func(id string) bool { return i.elsewhere(id, acc) != 0 || s.cat.Exists(catalog.KindCustomer, id) })
	}
	if line := i.elsewhere(next.ID, acc); line != 0 {
		return no("external_id", "customer %q is in line %d already", next.ID, line)
	}
	return next, bad
}

// elsewhere is another line of the file that the customer is in, 0 without one. A
// transaction that is tried again meets the lines of its first try.
func (i *importing) elsewhere(id string, acc *registry.Account) int {
	if line := i.seen[id]; line != acc.Line() {
		return line
	}
	return 0
}

// faults says what the catalogue finds wrong with a customer, and where in the file.
func faults(acc *registry.Account, next catalog.Customer, look catalog.Lookup) (out []registry.Problem) {
	var bad *fault.Error
	err := catalog.Check(next, look)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad) && len(bad.Details) > 0:
		for _, d := range bad.Details {
			line, column := acc.Where(d.Where)
			out = append(out, registry.Problem{Line: line, Column: column, Reason: d.What})
		}
		return out
	}
	return []registry.Problem{{Line: acc.Line(), Reason: err.Error()}}
}

// Table writes the customers that the filter matches as a table that Import takes;
// Limit and After do not count. Errors: fault.Refused.
func (a *Admin) Table(ctx context.Context, actor authz.Actor, f Filter) ([]byte, error) {
	if err := authz.Can(actor, authz.ReadCustomers, authz.Resource{Kind: string(catalog.KindCustomer)}); err != nil {
		return nil, err
	}
	s, err := a.committed(ctx)
	if err != nil {
		return nil, err
	}
	m := newMatcher(actor, f, s.cat)
	var all []catalog.Customer
	for _, c := range s.cat.CustomerList() {
		if m.matches(c) {
			all = append(all, c)
		}
	}
	return registry.Write(all)
}
