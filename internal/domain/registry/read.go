package registry

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/domain/sheet"
)

// Limits of a file.
const (
	MaxBytes   = 24 << 20
	MaxLines   = 50_000
	MaxColumns = 100
	maxCell    = 8 << 10
)

// Line is what one line of a file says, by column; a column that is not there says
// nothing.
type Line struct {
	Number int // of the file, from 1; of a JSON list the place of the item, from 1
	Cells  map[string]string
}

// Problem is why a line was of no use.
type Problem struct {
	Line   int
	Column string // empty: the line as a whole
	Reason string
}

// Table is a file as it was read.
type Table struct {
	Lines   []Line
	Broken  []Problem // lines that could not be read
	Ignored []string  // columns that are not of the registry
}

// ReadCSV reads a file whose first line names the columns. Comma, semicolon and tab
// are known as delimiters. A line is a row: no cell holds a line break, so that a
// quote that is never closed spoils its own line only. Errors: fault.Invalid,
// fault.TooLarge.
func ReadCSV(body []byte) (*Table, error) {
	if len(body) > MaxBytes {
		return nil, tooLarge()
	}
	lines := bytes.Split(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), []byte("\n"))
	if len(lines) > MaxLines+1 && len(bytes.TrimSpace(bytes.Join(lines[MaxLines+1:], nil))) > 0 {
		return nil, tooLarge()
	}
	comma := delimiter(lines[0])
	head, err := split(lines[0], comma)
	if err != nil || len(head) == 0 {
		return nil, fault.New(fault.Invalid, "this is no table of customers").With("line 1", "name the columns there, such as external_id,name,tier")
	}
	t := &Table{}
	if err := t.heads(head); err != nil {
		return nil, err
	}
	for i, raw := range lines[1:] {
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		t.row(i+2, head, raw, comma)
	}
	return t, nil
}

func tooLarge() error {
	return fault.New(fault.TooLarge, "a file of customers has at most %d lines and %d MiB: send it in parts", MaxLines, MaxBytes>>20)
}

// heads checks the first line, whose names it makes those of columns.
func (t *Table) heads(head []string) error {
	if len(head) > MaxColumns {
		return fault.New(fault.Invalid, "this is no table of customers").With("line 1", fmt.Sprintf("has %d columns, at most %d are read", len(head), MaxColumns))
	}
	known := Columns()
	keyed := false
	for i, name := range head {
		name = strings.ReplaceAll(strings.ToLower(strings.TrimSpace(sheet.Plain(name))), " ", "_")
		if slices.Contains(head[:i], name) && name != "" {
			return fault.New(fault.Invalid, "this is no table of customers").With("line 1", fmt.Sprintf("column %q is there twice", clip(name)))
		}
		head[i] = name
		keyed = keyed || name == "external_id" || name == "id"
		if !slices.Contains(known, name) {
			t.Ignored = append(t.Ignored, clip(name))
		}
	}
	if !keyed {
		return fault.New(fault.Invalid, "this is no table of customers").With("line 1", "there is neither a column external_id nor a column id; known are "+strings.Join(known, ", "))
	}
	return nil
}

func (t *Table) row(line int, head []string, raw []byte, comma rune) {
	broken := func(column, reason string, args ...any) {
		t.Broken = append(t.Broken, Problem{Line: line, Column: column, Reason: fmt.Sprintf(reason, args...)})
	}
	if !utf8.Valid(raw) {
		broken("", "is not UTF-8 text; save the file as CSV UTF-8")
		return
	}
	cells, err := split(raw, comma)
	var torn *csv.ParseError
	switch {
	case errors.As(err, &torn):
		broken("", "cannot be read at character %d: %v", torn.Column, torn.Err)
		return
	case err != nil:
		broken("", "cannot be read: %v", err)
		return
	case len(cells) != len(head):
		broken("", "has %d cells, and line 1 names %d columns", len(cells), len(head))
		return
	}
	l := Line{Number: line, Cells: make(map[string]string, len(head))}
	known := Columns()
	for i, name := range head {
		if !slices.Contains(known, name) {
			continue
		}
		cell := sheet.Plain(strings.TrimSpace(cells[i]))
		if len(cell) > maxCell {
			broken(name, "is longer than %d bytes", maxCell)
			return
		}
		l.Cells[name] = strings.TrimSpace(cell)
	}
	t.Lines = append(t.Lines, l)
}

// delimiter is what stands most often in the first line.
func delimiter(head []byte) rune {
	best := ','
	for _, c := range ";\t" {
		if bytes.ContainsRune(head, c) && bytes.Count(head, []byte(string(c))) > bytes.Count(head, []byte(string(best))) {
			best = c
		}
	}
	return best
}

func split(line []byte, comma rune) ([]string, error) {
	r := csv.NewReader(bytes.NewReader(line))
	r.Comma = comma
	cells, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, nil
	}
	return cells, err
}

// item is what an item of a JSON list may say of a contact.
type item struct {
	Name     string   `json:"name"`
	Email    string   `json:"email"`
	Phone    string   `json:"phone"`
	Channels []string `json:"channels"`
}

// ReadJSON reads a list of objects whose keys are the columns; a list may be a list,
// and contacts is one of objects with name, email, phone and channels. Errors:
// fault.Invalid, fault.TooLarge.
func ReadJSON(body []byte) (*Table, error) {
	if len(body) > MaxBytes {
		return nil, tooLarge()
	}
	var items []json.RawMessage
	if err := json.Unmarshal(body, &items); err != nil {
		return nil, fault.New(fault.Invalid, "this is no list of customers").With("body", "want a JSON list of objects with the columns as keys")
	}
	if len(items) > MaxLines {
		return nil, tooLarge()
	}
	t := &Table{}
	for i, raw := range items {
		t.item(i+1, raw)
	}
	return t, nil
}

func (t *Table) item(place int, raw json.RawMessage) {
	broken := func(column, reason string) {
		t.Broken = append(t.Broken, Problem{Line: place, Column: column, Reason: reason})
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil || fields == nil {
		broken("", "is not an object")
		return
	}
	lines := []Line{{Number: place, Cells: map[string]string{}}}
	for name, v := range fields {
		if name == "contacts" {
			var contacts []item
			if json.Unmarshal(v, &contacts) != nil {
				broken(name, "is not a list of objects with name, email, phone and channels")
				return
			}
			lines = append(lines, contactLines(place, contacts)...)
			continue
		}
		if !slices.Contains(Columns(), name) {
			if !slices.Contains(t.Ignored, clip(name)) && len(t.Ignored) < MaxColumns {
				t.Ignored = append(t.Ignored, clip(name))
			}
			continue
		}
		cell, ok := cellOf(v)
		if !ok || len(cell) > maxCell {
			broken(name, "is neither text, a number, true or false, nor a list of texts, or it is too long")
			return
		}
		lines[0].Cells[name] = strings.TrimSpace(cell)
	}
	for i := range lines[1:] {
		for _, key := range []string{"external_id", "id"} {
			if v, ok := lines[0].Cells[key]; ok {
				lines[i+1].Cells[key] = v
			}
		}
	}
	t.Lines = append(t.Lines, lines...)
}

// contactLines are the lines that say the contacts; of none, one that says so.
func contactLines(place int, contacts []item) []Line {
	if len(contacts) == 0 {
		contacts = []item{{}}
	}
	out := make([]Line, len(contacts))
	for i, c := range contacts {
		out[i] = Line{Number: place, Cells: map[string]string{
			contactName: c.Name, contactEmail: c.Email, contactPhone: c.Phone, contactChannels: strings.Join(c.Channels, separator),
		}}
	}
	return out
}

func cellOf(v json.RawMessage) (string, bool) {
	d := json.NewDecoder(bytes.NewReader(v))
	d.UseNumber()
	var value any
	if d.Decode(&value) != nil {
		return "", false
	}
	switch x := value.(type) {
	case nil:
		return "", true
	case string:
		return x, true
	case bool:
		return fmt.Sprint(x), true
	case json.Number:
		return x.String(), true
	case []any:
		words := make([]string, len(x))
		for i, e := range x {
			s, ok := e.(string)
			if !ok {
				return "", false
			}
			words[i] = s
		}
		return strings.Join(words, separator), true
	}
	return "", false
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
