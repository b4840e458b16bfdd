package admin

import (
	"encoding"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// fill reads the fields of a struct by their JSON names. It is strict, and goes
// on after a problem so that one reading reports them all: unknown and repeated
// keys, and values of another type than the field's. A phone number without
// quotes is a number to YAML; taking it as text would lose its plus sign.
func (r *reader) fill(m *ast.MappingNode, to any) {
	r.object(m, reflect.ValueOf(to).Elem())
}

func (r *reader) object(m *ast.MappingNode, to reflect.Value) {
	seen := map[string]bool{}
	for _, v := range m.Values {
		name := keyName(v)
		i := fieldIndex(to.Type(), name)
		switch {
		case seen[name]:
			r.wrong(v.Key, "%q is given twice", name)
		case i < 0:
			r.wrong(v.Key, "unknown field %q", name)
		default:
			r.value(v.Value, name, to.Field(i))
		}
		seen[name] = true
	}
}

func fieldIndex(t reflect.Type, name string) int {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name && name != "" {
			return i
		}
	}
	return -1
}

func (r *reader) value(n ast.Node, name string, to reflect.Value) {
	switch n.(type) {
	case *ast.NullNode: // the same as leaving the field out
		return
	case nil:
		return
	}
	if t, ok := to.Addr().Interface().(encoding.TextUnmarshaler); ok {
		r.text(n, name, func(s string) error { return t.UnmarshalText([]byte(s)) })
		return
	}
	switch to.Kind() {
	case reflect.String:
		r.text(n, name, func(s string) error { to.SetString(s); return nil })
	case reflect.Bool:
		if b, ok := n.(*ast.BoolNode); ok {
			to.SetBool(b.Value)
		} else {
			r.wrong(n, "%s: want true or false", name)
		}
	case reflect.Int, reflect.Int64:
		if i, ok := whole(n); ok && !to.OverflowInt(i) {
			to.SetInt(i)
		} else {
			r.wrong(n, "%s: want a whole number", name)
		}
	case reflect.Float64:
		if f, ok := number(n); ok {
			to.SetFloat(f)
		} else {
			r.wrong(n, "%s: want a number", name)
		}
	case reflect.Pointer:
		v := reflect.New(to.Type().Elem())
		r.value(n, name, v.Elem())
		to.Set(v)
	case reflect.Slice:
		r.list(n, name, to)
	case reflect.Struct:
		if m := mapping(n); m != nil {
			r.object(m, to)
		} else {
			r.wrong(n, "%s: want a mapping", name)
		}
	default:
		r.wrong(n, "%s: cannot be declared", name)
	}
}

func (r *reader) text(n ast.Node, name string, set func(string) error) {
	var s string
	switch v := n.(type) {
	case *ast.StringNode:
		s = v.Value
	case *ast.LiteralNode:
		s = v.Value.Value
	default:
		r.wrong(n, "%s: want text; put it in quotes", name)
		return
	}
	if err := set(s); err != nil {
		r.wrong(n, "%s: %v", name, err)
	}
}

func (r *reader) list(n ast.Node, name string, to reflect.Value) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		r.wrong(n, "%s: want a list", name)
		return
	}
	out := reflect.MakeSlice(to.Type(), len(s.Values), len(s.Values))
	for i, item := range s.Values {
		if _, null := item.(*ast.NullNode); null {
			r.wrong(item, "%s: entry %d is empty", name, i+1)
			continue
		}
		r.value(item, name, out.Index(i))
	}
	to.Set(out)
}

func whole(n ast.Node) (int64, bool) {
	i, ok := n.(*ast.IntegerNode)
	if !ok {
		return 0, false
	}
	switch v := i.Value.(type) {
	case int64:
		return v, true
	case uint64:
		return int64(v), v <= math.MaxInt64
	}
	return 0, false
}

func number(n ast.Node) (float64, bool) {
	if f, ok := n.(*ast.FloatNode); ok {
		return f.Value, true
	}
	i, ok := whole(n)
	return float64(i), ok
}

// mapping returns a node as a mapping; one with a single key is another type.
func mapping(n ast.Node) *ast.MappingNode {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v
	case *ast.MappingValueNode:
		return ast.Mapping(v.Start, false, v)
	}
	return nil
}

// keyName is the key's text; one that is not text has none.
func keyName(v *ast.MappingValueNode) string {
	if s, ok := v.Key.(*ast.StringNode); ok {
		return s.Value
	}
	return ""
}

func valueOf(m *ast.MappingNode, key string) ast.Node {
	if i := slices.IndexFunc(m.Values, func(v *ast.MappingValueNode) bool { return keyName(v) == key }); i >= 0 {
		return m.Values[i].Value
	}
	return nil
}

// nodeAt follows a JSON pointer as far as the document goes.
func nodeAt(m *ast.MappingNode, pointer string) ast.Node {
	var n ast.Node = m
	for _, part := range strings.Split(strings.TrimPrefix(pointer, "/"), "/") {
		var next ast.Node
		if m := mapping(n); m != nil {
			next = valueOf(m, part)
		} else if s, ok := n.(*ast.SequenceNode); ok {
			if i, err := strconv.Atoi(part); err == nil && i >= 0 && i < len(s.Values) {
				next = s.Values[i]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// placeOf is where the node begins; never nil.
func placeOf(n ast.Node) *token.Position {
	var tk *token.Token
	switch v := n.(type) {
	case nil:
	case *ast.MappingValueNode: // its own token is the colon
		return placeOf(v.Key)
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return placeOf(v.Values[0].Key)
		}
		tk = v.GetToken()
	default:
		tk = n.GetToken()
	}
	if tk == nil || tk.Position == nil {
		return &token.Position{Line: 1, Column: 1}
	}
	return tk.Position
}
