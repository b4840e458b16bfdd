package procedure

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// decoder fills the types of this package from a YAML tree and remembers where
// every value stands. It is ours because the library's decoder goes through all
// tokens of the file for each span and severity: half a second for a procedure.
type decoder struct {
	places   map[string]Place
	problems []problem
}

func (d *decoder) fail(n ast.Node, path, format string, args ...any) {
	if len(d.problems) < maxProblems {
		d.problems = append(d.problems, problem{at: placeOf(n), path: path, what: fmt.Sprintf(format, args...)})
	}
}

// value decodes n into v, which is settable. Paths are written as in
// rules[3].notice.text.
func (d *decoder) value(n ast.Node, v reflect.Value, path string) {
	if n == nil || n.Type() == ast.NullType {
		return
	}
	if _, known := d.places[path]; !known {
		d.places[path] = placeOf(n)
	}
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		d.text(n, u, path)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.value(n, v.Elem(), path)
	case reflect.Struct:
		d.record(n, v, path)
	case reflect.Map:
		d.table(n, v, path)
	case reflect.Slice:
		d.list(n, v, path)
	default:
		d.plain(n, v, path)
	}
}

func (d *decoder) text(n ast.Node, u encoding.TextUnmarshaler, path string) {
	s, ok := scalar(n)
	if !ok {
		d.fail(n, path, "want one value here, not a list or a table")
		return
	}
	if err := u.UnmarshalText([]byte(s)); err != nil {
		d.fail(n, path, "%s", err)
	}
}

func (d *decoder) plain(n ast.Node, v reflect.Value, path string) {
	s, ok := scalar(n)
	if !ok {
		d.fail(n, path, "want one value here, not a list or a table")
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(s)
	case reflect.Bool:
		b, err := strconv.ParseBool(s)
		if err != nil {
			d.fail(n, path, "%q: want true or false", s)
		}
		v.SetBool(b)
	case reflect.Int:
		i, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			d.fail(n, path, "%q: want a whole number", s)
		}
		v.SetInt(i)
	case reflect.Float64:
		f, err := strconv.ParseFloat(s, 64)
		if err != nil || f != f || f-f != 0 {
			d.fail(n, path, "%q: want a number", s)
			return
		}
		v.SetFloat(f)
	default:
		d.fail(n, path, "cannot be read from a file")
	}
}

func (d *decoder) record(n ast.Node, v reflect.Value, path string) {
	ps, ok := pairs(n)
	if !ok {
		d.fail(n, path, "want a table of keys here")
		return
	}
	names := Keys(v.Type())
	d.each(ps, path, func(key, below string, p *ast.MappingValueNode) {
		i := slices.Index(names, key)
		if i < 0 {
			d.fail(p.Key, below, "unknown key %q%s", key, suggestion(key, names))
			return
		}
		d.value(p.Value, v.Field(i), below)
	})
}

// Keys lists the keys of a struct in the order of its fields; a field that is
// not read from files has an empty one.
func Keys(t reflect.Type) []string {
	names := make([]string, t.NumField())
	for i := range names {
		if f := t.Field(i); f.IsExported() {
			names[i], _, _ = strings.Cut(f.Tag.Get("yaml"), ",")
		}
	}
	return names
}

func (d *decoder) table(n ast.Node, v reflect.Value, path string) {
	ps, ok := pairs(n)
	if !ok {
		d.fail(n, path, "want a table of keys here")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(ps)))
	d.each(ps, path, func(key, below string, p *ast.MappingValueNode) {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(p.Value, item, below)
		v.SetMapIndex(reflect.ValueOf(key), item)
	})
}

// each goes through the entries of a mapping, refusing a key that stands twice.
// A container's place is its key, a value's place the value.
func (d *decoder) each(ps []*ast.MappingValueNode, path string, do func(key, below string, p *ast.MappingValueNode)) {
	seen := make(map[string]bool, len(ps))
	for _, p := range ps {
		key := p.Key.GetToken().Value
		below := join(path, key)
		if key == "" || seen[key] {
			d.fail(p.Key, below, "key %q stands twice", key)
			continue
		}
		seen[key] = true
		if _, plain := scalar(p.Value); !plain {
			d.places[below] = placeIn(p.Key.GetToken())
		}
		do(key, below, p)
	}
}

func (d *decoder) list(n ast.Node, v reflect.Value, path string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.fail(n, path, "want a list here")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		d.value(item, v.Index(i), path+"["+strconv.Itoa(i)+"]")
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// suggestion names the known word that is nearest to a misspelt one.
func suggestion(word string, known []string) string {
	best, near := 3, ""
	for _, k := range known {
		if k == "" {
			continue
		}
		if n := distance(word, k); n < best && n < len(k) {
			best, near = n, k
		}
	}
	if near == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", near)
}

// distance counts the edits between two words (Levenshtein); long words are far
// from everything.
func distance(a, b string) int {
	const long = 60
	if len(a) > long || len(b) > long {
		return long
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			corner, row[j+1] = row[j+1], min(row[j+1]+1, row[j]+1, corner+cost)
		}
	}
	return row[len(b)]
}
