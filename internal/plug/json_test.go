package plug

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
)

func why(t *testing.T, err error) string {
	t.Helper()
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid || len(f.Details) != 1 {
		t.Fatalf("got %v, want one detail", err)
	}
	return f.Details[0].Where + " " + f.Details[0].What
}

func TestJSONReads(t *testing.T) {
	var text, escaped, absent string
	var number float64
	var yes, no bool
	var raw json.RawMessage
	var labels map[string]string
	var list []string
	j := ReadJSON([]byte("\xef\xbb\xbf" + ` { "text" : "grün", "escaped":"a\"\\\/\b\f\n\r\tA\u00fc\ud83d\ude00\ud800x\u0000", "absent": null, "n":-1.5e2,
		"yes":true,"no":false, "raw": {"x" : [1, 2]} , "labels":{"a":"1","b":null,"a":"2"}, "k\u0065y":{"deep":[{}]}, "list":["x",null,"y"], "n\/m~":0} `))
	seen := []string{}
	j.Object(func(name []byte) {
		seen = append(seen, string(name))
		switch string(name) {
		case "text":
			text = j.Text()
		case "escaped":
			escaped = j.Text()
		case "absent":
			absent = j.Text()
		case "n":
			number = j.Number()
		case "yes":
			yes = j.Truth()
		case "no":
			no = j.Truth()
		case "raw":
			raw = j.Raw()
		case "labels":
			labels = j.Texts()
		case "list":
			j.Array(3, func(int) { list = append(list, j.Text()) })
		}
	})
	if err := j.End(); err != nil {
		t.Fatal(err)
	}
	if text != "grün" || escaped != "a\"\\/\b\f\n\r\tAü😀\uFFFDx\uFFFD" || absent != "" || number != -150 || !yes || no || string(raw) != `{"x" : [1, 2]}` {
		t.Errorf("got %q %q %q %v %v %v %s", text, escaped, absent, number, yes, no, raw)
	}
	if !reflect.DeepEqual(labels, map[string]string{"a": "2", "b": ""}) || !reflect.DeepEqual(list, []string{"x", "", "y"}) || seen[8] != "key" {
		t.Errorf("got %v %v %v", labels, list, seen)
	}
}

func TestJSONSaysWhereItIsWrong(t *testing.T) {
	for body, want := range map[string]string{
		`{"a":{"b":[0,{"c/d":5}]}}`:  "/a/b/1/c~1d must be a string, not a number",
		`{"a":{"b":[0,{"c~d":[]}]}}`: "/a/b/1/c~0d must be a string, not an array",
		`{"a":{"b":["x","y","z"]}}`:  "/a/b has more than 2 elements",
		`{"a":1 "b":2}`:              " want ',' or '}' at byte 8",
		`{"a":1,}`:                   " nothing follows ',' at byte 8",
		`{"a"}`:                      " want ':' at byte 5",
		`{a:1}`:                      " want a member's name in quotes at byte 2",
		`{"a":tru}`:                  "/a want true at byte 6",
		`{"a":01}`:                   "/a is not a number at byte 8",
		`{"a":1.}`:                   "/a is not a number at byte 8",
		`{"a":1e}`:                   "/a is not a number at byte 8",
		`{"a":-}`:                    "/a is not a number at byte 7",
		`{"a":1e400}`:                "/a is a number out of range",
		`{"a":"x`:                    "/a want a closing quote, but the document ends",
		"{\"a\":\"x\ny\"}":           "/a has a control character at byte 8",
		`{"a":"\x"}`:                 "/a has an unknown escape at byte 7",
		`{"a":"\u12g4"}`:             "/a has an unknown escape at byte 7",
		"{\"a\":\"\xff\"}":           "/a is not UTF-8",
		"{\"\xff\":1}":               " is not UTF-8",
		``:                           " want an object, but the document ends",
		`[]`:                         " must be an object, not an array",
		`{} x`:                       " there is more after the end of the document",
		`{"a":}`:                     "/a want a value at byte 6",
		strings.Repeat(`{"a":`, 65):  strings.Repeat("/a", 64) + " is nested deeper than 64 levels",
	} {
		j := ReadJSON([]byte(body))
		j.Object(func([]byte) {
			if j.Kind() != '{' {
				return
			}
			j.Object(func(name []byte) {
				if string(name) != "b" {
					return
				}
				j.Array(2, func(int) {
					if j.Kind() == '{' {
						j.Object(func([]byte) { j.Text() })
					}
				})
			})
		})
		if got := why(t, j.End()); got != want {
			t.Errorf("%.80s: got %q, want %q", body, got, want)
		}
	}
}

func TestJSONTypes(t *testing.T) {
	for name, read := range map[string]func(*JSON){
		"a string": func(j *JSON) { j.Text() }, "a number": func(j *JSON) { j.Number() }, "a boolean": func(j *JSON) { j.Truth() },
		"an object": func(j *JSON) { j.Object(func([]byte) {}) }, "an array": func(j *JSON) { j.Array(1, func(int) {}) },
	} {
		for body, kind := range map[string]string{`""`: "a string", `1`: "a number", `true`: "a boolean", `false`: "a boolean", `{}`: "an object", `[]`: "an array", `null`: ""} {
			j := ReadJSON([]byte(body))
			read(j)
			err := j.End()
			if kind == name || kind == "" {
				if err != nil {
					t.Errorf("%s as %s: %v", body, name, err)
				}
				continue
			}
			if got := why(t, err); got != " must be "+name+", not "+kind {
				t.Errorf("%s as %s: got %q", body, name, got)
			}
		}
	}
}

func TestJSONAny(t *testing.T) {
	budget := 100
	j := ReadJSON([]byte(`{"a":[1,2.5,12345678901234567890,"x",true,null,{}],"b":-7}`))
	got := j.Any(&budget)
	want := map[string]any{"a": []any{1, 2.5, 1.2345678901234567e19, "x", true, nil, map[string]any{}}, "b": -7}
	if err := j.End(); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v %#v", err, got)
	}
	if budget != 90 {
		t.Errorf("budget is %d, want 90", budget)
	}
	few := 3
	j = ReadJSON([]byte(`[1,2,3]`))
	j.Any(&few)
	if got := why(t, j.End()); !strings.Contains(got, "too many values") {
		t.Errorf("got %q", got)
	}
}

func TestReadTime(t *testing.T) {
	utc := func(y, mo, d, h, mi, s, ns int) time.Time {
		return time.Date(y, time.Month(mo), d, h, mi, s, ns, time.UTC)
	}
	for text, want := range map[string]time.Time{
		"2015-07-17T08:42:58.315+0000":   utc(2015, 7, 17, 8, 42, 58, 315e6),
		"2015-07-17T08:42:58Z":           utc(2015, 7, 17, 8, 42, 58, 0),
		"2016-08-01T13:27:08.008+03:00":  utc(2016, 8, 1, 10, 27, 8, 8e6),
		"2026-11-23T11:37:33.016669058Z": utc(2026, 11, 23, 11, 37, 33, 16669058),
		"2015-07-17T08:42:58+02":         utc(2015, 7, 17, 6, 42, 58, 0),
		"2015-07-17T08:42:58":            utc(2015, 7, 17, 8, 42, 58, 0),
		"2015-07-17 08:42:58 UTC":        utc(2015, 7, 17, 8, 42, 58, 0),
		"2015-07-17 08:42:58 -0100":      utc(2015, 7, 17, 9, 42, 58, 0),
		"2015-07-17T08:42Z":              utc(2015, 7, 17, 8, 42, 0, 0),
		"2015-07-17":                     utc(2015, 7, 17, 0, 0, 0, 0),
		"":                               {},
		"0001-01-01T00:00:00Z":           {},
		"0000-01-01T00:00:00Z":           {},
		"0001-01-01T00:00:00.000Z":       {},
		"9999-12-31T23:59:59Z":           utc(9999, 12, 31, 23, 59, 59, 0),
	} {
		got, err := ReadTime(text)
		if err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%q: got %v %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"yesterday", "1425168000", "2015-13-01T00:00:00Z", "2015-02-30", "9999-12-31T23:59:59-00:01", "2015-07-17T25:00:00Z", "2015-07-17T08:42:58+99:00"} {
		if got, err := ReadTime(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestLineAndURL(t *testing.T) {
	for text, want := range map[string]string{" a\nb\x00\x7fc ": "a b  c", "grün": "grün", "\u2028x\u0085": "x", "abcdefgh": "abcdef", "üüüüüüü": "üüüüüü", "x\xffy": "x\uFFFDy"} {
		if got := Line(text, 6); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
	for text, want := range map[string]bool{"https://a.example.net/x?y#z": true, "http://a": true, "javascript:alert(1)": false, "//a/b": false, "ftp://a/b": false, "https://": false, "": false, "https://a/" + strings.Repeat("x", 3000): false, "data:text/html,x": false, " https://a ": true} {
		if got := WebURL(text) != ""; got != want {
			t.Errorf("%.40q: got %v", text, got)
		}
	}
}

// FuzzJSON compares the reader with the standard library: what one takes the
// other takes, and with the same meaning.
func FuzzJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,-2.5e3,"x\u00fc\ud83d\ude00\n",true,null]}`, `[]`, `{"a":{"a":1},"a":2}`, `1e999`, "\"\xff\"", `{"a":1,}`, ` 0 `, `-`, `"\ud800"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		budget := 1 << 20
		j := ReadJSON(body)
		got := j.Any(&budget)
		err := j.End()
		body = []byte(strings.TrimPrefix(string(body), "\xef\xbb\xbf"))
		var want any
		stdErr := json.Unmarshal(body, &want)
		if err == nil && stdErr != nil {
			t.Fatalf("%q: taken, and encoding/json says %v", body, stdErr)
		}
		if err != nil && stdErr == nil {
			if what := why(t, err); !strings.Contains(what, "UTF-8") && !strings.Contains(what, "deeper") {
				t.Fatalf("%q: refused (%s), and encoding/json takes it", body, what)
			}
			return
		}
		if err == nil && !same(got, want) {
			t.Fatalf("%q: got %#v, want %#v", body, got, want)
		}
	})
}

func same(got, want any) bool {
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) > len(w) {
			return false
		}
		for k, v := range w {
			if gv, ok := g[strings.ReplaceAll(k, "\x00", "\uFFFD")]; !ok || !same(gv, v) && !strings.Contains(k, "\x00") && !strings.Contains(k, "\uFFFD") {
				return false
			}
		}
		return true
	case []any:
		g, ok := got.([]any)
		if !ok || len(g) != len(w) {
			return false
		}
		for i := range w {
			if !same(g[i], w[i]) {
				return false
			}
		}
		return true
	case float64:
		switch g := got.(type) {
		case int:
			return float64(g) == w
		case float64:
			return g == w
		}
		return false
	case string:
		return got == strings.ReplaceAll(w, "\x00", "\uFFFD")
	}
	return got == want
}
