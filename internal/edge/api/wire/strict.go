// Package wire owns the bytes of the native interface: how strictly JSON is
// read, how its document describes lists, how errors look, and an answer that
// is held back until it is kept. It must not know routes or resources.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/danielgtaylor/huma/v2"
)

// maxDepth is how deep input may nest.
const maxDepth = 64

// Strict reads JSON that every reader understands alike: UTF-8, no name
// twice in one object (also not in another case, which encoding/json would
// take for the same), no NUL, which PostgreSQL cannot store, bounded depth.
func Strict() huma.Format {
	return huma.Format{
		Marshal: huma.DefaultJSONFormat.Marshal,
		Unmarshal: func(data []byte, v any) error {
			// huma reads a body twice: for validation into an any, and then into
			// the handler's type.
			if _, first := v.(*any); first {
				if err := checkJSON(data); err != nil {
					return err
				}
			}
			return json.Unmarshal(data, v)
		},
	}
}

type level struct {
	names map[string]bool // nil in an array
	key   bool            // the next string is a name
}

func checkJSON(data []byte) error {
	if !utf8.Valid(data) {
		return errors.New("the body is not UTF-8")
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var stack []level
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil // json.Unmarshal tells of what is missing
		}
		if err != nil {
			return err
		}
		top := len(stack) - 1
		if s, ok := tok.(string); ok {
			if strings.ContainsRune(s, 0) {
				return errors.New("the body holds a NUL character")
			}
			if top >= 0 && stack[top].key {
				if err := stack[top].take(s); err != nil {
					return err
				}
				continue
			}
		}
		switch tok {
		case json.Delim('{'):
			stack = append(stack, level{names: map[string]bool{}, key: true})
		case json.Delim('['):
			stack = append(stack, level{})
		case json.Delim('}'), json.Delim(']'):
			stack = stack[:top]
			top--
			fallthrough
		default:
			if top >= 0 && stack[top].names != nil {
				stack[top].key = true // a value ended
			}
			continue
		}
		if len(stack) > maxDepth {
			return fmt.Errorf("the body nests deeper than %d levels", maxDepth)
		}
	}
}

func (l *level) take(name string) error {
	folded := strings.ToLower(name)
	if l.names[folded] {
		return fmt.Errorf("the name %q is given twice", clip(name))
	}
	l.names[folded], l.key = true, false
	return nil
}

func clip(s string) string {
	if len(s) > 40 {
		return strings.ToValidUTF8(s[:40], "") + "..."
	}
	return s
}
