// Package cli owns what the commands of the binary do: reading files, asking a
// running server over its API, and printing. Flags are declared in
// cmd/allclear. It must not open the database of a server; what does is in
// internal/app.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
	"unicode"

	"allclear/internal/base/fault"
)

// Exit codes of the binary.
const (
	ExitOK       = 0
	ExitFailed   = 1
	ExitUsage    = 2
	ExitNotFound = 3
	ExitRefused  = 4
)

// Terminal is where a command reads and writes, and what it may know of the
// world outside.
type Terminal struct {
	In       io.Reader
	Out, Err io.Writer
	Tables   bool // a person reads Out, so tables are better than JSON
	Version  string
	Now      func() time.Time
}

// Standard is the terminal of the process.
func Standard(version string) *Terminal {
	return &Terminal{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Tables: isTerminal(os.Stdout), Version: version, Now: time.Now}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// ExitCode maps an error to what the process answers with.
func ExitCode(err error) int {
	switch {
	case err == nil:
		return ExitOK
	case errors.Is(err, context.Canceled):
		return ExitFailed
	}
	switch fault.KindOf(err) {
	case fault.NotFound:
		return ExitNotFound
	case fault.Refused, fault.Unauthenticated, fault.Conflict:
		return ExitRefused
	case fault.Internal: // nobody classified it
		if errors.Is(err, fs.ErrNotExist) {
			return ExitNotFound
		}
	case fault.Invalid, fault.TooLarge, fault.Busy, fault.Unavailable:
	}
	return ExitFailed
}

// Report prints an error for people: what failed, then each detail that this
// does not say already, on a line of its own where there are several.
func (t *Terminal) Report(err error) {
	if err == nil {
		return
	}
	text := printable(err.Error())
	var f *fault.Error
	if errors.As(err, &f) {
		said, between := text, "\n  "
		if len(f.Details) == 1 {
			between = ": "
		}
		for _, d := range f.Details {
			if line := printable(strings.TrimPrefix(d.Where+": "+d.What, ": ")); !strings.Contains(said, line) {
				text += between + line
			}
		}
	}
	fmt.Fprintln(t.Err, "allclear: "+text)
}

// printable makes text from elsewhere safe for a terminal: a control sequence
// in an alert's summary must not move the cursor or set the title.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// ReadFile reads a file, or standard input for "-".
func (t *Terminal) ReadFile(path string) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(t.In)
	}
	return os.ReadFile(path)
}

// Instant is a flag in RFC 3339; Text is how it was given.
type Instant struct {
	Time time.Time
	Text string
}

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *Instant) UnmarshalText(b []byte) error {
	i.Text = string(b)
	// time.Time is strict RFC 3339 here, but for a comma before the fraction.
	if strings.ContainsRune(i.Text, ',') || i.Time.UnmarshalText(b) != nil {
		return fmt.Errorf("%q is not an instant in RFC 3339, such as 2026-03-08T02:30:00-06:00", i.Text)
	}
	return nil
}
