package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var known = newIndex([]entry{
	{ID: "ESC-CHAIN-1"},
	{ID: "ESC-CHAIN-2"},
	{ID: "ESC-CHAIN-3"},
	{ID: "DET-MET-01"},
	{ID: "DET-MET-02"},
	{ID: "INV-TRI"},
	{ID: "SEV-P1-ACK"},
}, []entry{{ID: "INV-P1"}})

func TestCited(t *testing.T) {
	tests := []struct {
		text, want, fails string
	}{
		{text: "Clauses: ESC-CHAIN-1, SEV-P1-ACK", want: "ESC-CHAIN-1 SEV-P1-ACK"},
		{text: "ESC-CHAIN-1..3", want: "ESC-CHAIN-1 ESC-CHAIN-2 ESC-CHAIN-3"},
		{text: "DET-MET-01..02.", want: "DET-MET-01 DET-MET-02"},
		{text: "INV-P1 is no clause of INV-TRI", want: "INV-P1 INV-TRI"},
		{text: "UTC-5, SHA-256 and INC-42 are not ours", want: ""},
		{text: "ESC-CHAIN-9", fails: "neither"},
		{text: "ESC-CHAIN-1..4", fails: "ESC-CHAIN-4"},
		{text: "ESC-CHAIN-3..1", fails: "ascending"},
		{text: "SEV-P1-ACK..3", fails: "numbered"},
		{text: "SEV-P1-*", fails: "wildcard"},
	}
	for _, tt := range tests {
		got, err := known.cited(tt.text)
		switch {
		case tt.fails != "":
			if err == nil || !strings.Contains(err.Error(), tt.fails) {
				t.Errorf("%q: error %v, want one with %q", tt.text, err, tt.fails)
			}
		case err != nil:
			t.Errorf("%q: %v", tt.text, err)
		case strings.Join(got, " ") != tt.want:
			t.Errorf("%q: got %v, want %s", tt.text, got, tt.want)
		}
	}
}

const goTest = `// Package x. ESC-CHAIN-3
package x

// Clauses: ESC-CHAIN-1
func TestOne(t *testing.T) {
	want := "SEV-P1-ACK" // not a claim
	t.Run("ESC-CHAIN-2 climbs", func(t *testing.T) {})
}

var cases = []struct{ name string }{
	{name: "DET-MET-01 over the line"},
}
`

const tsTest = `
// Clauses: ESC-CHAIN-1
test('the chain is drawn', () => {
  expect(x).toBe("DET-MET-02");
});
it("INV-TRI opens", () => {});
`

func TestScanFindsClaimsAndNothingElse(t *testing.T) {
	root := t.TempDir()
	write(t, root, "internal/x/x_test.go", goTest)
	write(t, root, "internal/x/x.go", "package x // SEV-P1-ACK")
	write(t, root, "web/src/a.test.tsx", tsTest)
	write(t, root, "web/node_modules/b.test.ts", "// SEV-P1-ACK")
	write(t, root, "test/story/s.yaml", "start: now # DET-MET-02\n")
	found, err := scan(root, known)
	if err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string][]proof{
		"ESC-CHAIN-1": {{"TestOne", "internal/x/x_test.go"}, {"the chain is drawn", "web/src/a.test.tsx"}},
		"ESC-CHAIN-2": {{"TestOne/ESC-CHAIN-2 climbs", "internal/x/x_test.go"}},
		"ESC-CHAIN-3": {{"", "internal/x/x_test.go"}},
		"DET-MET-01":  {{"", "internal/x/x_test.go"}},
		"DET-MET-02":  {{"", "test/story/s.yaml"}},
		"INV-TRI":     {{"INV-TRI opens", "web/src/a.test.tsx"}},
		"SEV-P1-ACK":  nil,
	} {
		if !slices.Equal(found[id], want) {
			t.Errorf("%s: got %v, want %v", id, found[id], want)
		}
	}
}

func TestScanNamesTheLineOfATypo(t *testing.T) {
	root := t.TempDir()
	write(t, root, "internal/x/x_test.go", "package x\n\n// ESC-CHAIM-1 is prose, ESC-CHAIN-7 a typo\nfunc TestOne() {}\n")
	_, err := scan(root, known)
	if err == nil || !strings.Contains(err.Error(), "internal/x/x_test.go:3: ESC-CHAIM-1") {
		t.Fatalf("got %v", err)
	}
}

// The committed table holds the whole procedure.
func TestClauseTableIsWhole(t *testing.T) {
	list, err := readClauses("../../../docs/clauses.tsv")
	if err != nil {
		t.Fatal(err)
	}
	clauses, systems := 0, 0
	for _, e := range list {
		if e.Group == "INT" {
			systems++
		} else {
			clauses++
		}
		if heads[e.Group] == "" {
			t.Errorf("%s: group %s has no heading", e.ID, e.Group)
		}
	}
	if clauses != 438 || systems != 32 {
		t.Errorf("%d clauses and %d systems, want 438 and 32", clauses, systems)
	}
}

func write(t *testing.T, root, rel, text string) {
	t.Helper()
	path := filepath.Join(root, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
