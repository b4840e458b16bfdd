package plug

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// maxTree is how many values a payload read as a Tree may have.
const maxTree = 1 << 20

// Tree is a decoded JSON object or form, for payloads that people put together
// from a vendor's templates: a number may come as text, a field may be missing,
// null or left unrendered. Whoever asks for a name gets what is usable of it and
// nothing otherwise; a nil Tree has nothing.
type Tree map[string]any

// ReadTree decodes a body that is a JSON object or, where the content type says
// so, a form: its fields, or the JSON in its field "payload".
func ReadTree(in Inbound) (Tree, error) {
	first := bytes.TrimLeft(in.Body, " \t\r\n\xef\xbb\xbf")
	kind, _, _ := strings.Cut(in.ContentType, ";")
	if strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") && (len(first) == 0 || first[0] != '{') {
		return readForm(first)
	}
	j := ReadJSON(in.Body)
	t := j.Tree()
	return t, j.End()
}

// Tree reads an object; anything else is an error.
func (j *JSON) Tree() Tree {
	if j.Kind() != '{' {
		j.mismatch("an object")
		return nil
	}
	budget := maxTree
	m, _ := j.Any(&budget).(map[string]any)
	return m
}

func readForm(body []byte) (Tree, error) {
	values, err := url.ParseQuery(string(body))
	if err != nil || len(values) > maxTree {
		return nil, Unusable("", "cannot be decoded as application/x-www-form-urlencoded")
	}
	if len(values) == 0 {
		return nil, Unusable("", "the form is empty")
	}
	if doc := strings.TrimSpace(values.Get("payload")); strings.HasPrefix(doc, "{") {
		j := ReadJSON([]byte(doc))
		t := j.Tree()
		return t, j.End()
	}
	return TreeOf(values), nil
}

// TreeOf is a form or a query as a Tree; the first value of a name counts.
func TreeOf(values url.Values) Tree {
	t := make(Tree, len(values))
	for name, v := range values {
		if len(v) > 0 {
			t[Storable(name)] = Storable(v[0])
		}
	}
	return t
}

// Storable replaces what no text column takes.
func Storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Unusable refuses a payload for what is wrong at a JSON pointer.
func Unusable(where, what string) error {
	return fault.New(fault.Invalid, "the body is not what this endpoint takes").With(where, what)
}

// Text is the first of the names that has a scalar, as text without surrounding
// space.
func (t Tree) Text(names ...string) string {
	for _, n := range names {
		if s := Scalar(t[n]); s != "" {
			return s
		}
	}
	return ""
}

// Sub is the object of that name.
func (t Tree) Sub(name string) Tree {
	m, _ := t[name].(map[string]any)
	return m
}

// List is the array of that name.
func (t Tree) List(name string) []any {
	l, _ := t[name].([]any)
	return l
}

// Texts are the scalars of an array, or of a text with commas.
func (t Tree) Texts(name string) []string {
	list := t.List(name)
	if list == nil {
		for part := range strings.SplitSeq(t.Text(name), ",") {
			list = append(list, part)
		}
	}
	var out []string
	for _, v := range list {
		if s := Scalar(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// Time is the first of the names that holds an instant: ISO 8601, or seconds or
// milliseconds since 1970. What cannot be read is no reason to refuse an alert.
func (t Tree) Time(names ...string) time.Time {
	for _, n := range names {
		s := t.Text(n)
		if at, err := ReadTime(s); err == nil && !at.IsZero() {
			return at
		}
		if f, err := strconv.ParseFloat(s, 64); err == nil {
			if at := Epoch(f); !at.IsZero() {
				return at
			}
		}
	}
	return time.Time{}
}

// Scalar writes a text, number or boolean as text. What a vendor's template
// left unrendered, such as "$ALERT_ID" or "{EVENT.ID}", is nothing.
func Scalar(v any) string {
	s := ""
	switch v := v.(type) {
	case string:
		s = strings.TrimSpace(v)
	case int:
		s = strconv.Itoa(v)
	case float64:
		s = strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		s = strconv.FormatBool(v)
	}
	if s != "" && (s[0] == '$' || s[0] == '{' || s[0] == '*') && placeholder.MatchString(s) {
		return ""
	}
	return s
}

var placeholder = regexp.MustCompile(`^(\$[A-Za-z_][A-Za-z0-9_.]*(\[[^\]]*\])?\$?|\{\{[^{}]*\}\}|\{[$#]?[A-Z][A-Z0-9_.]*(:[^{}]*)?\}|\*UNKNOWN\*)$`)

// Fold is the tree under plain names: lower case without separators, and with
// the names of objects in front of those inside them, so that "HOST.NAME",
// "host_name" and {"host":{"name":..}} are all "hostname". Prefixes are taken off.
func (t Tree) Fold(prefixes ...string) Tree {
	const deepest = 3
	out := Tree{}
	t.fold(out, "", deepest, prefixes)
	return out
}

func (t Tree) fold(out Tree, before string, depth int, prefixes []string) {
	for k, v := range t {
		name := simple.Replace(strings.ToLower(k))
		for _, p := range prefixes {
			if rest, ok := strings.CutPrefix(name, p); ok && rest != "" && before == "" {
				name = rest
			}
		}
		if m, ok := v.(map[string]any); ok && depth > 0 {
			Tree(m).fold(out, before+name, depth-1, prefixes)
			continue
		}
		name = before + name
		// Of two spellings the one that says something counts, then the smaller: a
		// map has no order, and the same payload must give the same alert.
		was, now := Scalar(out[name]), Scalar(v)
		if _, taken := out[name]; !taken || now != "" && (was == "" || now < was) {
			out[name] = v
		}
	}
}

// DedupKey joins what identifies a problem so that it fits the limit; long ones
// stay distinct. Without a single part it is empty.
func DedupKey(kind string, parts ...string) string {
	said := false
	for _, p := range parts {
		said = said || p != ""
	}
	if !said {
		return ""
	}
	k := kind + "/" + strings.Join(parts, "/")
	if !TooLong(k, MaxDedup) {
		return k
	}
	sum := sha256.Sum256([]byte(k))
	return kind + "/sha256:" + hex.EncodeToString(sum[:])
}

// Tags reads "key:value" words as labels; a word without a colon is a label
// without a value.
func Tags(words []string) map[string]string {
	var out map[string]string
	for _, w := range words {
		k, v, _ := strings.Cut(w, ":")
		if k = strings.TrimSpace(k); k == "" {
			continue
		}
		if out == nil {
			out = map[string]string{}
		}
		out[k] = strings.TrimSpace(v)
	}
	return out
}

// Without is the tree less some names, to be kept beside an alert.
func (t Tree) Without(names ...string) Tree {
	out := make(Tree, len(t))
	for k, v := range t {
		out[k] = v
	}
	for _, n := range names {
		delete(out, n)
	}
	return out
}

// First is the first text that is not empty.
func First(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
