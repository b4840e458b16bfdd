package admin_test

import (
	"errors"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
	"allclear/internal/flow/admin"
)

// The checks that the documentation shows are accepted, and come back from an
// export as they were.
func TestDocumentedChecks(t *testing.T) {
	page, err := os.ReadFile("../../../docs/checks.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(page), "```yaml\n")
	block, _, ok := strings.Cut(block, "```")
	if !ok {
		t.Fatal("the page shows no checks")
	}
	all, err := admin.Lint([]admin.File{{Name: "checks.yaml", Text: block}})
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]bool{}
	for _, e := range all {
		c, ok := e.(catalog.SyntheticCheck)
		if !ok {
			t.Fatalf("%T", e)
		}
		types[c.Type] = true
	}
	if len(types) != 5 {
		t.Errorf("the page shows %d of 5 types", len(types))
	}
	files, err := admin.Declare(all)
	if err != nil || len(files) != 1 || files[0].Name != "check.yaml" {
		t.Fatalf("%+v %v", files, err)
	}
	if again, err := admin.Lint(files); err != nil || !reflect.DeepEqual(again, all) {
		t.Errorf("exported: %+v, %v, want %+v", again, err, all)
	}
	_, err = admin.Lint([]admin.File{{Name: "bad.yaml", Text: "kind: check\nid: a\nservice: api\ntype: http\nevery: 5s\ntarget: ftp://example.com\nheaders:\n  - {name: Authorization, value: x}\n"}})
	var bad *fault.Error
	if !errors.As(err, &bad) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"bad.yaml:5:8 /every: must be from 10s", "bad.yaml:6:9 /target: must be an http", "bad.yaml:8:5 /headers/0: the header Authorization looks like a credential"} {
		if text := fmt.Sprint(bad.Details); !strings.Contains(text, want) {
			t.Errorf("want %q: %s", want, text)
		}
	}
}
