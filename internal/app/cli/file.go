package cli

import (
	"errors"
	"strings"

	"allclear/internal/base/fault"
)

// inFile puts the file's name in front of the places an error names, so that
// an editor can jump there: "rota.yaml:3:7: ...".
func inFile(file string, err error) error {
	var f *fault.Error
	if !errors.As(err, &f) {
		return err
	}
	if file == "-" {
		file = "standard input"
	}
	c := *f
	c.Message = file + ": " + f.Message
	c.Details = nil
	for i, d := range f.Details {
		where := file + ":" + strings.TrimSuffix(placeIn(d.What), ": ")
		what := strings.TrimPrefix(strings.TrimPrefix(d.What, placeIn(d.What)), " ")
		if d.Where != "" {
			what = d.Where + ": " + what
		}
		d = fault.Detail{Where: strings.TrimSuffix(where, ":"), What: what}
		if i == 0 {
			c.Message = d.Where + ": " + d.What
		}
		c.Details = append(c.Details, d)
	}
	return &c
}

// placeIn is the "3:7: " that a message may begin with.
func placeIn(what string) string {
	end := strings.Index(what, ": ")
	if end <= 0 || strings.Trim(what[:end], "0123456789:") != "" {
		return ""
	}
	return what[:end+2]
}
