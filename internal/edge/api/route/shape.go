package route

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

func One[T any](v T) *Reply[T] { return &Reply[T]{Body: v} }

// Tagged is an answer whose state can be named in If-Match.
type Tagged[T any] struct {
	ETag string `header:"ETag"`
	Body T
}

// Tag makes the tag from the document itself.
func Tag[T any](v T) *Tagged[T] { return &Tagged[T]{ETag: ETagOf(v), Body: v} }

func ETagOf(v any) string {
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

// Check fails with 412 when the caller saw another state than current. Ask it
// inside the flow's transaction where two callers may race.
func (m IfMatch) Check(current any) error {
	if m.Tags == "" || wire.Listed(m.Tags, ETagOf(current)) {
		return nil
	}
	return &wire.Problem{Status: http.StatusPreconditionFailed, Detail: "it has changed since you read it: read it again"}
}

// List is one page of a collection.
type List[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"next_cursor" doc:"Give it as cursor for the next page; empty on the last."`
}

// Items makes a page; a nil slice is an empty page, never null.
func Items[T any](items []T, next string) *Reply[List[T]] {
	if items == nil {
		items = []T{}
	}
	return One(List[T]{Items: items, NextCursor: next})
}

// Page is embedded in inputs of lists.
type Page struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" default:"50" doc:"How many at most."`
	Cursor string `query:"cursor" maxLength:"400" doc:"next_cursor of the page before."`
}

// Whole is embedded in inputs of lists that are short: all of it comes at once,
// unless the caller asks for less.
type Whole struct {
	Limit  int    `query:"limit" minimum:"1" maximum:"500" doc:"How many at most; all of them when absent."`
	Cursor string `query:"cursor" maxLength:"400" doc:"next_cursor of the page before."`
}

// Of answers what of all was asked for, as show shows it. key names an item
// among the others, and keeps its name when its figures change.
func Of[A, B any](w Whole, all []A, show func(A) B, key func(B) string) (*Reply[List[B]], error) {
	if w.Limit == 0 {
		w.Limit = len(all)
	}
	return Slice(wire.Each(all, show), Page(w), key)
}

// ToCursor writes the sort key of the last item of a page. It is opaque to
// callers and grants nothing: it is a position, not a filter.
func ToCursor(key any) string {
	b, err := json.Marshal(key)
	if err != nil {
		return ""
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

// FromCursor reads a position into key and reports whether one was given.
func FromCursor(cursor string, key any) (bool, error) {
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

// Cut takes one page from items that were read with limit+1, and the cursor of
// the next page, which is empty on the last.
func Cut[T any](items []T, limit int, key func(T) any) ([]T, string) {
	if len(items) <= limit {
		return items, ""
	}
	items = items[:limit]
	return items, ToCursor(key(items[limit-1]))
}

// Slice cuts a page out of a whole list, after the item that the cursor names.
func Slice[T any](all []T, p Page, id func(T) string) (*Reply[List[T]], error) {
	var last string
	resumed, err := FromCursor(p.Cursor, &last)
	if err != nil {
		return nil, err
	}
	for k := 0; resumed && k < len(all); k++ {
		if id(all[k]) == last {
			all, resumed = all[k+1:], false
		}
	}
	if resumed {
		all = nil // what the cursor named is gone, and so is the place after it
	}
	items, next := Cut(all, p.Limit, func(v T) any { return id(v) })
	return Items(items, next), nil
}

// IncidentPath is embedded in inputs of routes below an incident.
type IncidentPath struct {
	Ref string `path:"id" maxLength:"40" doc:"INC-42 or 42."`
}

func (p IncidentPath) Number() (int64, error) { return record.ParseNumber(p.Ref) }

// Below is the input of a list of what an incident has.
type Below struct {
	IncidentPath
	Page
}

// ParseID reads the id of a row. What cannot be an id answers like a row that
// does not exist.
func ParseID(kind, s string) (ident.ID, error) {
	id, err := ident.Parse(s)
	if err != nil {
		return 0, authz.NotFound(kind, s)
	}
	return id, nil
}
