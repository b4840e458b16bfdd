package wire

import (
	"strings"
	"unicode"
)

// Cell keeps a spreadsheet from taking text for a formula: what begins like one,
// after any blanks, gets an apostrophe in front (OWASP, "CSV Injection"). Numbers of
// our own are not passed through it.
func Cell(s string) string {
	rest := strings.TrimLeftFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || r == '\ufeff' || r == '\u200b' })
	if strings.IndexAny(rest, "=+-@|%＝＋－＠") == 0 || rest != s && strings.IndexAny(s, "\t\r\n") == 0 {
		return "'" + s
	}
	return s
}
