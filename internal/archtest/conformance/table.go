package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
)

// entry is one thing that can be cited: a clause or an invariant.
type entry struct {
	ID, Group, Kind, Text string
}

// readClauses reads docs/clauses.tsv: id, group, kind, clause, with a header line.
func readClauses(path string) ([]entry, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []entry
	seen := map[string]bool{}
	for n, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		if n == 0 {
			continue
		}
		c := strings.Split(line, "\t")
		if len(c) != 4 {
			return nil, fmt.Errorf("%s:%d: want 4 columns, found %d", path, n+1, len(c))
		}
		if seen[c[0]] {
			return nil, fmt.Errorf("%s:%d: %s is listed twice", path, n+1, c[0])
		}
		seen[c[0]] = true
		list = append(list, entry{c[0], c[1], c[2], c[3]})
	}
	return list, nil
}

var invariantRow = regexp.MustCompile(`(?m)^\| (INV-[A-Z]\d+) \| ([^|]+) \|`)

// readInvariants reads the table rows of docs/invariants.md.
func readInvariants(path string) ([]entry, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var list []entry
	for _, g := range invariantRow.FindAllStringSubmatch(string(text), -1) {
		list = append(list, entry{g[1], "invariants", "invariant", strings.TrimSpace(g[2])})
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: no invariants found", path)
	}
	return list, nil
}

// index knows every citable ID and how a citation looks.
type index struct {
	ids    map[string]bool
	groups *regexp.Regexp
}

func newIndex(lists ...[]entry) index {
	ix := index{ids: map[string]bool{}}
	prefixes := map[string]bool{}
	for _, list := range lists {
		for _, e := range list {
			ix.ids[e.ID] = true
			head, _, _ := strings.Cut(e.ID, "-")
			prefixes[head] = true
		}
	}
	var alt []string
	for p := range prefixes {
		alt = append(alt, p)
	}
	ix.groups = regexp.MustCompile(`\b(?:` + strings.Join(alt, "|") + `)(?:-[A-Z0-9]+)+\b(?:\.\.[0-9]+)?(\*|-\*)?`)
	return ix
}

// cited returns the IDs that a piece of text names, ranges spelled out. Text
// that looks like an ID and is none is an error: a typo proves nothing.
func (ix index) cited(text string) ([]string, error) {
	var ids []string
	for _, m := range ix.groups.FindAllStringSubmatch(text, -1) {
		if m[1] != "" {
			return nil, fmt.Errorf("%s: name each clause, a wildcard claims too much", m[0])
		}
		list, err := spell(m[0])
		if err != nil {
			return nil, err
		}
		for _, id := range list {
			if !ix.ids[id] {
				return nil, fmt.Errorf("%s is neither in docs/clauses.tsv nor in docs/invariants.md", id)
			}
			ids = append(ids, id)
		}
	}
	return ids, nil
}

// spell turns ESC-CHAIN-1..5 into its five IDs, keeping leading zeros.
func spell(token string) ([]string, error) {
	first, last, isRange := strings.Cut(token, "..")
	if !isRange {
		return []string{token}, nil
	}
	cut := len(first)
	for cut > 0 && first[cut-1] >= '0' && first[cut-1] <= '9' {
		cut--
	}
	if cut == len(first) {
		return nil, fmt.Errorf("%s: a range starts with a numbered ID", token)
	}
	from, err := strconv.Atoi(first[cut:])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", token, err)
	}
	to, err := strconv.Atoi(last)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", token, err)
	}
	if to <= from || to-from > 99 {
		return nil, fmt.Errorf("%s: not an ascending range", token)
	}
	var ids []string
	for n := from; n <= to; n++ {
		ids = append(ids, fmt.Sprintf("%s%0*d", first[:cut], len(first)-cut, n))
	}
	return ids, nil
}
