// Package execute runs what a runner's allow-list says and nothing else: programs
// with a fixed list of arguments, never through a shell, and git for configuration
// that is taken back. It must not decide who may run what, nor ask the server.
package execute

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// List is what a runner may run, by name. Its file is the authority: whoever may
// edit it decides, and nobody else.
type List struct {
	Commands map[string]Command `yaml:"commands"`
}

// Command is one thing that may be run, in one of four ways.
type Command struct {
	Run      []string          `yaml:"run"`     // a program and its arguments; ${NAME} stands for a whole one
	DryRun   []string          `yaml:"dry_run"` // the same, that only says what it would do
	Git      *Git              `yaml:"git"`
	Workflow *Workflow         `yaml:"workflow"`
	HTTP     *HTTP             `yaml:"http"`
	Dir      string            `yaml:"dir"`     // working folder
	Env      map[string]string `yaml:"env"`     // for the program; ${NAME} stands for a whole value
	Pass     []string          `yaml:"pass"`    // variables of the runner's own that the program gets
	Secrets  []string          `yaml:"secrets"` // of those the ones that are never shown
	Timeout  string            `yaml:"timeout"` // at most so long, whatever the action says
	Output   int64             `yaml:"max_output"`

	limit time.Duration
}

// Git takes a commit back: the parameter COMMIT names it.
type Git struct {
	Remote string `yaml:"remote"`
	Branch string `yaml:"branch"`
	Author string `yaml:"author"` // "Name <mail>"
	Link   string `yaml:"link"`   // address of a commit, before its id
}

// Workflow starts a workflow of GitHub and waits for its end.
type Workflow struct {
	API    string            `yaml:"api"`  // https://api.github.com when empty
	Repo   string            `yaml:"repo"` // owner/name
	File   string            `yaml:"file"` // such as rollback.yml
	Ref    string            `yaml:"ref"`
	Inputs map[string]string `yaml:"inputs"` // ${NAME} stands for a whole value
	Token  string            `yaml:"token"`  // the variable of the runner's own that has it
}

// HTTP asks an address.
type HTTP struct {
	Method  string            `yaml:"method"` // POST when empty
	URL     string            `yaml:"url"`
	Headers map[string]string `yaml:"headers"`
	Body    any               `yaml:"body"`   // sent as JSON; a text that is ${NAME} stands for the value
	Token   string            `yaml:"token"`  // the variable of the runner's own that is sent as Authorization: Bearer
	Status  []int             `yaml:"status"` // good ones; none: 200 to 299
}

// Limits of a list.
const (
	DefaultOutput = 1 << 20
	maxOutput     = 16 << 20
	maxTimeout    = 4 * time.Hour
	maxFile       = 1 << 20
)

var (
	name     = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)
	place    = regexp.MustCompile(`^\$\{([A-Z][A-Z0-9_]{0,39})\}$`)
	variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// Read reads a list from a file. The file must not be writable for everybody: it says
// what runs.
func Read(path string) (*List, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read allow-list: %w", err)
	}
	const othersWrite = 0o002
	if info.Mode().Perm()&othersWrite != 0 {
		return nil, fmt.Errorf("read allow-list %s: everybody may write to it; chmod o-w", path)
	}
	if info.Size() > maxFile {
		return nil, fmt.Errorf("read allow-list %s: larger than %d bytes", path, maxFile)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read allow-list: %w", err)
	}
	return Parse(text)
}

// Parse reads a list; what it does not know is refused.
func Parse(text []byte) (*List, error) {
	l := &List{}
	if err := yaml.UnmarshalWithOptions(text, l, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("read allow-list: %w", err)
	}
	if len(l.Commands) == 0 {
		return nil, fmt.Errorf("read allow-list: it has no commands")
	}
	for _, id := range l.Names() {
		c := l.Commands[id]
		if err := c.check(id); err != nil {
			return nil, fmt.Errorf("read allow-list: %s: %w", id, err)
		}
		l.Commands[id] = c
	}
	return l, nil
}

// Names are the commands of the list, sorted.
func (l *List) Names() []string { return slices.Sorted(maps.Keys(l.Commands)) }

func (c *Command) check(id string) error {
	ways := 0
	for _, has := range []bool{len(c.Run) > 0, c.Git != nil, c.Workflow != nil, c.HTTP != nil} {
		if has {
			ways++
		}
	}
	switch {
	case !name.MatchString(id):
		return fmt.Errorf("a name has small letters, digits, - and _")
	case ways != 1:
		return fmt.Errorf("want one of run, git, workflow and http")
	case len(c.DryRun) > 0 && len(c.Run) == 0:
		return fmt.Errorf("dry_run goes with run")
	case c.Output < 0 || c.Output > maxOutput:
		return fmt.Errorf("max_output: at most %d", maxOutput)
	case c.Dir != "" && !filepath.IsAbs(c.Dir):
		return fmt.Errorf("dir: want a path from the root")
	}
	if c.Output == 0 {
		c.Output = DefaultOutput
	}
	if c.Timeout != "" {
		d, err := time.ParseDuration(c.Timeout)
		if err != nil || d < time.Second || d > maxTimeout {
			return fmt.Errorf("timeout: want a time from 1s to %s", maxTimeout)
		}
		c.limit = d
	}
	if err := programs(c.Run, c.DryRun); err != nil {
		return err
	}
	for _, v := range append(slices.Collect(maps.Keys(c.Env)), append(c.Pass, c.Secrets...)...) {
		if !variable.MatchString(v) {
			return fmt.Errorf("%q is no name of a variable", v)
		}
	}
	for k, v := range c.Env {
		if err := whole(v); err != nil {
			return fmt.Errorf("env: %s: %w", k, err)
		}
	}
	for _, s := range c.Secrets {
		if !slices.Contains(c.Pass, s) {
			return fmt.Errorf("secrets: %s is not passed", s)
		}
	}
	return c.outside()
}

// outside checks what is asked elsewhere.
func (c *Command) outside() error {
	switch {
	case c.Git != nil && (c.Git.Remote == "" || c.Git.Branch == "" || strings.HasPrefix(c.Git.Remote, "-") || strings.HasPrefix(c.Git.Branch, "-")):
		return fmt.Errorf("git: want a remote and a branch")
	case c.Git != nil && strings.Contains(c.Git.Remote, "::"):
		return fmt.Errorf("git: a remote that runs a program is not taken")
	case c.Workflow != nil && (strings.Count(c.Workflow.Repo, "/") != 1 || c.Workflow.File == "" || c.Workflow.Ref == "" || !variable.MatchString(c.Workflow.Token)):
		return fmt.Errorf("workflow: want a repo, a file, a ref and the name of the variable with a token")
	case c.HTTP != nil && (c.HTTP.URL == "" || c.HTTP.Token != "" && !variable.MatchString(c.HTTP.Token)):
		return fmt.Errorf("http: want an address, and for token the name of a variable")
	}
	if c.Workflow != nil {
		for k, v := range c.Workflow.Inputs {
			if err := whole(v); err != nil {
				return fmt.Errorf("workflow: inputs: %s: %w", k, err)
			}
		}
	}
	return nil
}

// programs refuses what would give text to a shell.
func programs(lists ...[]string) error {
	for _, argv := range lists {
		for i, a := range argv {
			if err := whole(a); err != nil {
				return err
			}
			if i == 0 && (!filepath.IsAbs(a) || place.MatchString(a)) {
				return fmt.Errorf("run: %q: want the path of a program from the root", a)
			}
		}
		if len(argv) > 1 && shell(argv) {
			return fmt.Errorf("run: %s is given text to run as commands: put it into a file, and the parameters into the environment or its arguments", argv[0])
		}
	}
	return nil
}

// shell reports whether an interpreter is given its program among the arguments
// together with a parameter, which would be run.
func shell(argv []string) bool {
	base := filepath.Base(argv[0])
	if !slices.Contains([]string{"sh", "bash", "dash", "zsh", "ksh", "ash", "busybox", "env", "xargs"}, base) {
		return false
	}
	return slices.ContainsFunc(argv, func(a string) bool { return strings.HasPrefix(a, "-") && strings.Contains(a, "c") }) &&
		slices.ContainsFunc(argv, place.MatchString)
}

// whole refuses a parameter within a text: only a whole argument cannot be taken for
// something else.
func whole(s string) error {
	if strings.Contains(s, "${") && !place.MatchString(s) {
		return fmt.Errorf("%q: a parameter stands alone, as in \"${NAME}\"", s)
	}
	return nil
}

// fill puts the value in the place of a parameter.
func fill(s string, values map[string]string) string {
	if m := place.FindStringSubmatch(s); m != nil {
		return values[m[1]]
	}
	return s
}
