package api

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"allclear/internal/edge/api/route"
)

// shape is what the document says of a value, as far as it is checked here.
type shape struct {
	Ref        string            `json:"$ref"`
	Type       any               `json:"type"`
	Properties map[string]*shape `json:"properties"`
	Required   []string          `json:"required"`
	More       any               `json:"additionalProperties"`
	Items      *shape            `json:"items"`
	Enum       []any             `json:"enum"`
}

type documented struct {
	Paths map[string]map[string]struct {
		Responses map[string]struct {
			Content map[string]struct{ Schema *shape }
		}
	}
	Components struct{ Schemas map[string]*shape }
}

type answered struct {
	path    *regexp.Regexp
	methods map[string]map[string]*shape // method, status
}

// committed is the document, made ready for looking answers up.
var committed = sync.OnceValues(func() (*documented, []answered) {
	text, err := os.ReadFile("openapi.json")
	if err != nil {
		panic(err)
	}
	var d documented
	if err := json.Unmarshal(text, &d); err != nil {
		panic(err)
	}
	var all []answered
	hole := regexp.MustCompile(`\\\{\w+\\\}`)
	// A path that is written out comes before one with a hole in its place.
	for _, p := range slices.SortedFunc(maps.Keys(d.Paths), func(a, b string) int {
		return strings.Compare(strings.ReplaceAll(a, "{", "~"), strings.ReplaceAll(b, "{", "~"))
	}) {
		a := answered{regexp.MustCompile("^" + hole.ReplaceAllString(regexp.QuoteMeta(p), "[^/]+") + "$"), map[string]map[string]*shape{}}
		for method, op := range d.Paths[p] {
			a.methods[strings.ToUpper(method)] = map[string]*shape{}
			for status, res := range op.Responses {
				a.methods[strings.ToUpper(method)][status] = res.Content["application/json"].Schema
			}
		}
		all = append(all, a)
	}
	return &d, all
})

// asDocumented fails the test where an answer is not what the document says:
// clients are made from it. Every answer that a test of this package gets is
// looked at.
func asDocumented(t *testing.T, method, path string, status int, body []byte) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	if status >= http.StatusMultipleChoices || len(body) == 0 || !strings.HasPrefix(path, route.Prefix+"/") {
		return
	}
	d, all := committed()
	for _, a := range all {
		if !a.path.MatchString(path) {
			continue
		}
		s, ok := a.methods[method][fmt.Sprint(status)]
		var v any
		switch {
		case !ok && a.methods[method] != nil:
			t.Errorf("%s %s answers %d, which is not documented", method, path, status)
		case s != nil && json.Unmarshal(body, &v) == nil:
			for _, wrong := range d.differ(s, v, "") {
				t.Errorf("%s %s: %s", method, path, wrong)
			}
		}
		return
	}
}

// differ names the places where v is not of s.
func (d *documented) differ(s *shape, v any, at string) (wrong []string) {
	if s == nil {
		return nil
	}
	if s.Ref != "" {
		return d.differ(d.Components.Schemas[strings.TrimPrefix(s.Ref, "#/components/schemas/")], v, at)
	}
	if kind := kindOf(v); s.Type != nil && !takes(s.Type, kind) {
		return []string{fmt.Sprintf("%s is of type %s and not %v", at, kind, s.Type)}
	}
	if v != nil && len(s.Enum) > 0 && !slices.Contains(s.Enum, v) {
		return []string{fmt.Sprintf("%s is %v, which is none of %v", at, v, s.Enum)}
	}
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			wrong = append(wrong, d.differ(s.Items, item, fmt.Sprintf("%s/%d", at, i))...)
		}
	case map[string]any:
		for _, name := range s.Required {
			if _, ok := v[name]; !ok {
				wrong = append(wrong, at+"/"+name+" is missing")
			}
		}
		for name, item := range v {
			below := s.Properties[name]
			if below == nil && s.More == false {
				wrong = append(wrong, at+"/"+name+" is not documented")
			}
			wrong = append(wrong, d.differ(below, item, at+"/"+name)...)
		}
	}
	return wrong
}

// takes reports whether a value of the kind may stand where the type is asked
// for, which is a name or a list of names.
func takes(typ any, kind string) bool {
	if list, ok := typ.([]any); ok {
		return slices.ContainsFunc(list, func(one any) bool { return takes(one, kind) })
	}
	return typ == kind || typ == "integer" && kind == "number"
}

func kindOf(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	}
	return "object"
}
