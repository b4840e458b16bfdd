package plug

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"allclear/internal/base/fault"
	"allclear/internal/base/secret"
)

// A text that fits stays whole; one that does not keeps its beginning, says that
// it was shortened, and never ends inside an escape.
func TestFit(t *testing.T) {
	esc := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	rapid.Check(t, func(t *rapid.T) {
		l := Limit{Size: rapid.IntRange(60, 200).Draw(t, "size"), Escape: esc, Measure: UTF16}
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab &<>\n日😀\x00")), 0, 300, -1).Draw(t, "text")
		got := l.Fit(text)
		if !utf8.ValidString(got) || strings.ContainsRune(got, 0) {
			t.Fatalf("not clean: %q", got)
		}
		if UTF16(got) > l.Size {
			t.Fatalf("%d is more than %d: %q", UTF16(got), l.Size, got)
		}
		whole := esc.Replace(strings.ReplaceAll(strings.TrimSpace(text), "\x00", " "))
		if UTF16(whole) <= l.Size {
			if got != whole {
				t.Fatalf("changed a text that fits: %q to %q", whole, got)
			}
			return
		}
		begin, ok := strings.CutSuffix(got, Shortened)
		if !ok || !strings.HasPrefix(whole, begin) {
			t.Fatalf("%q is not the beginning of %q", got, whole)
		}
		if i := strings.LastIndexByte(begin, '&'); i >= 0 && !strings.Contains(begin[i:], ";") {
			t.Fatalf("ends inside an escape: %q", begin)
		}
	})
}

func TestChoices(t *testing.T) {
	for _, c := range []struct {
		m    Message
		want string
	}{
		{Message{Kind: Page, Token: "t"}, "Acknowledge"},
		{Message{Kind: Page, Token: "t", Join: true}, "Joining Unavailable"},
		{Message{Kind: Page}, ""},
		{Message{Kind: Notice, Token: "t"}, ""},
	} {
		var labels []string
		for _, x := range c.m.Choices() {
			labels = append(labels, x.Label)
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%+v: got %q, want %q", c.m, got, c.want)
		}
	}
	if href, _ := (Message{AckURL: "javascript:alert(1)"}).Link(); href != "" {
		t.Errorf("a link that is no web address: %q", href)
	}
}

func TestSays(t *testing.T) {
	for _, c := range []struct {
		r    Result
		name string
		want string
	}{
		{Result{Incident: "INC-42", Title: "Database\ndown"}, Acknowledge, "Acknowledged: INC-42, Database down"},
		{Result{Incident: "INC-42"}, Unavailable, "Noted, you are not available: INC-42"},
		{Result{Err: fault.New(fault.NotFound, "page 7 of account x")}, Acknowledge, "Not taken: this page is not known."},
		{Result{Err: fault.New(fault.Conflict, "answer page: it was answered")}, Acknowledge, "Not taken: answer page: it was answered"},
		{Result{Err: errors.New("sql: secret")}, Acknowledge, "Not taken: something went wrong. Follow the link of the page, or try again."},
	} {
		if got := c.r.Says(c.name); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestSoleAndBase(t *testing.T) {
	in := Inbound{Header: http.Header{"X-A": {"1"}, "X-B": {"1", "2"}}}
	if in.Sole("x-a") != "1" || in.Sole("x-b") != "" || in.Sole("x-c") != "" {
		t.Error("only a header that came once counts")
	}
	for text, want := range map[string]string{"": "", "https://a.example/": "https://a.example", "http://10.0.0.1:8065/mm/": "http://10.0.0.1:8065/mm"} {
		got, err := Config{Values: map[string]secret.String{"u": secret.String(text)}}.Base("u")
		if err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"a.example", "ftp://a.example", "https://u:p@a.example", "https://", "://"} {
		if _, err := (Config{Values: map[string]secret.String{"u": secret.String(text)}}).Base("u"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
