package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/flow/admin"
)

// Apply sends declarative files (folders: every .yaml, .yml and .json below) to
// the server and prints the plan.
func (s *Session) Apply(ctx context.Context, paths []string, dryRun, prune bool) error {
	files, err := s.declared(paths)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "apply")
	}
	return s.apply(ctx, files, dryRun, prune)
}

func (s *Session) apply(ctx context.Context, files []admin.File, dryRun, prune bool) error {
	type file struct {
		Name string `json:"name"`
		Text string `json:"text"`
	}
	sent := make([]file, len(files))
	for i, f := range files {
		sent[i] = file(f)
	}
	doc, err := s.Server.call(ctx, http.MethodPost, apiPrefix+"/apply", nil, map[string]any{"files": sent, "dry_run": dryRun, "prune": prune})
	if err != nil {
		return err
	}
	return s.print(doc, planTable)
}

// declared reads the declarative files at and below the paths.
func (t *Terminal) declared(paths []string) ([]admin.File, error) {
	var files []admin.File
	for _, p := range paths {
		found, err := filesBelow(p)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			text, err := t.ReadFile(n)
			if err != nil {
				return nil, err
			}
			if n == "-" {
				n = "standard input"
			}
			files = append(files, admin.File{Name: n, Text: string(text)})
		}
	}
	return files, nil
}

func filesBelow(path string) ([]string, error) {
	if path == "-" {
		return []string{path}, nil
	}
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	var out []string
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && slices.Contains([]string{".yaml", ".yml", ".json"}, filepath.Ext(p)) {
			out = append(out, p)
		}
		return err
	})
	if err == nil && len(out) == 0 {
		err = fmt.Errorf("%s holds no .yaml, .yml or .json file", path)
	}
	return out, err
}

// planTable prints a plan as a person reads it: what changes, field by field,
// and how much stays.
func planTable(w io.Writer, doc []byte) error {
	var plan struct {
		DryRun    bool `json:"dry_run"`
		Created   int
		Updated   int
		Deleted   int
		Unchanged int
		Steps     []struct {
			Action, Kind, ID string
			Fields           []struct {
				Path          string
				Before, After json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(doc, &plan); err != nil {
		return fmt.Errorf("the answer is not a plan: %w", err)
	}
	var b strings.Builder
	for _, s := range plan.Steps {
		if s.Action == "unchanged" {
			continue
		}
		fmt.Fprintf(&b, "%-7s %-9s %s\n", s.Action, s.Kind, printable(s.ID))
		for _, f := range s.Fields {
			fmt.Fprintf(&b, "          %s: %s -> %s\n", printable(strings.TrimPrefix(f.Path, "/")), printable(string(f.Before)), printable(string(f.After)))
		}
	}
	would := ""
	if plan.DryRun {
		would = "would be "
	}
	fmt.Fprintf(&b, "%d %screated, %d updated, %d deleted, %d unchanged\n", plan.Created, would, plan.Updated, plan.Deleted, plan.Unchanged)
	_, err := io.WriteString(w, b.String())
	return err
}
