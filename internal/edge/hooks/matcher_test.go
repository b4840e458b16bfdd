package hooks

import (
	"testing"

	"allclear/internal/base/fault"
	"allclear/internal/domain/alert"
)

func TestParseMatcher(t *testing.T) {
	for text, want := range map[string]alert.Matcher{
		`foo=bar`:             {Name: "foo", Value: "bar"},
		` foo = "bar" `:       {Name: "foo", Value: "bar"},
		`{foo="bar"}`:         {Name: "foo", Value: "bar"},
		`{foo="bar",}`:        {Name: "foo", Value: "bar"},
		`foo!=bar`:            {Name: "foo", Value: "bar", Not: true},
		`foo=~ba.*`:           {Name: "foo", Value: "ba.*", Regex: true},
		`foo!~"ba.*"`:         {Name: "foo", Value: "ba.*", Regex: true, Not: true},
		`foo=`:                {Name: "foo"},
		`foo=""`:              {Name: "foo"},
		`foo="a\"b\\c\nd\.e"`: {Name: "foo", Value: "a\"b\\c\nd\\.e"},
		`foo==bar`:            {Name: "foo", Value: "=bar"},
		`"with space"="x"`:    {Name: "with space", Value: "x"},
		`a:b_1="x=y,z"`:       {Name: "a:b_1", Value: "x=y,z"},
	} {
		got, err := parseMatcher(text)
		if err != nil || !got.Same(&want) {
			t.Errorf("%s: got %s %v, want %s", text, &got, err, &want)
		}
	}
	for _, text := range []string{"", "foo", "=bar", "foo~bar", `foo="bar`, `foo=b"ar`, `foo=~(`, `1foo=bar`, `""="x"`, `foo="`, `{`, "{}"} {
		if got, err := parseMatcher(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %s %v", text, &got, err)
		}
	}
}

// FuzzMatcher: what is written by String is read as the same matcher.
func FuzzMatcher(f *testing.F) {
	for _, s := range []string{`a=b`, `a=~"x|y"`, `{a!~"\\d"}`, `a="\n\""`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		m, err := parseMatcher(text)
		if err != nil {
			return
		}
		m.Matches(text)
		if matcherShape.FindStringSubmatch(m.Name+"=x") == nil {
			return // a name in quotes
		}
		again, err := parseMatcher(m.String())
		if err != nil || !again.Same(&m) {
			t.Fatalf("%q: read as %s and then as %s, %v", text, &m, &again, err)
		}
	})
}
