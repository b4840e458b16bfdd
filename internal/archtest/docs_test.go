package archtest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// row reads the first cell of a table row in docs/dependencies.md, and its reason.
var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\| (.+?) \\|$")

func reasons(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "docs/dependencies.md"))
	if err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for _, g := range row.FindAllStringSubmatch(string(text), -1) {
		if _, twice := m[g[1]]; twice {
			t.Errorf("docs/dependencies.md lists %s twice", g[1])
		}
		m[g[1]] = g[2]
	}
	if len(m) == 0 {
		t.Fatal("docs/dependencies.md has no rows")
	}
	return m
}

// Every module that our code imports has one line of reason, and every line
// names a module that is still required.
func TestGoDependenciesHaveAReason(t *testing.T) {
	why := reasons(t)
	required := goModules(t)
	for _, f := range files(t) {
		for _, imp := range f.Imports {
			first, _, _ := strings.Cut(imp, "/")
			if first == Module || !strings.Contains(first, ".") {
				continue
			}
			mod := longest(required, imp)
			switch {
			case mod == "":
				t.Errorf("%s imports %s, which no requirement of go.mod provides", f.Path, imp)
			case why[mod] == "":
				t.Errorf("%s imports %s: module %s has no reason in docs/dependencies.md", f.Path, imp, mod)
			}
		}
	}
	npm := npmPackages(t)
	for name := range why {
		_, isGo := required[name]
		_, isNPM := npm[name]
		if !isGo && !isNPM && name != "golangci-lint" {
			t.Errorf("docs/dependencies.md lists %s, which nothing requires", name)
		}
	}
}

func TestConsoleDependenciesHaveAReason(t *testing.T) {
	why := reasons(t)
	for name, version := range npmPackages(t) {
		if why[name] == "" {
			t.Errorf("web/package.json requires %s, which has no reason in docs/dependencies.md", name)
		}
		if strings.ContainsAny(version, "^~*><") || version == "latest" {
			t.Errorf("web/package.json: %s %s is not an exact version", name, version)
		}
	}
}

func goModules(t *testing.T) map[string]bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct{ Require []struct{ Path string } }
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	m := map[string]bool{}
	for _, r := range mod.Require {
		m[r.Path] = true
	}
	return m
}

func npmPackages(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "web/package.json"))
	if err != nil {
		t.Fatal(err)
	}
	var pkg struct{ Dependencies, DevDependencies map[string]string }
	if err := json.Unmarshal(text, &pkg); err != nil {
		t.Fatal(err)
	}
	m := map[string]string{}
	for k, v := range pkg.Dependencies {
		m[k] = v
	}
	for k, v := range pkg.DevDependencies {
		m[k] = v
	}
	return m
}

func longest(modules map[string]bool, imp string) string {
	best := ""
	for m := range modules {
		if (imp == m || strings.HasPrefix(imp, m+"/")) && len(m) > len(best) {
			best = m
		}
	}
	return best
}

// A path of this repository between back-quotes, and the target of a link.
var (
	pathInDoc = regexp.MustCompile("`((?:cmd|internal|web|test|procedures|docs|scripts|tools)/[A-Za-z0-9_./-]*)`")
	linkInDoc = regexp.MustCompile(`\]\(([A-Za-z0-9_./-]+)\)`)
)

// A document that names a folder nobody can find is worse than none.
func TestDocumentsNameWhatExists(t *testing.T) {
	for _, doc := range documents(t) {
		text, err := os.ReadFile(filepath.Join(root, doc))
		if err != nil {
			t.Fatal(err)
		}
		named := map[string]bool{}
		for _, g := range pathInDoc.FindAllStringSubmatch(string(text), -1) {
			named[g[1]] = true
		}
		for _, g := range linkInDoc.FindAllStringSubmatch(string(text), -1) {
			named[filepath.ToSlash(filepath.Join(filepath.Dir(doc), g[1]))] = true
		}
		for _, path := range slices.Sorted(maps.Keys(named)) {
			_, err := os.Stat(filepath.Join(root, filepath.FromSlash(path)))
			if errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s names %s, which does not exist", doc, path)
			}
		}
	}
}

func documents(t *testing.T) []string {
	t.Helper()
	docs := []string{"README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/architecture.md", "docs/invariants.md"}
	adr, err := filepath.Glob(filepath.Join(root, "docs/adr/*.md"))
	if err != nil || len(adr) == 0 {
		t.Fatalf("no decisions found: %v", err)
	}
	slices.Sort(adr)
	for _, p := range adr {
		docs = append(docs, "docs/adr/"+filepath.Base(p))
	}
	return docs
}

var invariantHead = regexp.MustCompile(`(?m)^\| (INV-[A-Z]\d+) \|`)

// invariantUse matches INV-P1 and leaves the clause group INV (INV-TRI ...) alone.
var invariantUse = regexp.MustCompile(`\bINV-[A-Z]\d+\b`)

// An invariant cited in code is defined; a typo would cite nothing.
func TestCitedInvariantsAreDefined(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root, "docs/invariants.md"))
	if err != nil {
		t.Fatal(err)
	}
	defined := map[string]bool{}
	for _, g := range invariantHead.FindAllStringSubmatch(string(text), -1) {
		defined[g[1]] = true
	}
	if len(defined) == 0 {
		t.Fatal("docs/invariants.md defines nothing")
	}
	for _, f := range files(t) {
		if under(f.Path, "internal/archtest/") {
			continue
		}
		for _, group := range f.AST.Comments {
			for _, id := range invariantUse.FindAllString(group.Text(), -1) {
				if !defined[id] {
					t.Errorf("%s cites %s, which docs/invariants.md does not define", f.Pos(group), id)
				}
			}
		}
	}
}
