package oncall

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"allclear/internal/base/fault"
)

// yamlTree reads one YAML document into nodes.
func yamlTree(data []byte) (*node, error) {
	if len(data) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "read schedule: larger than %d bytes", MaxBytes)
	}
	tokens := lexer.Tokenize(string(data))
	if err := checkTokens(tokens); err != nil {
		return nil, err
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, yamlError(err)
	}
	var body ast.Node
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, refuse([]problem{{place: placeOf(doc.Body), what: "there is more than one document"}})
		}
		body = doc.Body
	}
	if body == nil {
		return nil, refuse([]problem{{what: "the document is empty"}})
	}
	return yamlNode(body, "", 0)
}

// checkTokens refuses what a schedule has no use for before the parser, which
// calls itself for each level, sees it: anchors and aliases (which could blow a
// small document up), tags, and deep nesting.
func checkTokens(tokens token.Tokens) error {
	depth, dashes, line := 0, 0, 0
	for _, tk := range tokens {
		switch tk.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType, token.MappingKeyType:
			return refuse([]problem{{place: placeIn(tk), what: fmt.Sprintf("%q: anchors, aliases, tags, directives and complex keys are not used in a schedule; quote it if it is text", tk.Value)}})
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType:
			if placeIn(tk).line != line {
				dashes, line = 0, placeIn(tk).line
			}
			dashes++
		default: // every other token is what a document is made of
		}
		if depth > maxDepth || dashes > maxDepth {
			return refuse([]problem{{place: placeIn(tk), what: "nested too deep"}})
		}
	}
	return nil
}

func yamlNode(n ast.Node, where string, depth int) (*node, error) {
	out := &node{place: placeOf(n)}
	if depth > maxDepth {
		return nil, refuse([]problem{{place: out.place, where: where, what: "nested too deep"}})
	}
	switch v := n.(type) {
	case nil, *ast.NullNode:
		out.kind = null
	case *ast.StringNode:
		out.kind, out.text = text, v.Value
	case *ast.LiteralNode:
		out.kind, out.text = text, v.Value.Value
	case *ast.IntegerNode:
		out.text = v.Token.Value
		switch i := v.Value.(type) {
		case int64:
			out.kind, out.whole = whole, i
		case uint64:
			if i <= 1<<62 {
				out.kind, out.whole = whole, int64(i)
			}
		}
	case *ast.SequenceNode:
		out.kind = list
		for i, item := range v.Values {
			child, err := yamlNode(item, fmt.Sprintf("%s/%d", where, i), depth+1)
			if err != nil {
				return nil, err
			}
			out.items = append(out.items, child)
		}
	case *ast.MappingNode:
		out.kind = object
		return out, yamlPairs(out, v.Values, where, depth)
	case *ast.MappingValueNode:
		out.kind = object
		return out, yamlPairs(out, []*ast.MappingValueNode{v}, where, depth)
	default:
		if tk := n.GetToken(); tk != nil {
			out.text = tk.Value
		}
	}
	return out, nil
}

func yamlPairs(out *node, pairs []*ast.MappingValueNode, where string, depth int) error {
	for _, pair := range pairs {
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			return refuse([]problem{{place: placeOf(pair.Key), where: where, what: "a key must be text"}})
		}
		below := where + "/" + key.Value
		if err := out.addKey(key.Value, placeOf(key), below); err != nil {
			return err
		}
		item, err := yamlNode(pair.Value, below, depth+1)
		if err != nil {
			return err
		}
		out.items = append(out.items, item)
	}
	return nil
}

func placeOf(n ast.Node) place {
	switch v := n.(type) {
	case nil:
		return place{}
	case *ast.MappingValueNode: // its own token is the colon
		return placeOf(v.Key)
	case *ast.MappingNode:
		if !v.IsFlowStyle && len(v.Values) > 0 {
			return placeOf(v.Values[0].Key)
		}
	}
	return placeIn(n.GetToken())
}

func placeIn(tk *token.Token) place {
	if tk == nil || tk.Position == nil {
		return place{}
	}
	return place{line: tk.Position.Line, column: tk.Position.Column}
}

func yamlError(err error) error {
	var e yaml.Error
	if errors.As(err, &e) {
		return refuse([]problem{{place: placeIn(e.GetToken()), what: e.GetMessage()}})
	}
	return fault.Wrap(fault.Invalid, err, "read schedule")
}

// UnmarshalYAML reads a schedule inside another document, as strictly as Parse.
// Places in its errors are those of the whole document.
func (s *Schedule) UnmarshalYAML(n ast.Node) error {
	tree, err := yamlNode(n, "", 0)
	if err != nil {
		return err
	}
	return s.read(tree)
}

var _ yaml.NodeUnmarshaler = (*Schedule)(nil)
