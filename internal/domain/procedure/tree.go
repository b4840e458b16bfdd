package procedure

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

const (
	maxDepth    = 16     // more than the deepest value needs
	maxTokens   = 60_000 // some five times the built-in procedure; a long table costs the parser its square
	maxProblems = 50     // of one reading; more would bury the first
)

// Place is a position in a procedure file, both counted from 1; the zero Place
// is unknown.
type Place struct {
	Line   int `json:"line"`
	Column int `json:"column"`
}

func (p Place) String() string { return fmt.Sprintf("%d:%d", p.Line, p.Column) }

func placeIn(tk *token.Token) Place {
	if tk == nil || tk.Position == nil {
		return Place{}
	}
	return Place{Line: tk.Position.Line, Column: tk.Position.Column}
}

// problem is one thing that cannot be read.
type problem struct {
	at   Place
	path string
	what string
}

// tree parses one YAML document. The parser calls itself for every level and
// its cost grows with the square of the depth, so nesting is bounded before.
func tree(data []byte) (ast.Node, *problem) {
	tokens := lexer.Tokenize(string(data))
	if p := checkTokens(tokens); p != nil {
		return nil, p
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, yamlProblem(err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil || doc.Body.Type() == ast.CommentType:
		case body != nil:
			return nil, &problem{at: placeIn(doc.Body.GetToken()), what: "a procedure file holds one document, this is a second"}
		default:
			body = doc.Body
		}
	}
	if body == nil {
		return nil, &problem{what: "the file is empty"}
	}
	return body, nil
}

func yamlProblem(err error) *problem {
	var y yaml.Error
	if errors.As(err, &y) {
		return &problem{at: placeIn(y.GetToken()), what: y.GetMessage()}
	}
	return &problem{what: err.Error()}
}

// checkTokens refuses what a procedure has no use for: anchors and aliases
// (which could blow a small file up), tags, and deep nesting.
func checkTokens(tokens token.Tokens) *problem {
	if len(tokens) > maxTokens {
		return &problem{at: placeIn(tokens[maxTokens]), what: fmt.Sprintf("the file has %d words and signs, the limit is %d", len(tokens), maxTokens)}
	}
	depth, dashes, line := 0, 0, 0
	for _, tk := range tokens {
		at := placeIn(tk)
		switch tk.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType, token.MappingKeyType:
			return &problem{at: at, what: fmt.Sprintf("%q: anchors, aliases, tags, directives and complex keys are not used in a procedure; quote it if it is text", tk.Value)}
		case token.InvalidType:
			return &problem{at: at, what: tk.Error}
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType, token.MappingValueType:
			// One line can open many levels without a bracket ("- - -").
			if at.Line != line {
				dashes, line = 0, at.Line
			}
			if tk.Type == token.SequenceEntryType {
				dashes++
			}
		default: // every other token is what a document is made of
		}
		if depth > maxDepth || dashes > maxDepth {
			return &problem{at: at, what: "nested too deep"}
		}
	}
	return nil
}

// pairs returns the entries of a mapping, false when n is none.
func pairs(n ast.Node) ([]*ast.MappingValueNode, bool) {
	switch v := n.(type) {
	case *ast.MappingNode:
		return v.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{v}, true
	}
	return nil, false
}

// scalar returns the text of a plain value, false when n is none. A pair
// without a space, as in [schedule:primary], is one text: YAML says so, the
// parser does not.
func scalar(n ast.Node) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return n.GetToken().Value, true
	}
	if ps, ok := pairs(n); ok && len(ps) == 1 {
		return glued(ps[0])
	}
	return "", false
}

func glued(p *ast.MappingValueNode) (string, bool) {
	key, value := p.Key.GetToken(), p.Value.GetToken()
	text, ok := scalar(p.Value)
	if !ok || key == nil || value == nil || key.Type != token.StringType {
		return "", false
	}
	k, v := placeIn(key), placeIn(value)
	if k.Line != v.Line || v.Column != k.Column+len([]rune(key.Value))+1 {
		return "", false
	}
	return key.Value + ":" + text, true
}

// placeOf is where a value begins to the eye: a mapping at its first key.
func placeOf(n ast.Node) Place {
	switch v := n.(type) {
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return placeIn(v.Values[0].Key.GetToken())
		}
	case *ast.MappingValueNode:
		return placeIn(v.Key.GetToken())
	case *ast.LiteralNode:
		return placeIn(v.Start)
	}
	return placeIn(n.GetToken())
}
