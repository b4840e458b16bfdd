package plug

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
)

// maxDocValues is how many values a Doc may hold.
const maxDocValues = 1 << 20

// Doc is one value of a decoded payload, for senders whose fields are many,
// optional, not always of the type their documentation says, or put together by
// people from a vendor's templates. Nothing in it fails: what is missing, null, of
// another type or left unrendered is empty. The zero Doc is a missing value.
type Doc struct{ v any }

// SharedDoc is Doc of a body whose shared secret was shown (CheckShared).
func (in Inbound) SharedDoc() (Doc, error) {
	if err := in.CheckShared(); err != nil {
		return Doc{}, err
	}
	return in.Doc()
}

// Doc decodes a body that is a JSON object or a form: its fields, or the JSON in its
// field "payload".
func (in Inbound) Doc() (Doc, error) {
	values, form := in.Form()
	if !form {
		return ReadDoc(in.text())
	}
	if len(values) == 0 || len(values) > maxDocValues {
		return Doc{}, Unusable("", "the form is empty, or too long")
	}
	if doc := strings.TrimSpace(values.Get("payload")); strings.HasPrefix(doc, "{") {
		return ReadDoc([]byte(doc))
	}
	return FormDoc(values), nil
}

// ReadDoc decodes a text that has to be a JSON object.
func ReadDoc(body []byte) (Doc, error) {
	j := ReadJSON(body)
	d := j.Doc()
	return d, j.End()
}

// Doc reads an object; anything else is an error.
func (j *JSON) Doc() Doc {
	if j.Kind() != '{' {
		j.mismatch("an object")
		return Doc{}
	}
	budget := maxDocValues
	return Doc{j.Any(&budget)}
}

// DocOf is a value that was decoded elsewhere.
func DocOf(v any) Doc { return Doc{v} }

// FormDoc is a form or a query as a Doc; the first value of a name counts.
func FormDoc(values url.Values) Doc {
	m := make(map[string]any, len(values))
	for name, v := range values {
		if len(v) > 0 {
			m[Storable(name)] = Storable(v[0])
		}
	}
	return Doc{m}
}

// Storable replaces what no text column takes.
func Storable(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// Unusable refuses a payload for what is wrong at a JSON pointer.
func Unusable(where, what string) error {
	return fault.New(fault.Invalid, "the body is not what this endpoint takes").With(where, what)
}

// At follows the names of members.
func (d Doc) At(path ...string) Doc {
	for _, name := range path {
		m, _ := d.v.(map[string]any)
		d = Doc{m[name]}
	}
	return d
}

// Has reports whether there is a value that is not null.
func (d Doc) Has(path ...string) bool { return d.At(path...).v != nil }

// IsObject reports whether there is an object.
func (d Doc) IsObject(path ...string) bool {
	_, ok := d.At(path...).v.(map[string]any)
	return ok
}

// Any is the value as JSON.Any decodes it.
func (d Doc) Any() any { return d.v }

// Text is a string, number or boolean as text without space around it. A
// template that the sender did not fill in, such as $ALERT_ID or {{alert.id}},
// is none.
func (d Doc) Text(path ...string) string {
	switch v := d.At(path...).v.(type) {
	case string:
		if v = strings.TrimSpace(v); unfilled(v) {
			return ""
		}
		return v
	case int:
		return strconv.Itoa(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// Exact is a string as it came.
func (d Doc) Exact(path ...string) string {
	s, _ := d.At(path...).v.(string)
	return s
}

// First is the first text of these members that is not empty.
func (d Doc) First(names ...string) string {
	for _, n := range names {
		if s := d.Text(n); s != "" {
			return s
		}
	}
	return ""
}

// Word is Text in one line of at most MaxWord characters.
func (d Doc) Word(path ...string) string { return Line(d.Text(path...), MaxWord) }

// True reports a true boolean, or the word for one.
func (d Doc) True(path ...string) bool { return strings.EqualFold(d.Text(path...), "true") }

// Number is a number, also one in a string; 0 for none.
func (d Doc) Number(path ...string) float64 {
	f, err := strconv.ParseFloat(d.Text(path...), 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return f
}

// Time is an ISO 8601 instant or an epoch, in UTC; zero for what is neither:
// when something began is evidence only and no reason to refuse it.
func (d Doc) Time(path ...string) time.Time {
	text := d.Text(path...)
	if f, err := strconv.ParseFloat(text, 64); err == nil {
		return Epoch(f)
	}
	t, err := ReadTime(text)
	if err != nil {
		return time.Time{}
	}
	return t
}

// FirstTime is the first of these members that holds an instant.
func (d Doc) FirstTime(names ...string) time.Time {
	for _, n := range names {
		if t := d.Time(n); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}

// List are the elements of an array; nil for anything else.
func (d Doc) List(path ...string) []Doc {
	list, ok := d.At(path...).v.([]any)
	if !ok {
		return nil
	}
	out := make([]Doc, len(list))
	for i, v := range list {
		out[i] = Doc{v}
	}
	return out
}

// Texts are the scalars of an array, or of a text with commas.
func (d Doc) Texts(path ...string) (out []string) {
	list := d.List(path...)
	if list == nil {
		for part := range strings.SplitSeq(d.Text(path...), ",") {
			list = append(list, Doc{part})
		}
	}
	for _, v := range list {
		if s := v.Text(); s != "" {
			out = append(out, s)
		}
	}
	return out
}

// SortedNames are the names of an object's members.
func (d Doc) SortedNames() []string {
	m, _ := d.v.(map[string]any)
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}
