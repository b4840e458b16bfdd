package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"allclear/internal/archtest"
)

// proof is one test that cites an ID.
type proof struct {
	Test string // name of the test, "" when the citation stands for the whole file
	File string // slash separated, relative to the repository
}

// proofs maps an ID to the tests that cite it, in a stable order.
type proofs map[string][]proof

func (p proofs) add(ids []string, test, file string) {
	for _, id := range ids {
		one := proof{test, file}
		if !slices.Contains(p[id], one) {
			p[id] = append(p[id], one)
		}
	}
}

// scan reads all test code below root: Go tests, what is under test/, and the
// console's unit tests. Product code does not count, and neither does the
// architecture test, whose fixtures only look like citations.
func scan(root string, known index) (proofs, error) {
	found := proofs{}
	err := archtest.Walk(root, func(rel string) error {
		if strings.HasPrefix(rel, "internal/archtest/") {
			return nil
		}
		kind := kindOf(rel)
		if kind == nil {
			return nil
		}
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(rel)))
		if err != nil {
			return err
		}
		return kind(found, known, rel, string(text))
	})
	if err != nil {
		return nil, err
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b proof) int {
			return strings.Compare(a.File+"\x00"+a.Test, b.File+"\x00"+b.Test)
		})
	}
	return found, nil
}

type scanner func(found proofs, known index, rel, text string) error

func kindOf(rel string) scanner {
	inTest := strings.HasPrefix(rel, "test/")
	switch filepath.Ext(rel) {
	case ".go":
		if inTest || strings.HasSuffix(rel, "_test.go") {
			return scanGo
		}
	case ".ts", ".tsx", ".mjs":
		if inTest || strings.Contains(rel, ".test.") || strings.Contains(rel, ".spec.") {
			return scanScript
		}
	case ".yaml", ".yml":
		if inTest {
			return scanYAML
		}
	}
	return nil
}

var testTitle = regexp.MustCompile("\\b(?:test|it|describe)(?:\\.[a-z]+)?\\(\\s*(?:'([^']*)'|\"([^\"]*)\"|`([^`]*)`)")

// scanScript reads TypeScript line by line: comments and test titles cite.
func scanScript(found proofs, known index, rel, text string) error {
	lines := strings.Split(text, "\n")
	for n, line := range lines {
		title := titleOf(line)
		trimmed := strings.TrimSpace(line)
		comment := ""
		if i := strings.Index(line, "//"); i >= 0 {
			comment = line[i:]
		} else if strings.HasPrefix(trimmed, "*") || strings.HasPrefix(trimmed, "/*") {
			comment = trimmed
		}
		ids, err := known.cited(title + "\n" + comment)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", rel, n+1, err)
		}
		if len(ids) > 0 {
			found.add(ids, nearestTitle(lines, n), rel)
		}
	}
	return nil
}

func titleOf(line string) string {
	g := testTitle.FindStringSubmatch(line)
	if g == nil {
		return ""
	}
	return g[1] + g[2] + g[3]
}

// nearestTitle names the test a line belongs to: the title on the line itself
// or just below it (a comment above a test), else the last one above.
func nearestTitle(lines []string, n int) string {
	for i := n; i < len(lines) && i < n+4; i++ {
		if t := titleOf(lines[i]); t != "" {
			return t
		}
	}
	for i := n - 1; i >= 0; i-- {
		if t := titleOf(lines[i]); t != "" {
			return t
		}
	}
	return ""
}

// scanYAML reads the comments of scenario files; the file is the test.
func scanYAML(found proofs, known index, rel, text string) error {
	for n, line := range strings.Split(text, "\n") {
		i := strings.IndexByte(line, '#')
		if i < 0 {
			continue
		}
		ids, err := known.cited(line[i:])
		if err != nil {
			return fmt.Errorf("%s:%d: %w", rel, n+1, err)
		}
		found.add(ids, "", rel)
	}
	return nil
}
