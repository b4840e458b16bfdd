package oncall

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// Parse reads a schedule document in YAML or JSON and prepares it. It is
// strict: unknown and repeated keys, numbers where text belongs, unknown zones,
// units and days are refused, with line and column. The error is of kind
// fault.Invalid, or fault.TooLarge above MaxBytes. A document may say of itself
// that it is a schedule and which, as one for `allclear apply` does.
func Parse(data []byte) (*Schedule, error) {
	tree := yamlTree
	if json.Valid(data) {
		// JSON is nearly YAML; its escapes and tabs need its own reader.
		tree = jsonTree
	}
	n, err := tree(data)
	if err != nil {
		return nil, err
	}
	s := &Schedule{}
	if err := s.read(n); err != nil {
		return nil, err
	}
	return s, nil
}

// read fills s from a document; s is unchanged when it returns an error.
func (s *Schedule) read(root *node) error {
	r := reader{places: map[string]place{}}
	doc := r.schedule(root)
	if len(r.problems) > 0 {
		return refuse(r.problems)
	}
	p, wrong := compile(&doc)
	for _, w := range wrong {
		r.problems = append(r.problems, problem{place: r.places[w.Where], where: w.Where, what: w.What})
	}
	if len(r.problems) > 0 {
		return refuse(r.problems)
	}
	doc.plan = p
	*s = doc
	return nil
}

// reader turns nodes into the document. It checks shape; compile checks sense.
type reader struct {
	problems []problem
	places   map[string]place
}

func (r *reader) wrong(n *node, where, format string, args ...any) {
	r.problems = append(r.problems, problem{place: n.place, where: where, what: fmt.Sprintf(format, args...)})
}

// fields hands each value of an object to the reader of its key. A reader whose
// key starts with "?" may be missing.
func (r *reader) fields(n *node, where string, read map[string]func(*node, string)) {
	if n.kind != object {
		r.wrong(n, where, "want a mapping")
		return
	}
	r.places[where] = n.place
	seen := map[string]bool{}
	for i, k := range n.keys {
		below := where + "/" + k.name
		f, ok := read[k.name]
		if !ok {
			f, ok = read["?"+k.name]
		}
		if !ok {
			r.problems = append(r.problems, problem{place: k.place, where: below, what: "unknown key"})
			continue
		}
		seen[k.name] = true
		r.places[below] = n.items[i].place
		f(n.items[i], below)
	}
	for _, key := range order {
		if _, required := read[key]; required && !seen[key] {
			r.wrong(n, where+"/"+key, "is missing")
		}
	}
}

// order is that of the document, for stable messages.
var order = [...]string{"time_zone", "layers", "members", "start", "every", "unit", "days", "from", "until", "to", "person"}

func (r *reader) schedule(n *node) (s Schedule) {
	var id string // whoever keeps the document knows it by this
	r.fields(n, "", map[string]func(*node, string){
		"?kind": func(n *node, at string) {
			if n.kind != text || n.text != "schedule" {
				r.wrong(n, at, "this is not a schedule")
			}
		},
		"?id":       r.text(&id),
		"time_zone": r.text(&s.TimeZone),
		"?layers": r.list(MaxLayers, func(n *node, at string) {
			s.Layers = append(s.Layers, r.layer(n, at))
		}),
		"?overrides": r.list(MaxOverrides, func(n *node, at string) {
			s.Overrides = append(s.Overrides, r.override(n, at))
		}),
	})
	return s
}

func (r *reader) layer(n *node, at string) (l Layer) {
	r.fields(n, at, map[string]func(*node, string){
		"members": r.texts(MaxMembers, &l.Members),
		"start":   r.text(&l.Start),
		"every": func(n *node, at string) {
			if n.kind != whole {
				r.wrong(n, at, "want a whole number")
			}
			// Out of range stays out of range on any platform.
			l.Every = int(min(max(n.whole, -1), MaxEvery+1))
		},
		"unit": r.text(&l.Unit),
		"?only": r.list(MaxRestrictions, func(n *node, at string) {
			l.Only = append(l.Only, r.restriction(n, at))
		}),
	})
	return l
}

func (r *reader) restriction(n *node, at string) (w Restriction) {
	r.fields(n, at, map[string]func(*node, string){
		"days": r.texts(7, &w.Days),
		"from": r.text(&w.From),
		"to":   r.text(&w.To),
	})
	return w
}

func (r *reader) override(n *node, at string) (o Override) {
	r.fields(n, at, map[string]func(*node, string){
		"from":   r.instant(&o.From),
		"until":  r.instant(&o.Until),
		"person": r.text(&o.Person),
	})
	return o
}

func (r *reader) text(to *string) func(*node, string) {
	return func(n *node, at string) {
		if n.kind != text {
			r.wrong(n, at, "want text; put it in quotes")
			return
		}
		*to = n.text
	}
}

// list reads an optional list; null is none.
func (r *reader) list(limit int, each func(*node, string)) func(*node, string) {
	return func(n *node, at string) {
		switch {
		case n.kind == null:
		case n.kind != list:
			r.wrong(n, at, "want a list")
		case len(n.items) > limit:
			r.wrong(n, at, "at most %d entries are allowed, this has %d", limit, len(n.items))
		default:
			for i, item := range n.items {
				below := fmt.Sprintf("%s/%d", at, i)
				r.places[below] = item.place
				each(item, below)
			}
		}
	}
}

func (r *reader) texts(limit int, to *[]string) func(*node, string) {
	return r.list(limit, func(n *node, at string) {
		var s string
		r.text(&s)(n, at)
		*to = append(*to, s)
	})
}

func (r *reader) instant(to *time.Time) func(*node, string) {
	return func(n *node, at string) {
		// UnmarshalText is strict RFC 3339, time.Parse is not quite.
		var t time.Time
		if n.kind != text || strings.ContainsRune(n.text, ',') || t.UnmarshalText([]byte(n.text)) != nil {
			r.wrong(n, at, "want an instant in RFC 3339 with its zone, such as 2026-01-06T10:00:00Z")
			return
		}
		*to = t.UTC()
	}
}
