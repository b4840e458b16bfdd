package admin

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"allclear/internal/domain/catalog"
)

// Field is one difference between two documents: what stood and what is to
// stand at a JSON pointer. Null means absent.
type Field struct {
	Path   string          `json:"path" doc:"JSON pointer"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

// fieldsBetween compares two entities as they are kept; nil stands for none.
func fieldsBetween(before, after catalog.Entity) ([]Field, error) {
	a, err := tree(before)
	if err != nil {
		return nil, err
	}
	b, err := tree(after)
	if err != nil {
		return nil, err
	}
	return compare(nil, "", a, b), nil
}

func tree(e catalog.Entity) (any, error) {
	if e == nil {
		return nil, nil
	}
	doc, err := catalog.Encode(e)
	if err != nil {
		return nil, fmt.Errorf("compare %s %s: %w", e.Kind(), e.Key(), err)
	}
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber() // a number of 17 digits is not the one beside it
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("compare %s %s: %w", e.Kind(), e.Key(), err)
	}
	return v, nil
}

// compare lists the differences below a path. An empty list and an absent one
// say the same. Members of a list are compared by place.
func compare(out []Field, path string, a, b any) []Field {
	if empty(a) && empty(b) {
		return out
	}
	am, aok := a.(map[string]any)
	bm, bok := b.(map[string]any)
	if aok && bok {
		keys := maps.Clone(am)
		maps.Copy(keys, bm)
		for _, k := range slices.Sorted(maps.Keys(keys)) {
			out = compare(out, path+"/"+k, am[k], bm[k])
		}
		return out
	}
	al, aok := a.([]any)
	bl, bok := b.([]any)
	if aok && bok {
		for i := range max(len(al), len(bl)) {
			out = compare(out, fmt.Sprintf("%s/%d", path, i), at(al, i), at(bl, i))
		}
		return out
	}
	if a == b { // not two maps nor two lists here, so they can be compared
		return out
	}
	return append(out, Field{Path: path, Before: raw(a), After: raw(b)})
}

func empty(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	}
	return false
}

func at(list []any, i int) any {
	if i < len(list) {
		return list[i]
	}
	return nil
}

func raw(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil { // it came out of JSON
		return json.RawMessage("null")
	}
	return text
}

func paths(fields []Field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = strings.TrimPrefix(f.Path, "/")
	}
	return out
}

// join writes a list, shortened after n entries.
func join(words []string, n int) string {
	if len(words) > n {
		return strings.Join(words[:n], ", ") + fmt.Sprintf(" and %d more", len(words)-n)
	}
	return strings.Join(words, ", ")
}
