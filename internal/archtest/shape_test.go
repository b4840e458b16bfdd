package archtest

import (
	"bufio"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	maxFileLines    = 600  // a hand-written file, tests included
	maxPackageLines = 4000 // a package without its tests
	maxMainLines    = 150
)

func TestFilesStaySmall(t *testing.T) {
	for _, f := range files(t) {
		limit := maxFileLines
		if f.Path == "cmd/allclear/main.go" {
			limit = maxMainLines
		}
		if !f.Generated && f.Lines > limit {
			t.Errorf("%s has %d lines, the limit is %d: split it by what it holds", f.Path, f.Lines, limit)
		}
	}
	err := Walk(root, func(rel string) error {
		if !script(rel) {
			return nil
		}
		n, err := countLines(filepath.Join(root, rel))
		if err == nil && n > maxFileLines {
			t.Errorf("%s has %d lines, the limit is %d", rel, n, maxFileLines)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// script tells whether a file is hand-written TypeScript or CSS.
func script(rel string) bool {
	if strings.Contains(rel, ".gen.") || strings.HasSuffix(rel, ".d.ts") {
		return false
	}
	return slices.Contains([]string{".ts", ".tsx", ".css", ".mjs"}, filepath.Ext(rel))
}

func countLines(path string) (int, error) {
	f, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	n := 0
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		n++
	}
	return n, s.Err()
}

func TestPackagesStaySmall(t *testing.T) {
	lines := map[string]int{}
	for _, f := range files(t) {
		if !f.Test && !f.Generated {
			lines[f.Dir] += f.Lines
		}
	}
	for dir, n := range lines {
		if n > maxPackageLines {
			t.Errorf("%s has %d lines without tests, the limit is %d: split by resource or family", dir, n, maxPackageLines)
		}
	}
}

// Every package says what it owns and, below the command, what it must not do.
func TestPackagesIntroduceThemselves(t *testing.T) {
	doc := map[string]string{}
	for _, f := range files(t) {
		if f.Test && !under(f.Path, "test/") {
			continue
		}
		if _, seen := doc[f.Dir]; !seen {
			doc[f.Dir] = ""
		}
		if f.AST.Doc != nil {
			doc[f.Dir] += f.AST.Doc.Text()
		}
	}
	for dir, text := range doc {
		switch {
		case text == "":
			t.Errorf("%s has no package comment", dir)
		case under(dir, "internal/") && !saysLimit(text):
			t.Errorf("the package comment of %s does not say what the package must not do", dir)
		}
	}
}

func saysLimit(text string) bool {
	flat := strings.ToLower(strings.Join(strings.Fields(text), " "))
	for _, w := range []string{"must not", "must never", "never", "does not", "knows no"} {
		if strings.Contains(flat, w) {
			return true
		}
	}
	return false
}

var forbiddenFolders = []string{
	"pkg", "util", "utils", "common", "helper", "helpers", "model", "models",
	"service", "services", "manager", "managers", "misc", "shared", "lib", "types",
}

func TestFolderNames(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range files(t) {
		if seen[f.Dir] {
			continue
		}
		seen[f.Dir] = true
		for _, part := range strings.Split(f.Dir, "/") {
			if slices.Contains(forbiddenFolders, part) {
				t.Errorf("%s: a folder is named for its job, not %q", f.Dir, part)
			}
		}
		name := f.AST.Name.Name
		if strings.ContainsAny(name, "_") && !f.Test || name != strings.ToLower(name) {
			t.Errorf("%s: package %s is not one lowercase word", f.Dir, name)
		}
	}
}

func TestNoInit(t *testing.T) {
	for _, f := range files(t) {
		if f.Generated {
			continue
		}
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv == nil && fn.Name.Name == "init" {
				t.Errorf("%s: no init(): wiring is in internal/app", f.Pos(fn))
			}
		}
	}
}
