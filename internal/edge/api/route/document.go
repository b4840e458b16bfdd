package route

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"allclear/internal/edge/api/wire"
)

// Document returns the OpenAPI 3.1 document, indented, as committed.
func (t *Table) Document() []byte { return t.document() }

// Finish adds the document's own route and fixes what huma would say
// differently.
func (t *Table) Finish() {
	Raw(t, Route{Method: http.MethodGet, Path: "/openapi.json", Summary: "This document", Tag: "meta"},
		Public(), "application/json", func(_ Call, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write(t.Document())
		})
	doc := t.huma.OpenAPI()
	schemas := doc.Components.Schemas.Map()
	// huma registers its own error shape even where every route says ours.
	delete(schemas, "ErrorModel")
	delete(schemas, "ErrorDetail")
	fix := wire.Arrays{}
	for _, s := range schemas {
		fix.Schema(s)
	}
	for _, path := range doc.Paths {
		for _, op := range []*huma.Operation{path.Get, path.Put, path.Post, path.Delete, path.Patch} {
			fix.Operation(op)
		}
	}
	// A server is asked for it seldom, and starts sooner without.
	t.document = sync.OnceValue(func() []byte { return written(doc) })
}

func written(doc *huma.OpenAPI) []byte {
	text, err := json.Marshal(doc)
	if err != nil {
		panic(fmt.Sprintf("api: write document: %v", err))
	}
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		panic(fmt.Sprintf("api: indent document: %v", err))
	}
	out.WriteByte('\n')
	return out.Bytes()
}
