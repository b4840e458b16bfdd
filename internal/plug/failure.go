package plug

import (
	"errors"
	"fmt"
	"time"
)

// FailureKind says what a failed send means for the next attempt. An error
// nobody classified is Unknown, because a duplicate is better than a miss.
type FailureKind uint8

// The kinds of failure.
const (
	Unknown   FailureKind = iota // may have been delivered (for example a timeout after the payload): send again with the same key
	Retry                        // certainly not delivered, may work later
	Permanent                    // will never work for this address: go on to the next contact
)

// String returns the kind in one word.
func (k FailureKind) String() string {
	switch k {
	case Retry:
		return "retry"
	case Permanent:
		return "permanent"
	case Unknown:
	}
	return "unknown"
}

// MaxRetryAfter is the longest wait a provider may ask for; a page must not be
// parked for a day because a peer says so.
const MaxRetryAfter = time.Hour

// Failure classifies the error of a send. Its text is safe to show: plug-ins
// put no secret, no full URL and at most MaxEcho characters of an answer in it.
type Failure struct {
	Kind       FailureKind
	Ours       bool          // the provider refuses our account or sender, whatever the address: another provider may take it
	RetryAfter time.Duration // the provider's wish, zero when it has none; at most MaxRetryAfter
	Gone       bool          // the address itself is no more, as its provider says: it can be forgotten
	Err        error
}

// Fail makes a Failure of the kind with a formatted cause; %w keeps a wrapped
// error reachable.
func Fail(k FailureKind, format string, args ...any) *Failure {
	return &Failure{Kind: k, Err: fmt.Errorf(format, args...)}
}

// Again is err as one that may work on the next try.
func Again(err error) error { return as(err, Retry) }

// Unsure is err as one after which nobody knows whether it was done.
func Unsure(err error) error { return as(err, Unknown) }

func as(err error, k FailureKind) error {
	if err == nil {
		return nil
	}
	f := *FailureOf(err)
	f.Kind = k
	return &f
}

func (f *Failure) Error() string {
	if f.Err == nil {
		return f.Kind.String()
	}
	return f.Err.Error()
}

// Unwrap returns the cause.
func (f *Failure) Unwrap() error { return f.Err }

// FailureOf returns the outermost Failure in err's chain, an Unknown one around
// err when there is none, and nil for nil.
func FailureOf(err error) *Failure {
	if err == nil {
		return nil
	}
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	return &Failure{Kind: Unknown, Err: err}
}
