package oncall

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"allclear/internal/base/fault"
)

type kind uint8

const (
	other kind = iota // a scalar that is neither text nor a whole number
	text
	whole
	null
	list
	object
)

// node is a value of the document with its place, whether it was written in
// YAML or in JSON: both are read by the same rules from here on.
type node struct {
	kind  kind
	place place
	text  string
	whole int64
	items []*node // of a list, or the values of an object
	keys  []key
}

type key struct {
	name  string
	place place
}

type place struct{ line, column int } // both from 1; 0 is unknown

// problem is one thing wrong with the document.
type problem struct {
	place place
	where string // JSON pointer
	what  string
}

// invalid makes one error of what is wrong.
func invalid(wrong []fault.Detail) error {
	first := wrong[0]
	e := fault.New(fault.Invalid, "check schedule: %s: %s%s", first.Where, first.What, more(len(wrong)))
	e.Details = wrong
	return e
}

// refuse makes one error of problems.
func refuse(problems []problem) error {
	p := problems[0]
	e := fault.New(fault.Invalid, "read schedule: %s%s", p.String(), more(len(problems)))
	for _, p := range problems {
		e.Details = append(e.Details, fault.Detail{Where: p.where, What: p.lineColumn() + p.what})
	}
	return e
}

func (p problem) lineColumn() string {
	if p.place.line == 0 {
		return ""
	}
	return fmt.Sprintf("%d:%d: ", p.place.line, p.place.column)
}

func (p problem) String() string {
	if p.where == "" {
		return p.lineColumn() + p.what
	}
	return p.lineColumn() + p.where + ": " + p.what
}

func more(n int) string {
	if n < 2 {
		return ""
	}
	return fmt.Sprintf(" (and %d more)", n-1)
}

// maxDepth is more than the document's deepest value needs.
const maxDepth = 16

// jsonTree reads JSON into nodes. It refuses a key that is given twice, which
// encoding/json would take silently.
func jsonTree(data []byte) (*node, error) {
	if len(data) > MaxBytes {
		return nil, fault.New(fault.TooLarge, "read schedule: larger than %d bytes", MaxBytes)
	}
	r := &jsonReader{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	n, err := r.value("", 0)
	if err == nil {
		if _, end := r.dec.Token(); !errors.Is(end, io.EOF) {
			err = refuse([]problem{{place: r.here(), what: "there is more after the document"}})
		}
	}
	return n, err
}

type jsonReader struct {
	data []byte
	dec  *json.Decoder
}

// here is the place of the next token.
func (r *jsonReader) here() place {
	at := min(int(r.dec.InputOffset()), len(r.data))
	for at < len(r.data) && strings.IndexByte(" \t\r\n,:", r.data[at]) >= 0 {
		at++
	}
	line := 1 + bytes.Count(r.data[:at], []byte("\n"))
	return place{line: line, column: at - bytes.LastIndexByte(r.data[:at], '\n')}
}

func (r *jsonReader) value(where string, depth int) (*node, error) {
	n := &node{place: r.here()}
	tok, err := r.dec.Token()
	if err != nil {
		return nil, refuse([]problem{{place: n.place, where: where, what: err.Error()}})
	}
	switch v := tok.(type) {
	case nil:
		n.kind = null
	case string:
		n.kind, n.text = text, v
	case json.Number:
		n.text = v.String()
		if i, err := v.Int64(); err == nil {
			n.kind, n.whole = whole, i
		}
	case json.Delim:
		if depth >= maxDepth {
			return nil, refuse([]problem{{place: n.place, where: where, what: "nested too deep"}})
		}
		n.kind = list
		if v == '{' {
			n.kind = object
		}
		return n, r.members(n, where, depth)
	}
	return n, nil
}

func (r *jsonReader) members(n *node, where string, depth int) error {
	for r.dec.More() {
		at, below := r.here(), fmt.Sprintf("%s/%d", where, len(n.items))
		if n.kind == object {
			tok, err := r.dec.Token()
			if err != nil {
				return refuse([]problem{{place: at, where: where, what: err.Error()}})
			}
			name, _ := tok.(string)
			below = where + "/" + name
			if err := n.addKey(name, at, below); err != nil {
				return err
			}
		}
		item, err := r.value(below, depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	at := r.here()
	if _, err := r.dec.Token(); err != nil {
		return refuse([]problem{{place: at, where: where, what: err.Error()}})
	}
	return nil
}

// addKey notes a key of an object; its value is to follow in items.
func (n *node) addKey(name string, at place, where string) error {
	for _, k := range n.keys {
		if k.name == name {
			return refuse([]problem{{place: at, where: where, what: "is given twice"}})
		}
	}
	// No object of the document has more than six keys.
	if len(n.keys) >= 64 {
		return refuse([]problem{{place: at, where: where, what: "too many keys"}})
	}
	n.keys = append(n.keys, key{name: name, place: at})
	return nil
}
