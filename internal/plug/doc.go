package plug

import (
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
)

// maxDocValues is how many values a Doc may hold.
const maxDocValues = 200_000

// Doc is one value of a decoded payload, for senders whose fields are many,
// optional and not always of the type their documentation says. Nothing in it
// fails: what is missing or of another type is empty. The zero Doc is a missing
// value.
type Doc struct{ v any }

// ReadDoc decodes a body that has to be a JSON object.
func ReadDoc(body []byte) (Doc, error) {
	j, budget := ReadJSON(body), maxDocValues
	var v any
	if j.Kind() == '{' {
		v = j.Any(&budget)
	} else {
		j.mismatch("an object")
	}
	return Doc{v}, j.End()
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

// List are the elements of an array; none for anything else.
func (d Doc) List(path ...string) []Doc {
	list, _ := d.At(path...).v.([]any)
	out := make([]Doc, len(list))
	for i, v := range list {
		out[i] = Doc{v}
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

// Keep copies what is there of these members, to be kept as details; nil for
// nothing.
func (d Doc) Keep(names ...string) map[string]any {
	var out map[string]any
	for _, n := range names {
		v := d.At(n).v
		if v == nil || v == "" {
			continue
		}
		if out == nil {
			out = make(map[string]any, len(names))
		}
		out[n] = v
	}
	return out
}

// Labels writes texts of members as labels; empty ones are left out.
func (d Doc) Labels(into map[string]string, names ...string) map[string]string {
	for _, n := range names {
		into = AddLabel(into, n, d.Text(n))
	}
	return into
}

// AddLabel sets a label unless it says nothing.
func AddLabel(into map[string]string, name, value string) map[string]string {
	name, value = Line(name, MaxWord), Line(value, MaxWord)
	if name == "" || value == "" {
		return into
	}
	if into == nil {
		into = make(map[string]string, 8)
	}
	into[name] = value
	return into
}

// unfilled reports a template that was sent instead of its value.
func unfilled(s string) bool {
	switch {
	case len(s) < 2 || len(s) > 80 || strings.ContainsAny(s, " \n"):
		return strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}") && strings.Count(s, "{{") == 1
	case strings.HasPrefix(s, "{{") && strings.HasSuffix(s, "}}"), strings.HasPrefix(s, "${") && strings.HasSuffix(s, "}"):
		return true
	case s[0] != '$':
		return false
	}
	return strings.Trim(s[1:], "ABCDEFGHIJKLMNOPQRSTUVWXYZ_.0123456789") == "" && strings.Trim(s[1:], "0123456789.") != ""
}

// One is what a call with one signal came to.
func One(s alert.Signal) Received { return Received{Signals: []alert.Signal{s}} }

// Told is the answer to a call that is in order and of which nothing is made; what
// says why.
func Told(what string) Received {
	return Received{Reply: JSONReply(struct {
		Status string `json:"status"`
		Events int    `json:"events"`
		Note   string `json:"note"`
	}{"success", 0, Line(what, MaxWord)})}
}

// FirstText is the first of the texts that is not empty.
func FirstText(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Missing is the refusal of a payload without a value it needs.
func Missing(what, where string) error {
	return fault.New(fault.Invalid, "the body is not what this endpoint takes").With(where, what)
}

// FormField is a field of a form in the body, for senders that can post one with
// the document in it; ok is false for a body that is no form.
func (in Inbound) FormField(name string) (value string, ok bool) {
	kind, _, _ := strings.Cut(in.ContentType, ";")
	if !strings.EqualFold(strings.TrimSpace(kind), "application/x-www-form-urlencoded") {
		return "", false
	}
	values, err := url.ParseQuery(string(in.Body))
	if err != nil {
		return "", false
	}
	return values.Get(name), true
}
