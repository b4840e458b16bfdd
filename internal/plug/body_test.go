package plug

import (
	"maps"
	"strings"
	"testing"
	"unicode/utf16"
)

func TestBodiesOfOtherCharacterSets(t *testing.T) {
	wide := func(mark string, high, low int) string {
		out := []byte(mark)
		for _, u := range utf16.Encode([]rune(`{"a":"Größe 😀"}`)) {
			two := []byte{byte(u >> 8), byte(u)}
			out = append(out, two[high], two[low])
		}
		return string(out)
	}
	for name, c := range map[string]struct{ kind, body, want string }{
		"UTF-8":                    {"application/json", `{"a":"Größe 😀"}`, "Größe 😀"},
		"UTF-8 with a mark":        {"application/json", "\xef\xbb\xbf" + `{"a":"Größe 😀"}`, "Größe 😀"},
		"UTF-16 with a mark":       {"application/json", wide("\xff\xfe", 1, 0), "Größe 😀"},
		"UTF-16, the other way":    {"", wide("\xfe\xff", 0, 1), "Größe 😀"},
		"UTF-16 that is declared":  {"application/json; charset=UTF-16LE", wide("", 1, 0), "Größe 😀"},
		"Latin that is declared":   {"application/json; charset=ISO-8859-1", "{\"a\":\"Gr\xf6\xdfe \x80\"}", "Größe €"},
		"UTF-8 declared as Latin":  {`text/plain; charset="iso-8859-1"`, `{"a":"Größe"}`, "Größe"},
		"a form of Latin":          {"application/x-www-form-urlencoded", "a=Gr%F6%DFe", "Größe"},
		"a form of UTF-8":          {"application/x-www-form-urlencoded", "a=Gr%C3%B6%C3%9Fe", "Größe"},
		"a broken form of UTF-8":   {"application/x-www-form-urlencoded; charset=utf-8", "a=Gr%F6e", "Gr\uFFFDe"},
		"a form that is not coded": {"application/x-www-form-urlencoded", "a=Gr\xf6\xdfe", "Größe"},
	} {
		d, err := Inbound{Body: []byte(c.body), ContentType: c.kind}.Doc()
		if err != nil || d.Text("a") != c.want {
			t.Errorf("%s: got %q %v", name, d.Text("a"), err)
		}
	}
	if _, err := (Inbound{Body: []byte("{\"a\":\"\xf6\"}"), ContentType: "application/json"}).Doc(); err == nil || !strings.Contains(why(t, err), "UTF-8") {
		t.Errorf("Latin that nobody declared: %v", err)
	}
}

func TestFormsAsScriptsPostThem(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	for name, c := range map[string]struct {
		kind, body string
		want       map[string]any
	}{
		"not coded":          {form, "out=100 % full; /var 5%&state=%%25%2&x", map[string]any{"out": "100 % full; /var 5%", "state": "%%%2", "x": ""}},
		"coded":              {form, "out=100+%25%3B+full&&out=2\r\n", map[string]any{"out": "100 %; full"}},
		"no content type":    {"", "Status=Down&Name=a", map[string]any{"Status": "Down", "Name": "a"}},
		"another type":       {"application/json", "host.name=a", map[string]any{"host.name": "a"}},
		"parts":              {"multipart/form-data; boundary=xyz", "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n100 %\r\n--xyz--\r\n", map[string]any{"a": "100 %"}},
		"parts, cut off":     {"Multipart/Form-Data; boundary=xyz", "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--xyz\r\nConte", map[string]any{"a": "1"}},
		"JSON called a form": {form, ` {"a":"b=c"}`, map[string]any{"a": "b=c"}},
	} {
		d, err := Inbound{Body: []byte(c.body), ContentType: c.kind}.Doc()
		if err != nil || !maps.Equal(d.Without(), c.want) {
			t.Errorf("%s: got %v %v", name, d, err)
		}
	}
	for _, body := range []string{"not json", "<a b=c/>", "a", "true", "--xyz\r\n"} {
		if _, ok := (Inbound{Body: []byte(body)}).Form(); ok {
			t.Errorf("%q is no form", body)
		}
	}
}
