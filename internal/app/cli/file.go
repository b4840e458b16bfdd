package cli

import (
	"errors"
	"regexp"

	"allclear/internal/base/fault"
)

// placed matches what begins with a line and a column: "3:7: ..." or "3:7 key".
var placed = regexp.MustCompile(`^(\d+:\d+):? ?`)

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
	c.Message, c.Details = file+": "+f.Message, nil
	for _, d := range f.Details {
		where, key, what := file, d.Where, d.What
		for _, part := range []*string{&key, &what} {
			if m := placed.FindStringSubmatch(*part); m != nil {
				where, *part = file+":"+m[1], (*part)[len(m[0]):]
			}
		}
		if key != "" {
			what = key + ": " + what
		}
		c.Details = append(c.Details, fault.Detail{Where: where, What: what})
	}
	if len(c.Details) > 0 {
		c.Message = c.Details[0].Where + ": " + c.Details[0].What
	}
	return &c
}
