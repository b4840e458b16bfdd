package record

import (
	"github.com/danielgtaylor/huma/v2"

	"allclear/internal/domain/event"
)

// EventKind is what an entry of the record says happened.
type EventKind event.Kind

// Schema lists every kind, so that a client can be complete and know it.
func (EventKind) Schema(huma.Registry) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Examples: []any{string(event.Acknowledged)}, Description: "Later versions may add kinds: take one you do not know for a plain entry."}
	for _, k := range event.Kinds() {
		s.Enum = append(s.Enum, string(k))
	}
	s.PrecomputeMessages()
	return s
}
