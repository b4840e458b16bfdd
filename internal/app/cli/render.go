package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/goccy/go-yaml"
)

// Formats of what a client prints.
const (
	Auto  = "auto" // a table for a person, JSON for a program
	Table = "table"
	JSON  = "json"
	YAML  = "yaml"
)

// Session is one command's talk with a server.
type Session struct {
	*Terminal
	Server Server
	Format string
}

func (s *Session) format() string {
	switch {
	case s.Format != Auto && s.Format != "":
		return s.Format
	case s.Tables:
		return Table
	}
	return JSON
}

// print writes one JSON document in the wanted format; table draws it for a
// person.
func (s *Session) print(doc []byte, table func(w io.Writer, doc []byte) error) error {
	if len(bytes.TrimSpace(doc)) == 0 {
		return nil
	}
	switch s.format() {
	case Table:
		return table(s.Out, doc)
	case YAML:
		text, err := yaml.JSONToYAML(doc)
		if err != nil {
			return fmt.Errorf("write YAML: %w", err)
		}
		_, err = s.Out.Write(text)
		return err
	}
	var b bytes.Buffer
	if err := json.Indent(&b, doc, "", "  "); err != nil {
		return fmt.Errorf("the answer is not JSON: %w", err)
	}
	b.WriteByte('\n')
	_, err := s.Out.Write(b.Bytes())
	return err
}

// column is one of a table: its head and where its value is in an item, as a
// path with dots.
type column struct{ head, path string }

// rows draws a list as a table; inner names the field of an item that holds
// the rows, empty where the item is one.
func rows(columns []column, inner string) func(io.Writer, []byte) error {
	return func(w io.Writer, doc []byte) error {
		items, err := itemsOf(doc)
		if err != nil {
			return err
		}
		if inner != "" {
			var all []any
			for _, item := range items {
				more, _ := at(item, inner).([]any)
				all = append(all, more...)
			}
			items = all
		}
		tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = c.head
		}
		fmt.Fprintln(tw, strings.Join(line, "\t"))
		for _, item := range items {
			for i, c := range columns {
				line[i] = cell(at(item, c.path))
			}
			fmt.Fprintln(tw, strings.Join(line, "\t"))
		}
		if err := tw.Flush(); err != nil {
			return err
		}
		if len(items) == 0 {
			_, err = fmt.Fprintln(w, "(none)")
		}
		return err
	}
}

func itemsOf(doc []byte) ([]any, error) {
	v, err := decode(doc)
	if err != nil {
		return nil, err
	}
	if list, ok := v.([]any); ok {
		return list, nil
	}
	list, _ := at(v, "items").([]any)
	return list, nil
}

func decode(doc []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber() // ids and amounts are printed as they came
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("the answer is not JSON: %w", err)
	}
	return v, nil
}

func at(v any, path string) any {
	for key := range strings.SplitSeq(path, ".") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[key]
	}
	return v
}

// cell writes a value on one line.
func cell(v any) string {
	const most = 60
	text := ""
	switch v := v.(type) {
	case nil:
		return "-"
	case string:
		if t, err := time.Parse(time.RFC3339Nano, v); err == nil {
			return t.Format("2006-01-02 15:04:05Z07:00")
		}
		text = v
	case bool:
		text = map[bool]string{true: "yes", false: "no"}[v]
	case []any:
		parts := make([]string, len(v))
		for i, p := range v {
			parts[i] = cell(p)
		}
		text = strings.Join(parts, ", ")
	case map[string]any:
		b, _ := plain(v) // it came out of JSON
		text = string(b)
	default:
		text = fmt.Sprint(v)
	}
	text = printable(text)
	if r := []rune(text); len(r) > most {
		text = string(r[:most-1]) + "…"
	}
	if text == "" {
		return "-"
	}
	return text
}

// fields draws one document as a list of its fields; first are those to begin
// with, the rest follows by name.
func fields(first ...string) func(io.Writer, []byte) error {
	return func(w io.Writer, doc []byte) error {
		v, err := decode(doc)
		if err != nil {
			return err
		}
		m, ok := v.(map[string]any)
		if !ok {
			_, err := fmt.Fprintln(w, cell(v))
			return err
		}
		keys := slices.DeleteFunc(slices.Clone(first), func(k string) bool { _, ok := m[k]; return !ok })
		var rest []string
		for k := range m {
			if !slices.Contains(keys, k) {
				rest = append(rest, k)
			}
		}
		slices.Sort(rest)
		tw := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
		for _, k := range append(keys, rest...) {
			lines(tw, k, m[k])
		}
		return tw.Flush()
	}
}

// lines writes a field; a list of documents takes a line for each.
func lines(w io.Writer, key string, v any) {
	list, ok := v.([]any)
	if !ok || len(list) == 0 {
		fmt.Fprintf(w, "%s\t%s\n", printable(key), cell(v))
		return
	}
	if _, deep := list[0].(map[string]any); !deep {
		fmt.Fprintf(w, "%s\t%s\n", printable(key), cell(v))
		return
	}
	for i, item := range list {
		b, _ := plain(item)
		label := ""
		if i == 0 {
			label = printable(key)
		}
		fmt.Fprintf(w, "%s\t%s\n", label, printable(string(b)))
	}
}
