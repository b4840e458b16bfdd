package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"allclear/internal/app/cli"
)

type versionCmd struct{}

func (versionCmd) Run(t *cli.Terminal) error {
	_, err := fmt.Fprintf(t.Out, "allclear %s (%s, %s/%s)\n", t.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"${enum}."`
}

// The scripts hand the words so far to the binary, which knows its commands;
// so they never grow old.
var scripts = map[string]string{
	"bash": `_allclear() {
  local IFS=$'\n'
  COMPREPLY=($(allclear __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
  [ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default
}
complete -F _allclear allclear
`,
	"zsh": `#compdef allclear
_allclear() {
  local -a answers
  answers=("${(@f)$(allclear __complete "${(@)words[2,$CURRENT]}" 2>/dev/null)}")
  if [ -n "${answers[1]}" ]; then compadd -a answers; else _files; fi
}
compdef _allclear allclear
`,
	"fish": `complete -c allclear -f -a '(allclear __complete (commandline -opc)[2..-1] (commandline -ct))'
complete -c allclear -F -n 'not count (allclear __complete (commandline -opc)[2..-1] (commandline -ct)) >/dev/null'
`,
}

func (c *completionCmd) Run(t *cli.Terminal) error {
	_, err := fmt.Fprint(t.Out, scripts[c.Shell])
	return err
}

type completeCmd struct {
	Words []string `arg:"" optional:"" help:"The words so far; the last one is being typed."`
}

func (c *completeCmd) Run(t *cli.Terminal, parser *kong.Kong) error {
	for _, a := range answers(parser.Model.Node, c.Words) {
		if _, err := fmt.Fprintln(t.Out, a); err != nil {
			return err
		}
	}
	return nil
}

// answers lists what may stand in the place of the last word.
func answers(n *kong.Node, words []string) []string {
	if len(words) == 0 {
		words = []string{""}
	}
	last := words[len(words)-1]
	var wanted *kong.Flag // the flag whose value comes next
	for _, w := range words[:len(words)-1] {
		switch {
		case wanted != nil:
			wanted = nil
		case strings.HasPrefix(w, "-"):
			if f := flagOf(n, w); f != nil && !strings.Contains(w, "=") && !f.IsBool() {
				wanted = f
			}
		default:
			if next := childOf(n, w); next != nil {
				n = next
			}
		}
	}
	var all []string
	switch {
	case wanted != nil:
		if wanted.Enum != "" {
			all = wanted.EnumSlice()
		}
	case strings.HasPrefix(last, "-"):
		all = flagNames(n)
	case n.Leaf():
		for _, p := range n.Positional {
			if p.Enum != "" {
				all = append(all, p.EnumSlice()...)
			}
		}
	default:
		for _, child := range n.Children {
			if !child.Hidden {
				all = append(all, child.Name)
			}
		}
	}
	all = slices.DeleteFunc(all, func(a string) bool { return !strings.HasPrefix(a, last) })
	slices.Sort(all)
	return slices.Compact(all)
}

func childOf(n *kong.Node, name string) *kong.Node {
	for _, child := range n.Children {
		if child.Name == name || slices.Contains(child.Aliases, name) {
			return child
		}
	}
	return nil
}

func flagNames(n *kong.Node) []string {
	var out []string
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			out = append(out, "--"+f.Name)
		}
	}
	return out
}

func flagOf(n *kong.Node, word string) *kong.Flag {
	name, _, _ := strings.Cut(strings.TrimLeft(word, "-"), "=")
	for _, group := range n.AllFlags(false) {
		for _, f := range group {
			if f.Name == name || len(name) == 1 && string(f.Short) == name {
				return f
			}
		}
	}
	return nil
}
