package admin

import (
	"errors"

	"allclear/internal/base/fault"
	"allclear/internal/domain/catalog"
)

// Lint reads declarative files and reports what is wrong with each entity by
// itself, with its place. References are taken to lead somewhere: Apply judges
// them against a catalogue. It needs no database and asks for no right, since
// it reads nothing but the files.
func Lint(files []File) ([]catalog.Entity, error) {
	docs, err := read(files)
	if err != nil {
		return nil, err
	}
	var problems []fault.Detail
	out := make([]catalog.Entity, len(docs))
	for i, d := range docs {
		out[i] = d.entity
		var bad *fault.Error
		switch err := catalog.Check(d.entity, everything{}); {
		case err == nil:
		case errors.As(err, &bad):
			for _, w := range bad.Details {
				problems = append(problems, d.problem(w))
			}
		default:
			return nil, err
		}
	}
	return out, refuse(problems)
}

// everything is a catalogue in which whatever is asked for exists.
type everything struct{}

func (everything) Exists(catalog.Kind, string) bool { return true }

func (everything) DependsOn(string) []string { return nil }
