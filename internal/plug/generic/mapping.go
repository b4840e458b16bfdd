package generic

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"allclear/internal/base/fault"
)

// A mapping is a JSON object of expressions (expr-lang.org) by field. Every
// field may be absent.
var fields = []string{
	"items",      // the list of events in the payload; each is seen as item by the rest
	"when",       // whether the event is one at all
	"action",     // trigger, acknowledge or resolve, or a word for one
	"summary",    // one line
	"severity",   // critical, error, warning or info, or a word for one
	"dedup_key",  // what identifies the problem
	"source",     // the host or system that has it
	"component",  // the part of it
	"group",      // what it belongs to
	"class",      // the sort of problem
	"link",       // where to read more
	"started_at", // ISO 8601 or seconds since 1970
	"details",    // what to keep; the event itself when absent
}

const (
	maxMapping = 16 << 10 // bytes
	maxSource  = 1000     // bytes of one expression
	maxNodes   = 100      // nodes of one expression
	maxText    = 4 << 10  // bytes of a text that an expression sees
	maxMemory  = 100_000  // elements that one evaluation may make
	maxWork    = 200 << 20
)

// program is a compiled mapping.
type program struct {
	by map[string]*formula
}

type formula struct {
	prog *vm.Program
	cost cost
}

// compile reads a mapping. It answers fault.Invalid with a detail per field.
func compile(mapping string) (*program, error) {
	bad := fault.New(fault.Invalid, "the mapping cannot be used")
	if len(mapping) > maxMapping {
		return nil, bad.With("", "is too long")
	}
	texts, err := mappingTexts(mapping)
	if err != nil {
		return nil, bad.With("", err.Error())
	}
	p := &program{by: map[string]*formula{}}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		src := strings.TrimSpace(texts[name])
		switch {
		case !slices.Contains(fields, name):
			bad = bad.With("/"+name, "is not a field of a mapping: there are "+strings.Join(fields, ", "))
			continue
		case src == "":
			continue
		}
		f, err := compileOne(src)
		if err != nil {
			bad = bad.With("/"+name, err.Error())
			continue
		}
		p.by[name] = f
	}
	if len(bad.Details) > 0 {
		return nil, bad
	}
	return p, nil
}

func mappingTexts(mapping string) (map[string]string, error) {
	var texts map[string]string
	d := json.NewDecoder(bytes.NewReader([]byte(mapping)))
	if err := d.Decode(&texts); err != nil || texts == nil {
		return nil, errors.New("must be a JSON object of expressions, such as {\"summary\": \"body.title\"}")
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("has something after the object")
	}
	return texts, nil
}

// environment is all that an expression can name.
func environment() types.Map {
	return types.Map{"body": types.Any, "item": types.Any, "index": types.Int, "header": types.Map{types.Extra: types.Any}, "query": types.Map{types.Extra: types.Any}}
}

func compileOne(src string) (f *formula, err error) {
	defer func() { // the compiler is not ours
		if recover() != nil {
			f, err = nil, errors.New("cannot be compiled")
		}
	}()
	if len(src) > maxSource {
		return nil, errors.New("is too long")
	}
	f = &formula{}
	g := &rules{cost: &f.cost}
	opts := []expr.Option{expr.Env(environment()), expr.MaxNodes(maxNodes), expr.Optimize(false), expr.Patch(g), expr.DisableAllBuiltins()}
	for _, b := range builtins {
		opts = append(opts, expr.EnableBuiltin(b))
	}
	f.prog, err = expr.Compile(src, opts...)
	if g.err != nil {
		return nil, g.err
	}
	if err != nil {
		first, _, _ := strings.Cut(err.Error(), "\n")
		return nil, errors.New(first)
	}
	return f, nil
}
