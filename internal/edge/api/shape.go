package api

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
	"allclear/internal/domain/authz"
	"allclear/internal/edge/api/record"
	"allclear/internal/edge/api/wire"
)

// Reply is an answer that is one document.
type Reply[T any] struct{ Body T }

func reply[T any](v T) *Reply[T] { return &Reply[T]{Body: v} }

// Tagged is an answer whose state can be named in If-Match.
type Tagged[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// tagged makes the tag from the document itself.
func tagged[T any](v T) *Tagged[T] { return &Tagged[T]{ETag: tagOf(v), Body: v} }

func tagOf(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(b)
	return fmt.Sprintf(`"%x"`, sum[:12])
}

// IfMatch is embedded in inputs of routes that change one document.
type IfMatch struct {
	Tags string `header:"If-Match" doc:"Change only while the document still has this ETag. Optional."`
}

// check fails with 412 when the caller saw another state than current. Ask it
// inside the flow's transaction where two callers may race.
func (m IfMatch) check(current any) error {
	if m.Tags == "" || wire.Listed(m.Tags, tagOf(current)) {
		return nil
	}
	return &Problem{Status: http.StatusPreconditionFailed, Detail: "it has changed since you read it: read it again"}
}

// List is one page of a collection.
type List[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor" doc:"Give it as cursor for the next page; empty on the last."`
}

// list makes a page; a nil slice is an empty page, never null.
func list[T any](items []T, next string) *Reply[List[T]] {
	if items == nil {
		items = []T{}
	}
	return reply(List[T]{Items: items, NextCursor: next})
}

// Page is embedded in inputs of lists.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"400" doc:"next_cursor of the page before."`
}

// toCursor writes the sort key of the last item of a page. It is opaque to
// callers and grants nothing: it is a position, not a filter.
func toCursor(key any) string {
	b, err := json.Marshal(key)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// fromCursor reads a position into key and reports whether one was given.
func fromCursor(cursor string, key any) (bool, error) {
	if cursor == "" {
		return false, nil
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err == nil {
		err = json.Unmarshal(b, key)
	}
	if err != nil {
		return false, fault.New(fault.Invalid, "validation failed").With("query.cursor", "not a cursor of this list")
	}
	return true, nil
}

// cut takes one page from items that were read with limit+1, and the cursor of
// the next page, which is empty on the last.
func cut[T any](items []T, limit int, key func(T) any) ([]T, string) {
	if len(items) <= limit {
		return items, ""
	}
	items = items[:limit]
	return items, toCursor(key(items[limit-1]))
}

// IncidentPath is embedded in inputs of routes below an incident.
type IncidentPath struct {
	Ref string `path:"id" maxLength:"40" doc:"INC-42 or 42."`
}

func (p IncidentPath) number() (int64, error) { return record.ParseNumber(p.Ref) }

// parseID reads the id of a row. What cannot be an id answers like a row that
// does not exist.
func parseID(kind, s string) (ident.ID, error) {
	id, err := ident.Parse(s)
	if err != nil {
		return 0, authz.NotFound(kind, s)
	}
	return id, nil
}
