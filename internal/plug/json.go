package plug

import (
	"bytes"
	"strconv"
	"strings"

	"allclear/internal/base/fault"
)

// MaxDepth is how deep a payload may nest.
const MaxDepth = 64

// JSON walks one document (RFC 8259) from start to end, checking while it
// reads, so that a payload is looked at once: known keys are asked for by the
// caller, everything else is skipped and still has to be well-formed. The
// first error sticks; after it every call returns nothing at once. Keys that
// come twice are seen twice, so the last one wins, as in most parsers (vmalert
// 1.79 writes "alertname" twice).
type JSON struct {
	data  []byte
	pos   int
	depth int
	what  string // the first error; empty: none
	where string // its JSON pointer, put together while the callers return
}

// ReadJSON starts at the beginning of body. A UTF-8 byte order mark is passed
// over.
func ReadJSON(body []byte) *JSON {
	return &JSON{data: bytes.TrimPrefix(body, []byte("\xef\xbb\xbf"))}
}

// End answers the first error, or one for anything that follows the document.
func (j *JSON) End() error {
	if j.next(); j.what == "" && j.pos < len(j.data) {
		j.fail("there is more after the end of the document")
	}
	return j.Err()
}

// Err is the first error so far, as fault.Invalid with a JSON pointer.
func (j *JSON) Err() error {
	if j.what == "" {
		return nil
	}
	return fault.New(fault.Invalid, "the body is not what this endpoint takes").With(j.where, j.what)
}

// Fail makes what the first error, at the value being read.
func (j *JSON) Fail(what string) { j.fail(what) }

func (j *JSON) fail(what string) {
	if j.what == "" {
		j.what = what
	}
}

func (j *JSON) failAt(what string) {
	if j.pos >= len(j.data) {
		j.fail(what + ", but the document ends")
		return
	}
	j.fail(what + " at byte " + strconv.Itoa(j.pos+1))
}

// next passes over white space and returns the byte that follows, without
// consuming it; 0 at the end.
func (j *JSON) next() byte {
	for j.pos < len(j.data) {
		c := j.data[j.pos]
		if c != ' ' && c != '\n' && c != '\t' && c != '\r' {
			return c
		}
		j.pos++
	}
	return 0
}

// Kind is what comes next: '{', '[', '"', 't' or 'f' (boolean), 'n' (null), '0'
// (number), or 0 for none of them.
func (j *JSON) Kind() byte {
	if j.what != "" {
		return 0
	}
	switch c := j.next(); {
	case c == '{', c == '[', c == '"', c == 't', c == 'f', c == 'n':
		return c
	case c == '-', c >= '0' && c <= '9':
		return '0'
	}
	return 0
}

// Object hands each member's name to field, which reads the value; what field
// leaves unread is skipped. name is valid during the call only. It answers
// false for null, which is treated as absent, and after an error.
func (j *JSON) Object(field func(name []byte)) bool {
	if !j.open('{', "an object") {
		return false
	}
	for first := true; ; first = false {
		if more, ok := j.more('}', first); !more {
			return ok
		}
		if j.next() != '"' {
			j.failAt("want a member's name in quotes")
			return false
		}
		name := j.name()
		if j.what == "" && j.next() != ':' {
			j.failAt("want ':'")
		}
		if j.what != "" {
			return false
		}
		j.pos++
		j.next()
		start := j.pos
		field(name)
		if j.what == "" && j.pos == start {
			j.Skip()
		}
		if j.what != "" {
			j.where = "/" + pointer.Replace(string(name)) + j.where
			return false
		}
	}
}

var pointer = strings.NewReplacer("~", "~0", "/", "~1") // RFC 6901, section 3

// Array hands each element's place to item, which reads it; what item leaves
// unread is skipped. More than limit elements are an error. It answers false
// for null and after an error.
func (j *JSON) Array(limit int, item func(i int)) bool {
	if !j.open('[', "an array") {
		return false
	}
	for i := 0; ; i++ {
		if more, ok := j.more(']', i == 0); !more {
			return ok
		}
		if i == limit {
			j.fail("has more than " + strconv.Itoa(limit) + " elements")
			return false
		}
		j.next()
		start := j.pos
		item(i)
		if j.what == "" && j.pos == start {
			j.Skip()
		}
		if j.what != "" {
			j.where = "/" + strconv.Itoa(i) + j.where
			return false
		}
	}
}

// open enters a container; null is passed over.
func (j *JSON) open(c byte, what string) bool {
	if j.what != "" {
		return false
	}
	switch j.Kind() {
	case c:
	case 'n':
		j.Skip()
		return false
	default:
		j.mismatch(what)
		return false
	}
	if j.depth == MaxDepth {
		j.fail("is nested deeper than " + strconv.Itoa(MaxDepth) + " levels")
		return false
	}
	j.depth++
	j.pos++
	return true
}

// more tells whether another element follows, and consumes the comma or the
// closing bracket.
func (j *JSON) more(end byte, first bool) (more, ok bool) {
	if j.what != "" {
		return false, false
	}
	c := j.next()
	if c == end {
		j.pos++
		j.depth--
		return false, true
	}
	if first {
		return true, true
	}
	if c != ',' {
		j.failAt("want ',' or '" + string(end) + "'")
		return false, false
	}
	j.pos++
	if j.next() == end {
		j.failAt("nothing follows ','")
		return false, false
	}
	return true, true
}

// mismatch says that the value is of another type, or no value at all.
func (j *JSON) mismatch(want string) {
	got := ""
	switch j.Kind() {
	case '{':
		got = "an object"
	case '[':
		got = "an array"
	case '"':
		got = "a string"
	case 't', 'f':
		got = "a boolean"
	case '0':
		got = "a number"
	}
	if got == "" {
		j.failAt("want " + want)
		return
	}
	j.fail("must be " + want + ", not " + got)
}

// Skip passes over one value, which has to be well-formed.
func (j *JSON) Skip() {
	switch j.Kind() {
	case '{':
		j.Object(func([]byte) { j.Skip() })
	case '[':
		j.Array(len(j.data), func(int) { j.Skip() })
	case '"':
		j.quoted()
	case '0':
		j.number()
	case 't':
		j.literal("true")
	case 'f':
		j.literal("false")
	case 'n':
		j.literal("null")
	default:
		if j.what == "" {
			j.failAt("want a value")
		}
	}
}

func (j *JSON) literal(word string) {
	if !bytes.HasPrefix(j.data[j.pos:], []byte(word)) {
		j.failAt("want " + word)
		return
	}
	j.pos += len(word)
}
