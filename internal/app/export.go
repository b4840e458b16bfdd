package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
	"allclear/internal/flow/admin"
	"allclear/internal/store"
)

const (
	catalogueDir  = "catalogue"
	procedureFile = "procedure.yaml"
)

// offline is the engine on a database that a command opens beside a server, or
// without one. Nothing of it runs by itself.
func offline(db *store.DB) *Engine {
	return NewEngine(db, EngineOptions{Log: slog.New(slog.DiscardHandler)})
}

// Export writes the installation as declarative files: DIR/catalogue with a file
// for each kind, the form `apply -f` takes, and the procedure in force. Accounts,
// keys and incidents are not part of it; a backup has them.
func Export(ctx context.Context, d Database, dir string, out io.Writer) error {
	left, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || len(left) > 0 {
		return fault.New(fault.Conflict, "export: %s is no empty folder", dir)
	}
	db, err := openAsIs(ctx, d)
	if err != nil {
		return err
	}
	err = exportTo(ctx, offline(db), dir, out)
	return errors.Join(err, db.Close())
}

func exportTo(ctx context.Context, e *Engine, dir string, out io.Writer) error {
	files, err := e.Admin.Export(ctx, setup().Actor)
	if err != nil {
		return err
	}
	switch v, err := e.Procedures.Show(ctx, setup().Actor, "", clock()); {
	case err == nil:
		return writeFiles(dir, files, v.Text, out)
	case !fault.Is(err, fault.Conflict): // none is in force yet
		return err
	}
	return writeFiles(dir, files, "", out)
}

// writeFiles writes the form that import and apply take: a folder of the catalogue
// and, where there is one, the procedure beside it.
func writeFiles(dir string, catalogue []admin.File, procedure string, out io.Writer) error {
	files := make([]admin.File, 0, len(catalogue)+1)
	for _, f := range catalogue {
		files = append(files, admin.File{Name: filepath.Join(catalogueDir, f.Name), Text: f.Text})
	}
	if procedure != "" {
		files = append(files, admin.File{Name: procedureFile, Text: procedure})
	}
	if err := os.MkdirAll(filepath.Join(dir, catalogueDir), 0o700); err != nil {
		return fault.New(fault.Invalid, "export: %s", err)
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(dir, f.Name), []byte(f.Text), 0o600); err != nil {
			return fault.New(fault.Unavailable, "export: %s", err)
		}
		if _, err := fmt.Fprintln(out, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// ImportOptions say how what Export wrote is taken in.
type ImportOptions struct {
	DryRun bool // print the plan and change nothing
	Prune  bool // delete what the files do not name, of the kinds they do name
}

// Import makes an installation say what exported files say, and prints what
// that changes.
func Import(ctx context.Context, d Database, dir string, o ImportOptions, out io.Writer) error {
	files, text, err := exported(dir)
	if err != nil {
		return err
	}
	options := d.Options()
	if o.DryRun {
		options.AsIs = true
	}
	db, err := store.Open(ctx, options)
	if err != nil {
		return err
	}
	err = importInto(ctx, offline(db), files, text, o, out)
	return errors.Join(err, db.Close())
}

// exported reads a folder that Export wrote. A procedure that has errors is
// refused before anything is changed.
func exported(dir string) (files []admin.File, text []byte, err error) {
	names, err := filepath.Glob(filepath.Join(dir, catalogueDir, "*.yaml"))
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(names)
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			return nil, nil, fault.New(fault.Invalid, "import: %s", err)
		}
		files = append(files, admin.File{Name: name, Text: string(b)})
	}
	text, err = os.ReadFile(filepath.Join(dir, procedureFile))
	if errors.Is(err, fs.ErrNotExist) && len(files) > 0 {
		return files, nil, nil
	}
	if err != nil {
		return nil, nil, fault.New(fault.NotFound, "import: there is no %s and no %s in %s", catalogueDir, procedureFile, dir)
	}
	if _, findings := procedure.Check(text, procedure.Surroundings{}); procedure.Errors(findings) > 0 {
		return nil, nil, fault.New(fault.Invalid, "import: %s has errors; `allclear procedure lint` lists them", procedureFile)
	}
	return files, text, nil
}

func importInto(ctx context.Context, e *Engine, files []admin.File, text []byte, o ImportOptions, out io.Writer) error {
	now, who := clock(), setup().Actor
	plan, err := e.Admin.Apply(ctx, who, files, admin.Options{DryRun: o.DryRun, Prune: o.Prune}, now)
	if err != nil {
		return err
	}
	told, err := e.importProcedure(ctx, text, o.DryRun)
	if err != nil {
		return err
	}
	return printPlan(out, plan, "; "+told)
}

// printPlan prints what changes, field by field, and how much stays.
func printPlan(out io.Writer, plan admin.Plan, tail string) error {
	var b strings.Builder
	for _, s := range plan.Steps {
		if s.Action == admin.Unchanged {
			continue
		}
		fmt.Fprintf(&b, "%-7s %-9s %s\n", s.Action, s.Kind, s.ID)
		for _, f := range s.Fields {
			fmt.Fprintf(&b, "          %s: %s -> %s\n", strings.TrimPrefix(f.Path, "/"), f.Before, f.After)
		}
	}
	would := ""
	if plan.DryRun {
		would = "would be "
	}
	fmt.Fprintf(&b, "%d %screated, %d updated, %d deleted, %d unchanged%s\n",
		plan.Count(admin.Create), would, plan.Count(admin.Update), plan.Count(admin.Remove), plan.Count(admin.Unchanged), tail)
	_, err := io.WriteString(out, b.String())
	return err
}

// importProcedure activates a procedure that is another than the one in force.
func (e *Engine) importProcedure(ctx context.Context, text []byte, dry bool) (told string, err error) {
	if text == nil {
		return "no procedure among the files", nil
	}
	v, err := e.Procedures.Show(ctx, setup().Actor, "", clock())
	switch {
	case err != nil && !fault.Is(err, fault.Conflict):
		return "", err
	case err == nil && v.Text == string(text):
		return "the procedure is in force already", nil
	case dry:
		return "another procedure would come into force", nil
	}
	_, err = e.Procedures.Activate(ctx, setup().Actor, text, clock())
	return "the procedure is in force", err
}
