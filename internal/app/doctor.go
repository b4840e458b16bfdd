package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"allclear/internal/base/fault"
)

// The verdicts of a check.
const (
	fine    = "ok"
	warning = "warning" // works, and somebody should know
	wrong   = "wrong"   // pages may be lost
)

// finding is what doctor says about one thing.
type finding struct {
	Check string `json:"check"`
	State string `json:"state"`
	Found string `json:"found"`
}

// examination collects findings.
type examination struct {
	c     Config
	found []finding
}

func (x *examination) say(check, state, format string, args ...any) {
	x.found = append(x.found, finding{check, state, fmt.Sprintf(format, args...)})
}

// Doctor looks at an installation, changes nothing, and prints what it found: a
// table for people, JSON for programs. Its error says that something is wrong.
func Doctor(ctx context.Context, c Config, table bool, out io.Writer) error {
	x := &examination{c: c}
	x.folder()
	x.disk()
	x.key()
	x.outbound()
	x.channels()
	x.listeners(ctx)
	x.mail(ctx)
	x.database(ctx)
	if err := x.print(table, out); err != nil {
		return err
	}
	if n := x.count(wrong); n > 0 {
		return fault.New(fault.Unavailable, "doctor: %d of %d checks found something wrong", n, len(x.found))
	}
	return nil
}

func (x *examination) count(state string) (n int) {
	for _, f := range x.found {
		if f.State == state {
			n++
		}
	}
	return n
}

func (x *examination) print(table bool, out io.Writer) error {
	if !table {
		e := json.NewEncoder(out)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(struct {
			OK       bool      `json:"ok"`
			Warnings int       `json:"warnings"`
			Checks   []finding `json:"checks"`
		}{x.count(wrong) == 0, x.count(warning), x.found})
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	var errs []error
	for _, f := range x.found {
		_, err := fmt.Fprintf(w, "%s\t%s\t%s\n", f.State, f.Check, strings.ReplaceAll(f.Found, "\n", " "))
		errs = append(errs, err)
	}
	return errors.Join(append(errs, w.Flush())...)
}
