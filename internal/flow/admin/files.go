package admin

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/domain/oncall"
)

// File is one declarative file: YAML documents, each with kind, id and the
// entity's fields, beside them or below spec.
type File struct {
	Name string // as it shall stand in messages
	Text string
}

// Limits on what is applied at once.
const (
	MaxFiles = 200
	MaxBytes = 4 << 20 // of all files together
	maxDepth = 16
	// maxKeys bounds the keys of one mapping, whose number costs the parser its
	// square; no entity has a tenth of it.
	maxKeys = 200
)

// document is one entity with where it was declared; file and node are empty
// for one that was not read from a file.
type document struct {
	entity catalog.Entity
	file   string
	line   int
	before int // lines before the document, which the node does not count
	node   *ast.MappingNode
	flat   bool
	has    map[string]bool // the keys that are written
}

// read reads all files and reports everything that is wrong with their form.
func read(files []File) ([]document, error) {
	size := 0
	for _, f := range files {
		size += len(f.Text)
	}
	if size > MaxBytes || len(files) > MaxFiles {
		return nil, fault.New(fault.TooLarge, "apply: at most %d files of %d bytes together", MaxFiles, MaxBytes)
	}
	var docs []document
	var problems []fault.Detail
	declared := map[string]string{}
	for _, f := range files {
		r := reader{file: f.Name}
		r.read(f.Text)
		problems = append(problems, r.problems...)
		for _, d := range r.docs {
			key := string(d.entity.Kind()) + " " + d.entity.Key()
			if first, twice := declared[key]; twice {
				problems = append(problems, fault.Detail{Where: fmt.Sprintf("%s:%d:1", d.file, d.line), What: key + " is declared at " + first + " already"})
				continue
			}
			declared[key] = fmt.Sprintf("%s:%d", d.file, d.line)
			docs = append(docs, d)
		}
	}
	return docs, refuse(problems)
}

// reader reads one file.
type reader struct {
	file     string
	line     int // lines before the document at hand
	docs     []document
	problems []fault.Detail
}

func (r *reader) wrong(n ast.Node, format string, args ...any) {
	r.problems = append(r.problems, fault.Detail{Where: r.place(placeOf(n)), What: fmt.Sprintf(format, args...)})
}

func (r *reader) place(p *token.Position) string {
	if p == nil {
		return r.file
	}
	return fmt.Sprintf("%s:%d:%d", r.file, r.line+p.Line, p.Column)
}

// read reads a file document by document: the parser's cost grows with the
// square of their number. A line of three hyphens or dots at its beginning ends
// a document wherever it stands (YAML 1.2.2, 9.1.2).
func (r *reader) read(text string) {
	lines := strings.SplitAfter(text, "\n")
	from := 0
	for i, l := range lines {
		if !separates(l) {
			continue
		}
		r.line = from
		r.parse(strings.Join(lines[from:i], ""))
		from = i
		if l[0] == '.' {
			from++
		}
	}
	r.line = from
	r.parse(strings.Join(lines[from:], ""))
}

func separates(line string) bool {
	rest, ok := strings.CutPrefix(line, "---")
	if !ok {
		rest, ok = strings.CutPrefix(line, "...")
	}
	return ok && (rest == "" || strings.ContainsRune(" \t\r\n", rune(rest[0])))
}

func (r *reader) parse(text string) {
	tokens := lexer.Tokenize(text)
	if !r.acceptable(tokens) {
		return
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		var bad yaml.Error
		if errors.As(err, &bad) && bad.GetToken() != nil {
			r.problems = append(r.problems, fault.Detail{Where: r.place(bad.GetToken().Position), What: bad.GetMessage()})
			return
		}
		r.problems = append(r.problems, fault.Detail{Where: r.file, What: err.Error()})
		return
	}
	for _, doc := range file.Docs {
		if doc.Body != nil {
			r.document(doc.Body)
		}
	}
}

// acceptable refuses what these files have no use for before the parser, which
// calls itself for each level, sees it: anchors and aliases (which could blow a
// small file up), tags, and deep nesting.
func (r *reader) acceptable(tokens token.Tokens) bool {
	depth, dashes, line, keys := 0, 0, 0, 0
	for _, tk := range tokens {
		switch tk.Type {
		case token.AnchorType, token.AliasType, token.TagType, token.MergeKeyType, token.DirectiveType, token.MappingKeyType:
			r.problems = append(r.problems, fault.Detail{Where: r.place(tk.Position), What: fmt.Sprintf("%q: anchors, aliases, tags, directives and complex keys are not used here; quote it if it is text", tk.Value)})
			return false
		case token.MappingStartType, token.SequenceStartType:
			depth++
			keys = 0
		case token.MappingEndType, token.SequenceEndType:
			depth--
			keys = 0
		case token.MappingValueType:
			keys++
		case token.SequenceEntryType:
			if tk.Position.Line != line {
				dashes, line = 0, tk.Position.Line
			}
			dashes++
			keys = 0
		default: // every other token is what a document is made of
		}
		if keys > maxKeys {
			r.problems = append(r.problems, fault.Detail{Where: r.place(tk.Position), What: fmt.Sprintf("more than %d keys", maxKeys)})
			return false
		}
		if depth > maxDepth || dashes > maxDepth {
			r.problems = append(r.problems, fault.Detail{Where: r.place(tk.Position), What: "nested too deep"})
			return false
		}
	}
	return true
}

// document reads one document of the file.
func (r *reader) document(body ast.Node) {
	m := mapping(body)
	if m == nil {
		r.wrong(body, "want a mapping with kind, id and the fields")
		return
	}
	d := document{file: r.file, line: r.line + placeOf(m).Line, before: r.line, node: m, flat: true}
	before := len(r.problems)
	kind, id := r.word(m, "kind"), r.word(m, "id")
	fields := ast.Mapping(m.Start, m.IsFlowStyle)
	for _, v := range m.Values {
		switch keyName(v) {
		case "kind", "id":
		case "spec":
			d.flat = false
		default:
			fields.Values = append(fields.Values, v)
		}
	}
	if !d.flat {
		if len(fields.Values) > 0 {
			r.wrong(fields.Values[0].Key, "%q: with spec, the fields are below it", keyName(fields.Values[0]))
		}
		if fields = mapping(valueOf(m, "spec")); fields == nil {
			r.wrong(valueOf(m, "spec"), "spec: want a mapping")
		}
	}
	if len(r.problems) > before {
		return
	}
	d.has = map[string]bool{}
	for _, v := range fields.Values {
		d.has[keyName(v)] = true
	}
	d.entity = r.entity(catalog.Kind(kind), id, fields, m)
	if len(r.problems) == before {
		r.docs = append(r.docs, d)
	}
}

// word reads a key of the envelope, which must be there.
func (r *reader) word(m *ast.MappingNode, key string) string {
	n := valueOf(m, key)
	if n == nil {
		r.wrong(m, "%s is missing", key)
		return ""
	}
	s, ok := n.(*ast.StringNode)
	if !ok {
		r.wrong(n, "%s: want text; put it in quotes", key)
		return ""
	}
	return s.Value
}

func (r *reader) entity(kind catalog.Kind, id string, fields, m *ast.MappingNode) catalog.Entity {
	switch kind {
	case catalog.KindPerson:
		return decode(r, fields, func(p *catalog.Person) *string { return &p.ID }, id)
	case catalog.KindTeam:
		return decode(r, fields, func(t *catalog.Team) *string { return &t.ID }, id)
	case catalog.KindService:
		return decode(r, fields, func(s *catalog.Service) *string { return &s.ID }, id)
	case catalog.KindCustomer:
		return decode(r, fields, func(c *catalog.Customer) *string { return &c.ID }, id)
	case catalog.KindSchedule:
		return r.schedule(id, fields)
	case catalog.KindPolicy:
		return decode(r, fields, func(p *catalog.Policy) *string { return &p.ID }, id)
	case catalog.KindCheck:
		return decode(r, fields, func(c *catalog.SyntheticCheck) *string { return &c.ID }, id)
	case catalog.KindVendor:
		return decode(r, fields, func(v *catalog.Vendor) *string { return &v.ID }, id)
	case catalog.KindFeed:
		return decode(r, fields, func(f *catalog.Feed) *string { return &f.ID }, id)
	case catalog.KindRoom:
		return decode(r, fields, func(f *catalog.Room) *string { return &f.ID }, id)
	case catalog.KindPartner:
		return decode(r, fields, func(p *catalog.Partner) *string { return &p.ID }, id)
	case catalog.KindStakeholder:
		return decode(r, fields, func(s *catalog.Stakeholder) *string { return &s.ID }, id)
	case catalog.KindAction:
		return decode(r, fields, func(a *catalog.Action) *string { return &a.ID }, id)
	case catalog.KindComponent:
		return decode(r, fields, func(p *catalog.Component) *string { return &p.ID }, id)
	}
	r.wrong(valueOf(m, "kind"), "kind %q: want person, team, service, schedule, policy, check, customer, vendor, feed, room, partner, action, stakeholder or component", kind)
	return nil
}

// decode reads the fields of an entity whose id stands in the envelope.
func decode[E catalog.Entity](r *reader, fields *ast.MappingNode, key func(*E) *string, id string) catalog.Entity {
	e := new(E)
	r.fill(fields, e)
	if have := key(e); *have != "" && *have != id {
		r.wrong(valueOf(fields, "id"), "id: is %q above", id)
	} else {
		*have = id
	}
	return *e
}

// schedule reads the document that is also a schedule file of its own.
func (r *reader) schedule(id string, fields *ast.MappingNode) catalog.Entity {
	s := &oncall.Schedule{}
	err := s.UnmarshalYAML(fields)
	var bad *fault.Error
	switch {
	case err == nil:
	case errors.As(err, &bad) && len(bad.Details) > 0:
		for _, d := range bad.Details {
			place, what := r.split(d.What)
			r.problems = append(r.problems, fault.Detail{Where: place, What: strings.TrimPrefix(d.Where+": "+what, ": ")})
		}
	default:
		r.wrong(fields, "%v", err)
	}
	return catalog.Schedule{ID: id, Document: s}
}

// split takes "3:7: what is wrong", which counts lines from the document's
// first, into the place in the file and the rest.
func (r *reader) split(what string) (place, rest string) {
	at, rest, ok := strings.Cut(what, ": ")
	var p token.Position
	if !ok {
		return r.file, what
	}
	if _, err := fmt.Sscanf(at, "%d:%d", &p.Line, &p.Column); err != nil {
		return r.file, what
	}
	return r.place(&p), rest
}

// keepOwn takes over what people change themselves and the file does not say.
func (d *document) keepOwn(cat *catalog.Catalog) {
	if d.node == nil {
		return
	}
	switch e := d.entity.(type) {
	case catalog.Person:
		stands := cat.People[e.ID]
		if !d.has["contacts"] {
			e.Contacts = stands.Contacts
		}
		if !d.has["absent"] {
			e.Absent = stands.Absent
		}
		if !d.has["rules"] {
			e.Rules = stands.Rules
		}
		if !d.has["quiet_hours"] {
			e.QuietHours = stands.QuietHours
		}
		d.entity = e
	case catalog.Schedule:
		stands := cat.Schedules[e.ID]
		if d.has["overrides"] || stands == nil || len(stands.Overrides) == 0 {
			return
		}
		next := &oncall.Schedule{TimeZone: e.Document.TimeZone, Layers: e.Document.Layers, Overrides: slices.Clone(stands.Overrides)}
		_ = next.Prepare() // Check reports what is wrong
		d.entity = catalog.Schedule{ID: e.ID, Document: next}
	}
}

// problem says where in the file a detail of the entity is written.
func (d *document) problem(w fault.Detail) fault.Detail {
	name := fmt.Sprintf("%s/%s", d.entity.Kind(), d.entity.Key())
	if d.node == nil {
		return fault.Detail{Where: name + w.Where, What: w.What}
	}
	start := d.node
	if !d.flat && w.Where != "/id" {
		start = mapping(valueOf(d.node, "spec"))
	}
	at := placeOf(nodeAt(start, w.Where))
	return fault.Detail{Where: fmt.Sprintf("%s:%d:%d", d.file, d.before+at.Line, at.Column), What: strings.TrimPrefix(w.Where+": "+w.What, ": ")}
}
