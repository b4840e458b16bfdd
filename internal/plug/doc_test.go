package plug

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
)

func TestDoc(t *testing.T) {
	d, err := ReadDoc([]byte("\xef\xbb\xbf" + `{"a":{"b":[1,"two",{"c":null}]},"n":7,"big":1e300,"f":1.5,"t":true,"s":" x ","z":null,"num":"12.5","bad":"NaN","unset":"$ALERT_ID","list":{"a":1},"texts":["a",2,null,{},"$TAGS"],"words":"a, b,,c"}`))
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		d.Text("n"): "7", d.Text("f"): "1.5", d.Text("t"): "true", d.Text("s"): "x", d.Exact("s"): " x ", d.At("a", "b").List()[1].Text(): "two", d.First("missing", "z", "unset", "a", "s", "n"): "x", d.Word("s"): "x",
		strings.Join(d.At("a").SortedNames(), ","): "b", d.Text("z") + d.Text("missing") + d.Text("a") + d.Text("unset") + d.Text("s", "deeper") + d.Exact("n"): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if !d.Has("n") || d.Has("z") || d.Has("a", "x") || !d.IsObject("a") || d.IsObject("s") || !d.True("t") || d.True("n") || d.Number("num") != 12.5 || d.Number("bad") != 0 || d.Number("a") != 0 || len(d.Text("big")) != 301 {
		t.Error("a value is read as another")
	}
	if d.List("list") != nil || d.List("missing") != nil || DocOf([]any{}).List() == nil || !slices.Equal(d.Texts("texts"), []string{"a", "2"}) || !slices.Equal(d.Texts("words"), []string{"a", "b", "c"}) || d.Texts("missing") != nil {
		t.Errorf("lists %q %q", d.Texts("texts"), d.Texts("words"))
	}
	if k := d.Keep("s", "z", "n", "missing"); len(k) != 2 || d.Keep("z") != nil {
		t.Errorf("kept %v", k)
	}
	if k := d.At("a").Without("b", "c"); len(k) != 0 || !d.Has("a", "b") || len(d.Without("n")) != len(d.SortedNames())-1 {
		t.Errorf("without %v", k)
	}
	if o := DocOf(map[string]any{"n": 1, "m": 2}).Over(d); o.Text("n") != "7" || o.Text("m") != "2" || d.Has("m") {
		t.Errorf("over %v", o)
	}
	if l := d.Labels(nil, "s", "n", "z"); len(l) != 2 || l["n"] != "7" || d.Labels(nil, "z") != nil {
		t.Errorf("labels %v", l)
	}
}

func TestDocReadsForms(t *testing.T) {
	form := func(body string) (Doc, error) {
		return Inbound{Body: []byte(body), ContentType: "application/x-www-form-urlencoded; charset=utf-8"}.Doc()
	}
	d, err := form("Name=My+site&Name=other&Tags=a%2Cb&bad=%00%ff")
	if err != nil || !maps.Equal(d.Without(), map[string]any{"Name": "My site", "Tags": "a,b", "bad": "\uFFFD\uFFFD"}) {
		t.Errorf("got %v %v", d, err)
	}
	if d, err := form(`{"a":1}`); err != nil || d.Text("a") != "1" {
		t.Errorf("JSON under a form's content type: %v %v", d, err)
	}
	if d, err := form("payload=%7B%22a%22%3A%5B1%5D%7D&x=1"); err != nil || !slices.Equal(d.Texts("a"), []string{"1"}) {
		t.Errorf("JSON in a field: %v %v", d, err)
	}
	for _, body := range []string{"", "&", "payload=%7B"} {
		if _, err := form(body); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func TestDocRefuses(t *testing.T) {
	for _, body := range []string{"", "null", "[]", `"x"`, "7", `{"a":1}{`, `{"a":`, strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70), `{"a":[` + strings.Repeat("1,", maxDocValues) + `1]}`} {
		if _, err := (Inbound{Body: []byte(body)}).Doc(); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40s: %v", body, err)
		}
	}
}

// A template that the sender did not fill in is no value; what looks like one in part
// is.
func TestUnfilledTemplates(t *testing.T) {
	for text, want := range map[string]bool{
		"$ALERT_ID": true, "$EVENT.ID": true, "$TAGS[service]": true, "$HOSTNAME$": true, "$host.name$": true, "${alert.id}": true, "{{alert.id}}": true, "{{ json state }}": true,
		"{EVENT.ID}": true, "{$ZABBIX.URL}": true, "{HOST.NAME1}": true, "*UNKNOWN*": true,
		"$5 too much": false, "$100": false, "$1.50": false, "$": false, "$lower": false, "$HOME is full": false, "US$": false, "100$": false, "$ALERT_ID and more": false,
		"{not}": false, "{a:b}": false, "{{a}} and {{b}}": false, "CPU of {{host.name}}": false, "*": false, "**": false,
	} {
		if got := DocOf(text).Text() == ""; got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestDocTimes(t *testing.T) {
	want := time.Date(2016, 1, 1, 1, 1, 1, 0, time.UTC)
	for _, v := range []any{1451610061, 1451610061000, "1451610061", "1451610061000", 1.451610061e15, 1.451610061e18, "2016-01-01T01:01:01", "2016-01-01T03:01:01+02:00"} {
		d := DocOf(map[string]any{"bad": "soon", "at": v})
		if got := d.Time("at"); !got.Equal(want) || got.Location() != time.UTC || !d.FirstTime("none", "bad", "at").Equal(want) {
			t.Errorf("%v: got %v", v, got)
		}
	}
	for _, v := range []any{0, -5, 12, "x", nil, true, math.MaxFloat64, "NaN", "1e400", []any{}} {
		d := DocOf(map[string]any{"at": v})
		if got := d.Time("at"); !got.IsZero() || !d.FirstTime("at", "none").IsZero() {
			t.Errorf("%v: got %v", v, got)
		}
	}
}

func TestFold(t *testing.T) {
	d := DocOf(map[string]any{"NAGIOS_HOSTNAME": "a", "Event.Id": 7, "service": map[string]any{"state": "OK", "deep": map[string]any{"x_y": true}}, "list": []any{}})
	got := d.Fold("nagios")
	if len(got.SortedNames()) != 5 || got.Text("hostname") != "a" || got.Text("eventid") != "7" || got.Text("servicestate") != "OK" || got.Text("servicedeepxy") != "true" {
		t.Errorf("got %v", got)
	}
	for range 20 { // whatever the order of the map
		if got := DocOf(map[string]any{"host_name": "b", "hostName": "a", "HOSTNAME": ""}).Fold().Text("hostname"); got != "a" {
			t.Fatalf("got %q", got)
		}
	}
}

func TestTags(t *testing.T) {
	got := Tags([]string{"env:prod", " service : api ", "urgent", "url:http://x", ":x", ""})
	if !maps.Equal(got, map[string]string{"env": "prod", "service": "api", "urgent": "", "url": "http://x"}) || Tags(nil) != nil {
		t.Errorf("got %v", got)
	}
}
