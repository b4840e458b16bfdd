package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// scanGo reads one Go test file: comments, sub-test names and the name column
// of test tables cite. Other strings do not: an expected output that happens to
// hold an ID is no claim to prove it.
func scanGo(found proofs, known index, rel, text string) error {
	fset := token.NewFileSet()
	tree, err := parser.ParseFile(fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	cite := func(at token.Pos, text, test string) error {
		ids, err := known.cited(text)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", rel, fset.Position(at).Line, err)
		}
		found.add(ids, test, rel)
		return nil
	}
	for _, group := range tree.Comments {
		if err := cite(group.Pos(), group.Text(), enclosing(tree, group)); err != nil {
			return err
		}
	}
	var failed error
	for _, d := range tree.Decls {
		fn, ok := d.(*ast.FuncDecl)
		ast.Inspect(d, func(n ast.Node) bool {
			name, lit := titled(n)
			if lit == nil || failed != nil {
				return failed == nil
			}
			test := ""
			if ok {
				test = fn.Name.Name
			}
			if name != "" && test != "" {
				test += "/" + name
			}
			failed = cite(lit.Pos(), name, test)
			return true
		})
	}
	return failed
}

// titled returns the text of a sub-test's name: t.Run("...") or a table's
// name: "..." column.
func titled(n ast.Node) (string, *ast.BasicLit) {
	var lit *ast.BasicLit
	switch n := n.(type) {
	case *ast.CallExpr:
		sel, ok := n.Fun.(*ast.SelectorExpr)
		if ok && sel.Sel.Name == "Run" && len(n.Args) == 2 {
			lit, _ = n.Args[0].(*ast.BasicLit)
		}
	case *ast.KeyValueExpr:
		if key, ok := n.Key.(*ast.Ident); ok && strings.EqualFold(key.Name, "name") {
			lit, _ = n.Value.(*ast.BasicLit)
		}
	}
	if lit == nil || lit.Kind != token.STRING {
		return "", nil
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil {
		return "", nil
	}
	return text, lit
}

// enclosing names the function a comment belongs to: the one it stands in or
// documents, else the next declared function, else none (the file's head).
func enclosing(tree *ast.File, group *ast.CommentGroup) string {
	if group.End() < tree.Name.Pos() {
		return ""
	}
	for _, d := range tree.Decls {
		fn, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		from := fn.Pos()
		if fn.Doc != nil {
			from = fn.Doc.Pos()
		}
		if group.Pos() <= fn.End() {
			if group.Pos() < from && belongsToOther(tree, group) {
				return ""
			}
			return fn.Name.Name
		}
	}
	return ""
}

// belongsToOther tells whether a comment documents or stands inside a
// declaration that is not a function, such as a table of cases.
func belongsToOther(tree *ast.File, group *ast.CommentGroup) bool {
	for _, d := range tree.Decls {
		gen, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		from := gen.Pos()
		if gen.Doc != nil {
			from = gen.Doc.Pos()
		}
		if from <= group.Pos() && group.Pos() <= gen.End() {
			return true
		}
	}
	return false
}
