package mailin

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"

	"allclear/internal/domain/letter"
)

// words reads bytes as UTF-8, and as Latin 1 where they are not: mail that says
// nothing of its characters is one or the other.
func words(b []byte) string {
	if utf8.Valid(b) {
		return string(b)
	}
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
}

// calm takes out what is not seen and changes what is: control characters, and
// marks that turn the direction of text. Line breaks and tabs stay.
func calm(s string) string {
	return strings.Map(func(r rune) rune {
		const joiner, nonJoiner = '\u200d', '\u200c' // emoji and some scripts need them
		switch {
		case r == '\n' || r == '\t' || r == joiner || r == nonJoiner:
			return r
		case r == '\u2028' || r == '\u2029':
			return '\n'
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
}

// tidy makes a text fit to be read: one sort of line break, no trailing blanks,
// no two empty lines in a row.
func tidy(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	lines := strings.Split(calm(s), "\n")
	for i := range lines {
		lines[i] = strings.TrimRightFunc(lines[i], unicode.IsSpace)
	}
	lines = slices.CompactFunc(lines, func(a, b string) bool { return a == "" && b == "" })
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// shorten cuts a text at the limit of a letter.
func shorten(s string, already bool) (text string, cut bool) {
	n := 0
	for i := range s {
		if n++; n > letter.MaxText {
			return s[:i], true
		}
	}
	return s, already
}

// Elements whose content nobody reads, and those that begin a line.
var (
	unread = []string{"script", "style", "head", "title", "template", "noscript"}
	lines  = []string{"p", "div", "br", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "hr", "section", "article"}
)

// plainOf is the text of a page. Nothing of it is ever rendered.
func plainOf(page string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(page))
	z.SetMaxBuf(maxPart)
	hidden := ""
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			return closeUp(b.String())
		}
		if kind == html.TextToken {
			if hidden == "" {
				b.WriteString(strings.Map(unbreak, string(z.Text())))
			}
			continue
		}
		raw, _ := z.TagName()
		name := string(raw)
		switch {
		case hidden != "":
			if kind == html.EndTagToken && name == hidden {
				hidden = ""
			}
		case kind == html.StartTagToken && slices.Contains(unread, name):
			hidden = name
		case slices.Contains(lines, name):
			b.WriteByte('\n')
		case name == "td" || name == "th":
			b.WriteByte(' ')
		}
	}
}

// unbreak turns line breaks of the source into blanks, as a browser shows them.
func unbreak(r rune) rune {
	if r == '\n' || r == '\r' {
		return ' '
	}
	return r
}

// closeUp runs the blanks of each line together.
func closeUp(s string) string {
	all := strings.Split(s, "\n")
	for i := range all {
		all[i] = strings.Join(strings.Fields(all[i]), " ")
	}
	return strings.Join(all, "\n")
}
