// Package evidence owns what a piece of evidence is: a file that came in for an
// incident, what it is called, and that its bytes are named by their hash. It must
// not store, open or unpack anything.
package evidence

import (
	"mime"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"allclear/internal/base/fault"
	"allclear/internal/base/ident"
)

// File is one piece of evidence. Its bytes stand under their hash, and never change.
type File struct {
	ID         ident.ID  `json:"-"`
	IncidentID ident.ID  `json:"-"`
	SHA256     string    `json:"-"`
	Size       int64     `json:"size"`
	Name       string    `json:"name"`
	MediaType  string    `json:"media_type"` // as its sender says
	Note       string    `json:"note,omitempty"`
	About      About     `json:"about,omitzero"`
	By         string    `json:"by"`
	At         time.Time `json:"at"`
}

// About is what a file speaks for: a hypothesis, a solution or a task of its
// incident.
type About struct {
	Kind string   `json:"kind,omitempty"`
	ID   ident.ID `json:"id,omitempty"`
}

// Kinds are what a file can be about.
var Kinds = []string{"hypothesis", "solution", "finding", "task"}

// DefaultLimit is how large a file may be where nothing else is said.
const DefaultLimit = 25 << 20

const (
	maxName = 200
	maxNote = 10_000
)

// TooLarge is the refusal of a file beyond the limit.
func TooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "the file is larger than %d MB, which is the most that is kept as evidence: keep it elsewhere, and add where it is and its SHA-256 as text", limit>>20)
}

// Name is a file name that is safe to show and to save under: the last part of a
// path, without what a terminal or a file system would take for something else.
func Name(s string) string {
	s = path.Base(strings.ReplaceAll(strings.ToValidUTF8(s, ""), `\`, "/"))
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`/:*?"<>|`, r) {
			return '_'
		}
		return r
	}, s)
	s = strings.Trim(s, ". ")
	if rs := []rune(s); len(rs) > maxName {
		s = string(rs[:maxName])
	}
	return s
}

// MediaType is the type that a sender gives, or that of bytes of which nothing is
// known.
func MediaType(s string) string {
	t, params, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(t, "/") {
		return "application/octet-stream"
	}
	if c, ok := params["charset"]; ok {
		return mime.FormatMediaType(t, map[string]string{"charset": c})
	}
	return t
}

// Check says what is wrong with what somebody says of a file.
func (f *File) Check() error {
	err := fault.New(fault.Invalid, "something is missing or wrong")
	if f.Name == "" {
		err = err.With("query.name", "give the file a name")
	}
	if utf8.RuneCountInString(f.Note) > maxNote {
		err = err.With("query.note", "shorten it")
	}
	if f.Size == 0 {
		err = err.With("body", "the file is empty")
	}
	if len(err.Details) == 0 {
		return nil
	}
	return err
}
