// Package fault owns the kinds of error the product answers with. Lower layers
// choose a kind; edges map it to an HTTP problem (RFC 9457) or an exit code.
// It must not know HTTP, SQL or logging.
package fault

import (
	"errors"
	"fmt"
)

// Kind says what sort of failure an error is.
type Kind uint8

// The kinds. Internal is the zero value: an error nobody classified.
const (
	Internal Kind = iota
	Invalid
	Unauthenticated
	Refused
	NotFound
	Conflict
	TooLarge
	Busy
	Unavailable
)

var names = [...]string{"internal", "invalid", "unauthenticated", "refused", "not found", "conflict", "too large", "busy", "unavailable"}

// String returns the kind's name in words.
func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "internal"
}

// Detail points at one thing that is wrong with the input: where (a JSON
// pointer or a field name) and what to do about it.
type Detail struct {
	Where string `json:"where,omitempty"`
	What  string `json:"what"`
}

// Error is an error with a kind, a sentence for the reader and, where it
// helps, details.
type Error struct {
	Kind    Kind
	Message string
	Details []Detail
	cause   error
}

func (e *Error) Error() string {
	if e.cause != nil {
		return e.Message + ": " + e.cause.Error()
	}
	return e.Message
}

// Unwrap returns the cause, if any.
func (e *Error) Unwrap() error { return e.cause }

// New makes an error of the kind with a formatted message. A %w verb keeps
// the wrapped error reachable for errors.Is and errors.As.
func New(k Kind, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Kind: k, Message: err.Error(), cause: nil, Details: nil}
}

// Wrap gives err a kind and a message in front. It returns nil for nil.
func Wrap(k Kind, err error, message string) error {
	if err == nil {
		return nil
	}
	return &Error{Kind: k, Message: message, cause: err}
}

// With returns a copy of e with one more detail.
func (e *Error) With(where, what string) *Error {
	c := *e
	c.Details = append(append([]Detail(nil), e.Details...), Detail{Where: where, What: what})
	return &c
}

// KindOf returns the kind of the outermost *Error in err's chain, Internal
// when there is none.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of kind k.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }
