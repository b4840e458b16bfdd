package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/goccy/go-yaml"

	"allclear/internal/base/fault"
	"allclear/internal/domain/authz"
	"allclear/internal/domain/catalog"
)

// Export writes the whole catalogue as declarative files, one for each kind,
// which Apply reads back to the same entities. The order is that of ids, so
// that two exports of one catalogue are the same bytes.
func (a *Admin) Export(ctx context.Context, actor authz.Actor) ([]File, error) {
	if err := authz.Can(actor, authz.Export, authz.Resource{}); err != nil {
		return nil, err
	}
	s, err := a.committed(ctx)
	if err != nil {
		return nil, err
	}
	return declare(s.of)
}

// Declare writes entities as declarative files, one for each kind, in the order
// they are given.
func Declare(entities []catalog.Entity) ([]File, error) {
	return declare(func(kind catalog.Kind) (out []catalog.Entity) {
		for _, e := range entities {
			if e.Kind() == kind {
				out = append(out, e)
			}
		}
		return out
	})
}

func declare(of func(catalog.Kind) []catalog.Entity) ([]File, error) {
	var out []File
	for _, kind := range catalog.Kinds {
		var b bytes.Buffer
		for _, e := range of(kind) {
			text, err := declared(withoutCalendars(e))
			if err != nil {
				return nil, fmt.Errorf("export %s %s: %w", kind, e.Key(), err)
			}
			b.WriteString("---\n" + text)
		}
		if b.Len() > 0 {
			out = append(out, File{Name: string(kind) + ".yaml", Text: b.String()})
		}
	}
	return out, nil
}

// declared writes an entity as a document, and reads it again: what would not
// come back as it is must not be taken for a copy of it.
func declared(e catalog.Entity) (string, error) {
	doc, err := envelope(e)
	if err != nil {
		return "", err
	}
	text, err := yaml.JSONToYAML(doc)
	if err == nil && same(e, string(text)) {
		return string(text), nil
	}
	if text := string(doc) + "\n"; same(e, text) { // JSON is YAML, where texts are in quotes
		return text, nil
	}
	return "", fault.New(fault.Internal, "it cannot be written so that it is read as it is")
}

// envelope puts kind and id in front of the fields, where a reader looks first.
func envelope(e catalog.Entity) ([]byte, error) {
	doc, err := catalog.Encode(e)
	if err != nil {
		return nil, err
	}
	id, err := json.Marshal(e.Key())
	if err != nil {
		return nil, err
	}
	fields, ok := bytes.CutPrefix(doc, []byte(`{"id":`+string(id)+`,`))
	if !ok {
		fields = bytes.TrimPrefix(doc, []byte("{"))
	}
	return slices.Concat([]byte(`{"kind":"`+string(e.Kind())+`","id":`), id, []byte(","), fields), nil
}

func same(e catalog.Entity, text string) bool {
	docs, err := read([]File{{Name: "export", Text: text}})
	if err != nil || len(docs) != 1 || docs[0].entity.Kind() != e.Kind() || docs[0].entity.Key() != e.Key() {
		return false
	}
	diff, err := fieldsBetween(e, docs[0].entity)
	return err == nil && len(diff) == 0
}
