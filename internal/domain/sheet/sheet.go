// Package sheet owns what text must look like in a cell of a table that people
// open in a spreadsheet. It must not know what the cells mean.
package sheet

import "strings"

// starts are the characters with which a spreadsheet begins to calculate, also in
// their full-width forms (OWASP, CSV Injection).
const starts = "=+-@\t\r\n＝＋－＠"

// Guard makes text that a spreadsheet would take for a formula begin with an
// apostrophe, which spreadsheets show as text. Plain takes it back exactly.
func Guard(text string) string {
	if begins(text) || strings.HasPrefix(text, "'") && (begins(text[1:]) || strings.HasPrefix(text[1:], "'")) {
		return "'" + text
	}
	return text
}

// Plain is what the text of a cell says: Plain(Guard(s)) is s.
func Plain(cell string) string {
	rest, ok := strings.CutPrefix(cell, "'")
	if ok && (begins(rest) || strings.HasPrefix(rest, "'")) {
		return rest
	}
	return cell
}

// Row guards every cell of a row, which it changes and returns.
func Row(cells ...string) []string {
	for i, c := range cells {
		cells[i] = Guard(c)
	}
	return cells
}

func begins(text string) bool {
	for _, first := range text {
		return strings.ContainsRune(starts, first)
	}
	return false
}
