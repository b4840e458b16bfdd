package wire

import (
	"errors"
	"strings"

	"allclear/internal/base/fault"
)

// InBody says of a field of the flow's input where in the request's body it is.
func InBody(err error) error {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return err
	}
	c := *f
	c.Details = Each(f.Details, func(d fault.Detail) fault.Detail {
		field, rest, _ := strings.Cut(d.Where, "/")
		if rest != "" {
			rest = "[" + rest + "]"
		}
		d.Where = "body." + strings.TrimPrefix(field, "body.") + rest
		return d
	})
	return &c
}
