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

func TestTreeIsReadByNameWithoutAFussAboutTypes(t *testing.T) {
	tr, err := ReadTree(Inbound{Body: []byte(`{"n":7,"big":1e300,"f":1.5,"yes":true,"no":null,"text":" x ","list":["a",2,null,{},"$TAGS"],"words":"a, b,,c","sub":{"id":"9"},"unset":"$ALERT_ID"}`)})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"n": "7", "f": "1.5", "yes": "true", "no": "", "text": "x", "list": "", "sub": "", "absent": "", "unset": ""} {
		if got := tr.Text(name); got != want {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := tr.Text("no", "unset", "sub", "text"); got != "x" {
		t.Errorf("first usable: %q", got)
	}
	if !slices.Equal(tr.Texts("list"), []string{"a", "2"}) || !slices.Equal(tr.Texts("words"), []string{"a", "b", "c"}) || tr.Texts("absent") != nil {
		t.Errorf("lists %q %q", tr.Texts("list"), tr.Texts("words"))
	}
	if tr.Sub("sub").Text("id") != "9" || tr.Sub("text").Text("id") != "" || len(tr.Text("big")) != 301 {
		t.Error("sub or big")
	}
	if got := tr.Without("n", "sub"); len(got) != len(tr)-2 || got["f"] != 1.5 {
		t.Errorf("without: %v", got)
	}
}

func TestTreeReadsForms(t *testing.T) {
	form := func(body string) (Tree, error) {
		return ReadTree(Inbound{Body: []byte(body), ContentType: "application/x-www-form-urlencoded; charset=utf-8"})
	}
	tr, err := form("Name=My+site&Name=other&Tags=a%2Cb&bad=%00%ff")
	if err != nil || !maps.Equal(tr, Tree{"Name": "My site", "Tags": "a,b", "bad": "\uFFFD\uFFFD"}) {
		t.Errorf("got %v %v", tr, err)
	}
	if tr, err := form(`{"a":1}`); err != nil || tr.Text("a") != "1" {
		t.Errorf("JSON under a form's content type: %v %v", tr, err)
	}
	if tr, err := form("payload=%7B%22a%22%3A%5B1%5D%7D&x=1"); err != nil || !slices.Equal(tr.Texts("a"), []string{"1"}) {
		t.Errorf("JSON in a field: %v %v", tr, err)
	}
	for _, body := range []string{"", "a=%zz", "payload=%7B"} {
		if _, err := form(body); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", body, err)
		}
	}
	for _, body := range []string{"", "null", "[]", "7", `"x"`, `{"a":1} x`, strings.Repeat(`{"a":`, 99)} {
		if _, err := ReadTree(Inbound{Body: []byte(body)}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.20q: %v", body, err)
		}
	}
}

func TestUnrenderedPlaceholders(t *testing.T) {
	for text, want := range map[string]bool{
		"$ALERT_ID": true, "$TAGS[service]": true, "$HOSTNAME$": true, "$host.name$": true, "{EVENT.ID}": true, "{$ZABBIX.URL}": true, "{HOST.NAME1}": true, "{{ json state }}": true, "*UNKNOWN*": true,
		"$5 too much": false, "$ALERT_ID and more": false, "{not}": false, "{a:b}": false, "": false, "CPU of {{host.name}}": false, "*": false, "100$": false,
	} {
		if got := text != "" && Scalar(text) == ""; got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestTreeTimes(t *testing.T) {
	want := time.Date(2016, 1, 1, 1, 1, 1, 0, time.UTC)
	for _, v := range []any{1451610061, 1451610061000, "1451610061", "1451610061000", 1.451610061e15, 1.451610061e18, "2016-01-01T01:01:01", "2016-01-01T03:01:01+02:00"} {
		if got := (Tree{"bad": "soon", "at": v}).Time("none", "bad", "at"); !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%v: got %v", v, got)
		}
	}
	for _, v := range []any{0, -5, 12, "x", nil, true, math.MaxFloat64, "NaN", "1e400"} {
		if got := (Tree{"at": v}).Time("at"); !got.IsZero() {
			t.Errorf("%v: got %v", v, got)
		}
	}
}

func TestFold(t *testing.T) {
	tr := Tree{"NAGIOS_HOSTNAME": "a", "Event.Id": 7, "service": map[string]any{"state": "OK", "deep": map[string]any{"x_y": true}}, "list": []any{}}
	got := tr.Fold("nagios")
	if len(got) != 5 || got.Text("hostname") != "a" || got.Text("eventid") != "7" || got.Text("servicestate") != "OK" || got.Text("servicedeepxy") != "true" {
		t.Errorf("got %v", got)
	}
	for range 20 { // whatever the order of the map
		if got := (Tree{"host_name": "b", "hostName": "a", "HOSTNAME": ""}).Fold().Text("hostname"); got != "a" {
			t.Fatalf("got %q", got)
		}
	}
}

func TestDedupKey(t *testing.T) {
	for want, parts := range map[string][]string{"": {"", ""}, "k/a": {"a"}, "k/a/": {"a", ""}, "k//a": {"", "a"}} {
		if got := DedupKey("k", parts...); got != want {
			t.Errorf("%q: got %q", parts, got)
		}
	}
	long := strings.Repeat("ü", MaxDedup)
	a, b := DedupKey("k", long, "1"), DedupKey("k", long, "2")
	if a == b || TooLong(a, MaxDedup) || !strings.HasPrefix(a, "k/sha256:") {
		t.Errorf("got %q and %q", a, b)
	}
}

func TestTags(t *testing.T) {
	got := Tags([]string{"env:prod", " service : api ", "urgent", "url:http://x", ":x", ""})
	if !maps.Equal(got, map[string]string{"env": "prod", "service": "api", "urgent": "", "url": "http://x"}) || Tags(nil) != nil {
		t.Errorf("got %v", got)
	}
}

// A header of its own is how a sender proves itself that can add headers and has
// a use for Authorization already.
func TestToken(t *testing.T) {
	for given, want := range map[string]bool{"open-sesame": true, "the-next-one": true, "open": false, "": false, "open-sesame the-next-one": true} {
		in := Inbound{Secret: "open-sesame the-next-one", Header: map[string][]string{"X-Allclear-Token": {given}}}
		if err := in.CheckShared(); (err == nil) != want || err != nil && !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%q: %v", given, err)
		}
	}
}
