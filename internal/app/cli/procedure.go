package cli

import (
	"fmt"
	"io"
	"strings"

	"allclear/internal/base/fault"
	"allclear/internal/domain/procedure"
	"allclear/internal/domain/procedure/change"
	"allclear/procedures"
)

// BuiltIn names the procedure inside the binary where a file is wanted.
const BuiltIn = "techflow"

// LintProcedure checks a procedure file and prints what it found, as
// file:line:column. Warnings are no failure, errors are.
func (t *Terminal) LintProcedure(file string) error {
	text, name, err := t.procedure(file)
	if err != nil {
		return err
	}
	_, findings := procedure.Check(text, procedure.Surroundings{Today: t.Now()})
	var b strings.Builder
	for _, f := range findings {
		b.WriteString(f.In(name) + "\n")
	}
	wrong := procedure.Errors(findings)
	fmt.Fprintf(&b, "%s, %s\n", number(wrong, "error"), number(len(findings)-wrong, "warning"))
	if _, err := io.WriteString(t.Out, b.String()); err != nil {
		return err
	}
	if wrong > 0 {
		return fault.New(fault.Invalid, "%s: %s", name, number(wrong, "error"))
	}
	return nil
}

// ShowProcedure prints a procedure as it is understood.
func (t *Terminal) ShowProcedure(file string) error {
	p, err := t.parsed(file)
	if err != nil {
		return err
	}
	_, err = io.WriteString(t.Out, procedure.Show(p))
	return err
}

// DiffProcedure prints what a procedure says otherwise than another.
func (t *Terminal) DiffProcedure(file, other string) error {
	after, err := t.parsed(file)
	if err != nil {
		return err
	}
	before, err := t.parsed(other)
	if err != nil {
		return err
	}
	changes := change.Compare(before, after)
	for _, c := range changes {
		if _, err := fmt.Fprintln(t.Out, c); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintln(t.Out, number(len(changes), "difference"))
	return err
}

func (t *Terminal) parsed(file string) (*procedure.Procedure, error) {
	text, name, err := t.procedure(file)
	if err != nil {
		return nil, err
	}
	p, err := procedure.Parse(text)
	if err != nil {
		return nil, inFile(name, err)
	}
	return p, nil
}

// procedure reads a file or the built-in procedure, with the name it has in
// messages.
func (t *Terminal) procedure(file string) (text []byte, name string, err error) {
	switch file {
	case BuiltIn:
		return procedures.TechFlow, "techflow.yaml", nil
	case "-":
		text, err = t.ReadFile(file)
		return text, "standard input", err
	}
	text, err = t.ReadFile(file)
	return text, file, fault.Wrap(fault.Internal, err, "read procedure")
}

func number(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}
