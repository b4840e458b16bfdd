package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
)

// source is what the schema needs of the Go files: struct types with their
// comments, and lists of words.
type source struct {
	types map[string]*ast.StructType
	docs  map[string]string
	words map[string][]string
}

func readSource(dir string) (*source, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	s := &source{types: map[string]*ast.StructType{}, docs: map[string]string{}, words: map[string][]string{}}
	consts := map[string]string{}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ParseComments)
		if err != nil {
			return nil, fmt.Errorf("read types: %w", err)
		}
		files = append(files, f)
		s.declarations(f, consts)
	}
	for _, f := range files {
		s.lists(f, consts)
	}
	return s, nil
}

// declarations collects struct types and string constants.
func (s *source) declarations(f *ast.File, consts map[string]string) {
	for _, d := range f.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range g.Specs {
			switch x := spec.(type) {
			case *ast.TypeSpec:
				if st, ok := x.Type.(*ast.StructType); ok {
					s.types[x.Name.Name], s.docs[x.Name.Name] = st, sentence(g.Doc)
				}
			case *ast.ValueSpec:
				for i, v := range x.Values {
					if text, ok := literal(v); ok && i < len(x.Names) {
						consts[x.Names[i].Name] = text
					}
				}
			}
		}
	}
}

// lists collects variables that are lists of words.
func (s *source) lists(f *ast.File, consts map[string]string) {
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Names) != 1 || len(v.Values) != 1 {
			return true
		}
		list, ok := v.Values[0].(*ast.CompositeLit)
		if !ok {
			return true
		}
		var words []string
		for _, e := range list.Elts {
			if text, ok := word(e, consts); ok {
				words = append(words, text)
			}
		}
		if len(words) == len(list.Elts) && len(words) > 0 {
			s.words[v.Names[0].Name] = words
		}
		return true
	})
}

// word reads "text", Constant and string(Constant).
func word(e ast.Expr, consts map[string]string) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		return literal(x)
	case *ast.Ident:
		text, ok := consts[x.Name]
		return text, ok
	case *ast.CallExpr:
		if len(x.Args) == 1 {
			return word(x.Args[0], consts)
		}
	}
	return "", false
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// sentence flattens a comment.
func sentence(g *ast.CommentGroup) string {
	return strings.Join(strings.Fields(g.Text()), " ")
}

// key is the yaml key of a field; fields without one are not read from files.
func key(f *ast.Field) string {
	if f.Tag == nil {
		return ""
	}
	tag, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return ""
	}
	name, _, _ := strings.Cut(reflect.StructTag(tag).Get("yaml"), ",")
	return name
}
