package page

import (
	"fmt"
	"html"
	"unicode/utf8"

	"allclear/internal/domain/status"
)

// badges draws small images for other sites: how things are in all, and with each
// component. They hold the words of the page and nothing else, and load nothing.
func (b *builder) badges() {
	ind, words := b.snap.Indicator()
	b.put("/badge.svg", badge(b.snap.Page.Name, words, colours[ind]))
	for _, c := range b.snap.Components {
		state := c.Status
		if c.Group {
			state = b.snap.GroupStatus(c.ID)
		}
		b.put("/components/"+c.ID+".svg", badge(c.Name, state.Label(), stateColours[state]))
	}
}

// Dark enough for white words on them (WCAG 2.2, 1.4.3).
var (
	colours = map[status.Indicator]string{
		status.None: "#17693a", status.Maintaining: "#1f51c0", status.Minor: "#855000", status.Major: "#a13a0c", status.Critical: "#b31f26",
	}
	stateColours = map[status.ComponentStatus]string{
		status.Operational: "#17693a", status.UnderMaintenance: "#1f51c0", status.DegradedPerformance: "#855000", status.PartialOutage: "#a13a0c", status.MajorOutage: "#b31f26",
	}
)

const (
	badgeMost = 40 // letters of each half
	badgePad  = 9
)

func badge(name, words, colour string) *asset {
	name, words = html.EscapeString(cut(clean(name), badgeMost)), html.EscapeString(cut(clean(words), badgeMost))
	left, right := width(name), width(words)
	all := left + right
	svg := fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%[1]d" height="24" viewBox="0 0 %[1]d 24" role="img" aria-label="%[4]s: %[5]s"><title>%[4]s: %[5]s</title>`+
		`<rect width="%[1]d" height="24" rx="5" fill="#2c2f35"/><path d="M%[2]d 0h%[7]dq5 0 5 5v14q0 5 -5 5h-%[7]dz" fill="%[6]s"/>`+
		`<g fill="#fff" font-family="system-ui,Segoe UI,Roboto,Helvetica,Arial,sans-serif" font-size="12"><text x="%[8]d" y="16" textLength="%[9]d" lengthAdjust="spacingAndGlyphs">%[4]s</text>`+
		`<text x="%[3]d" y="16" textLength="%[10]d" lengthAdjust="spacingAndGlyphs">%[5]s</text></g></svg>`,
		all, left, left+badgePad, name, words, colour, right-5, badgePad, left-2*badgePad, right-2*badgePad)
	return openAsset("image/svg+xml", []byte(svg))
}

// width is about how wide words are at twelve points, with room on both sides.
func width(escaped string) int {
	return utf8.RuneCountInString(html.UnescapeString(escaped))*7 + 2*badgePad
}

func cut(s string, most int) string {
	rs := []rune(s)
	if len(rs) <= most {
		return s
	}
	return string(rs[:most-1]) + "…"
}

// openAsset is something other sites may show; it can run nothing.
func openAsset(contentType string, body []byte) *asset {
	a := newAsset(contentType, body, []string{"default-src 'none'; sandbox"})
	a.open = true
	return a
}
