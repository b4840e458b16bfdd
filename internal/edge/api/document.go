package api

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

//go:generate go run ./gen

// Document returns the OpenAPI 3.1 document, indented, as committed.
func (a *API) Document() []byte { return a.document }

// finish adds the document's own route and fixes what huma would say
// differently.
func (a *API) finish() {
	Raw(a, Route{Method: http.MethodGet, Path: "/openapi.json", Summary: "This document", Tag: "meta"},
		Public(), "application/json", func(_ Call, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(a.document)
		})
	doc := a.huma.OpenAPI()
	schemas := doc.Components.Schemas.Map()
	// huma registers its own error shape even where every route says ours.
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	fix := schemaFixer{}
	for _, s := range schemas {
		fix.schema(s)
	}
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Delete, path.Patch} {
			fix.operation(op)
		}
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("api: write document: %v", err))
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		panic(fmt.Sprintf("api: indent document: %v", err))
	}
	out.WriteByte('\n')
	a.document = out.Bytes()
}

// schemaFixer says of arrays that they are never null, in the document and in
// validation: huma's own switch for it is a global.
type schemaFixer map[*huma.Schema]bool

func (f schemaFixer) operation(op *huma.Operation) {
	if op == nil {
		return
	}
	for _, p := range op.Parameters {
		f.schema(p.Schema)
	}
	if op.RequestBody != nil {
		f.content(op.RequestBody.Content)
	}
	for _, r := range op.Responses {
		f.content(r.Content)
	}
}

func (f schemaFixer) content(c map[string]*huma.MediaType) {
	for _, m := range c {
		f.schema(m.Schema)
	}
}

func (f schemaFixer) schema(s *huma.Schema) {
	if s == nil || f[s] {
		return
	}
	f[s] = true
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	f.schema(s.Items)
	if sub, ok := s.AdditionalProperties.(*huma.Schema); ok {
		f.schema(sub)
	}
	for _, p := range s.Properties {
		f.schema(p)
	}
	for _, subs := range [][]*huma.Schema{s.OneOf, s.AnyOf, s.AllOf} {
		for _, sub := range subs {
			f.schema(sub)
		}
	}
}
