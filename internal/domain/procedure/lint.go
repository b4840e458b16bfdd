package procedure

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"allclear/internal/domain/oncall"
)

// Level of a finding.
const (
	LintError   = "error"   // somebody would not be told, or the engine would refuse
	LintWarning = "warning" // it works, and may surprise
)

// Finding is one thing Lint noticed, with what to do about it.
type Finding struct {
	Place
	Level   string `json:"level"`
	Code    string `json:"code"`
	Path    string `json:"path"` // such as rules[3].notice.text
	Message string `json:"message"`
	Help    string `json:"help"`
}

// In writes the finding the way compilers do: file:line:column: level code.
func (f Finding) In(file string) string {
	return fmt.Sprintf("%s:%s: %s %s: %s\n    %s", file, f.Place, f.Level, f.Code, f.Message, f.Help)
}

// Errors counts the findings that are errors.
func Errors(fs []Finding) (n int) {
	for _, f := range fs {
		if f.Level == LintError {
			n++
		}
	}
	return n
}

// Surroundings is what the linter may know beside the file. What is left out is
// not judged.
type Surroundings struct {
	Today     time.Time                   // for the review date and the rotations
	Schedules map[string]*oncall.Schedule // of the catalogue, by id
	Holders   map[string]int              // people of the catalogue per role
	Members   map[string]int              // people of the catalogue per team
}

// rotationAhead is how far rotations are looked through for gaps.
const rotationAhead = 14 * 24 * time.Hour

// Check reads and lints a file. What cannot be read is reported as findings
// too, and the procedure is then nil.
func Check(src []byte, s Surroundings) (*Procedure, []Finding) {
	if len(src) > maxBytes {
		return nil, []Finding{{Level: LintError, Code: "too-large", Message: fmt.Sprintf("the file has %d bytes, the limit is %d", len(src), maxBytes), Help: "Move what is not procedure out of the file."}}
	}
	p, _, problems := read(src)
	if len(problems) == 0 {
		return p, Lint(p, src, s)
	}
	var out []Finding
	for _, b := range problems {
		out = append(out, Finding{Place: b.at, Level: LintError, Code: "unreadable", Path: b.path, Message: b.what, Help: "See docs/procedure.md for what may stand here; the schema gives hints in an editor."})
	}
	return nil, out
}

// Lint judges whether a procedure makes sense. src is the file p was read from;
// without it positions are 0:0. Findings come in the order of the file.
func Lint(p *Procedure, src []byte, s Surroundings) []Finding {
	c := checker{p: p, around: s, rules: map[string]bool{}}
	if len(src) > 0 && len(src) <= maxBytes {
		_, c.places, _ = read(src)
	}
	c.document()
	c.severities()
	c.clocks()
	c.reached()
	c.chain()
	c.chainAgainstClocks()
	c.levels()
	c.paging()
	c.mailboxes()
	c.metrics()
	c.noise()
	c.tickets()
	c.healthChecks()
	c.retention()
	c.warRoom()
	c.aftermath()
	c.review()
	c.actions()
	c.credits()
	c.lists()
	for i := range p.Rules {
		c.rule(i)
	}
	c.duties()
	c.texts()
	c.figures()
	c.people()
	slices.SortStableFunc(c.out, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	return c.out
}

// checker collects findings about one procedure.
type checker struct {
	p      *Procedure
	around Surroundings
	places map[string]Place
	rules  map[string]bool // ids seen
	used   usage
	out    []Finding
}

func (c *checker) err(code, path, help, format string, args ...any) {
	c.add(LintError, code, path, help, format, args...)
}

func (c *checker) warn(code, path, help, format string, args ...any) {
	c.add(LintWarning, code, path, help, format, args...)
}

func (c *checker) add(level, code, path, help, format string, args ...any) {
	c.out = append(c.out, Finding{Place: c.place(path), Level: level, Code: code, Path: path, Message: fmt.Sprintf(format, args...), Help: help})
}

// place is where the path stands in the file, or the nearest thing around it.
func (c *checker) place(path string) Place {
	for {
		if at, ok := c.places[path]; ok {
			return at
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return c.places[""]
		}
		path = path[:i]
	}
}
