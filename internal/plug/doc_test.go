package plug_test

import (
	"strings"
	"testing"
	"time"

	"allclear/internal/base/fault"
	"allclear/internal/plug"
)

func TestDoc(t *testing.T) {
	d, err := plug.ReadDoc([]byte("\xef\xbb\xbf" + `{"a":{"b":[1,"two",{"c":null}]},"n":7,"f":1.5,"t":true,"s":" x ","z":null,"num":"12.5","bad":"NaN","at":"2026-03-02T04:03:00+01:00","sec":1772420580,"ms":"1772420580000","never":"soon","list":{"a":1}}`))
	if err != nil {
		t.Fatal(err)
	}
	for got, want := range map[string]string{
		d.Text("n"): "7", d.Text("f"): "1.5", d.Text("t"): "true", d.Text("s"): "x", d.Exact("s"): " x ", d.At("a", "b").List()[1].Text(): "two", d.First("missing", "z", "s", "n"): "x", d.Word("s"): "x",
		strings.Join(d.At("a").SortedNames(), ","): "b", d.Text("z") + d.Text("missing") + d.Text("a") + d.Text("s", "deeper") + d.Exact("n"): "",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if !d.Has("n") || d.Has("z") || d.Has("a", "x") || !d.IsObject("a") || d.IsObject("s") || !d.True("t") || d.True("n") || d.Number("num") != 12.5 || d.Number("bad") != 0 || d.Number("a") != 0 || len(d.List("list")) != 0 {
		t.Error("a value is read as another")
	}
	at := time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)
	if !d.Time("at").Equal(at) || d.Time("at").Location() != time.UTC || !d.Time("sec").Equal(at) || !d.Time("ms").Equal(at) || !d.Time("never").IsZero() || !d.Time("a").IsZero() || !d.Time("missing").IsZero() {
		t.Error("a time is read as another")
	}
	if k := d.Keep("s", "z", "n", "missing"); len(k) != 2 || d.Keep("z") != nil {
		t.Errorf("kept %v", k)
	}
	if l := d.Labels(nil, "s", "n", "z"); len(l) != 2 || l["n"] != "7" || d.Labels(nil, "z") != nil {
		t.Errorf("labels %v", l)
	}
}

// A template that the sender did not fill in is no value; what looks like one in part
// is.
func TestUnfilledTemplates(t *testing.T) {
	for text, want := range map[string]string{
		"$ALERT_ID": "", "$EVENT.ID": "", "${alert.id}": "", "{{alert.id}}": "", "{{ alert.id }}": "", "$100": "$100", "$1.50": "$1.50", "$": "$", "$HOME is full": "$HOME is full", "{{a}} and {{b}}": "{{a}} and {{b}}", "US$": "US$", "$lower": "$lower",
	} {
		d, err := plug.ReadDoc([]byte(`{"v":"` + text + `"}`))
		if err != nil || d.Text("v") != want {
			t.Errorf("%q: %q %v", text, d.Text("v"), err)
		}
	}
}

func TestDocRefuses(t *testing.T) {
	for _, body := range []string{"", "null", "[]", `"x"`, "7", `{"a":1}{`, `{"a":`, strings.Repeat(`{"a":`, 70) + "1" + strings.Repeat("}", 70), `{"a":[` + strings.Repeat("1,", 200_000) + `1]}`} {
		if _, err := plug.ReadDoc([]byte(body)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40s: %v", body, err)
		}
	}
}

func TestEpochAndKey(t *testing.T) {
	want := time.Date(2026, 3, 2, 3, 3, 0, 0, time.UTC)
	for _, v := range []float64{1772420580, 1772420580e3, 1772420580e6, 1772420580e9} {
		if got := plug.Epoch(v); !got.Equal(want) {
			t.Errorf("%v: %v", v, got)
		}
	}
	for _, v := range []float64{0, -1, 12, 1e20} {
		if got := plug.Epoch(v); !got.IsZero() {
			t.Errorf("%v: %v", v, got)
		}
	}
	long := strings.Repeat("k", plug.MaxDedup+1)
	if plug.Key("k") != "k" || plug.TooLong(plug.Key(long), plug.MaxDedup) || plug.Key(long) == plug.Key(long+"k") {
		t.Errorf("keys %q", plug.Key(long))
	}
}
