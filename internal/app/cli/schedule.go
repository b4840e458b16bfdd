package cli

import (
	"bytes"
	"encoding/json"
	"fmt"

	"allclear/internal/base/fault"
	"allclear/internal/domain/oncall"
)

// Resolve prints, for each instant, who is on call by a schedule file: one JSON
// object a line, the instant as it was given, an empty list for nobody.
func (t *Terminal) Resolve(file string, at []Instant) error {
	text, err := t.ReadFile(file)
	if err != nil {
		return fault.Wrap(fault.Internal, err, "read schedule")
	}
	s, err := oncall.Parse(text)
	if err != nil {
		return inFile(file, err)
	}
	for _, i := range at {
		who, err := plain(s.At(i.Time))
		if err != nil {
			return err
		}
		given, err := plain(i.Text)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(t.Out, "{\"at\": %s, \"on_call\": %s}\n", given, who); err != nil {
			return err
		}
	}
	return nil
}

// plain writes JSON without escaping what only HTML would care about.
func plain(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
