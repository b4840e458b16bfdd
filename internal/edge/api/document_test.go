package api

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
)

// The committed document is what the routes say; clients are made from it.
func TestDocumentIsCommitted(t *testing.T) {
	want, err := os.ReadFile("openapi.json")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, New(Options{}).Document()) {
		t.Error("internal/edge/api/openapi.json is out of date: run `go generate ./internal/edge/api`")
	}
}

// Every list takes limit and cursor, as the contract says.
func TestListsCanBePaged(t *testing.T) {
	var doc struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name string }
			Responses  map[string]struct {
				Content map[string]struct {
					Schema struct {
						Ref string `json:"$ref"`
					}
				}
			}
		}
		Components struct {
			Schemas map[string]struct{ Properties map[string]any }
		}
	}
	if err := json.Unmarshal(New(Options{}).Document(), &doc); err != nil {
		t.Fatal(err)
	}
	lists := 0
	for path, methods := range doc.Paths {
		op := methods["get"]
		of := strings.TrimPrefix(op.Responses["200"].Content["application/json"].Schema.Ref, "#/components/schemas/")
		if doc.Components.Schemas[of].Properties["next_cursor"] == nil {
			continue
		}
		lists++
		takes := map[string]bool{}
		for _, p := range op.Parameters {
			takes[p.Name] = true
		}
		if !takes["limit"] || !takes["cursor"] {
			t.Errorf("%s cannot be asked for a page", path)
		}
	}
	if lists < 50 {
		t.Errorf("only %d lists were looked at", lists)
	}
}

func TestDocumentSaysWhatMatters(t *testing.T) {
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string         `json:"operationId"`
			Security    []any          `json:"security"`
			Policy      string         `json:"x-policy"`
			Responses   map[string]any `json:"responses"`
		}
		Components struct{ Schemas map[string]any }
	}
	text := New(Options{}).Document()
	if err := json.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("openapi is %q, want 3.1", doc.OpenAPI)
	}
	for _, gone := range []string{"ErrorModel", "$schema", "Struct"} {
		if bytes.Contains(text, []byte(gone)) {
			t.Errorf("the document still has %s", gone)
		}
	}
	ids := map[string]string{}
	for path, methods := range doc.Paths {
		for method, op := range methods {
			where := method + " " + path
			if other := ids[op.OperationID]; other != "" {
				t.Errorf("%s and %s share the operation id %s", where, other, op.OperationID)
			}
			ids[op.OperationID] = where
			if op.Policy == "" || op.Policy == "undeclared" {
				t.Errorf("%s has no policy", where)
			}
			if public := op.Policy == "public"; public != (len(op.Security) == 0) {
				t.Errorf("%s: policy %q, security %v", where, op.Policy, op.Security)
			}
			if op.Responses["default"] == nil {
				t.Errorf("%s does not say how problems look", where)
			}
		}
	}
}
