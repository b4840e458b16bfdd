package wire

import "github.com/danielgtaylor/huma/v2"

// Arrays says of arrays that they are never null, in the document and in
// validation: huma's own switch for it is a global.
type Arrays map[*huma.Schema]bool

// Operation fixes what an operation takes and answers.
func (f Arrays) Operation(op *huma.Operation) {
	if op == nil {
		return
	}
	for _, p := range op.Parameters {
		f.Schema(p.Schema)
	}
	if op.RequestBody != nil {
		f.content(op.RequestBody.Content)
	}
	for _, r := range op.Responses {
		f.content(r.Content)
	}
}

func (f Arrays) content(c map[string]*huma.MediaType) {
	for _, m := range c {
		f.Schema(m.Schema)
	}
}

// Schema fixes a schema and what is below it, each once.
func (f Arrays) Schema(s *huma.Schema) {
	if s == nil || f[s] {
		return
	}
	f[s] = true
	if s.Type == huma.TypeArray {
		s.Nullable = false
	}
	f.Schema(s.Items)
	if sub, ok := s.AdditionalProperties.(*huma.Schema); ok {
		f.Schema(sub)
	}
	for _, p := range s.Properties {
		f.Schema(p)
	}
	for _, subs := range [][]*huma.Schema{s.OneOf, s.AnyOf, s.AllOf} {
		for _, sub := range subs {
			f.Schema(sub)
		}
	}
}
