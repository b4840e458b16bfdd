// Package change owns the comparison of two procedures: what differs, and what
// that means for people. It must not read files or judge what is better.
package change

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"allclear/internal/domain/procedure"
)

// Change is one difference between two procedures. Old or New is empty for what
// was added or removed.
type Change struct {
	Path    string `json:"path"`
	Old     string `json:"old,omitempty"`
	New     string `json:"new,omitempty"`
	Meaning string `json:"meaning"` // for people
}

func (c Change) String() string {
	switch {
	case c.Old == "":
		return fmt.Sprintf("+ %s: %s\n    %s", c.Path, c.New, c.Meaning)
	case c.New == "":
		return fmt.Sprintf("- %s: %s\n    %s", c.Path, c.Old, c.Meaning)
	}
	return fmt.Sprintf("~ %s: %s -> %s\n    %s", c.Path, c.Old, c.New, c.Meaning)
}

// Diff compares two procedure files by what they say: order, comments and
// layout do not count. Clocks, rules, roles, figures and scenarios are matched
// by their ids, levels by number, steps by position.
func Diff(before, after []byte) ([]Change, error) {
	a, err := procedure.Parse(before)
	if err != nil {
		return nil, fmt.Errorf("read the old procedure: %w", err)
	}
	b, err := procedure.Parse(after)
	if err != nil {
		return nil, fmt.Errorf("read the new procedure: %w", err)
	}
	return Compare(a, b), nil
}

// Compare is Diff for procedures that have been read.
func Compare(a, b *procedure.Procedure) []Change {
	var x, y outline
	x.add("", reflect.ValueOf(a).Elem())
	y.add("", reflect.ValueOf(b).Elem())
	var out []Change
	for _, path := range merged(x.order, y.order) {
		old, was := x.values[path]
		now, is := y.values[path]
		if was == is && old == now || hidden(path, x.whole, y.whole) {
			continue
		}
		out = append(out, Change{Path: path, Old: show(old, was), New: show(now, is), Meaning: meaning(path, a, b)})
	}
	return out
}

func show(v string, there bool) string {
	if there && v == "" {
		return "(empty)"
	}
	return v
}

// outline is a procedure as a list of paths with one value each. A thing with
// an id has a value of its own, its description, and then those of its parts.
type outline struct {
	order  []string
	values map[string]string
	whole  map[string]bool // things with an id
}

func below(path, key string) string { return strings.TrimPrefix(path+"."+key, ".") }

func (o *outline) put(path, value string) {
	if o.values == nil {
		o.values, o.whole = map[string]string{}, map[string]bool{}
	}
	if _, twice := o.values[path]; !twice {
		o.order = append(o.order, path)
	}
	o.values[path] = value
}

func (o *outline) add(path string, v reflect.Value) {
	if s, ok := plainText(v); ok {
		if s != "" {
			o.put(path, s)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			o.add(path, v.Elem())
		}
	case reflect.Struct:
		names := procedure.Keys(v.Type())
		for i := range v.NumField() {
			if names[i] != "" {
				o.add(below(path, names[i]), v.Field(i))
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			o.add(below(path, k.String()), v.MapIndex(k))
		}
	case reflect.Slice:
		for i := range v.Len() {
			o.item(path, i, v.Index(i))
		}
	default:
	}
}

// item adds one element of a list of structs under its id.
func (o *outline) item(path string, i int, v reflect.Value) {
	key, about := strconv.Itoa(i+1), ""
	switch t := v.Interface().(type) {
	case procedure.Rule:
		key, about = t.ID, t.Describe()
	case procedure.Clock:
		key, about = t.ID, t.Name
	case procedure.KPI:
		key, about = t.ID, t.Name
	case procedure.Role:
		key, about = t.ID, t.Title
	case procedure.Scenario:
		key, about = t.ID, t.Text
	case procedure.Level:
		key, about = strconv.Itoa(t.Level), t.Name
	case procedure.Step:
		about = t.Describe()
	}
	here := path + "[" + key + "]"
	o.put(here, about)
	o.whole[here] = true
	o.add(here, v)
}

// plainText writes values that are compared as one: text, numbers, spans, and
// lists of them.
func plainText(v reflect.Value) (string, bool) {
	switch t := v.Interface().(type) {
	case fmt.Stringer:
		if v.Kind() != reflect.Pointer {
			if v.IsZero() {
				return "", true
			}
			return t.String(), true
		}
	case *float64:
		if t == nil {
			return "", true
		}
		return fmt.Sprintf("%g", *t), true
	}
	switch v.Kind() {
	case reflect.String:
		return v.String(), true
	case reflect.Int, reflect.Float64, reflect.Bool:
		if v.IsZero() {
			return "", true
		}
		return fmt.Sprint(v.Interface()), true
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			s, ok := plainText(v.Index(i))
			if !ok {
				return "", false
			}
			parts[i] = s
		}
		if len(parts) == 0 {
			return "", true
		}
		return "[" + strings.Join(parts, ", ") + "]", true
	default:
		return "", false
	}
}

// hidden reports whether the path lies in a thing that exists on one side only
// (told once, as a whole), or is the description of one that exists on both.
func hidden(path string, x, y map[string]bool) bool {
	if x[path] && y[path] {
		return true
	}
	for i := strings.LastIndexAny(path, ".["); i > 0; i = strings.LastIndexAny(path[:i], ".[") {
		if p := path[:i]; x[p] != y[p] {
			return true
		}
	}
	return false
}

// merged lists the paths of both sides, in the order of the new one, with what
// was removed at the end.
func merged(old, now []string) []string {
	seen := make(map[string]bool, len(now))
	for _, p := range now {
		seen[p] = true
	}
	out := slices.Clone(now)
	for _, p := range old {
		if !seen[p] {
			out = append(out, p)
		}
	}
	return out
}
