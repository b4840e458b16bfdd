// Package archtest holds the house to its rules: who may import whom, what pure
// code may touch, how large things grow, which dependencies have a reason. Its
// tests read source text only. It must not be imported by the product, and it
// must not mend what it finds.
package archtest

//go:generate go run ./conformance -root ../..

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Module is the import path prefix of everything written here.
const Module = "allclear"

// File is one Go source file as the rules see it.
type File struct {
	Path      string // slash separated, relative to the repository
	Dir       string // folder of Path
	Test      bool   // name ends in _test.go
	Generated bool   // carries the standard "Code generated" header
	Lines     int
	Imports   []string
	AST       *ast.File
	Fset      *token.FileSet
}

// Pos writes where a node stands, as path:line.
func (f *File) Pos(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.Path, f.Fset.Position(n.Pos()).Line)
}

// skipped are folders that hold no source of ours.
var skipped = []string{".git", "node_modules", "bin", "data", "dist", "tools"}

// Walk calls visit for every file below root that is ours, slash separated and
// relative to root.
func Walk(root string, visit func(rel string) error) error {
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if path != root && slices.Contains(skipped, d.Name()) {
				return filepath.SkipDir
			}
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		return visit(filepath.ToSlash(rel))
	})
}

// Load parses every Go file below root, comments included.
func Load(root string) ([]*File, error) {
	var files []*File
	err := Walk(root, func(rel string) error {
		if !strings.HasSuffix(rel, ".go") || strings.Contains(rel, "/testdata/") {
			return nil
		}
		f, err := parse(root, rel)
		if err != nil {
			return fmt.Errorf("parse %s: %w", rel, err)
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

func parse(root, rel string) (*File, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(rel)))
	if err != nil {
		return nil, err
	}
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	dir := "."
	if i := strings.LastIndexByte(rel, '/'); i >= 0 {
		dir = rel[:i]
	}
	f := &File{
		Path: rel, Dir: dir, AST: tree, Fset: fset,
		Test:      strings.HasSuffix(rel, "_test.go"),
		Generated: ast.IsGenerated(tree),
		Lines:     strings.Count(string(text), "\n"),
	}
	for _, s := range tree.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			return nil, err
		}
		f.Imports = append(f.Imports, p)
	}
	return f, nil
}

// Calls visits every use of pkg.Name in a file, for a package imported by path
// under whatever name the file gives it.
func (f *File) Calls(path string, visit func(sel *ast.SelectorExpr)) {
	local := f.localName(path)
	if local == "" {
		return
	}
	ast.Inspect(f.AST, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if id, ok := sel.X.(*ast.Ident); ok && id.Name == local {
			visit(sel)
		}
		return true
	})
}

func (f *File) localName(path string) string {
	for _, s := range f.AST.Imports {
		if p, err := strconv.Unquote(s.Path.Value); err != nil || p != path {
			continue
		}
		if s.Name != nil {
			return s.Name.Name
		}
		base := path[strings.LastIndexByte(path, '/')+1:]
		if len(base) > 1 && base[0] == 'v' && base[1] >= '0' && base[1] <= '9' {
			rest := strings.TrimSuffix(path, "/"+base)
			base = rest[strings.LastIndexByte(rest, '/')+1:]
		}
		return base
	}
	return ""
}
