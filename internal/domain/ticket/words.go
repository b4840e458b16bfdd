package ticket

import (
	"regexp"
	"strings"
	"unicode"
)

// word is a word of a text, in small letters.
type word struct {
	text string
	near bool // only a space or a hyphen stands between it and the word before
}

// addresses are no words of whoever wrote them.
var addresses = regexp.MustCompile(`\S+(://|@)\S+`)

// wordsOf splits a text into words: letters, digits and what is joined to them by
// an apostrophe.
func wordsOf(text string) []word {
	text = addresses.ReplaceAllString(strings.ToLower(text), " . ")
	var out []word
	var b strings.Builder
	near := false
	end := func() {
		if b.Len() > 0 {
			out = append(out, word{text: strings.Trim(b.String(), "'’"), near: near})
			b.Reset()
			near = true
		}
	}
	for _, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_':
			b.WriteRune(r)
		case (r == '\'' || r == '’') && b.Len() > 0:
			b.WriteRune(r)
		default:
			end()
			near = near && (unicode.IsSpace(r) || unicode.Is(unicode.Pd, r))
		}
	}
	end()
	return out
}

// at reports whether the phrase stands in the words from i on, and how many
// words it has.
func at(ws []word, i int, phrase []string) bool {
	if len(phrase) == 0 || i+len(phrase) > len(ws) {
		return false
	}
	for n, p := range phrase {
		if ws[i+n].text != p || n > 0 && !ws[i+n].near {
			return false
		}
	}
	return true
}

// Lines that begin what somebody else wrote, or wrote before.
var (
	original = regexp.MustCompile(`(?i)^\s*(-{2,}\s*(original message|forwarded message)\s*-{2,}|_{10,}\s*)$`)
	wrote    = regexp.MustCompile(`(?i)^\s*on\b.*\bwrote:\s*$`)
	onLine   = regexp.MustCompile(`(?i)^\s*on\b.*\d`)
	wroteEnd = regexp.MustCompile(`(?i)\bwrote:\s*$`)
	from     = regexp.MustCompile(`(?i)^\s*\*?from:`)
	sent     = regexp.MustCompile(`(?i)^\s*\*?(sent|date|to):`)
	device   = regexp.MustCompile(`(?i)^\s*(sent from my|get outlook for)\b`)
)

// Own is what the writer of a text wrote: without quoted mails and signature.
func Own(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	var out []string
	for i, l := range lines {
		if strings.TrimRight(l, " \t") == "--" || original.MatchString(l) || attributed(lines, i) || from.MatchString(l) && i+1 < len(lines) && sent.MatchString(lines[i+1]) {
			break
		}
		if t := strings.TrimSpace(l); strings.HasPrefix(t, ">") || device.MatchString(l) {
			continue
		}
		out = append(out, l)
	}
	return strings.Join(out, "\n")
}

// attributed reports whether "On ... wrote:" begins at a line; mail programs
// break it over two or three.
func attributed(lines []string, i int) bool {
	if wrote.MatchString(lines[i]) {
		return true
	}
	if !onLine.MatchString(lines[i]) {
		return false
	}
	for n := i + 1; n < len(lines) && n <= i+2; n++ {
		if wroteEnd.MatchString(lines[n]) {
			return true
		}
	}
	return false
}
