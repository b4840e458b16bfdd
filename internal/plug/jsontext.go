package plug

import (
	"encoding/json"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// Text reads a string; null is the empty one. A NUL character, which no text
// column takes, and half a surrogate pair become U+FFFD.
func (j *JSON) Text() string {
	if !j.scalar('"', "a string") {
		return ""
	}
	inner, plain := j.quoted()
	if j.what != "" {
		return ""
	}
	if plain {
		return string(inner)
	}
	return string(unescape(inner))
}

// Texts reads an object whose values are strings, such as a set of labels.
func (j *JSON) Texts() map[string]string {
	var out map[string]string
	j.Object(func(name []byte) {
		if out == nil {
			out = make(map[string]string, 8)
		}
		out[string(name)] = j.Text()
	})
	return out
}

// Number reads a number; null is 0.
func (j *JSON) Number() float64 {
	if !j.scalar('0', "a number") {
		return 0
	}
	f, _ := strconv.ParseFloat(string(j.number()), 64)
	return f
}

// Truth reads a boolean; null is false.
func (j *JSON) Truth() bool {
	if j.Kind() == 'f' {
		j.Skip()
		return false
	}
	if !j.scalar('t', "a boolean") {
		return false
	}
	j.Skip()
	return j.what == ""
}

// Raw returns the bytes of one value, checked but not decoded: a slice of the
// body. null is nil.
func (j *JSON) Raw() json.RawMessage {
	if j.Kind() == 'n' {
		j.Skip()
		return nil
	}
	j.next()
	start := j.pos
	j.Skip()
	if j.what != "" {
		return nil
	}
	return json.RawMessage(j.data[start:j.pos:j.pos])
}

// Any decodes one value: map[string]any, []any, string, bool, nil, int for
// whole numbers that fit, float64 for the others. budget is how many values
// may still be made; it is counted down.
func (j *JSON) Any(budget *int) any {
	if *budget--; *budget < 0 {
		j.fail("the document has too many values")
	}
	switch j.Kind() {
	case '{':
		m := map[string]any{}
		j.Object(func(name []byte) { m[string(name)] = j.Any(budget) })
		return m
	case '[':
		list := []any{}
		j.Array(len(j.data), func(int) { list = append(list, j.Any(budget)) })
		return list
	case '"':
		return j.Text()
	case 't', 'f':
		return j.Truth()
	case '0':
		text := string(j.number())
		if n, err := strconv.Atoi(text); err == nil {
			return n
		}
		f, _ := strconv.ParseFloat(text, 64)
		return f
	}
	j.Skip()
	return nil
}

// scalar tells whether a value of the kind follows; null is passed over.
func (j *JSON) scalar(kind byte, what string) bool {
	switch k := j.Kind(); {
	case j.what != "":
		return false
	case k == kind:
		return true
	case k == 'n':
		j.Skip()
		return false
	}
	j.mismatch(what)
	return false
}

// name reads a member's name. It must begin with a quote.
func (j *JSON) name() []byte {
	inner, plain := j.quoted()
	if plain || j.what != "" {
		return inner
	}
	return unescape(inner)
}

// quoted passes over a string and returns what is between its quotes; plain
// means that it has no escapes.
func (j *JSON) quoted() (inner []byte, plain bool) {
	plain = true
	wide := false
	start := j.pos + 1
	for i := start; i < len(j.data); i++ {
		switch c := j.data[i]; {
		case c == '"':
			inner = j.data[start:i]
			if wide && !utf8.Valid(inner) {
				j.fail("is not UTF-8")
				return nil, true
			}
			j.pos = i + 1
			return inner, plain
		case c == '\\':
			plain = false
			n := escapeLen(j.data[i:])
			if n == 0 {
				j.pos = i
				j.failAt("has an unknown escape")
				return nil, true
			}
			i += n - 1
		case c < ' ':
			j.pos = i
			j.failAt("has a control character")
			return nil, true
		case c >= utf8.RuneSelf:
			wide = true
		}
	}
	j.pos = len(j.data)
	j.failAt("want a closing quote")
	return nil, true
}

// escapeLen is the length of the escape b begins with, 0 when it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if hex4(b[2:]) >= 0 {
			return 6
		}
	}
	return 0
}

// hex4 reads four hexadecimal digits; -1 when there are none.
func hex4(b []byte) rune {
	if len(b) < 4 {
		return -1
	}
	var v rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return -1
		}
		v = v<<4 | rune(c)
	}
	return v
}

// unescape decodes what quoted has checked.
func unescape(in []byte) []byte {
	out := make([]byte, 0, len(in))
	for i := 0; i < len(in); i++ {
		c := in[i]
		if c != '\\' {
			out = append(out, c)
			continue
		}
		i++
		switch c = in[i]; c {
		case 'b':
			out = append(out, '\b')
		case 'f':
			out = append(out, '\f')
		case 'n':
			out = append(out, '\n')
		case 'r':
			out = append(out, '\r')
		case 't':
			out = append(out, '\t')
		case 'u':
			r := hex4(in[i+1:])
			i += 4
			if utf16.IsSurrogate(r) {
				low := rune(-1)
				if i+2 < len(in) && in[i+1] == '\\' && in[i+2] == 'u' {
					low = hex4(in[i+3:])
				}
				if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
					i += 6
				}
			}
			if r == 0 {
				r = utf8.RuneError
			}
			out = utf8.AppendRune(out, r)
		default: // ", \ and /
			out = append(out, c)
		}
	}
	return out
}

// number passes over a number and returns it as it is written. One that no
// float64 can hold is an error: nothing that reads the payload later could
// decode it.
func (j *JSON) number() []byte {
	start, exact := j.pos, true
	digits := func() bool {
		from := j.pos
		for j.pos < len(j.data) && j.data[j.pos] >= '0' && j.data[j.pos] <= '9' {
			j.pos++
		}
		return j.pos > from
	}
	at := func(set string) bool {
		for i := range len(set) {
			if j.pos < len(j.data) && j.data[j.pos] == set[i] {
				j.pos++
				return true
			}
		}
		return false
	}
	at("-")
	zero := j.pos < len(j.data) && j.data[j.pos] == '0'
	from := j.pos
	ok := digits() && (!zero || j.pos == from+1)
	if ok && at(".") {
		ok = digits()
	}
	if ok && at("eE") {
		exact = false
		at("+-")
		ok = digits()
	}
	if !ok {
		j.failAt("is not a number")
		return nil
	}
	text := j.data[start:j.pos]
	const surely = 300 // digits that fit without an exponent
	if !exact || len(text) > surely {
		if _, err := strconv.ParseFloat(string(text), 64); err != nil {
			j.fail("is a number out of range")
			return nil
		}
	}
	return text
}
