package recur

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
)

func TestParseSpan(t *testing.T) {
	for text, want := range map[string]Span{
		"45m":     {Duration: 45 * time.Minute},
		"8bh":     {BusinessHours: 8 * time.Hour},
		"5bd":     {BusinessDays: 5},
		"2h":      {Duration: 2 * time.Hour},
		"24h":     {Duration: 24 * time.Hour},
		"7d":      {Days: 7},
		"1d12h":   {Days: 1, Duration: 12 * time.Hour},
		"1h30m":   {Duration: 90 * time.Minute},
		"1bh30bm": {BusinessHours: 90 * time.Minute},
		"500ms":   {Duration: 500 * time.Millisecond},
		"0s":      {},
	} {
		got, err := ParseSpan(text)
		if err != nil || got != want {
			t.Errorf("%s = %+v, %v; want %+v", text, got, err, want)
		} else if got.String() != text {
			t.Errorf("%s is written %s", text, got)
		}
	}
	for _, bad := range []string{
		"", "5", "m", "-5m", "1.5h", "5 m", "5M", "5m ", "1m1h", "1h1h", "1bd2bh", "1bh30m", "1d1bd", "99999999999999999999h",
		"876601h", "36526d", "5x", "1h30", "٣h",
	} {
		if got, err := ParseSpan(bad); err == nil {
			t.Errorf("%q read as %v", bad, got)
		}
	}
}

func TestSpanInDocuments(t *testing.T) {
	type doc struct {
		Target Span `json:"target" yaml:"target"`
	}
	in := doc{Target: Span{BusinessHours: 8 * time.Hour}}
	j, err := json.Marshal(in)
	if err != nil || string(j) != `{"target":"8bh"}` {
		t.Fatalf("JSON %s, %v", j, err)
	}
	y, err := yaml.Marshal(in)
	if err != nil || string(y) != "target: 8bh\n" {
		t.Fatalf("YAML %s, %v", y, err)
	}
	var fromJSON, fromYAML doc
	if err := json.Unmarshal(j, &fromJSON); err != nil || fromJSON != in {
		t.Errorf("JSON back: %+v, %v", fromJSON, err)
	}
	if err := yaml.Unmarshal(y, &fromYAML); err != nil || fromYAML != in {
		t.Errorf("YAML back: %+v, %v", fromYAML, err)
	}
	if err := json.Unmarshal([]byte(`{"target":"soon"}`), &fromJSON); err == nil {
		t.Error("a span that is none was accepted")
	}
}

func FuzzParseSpan(f *testing.F) {
	for _, s := range []string{"45m", "8bh", "5bd", "1d2h3m4s5ms", "0bd", "1h60m"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpan(text)
		if err != nil {
			return
		}
		back, err := ParseSpan(s.String())
		if err != nil || back != s {
			t.Fatalf("%q: %+v is written %q and read as %+v, %v", text, s, s.String(), back, err)
		}
	})
}
