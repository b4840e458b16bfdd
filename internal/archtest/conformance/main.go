// Command conformance writes docs/conformance.md: for every clause of the
// procedure and every invariant of the product, the tests that cite it, or the
// word open. It must not judge whether a test proves its clause, only that the
// citation stands in test code and names something that exists.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	root := flag.String("root", ".", "the repository")
	flag.Parse()
	if err := run(*root); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(root string) error {
	clauses, err := readClauses(filepath.Join(root, "docs", "clauses.tsv"))
	if err != nil {
		return err
	}
	invariants, err := readInvariants(filepath.Join(root, "docs", "invariants.md"))
	if err != nil {
		return err
	}
	known := newIndex(clauses, invariants)
	proofs, err := scan(root, known)
	if err != nil {
		return err
	}
	page := render(clauses, invariants, proofs)
	return os.WriteFile(filepath.Join(root, "docs", "conformance.md"), page, 0o644)
}
