package generic

import (
	"errors"
	"fmt"
	"slices"

	"github.com/expr-lang/expr/ast"
)

// builtins are the functions a mapping may call: those whose result is not
// larger than what they are given. Left out on purpose: now (a mapping has no
// clock), repeat, replace and toJSON (they multiply), reduce, sort and groupBy.
var builtins = []string{
	"all", "any", "none", "one", "filter", "map", "find", "count",
	"len", "type", "int", "float", "string", "abs", "ceil", "floor", "round",
	"trim", "trimPrefix", "trimSuffix", "upper", "lower", "split", "join", "indexOf", "lastIndexOf", "hasPrefix", "hasSuffix",
	"first", "last", "get", "keys", "values",
}

// cost is how the work of one evaluation grows: flat with the longest text it
// can see, deep with the whole payload.
type cost struct{ flat, deep int }

const (
	regexWeight = 20
	maxPattern  = 200 // bytes of a regular expression
	maxGlue     = 8   // bytes between joined texts
)

// rules refuses what could cost more than the cost it counts. The virtual
// machine bounds neither time nor the length of texts, so the language is
// narrowed instead: no variables and no ranges, no loop in a loop, and a loop
// sees its element only.
type rules struct {
	cost         *cost
	joins, split int
	err          error
}

// Visit implements ast.Visitor; children come before their parents.
func (r *rules) Visit(node *ast.Node) {
	if r.err != nil {
		return
	}
	r.cost.flat++
	switch n := (*node).(type) {
	case *ast.VariableDeclaratorNode:
		r.err = errors.New("let is not part of a mapping")
	case *ast.CallNode:
		r.err = fmt.Errorf("%s is not a function of a mapping", n.Callee.String())
	case *ast.BinaryNode:
		r.binary(n)
	case *ast.BuiltinNode:
		r.builtin(n)
	}
}

func (r *rules) binary(n *ast.BinaryNode) {
	switch n.Operator {
	case "..":
		r.err = errors.New("a range is not part of a mapping")
	case "matches":
		pattern, ok := n.Right.(*ast.StringNode)
		if !ok || len(pattern.Value) > maxPattern {
			r.err = fmt.Errorf("matches needs a pattern in quotes of at most %d bytes", maxPattern)
			return
		}
		r.cost.flat += regexWeight
	}
}

func (r *rules) builtin(n *ast.BuiltinNode) {
	if !slices.Contains(builtins, n.Name) {
		r.err = fmt.Errorf("%s is not a function of a mapping", n.Name)
		return
	}
	switch n.Name {
	case "join":
		r.joins++
		if len(n.Arguments) > 1 {
			glue, ok := n.Arguments[1].(*ast.StringNode)
			if !ok || len(glue.Value) > maxGlue {
				r.err = fmt.Errorf("join needs a glue in quotes of at most %d bytes", maxGlue)
			}
		}
	case "split":
		r.split++
	}
	if r.joins > 1 || r.split > 1 {
		r.err = errors.New("join and split may be used once in an expression")
	}
	for i := range n.Arguments {
		if p, ok := n.Arguments[i].(*ast.PredicateNode); ok {
			in := inside{cost: r.cost}
			ast.Walk(&p.Node, &in)
			r.err = errors.Join(r.err, in.err)
		}
	}
}

// inside judges the body of a loop.
type inside struct {
	cost *cost
	err  error
}

// Visit implements ast.Visitor.
func (r *inside) Visit(node *ast.Node) {
	r.cost.deep++
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		r.err = fmt.Errorf("inside a loop only # and its fields can be used, not %s", n.Value)
	case *ast.BinaryNode:
		if n.Operator == "+" {
			r.err = errors.New("inside a loop + cannot be used")
		}
		if n.Operator == "matches" {
			r.cost.deep += regexWeight
		}
	case *ast.BuiltinNode:
		switch n.Name {
		case "split", "join", "keys", "values", "string":
			r.err = fmt.Errorf("inside a loop %s cannot be used", n.Name)
		}
		for _, a := range n.Arguments {
			if _, ok := a.(*ast.PredicateNode); ok {
				r.err = errors.New("a loop cannot be used inside a loop")
			}
		}
	}
}
